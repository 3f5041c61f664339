//! The verdict on each skill, beside the findings: what it is, what it reaches, how bad it is.

use std::sync::Arc;

use crate::finding::{Settled, Severity};

/// A skill that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkillFacts {
    /// Relative path of its directory.
    pub path: Arc<str>,
    /// What it calls itself.
    pub name: String,
    /// The worst severity of its findings; none when there are none.
    pub worst: Option<Severity>,
    /// Capabilities that its frontmatter declares, sorted.
    pub declared: Vec<String>,
    /// Capabilities that its texts use, sorted.
    pub observed: Vec<String>,
    /// Hosts that its texts name, sorted.
    pub hosts: Vec<String>,
    /// Programs that its scripts and code blocks run, sorted.
    pub commands: Vec<String>,
    /// Its files, by path.
    pub files: Vec<String>,
    /// `sha256:` and 64 hex digits over names and contents of all files; empty when it has none.
    pub tree_digest: String,
}

impl SkillFacts {
    /// `clean`, `info`, `warn` or `critical`.
    #[must_use]
    pub const fn verdict(&self) -> &'static str {
        match self.worst {
            None => "clean",
            Some(severity) => severity.as_str(),
        }
    }
}

/// Fills in the verdicts. The findings are sorted by path, the skills' roots may be nested.
pub(super) fn judge(skills: &mut [SkillFacts], findings: &[Settled]) {
    skills.sort();
    for finding in findings {
        let Some(root) = &finding.skill else { continue };
        let Ok(at) = skills.binary_search_by(|skill| skill.path.cmp(root)) else { continue };
        if let Some(skill) = skills.get_mut(at) {
            skill.worst = skill.worst.max(Some(finding.severity));
        }
    }
}
