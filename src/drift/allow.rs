//! Changes that somebody agreed on.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::disk;
use crate::options::day_of;
use crate::posture::{Drift, KINDS};
use crate::settings;

/// Largest file, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allow {
    allow: Vec<Agreed>,
}

/// One change that is no surprise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreed {
    kind: String,
    key: String,
    /// Only where this file or skill says so.
    path: Option<String>,
    reason: String,
    /// The last day that it counts, in UTC.
    until: Option<String>,
}

impl Agreed {
    fn until(&self) -> Option<Date> {
        self.until.as_ref()?.parse().ok()
    }
}

/// Reads the file.
///
/// # Errors
/// The path and what is wrong.
pub(super) fn read(path: &Path) -> Result<Allow, String> {
    let shown = path.display();
    let bytes = disk::read(path, MAX_SIZE).map_err(|reason| format!("--allow {shown}: {reason}"))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("--allow {shown}: not UTF-8"))?;
    let allow: Allow = json5::from_str(text).map_err(|error| format!("--allow {shown}: {error}"))?;
    for one in &allow.allow {
        let wrong = |what: &str| Err(format!("--allow {shown}: {} {}: {what}", one.kind, one.key));
        let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        if !kinds.contains(&one.kind.as_str()) {
            return wrong(&settings::unknown("kind", &one.kind, &kinds));
        }
        if one.reason.trim().is_empty() {
            return wrong("a reason is missing");
        }
        if one.until.as_ref().is_some_and(|until| until.parse::<Date>().is_err()) {
            return wrong("`until` is no date such as 2026-12-31");
        }
    }
    Ok(allow)
}

/// Marks the changes that are agreed on, and notes what the file says in vain.
pub(super) fn apply(drift: &mut Drift, allow: &Allow, now: jiff::Timestamp) {
    let today = day_of(now);
    for agreed in &allow.allow {
        let fits = |change: &&mut crate::posture::Change| {
            let here = agreed.path.as_ref().is_none_or(|path| *path == change.at.path || *path == change.origin.path);
            change.kind == agreed.kind && change.key == agreed.key && here
        };
        let mut met = drift.changes.iter_mut().filter(fits).peekable();
        let name = format!("{} {}", agreed.kind, agreed.key);
        if met.peek().is_none() {
            drift.notes.push(format!("agreed on, but did not change: {name}"));
        } else if let Some(until) = agreed.until().filter(|until| *until < today) {
            drift.notes.push(format!("agreed on only until {until}: {name}"));
        } else {
            met.for_each(|change| change.approved = Some(agreed.reason.clone()));
        }
    }
}
