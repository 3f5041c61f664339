//! What the place of a value says: the registered paths, the names, and how a literal there reads.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::formats::Class;
use super::{
    Certainty, Verdict, entropy, is_secret_env_name, is_secret_name, is_sensitive_header, looks_like_secret_env_name,
    placeholder,
};

/// Judges a value without a known format. The cheapest question first: most strings are prose, most
/// others have no secret place.
pub(super) fn judge(path: &str, key: &str, value: &str) -> Option<Verdict> {
    if !literal(key, value) {
        return None;
    }
    let place = place(path, key)?;
    if placeholder(value).is_some() {
        return None;
    }
    grade(place, path, key, value)
}

/// Why a place may hold a secret.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The product keeps a secret there.
    Registered,
    /// Only the name says so.
    Named,
}

fn place(path: &str, key: &str) -> Option<Place> {
    let segments: Vec<&str> = path.split('.').take(33).collect();
    let named = is_secret_name(path) || is_secret_name(key);
    match registered(&segments, true) {
        Some(pattern) if pattern.ends_with("headers.*") => is_sensitive_header(key).then_some(Place::Registered),
        Some(pattern) if pattern.ends_with("env.*") || pattern.ends_with("vars.*") => {
            let secret = named || is_secret_env_name(key) || looks_like_secret_env_name(key);
            secret.then_some(Place::Registered)
        }
        Some(_) => Some(Place::Registered),
        None => named.then_some(Place::Named),
    }
}

/// The pattern a path matches. A dotted path cannot tell a dot inside a key (`providers.x.ai`) from
/// a separator, so in a `dotted` one a star may swallow several segments.
pub(super) fn registered(path: &[&str], dotted: bool) -> Option<&'static str> {
    static TABLE: OnceLock<Branch> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = Branch::default();
        let lines = include_str!("../../schemas/secret-paths.txt").lines();
        lines.filter(|line| !line.starts_with('#')).for_each(|line| table.add(line, line));
        table
    });
    // Keys come from outside; a key of a thousand dots must cost neither time nor stack.
    if path.is_empty() || path.len() > 32 {
        return None;
    }
    table.find(path, dotted)
}

/// The registered paths, segment by segment.
#[derive(Debug, Default)]
struct Branch {
    named: BTreeMap<&'static str, Branch>,
    star: Option<Box<Branch>>,
    /// The pattern that ends here.
    pattern: Option<&'static str>,
}

impl Branch {
    fn add(&mut self, rest: &'static str, pattern: &'static str) {
        let (head, tail) = rest.split_once('.').map_or((rest, None), |(head, tail)| (head, Some(tail)));
        let next = if head == "*" { self.star.get_or_insert_default() } else { self.named.entry(head).or_default() };
        match tail {
            Some(tail) => next.add(tail, pattern),
            None => next.pattern = Some(pattern),
        }
    }

    fn find(&self, path: &[&str], dotted: bool) -> Option<&'static str> {
        let Some((segment, rest)) = path.split_first() else { return self.pattern };
        let named = self.named.get(segment).and_then(|next| next.find(rest, dotted));
        let star = self.star.as_ref().filter(|_| named.is_none());
        named.or_else(|| {
            let star = star?;
            let swallowed = if dotted { path.len() } else { 1 };
            (1..=swallowed).find_map(|size| star.find(path.get(size..)?, dotted))
        })
    }
}

/// Whether a value could be a bare secret at all: one word, no address, not the name of its key,
/// and its key not one for a name, a file or public data.
fn literal(key: &str, value: &str) -> bool {
    const POINTERS: [&str; 22] = [
        "file", "path", "env", "envvar", "ref", "name", "id", "source", "provider", "url", "uri", "header", "prefix",
        "mode", "type", "format", "command", "region", "hint", "cert", "data", "policy",
    ];
    let lower = key.to_ascii_lowercase();
    let spaced = value.contains(char::is_whitespace) && !lower.contains("passphrase");
    !spaced
        && value.len() <= 4096
        && !value.contains("://")
        && !value.ends_with(".gserviceaccount.com")
        && !same_word(key, value)
        && !POINTERS.iter().any(|end| lower.ends_with(end))
        && lower != "ca"
}

