//! Judges whether a value is a live secret, and never shows it.
//!
//! Pure functions over a value, its key and its dotted path. The order of the questions follows
//! what real repositories hold: a known format decides first, then the many ways to write "no
//! secret here" (seven of ten secret-named fields), and only then the path and the entropy.

use std::fmt::Write as _;
use std::ops::Range;

use sha2::{Digest, Sha256};

mod formats;
mod name;
mod place;
mod placeholder;
mod scan;
mod url;

pub(crate) use scan::base64;

pub use name::{is_secret_env_name, is_secret_name, is_sensitive_header, looks_like_secret_env_name};

/// How sure we are that a text is a live secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Only the name says so, or the value is made of plain words.
    Low,
    /// A literal of some length where the product keeps a secret, or a random text under a name
    /// that says secret.
    Medium,
    /// A known format, or a random-looking text where the product keeps a secret.
    High,
}

/// What a value was recognised as. Holds nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The format, such as `anthropic-api`; `literal` when only place and randomness speak.
    pub format: &'static str,
    /// How sure this is.
    pub certainty: Certainty,
}

/// What a value in a secret field is when it is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The product's own redaction mark as the whole value: no leak, but a broken configuration.
    Redaction,
    /// Points to the secret: `${NAME}`, `$NAME`, `op://…`, `ENC[…]`, a file name.
    Reference,
    /// A known word for "no secret needed" (`ollama-local`), or the name of a variable.
    Marker,
    /// An example: `your-key`, `changeme`, `<token>`, `xxxx`.
    Example,
    /// Less than eight characters.
    TooShort,
}

/// What kind of non-secret a whole value is; `None` when it may be a secret.
#[must_use]
pub fn placeholder(value: &str) -> Option<Placeholder> {
    placeholder::placeholder(value)
}

/// The known format that a whole value has, whatever its place.
///
/// An authentication scheme (`Bearer …`) is skipped. A URL counts by the password, token or webhook
/// inside it. Formats that mean nothing without their path (plain `sk-…`, UUIDs) are left to
/// [`judge`].
#[must_use]
pub fn recognise(value: &str) -> Option<Verdict> {
    scan::whole(bare(value))
}

/// Whether the value at a place in a configuration is, or holds, a secret.
///
/// `path` is dotted, list items are numbers, and keys may themselves hold dots. `key` is the name
/// next to the value. Levels follow section D of the secret facts, with one addition: a
/// random-looking literal (rule `secrets.integration_key_plaintext`: 20 characters, 3.5 bits) under
/// a secret name that the schema does not know is `Medium`, not `Low`.
#[must_use]
pub fn judge(path: &str, key: &str, value: &str) -> Option<Verdict> {
    if let Some(verdict) = recognise(value) {
        return Some(verdict);
    }
    let inside = find_in_text(value).into_iter().next();
    if let Some((range, format)) = inside {
        let certainty = scan::certainty(format, value.get(range).unwrap_or_default());
        return Some(Verdict { format, certainty });
    }
    place::judge(path, key, bare(value))
}

/// Every known format inside free text: byte ranges, sorted, none overlapping.
///
/// For `.env` values, prompts and logs, and for blacking out excerpts. A PEM private key is one
/// range with its BEGIN and END lines; of a URL only the password or token is taken.
#[must_use]
pub fn find_in_text(text: &str) -> Vec<(Range<usize>, &'static str)> {
    scan::hits(text)
}

/// Whether the product keeps a secret at this path, by the table in `schemas/secret-paths.txt`.
///
/// Open maps (`env.vars.*`, `….headers.*`) are in the table as a whole; whether one entry is a
/// secret depends on its name, which [`judge`] asks.
#[must_use]
pub fn is_registered(path: &[&str]) -> bool {
    place::registered(path, false).is_some()
}

/// Shannon entropy in bits per byte, which in keys is per character.
#[must_use]
pub fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for b in text.bytes() {
        counts[usize::from(b)] += 1;
    }
    let total = f64::from(counts.iter().sum::<u32>());
    let bits = |count: &u32| {
        let share = f64::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

/// How a message may describe a secret: its kind and its length, nothing of its characters.
#[must_use]
pub fn shape(value: &str) -> String {
    let value = bare(value);
    let length = value.chars().count();
    if let Some(verdict) = scan::whole(value) {
        return format!("{} of {length} characters", formats::label(verdict.format));
    }
    if let Some((_, id)) = find_in_text(value).first() {
        return format!("a text of {length} characters with {} in it", formats::label(id));
    }
    if place::generic(value) {
        return format!("an `sk-` key of {length} characters");
    }
    format!("a literal of {length} characters")
}

/// The beginning of an untrusted text for a message, with stars for what has the format of a secret:
/// once it is cut nobody could tell any more what it was the beginning of.
#[must_use]
pub fn quotable(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut hidden = find_in_text(text).into_iter().map(|(range, _)| range).peekable();
    for (at, c) in text.char_indices().take(most) {
        while hidden.next_if(|range| range.end <= at).is_some() {}
        out.push(if hidden.peek().is_some_and(|range| range.contains(&at)) { '*' } else { c });
    }
    out
}

/// A short name for a value in baselines: the first 12 hex digits of its SHA-256.
///
/// Unsalted, so a weak password can be guessed from it; it says "the same value", it does not hide.
#[must_use]
pub fn fingerprint(value: &str) -> String {
    let mut name = String::new();
    for b in Sha256::digest(value.as_bytes()).iter().take(6) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{b:02x}");
    }
    name
}

