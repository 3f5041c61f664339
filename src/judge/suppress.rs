//! Findings that somebody has decided to live with.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::settle::regular_severity;
use crate::finding::{Finding, Location, Place, Settled, Severity};
use crate::model::Config;
use crate::model::dialect::Release::V2026_9;
use crate::model::value::Found;
use crate::rule::Report;
use crate::rules::{self, INTERNAL_ERROR, ignores, suppressions};

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

/// May anything take findings of this id away?
#[must_use]
pub fn is_coverable(id: &str) -> bool {
    let family = id.split_once('.').map_or(id, |(family, _)| family);
    !ALWAYS.contains(&id) && ![ignores::FAMILY, suppressions::FAMILY].contains(&family)
}

/// What the suppressions of a configuration come to.
#[derive(Debug, Default)]
pub struct Split {
    /// The findings that they leave.
    pub kept: Vec<Finding>,
    /// Those that they take, each with the reason that is given.
    pub taken: Vec<(Finding, String)>,
    /// What is to be said of the suppressions.
    pub remarks: Vec<Finding>,
}

/// Splits the findings of a configuration by its own `security.audit.suppressions`, as releases
/// since 2026.9 do: the first entry whose `checkId` is exactly the finding's id, and whose
/// `titleIncludes` and `detailIncludes` occur in it, takes it away. `distrust` says why an entry does not
/// count, none when it does; `decided` whether it means something when nothing is found by an id.
#[must_use]
pub fn upstream(
    config: &Config,
    findings: Vec<Finding>,
    distrust: &mut dyn FnMut(&Found<'_>) -> Option<String>,
    decided: &dyn Fn(&str) -> bool,
) -> Split {
    if !config.since(V2026_9) {
        return Split { kept: findings, ..Split::default() };
    }
    let list = config.at("security.audit.suppressions");
    let mut split = Split { kept: Vec::with_capacity(findings.len()), ..Split::default() };
    let mut entries = entries(&list, &mut |entry| {
        let message = distrust(entry)?;
        split.remarks.extend(remark("ignore.not_trusted", entry.get("checkId").place(), &message));
        Some(())
    });
    for finding in findings {
        let named = entries.get_mut(&*finding.id).map(Vec::as_mut_slice).unwrap_or_default();
        match first(named, &finding) {
            Some(entry) => {
                entry.worst = entry.worst.max(Some(regular_severity(&finding, config.profile)));
                split.taken.push((finding, entry.reason.clone()));
            }
            None => split.kept.push(finding),
        }
    }
    for (id, entries) in &entries {
        let decided = decided(id);
        split.remarks.extend(entries.iter().flat_map(|entry| entry.remarks(decided)));
    }
    split
}

/// Something that is to be said of an entry.
fn remark(id: &str, place: Place, message: &str) -> Option<Finding> {
    let mut report = Report::new(rules::find(id)?);
    report.at(place, message);
    report.into_findings().pop()
}

/// Entries of one id that are looked at: all that anybody writes by hand, and few enough to try each of
/// them on each of a thousand findings. What lies beyond suppresses nothing, so nothing is hidden by it.
const MOST: usize = 1_000;

/// One entry of the list.
struct Entry {
    place: Place,
    title: String,
    detail: String,
    reason: String,
    /// The worst that it took away; none when it took nothing.
    worst: Option<Severity>,
}

impl Entry {
    fn remarks(&self, decided: bool) -> impl Iterator<Item = Finding> {
        let said = [
            (decided && self.worst.is_none(), "suppression.unmatched", "the entry covers no finding"),
            (self.reason.is_empty(), "suppression.no_reason", "the entry gives no reason"),
            (self.worst == Some(Severity::Critical), "suppression.critical", "the entry hides a critical finding"),
        ];
        said.into_iter()
            .filter(|(holds, ..)| *holds)
            .filter_map(|(_, id, message)| remark(id, self.place.clone(), message))
    }
}

/// The entries that can cover something, by the id they are about.
fn entries<'a>(
    list: &Found<'a>,
    distrusted: &mut dyn FnMut(&Found<'_>) -> Option<()>,
) -> BTreeMap<&'a str, Vec<Entry>> {
    let mut by_id: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    for entry in list.items() {
        let id = entry.get("checkId").str().unwrap_or_default().trim();
        let (title, detail) = (wanted(&entry.get("titleIncludes")), wanted(&entry.get("detailIncludes")));
        let (Some(title), Some(detail)) = (title, detail) else { continue };
        if distrusted(&entry).is_some() {
            continue;
        }
        let of_id = by_id.entry(id).or_default();
        if !id.is_empty() && is_coverable(id) && of_id.len() < MOST {
            let reason = entry.get("reason").str().unwrap_or_default().trim().to_owned();
            let place = entry.get("checkId").place();
            of_id.push(Entry { place, title, detail, reason, worst: None });
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
fn first<'e>(named: &'e mut [Entry], finding: &Finding) -> Option<&'e mut Entry> {
    if named.is_empty() {
        return None;
    }
    // Titles and details are worded differently upstream; the key stands in both.
    let title = format!("{}\n{}", finding.rule.summary, finding.message).to_lowercase();
    let detail = format!("{}\n{}\n{}", finding.message, finding.place.key_path, finding.rule.why).to_lowercase();
    named.iter_mut().find(|entry| title.contains(&entry.title) && detail.contains(&entry.detail))
}
