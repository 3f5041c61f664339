//! What stands in a secret field without being a secret.
//!
//! In 67 real configurations 131 of 187 secret-named fields held a reference or a placeholder, so
//! this list decides more often than any format (section C of the secret facts).

use super::formats::Class;
use super::{Placeholder, is_secret_env_name, looks_like_secret_env_name};

/// Values which the product itself writes in place of a secret, exact.
const REDACTIONS: &[&str] = &[
    "__OPENCLAW_REDACTED__",
    "REDACTED",
    "xoxb-REDACTED",
    "xapp-REDACTED",
    "***",
    "[redacted]",
    "[REDACTED]",
    "<redacted>",
    "[REDACTED_PRIVATE_KEY]",
    "[REDACTED CREDENTIAL]",
];

/// Words of a field that needs no secret. The first six are the product's own, the others are what
/// people write for servers that ignore the key.
#[rustfmt::skip]
const MARKERS: &[&str] = &[
    "ollama-local", "custom-local", "secretref-managed", "gcp-vertex-credentials", "minimax-oauth", "codex-app-server",
    "adc", "anything", "aws-sdk", "custom", "default", "disabled", "empty", "ignored", "key", "litellm", "llama-cpp",
    "lm-studio", "lmstudio", "local", "local-only", "managed", "n/a", "na", "no-auth", "no-key", "no-key-needed",
    "no-key-required", "none", "not-needed", "not-required", "not-used", "null", "oauth", "ollama", "optional",
    "sk-no-key-required", "undefined", "unset", "unused", "vertex-adc", "vllm", "keychain", "sglang",
];

/// How a pointer to a secret begins, in any case.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "op://", "vault:", "awssm://", "ssm:", "!vault", "!secret", "age1", "env:", "file:", "exec:", "store:", "secretref:",
    "secret://", "keychain:", "keyring:", "doppler:", "infisical:", "bws:", "sops:", "gcpsm:", "azurekv:", "$ansible_vault",
    "arn:aws:secretsmanager:", "arn:aws:ssm:", "$env:", "process.env.", "$(", "./", "../", "~/", "/run/", "/etc/", "/home/",
    "/var/", "/opt/", "/root/", "/users/", "/app/", "/data/", "/mnt/", "/secrets/", "/tmp/", "c:\\",
];

/// Ends of file names.
const FILES: &[&str] =
    &[".json", ".pem", ".key", ".txt", ".env", ".p12", ".crt", ".cer", ".pub", ".yaml", ".yml", ".toml"];

/// Parts that only an example has, in any case. Shorter ones, which a random key of a hundred
/// characters can hold by chance, are in [`WORDS`].
#[rustfmt::skip]
const EXAMPLES: &[&str] = &[
    "changeme", "change-me", "change_me", "change me", "replace", "placeholder", "example", "dummy", "sample", "redacted",
    "fixme", "insert", "goes-here", "goes_here", "goes here", "goeshere", "your", "todo", "not-real", "not_real", "notreal", "xxxx",
    "1234567890", "abc123", "def456", "xyz789", "abcdef123456", "abcdef0123456789", "0123456789abcdef", "abcdefghij", "deadbeef", "...", "…", "set in ",
    "set-in-", "set via", "to-be-", "fill-in", "fill_in", "fillme",
    "ersetz", "reemplaz", "remplac", "votre", "_here", "-here",
];

/// Words that mean an example only between separators.
const WORDS: &[&str] = &[
    "tbd",
    "fake",
    "mock",
    "xxx",
    "foo",
    "foobar",
    "bogus",
    "generate",
    "generated",
    "paste",
    "enter",
    "seu",
    "ihr",
    "dein",
];

/// Beginnings of the tokens that vendors print in their manuals.
const SAMPLES: &[&str] = &[
    "123456:ABC-DEF",
    "110201543:AAH",
    "MTk4NjIyNDgzNDcxOTI1MjQ4.",
    "NzkyNzE1NDU0MTk2MDg4ODQy.",
    "xoxb-17653672481-",
    "AIzaSyDaGmWKa4JsXZ",
    "sk_test_4eC39HqLyj",
];

/// Passwords of local services and of manuals; a URL with one of them leaks nothing.
const DEFAULT_PASSWORDS: &[&str] = &[
    "admin", "guest", "key", "pass", "passwd", "password", "postgres", "pwd", "redis", "root", "secret", "test",
    "token", "changeme",
];

/// What kind of non-secret a whole value is.
pub(super) fn placeholder(value: &str) -> Option<Placeholder> {
    let value = value.trim();
    if REDACTIONS.contains(&value) {
        Some(Placeholder::Redaction)
    } else if reference(value) {
        Some(Placeholder::Reference)
    } else if marker(value) {
        Some(Placeholder::Marker)
    } else if filler(value) || bracketed(value) || caps(value) || value.chars().any(cjk) || example(value) {
        Some(Placeholder::Example)
    } else {
        value.chars().nth(7).is_none().then_some(Placeholder::TooShort)
    }
}

/// Whether a value says of itself that it is an example. Also asked of single matches in a text.
pub(super) fn example(value: &str) -> bool {
    if SAMPLES.iter().any(|sample| value.starts_with(sample)) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    EXAMPLES.iter().any(|part| lower.contains(part))
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
        || value.contains('<') && value.contains('>')
}

