//! Where keys went: renamed, dropped, or known to other releases only.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::table::{Key, Kinds, Table};
use crate::finding::Place;
use crate::model::dialect::{Dialect, Product, Release};
use crate::model::env::push;
use crate::model::value::{Entry, Kind, Value};

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
    /// A migration knows it; where to, we do not know for this release.
    Migrated,
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
            Self::Migrated => {
                format!("{path} is gone in {version}, which refuses it: `openclaw doctor --fix` moves it")
            }
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
    if dialect.release == Release::NEWEST {
        return Some(fate);
    }
    // The map is about the newest release. An older target may keep the value at an older place.
    let Fate::Moved(to) = fate else { return Some(if fate == Fate::Dropped { fate } else { Fate::Migrated }) };
    let places = [to.replacen("agents.entries.", "agents.list.", 1), format!("messages.{to}"), to];
    let known = places.into_iter().find(|place| Table::of(dialect).find(place).is_some());
    Some(known.map_or(Fate::Migrated, Fate::Moved))
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
    let hits = rows(&plain).iter().filter(|(old, _)| matches(old, &plain));
    let Some((old, to)) = hits.max_by_key(|(old, _)| old.len()) else {
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
    let below: Vec<&str> = rows(path)
        .iter()
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

/// A line of the table: the old path and what became of it.
type Row = (&'static str, &'static str);

/// The rows whose old path begins as `path` does; no old path begins with a star.
fn rows(path: &str) -> &'static [Row] {
    static TABLE: OnceLock<BTreeMap<&'static str, Vec<Row>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for row in MOVED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')) {
            table.entry(row.0.split('.').next().unwrap_or_default()).or_default().push(row);
        }
        table
    });
    table.get(path.split('.').next().unwrap_or_default()).map_or(&[], Vec::as_slice)
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

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
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

/// The releases other than `dialect` that know a key, oldest first; ClosedClaw only when it is the only one.
#[must_use]
pub fn known_elsewhere(path: &str, dialect: Dialect) -> Vec<Dialect> {
    let knows = |other: &Dialect| *other != dialect && Table::of(*other).find(path).is_some();
    let releases: Vec<Dialect> = Release::ALL.into_iter().map(Dialect::openclaw).filter(knows).collect();
    if releases.is_empty() { [Dialect::CLOSEDCLAW].into_iter().filter(knows).collect() } else { releases }
}

/// Keys that the target reads and the newest release refuses, object by object: each with its fate.
#[must_use]
pub fn leaving(root: &Value) -> Vec<Vec<(Place, String)>> {
    let mut out = Vec::new();
    leave(root, Table::of(Dialect::openclaw(Release::NEWEST)).root(), &mut String::new(), &mut out);
    out
}

fn leave(value: &Value, key: Key, path: &mut String, out: &mut Vec<Vec<(Place, String)>>) {
    match &value.kind {
        Kind::List(items) => {
            let Some(below) = key.child("*") else { return };
            for (index, item) in items.iter().enumerate() {
                leave_member(&index.to_string(), item, below, path, out);
            }
        }
        Kind::Map(map) if !key.is_secret_ref() => {
            let mut gone = Vec::new();
            let roster = |name: &str| name == "list" && map.get("entries").is_none();
            for entry in &map.entries {
                if let Some(child) = key.child(&entry.key) {
                    leave_member(&entry.key, &entry.value, child, path, out);
                } else if let (true, Some(entries)) = (roster(&entry.key), key.child("entries")) {
                    leave_member(&entry.key, &entry.value, entries, path, out);
                } else if key.spec().kinds.has(Kinds::CLOSED) && !matches("agents.list.*.id", &join(path, &entry.key)) {
                    gone.push(entry);
                }
            }
            let newest = Release::NEWEST.as_str();
            let named = |entry: &&Entry| {
                let full = join(path, &entry.key);
                let message = newest_fate(&full)?.explain(&full, newest);
                Some((Place { span: entry.key_span, key_path: full, missing: false }, message))
            };
            let group: Vec<(Place, String)> = gone.iter().filter_map(named).collect();
            out.extend((!group.is_empty()).then_some(group));
        }
        _ => {}
    }
}

fn leave_member(name: &str, value: &Value, key: Key, path: &mut String, out: &mut Vec<Vec<(Place, String)>>) {
    let size = path.len();
    push(path, name);
    leave(value, key, path, out);
    path.truncate(size);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(to: &str) -> Fate {
        Fate::Moved(to.to_owned())
    }

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(newest_fate("agents.defaults.memorySearch.provider"), Some(moved("memory.search.provider")));
        assert_eq!(newest_fate("agents.defaults.memorySearch.store.path"), Some(Fate::Dropped));
        assert_eq!(newest_fate("agents.defaults.model.primary"), None);
    }

    #[test]
    fn accounts_follow_their_channel() {
        let account = newest_fate("channels.telegram.accounts.me.streamMode");
        assert_eq!(account, Some(moved("channels.telegram.accounts.me.streaming.mode")));
    }

    #[test]
    fn an_older_target_keeps_older_places() {
        let target = Dialect::openclaw(Release::V2026_5);
        assert_eq!(fate("messages.tts.elevenlabs", target), Some(moved("messages.tts.providers.elevenlabs")));
        let newest = Dialect::openclaw(Release::V2026_9);
        assert_eq!(fate("gateway.nodes.denyCommands", newest), Some(moved("gateway.nodes.commands.deny")));
        assert_eq!(fate("no.such.key", newest), None);
    }
}
