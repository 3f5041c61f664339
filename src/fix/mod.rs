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
    /// The permission bits that change, by path.
    pub actions: Vec<Action>,
    /// What was done: the id of the rule, the path, what the fix does.
    pub done: Vec<Done>,
    /// The fixes that would have made something worse, or that nothing was left to try.
    pub refused: Vec<Done>,
}

/// A change of permission bits in a live state directory. No diff can show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// Relative to the scanned tree; empty for the scanned directory itself.
    pub path: String,
    /// The bits that it is to have.
    pub mode: u32,
    /// The rule that asks for it.
    pub id: String,
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
