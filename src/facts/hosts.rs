//! What kind of place a host is.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::domain::{is_local_name, is_placeholder_host, is_within, registrable_domain};
use super::url::Url;
use super::{is_ip, is_public_ip, lines};

/// What kind of place a URL leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostClass {
    /// Meant to be replaced by the reader: `example.com`, `${HOST}`.
    Placeholder,
    /// The same machine or network: loopback, private addresses, names without a dot.
    Local,
    /// A public address without a name.
    Address,
    /// A place that receives what somebody sends: request catchers, bots with their number, drops.
    Capture,
    /// A tunnel to somebody's own machine.
    Tunnel,
    /// A site for posted texts.
    Paste,
    /// A service that hides where a link leads.
    Shortener,
    /// A project's own installer.
    Installer,
    /// A package index or the store behind one.
    Registry,
    /// A bucket or drive with shared files.
    FileShare,
    /// A host of source code; see [`owner`].
    CodeHost,
    /// A well-known service for programs.
    Api,
    /// Hosting where anybody gets a name at once.
    FreeHosting,
    /// A domain trusted by default or by the settings.
    Trusted,
    /// Nothing is known of it.
    Unknown,
}

impl HostClass {
    /// Is it a place where a stranger puts what he likes without being known?
    #[must_use]
    pub const fn is_throwaway(self) -> bool {
        matches!(self, Self::Address | Self::Capture | Self::Tunnel | Self::Paste | Self::Shortener | Self::FreeHosting)
    }

    /// Is it a place with a name to lose? Code hosts and file shares are not: it depends on whose page it is.
    #[must_use]
    pub const fn is_reputable(self) -> bool {
        matches!(self, Self::Installer | Self::Registry | Self::Api | Self::Trusted)
    }

    /// Is it nobody's: a sample, or the reader's own network?
    #[must_use]
    pub const fn is_nobody(self) -> bool {
        matches!(self, Self::Placeholder | Self::Local)
    }
}

/// A set of hosts, some with the beginning of a path: a table, or a list from the settings.
#[derive(Debug, Default)]
pub struct HostSet<'a> {
    /// Paths allowed at exactly this host; an empty one is any.
    exact: HashMap<&'a str, Vec<&'a str>>,
    /// The same for all names below this one.
    below: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> HostSet<'a> {
    /// Reads lines such as `h.example/path`, `.h.example` (and all below), `*.h.example` (only below).
    #[must_use]
    pub fn new(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for line in lines {
            let (host, path) = line.find('/').map_or((line, ""), |at| line.split_at(at));
            let both = host.strip_prefix('.');
            if let Some(name) = both.or_else(|| host.strip_prefix("*.")) {
                set.below.entry(name).or_default().push(path);
            }
            if let Some(name) = both.or_else(|| (!host.starts_with('*')).then_some(host)) {
                set.exact.entry(name).or_default().push(path);
            }
        }
        set
    }

    /// Does the set hold the host with a path that begins so?
    #[must_use]
    pub fn has(&self, host: &str, path: &str) -> bool {
        let fits = |paths: &Vec<&str>| paths.iter().any(|begin| begins(path, begin));
        if self.exact.get(host).is_some_and(fits) {
            return true;
        }
        host.match_indices('.').any(|(at, _)| {
            let parent = host.get(at + 1..).unwrap_or_default();
            self.below.get(parent).is_some_and(fits)
        })
    }
}

/// Does `path` begin with `pattern`, in which `<number>` is a run of digits, up to the end of a word?
fn begins(path: &str, pattern: &str) -> bool {
    let mut rest = path;
    for (at, part) in pattern.split("<number>").enumerate() {
        if at > 0 {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            if after.len() == rest.len() {
                return false;
            }
            rest = after;
        }
        let Some(after) = rest.strip_prefix(part) else { return false };
        rest = after;
    }
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    pattern.is_empty() || pattern.ends_with('/') || !rest.starts_with(goes_on)
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $function:ident, $file:literal) => {
        static $name: LazyLock<HostSet<'static>> =
            LazyLock::new(|| HostSet::new(lines(include_str!(concat!("../../schemas/skills/", $file)))));
        $(#[$doc])*
        #[must_use]
        pub fn $function(url: &Url) -> bool {
            $name.has(&url.host, url.path)
        }
    };
}

table!(
    /// Is it the official installer of a well-known project?
    INSTALLERS, is_installer, "installers.txt"
);
table!(
    /// Is it a site for posted texts?
    PASTE, is_paste, "paste.txt"
);
table!(
    /// Is it a link shortener?
    SHORTENERS, is_shortener, "shorteners.txt"
);
table!(
    /// Is it a place that receives what somebody sends?
    CAPTURE, is_capture, "capture.txt"
);
table!(
    /// Is it a tunnel to somebody's own machine?
    TUNNELS, is_tunnel, "tunnels.txt"
);
table!(
    /// Is it hosting where anybody gets a name at once?
    FREE_HOSTING, is_free_hosting, "free-hosting.txt"
);
table!(
    /// Is it a host of source code?
    CODE_HOSTS, is_code_host, "code-hosts.txt"
);
table!(
    /// Is it a well-known service for programs?
    API_HOSTS, is_api, "api-hosts.txt"
);
table!(
    /// Is it a domain that is trusted by default?
    TRUSTED, is_trusted, "trusted.txt"
);
table!(
    /// Is it a package index or the store behind one?
    REGISTRIES, is_registry, "registries.txt"
);
table!(
    /// Is it a store of shared files by its name?
    FILE_SHARES, is_listed_file_share, "file-shares.txt"
);

