//! Skills without a record of what was so before them.

use crate::discover::EntryKind;
use crate::load;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "baseline.missing",
    summary: "There are skills, but no snapshot to compare with after the next one",
    severity: Severity::Info,
    profiles: Profiles::STRICT,
    scope: Scope::Skills,
    hygiene: true,
    why: "What a skill changed when it was installed shows only beside a record of what was so before: new hosts, new file \
          access, other settings, new schedules.",
    remedy: "Run `clawsift posture export -o clawsift.baseline.json` and commit the file.",
    bad: &[
        Example::files(&[("skills/demo/SKILL.md", "«»---\nname: demo\ndescription: Sorts tables\n---\nSort.\n")]),
        Example::files(&[
            ("skills/demo/SKILL.md", "«»---\nname: demo\ndescription: Sorts tables\n---\nSort.\n"),
            ("clawsift.baseline.json", "{ \"schema\": \"other\" }"),
        ]),
    ],
    good: &[
        Example::files(&[
            ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\nSort.\n"),
            ("clawsift.baseline.json", "{\n\"schema\":\"clawsift-posture/1\",\n\"facts\":[]\n}\n"),
        ]),
        Example::files(&[("AGENTS.md", "# Agents\n")]),
    ],
    check: Check::Project(missing),
    ..Rule::DEFAULT
}];

/// Names under which a snapshot is looked for; its content decides.
const NAMES: [&str; 2] = ["baseline", "posture"];

fn missing(project: &Project, report: &mut Report) {
    let files = || project.tree.entries.iter().filter(|entry| entry.kind == EntryKind::File);
    let Some(skill) = files().find(|entry| entry.path.ends_with("/SKILL.md") || &*entry.path == "SKILL.md") else {
        return;
    };
    let named = files().filter(|entry| {
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        name.ends_with(".json") && NAMES.iter().any(|word| name.contains(word))
    });
    let is_snapshot =
        |path: &str| String::from_utf8_lossy(&load::peek(&project.tree, path)).contains("clawsift-posture/");
    if named.map(|entry| &*entry.path).any(is_snapshot) {
        return;
    }
    if let Some(place) = project.place_of(&skill.path) {
        report.at(place, "no snapshot of the posture is kept beside the skills");
    }
}
