//! Anchors: what somebody has seen of a log, kept apart from it, so that a shorter or another log is noticed.

use serde::{Deserialize, Serialize};

use super::walk::Anchored;
use super::{AuditLog, Digest, Event, Fault, keep_nothing};

/// What a log was when it was anchored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Anchor {
    /// Says that the file is an anchor, and separates a signature of it from others: [`KIND`].
    pub kind: String,
    /// The version of the format: [`VERSION`].
    pub version: u32,
    /// The name of the log, which lies beside the anchor.
    pub file: String,
    /// Entries that there were.
    pub entries: u64,
    /// The sequence number of the last one.
    pub head_seq: Option<f64>,
    /// Its hash, 64 hexadecimal digits.
    pub head_hash: String,
    /// Its time, as it was written.
    pub head_ts: Option<String>,
    /// Bytes that there were.
    pub bytes: u64,
    /// SHA-256 of those bytes, 64 hexadecimal digits.
    pub sha256_prefix: String,
    /// The hash that the first entry follows: that of the last entry of a rotated file, or 64 zeros.
    pub first_prev_hash: String,
}

/// The `kind` of every anchor.
pub const KIND: &str = "clawsift-audit-anchor";
/// The version of the format.
pub const VERSION: u32 = 1;
impl Anchor {
    /// Reads an anchor.
    ///
    /// # Errors
    /// In words, why it is none that can be held against a log.
    pub fn parse(text: &str) -> Result<Self, String> {
        let anchor: Self = serde_json::from_str(text).map_err(|error| format!("not an anchor: {error}"))?;
        if anchor.kind != KIND {
            return Err(format!("not an anchor: `kind` is not \"{KIND}\""));
        }
        if anchor.version != VERSION {
            return Err(format!("version {} of the format is not known", anchor.version));
        }
        let digests = [&anchor.head_hash, &anchor.sha256_prefix, &anchor.first_prev_hash];
        if anchor.entries == 0 || digests.iter().any(|text| Digest::parse(text.as_bytes()).is_none()) {
            return Err(
                "not an anchor: a hash is not 64 lower-case hexadecimal digits, or there is no entry".to_owned()
            );
        }
        Ok(anchor)
    }

    /// An anchor of a log whose prefix is the whole of it.
    ///
    /// # Errors
    /// In words, why it cannot be anchored.
    pub fn of(log: &AuditLog, name: &str) -> Result<Self, String> {
        let whole = log.ends.as_ref().zip(log.prefix);
        let Some(((first, last), prefix)) = whole else { return Err("the log has no entries".to_owned()) };
        let (Some(head), Some(prev)) = (last.hash, first.prev) else {
            return Err("an end of the log has no hash".to_owned());
        };
        Ok(Self {
            kind: KIND.to_owned(),
            version: VERSION,
            file: name.to_owned(),
            entries: log.entries,
            head_seq: last.seq,
            head_hash: head.to_string(),
            head_ts: last.ts.clone(),
            bytes: log.size,
            sha256_prefix: prefix.to_string(),
            first_prev_hash: prev.to_string(),
        })
    }

    /// The hash of the last entry.
    #[must_use]
    pub fn head(&self) -> Option<Digest> {
        Digest::parse(self.head_hash.as_bytes())
    }

    /// The file that is written: one line a member, so that changes of it can be read.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Holds a log to its anchor after the walk. `seen` is the entry that the anchor names.
pub(super) fn hold(log: &mut AuditLog, seen: Option<Anchored>) {
    let Some(anchor) = log.anchor.clone() else { return };
    let head = anchor.head();
    let first = log.ends.as_ref().and_then(|(first, _)| first.prev);
    if first.is_some() && first == head {
        log.events.retain(|event| event.fault != Fault::MissingHead);
        if let Some(segment) = log.segments.first_mut() {
            segment.kind = "continuation";
        }
        say(log, Fault::Rotated);
        return;
    }
    if first.map(|first| first.to_string()).as_ref() == Some(&anchor.first_prev_hash) {
        // It was so when somebody looked at it.
        log.events.retain(|event| event.fault != Fault::MissingHead);
    }
    if log.entries < anchor.entries {
        say(log, Fault::Truncated { anchored: anchor.entries, left: log.entries });
        return;
    }
    let same = |seen: &Anchored| seen.stored == head && Some(seen.computed) == head;
    if let Some(Anchored { line, span, .. }) = seen.filter(|seen| !same(seen)) {
        log.events.push(Event { fault: Fault::Rewritten { entry: anchor.entries }, line, span, more: 0 });
    } else if log.prefix.map(|prefix| prefix.to_string()).as_ref() != Some(&anchor.sha256_prefix) {
        let line_ends = log.unix_prefix.map(|prefix| prefix.to_string()) == Some(anchor.sha256_prefix);
        say(log, Fault::Respelled { line_ends });
    }
}

fn say(log: &mut AuditLog, fault: Fault) {
    let span = keep_nothing(&mut log.pieces, &log.path);
    log.events.push(Event { fault, line: 1, span, more: 0 });
}
