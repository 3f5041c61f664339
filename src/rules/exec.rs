//! Commands: where they run and who must agree.

use std::collections::BTreeSet;

use crate::config;
use crate::model::agents::SandboxMode;
use crate::model::exec_policy::Security;
use crate::model::tool_policy::WRITERS;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tools.exec.host_sandbox_no_sandbox_defaults",
        summary: "Commands are sent to a sandbox that is switched off",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        cwe: &[693],
        why: "tools.exec.host says that commands run in the sandbox, but no sandbox is on. Release 2026.2.24 then runs \
              them on the host; later releases refuse every command.",
        remedy: "Set agents.defaults.sandbox.mode to \"non-main\" or \"all\", or set tools.exec.host to \"gateway\" and require approvals.",
        repair: Repair::Set(Safety::Manual, &[("agents.defaults.sandbox.mode", r#""non-main""#)]),
        bad: &[
            config!(r#"{ tools: { exec: { host: «"sandbox"» } } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { mode: "off" } } }, tools: { exec: { host: «"sandbox"» } } }"#)
                .on(V2026_2),
        ],
        good: &[
            config!(r#"{ agents: { defaults: { sandbox: { mode: "all" } } }, tools: { exec: { host: "sandbox" } } }"#),
            config!(r#"{ tools: { exec: { host: "gateway" } } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { mode: "${MODE}" } } }, tools: { exec: { host: "sandbox" } } }"#),
        ],
        check: Check::Config(host_sandbox_defaults),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.host_sandbox_no_sandbox_agents",
        summary: "An agent sends commands to a sandbox that is switched off",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        cwe: &[693],
        why: "The agent's tools.exec.host says that commands run in the sandbox, but its sandbox is off. Release \
              2026.2.24 then runs them on the host; later releases refuse every command.",
        remedy: "Set the agent's sandbox.mode to \"non-main\" or \"all\", or set its tools.exec.host to \"gateway\".",
        bad: &[
            config!(r#"{ agents: { entries: { main: { tools: { exec: { host: «"sandbox"» } } } } } }"#),
            config!(
                r#"{ agents: { defaults: { sandbox: { mode: "all" } }, list: [{ id: "a", sandbox: { mode: "off" }, tools: { exec: { host: «"sandbox"» } } }] } }"#
            )
            .on(V2026_5),
        ],
        good: &[config!(
            r#"{ agents: { entries: { main: { sandbox: { mode: "non-main" }, tools: { exec: { host: "sandbox" } } } } } }"#
        )],
        check: Check::Config(host_sandbox_agents),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.security_full_configured",
        summary: "Commands run without any approval",
        severity: Severity::Critical,
        versions: Versions::since(V2026_5),
        also: Some(Versions::OPENCLAW),
        cwe: &[78],
        why: "With security \"full\" a model runs any command it likes. Text that a stranger plants in a page, a file or \
              a message is then enough to run code.",
        remedy: "Set tools.exec.mode to \"ask\" or \"allowlist\" (before 2026.9: tools.exec.security to \"allowlist\").",
        bad: &[
            config!(r#"{ tools: { exec: { mode: «"full"» } } }"#),
            config!(r#"{ tools: { exec: { security: «"full"» } }, agents: { entries: { a: {}, b: {} } } }"#),
            config!(
                r#"{ agents: { entries: { a: { tools: { exec: { security: «"full"» } } } } }, channels: { telegram: { groupPolicy: "open" } } }"#
            ),
        ],
        good: &[
            config!(r#"{ tools: { exec: { mode: "ask", security: "full" } } }"#),
            config!(
                r#"{ tools: { exec: { security: "full" } }, agents: { entries: { main: { tools: { exec: { mode: "allowlist" } } } } } }"#
            ),
        ],
        check: Check::Config(security_full),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.fs_tools_disabled_but_exec_enabled",
        summary: "File tools are denied but commands can still write files",
        severity: Severity::Warn,
        versions: Versions::since(V2026_5),
        also: Some(Versions::ALL),
        cwe: &[693],
        why: "The policy looks read-only, yet the exec tool is a shell: it writes every file that its user may write.",
        remedy: "Deny exec and process too, or run the agent with sandbox mode \"all\" and workspaceAccess \"ro\" or \"none\".",
        bad: &[
            config!(r#"{ tools: { «deny»: ["write", "edit", "apply_patch"] } }"#),
            config!(r#"{ tools: { «allow»: ["ex*", "read"] } }"#).on(V2026_5),
            config!(
                r#"{ agents: { entries: { ro: { tools: { «deny»: ["group:fs"], exec: { host: "gateway" } }, sandbox: { mode: "all" } } } } }"#
            ),
        ],
        good: &[
            config!(r#"{ tools: { deny: ["write", "edit", "apply_patch", "group:runtime"] } }"#),
            config!(r#"{ tools: { deny: ["write"] } }"#),
            config!(r#"{ tools: { deny: ["group:fs"] }, agents: { defaults: { sandbox: { mode: "all" } } } }"#),
            config!(r#"{ tools: { deny: ["group:fs", "${MORE}"] } }"#),
            config!(r#"{ tools: { profile: "messaging" } }"#),
        ],
        check: Check::Config(read_only_but_exec),
        ..Rule::DEFAULT
    },
    // What `openclaw doctor` calls the same trouble; said twice only to those who want everything.
    Rule {
        id: "doctor.exec_filesystem_policy",
        summary: "The doctor finds a file policy that commands get around",
        severity: Severity::Warn,
        profiles: Profiles::STRICT,
        versions: Versions::since(V2026_9),
        cwe: &[693],
        why: "Agents look read-only because the file tools are denied, yet exec writes every file that its user may write.",
        remedy: "Deny exec and process too, or run the agent with sandbox mode \"all\" and workspaceAccess \"ro\" or \"none\".",
        bad: &[config!(r#"{ tools: { «deny»: ["group:fs"] } }"#)],
        good: &[config!(
            r#"{ tools: { deny: ["group:fs"] }, agents: { defaults: { sandbox: { mode: "all", workspaceAccess: "ro" } } } }"#
        )],
        check: Check::Config(read_only_but_exec),
        ..Rule::DEFAULT
    },
];

fn host_sandbox_defaults(config: &Config, report: &mut Report) {
    let host = config.at("tools.exec.host");
    if host.is("sandbox") && config.sandbox(None).mode == SandboxMode::Off {
        let message = "tools.exec.host is \"sandbox\" but agents.defaults.sandbox.mode is off";
        report.at(host.place(), message);
    }
}

fn host_sandbox_agents(config: &Config, report: &mut Report) {
    for agent in config.agents() {
        let host = agent.found.at("tools.exec.host");
        if host.is("sandbox") && config.sandbox(Some(&agent)).mode == SandboxMode::Off {
            let message = format!("agent \"{}\" sends commands to its sandbox, which is off", agent.id);
            let mode = agent.found.at("sandbox.mode");
            let title = format!("Set {} to \"non-main\"", mode.path());
            report.at(host.place(), message).fix(Safety::Manual, title, []);
        }
    }
}

fn security_full(config: &Config, report: &mut Report) {
    let open = config.open_to_commands();
    let mut said = BTreeSet::new();
    for scope in config.exec_scopes() {
        if scope.security != Some(Security::Full) || !said.insert(scope.at.place().span) {
            continue;
        }
        // Inside a container the command reaches what the container holds, no more.
        let contained = !config.upstream() && scope.contained();
        let severity = match open.first() {
            _ if contained => Severity::Info,
            Some(_) => Severity::Critical,
            None => Severity::Warn,
        };
        let message = format!("{} lets commands run without approval", scope.at.path());
        let mut said = report.at(scope.at.place(), message).severity(severity);
        let asking = match scope.at.path().rsplit('.').next() {
            Some("mode") => Some("ask"),
            Some("security") => Some("allowlist"),
            _ => None,
        };
        if let Some(word) = asking.filter(|_| scope.at.exists()) {
            said = said.fix(Safety::Unsafe, format!("Set {} to \"{word}\"", scope.at.path()), [scope.at.set(word)]);
        }
        if let Some(open) = open.first().filter(|_| !contained) {
            said.related(&open.place(), "anyone can write to an agent here");
        }
    }
}

fn read_only_but_exec(config: &Config, report: &mut Report) {
    let mut said = BTreeSet::new();
    for context in config.tool_contexts() {
        let scope = config.exec_scope(context);
        if scope.contained() && !scope.context.sandbox.writes_workspace {
            continue;
        }
        let policy = config.tool_policy(&scope.context, None);
        if !policy.allows("exec") || !policy.allowed(&WRITERS).is_empty() {
            continue;
        }
        // A scope where commands are denied cannot write; upstream says it nevertheless.
        if !config.upstream() && scope.security == Some(Security::Deny) {
            continue;
        }
        let at = scope.context.policy_at(config);
        if said.insert(at.place().span) {
            let message = format!("{} denies the file tools but leaves exec to {}", at.path(), scope.context.name());
            let title = format!("Add \"exec\" and \"process\" to {}", at.path());
            let denies = at.path().ends_with("deny");
            let fix = denies.then(|| Fix::new(Safety::Manual, title, []));
            report.at(at.place(), message).maybe(fix);
        }
    }
}
