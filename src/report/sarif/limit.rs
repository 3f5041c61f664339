//! GitHub's limits. A document past them is cut by GitHub without a word, or refused whole; one of ours keeps to
//! them and says what it left out.

use std::collections::BTreeMap;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::Wanted;
use super::state::{self, Entry};
use crate::cli::reports::SarifProfile;
use crate::judge::Verdict;
use crate::report::rank::worst_first;

/// Results that GitHub keeps of a run.
pub(in crate::report) const MOST_RESULTS: usize = 5_000;
/// Locations that GitHub keeps of a result.
const MOST_LOCATIONS: usize = 100;
/// Compressed bytes that GitHub takes.
const MOST_COMPRESSED: usize = 10_000_000;

/// The results that a document holds, in report order, and how much of each.
pub(super) struct Kept<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    /// Without fixes, surroundings and flows.
    pub(super) lean: bool,
    /// Related locations of a result.
    pub(super) locations: usize,
    /// How many of each rule are not there.
    dropped: BTreeMap<&'static str, usize>,
}

impl Kept<'_> {
    /// What is not in the document, in words.
    pub(super) fn left_out(&self) -> Option<String> {
        let dropped: usize = self.dropped.values().sum();
        let kept = self.entries.len();
        let least = format!("GitHub keeps {kept} results of this run: the {dropped} least severe are left out");
        let lean = "fixes, surrounding lines and code flows are left out, because GitHub takes 10 MB";
        match (dropped > 0, self.lean) {
            (false, false) => None,
            (true, false) => Some(format!("{least} of the SARIF report")),
            (false, true) => Some(format!("SARIF report: {lean}")),
            (true, true) => Some(format!("{least} of the SARIF report; {lean}")),
        }
    }

    /// The same for programs.
    pub(super) fn truncated(&self) -> Option<Value> {
        let dropped: usize = self.dropped.values().sum();
        let object = json!({"kept": self.entries.len(), "dropped": dropped, "byRule": self.dropped, "lean": self.lean});
        (dropped > 0 || self.lean).then_some(object)
    }
}

/// Can a limit bite at all? Most documents are far from it.
pub(super) fn may_bite(verdict: &Verdict, wanted: &Wanted<'_>) -> bool {
    const FEW: usize = 500;
    const SHORT: usize = 1 << 20;
    let beside = verdict.shown.iter().flat_map(|one| one.related.iter().chain(&one.steps));
    let excerpts = verdict.shown.iter().map(|one| &one.excerpt).chain(beside.map(|second| &second.excerpt));
    let edits = verdict.shown.iter().filter_map(|one| one.fix.as_ref()).flat_map(|fix| &fix.edits);
    let bytes: usize = excerpts.map(|one| one.text.len()).chain(edits.map(|edit| edit.text.len())).sum();
    wanted.profile == SarifProfile::Github && (verdict.shown.len() > FEW || bytes > SHORT)
}

/// The document that fits, and what is in it.
///
/// # Errors
/// When it cannot be serialised.
pub(super) fn fitting<'a>(verdict: &'a Verdict, wanted: &Wanted<'_>) -> io::Result<(String, Kept<'a>)> {
    let github = wanted.profile == SarifProfile::Github;
    let locations = if github { MOST_LOCATIONS } else { usize::MAX };
    let (mut most, mut lean) = (if github { MOST_RESULTS } else { usize::MAX }, false);
    loop {
        let (entries, dropped) = worst(state::entries(verdict, wanted), most);
        let kept = Kept { entries, lean, locations, dropped };
        let text = super::text(verdict, wanted, &kept)?;
        if !github || compressed(&text)? <= MOST_COMPRESSED || lean && kept.entries.is_empty() {
            return Ok((text, kept));
        }
        // First what explains the results, then the results.
        most = if lean { kept.entries.len() / 2 } else { most };
        lean = true;
    }
}

/// The results that are kept, in report order, and how many of each rule are not.
fn worst(entries: Vec<Entry<'_>>, most: usize) -> (Vec<Entry<'_>>, BTreeMap<&'static str, usize>) {
    let mut dropped = BTreeMap::new();
    if entries.len() <= most {
        return (entries, dropped);
    }
    let ranked = worst_first(entries.iter().map(|entry| entry.finding));
    let keep: std::collections::BTreeSet<*const _> = ranked.into_iter().take(most).map(std::ptr::from_ref).collect();
    let (kept, rest): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| keep.contains(&std::ptr::from_ref(entry.finding)));
    for entry in rest {
        *dropped.entry(entry.finding.rule.id).or_insert(0) += 1;
    }
    (kept, dropped)
}

/// How large a text is when it is compressed. What is small as it is need not be tried.
fn compressed(text: &str) -> io::Result<usize> {
    if text.len() <= MOST_COMPRESSED / 2 {
        return Ok(text.len());
    }
    // The upload takes more time and fewer bytes.
    let mut encoder = GzEncoder::new(Count(0), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?.0)
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
