//! Who trusts whom: several people on one gateway, shared sessions, findings that are kept quiet.

use crate::config;
use crate::model::agents::SandboxMode;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "security.audit.suppressions.active",
        summary: "Audit findings are suppressed by the configuration",
        severity: Severity::Info,
        versions: Versions::only(V2026_9),
        hygiene: true,
        why: "Each entry hides findings of the audit. Whoever may change the configuration may hide a weakness with it.",
        remedy: "Review the entries and remove those that are no longer needed.",
        bad: &[config!(
            r#"{ gateway: {}, security: { audit: { «suppressions»: [{ checkId: "gateway.token_too_short", reason: "lab" }] } } }"#
        )],
        good: &[config!(r#"{ gateway: {}, security: { audit: { suppressions: [] } } }"#)],
        check: Check::Config(suppressions),
        ..Rule::DEFAULT
    },
    Rule {
        id: "security.trust_model.multi_user_heuristic",
        summary: "More than one person seems to use the gateway",
        severity: Severity::Warn,
        regular: Some(Severity::Info),
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        confidence: Confidence::Medium,
        cwe: &[653],
        why: "A gateway is built for one trusted operator. Everyone who can write to an agent can make it do what it \
              can do, and sees what the others left in its sessions and memory.",
        remedy: "Split the people over several gateways, or run agents in a sandbox with few tools.",
        bad: &[
            config!(r#"{ channels: { telegram: { «groups»: { "-1001": {} } } } }"#),
            config!(
                r#"{ channels: { discord: { groupPolicy: "allowlist", accounts: { work: { «guilds»: { "1": {} }, allowFrom: ["*"] } } } } }"#
            ),
            config!(r#"{ channels: { slack: { dm: { policy: «"open"», allowFrom: [" * "] } } } }"#).on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ channels: { telegram: { groupPolicy: "allowlist", groups: {}, allowFrom: ["111", "*x"] } } }"#
            ),
            config!(r#"{ channels: { telegram: { groupPolicy: "disabled", groups: { "-1001": {} } } } }"#),
            config!(
                r#"{ channels: { telegram: { enabled: false, groupPolicy: "open" }, irc: { accounts: { a: { enabled: false, dmPolicy: "open" } } } } }"#
            ),
        ],
        check: Check::Config(multi_user),
        ..Rule::DEFAULT
    },
    Rule {
        id: "security.trust_model.group_scope_main",
        summary: "Group rooms share the main session",
        severity: Severity::Warn,
        versions: Versions::only(V2026_9),
        cwe: &[488],
        why: "What the owner says in private and what strangers say in a room then stand in one conversation; each side \
              can read and steer the other.",
        remedy: "Set groupScope to \"per-group\".",
        repair: Repair::Write(Safety::Safe, r#""per-group""#),
        bad: &[
            config!(r#"{ session: { groupScope: «"main"» } }"#),
            config!(
                r#"{ session: {}, bindings: [{ agentId: "a", match: { channel: "discord" }, session: { groupScope: "per-group" } }, { agentId: "b", match: { channel: "discord", peer: { kind: "channel", id: "r" } }, session: { groupScope: «"main"» } }] }"#
            ),
        ],
        good: &[
            config!(r#"{ session: { groupScope: "per-group" } }"#),
            config!(
                r#"{ session: {}, bindings: [{ agentId: "a", match: { channel: "whatsapp", peer: { kind: "direct", id: "u" } }, session: { groupScope: "main" } }] }"#
            ),
            config!(
                r#"{ session: {}, bindings: [{ agentId: "a", match: { channel: "discord", peer: { kind: "group", id: "r" } } }, { agentId: "b", match: { channel: "discord", peer: { kind: "channel", id: "r" } }, session: { groupScope: "main" } }] }"#
            ),
        ],
        check: Check::Config(group_scope),
        ..Rule::DEFAULT
    },
    Rule {
        id: "security.trust_model.cross_agent_session_access_default",
        summary: "Agents can read and steer each other's sessions",
        severity: Severity::Warn,
        regular: Some(Severity::Info),
        versions: Versions::only(V2026_9),
        cwe: &[488],
        why: "Unless it is narrowed, every agent of a gateway may list, read and write to the sessions of all the \
              others, whatever else separates them.",
        remedy: "Set tools.sessions.visibility to \"agent\" or narrower, or list the agents in tools.agentToAgent.allow.",
        repair: Repair::Set(Safety::Unsafe, &[("tools.sessions.visibility", r#""agent""#)]),
        bad: &[
            config!(r#"{ «agents»: { entries: { main: { default: true }, ops: {} } } }"#),
            config!(
                r#"{ agents: { entries: { a: {}, b: { sandbox: { mode: "all" } } } }, tools: { sessions: { visibility: «"all"» } } }"#
            ),
        ],
        good: &[
            config!(r#"{ agents: { entries: { a: {}, b: {} } }, tools: { sessions: { visibility: "self" } } }"#),
            config!(r#"{ agents: { entries: { a: {}, b: {} } }, tools: { agentToAgent: { allow: [" "] } } }"#),
            config!(r#"{ agents: { entries: { a: {}, b: {} }, defaults: { sandbox: { mode: "all" } } } }"#),
            config!(r#"{ agents: { entries: { main: {} } } }"#),
            config!(r#"{ agents: { entries: { a: {}, b: {} } }, tools: { deny: ["session*"] } }"#),
        ],
        check: Check::Config(cross_agent),
        ..Rule::DEFAULT
    },
];

fn suppressions(config: &Config, report: &mut Report) {
    let list = config.at("security.audit.suppressions");
    let count = list.items().count();
    if count > 0 {
        report.at(list.key_place(), format!("security.audit.suppressions holds {count} entries"));
    }
}

fn multi_user(config: &Config, report: &mut Report) {
    let signals = config.multi_user_signals();
    let hits = signals.iter().map(|signal| (signal.at.place(), format!("{}: {}", signal.at.path(), signal.reason)));
    report.gathered(Severity::Warn, ["such sign", "such signs"], hits);
}

fn group_scope(config: &Config, report: &mut Report) {
    let common = config.at("session.groupScope");
    if common.is("main") {
        report.at(common.place(), "session.groupScope is \"main\" for every group room");
    }
    let mut routed = Vec::new();
    for binding in config.at("bindings").items() {
        if binding.get("type").str().is_some_and(|kind| kind != "route") {
            continue;
        }
        let route = Route::of(&binding);
        // The first of several equal routes wins; the others never apply.
        if routed.contains(&route) {
            continue;
        }
        let scope = binding.at("session.groupScope");
        if scope.is("main") && route.takes_rooms() {
            report.at(scope.place(), "a binding sends group rooms to the main session");
        }
        routed.push(route);
    }
}

/// What a binding matches, as far as it decides whether two bindings are the same route.
#[derive(Debug, PartialEq, Eq)]
struct Route {
    fields: [Option<String>; 6],
    roles: Vec<String>,
}

impl Route {
    fn of(binding: &Found<'_>) -> Self {
        let text = |path| {
            let value = binding.get("match").at(path);
            value.text().map(|text| text.text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        // Rooms are called groups or channels; direct messages were once called dm.
        let kind = text("peer.kind").map(|kind| match kind.as_str() {
            "channel" => "group".to_owned(),
            "dm" => "direct".to_owned(),
            _ => kind,
        });
        let mut roles: Vec<_> = binding.at("match.roles").strings().map(|(role, _)| role.to_owned()).collect();
        roles.sort();
        let channel = text("channel").map(|channel| channel.to_lowercase());
        Self { fields: [channel, text("accountId"), kind, text("peer.id"), text("guildId"), text("teamId")], roles }
    }

    fn takes_rooms(&self) -> bool {
        !matches!(&self.fields, [_, _, Some(kind), ..] if kind == "direct")
    }
}

/// Tools by which an agent reaches the sessions of another.
const SESSION_TOOLS: [&str; 5] =
    ["sessions_list", "sessions_history", "sessions_search", "sessions_send", "session_status"];

fn cross_agent(config: &Config, report: &mut Report) {
    let agents = config.agents();
    let visibility = config.at("tools.sessions.visibility");
    let narrowed = matches!(visibility.str(), Some("self" | "tree" | "agent")) || visibility.is_unknown();
    let talk = config.at("tools.agentToAgent");
    let limited = talk.get("enabled").is_false() || talk.get("allow").items().next().is_some();
    if agents.len() < 2 || narrowed || limited {
        return;
    }
    let unclamped = config.at("agents.defaults.sandbox.sessionToolsVisibility").is("all");
    let mut contexts = config.tool_contexts().into_iter().filter(|context| context.agent.is_some());
    let reaches = contexts.any(|context| {
        (context.sandbox.mode != SandboxMode::All || unclamped)
            && !config.tool_policy(&context, None).allowed(&SESSION_TOOLS).is_empty()
    });
    if !reaches {
        return;
    }
    let limits =
        |agent: &Found<'_>| ["tools.profile", "tools.allow", "tools.deny"].iter().any(|key| agent.at(key).exists());
    let boxed = |agent| config.sandbox(Some(agent)).mode != SandboxMode::Off;
    let differ = agents.iter().any(|agent| boxed(agent) || limits(&agent.found));
    let severity = if differ || !config.multi_user_signals().is_empty() { Severity::Warn } else { Severity::Info };
    let at = [visibility, talk, config.at("agents")].into_iter().find(Found::exists);
    let place = at.map_or_else(|| config.whole(), |at| at.place());
    report.at(place, format!("{} agents share their sessions", agents.len())).severity(severity);
}