fn same_word(key: &str, value: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(key) == letters(value)
}

fn grade(place: Place, path: &str, key: &str, value: &str) -> Option<Verdict> {
    let some = |format, certainty| Some(Verdict { format, certainty });
    let lower = path.to_ascii_lowercase();
    if generic(value) {
        return some("sk-key", Certainty::High);
    }
    // Brave is what `tools.web.search` searches with unless told otherwise.
    let brave = lower.contains("brave") || lower.starts_with("tools.web.search.");
    if brave && value.starts_with("BSA") && value.len() >= 23 {
        return some("brave", Certainty::High);
    }
    if lower.contains("exa.") && uuid(value) {
        return some("exa", Certainty::High);
    }
    let words = Words::of(value);
    let chosen = chosen_by_people(&lower, key);
    match (words, place) {
        // A vendor never issues a key made of words.
        (Words::Plain | Words::Descriptive, _) if !chosen => None,
        (Words::Descriptive, _) => some("literal", Certainty::Low),
        (Words::None, Place::Registered) if value.len() >= 20 && entropy(value) >= 3.0 => {
            some("literal", Certainty::High)
        }
        (_, Place::Registered) => some("literal", Certainty::Medium),
        (Words::None, Place::Named) if random(value) => some("literal", Certainty::Medium),
        (_, Place::Named) => some("literal", Certainty::Low),
    }
}

/// `sk-…` of any vendor (`DeepSeek`, `Moonshot`, `DashScope`): a prefix that only its place proves.
pub(super) fn generic(value: &str) -> bool {
    value.strip_prefix("sk-").is_some_and(|body| {
        body.len() >= 20
            && body.bytes().all(|b| Class::Word.has(b))
            && body.bytes().any(|b| b.is_ascii_digit())
            && entropy(body) >= 3.3
    })
}

fn uuid(value: &str) -> bool {
    let lengths = value.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && value.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

fn random(value: &str) -> bool {
    let hex = value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit());
    value.len() >= 20 && entropy(value) >= if hex { 3.0 } else { 3.5 }
}

/// Passwords and the gateway's own tokens are made up by people, so words do not excuse them.
fn chosen_by_people(path: &str, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let own = ["gateway.", "hooks.", "cron.", "commands.", "socket.", "channels.a2a.", "plugins.entries.webhooks."]
        .iter()
        .any(|head| path.starts_with(head));
    let webhook = matches!(key.as_str(), "webhooksecret" | "webhooktoken");
    key.contains("pass") || key.contains("openclaw_gateway_") || webhook || own
}

/// Whether a value reads like words.
#[derive(Clone, Copy, PartialEq)]
enum Words {
    /// It does not.
    None,
    /// `admin1234`, `correct-horse`.
    Plain,
    /// Words that name what belongs there: `gateway-token`, `my_app_secret`.
    Descriptive,
}

impl Words {
    fn of(value: &str) -> Self {
        const NOUNS: [&str; 13] = [
            "token",
            "secret",
            "key",
            "apikey",
            "password",
            "passwd",
            "pwd",
            "pass",
            "passphrase",
            "credential",
            "credentials",
            "auth",
            "id",
        ];
        let lower = value.to_ascii_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
        let letters: usize = words.iter().map(|word| word.len()).sum();
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let separators = value.bytes().all(|b| Class::Word.has(b) || b == b'.');
        let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
        let humps = value
            .as_bytes()
            .windows(2)
            .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
        let readable = separators
            && digits <= 6
            && numbers.count() <= 2
            && letters >= 3 * (words.len() + humps.count())
            && words.iter().all(|word| word.len() <= 14)
            && !words.is_empty();
        if !readable {
            Self::None
        } else if words.len() >= 2 && words.iter().any(|word| NOUNS.contains(word)) {
            Self::Descriptive
        } else {
            Self::Plain
        }
    }
}
