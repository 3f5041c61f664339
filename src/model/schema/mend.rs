//! The edits that mend keys which a release does not read.

use super::moved::Fate;
use crate::finding::{Change, Fix, Safety};
use crate::model::value::Entry;
use crate::source::Span;

/// What to do about a key that a migration knows, as the migration does it.
pub(super) fn of_fate(entry: &Entry, path: &str, fate: &Fate, below: &dyn Fn(&str) -> Option<Fate>) -> Option<Fix> {
    let fix = |title: String, changes: Vec<Change>| Some(Fix::new(Safety::Safe, title, changes));
    match fate {
        Fate::Moved(to) => fix(format!("Move {path} to {to}"), vec![moved(entry.key_span, path, to)?]),
        Fate::Dropped => fix(format!("Remove {path}"), vec![Change::Remove { at: entry.key_span }]),
        Fate::Split(to) => {
            let mut changes = Vec::new();
            for member in &entry.value.as_map()?.entries {
                let path = format!("{path}.{}", member.key);
                match below(&path)? {
                    Fate::Moved(to) => changes.push(moved(member.key_span, &path, &to)?),
                    Fate::Dropped => {}
                    Fate::Rewritten(_) | Fate::Split(_) | Fate::Migrated => return None,
                }
            }
            changes.push(Change::Remove { at: entry.key_span });
            fix(format!("Move the parts of {path} to {to}"), changes)
        }
        Fate::Rewritten(_) | Fate::Migrated => None,
    }
}

/// Moves a key to where somebody probably meant it to stand.
pub(super) fn meant(at: Span, path: &str, to: &str) -> Option<Fix> {
    Some(Fix::new(guess(to), format!("Move {path} to {to}"), [moved(at, path, to)?]))
}

/// Writes a key as somebody probably meant it.
pub(super) fn renamed(at: Span, path: &str, name: &str) -> Fix {
    let to = path.rsplit_once('.').map_or_else(|| name.to_owned(), |(parent, _)| format!("{parent}.{name}"));
    Fix::new(guess(&to), format!("Rename {path} to {name}"), [Change::Rename { at, name: name.to_owned() }])
}

/// What lets somebody in or lets an agent do something, wherever it stands in a path.
const GRANTING: &[&str] = &[
    "tools",
    "channels",
    "plugins",
    "mcp",
    "hooks",
    "cron",
    "browser",
    "skills",
    "commands",
    "approvals",
    "acp",
    "bindings",
    "docker",
    "tailscale",
    "enabled",
    "bind",
    "custombindhost",
    "host",
    "workspaceaccess",
];

/// Nothing was in force under the wrong name: under the right one it could grant what nobody has looked at.
fn guess(to: &str) -> Safety {
    let to = to.to_ascii_lowercase();
    let name = to.rsplit('.').next().unwrap_or_default();
    let grants = to.split('.').any(|part| GRANTING.contains(&part))
        || ["allow", "danger", "insecure", "trust"].iter().any(|word| name.contains(word));
    if grants && !name.contains("deny") { Safety::Manual } else { Safety::Unsafe }
}

fn moved(at: Span, path: &str, to: &str) -> Option<Change> {
    // Some places are said in words.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '$');
    if !to.chars().all(plain) {
        return None;
    }
    // An agent that stands in a list stays in it.
    let in_list = to.strip_prefix("agents.entries.").filter(|_| path.starts_with("agents.list."));
    let path = in_list.map_or_else(|| to.to_owned(), |rest| format!("agents.list.{rest}"));
    Some(Change::Move { at, path })
}
