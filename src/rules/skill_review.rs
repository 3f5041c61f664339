//! Skills that somebody has read, and what became of them since.

use crate::rule::prelude::*;
use crate::skill;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "skills.review_lapsed",
    summary: "The skill changed after it was reviewed",
    severity: Severity::Warn,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    steady: true,
    why: "The review in the settings is bound to the digest of the files that were read. Other files are here now, and \
          nobody has accepted those.",
    remedy: "Read what changed, then write the new digest into `reviewedSkills`, or restore the files.",
    bad: &[Example::files(&[
        (
            "clawsift.json5",
            "{ reviewedSkills: [{ skill: 'skills/demo', digest: 'sha256:\
             0000000000000000000000000000000000000000000000000000000000000000', reason: 'read by us' }] }",
        ),
        ("skills/demo/SKILL.md", "---\nname: «demo»\ndescription: Sorts tables\n---\n\nSort.\n"),
    ])],
    good: &[skill!("Sort the table.\n")],
    check: Check::Skill(lapsed),
    ..Rule::DEFAULT
}];

fn lapsed(skill: &Skill, report: &mut Report) {
    let Some(reviewed) = &skill.reviewed else { return };
    if skill.tree_digest() != Some(reviewed.as_str()) {
        let now = skill.tree_digest().unwrap_or("unknown, because it holds links or special files");
        report.at(skill.whole(), format!("its files are not those that were reviewed: the digest is now {now}"));
    }
}
