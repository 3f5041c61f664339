//! How far upstream's audit gets in a workspace full of skills.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
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
}];

fn truncated(config: &Config, report: &mut Report) {
    for workspace in config.workspace_dirs() {
        if config.skill_walk(&workspace).truncated {
            report.at(
                config.at("agents.defaults.workspace").place(),
                format!("the skills of {workspace} were not all looked at"),
            );
        }
    }
}
