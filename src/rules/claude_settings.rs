//! `.claude/settings.json`: what a coding agent that opens the repository may do unasked.

use crate::rule::prelude::*;

const SETTINGS: &[DocumentKind] = &[DocumentKind::ClaudeSettings];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "claude.any_command_allowed",
        summary: "Checked-in agent settings allow every shell command",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250, 863],
        why: "Everyone who opens the repository with the coding agent lets it run any command without being asked, and a \
              text in the repository can tell it which.",
        remedy: "Allow the commands that are needed one by one, such as Bash(npm test).",
        bad: &[
            Example::files(&[(
                ".claude/settings.json",
                r#"{ "permissions": { "allow": ["Read", «"Bash(*)"», «"Bash"»] } }"#,
            )]),
            Example::files(&[(
                ".claude/settings.local.json",
                r#"{ "permissions": { "defaultMode": «"bypassPermissions"» } }"#,
            )]),
        ],
        good: &[
            Example::files(&[(
                ".claude/settings.json",
                r#"{ "permissions": { "allow": ["Bash(npm test:*)", "Read(*)"], "deny": ["Bash(*)"] } }"#,
            )]),
            Example::files(&[(".claude/settings.json", r#"{ "permissions": { "defaultMode": "plan" } }"#)]),
        ],
        check: Check::Document(SETTINGS, any_command),
        ..Rule::DEFAULT
    },
    Rule {
        id: "claude.all_project_mcp_enabled",
        summary: "Checked-in agent settings start every MCP server of the repository",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[829],
        why: "Whatever .mcp.json names is started on the machine of everyone who opens the repository, without the question \
              that would show them what it is.",
        remedy: "Remove enableAllProjectMcpServers and list the reviewed servers under enabledMcpjsonServers.",
        bad: &[Example::files(&[(".claude/settings.json", r#"{ "enableAllProjectMcpServers": «true» }"#)])],
        good: &[Example::files(&[(
            ".claude/settings.json",
            r#"{ "enableAllProjectMcpServers": false, "enabledMcpjsonServers": ["docs"] }"#,
        )])],
        check: Check::Document(SETTINGS, all_project_mcp),
        ..Rule::DEFAULT
    },
];

fn any_command(document: &Document, _: &Project, report: &mut Report) {
    let Some(root) = document.root().filter(|_| !document.sample) else { return };
    let permissions = root.get("permissions");
    for (allowed, item) in permissions.get("allow").strings() {
        if matches!(allowed, "*" | "Bash" | "Bash(*)" | "Bash(:*)" | "Bash(**)") {
            let message = format!("permissions.allow contains {allowed}");
            let title = format!("Remove {allowed} from permissions.allow");
            report.at(item.place(), message).fix(Safety::Unsafe, title, [item.remove()]);
        }
    }
    let mode = permissions.get("defaultMode");
    if mode.is("bypassPermissions") {
        let title = "Set permissions.defaultMode to \"default\"";
        report.at(mode.place(), "permissions.defaultMode is bypassPermissions").fix(
            Safety::Unsafe,
            title,
            [mode.set("default")],
        );
    }
}

fn all_project_mcp(document: &Document, _: &Project, report: &mut Report) {
    let Some(root) = document.root().filter(|_| !document.sample) else { return };
    let all = root.get("enableAllProjectMcpServers");
    if all.is_true() {
        report.at(all.place(), "enableAllProjectMcpServers is true").fix(
            Safety::Unsafe,
            "Set enableAllProjectMcpServers to false",
            [all.set(false)],
        );
    }
}
