//! From the fixes of findings to the bytes of files, and to the diff that shows them.

pub mod patch;
pub mod plan;
pub mod write;

pub use plan::{Chosen, Rewrite};

use std::path::Path;

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

/// Permission bits that go. Of these a diff can show the executable one alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// Relative to the scanned tree; empty for the scanned directory itself.
    pub path: String,
    /// The bits that may stay.
    pub keep: u32,
    /// The rule that asks for it.
    pub id: String,
}

impl Action {
    /// What `chmod` would be told.
    #[must_use]
    pub fn mode(&self) -> String {
        if self.drops_execution() { "a-x".to_owned() } else { format!("{:03o}", self.keep & 0o777) }
    }

    /// Does only the executable bit go?
    #[must_use]
    pub const fn drops_execution(&self) -> bool {
        self.keep & 0o777 == 0o666
    }
}

/// What became of a file or of permission bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Relative to the repository.
    pub path: String,
    /// For permission bits what `chmod` would be told; none for a file that is written.
    pub mode: Option<String>,
    /// Why it was left alone.
    pub error: Option<String>,
}

/// Writes everything below `base`: files in their order, then permission bits. What cannot be written is left
/// alone, and the rest is written all the same.
#[must_use]
pub fn make(base: &Path, fixed: &Fixed) -> Vec<Made> {
    let file = |file: &Rewrite| Made { path: file.path.to_string(), mode: None, error: write::write(base, file).err() };
    let action = |action: &Action| Made {
        path: action.path.clone(),
        mode: Some(action.mode()),
        error: write::chmod(base, action).err(),
    };
    let mut made: Vec<Made> = fixed.files.iter().map(file).collect();
    made.extend(fixed.actions.iter().map(action));
    made
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
