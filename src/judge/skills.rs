//! The verdict on each skill, beside the findings: what it is, what it reaches, how bad it is.

use std::sync::Arc;

use crate::finding::{Settled, Severity};
use crate::model::gate::Class;

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
    /// What its signature is worth; none for a skill of which only single files were read.
    pub signature: Option<SignatureFacts>,
}

/// The signature of a skill, and what it is worth here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignatureFacts {
    /// Is there a signature file?
    pub present: bool,
    /// Signer, key id and time as written, when the file could be read.
    pub written: Option<Signed>,
    /// Does the signature fit? None when no key was there to ask.
    pub fits: Option<bool>,
    /// How far the key is trusted: `full`, `marginal`, `none` or `unknown`.
    pub trust: &'static str,
    /// What ClosedClaw answers; none where it fails.
    pub class: Option<Class>,
    /// The list of all files: none without one, else whether the skill is exactly as a trusted key vouches.
    pub covered: Option<bool>,
    /// The keyring that decided.
    pub keyring: Option<String>,
}

/// What a signature file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signed {
    /// Who says to have signed.
    pub signer: String,
    /// The id of the key.
    pub key_id: String,
    /// When it says to be from.
    pub timestamp: Option<String>,
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
