//! Strangers who can write to an agent, and what that agent can do.

use crate::config;
use crate::finding::Place as Somewhere;
use crate::model::agents::SandboxMode;
use crate::model::exec_policy::Security;
use crate::model::tool_policy::{Context, FILES, RUNTIME};
use crate::rule::prelude::*;
use crate::rules::channel_groups::listed_only;
use crate::rules::channels::paired_only;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "security.exposure.open_groups_with_elevated",
        summary: "Strangers can write to an agent whose commands may leave the sandbox",
        severity: Severity::Critical,
        cwe: &[284],
        why: "Anyone may write to the agent, and elevated commands run on the host. A message that talks the model into \
              one command is enough.",
        remedy: "Set the policy to \"allowlist\" (\"pairing\" for direct messages), and tools.elevated.enabled to false.",
        bad: &[
            config!(
                r#"{ channels: { telegram: { groupPolicy: «"open"» } }, tools: { elevated: { allowFrom: { telegram: ["1"] } } } }"#
            ),
            config!(r#"{ channels: { slack: { accounts: { a: { groupPolicy: «"open"» } }, dmPolicy: "pairing" } } }"#).on(V2026_2),
            config!(r#"{ channels: { discord: { dm: { policy: «"open"», allowFrom: ["*"] }, guilds: { g1: { channels: { c1: { groupPolicy: "open" } } } } } } }"#),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { groupPolicy: "open" } }, tools: { elevated: { enabled: false } } }"#),
            config!(
                r#"{ channels: { discord: { dmPolicy: "pairing", dm: { policy: "open" } }, irc: { enabled: false, groupPolicy: "open" }, slack: { groupPolicy: "${POLICY}" } } }"#
            ),
        ],
        check: Check::Config(elevated),
        ..Rule::DEFAULT
    },
    Rule {
        id: "security.exposure.open_groups_with_runtime_or_fs",
        summary: "Strangers can write to an agent that runs commands or reads files",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[284, 749],
        why: "Anyone may write to the agent, and no sandbox holds its commands or file tools. Instructions in a message \
              become actions on the host.",
        remedy: "Set the policy to \"allowlist\", or give the agent tools.profile \"messaging\" and sandbox mode \"all\".",
        bad: &[
            config!(r#"{ channels: { telegram: { groupPolicy: «"open"» } } }"#),
            config!(
                r#"{ channels: { telegram: { groups: { "-1": { groupPolicy: «"open"» } } } }, tools: { allow: ["message", "apply_patch"] } }"#
            ),
            config!(
                r#"{ channels: { defaults: { groupPolicy: «"open"» } }, agents: { defaults: { sandbox: { mode: "non-main" } } } }"#
            )
            .on(V2026_2),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { groupPolicy: "open" } }, agents: { defaults: { sandbox: { mode: "all" } } } }"#),
            config!(
                r#"{ channels: { telegram: { groupPolicy: "open" } }, tools: { deny: ["group:runtime"], fs: { workspaceOnly: true } } }"#
            ),
            config!(r#"{ channels: { telegram: { groupPolicy: "open" } }, tools: { profile: "messaging" } }"#),
        ],
        check: Check::Config(runtime_or_files),
        ..Rule::DEFAULT
    },
    Rule {
        id: "security.exposure.open_groups_with_control_plane_tools",
        summary: "Strangers can write to an agent that changes the gateway itself",
        severity: Severity::Critical,
        versions: Versions::since(V2026_9),
        also: Some(Versions::ALL),
        cwe: &[284, 749],
        why: "With the gateway, scheduler or plugin tools an agent changes its own configuration and plans work for \
              later. What one message starts then outlives the conversation.",
        remedy: "Deny the gateway, automations and plugins tools (before 2026.9: gateway and cron), or close the policy.",
        bad: &[
            config!(r#"{ channels: { telegram: { groupPolicy: «"open"» } }, tools: { deny: ["gateway", "plugins"] } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: «"open"», allowFrom: ["*"] } }, tools: { profile: "minimal" } }"#),
            config!(r#"{ channels: { telegram: { groupPolicy: «"open"» } }, tools: { deny: ["gateway"] } }"#).on(V2026_2),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { groupPolicy: "open" } }, tools: { deny: ["cron", "gateway", "plugins"] } }"#),
            config!(r#"{ channels: { telegram: { groupPolicy: "open" } }, tools: { profile: "messaging" } }"#).on(V2026_5),
        ],
        check: Check::Config(control_plane),
        ..Rule::DEFAULT
    },
    Rule {
        id: "security.exposure.open_channels_with_exec",
        summary: "Strangers can write to an agent that is set up to run commands",
        severity: Severity::Critical,
        versions: Versions::since(V2026_5),
        also: Some(Versions::ALL),
        cwe: &[284, 78],
        why: "Anyone may write to the agent, and its command policy lets commands run. Instructions in a message become \
              commands.",
        remedy: "Set the policy to \"pairing\" or \"allowlist\", or set tools.exec.mode (security) to \"deny\".",
        bad: &[
            config!(r#"{ channels: { telegram: { dmPolicy: «"open"», allowFrom: ["*"] } }, tools: { exec: { mode: "ask" } } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: «"open"» } }, tools: { exec: { security: "full" } } }"#).on(V2026_2),
            config!(
                r#"{ channels: { telegram: { groups: { g: { groupPolicy: «"open"» } } } }, agents: { list: [{ id: "a", tools: { exec: { security: "full" } } }] } }"#
            )
            .on(V2026_5),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { dmPolicy: "open" } } }"#),
            config!(
                r#"{ channels: { telegram: { dmPolicy: "open" } }, tools: { exec: { security: "full" } }, agents: { entries: { main: { tools: { exec: { mode: "deny" } } } } } }"#
            ),
            config!(r#"{ channels: { telegram: { dmPolicy: "pairing" } }, tools: { exec: { security: "full" } } }"#),
        ],
        check: Check::Config(with_exec),
        ..Rule::DEFAULT
    },
];

/// Reports the open policies, which share one remedy, with the place that makes them dangerous.
fn say(
    config: &Config,
    open: &[Found<'_>],
    severity: Severity,
    what: &str,
    because: (Somewhere, String),
    report: &mut Report,
) {
    let Some((first, rest)) = open.split_first() else { return };
    let more = match rest.len() {
        0 => String::new(),
        1 => "; 1 more policy is open".to_owned(),
        count => format!("; {count} more policies are open"),
    };
    let message = format!("{} is \"open\" and {what}{more}", first.path());
    let mut said = report.at(first.place(), message).severity(severity).related(&because.0, because.1);
    said = said.maybe(closed(config, open));
    for policy in rest {
        said = said.related(&policy.place(), format!("{} is open too", policy.path()));
    }
}

/// Closes every policy: groups to those that are listed, direct messages to those who paired.
fn closed(config: &Config, open: &[Found<'_>]) -> Option<Fix> {
    let accounts = config.accounts();
    let one = |policy: &Found<'_>| {
        let group = policy.path().ends_with("groupPolicy");
        Some(if group { listed_only(config, &accounts, policy) } else { paired_only(&accounts, policy) })
    };
    Fix::all(open.iter().map(one))
}

fn elevated(config: &Config, report: &mut Report) {
    let elevated = config.at("tools.elevated");
    if elevated.get("enabled").is_false() {
        return;
    }
    // Nobody can elevate before a list names a sender, though upstream does not ask for one.
    let named = elevated.get("allowFrom").entries().any(|(_, list)| list.items().next().is_some());
    let usable = config.upstream() || named || elevated.get("enabled").is_true();
    let severity = if usable { Severity::Critical } else { Severity::Info };
    let what = if usable { "tools.elevated is on" } else { "tools.elevated is not switched off" };
    let because = (elevated.get("enabled").place(), "commands may leave the sandbox".to_owned());
    say(config, &config.open_inbound(), severity, what, because, report);
}

fn runtime_or_files(config: &Config, report: &mut Report) {
    let open = config.open_inbound();
    if open.is_empty() {
        return;
    }
    let risks: Vec<_> = config.tool_contexts().into_iter().filter_map(|context| risk(config, context)).collect();
    let Some((context, tools, _)) = risks.iter().find(|(_, _, runs)| *runs).or(risks.first()) else { return };
    let runs = risks.iter().any(|(_, _, runs)| *runs);
    let severity = if runs { Severity::Critical } else { Severity::Warn };
    let what = format!("{} has {} without a sandbox", context.name(), tools.join(", "));
    let because = (context.sandbox.at.place(), "the sandbox is not on for every session".to_owned());
    say(config, &open, severity, &what, because, report);
}

/// The dangerous tools that a scope has on the host, and whether one of them runs commands.
fn risk<'a>(config: &'a Config, context: Context<'a>) -> Option<(Context<'a>, Vec<&'static str>, bool)> {
    if context.sandbox.mode == SandboxMode::All {
        return None;
    }
    let policy = config.tool_policy(&context, None);
    let mut tools = policy.allowed(&RUNTIME);
    let runs = !tools.is_empty();
    let limit = context.setting(config, "fs.workspaceOnly");
    if !limit.is_true() {
        tools.extend(policy.allowed(&FILES));
    }
    (!tools.is_empty()).then_some((context, tools, runs))
}

fn control_plane(config: &Config, report: &mut Report) {
    let open = config.open_inbound();
    if open.is_empty() {
        return;
    }
    let names: &[&str] =
        if config.since(V2026_9) { &["automations", "gateway", "plugins"] } else { &["cron", "gateway"] };
    for context in config.tool_contexts() {
        let tools = config.tool_policy(&context, None).allowed(names);
        if tools.is_empty() {
            continue;
        }
        let what = format!("{} has {}", context.name(), tools.join(", "));
        let because = (context.policy_at(config).place(), "the tool policy allows them".to_owned());
        return say(config, &open, Severity::Critical, &what, because, report);
    }
}

fn with_exec(config: &Config, report: &mut Report) {
    let scopes = config.exec_scopes();
    let runs = |scope: &&crate::model::exec_policy::ExecScope<'_>| scope.security.is_some_and(|s| s > Security::Deny);
    let freest = scopes.iter().filter(runs).max_by_key(|scope| scope.security);
    let Some(scope) = freest else { return };
    let full = scope.security == Some(Security::Full);
    let severity = if full { Severity::Critical } else { Severity::Warn };
    let what = format!("{} may run commands", scope.context.name());
    let because = (scope.at.place(), "commands may run".to_owned());
    say(config, &config.open_to_commands(), severity, &what, because, report);
}
