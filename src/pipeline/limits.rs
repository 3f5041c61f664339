//! What is said where a limit left something out.

use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Level};
use crate::rule::{MOST_FINDINGS, Rule};

/// A limit that bit is said.
pub(super) fn left_out(path: &str, checked: &Checked) -> Vec<Diagnostic> {
    let one = |(rule, more): &(&Rule, usize)| Diagnostic {
        path: path.to_owned(),
        level: Level::Error,
        message: format!("{}: only the first {MOST_FINDINGS} findings are kept, {more} more are left out", rule.id),
    };
    let stopped = |rule: &&Rule| Diagnostic {
        path: path.to_owned(),
        level: Level::Error,
        message: format!("{}: not checked to the end: too much to compare", rule.id),
    };
    checked.left_out.iter().map(one).chain(checked.stopped.iter().map(stopped)).collect()
}