/// Is it a bucket or drive with shared files?
#[must_use]
pub fn is_file_share(url: &Url) -> bool {
    let bucket = |label: &str| label == "s3" || label.starts_with("s3-");
    is_listed_file_share(url)
        || is_within(&url.host, "amazonaws.com") && url.host.split('.').any(bucket) && !is_installer(url)
}

type Question = fn(&Url) -> bool;

/// The classes that a table decides, the most telling first.
const TABLES: [(HostClass, Question); 11] = [
    (HostClass::Capture, is_capture),
    (HostClass::Tunnel, is_tunnel),
    (HostClass::Paste, is_paste),
    (HostClass::Shortener, is_shortener),
    (HostClass::Installer, is_installer),
    (HostClass::Registry, is_registry),
    (HostClass::FileShare, is_file_share),
    (HostClass::CodeHost, is_code_host),
    (HostClass::FreeHosting, is_free_hosting),
    (HostClass::Api, is_api),
    (HostClass::Trusted, is_trusted),
];

/// What kind of place the URL leads to, by the tables alone.
#[must_use]
pub(super) fn classify(url: &Url) -> HostClass {
    classify_with(url, &HostSet::default())
}

/// The same where the settings name hosts to trust.
#[must_use]
pub fn classify_with(url: &Url, trusted: &HostSet) -> HostClass {
    let address = is_ip(&url.host);
    match () {
        () if trusted.has(&url.host, url.path) => HostClass::Trusted,
        () if address && is_public_ip(&url.host) => HostClass::Address,
        () if address => HostClass::Local,
        () if is_placeholder_host(&url.host) => HostClass::Placeholder,
        () if is_local_name(&url.host) => HostClass::Local,
        () => TABLES.into_iter().find(|(_, is)| is(url)).map_or(HostClass::Unknown, |(class, _)| class),
    }
}

/// Whose page of a code host it is, in lower case: `github.com/<owner>/…`, `<owner>.github.io`.
#[must_use]
pub fn owner(url: &Url) -> Option<String> {
    let pages = ["github.io", "gitlab.io", "codeberg.page"];
    let own = pages.iter().find_map(|end| url.host.strip_suffix(end)?.strip_suffix('.'));
    let own = own.map(|name| name.rsplit('.').next().unwrap_or(name));
    let mut segments = url.segments();
    let segment = match url.host.as_str() {
        "api.github.com" => segments.nth(1),
        "cdn.jsdelivr.net" => segments.nth(1).map(|name| name.split('@').next().unwrap_or(name)),
        _ if is_code_host(url) => segments.next().map(|name| name.trim_start_matches('~')),
        _ => None,
    };
    own.or(segment).filter(|owner| !owner.is_empty()).map(str::to_ascii_lowercase)
}

/// Do two URLs belong to one publisher: the same registered domain or, on code hosts, the same owner?
#[must_use]
pub fn same_party(a: &Url, b: &Url) -> bool {
    match (owner(a), owner(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) if is_code_host(a) || is_code_host(b) => false,
        (None, None) => registrable_domain(&a.host) == registrable_domain(&b.host),
        // `tool.dev` and `github.com/tool` are one party when the name is the same.
        (Some(owner), None) => stem(&b.host) == owner,
        (None, Some(owner)) => stem(&a.host) == owner,
    }
}

