//! What upstream's audit says of the skills in a workspace.

use crate::discover::EntryKind;
use crate::model::places::dir_of;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.workspace.symlink_escape",
        summary: "A skill of a workspace lies outside of it",
        profiles: Profiles::UPSTREAM,
        versions: Versions::since(V2026_5),
        scope: Scope::Skills,
        cwe: &[59],
        why: "Whoever can write to the other place changes what the agent is told, and a review of the workspace does not \
              show it.",
        remedy: "Put the file itself into the workspace.",
        bad: &[Example::files(&[
            ("openclaw.json", "{ agents: { «defaults»: {} } }"),
            ("workspace/skills/tides/SKILL.md", "link:../../../shared/SKILL.md"),
            ("shared/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n"),
        ])],
        good: &[Example::files(&[
            ("openclaw.json", "{ agents: { defaults: {} } }"),
            ("workspace/skills/tides/SKILL.md", "link:../../tides.md"),
            ("workspace/tides.md", "---\nname: tides\ndescription: Tells the tides\n---\n"),
        ])],
        check: Check::Config(escaping),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.workspace.scan_truncated",
        summary: "A workspace has more skills than upstream's audit looks at",
        profiles: Profiles::UPSTREAM,
        versions: Versions::since(V2026_5),
        scope: Scope::Skills,
        why: "Whether the rest lead out of the workspace is not known.",
        remedy: "Keep fewer skills in the workspace, and fewer directories around them.",
        bad: &[Example::files(&[
            ("openclaw.json", "{ agents: { «defaults»: {} } }"),
            ("workspace/skills/{2001}/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n"),
        ])],
        good: &[Example::files(&[
            ("openclaw.json", "{ agents: { defaults: {} } }"),
            ("workspace/skills/tides/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n"),
        ])],
        check: Check::Config(truncated),
        ..Rule::DEFAULT
    },
];

fn escaping(config: &Config, report: &mut Report) {
    let mut out = Vec::new();
    for workspace in config.workspace_dirs() {
        out.extend(config.skill_walk(&workspace).manifests.into_iter().filter(|path| leaves(config, &workspace, path)));
    }
    let Some(first) = out.first() else { return };
    let message = format!("{} skills lie outside of their workspace, the first of them {first}", out.len());
    let mut said = report.at(workspace_place(config), message);
    for path in &out {
        if let Some(place) = config.project.place_of(path) {
            said = said.related(&place, format!("{path} leads out"));
        }
    }
}

/// Is it a link to a file that is there, outside of the workspace?
fn leaves(config: &Config, workspace: &str, path: &str) -> bool {
    let tree = &config.project.tree;
    let Some(EntryKind::Link { target, outside }) = tree.get(path).map(|entry| &entry.kind) else { return false };
    let full = crate::load::lexical(&tree.on_disk(dir_of(path)).join(target));
    let inside = full.starts_with(tree.on_disk(workspace));
    let missing = full.starts_with(&tree.base) && tree.get(&crate::discover::relative(&tree.base, &full)).is_none();
    !missing && (!inside || *outside)
}

fn truncated(config: &Config, report: &mut Report) {
    for workspace in config.workspace_dirs() {
        if config.skill_walk(&workspace).truncated {
            report.at(workspace_place(config), format!("the skills of {workspace} were not all looked at"));
        }
    }
}

fn workspace_place(config: &Config) -> Place {
    config.at("agents.defaults.workspace").place()
}
