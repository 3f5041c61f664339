//! From the fixes of findings to the bytes of files, and to the diff that shows them.

pub mod patch;
pub mod plan;
pub mod write;

pub use plan::{Chosen, Rewrite};

use crate::judge::Verdict;

/// What fixing came to.
#[derive(Debug)]
pub struct Fixed {
    /// The verdict before anything was changed.
    pub verdict: Verdict,
    /// The files that change, by path.
    pub files: Vec<Rewrite>,
    /// What was done: the id of the rule, the path, what the fix does.
    pub done: Vec<Done>,
    /// The fixes that would have made something worse, or that nothing was left to try.
    pub refused: Vec<Done>,
}

/// One fix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Done {
    /// The file of the finding.
    pub path: String,
    /// Its rule.
    pub id: String,
    /// What the fix does.
    pub title: String,
}