/// The registered name without its suffix: `sh.rustup.rs` is `rustup`.
#[must_use]
pub fn stem(host: &str) -> &str {
    registrable_domain(host).split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(url: &str) -> HostClass {
        classify(&Url::parse(url).unwrap_or_else(|| panic!("{url}")))
    }

    #[test]
    fn every_kind_of_host() {
        use HostClass::*;
        for (url, kind) in [
            ("https://api.example.com/x", Placeholder),
            ("https://${HOST}/x", Placeholder),
            ("http://localhost:8080/", Placeholder),
            ("http://127.0.0.1:8080/", Local),
            ("http://redis:6379/", Local),
            ("http://10.1.2.3/x", Local),
            ("http://45.9.8.7/a", Address),
            ("http://0x2d090807/a", Address),
            ("https://webhook.site/6f6e", Capture),
            ("https://abc.oast.fun/x", Capture),
            ("https://discord.com/api/webhooks/123456789012345678/abc", Capture),
            ("https://discord.com/api/webhooks/{id}/{token}", Api),
            ("https://discord.com/channels/1", Trusted),
            ("https://api.telegram.org/bot123456:AAH/sendMessage", Capture),
            ("https://api.telegram.org/bot${TOKEN}/sendMessage", Api),
            ("https://api.telegram.org/bot<token>/sendMessage", Api),
            ("http://abcdefabcdefabcd.onion/x", Capture),
            ("https://abc.ngrok-free.app/x", Tunnel),
            ("https://glot.io/snippets/x", Paste),
            ("https://bit.ly/x", Shortener),
            ("https://astral.sh/uv/install.sh", Installer),
            ("https://astral.sh/uvx-free", Trusted),
            ("https://sh.rustup.rs", Installer),
            ("https://raw.githubusercontent.com/nvm-sh/nvm/v0.40.1/install.sh", Installer),
            ("https://raw.githubusercontent.com/nvm-shx/nvm/v0.40.1/install.sh", CodeHost),
            ("https://download.pytorch.org/whl/cu121", Registry),
            ("https://drive.google.com/uc?id=1", FileShare),
            ("https://bucket.s3.eu-west-1.amazonaws.com/x.zip", FileShare),
            ("https://s3.amazonaws.com/aws-cli/x.zip", Installer),
            ("https://ec2-1-2-3-4.us-west-2.compute.amazonaws.com/x", FreeHosting),
            ("https://dynamodb.eu-west-1.amazonaws.com/", Api),
            ("https://github.com/a/b", CodeHost),
            ("https://tool.pages.dev/i.sh", FreeHosting),
            ("https://api.stripe.com/v1", Api),
            ("https://storage.googleapis.com/b/x", FileShare),
            ("https://vision.googleapis.com/v1", Api),
            ("https://docs.python.org/3/", Trusted),
            ("https://get.unknown-tool.dev/i.sh", Unknown),
            ("https://notbit.ly/x", Unknown),
        ] {
            assert_eq!(class(url), kind, "{url}");
        }
    }

    #[test]
    fn settings_add_hosts() {
        let trusted = HostSet::new([".corp.dev", "h.dev/install"]);
        let class = |url| classify_with(&Url::parse(url).unwrap(), &trusted);
        assert_eq!(class("https://x.corp.dev/"), HostClass::Trusted);
        assert_eq!(class("https://corp.dev/"), HostClass::Trusted);
        assert_eq!(class("https://h.dev/install.sh"), HostClass::Trusted);
        assert_eq!(class("https://h.dev/installer"), HostClass::Unknown);
        assert_eq!(class("https://xcorp.dev/"), HostClass::Unknown);
    }

    #[test]
    fn pages_of_code_hosts_have_owners() {
        let owner = |url: &str| owner(&Url::parse(url).unwrap());
        for url in [
            "https://github.com/Acme/tool/releases",
            "https://raw.githubusercontent.com/acme/tool/main/x",
            "https://acme.github.io/tool",
            "https://api.github.com/repos/acme/tool",
            "https://cdn.jsdelivr.net/gh/acme/tool@1/x.js",
            "https://git.sr.ht/~acme/tool",
        ] {
            assert_eq!(owner(url).as_deref(), Some("acme"), "{url}");
        }
        assert_eq!(owner("https://acme.dev/tool"), None);
        assert_eq!(owner("https://github.com"), None);
    }

    #[test]
    fn one_publisher_has_many_addresses() {
        let same = |a, b| same_party(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        assert!(same("https://docs.tool.dev/x", "https://get.tool.dev/y"));
        assert!(same("https://github.com/tool/cli", "https://tool.dev"));
        assert!(same("https://github.com/acme/x", "https://raw.githubusercontent.com/acme/y/z"));
        assert!(!same("https://github.com/acme/x", "https://github.com/other/x"));
        assert!(!same("https://a.pages.dev", "https://b.pages.dev"));
        assert!(!same("https://github.com", "https://github.com"));
    }

    #[test]
    fn tables_hold_hosts() {
        for table in [
            include_str!("../../schemas/skills/installers.txt"),
            include_str!("../../schemas/skills/paste.txt"),
            include_str!("../../schemas/skills/shorteners.txt"),
            include_str!("../../schemas/skills/capture.txt"),
            include_str!("../../schemas/skills/tunnels.txt"),
            include_str!("../../schemas/skills/free-hosting.txt"),
            include_str!("../../schemas/skills/file-shares.txt"),
            include_str!("../../schemas/skills/code-hosts.txt"),
            include_str!("../../schemas/skills/api-hosts.txt"),
            include_str!("../../schemas/skills/trusted.txt"),
            include_str!("../../schemas/skills/registries.txt"),
        ] {
            let mut seen = std::collections::HashSet::new();
            for line in lines(table) {
                let host = line.split('/').next().unwrap_or(line).trim_start_matches("*.").trim_start_matches('.');
                let plain =
                    host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
                assert!(plain && !host.is_empty() && seen.insert(line), "{line}");
            }
        }
    }
}
