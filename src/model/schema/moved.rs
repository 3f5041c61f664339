//! Where keys went: renamed, dropped, or known to other releases only.

use crate::model::dialect::{Dialect, Product, Release};

use super::table::Table;

const MOVED: &str = include_str!("../../../schemas/moved.txt");

/// What became of a key that the newest release refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The same value stands there now.
    Moved(String),
    /// Another key says the same in other words.
    Rewritten(String),
    /// It was an object, and its members went to these places.
    Split(String),
    /// Nothing took its place: the behaviour is built in now.
    Dropped,
}

/// Spellings from before 2026.2.24, which no release that we know reads: (old, new).
const ANCIENT: &[(&str, &str)] = &[
    ("agent", "agents.defaults"),
    ("identity", "agents.list[].identity"),
    ("routing.allowFrom", "channels.whatsapp.allowFrom"),
    ("routing.agents", "agents.list"),
    ("routing.defaultAgentId", "agents.list[].default"),
    ("routing.bindings", "bindings"),
    ("routing.agentToAgent", "tools.agentToAgent"),
    ("routing.queue", "messages.queue"),
    ("routing.transcribeAudio", "tools.media.audio.models"),
    ("routing.groupChat.mentionPatterns", "messages.groupChat.mentionPatterns"),
    ("routing.groupChat.requireMention", "channels.<id>.groups.\"*\".requireMention"),
    ("routing", "bindings, channels and messages"),
    ("telegram", "channels.telegram"),
    ("discord", "channels.discord"),
    ("slack", "channels.slack"),
    ("signal", "channels.signal"),
    ("imessage", "channels.imessage"),
    ("msteams", "channels.msteams"),
    ("whatsapp", "channels.whatsapp"),
    ("gateway.token", "gateway.auth.token"),
    ("gateway.password", "gateway.auth.password"),
    ("tools.bash", "tools.exec"),
    ("memorySearch", "agents.defaults.memorySearch"),
];

impl Fate {
    /// What happened to the key at `path`, for a finding about `version`.
    #[must_use]
    pub fn explain(&self, path: &str, version: &str) -> String {
        match self {
            Self::Moved(to) => format!("{path} is {to} in {version}, which refuses the old name"),
            Self::Rewritten(to) => {
                format!("{path} is gone in {version}, which refuses it: {to} says it in other words")
            }
            Self::Split(to) => format!("{path} is gone in {version}, which refuses it: its parts went to {to}"),
            Self::Dropped => format!("{path} is gone in {version}, which refuses it: delete it"),
        }
    }
}

/// What became of a key that `dialect` does not know but an older release did; `None` when no
/// migration knows it.
#[must_use]
pub fn fate(path: &str, dialect: Dialect) -> Option<Fate> {
    if dialect.product != Product::OpenClaw {
        return None;
    }
    if dialect.release == Release::V2026_2 {
        // Its loader moves the spellings of its own past, though it refuses the file until then.
        return ancient(path).map(|to| Fate::Moved(to.to_owned()));
    }
    let older = Release::ALL.into_iter().filter(|release| *release < dialect.release);
    let known = |release| Table::of(Dialect::openclaw(release)).find(path).is_some();
    if !older.into_iter().any(known) {
        return None;
    }
    let fate = newest_fate(path)?;
    // An older target may not have the new place yet: then all we know is that a migration exists.
    Some(match fate {
        Fate::Moved(to) if Table::of(dialect).find(&to).is_none() => Fate::Dropped,
        fate => fate,
    })
}

/// The place of a key of a release before 2026.2.24.
#[must_use]
pub fn ancient(path: &str) -> Option<&'static str> {
    let found = ANCIENT.iter().filter(|(old, _)| within(path, old)).max_by_key(|(old, _)| old.len());
    found.map(|(_, new)| *new)
}

/// Is `path` the key `prefix` or below it?
fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What 2026.9.6 made of a key of 2026.5.12 or 2026.2.24.
#[must_use]
pub fn newest_fate(path: &str) -> Option<Fate> {
    let (plain, account) = split_account(path);
    let Some((old, to)) = rows().filter(|(old, _)| matches(old, &plain)).max_by_key(|(old, _)| old.len()) else {
        return parts(&plain);
    };
    match to.as_bytes().first()? {
        b'?' => None,
        b'-' => Some(Fate::Dropped),
        b'~' => Some(Fate::Rewritten(fill(to.get(1..)?, old, &plain, account))),
        _ => Some(Fate::Moved(fill(to, old, &plain, account))),
    }
}

/// The fate of an object whose members went different ways.
fn parts(path: &str) -> Option<Fate> {
    let depth = path.split('.').count();
    let prefix = |old: &str| old.split('.').take(depth).collect::<Vec<_>>().join(".");
    let below: Vec<&str> = rows()
        .filter(|(old, _)| old.split('.').count() > depth && matches(&prefix(old), path))
        .map(|(_, to)| to.trim_start_matches('~'))
        .collect();
    let mut places: Vec<&str> = below.iter().copied().filter(|to| !matches!(*to, "-" | "?")).collect();
    places.dedup();
    match places.as_slice() {
        [] if below.is_empty() || below.contains(&"?") => None,
        [] => Some(Fate::Dropped),
        [init @ .., last] => {
            let shown: Vec<&str> = init.iter().copied().take(2).collect();
            let more = if init.len() > 2 { "other places" } else { last };
            Some(Fate::Split(if shown.is_empty() {
                (*last).to_owned()
            } else {
                format!("{} and {more}", shown.join(", "))
            }))
        }
    }
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    MOVED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

/// `channels.x.accounts.a.b` as `channels.x.b` and `a`: an account follows its channel.
fn split_account(path: &str) -> (String, Option<&str>) {
    let mut parts = path.splitn(5, '.');
    if let (Some("channels"), Some(channel), Some("accounts"), Some(account), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    {
        return (format!("channels.{channel}.{rest}"), Some(account));
    }
    (path.to_owned(), None)
}

/// Is the pattern a prefix of the path, segment by segment?
fn matches(pattern: &str, path: &str) -> bool {
    let mut path = path.split('.');
    pattern.split('.').all(|want| path.next().is_some_and(|have| want == "*" || want == have))
}

/// The new path: the wildcards filled from the old path, the rest of the old path behind it.
fn fill(to: &str, old: &str, path: &str, account: Option<&str>) -> String {
    let have: Vec<&str> = path.split('.').collect();
    let size = old.split('.').count();
    let mut wild = old.split('.').zip(&have).filter(|(want, _)| *want == "*").map(|(_, have)| *have);
    let mut out: Vec<&str> =
        to.split('.').map(|part| if part == "*" { wild.next().unwrap_or("*") } else { part }).collect();
    out.extend(have.iter().skip(size));
    if let (Some(account), true) = (account, out.first() == Some(&"channels") && out.len() > 2) {
        out.insert(2, account);
        out.insert(2, "accounts");
    }
    out.join(".")
}

/// The releases other than `dialect` that know a key, oldest first.
#[must_use]
pub fn known_elsewhere(path: &str, dialect: Dialect) -> Vec<Dialect> {
    let all = Release::ALL.into_iter().map(Dialect::openclaw).chain([Dialect::CLOSEDCLAW]);
    all.filter(|other| *other != dialect && Table::of(*other).find(path).is_some()).collect()
}
