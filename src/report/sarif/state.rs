//! Which findings are results, and what was decided about them: baselines and suppressions.

use serde_json::json;
use serde_sarif::sarif::{Location, PhysicalLocation, Suppression};

use super::place::{self, Artifacts};
use super::{Wanted, bag};
use crate::cli::reports::SarifProfile;
use crate::finding::{self, BaselineState, Settled};
use crate::judge::Verdict;
use crate::judge::suppress::{By, Suppressed};
use crate::report::escape;

/// A finding that is a result.
pub(super) struct Entry<'a> {
    pub(super) finding: &'a Settled,
    /// What the baseline says; none where there is none.
    pub(super) state: Option<&'static str>,
    suppressed: Option<&'a Suppressed>,
}

impl<'a> Entry<'a> {
    /// Where it was decided that it does not count, when that is in a file that was read.
    pub(super) fn place(&self) -> Option<&'a finding::Location> {
        match &self.suppressed?.by {
            By::Ignore(at) => Some(at),
            By::Configuration | By::Review | By::Baseline => None,
        }
    }
}

/// The results, in report order.
///
/// GitHub opens an alert for a suppressed result, so there are none in its profile. What a baseline knows stays:
/// GitHub does its own comparing, and closes the alert of what is not uploaded any more.
pub(super) fn entries<'a>(verdict: &'a Verdict, wanted: &Wanted<'_>) -> Vec<Entry<'a>> {
    let github = wanted.profile == SarifProfile::Github;
    let compared = verdict.shown.iter().any(|one| one.baseline != BaselineState::New)
        || verdict.suppressed.iter().any(|one| one.by == By::Baseline);
    let shown = verdict.shown.iter().map(|finding| (finding, None));
    let suppressed = verdict.suppressed.iter().map(|one| (&one.finding, Some(one)));
    let mut all: Vec<Entry<'a>> = shown
        .chain(suppressed)
        .filter_map(|(finding, suppressed)| {
            let baselined = suppressed.is_some_and(|one| one.by == By::Baseline);
            let known = baselined || finding.baseline != BaselineState::New;
            let hidden = github && suppressed.is_some() && !baselined || wanted.new_only && known && github;
            let state = match finding.baseline {
                BaselineState::New if baselined => BaselineState::Unchanged,
                state => state,
            };
            let state = compared.then(|| state.as_str());
            (!hidden).then_some(Entry { finding, state, suppressed })
        })
        .collect();
    all.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    all
}

/// Why a result does not count; an empty list says that it does.
pub(super) fn suppressions(entry: &Entry<'_>, artifacts: &Artifacts<'_>) -> Vec<Suppression> {
    let Some(suppressed) = entry.suppressed else { return Vec::new() };
    let kind = if entry.place().is_some() { "inSource" } else { "external" };
    let location = entry.place().map(|at| {
        let place = PhysicalLocation {
            artifact_location: Some(artifacts.location(&at.path)),
            region: Some(place::lines(at)),
            ..Default::default()
        };
        Location { physical_location: Some(place), ..Default::default() }
    });
    // The day is the last on which it holds.
    let until = suppressed.until.map(|until| ("expiryUtc".to_owned(), json!(format!("{until}T23:59:59Z"))));
    let mut properties = bag([("by", json!(suppressed.by.as_str()))]);
    properties.additional_properties.extend(until);
    vec![Suppression {
        location,
        justification: (!suppressed.reason.is_empty()).then(|| escape::line(&suppressed.reason).into_owned()),
        status: Some(json!("accepted")),
        properties: Some(properties),
        ..Suppression::builder().kind(json!(kind)).build()
    }]
}
