//! Installed skills whose files are no longer those that an installer recorded.

use crate::digest::likeness::Likeness;
use crate::load::{FileState, TreeState};
use crate::model::provenance::{Recorded, recorded};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.provenance.skill_file_changed",
        summary: "The manifest of an installed skill is not the one that was installed",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        steady: true,
        cwe: &[353],
        why: "An agent obeys what stands in this file. It is another text than the installer took from the registry, and \
              whatever the registry found out about the skill does not hold for it.",
        remedy: "Compare it with the version that was installed. Install the skill again, or keep your own under another \
                 name.",
        bad: &[Example::files(&[
            (
                "skills/demo/.clawhub/origin.json",
                r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                    "skillFile": { "path": "SKILL.md", "sha256": "0000000000000000000000000000000000000000000000000000000000000000" } }"#,
            ),
            ("skills/demo/SKILL.md", "---\nname: «demo»\ndescription: Sorts tables\n---\n\nSort.\n"),
        ])],
        good: &[
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "skillFile": { "path": "SKILL.md", "sha256": "f12771a668620da6fcb92fbb4fd283bb503005406a367ed92b4e9a3da059527f" } }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
            ]),
            // Upper-case digits are no digest that OpenClaw would write.
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "skillFile": { "path": "SKILL.md", "sha256": "A000000000000000000000000000000000000000000000000000000000000000" } }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
            ]),
        ],
        check: Check::Skill(skill_file),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.provenance.tree_changed",
        summary: "The files of an installed skill are not those that were installed",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        steady: true,
        cwe: &[353],
        why: "The record holds a digest over every file of the skill. Files were changed, added or removed since; OpenClaw \
              refuses to update such a skill without force. The digest is not signed: who can change the files can change \
              it too, so it shows accidents and careless edits.",
        remedy: "Compare the directory with the version that was installed. Install the skill again, or keep your own under \
                 another name. For line endings add a line to .gitattributes that turns conversion off.",
        bad: &[
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "fileTreeSha256": «"sha256:83fce4fabfa3649b36da65f82ac40f98788016b8ecc9aba3a94d7878b2836227"» }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
                ("skills/demo/run.sh", "echo hi\n"),
            ]),
            // A skill in the skill belongs to the tree that was installed.
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "fileTreeSha256": «"sha256:83fce4fabfa3649b36da65f82ac40f98788016b8ecc9aba3a94d7878b2836227"» }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
                ("skills/demo/more/inner/SKILL.md", "---\nname: inner\ndescription: Sorts more\n---\n"),
            ]),
            // Git kept no empty directory: said, but not as an edit.
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "fileTreeSha256": «"sha256:a9513bbb2624821b4ec62bc55ab3625e249ff8374e773586fa9596f958baab86"» }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
            ]),
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "fileTreeSha256": «"sha256:83fce4fabfa3649b36da65f82ac40f98788016b8ecc9aba3a94d7878b2836227"» }"#,
                ),
                ("skills/demo/SKILL.md", "---\r\nname: demo\r\ndescription: Sorts tables\r\n---\r\n\r\nSort.\r\n"),
            ]),
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "fileTreeSha256": «"sha256:83fce4fabfa3649b36da65f82ac40f98788016b8ecc9aba3a94d7878b2836227"» }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
                ("skills/demo/more.md", "link:SKILL.md"),
            ]),
        ],
        good: &[
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "fileTreeSha256": "sha256:83fce4fabfa3649b36da65f82ac40f98788016b8ecc9aba3a94d7878b2836227" }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n"),
            ]),
            // The changed manifest alone is said as such.
            Example::files(&[
                (
                    "skills/demo/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "demo", "installedVersion": "1.0.0", "installedAt": 1,
                        "skillFile": { "path": "SKILL.md", "sha256": "f12771a668620da6fcb92fbb4fd283bb503005406a367ed92b4e9a3da059527f" }, "fileTreeSha256": "sha256:83fce4fabfa3649b36da65f82ac40f98788016b8ecc9aba3a94d7878b2836227" }"#,
                ),
                ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort twice.\n"),
            ]),
        ],
        check: Check::Skill(tree),
        ..Rule::DEFAULT
    },
];

fn skill_file(skill: &Skill, report: &mut Report) {
    let Some(installed) = &skill.installed else { return };
    let Recorded { skill_file: Some((path, _, at)), .. } = recorded(&skill.project, &skill.root) else { return };
    let line = format!("add the line `{path} -text` to .gitattributes");
    match installed.skill_file.as_ref() {
        Some(FileState::Changed) => {
            let message = format!("{path} is another text than the one that was installed");
            report.at(skill.whole(), message).related(&at.place(), "the recorded digest");
        }
        Some(FileState::Missing) => {
            report.at(at.place(), format!("{path} is not there any more"));
        }
        // The finding about the tree says it of all texts.
        Some(FileState::LineEndings) if !has_converted(installed.tree.as_ref()) => {
            let message = format!("{path} has other line endings than when it was installed: {line}");
            report.at(skill.whole(), message).severity(Severity::Info).related(&at.place(), "the recorded digest");
        }
        _ => {}
    }
}

fn has_converted(tree: Option<&TreeState>) -> bool {
    matches!(tree, Some(TreeState::Like(Likeness { line_endings: true, .. })))
}

fn tree(skill: &Skill, report: &mut Report) {
    let Some(installed) = &skill.installed else { return };
    let Recorded { tree: Some((_, at)), .. } = recorded(&skill.project, &skill.root) else { return };
    let known = installed.skill_file.as_ref();
    match installed.tree.as_ref() {
        Some(TreeState::Like(likeness)) => {
            if let Some(message) = explained(likeness) {
                report.at(at.place(), message).severity(Severity::Info);
            }
        }
        Some(TreeState::Changed) if known == Some(&FileState::Same) => {
            let message = "files other than the manifest were changed, added or removed since the skill was installed; \
                           if nobody did, git may have lost an empty directory";
            report.at(at.place(), message).confidence(Confidence::Medium);
        }
        Some(TreeState::Changed) => {
            let also = if known.is_some() { "files beside the manifest, too," } else { "files" };
            report.at(at.place(), format!("{also} were changed, added or removed since the skill was installed"));
        }
        Some(TreeState::Undigested(why)) => {
            report.at(at.place(), format!("{why}: no installed skill holds such a thing"));
        }
        _ => {}
    }
}

/// What made the digest another, as a sentence; nothing when it was the manifest, which has its own rule.
fn explained(likeness: &Likeness) -> Option<String> {
    let list = |names: &[String]| match names {
        [] => String::new(),
        [one] => one.clone(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    };
    let mut parts = Vec::new();
    if likeness.line_endings {
        parts.push("its texts have other line endings: add the line `* -text` to .gitattributes".to_owned());
    }
    if !likeness.empty_dirs.is_empty() {
        let (what, are) = if likeness.empty_dirs.len() == 1 { ("directory", "is") } else { ("directories", "are") };
        let names = likeness.empty_dirs.join(", ");
        parts.push(format!("the empty {what} {names} {are} missing, which git does not keep"));
    }
    if !likeness.leftovers.is_empty() {
        parts.push(format!("{} came into being since", list(&likeness.leftovers)));
    }
    if parts.is_empty() {
        return None;
    }
    let but =
        if likeness.manifest { "the files are otherwise, but for the manifest," } else { "the files are otherwise" };
    Some(format!("{}; {but} those that were installed", parts.join("; ")))
}
