//! What `openclaw doctor` says of a configuration and the audit does not.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "doctor.heartbeat_direct_policy_unset",
        summary: "Heartbeats may go to a direct conversation by default",
        regular: Some(Severity::Info),
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_9),
        why: "A heartbeat delivers what the agent just thought of to its target; when the target is a person, that is a \
              message nobody asked for. The default of this setting has changed between releases.",
        remedy: "Set heartbeat.directPolicy to \"allow\" or \"block\".",
        bad: &[
            config!(r#"{ agents: { defaults: { heartbeat: { target: «"last"» } } } }"#),
            config!(r#"{ agents: { entries: { ops: { heartbeat: { target: «"telegram"» } } } } }"#),
        ],
        good: &[
            config!(r#"{ agents: { defaults: { heartbeat: { target: "last", directPolicy: "block" } } } }"#),
            config!(r#"{ agents: { defaults: { heartbeat: { target: "none" } } } }"#),
            config!(
                r#"{ agents: { defaults: { heartbeat: { directPolicy: "allow" } }, entries: { ops: { heartbeat: { target: "telegram" } } } } }"#
            ),
        ],
        check: Check::Config(heartbeat_direct_policy),
        ..Rule::DEFAULT
    },
    Rule {
        id: "doctor.approval_forwarding_disabled",
        summary: "Approval requests are not forwarded to a channel",
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_9),
        hygiene: true,
        why: "A command that needs an approval then waits until somebody happens to look at the Control UI, which invites \
              switching approvals off.",
        remedy: "Remove approvals.exec.enabled, or set it to true and name the targets.",
        bad: &[config!("{ agents: {}, approvals: { exec: { enabled: «false» } } }")],
        good: &[
            config!("{ agents: {}, approvals: { exec: { enabled: true } } }"),
            config!("{ agents: {}, approvals: { exec: {} } }"),
        ],
        check: Check::Config(approval_forwarding),
        ..Rule::DEFAULT
    },
    Rule {
        id: "doctor.gateway_mode_unset",
        summary: "The configuration does not say whether it runs a gateway",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Without gateway.mode the gateway refuses to start unless it is told to run unconfigured.",
        remedy: "Set gateway.mode to \"local\", or to \"remote\" for a client of another machine's gateway.",
        bad: &[config!(r#"{ «gateway»: { bind: "loopback" } }"#), config!(r#"{ gateway: { mode: «""» } }"#)],
        good: &[
            config!(r#"{ gateway: { mode: "local" } }"#),
            config!(r#"{ gateway: { mode: "${MODE}" } }"#),
            // Nothing about a gateway: a fragment or a fresh file.
            config!("{ }"),
        ],
        check: Check::Config(gateway_mode),
        ..Rule::DEFAULT
    },
    Rule {
        id: "doctor.command_owner_missing",
        summary: "Nobody is named as the owner of administrative commands",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        hygiene: true,
        why: "Commands such as /bash or /config belong to the owner; without commands.ownerAllowFrom who that is follows \
              from other lists.",
        remedy: "List your own accounts in commands.ownerAllowFrom.",
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${T}" } }, «commands»: { bash: true } }"#),
            config!("{ channels: { slack: { enabled: true } }, commands: { config: true, «ownerAllowFrom»: [] } }"),
        ],
        good: &[
            config!(r#"{ channels: { telegram: {} }, commands: { bash: true, ownerAllowFrom: ["telegram:1"] } }"#),
            config!("{ channels: { telegram: { enabled: false } }, commands: { bash: true } }"),
            config!(r#"{ channels: { telegram: { botToken: "${T}" } }, commands: { restart: true } }"#),
        ],
        check: Check::Config(command_owner),
        ..Rule::DEFAULT
    },
];

fn heartbeat_direct_policy(config: &Config, report: &mut Report) {
    let defaults = config.at("agents.defaults.heartbeat");
    let decided = defaults.get("directPolicy").exists();
    let agents = config.agents().into_iter().map(|agent| agent.found.get("heartbeat"));
    for heartbeat in std::iter::once(defaults).chain(agents) {
        let target = heartbeat.get("target");
        let sends = target.str().is_some_and(|target| !target.is_empty() && target != "none");
        if sends && !decided && !heartbeat.get("directPolicy").exists() {
            report.at(target.place(), format!("{} is set and directPolicy beside it is not", target.path()));
        }
    }
}

fn approval_forwarding(config: &Config, report: &mut Report) {
    let enabled = config.at("approvals.exec.enabled");
    if enabled.is_false() {
        report.at(enabled.place(), "approvals.exec.enabled is false");
    }
}

fn gateway_mode(config: &Config, report: &mut Report) {
    let mode = config.at("gateway.mode");
    let blank = mode.str().is_some_and(|mode| mode.trim().is_empty());
    if config.at("gateway").exists() && (blank || !mode.exists()) {
        report.at(mode.place(), "gateway.mode is not set");
    }
}

/// Only where there is something to own: a channel, and a command that only the owner may use.
fn command_owner(config: &Config, report: &mut Report) {
    let channels = config.at("channels");
    let live = |(name, channel): (&str, Found<'_>)| name != "defaults" && !channel.get("enabled").is_false();
    let owned = ["bash", "config", "mcp", "plugins"];
    let commands = config.at("commands");
    let owners = commands.get("ownerAllowFrom");
    let any = owned.iter().any(|name| commands.get(name).is_true());
    if any && owners.items().next().is_none() && channels.entries().any(live) {
        report.at(owners.place(), "commands.ownerAllowFrom is empty while owner commands are on");
    }
}
