//! What `skill verify` found: the verdict, skill by skill.

use super::Verdict;
use super::skills::SkillFacts;
use crate::finding::Settled;

/// What a verification found.
#[derive(Debug)]
pub struct Verified {
    /// The verdict of the run; of its skills only those that were asked for count.
    pub verdict: Verdict,
    /// The skills that were asked for, by path.
    pub skills: Vec<Judged>,
    /// What the shell is told.
    pub exit_code: u8,
}

/// A skill and its judgement.
#[derive(Debug)]
pub struct Judged {
    /// Its path as reports show it.
    pub path: String,
    /// What is known of it.
    pub facts: SkillFacts,
    /// What is wrong with its signature, its list of files or the keyring that decides about it.
    pub findings: Vec<Settled>,
    /// May it be installed under the policy, by our measure?
    pub acceptable: bool,
}