/// Whether a password is one everybody knows.
pub(super) fn default_password(password: &str) -> bool {
    DEFAULT_PASSWORDS.iter().any(|known| password.eq_ignore_ascii_case(known))
}

fn reference(value: &str) -> bool {
    let begins = |prefix: &&str| value.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    let between = |open: &str, close: &str| {
        let rest = value.find(open).and_then(|at| value.get(at + open.len()..));
        rest.is_some_and(|rest| rest.contains(close))
    };
    let wrapped = |mark: &str| {
        let inner = value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| Class::Word.has(b)))
    };
    REFERENCES.iter().any(begins)
        || value.starts_with("ENC[")
        || between("${", "}")
        || between("{{", "}}")
        || between("{%", "%}")
        || ["%", "@", "__"].into_iter().any(wrapped)
        || value.strip_prefix('$').is_some_and(variable)
        || value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(variable)
        || FILES.iter().any(|end| value.ends_with(end)) && !value.contains(char::is_whitespace)
}

/// `NAME` as the product's `$NAME` templates spell it.
fn variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.bytes().all(|b| Class::Upper.has(b) || b == b'_')
}

fn marker(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    MARKERS.contains(&lower.as_str())
        || lower.starts_with("secretref-env:")
        || caps(value) && (is_secret_env_name(value) || looks_like_secret_env_name(value))
}

/// `SET_ME_IN_ENV`: words in capitals joined by `_`, which no generator of keys produces.
fn caps(value: &str) -> bool {
    value.contains('_')
        && variable(value)
        && value.split('_').all(|word| word.len() <= 16)
        && value.bytes().filter(u8::is_ascii_digit).count() <= 4
}

/// `xxxxxxxx`, `--------`, `aaaaaaaa`: nothing, or at most two different characters.
fn filler(value: &str) -> bool {
    let mut chars = value.chars();
    let first = chars.next();
    let second = chars.clone().find(|c| Some(*c) != first);
    value.len() >= 3 && chars.all(|c| Some(c) == first || Some(c) == second)
}

/// `<token>`, `[token]`.
fn bracketed(value: &str) -> bool {
    value.starts_with('<') && value.ends_with('>') || value.starts_with('[') && value.ends_with(']')
}

/// No key and no header can hold Chinese, Japanese or Korean; instructions to the reader do.
fn cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_secrets_are_told_apart() {
        use Placeholder::{Example, Marker, Redaction, Reference, TooShort};
        #[rustfmt::skip]
        let table: &[(Placeholder, &[&str])] = &[
            (Redaction, &["REDACTED", "***", "[redacted]", "<redacted>", "__OPENCLAW_REDACTED__", " xoxb-REDACTED ", "[REDACTED CREDENTIAL]"]),
            (Reference, &[
                "${OPENAI_API_KEY}", "$OPENAI_API_KEY", "Bearer ${TOKEN}", "${{ secrets.TOKEN }}", "{{TOKEN}}", "{{ vault_token }}",
                "{% raw %}", "%TOKEN%", "@TOKEN@", "__TOKEN__", "{TOKEN}", "ENC[AES256_GCM,data:abc]", "op://vault/item/field",
                "vault:secret/data/x#key", "awssm://prod/key", "ssm:/prod/key", "!vault |", "$ANSIBLE_VAULT;1.1", "env:DISCORD_BOT_TOKEN",
                "$(cat /run/secrets/key)", "/run/secrets/token", "~/.openclaw/token", "./key", "secrets/bot.json",
                "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
            ]),
            (Marker, &[
                "ollama-local", "custom-local", "secretref-managed", "secretref-env:OPENAI_API_KEY", "gcp-vertex-credentials",
                "minimax-oauth", "codex-app-server", "OPENAI_API_KEY", "MY_GATEWAY_TOKEN", "YOUR_TOKEN", "ollama", "lm-studio", "none",
                "EMPTY", "local", "not-needed", "n/a", "sk-no-key-required",
            ]),
            (Example, &[
                "your-api-key", "sk-your-key-here", "changeme", "change-me-to-a-long-random-token", "<token>", "[API_KEY]",
                "REPLACE_WITH_LONG_TEXT", "REDACTED — set in live config", "xxxxxxxx", "xoxb-xxxxxxxxxxxx", "sk-...", "xoxb-...", "........",
                "--------", "00000000-0000-0000-0000-000000000000", "aaaaaaaaaaaaaaaa", "████████", "abc123def456ghi7", "sk-ant-<your-key>", "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
                "1234567890:AAbbCC", "deadbeefdeadbeef", "sk-dummy-key", "placeholder-key", "todo: insert", "SET_IN_LIVE_CONFIG",
                "自行填充", "sk-你的真实密钥", "请替换为随机字符串", "fake-token-1", "some-key-here", "AKIAIOSFODNN7EXAMPLE", "support_secret_xxx",
            ]),
            (TooShort, &["", "abc", "123456", "hunter2"]),
        ];
        for (kind, values) in table {
            for value in *values {
                assert_eq!(placeholder(value), Some(*kind), "{value}");
            }
        }
        for value in ["q7Rt2Vx9Kd3mZp5W", "admin1234", "hunter2hunter2", "$2b$10$q7Rt2Vx9Kd", "correct-horse-battery"] {
            assert_eq!(placeholder(value), None, "{value}");
        }
    }
}
