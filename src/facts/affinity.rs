//! Does a credential belong to the host that it is sent to?

use std::collections::HashMap;
use std::sync::LazyLock;

use super::domain::{is_local_name, is_placeholder_host, is_within};
use super::hosts::stem;
use super::{is_ip, is_public_ip, lines};

/// What the name of a variable says about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affinity {
    /// The variable is named after the host: the ordinary use of an API.
    Belongs,
    /// The variable names nobody (`API_KEY`), or the host is a sample, local or a variable itself.
    Unsaid,
    /// The variable is named after somebody else.
    Foreign,
}

static OWNERS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let owner = |line: &'static str| line.split_once('\t').map(|(word, hosts)| (word, hosts.split(' ').collect()));
    lines(include_str!("../../schemas/skills/affinity.txt")).filter_map(owner).collect()
});

/// Words of a variable's name that say what it is, not whose.
const GENERIC: &[&str] = &[
    "ACCESS",
    "ACCOUNT",
    "ADMIN",
    "AGENT",
    "API",
    "APIKEY",
    "APP",
    "AUTH",
    "AUTHORIZATION",
    "BASE",
    "BASIC",
    "BEARER",
    "BOT",
    "BUCKET",
    "CLIENT",
    "CONFIG",
    "COOKIE",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "DEFAULT",
    "DEV",
    "DEVELOPER",
    "EMAIL",
    "ENDPOINT",
    "ENV",
    "HEADER",
    "HOST",
    "HOOK",
    "HUB",
    "ID",
    "INPUT",
    "INTEGRATION",
    "INTERNAL",
    "JWT",
    "KEY",
    "KEYS",
    "LIVE",
    "LOGIN",
    "LLM",
    "MODEL",
    "MY",
    "NEW",
    "OAUTH",
    "OAUTH2",
    "OLD",
    "ORG",
    "PASS",
    "PASSWD",
    "PASSWORD",
    "PAT",
    "PERSONAL",
    "PRIMARY",
    "PRIVATE",
    "PROD",
    "PRODUCTION",
    "PROJECT",
    "PROVIDER",
    "PUBLIC",
    "REFRESH",
    "REMOTE",
    "ROLE",
    "SANDBOX",
    "SECRET",
    "SECRETS",
    "SERVER",
    "SERVICE",
    "SESSION",
    "SIGNING",
    "SITE",
    "STAGING",
    "TEAM",
    "TEST",
    "TOKEN",
    "TOKENS",
    "URI",
    "URL",
    "USER",
    "USERNAME",
    "VALUE",
    "WEB",
    "WEBHOOK",
    "WORKSPACE",
    "VITE",
    "NEXT",
    "REACT",
    "EXPO",
];

/// What the variable's name says about sending its value to `host`.
#[must_use]
pub fn affinity(variable: &str, host: &str) -> Affinity {
    let name = variable.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_uppercase();
    let nobody = is_placeholder_host(host) || is_local_name(host) || is_ip(host) && !is_public_ip(host);
    // One or two letters are initials: they may stand for anybody.
    let says = |word: &&str| (word.len() > 2 || OWNERS.contains_key(*word)) && !GENERIC.contains(word);
    let words: Vec<&str> = name.split('_').filter(says).collect();
    if nobody || words.is_empty() {
        return Affinity::Unsaid;
    }
    let owned =
        |word: &&str| OWNERS.get(*word).is_some_and(|domains| domains.iter().any(|domain| is_within(host, domain)));
    if words.iter().any(owned) || is_spelt_like(&words, host) { Affinity::Belongs } else { Affinity::Foreign }
}

/// Is a label of the host, or the registered name's beginning, spelt like the words?
fn is_spelt_like(words: &[&str], host: &str) -> bool {
    let squeeze =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let joined = words.concat();
    let stem = squeeze(stem(host));
    let labels: Vec<String> = host.rsplit('.').skip(1).map(squeeze).collect();
    let near = |word: &str| {
        // Of a word whose owner is known, only an own server is anybody else's: `github.corp.dev`.
        let known = OWNERS.contains_key(word);
        let word = word.to_ascii_lowercase();
        if known {
            return labels.len() == 2 && labels.last() == Some(&word);
        }
        labels.contains(&word) || word.len() >= 3 && (stem.starts_with(&word) || stem.ends_with(&word))
    };
    // `$ACMETOOLS_KEY` for acme.dev: the variable may say more than the name.
    near(&joined)
        || words.iter().any(|word| near(word))
        || stem.len() >= 4 && joined.to_ascii_lowercase().starts_with(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_its_service() {
        for (variable, host) in [
            ("STRIPE_KEY", "api.stripe.com"),
            ("$GITHUB_TOKEN", "api.github.com"),
            ("GH_TOKEN", "api.github.com"),
            ("OPENAI_API_KEY", "my-res.openai.azure.com"),
            ("GEMINI_API_KEY", "generativelanguage.googleapis.com"),
            ("AWS_SECRET_ACCESS_KEY", "s3.eu-west-1.amazonaws.com"),
            ("TELEGRAM_BOT_TOKEN", "api.telegram.org"),
            ("HF_TOKEN", "huggingface.co"),
            ("OPENROUTER_API_KEY", "openrouter.ai"),
            ("OPEN_ROUTER_KEY", "openrouter.ai"),
            ("X_API_KEY", "api.x.com"),
            ("ACME_API_KEY", "api.acme-cloud.dev"),
            ("MYAPP_TOKEN", "myapp.corp.dev"),
            ("SUPABASE_SERVICE_ROLE_KEY", "abcdefgh.supabase.co"),
        ] {
            assert_eq!(affinity(variable, host), Affinity::Belongs, "{variable} {host}");
        }
    }

    #[test]
    fn somebody_elses_key_does_not() {
        for (variable, host) in [
            ("NPM_TOKEN", "ingest.h.xyz"),
            ("OPENAI_API_KEY", "openai-metrics.attack.dev"),
            ("GITHUB_TOKEN", "github.com.attack.dev"),
            ("OPENAI_API_KEY", "openai-metrics.dev"),
            ("AWS_SECRET_ACCESS_KEY", "webhook.site"),
            ("STRIPE_KEY", "45.9.8.7"),
            ("DO_TOKEN", "dostuff.dev"),
        ] {
            assert_eq!(affinity(variable, host), Affinity::Foreign, "{variable} {host}");
        }
    }

    #[test]
    fn some_names_say_nothing() {
        for (variable, host) in [
            ("API_KEY", "api.h.dev"),
            ("TOKEN", "h.dev"),
            ("STRIPE_KEY", "localhost"),
            ("STRIPE_KEY", "${HOST}"),
            ("STRIPE_KEY", "api.example.com"),
            ("STRIPE_KEY", "10.0.0.1"),
            ("", "h.dev"),
        ] {
            assert_eq!(affinity(variable, host), Affinity::Unsaid, "{variable} {host}");
        }
    }
}
