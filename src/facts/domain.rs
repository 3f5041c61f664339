//! What a host name says by itself: whose it is, whether it is meant to be replaced.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{is_ip, lines};

static SUFFIXES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lines(include_str!("../../schemas/skills/public-suffixes.txt")).collect());

static PLACEHOLDERS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lines(include_str!("../../schemas/skills/placeholder-hosts.txt")).collect());

/// The part of a host that somebody registered: `a.b.example.co.uk` is `example.co.uk`, and
/// `me.github.io` is itself, since everybody gets one. An address or a bare suffix is returned whole.
#[must_use]
pub fn registrable_domain(host: &str) -> &str {
    if is_ip(host) {
        return host;
    }
    let mut domain = host;
    for (at, _) in host.match_indices('.') {
        let parent = host.get(at + 1..).unwrap_or_default();
        if SUFFIXES.contains(parent) || !parent.contains('.') {
            return if SUFFIXES.contains(domain) { host } else { domain };
        }
        domain = parent;
    }
    domain
}

/// Does the host belong to `domain`: is it that name or below it?
#[must_use]
pub fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

/// Does a label of the host hold letters beyond ASCII, as written or in punycode?
#[must_use]
pub fn is_punycode(host: &str) -> bool {
    host.split('.').any(|label| label.starts_with("xn--")) || host.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
}

/// Is the host one that a reader replaces, or that stands for "some host": reserved names
/// (`example.com`, `.test`), templates (`<host>`, `${HOST}`), `your-…`, `localhost`?
#[must_use]
pub fn is_placeholder_host(host: &str) -> bool {
    let reserved = ["example", "test", "invalid", "localhost"];
    let last = host.rsplit('.').next().unwrap_or(host);
    if host.contains(['$', '{', '}', '<', '>', '*', '%']) || reserved.contains(&last) {
        return true;
    }
    // `Url` folds the case, so a bare HOST is `host` here.
    let bare = !host.contains('.') && PLACEHOLDERS.contains(host);
    let labelled = host.split('.').any(|label| {
        ["your-", "your_", "yourcompany", "yourdomain", "yourserver", "my-server", "my-domain", "my-company"]
            .iter()
            .any(|word| label.starts_with(word))
            || !label.is_empty() && label.len() >= 3 && label.bytes().all(|b| b == b'x')
    });
    bare || labelled || PLACEHOLDERS.contains(registrable_domain(host))
}

/// Is the host reachable only from within: one label, `.local`, `.internal`, a cluster's service?
#[must_use]
pub fn is_local_name(host: &str) -> bool {
    let ends =
        ["local", "internal", "localdomain", "lan", "home", "corp", "intranet", "private", "svc", "localhost", "arpa"];
    let last = host.rsplit('.').next().unwrap_or(host);
    !is_ip(host) && (last == host || ends.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_what_somebody_registered() {
        for (host, domain) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("a.example.co.uk", "example.co.uk"),
            ("me.github.io", "me.github.io"),
            ("docs.me.github.io", "me.github.io"),
            ("github.io", "github.io"),
            ("x.pages.dev", "x.pages.dev"),
            ("45.9.8.7", "45.9.8.7"),
            ("localhost", "localhost"),
            ("co.uk", "co.uk"),
            ("", ""),
        ] {
            assert_eq!(registrable_domain(host), domain, "{host}");
        }
    }

    #[test]
    fn placeholders_are_recognised() {
        for host in [
            "example.com",
            "api.example.org",
            "x.test",
            "a.invalid",
            "localhost",
            "app.localhost",
            "<host>",
            "${host}",
            "{host}",
            "your-server.com",
            "api.yourdomain.com",
            "host",
            "your_host",
            "xxx.supabase.co",
            "*.h.dev",
            "acme.com",
            "$host",
        ] {
            assert!(is_placeholder_host(host), "{host}");
        }
        for host in
            ["github.com", "examples.dev", "yourself.io", "testing.dev", "hosting.net", "backend", "example-tools.dev"]
        {
            assert!(!is_placeholder_host(host), "{host}");
        }
    }

    #[test]
    fn names_within() {
        assert!(is_within("api.h.dev", "h.dev") && is_within("h.dev", "h.dev"));
        assert!(!is_within("xh.dev", "h.dev") && !is_within("h.dev.evil.dev", "h.dev"));
        assert!(
            is_local_name("redis") && is_local_name("a.svc.cluster.local") && is_local_name("metadata.google.internal")
        );
        assert!(!is_local_name("h.dev") && !is_local_name("10.0.0.1"));
        assert!(is_punycode("xn--80ak6aa92e.com") && is_punycode("gіthub.com") && !is_punycode("github.com"));
    }
}
