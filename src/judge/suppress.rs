//! Findings that somebody has decided to live with.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::finding::{Finding, Location, Settled};
use crate::model::Config;
use crate::model::dialect::Release::V2026_9;
use crate::model::value::Found;
use crate::rules::INTERNAL_ERROR;

/// What a configuration cannot take away: that it suppresses something, and that we failed.
const ALWAYS: [&str; 2] = ["security.audit.suppressions.active", INTERNAL_ERROR.id];

/// A finding that does not count, and why.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Settled,
    /// Where that was decided.
    pub by: By,
    /// The reason that was given; empty for none.
    pub reason: String,
    /// The last day on which it holds; none for ever.
    pub until: Option<Date>,
}

/// Where it was decided that a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// In the configuration's own `security.audit.suppressions`.
    Configuration,
    /// In the settings' `reviewedSkills`.
    Review,
    /// In a comment beside it.
    Ignore(Location),
    /// In the baseline.
    Baseline,
}

impl By {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Review => "review",
            Self::Ignore(_) => "ignore",
            Self::Baseline => "baseline",
        }
    }
}

/// Splits the findings of a configuration by its own `security.audit.suppressions`, as releases
/// since 2026.9 do: the first entry whose `checkId` is exactly the finding's id, and whose
/// `titleIncludes` and `detailIncludes` occur in it, takes it away.
#[must_use]
pub fn upstream(config: &Config, findings: Vec<Finding>) -> (Vec<Finding>, Vec<(Finding, String)>) {
    let entries =
        if config.since(V2026_9) { entries(&config.at("security.audit.suppressions")) } else { BTreeMap::new() };
    let mut kept = Vec::with_capacity(findings.len());
    let mut suppressed = Vec::new();
    for finding in findings {
        let named = entries.get(&*finding.id).map(Vec::as_slice).unwrap_or_default();
        match first(named, &finding) {
            Some(entry) => suppressed.push((finding, entry.reason.clone())),
            None => kept.push(finding),
        }
    }
    (kept, suppressed)
}

/// Entries of one id that are looked at: all that anybody writes by hand, and few enough to try each of
/// them on each of a thousand findings. What lies beyond suppresses nothing, so nothing is hidden by it.
const MOST: usize = 1_000;

/// One entry of the list.
struct Entry {
    title: String,
    detail: String,
    reason: String,
}

/// The entries that can cover something, by the id they are about.
fn entries<'a>(list: &Found<'a>) -> BTreeMap<&'a str, Vec<Entry>> {
    let mut by_id: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    for entry in list.items() {
        let id = entry.get("checkId").str().unwrap_or_default().trim();
        let (title, detail) = (wanted(&entry.get("titleIncludes")), wanted(&entry.get("detailIncludes")));
        let (Some(title), Some(detail)) = (title, detail) else { continue };
        let of_id = by_id.entry(id).or_default();
        if !id.is_empty() && !ALWAYS.contains(&id) && of_id.len() < MOST {
            let reason = entry.get("reason").str().unwrap_or_default().trim().to_owned();
            of_id.push(Entry { title, detail, reason });
        }
    }
    by_id
}

/// What a text must hold, in small letters; every text holds the empty one, which stands for an absent
/// key. What only the environment knows is in no text, so such an entry covers nothing.
fn wanted(text: &Found<'_>) -> Option<String> {
    if !text.exists() {
        return Some(String::new());
    }
    Some(text.str()?.trim().to_lowercase()).filter(|text| !text.is_empty())
}

/// The first entry that takes this finding away.
fn first<'e>(named: &'e [Entry], finding: &Finding) -> Option<&'e Entry> {
    if named.is_empty() {
        return None;
    }
    // Titles and details are worded differently upstream; the key stands in both.
    let title = format!("{}\n{}", finding.rule.summary, finding.message).to_lowercase();
    let detail = format!("{}\n{}\n{}", finding.message, finding.place.key_path, finding.rule.why).to_lowercase();
    named.iter().find(|entry| title.contains(&entry.title) && detail.contains(&entry.detail))
}