/// A value without surrounding space and without its authentication scheme.
fn bare(value: &str) -> &str {
    let value = value.trim();
    let scheme = |name: &&str| {
        let head = value.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        head.then(|| value.get(name.len()..)).flatten().map(str::trim_start)
    };
    ["Bearer ", "Basic ", "Token ", "Bot "].iter().find_map(scheme).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row<'a> = (&'a str, &'a str, &'a str, Option<(&'static str, Certainty)>);

    const HEX: &str = "4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536";
    const MIXED: &str = "q7Rt2Vx9Kd3mZp5WbN8sLf4Y";

    #[test]
    fn place_value_and_randomness_decide_together() {
        use Certainty::{High, Low, Medium};
        let anthropic = ["sk-ant-", "api03-", MIXED, MIXED, "-AA"].concat();
        let deepseek = ["sk-", &HEX[..32]].concat();
        let bearer = ["Bearer ", MIXED].concat();
        let flag = ["--key=", &anthropic].concat();
        let brave = ["BSA", MIXED].concat();
        let uuid = "3f2b8c1e-9a4d-4c6b-8e1f-7a5d0c9b2e34";
        #[rustfmt::skip]
        let table: &[Row] = &[
            ("models.providers.anthropic.apiKey", "apiKey", &anthropic, Some(("anthropic-api", High))),
            ("any.where", "where", &anthropic, Some(("anthropic-api", High))),
            ("mcp.servers.x.args.2", "args", &flag, Some(("anthropic-api", High))),
            ("models.providers.deepseek.apiKey", "apiKey", &deepseek, Some(("sk-key", High))),
            ("models.providers.deepseek.name", "name", &deepseek, None),
            ("models.providers.my.own.ai.apiKey", "apiKey", HEX, Some(("literal", High))),
            ("models.providers.x.apiKey", "apiKey", "vllm-local-key", None),
            ("models.providers.x.apiKey", "apiKey", "apikey", None),
            ("models.providers.x.apiKey", "apiKey", "${X_KEY}", None),
            ("models.providers.x.headers.Authorization", "Authorization", &bearer, Some(("literal", High))),
            ("models.providers.x.headers.User-Agent", "User-Agent", "claude-code/2.1.9q7Rt2Vx9", None),
            ("models.providers.x.headers.Authorization", "Authorization", "Bearer ${X_TOKEN}", None),
            ("models.providers.x.request.tls.ca", "ca", MIXED, None),
            ("gateway.auth.token", "token", HEX, Some(("literal", High))),
            ("gateway.auth.token", "token", "admin1234", Some(("literal", Medium))),
            ("gateway.auth.password", "password", "correct-horse-battery", Some(("literal", Medium))),
            ("gateway.auth.token", "token", "test-gateway-token", Some(("literal", Low))),
            ("gateway.auth.token", "token", "set it later", None),
            ("gateway.auth.mode", "mode", "password", None),
            ("channels.feishu.accounts.main.appSecret", "appSecret", &HEX[..32], Some(("literal", High))),
            ("channels.feishu.appId", "appId", "cli_4f9a1c7be2d05836", None),
            ("channels.feishu.appSecret", "appSecret", "feishu-app-secret", None),
            ("channels.dingtalk.clientSecret", "clientSecret", MIXED, Some(("literal", Medium))),
            ("channels.dingtalk.clientSecret", "clientSecret", "q7Rt2Vx9Kd", Some(("literal", Low))),
            ("channels.line.secretFile", "secretFile", "q7Rt2Vx9Kd", None),
            ("channels.googlechat.serviceAccount", "serviceAccount", "bot-1@project-9.iam.gserviceaccount.com", None),
            ("env.vars.EDITOR_THEME", "EDITOR_THEME", "solarized9dark", None),
            ("env.vars.MY_API_KEY", "MY_API_KEY", MIXED, Some(("literal", High))),
            ("env.MY_TOKEN", "MY_TOKEN", HEX, Some(("literal", High))),
            ("env.vars.SPEECH_REGION", "SPEECH_REGION", "westeurope2", None),
            ("plugins.entries.brave.config.webSearch.apiKey", "apiKey", &brave, Some(("brave", High))),
            ("tools.web.search.apiKey", "apiKey", &brave, Some(("brave", High))),
            ("plugins.entries.exa.config.webSearch.apiKey", "apiKey", uuid, Some(("exa", High))),
            ("agents.list.0.id", "id", uuid, None),
            ("plugins.installs.x.shasum", "shasum", HEX, None),
            ("models.providers.x.models.0.id", "id", "claude-sonnet-4-5-20250929", None),
            ("models.providers.x.baseUrl", "baseUrl", "https://api.x.ai/v1", None),
            ("models.providers.x.models.0.maxTokens", "maxTokens", "q7Rt2Vx9Kd3mZp5W", None),
            ("agents.defaults.heartbeat.ackToken", "ackToken", "HEARTBEAT_OK", None),
        ];
        for (path, key, value, expected) in table {
            let got = judge(path, key, value).map(|verdict| (verdict.format, verdict.certainty));
            assert_eq!(got, *expected, "{path}");
        }
    }

    #[test]
    fn certainty_follows_the_format() {
        let anon = ["eyJhbGciOiJIUzI1NiJ9", ".eyJyb2xlIjoiYW5vbiJ9.", MIXED].concat();
        assert_eq!(recognise(&anon).map(|verdict| verdict.certainty), Some(Certainty::Low));
        let test = ["sk_", "test_", MIXED].concat();
        assert_eq!(recognise(&test).map(|verdict| verdict.certainty), Some(Certainty::Medium));
        let account =
            ["{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE", " KEY-----\\n", HEX, HEX, "\"}"];
        assert_eq!(recognise(&account.concat()).map(|verdict| verdict.format), Some("google-service-account"));
    }

    #[test]
    fn names_follow_the_product() {
        for path in [
            "a.botToken",
            "a.PASSWORD",
            "a.clientSecret",
            "a.api_key",
            "a.apiKey",
            "a.api-key",
            "x.encryptKey",
            "x.privateKey",
            "x.serviceAccountRef",
            "models.providers.x.localService.env.FOO",
        ] {
            assert!(is_secret_name(path), "{path}");
        }
        for path in
            ["a.maxTokens", "a.tokens", "a.tokenBudget", "a.passwordFile", "token.kind", "a.keyboard", "", "a.apixxkey"]
        {
            assert!(!is_secret_name(path), "{path}");
        }
        for name in ["Authorization", "X-API-Key", "api-key", "x-goog-api-key", "X-Auth-Token", "Proxy-Authorization"] {
            assert!(is_sensitive_header(name), "{name}");
        }
        for name in ["Cookie", "X-Auth", "X-Session", "User-Agent", "X-Title"] {
            assert!(!is_sensitive_header(name), "{name}");
        }
        assert!(name::ENV_NAMES.is_sorted());
        assert!(
            is_secret_env_name("OPENCLAW_GATEWAY_TOKEN")
                && is_secret_env_name("ZAI_API_KEY") == name::ENV_NAMES.contains(&"ZAI_API_KEY")
        );
        assert!(looks_like_secret_env_name("TODOIST_API_TOKEN") && looks_like_secret_env_name("my_secret"));
        assert!(!looks_like_secret_env_name("_TOKEN") && !looks_like_secret_env_name("TOKENIZERS_PARALLELISM"));
    }

    #[test]
    fn registered_paths_match_by_segment() {
        for path in [
            "gateway.auth.token",
            "agents.list.0.memorySearch.remote.apiKey",
            "channels.telegram.accounts.a.botToken",
            "hooks.token",
            "mcp.servers.x.env.FOO",
            "models.providers.x.headers.Any",
            "profiles.a.refresh",
            "env.vars.FOO",
        ] {
            let segments: Vec<&str> = path.split('.').collect();
            assert!(is_registered(&segments), "{path}");
        }
        for path in [
            "gateway.auth",
            "gateway.auth.mode",
            "gateway.auth.token.id",
            "channels.line.secretFile",
            "plugins.entries.onepassword.config.vault",
            "hooks.mappings.0.sessionKey",
            "",
        ] {
            let segments: Vec<&str> = path.split('.').collect();
            assert!(!is_registered(&segments), "{path}");
        }
        assert!(is_registered(&["models", "providers", "a.b", "apiKey"]));
        let deep = ["models.providers", &".a".repeat(100_000), ".apiKey"].concat();
        assert!(judge(&deep, "apiKey", HEX).is_some());
        let lines = include_str!("../schemas/secret-paths.txt").lines().filter(|line| !line.starts_with('#'));
        assert!(lines.is_sorted());
    }

    #[test]
    fn nothing_of_a_secret_is_told() {
        let key = ["sk-", "proj-", MIXED, MIXED].concat();
        let values = [key.clone(), HEX.to_owned(), ["x --key ", &key].concat(), ["sk-", HEX].concat()];
        for value in &values {
            let said = shape(value);
            assert!(
                value.as_bytes().windows(6).all(|part| !said.as_bytes().windows(6).any(|other| other == part)),
                "{said}"
            );
        }
        assert_eq!(shape(&key), "an OpenAI key of 56 characters");
        assert_eq!(shape("correct-horse"), "a literal of 13 characters");
        assert_eq!(fingerprint("abc"), "ba7816bf8f01");
        assert!((entropy("abcdabcd") - 2.0).abs() < 1e-9 && entropy("").abs() < 1e-9);
    }
}
