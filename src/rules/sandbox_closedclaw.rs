//! What ClosedClaw's own audit says about the sandbox that it switches on by default.

use crate::config;
use crate::rule::prelude::*;

/// What these rules have in common.
const BASE: Rule = Rule { severity: Severity::Warn, versions: Versions::CLOSEDCLAW, ..Rule::DEFAULT };

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "sandbox.mode_disabled",
        summary: "The sandbox is switched off",
        severity: Severity::Critical,
        cwe: &[693],
        why: "ClosedClaw runs every agent in a container unless it is told otherwise; here each command runs on the host.",
        remedy: "Set agents.defaults.sandbox.mode to \"all\", or remove it.",
        repair: Repair::Write(Safety::Unsafe, r#""all""#),
        bad: &[config!(r#"{ agents: { defaults: { sandbox: { mode: «"off"» } } } }"#).on_closedclaw()],
        good: &[
            config!(r#"{ agents: { defaults: { sandbox: { mode: "all" } } } }"#).on_closedclaw(),
            config!(r"{ agents: { defaults: {} } }").on_closedclaw(),
        ],
        check: Check::Config(|config, report| word(config, report, "mode", &|mode| mode == "off")),
        ..BASE
    },
    Rule {
        id: "sandbox.mode_non_main",
        summary: "The main session runs outside the sandbox",
        cwe: &[693],
        why: "The main session is the one with the most rights and reads the same untrusted text; it alone is left on the host.",
        remedy: "Set agents.defaults.sandbox.mode to \"all\".",
        repair: Repair::Write(Safety::Unsafe, r#""all""#),
        bad: &[config!(r#"{ agents: { defaults: { sandbox: { mode: «"non-main"» } } } }"#).on_closedclaw()],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { mode: "all" } } } }"#).on_closedclaw()],
        check: Check::Config(|config, report| word(config, report, "mode", &|mode| mode == "non-main")),
        ..BASE
    },
    Rule {
        id: "sandbox.workspace_writable",
        summary: "The sandbox can write to the workspace",
        cwe: &[732],
        why: "What an agent writes to its workspace is read again by later sessions and by people outside the sandbox.",
        remedy: "Set agents.defaults.sandbox.workspaceAccess to \"ro\" or \"none\".",
        repair: Repair::Write(Safety::Unsafe, r#""ro""#),
        bad: &[config!(r#"{ agents: { defaults: { sandbox: { workspaceAccess: «"rw"» } } } }"#).on_closedclaw()],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { workspaceAccess: "ro" } } } }"#).on_closedclaw()],
        check: Check::Config(|config, report| word(config, report, "workspaceAccess", &|access| access == "rw")),
        ..BASE
    },
    Rule {
        id: "sandbox.network_enabled",
        summary: "The sandbox has a network",
        cwe: &[923],
        why: "With a network, whatever an agent reads inside the sandbox can leave it.",
        remedy: "Set agents.defaults.sandbox.docker.network to \"none\", or remove it.",
        repair: Repair::Write(Safety::Unsafe, r#""none""#),
        bad: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { network: «"bridge"» } } } } }"#).on_closedclaw()],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { network: "none" } } } } }"#).on_closedclaw()],
        check: Check::Config(|config, report| word(config, report, "docker.network", &|network| network != "none")),
        ..BASE
    },
    Rule {
        id: "sandbox.capabilities_not_dropped",
        summary: "The sandbox keeps Linux capabilities",
        cwe: &[250],
        why: "Capabilities give root inside the container powers over the host's kernel; the default drops them all.",
        remedy: "Set agents.defaults.sandbox.docker.capDrop to [\"ALL\"], or remove it.",
        repair: Repair::Write(Safety::Safe, r#"["ALL"]"#),
        bad: &[
            config!(r#"{ agents: { defaults: { sandbox: { docker: { «capDrop»: ["NET_RAW"] } } } } }"#).on_closedclaw(),
            config!(r"{ agents: { defaults: { sandbox: { docker: { «capDrop»: [] } } } } }").on_closedclaw(),
        ],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { capDrop: ["ALL"] } } } } }"#).on_closedclaw()],
        check: Check::Config(capabilities),
        ..BASE
    },
    Rule {
        id: "sandbox.filesystem_writable",
        summary: "The sandbox's root file system is writable",
        cwe: &[732],
        why: "A writable root lets a program in the container replace the tools that later commands use.",
        remedy: "Remove docker.readOnlyRoot, or set it to true.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(r"{ agents: { defaults: { sandbox: { docker: { readOnlyRoot: «false» } } } } }").on_closedclaw()],
        good: &[config!(r"{ agents: { defaults: { sandbox: { docker: { readOnlyRoot: true } } } } }").on_closedclaw()],
        check: Check::Config(writable_root),
        ..BASE
    },
];

/// Reports a setting of the common sandbox whose word is `wrong`.
fn word(config: &Config, report: &mut Report, path: &'static str, wrong: &dyn Fn(&str) -> bool) {
    let found = config.at("agents.defaults.sandbox").at(path);
    if found.str().is_some_and(wrong) {
        let value = crate::secret::quotable(found.str().unwrap_or_default(), 40);
        report.at(found.place(), format!("{} is \"{value}\"", found.path()));
    }
}

fn capabilities(config: &Config, report: &mut Report) {
    let dropped = config.at("agents.defaults.sandbox.docker.capDrop");
    let unknown = dropped.items().any(|entry| entry.is_unknown());
    if dropped.is_list() && !unknown && !dropped.strings().any(|(name, _)| name == "ALL") {
        report.at(dropped.key_place(), "docker.capDrop does not hold \"ALL\"");
    }
}

fn writable_root(config: &Config, report: &mut Report) {
    let root = config.at("agents.defaults.sandbox.docker.readOnlyRoot");
    if root.is_false() {
        report.at(root.place(), "docker.readOnlyRoot is false");
    }
}
