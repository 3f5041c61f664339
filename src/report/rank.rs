//! The order in which reports that cannot show everything show it.

use std::cmp::Reverse;

use crate::finding::Settled;

/// The worst first; what is equally bad stays in the order of the report.
pub(super) fn worst_first<'a>(findings: impl IntoIterator<Item = &'a Settled>) -> Vec<&'a Settled> {
    let mut findings: Vec<&Settled> = findings.into_iter().collect();
    findings.sort_by_key(|one| Reverse((one.severity, one.rule.security_severity(), one.confidence)));
    findings
}
