//! Findings that somebody has decided to live with.

use crate::finding::{Finding, Settled};
use crate::model::Config;
use crate::model::dialect::Release::V2026_9;
use crate::model::value::Found;
use crate::rules::INTERNAL_ERROR;

/// What a configuration cannot take away: that it suppresses something, and that we failed.
const ALWAYS: [&str; 2] = ["security.audit.suppressions.active", INTERNAL_ERROR.id];

/// A finding that is not shown, and why.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Settled,
    /// The reason that was given; empty for none.
    pub reason: String,
}

/// Splits the findings of a configuration by its own `security.audit.suppressions`, as releases
/// since 2026.9 do: the first entry whose `checkId` is exactly the finding's id, and whose
/// `titleIncludes` and `detailIncludes` occur in it, takes it away.
#[must_use]
pub fn upstream(config: &Config, findings: Vec<Finding>) -> (Vec<Finding>, Vec<(Finding, String)>) {
    let list = config.at("security.audit.suppressions");
    let entries: Vec<_> = list.items().filter(|_| config.since(V2026_9)).collect();
    let mut kept = Vec::with_capacity(findings.len());
    let mut suppressed = Vec::new();
    for finding in findings {
        match entries.iter().find(|entry| covers(entry, &finding)) {
            Some(entry) => suppressed.push((finding, entry.get("reason").str().unwrap_or_default().trim().to_owned())),
            None => kept.push(finding),
        }
    }
    (kept, suppressed)
}

/// Does an entry of the list take this finding away?
fn covers(entry: &Found<'_>, finding: &Finding) -> bool {
    let id = entry.get("checkId").str().unwrap_or_default().trim();
    if id.is_empty() || id != finding.id || ALWAYS.contains(&id) {
        return false;
    }
    // Titles and details are worded differently upstream; the key stands in both.
    let title = || format!("{}\n{}", finding.rule.summary, finding.message);
    let detail = || format!("{}\n{}\n{}", finding.message, finding.place.key_path, finding.rule.why);
    includes(&entry.get("titleIncludes"), title) && includes(&entry.get("detailIncludes"), detail)
}

/// Does the text hold what is asked for, in whatever case? Nothing asked is always there; what only
/// the environment knows never is.
fn includes(wanted: &Found<'_>, text: impl FnOnce() -> String) -> bool {
    if !wanted.exists() {
        return true;
    }
    let Some(wanted) = wanted.str().map(|wanted| wanted.trim().to_lowercase()) else { return false };
    !wanted.is_empty() && text().to_lowercase().contains(&wanted)
}
