//! Lists of skills that do not hold what they promise: commands reach MCP servers past them.

use crate::config;
use crate::discover::EntryKind;
use crate::model::document::Content;
use crate::model::tool_policy::Context;
use crate::rule::prelude::*;

/// Where mcporter keeps its servers, below the state directory.
const REGISTRY: &str = "skills/config/mcporter.json";

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tools.exec.agent_skill_mcp_boundary_drift",
        summary: "An agent with listed skills can reach every MCP server by command",
        severity: Severity::Warn,
        versions: Versions::only(V2026_9),
        cwe: &[424],
        why: "The list of skills looks like the limit of what the agent may use, but its commands run on the host, where \
              they can start every MCP client with the gateway's credentials.",
        remedy: "Sandbox the agent, deny it exec, or keep the MCP servers away from this gateway.",
        bad: &[
            config!(
                r#"{ agents: { defaults: { «skills»: ["github"] } }, mcp: { servers: { linear: { command: "npx" } } } }"#
            ),
            Example::files(&[
                (
                    "openclaw.json",
                    "{ agents: { entries: { a: { «skills»: [], tools: { exec: { host: 'gateway' } }, sandbox: { mode: 'all' } }, b: {} } } }",
                ),
                (REGISTRY, r#"{ "mcpServers": { "whois": { "command": "x" } } }"#),
            ]),
        ],
        good: &[
            config!(
                r#"{ agents: { entries: { a: { skills: ["x"], sandbox: { mode: "non-main" } }, b: { skills: [], tools: { exec: { mode: "deny" } } } } }, mcp: { servers: { linear: {} } } }"#
            ),
            config!(
                r#"{ agents: { entries: { a: { skills: ["x"] } } }, mcp: { servers: { linear: { enabled: false } } } }"#
            ),
            config!(r"{ agents: { entries: { a: {} } }, mcp: { servers: { linear: {} } } }"),
        ],
        check: Check::Config(drift),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.mcporter_registry_inspection_incomplete",
        summary: "The registry of MCP servers cannot be read",
        severity: Severity::Warn,
        versions: Versions::only(V2026_9),
        cwe: &[1188],
        why: "Which servers an agent's commands reach is written there; while it cannot be read nobody knows.",
        remedy: "Repair skills/config/mcporter.json, or remove it.",
        bad: &[Example::files(&[
            ("openclaw.json", "{ agents: { defaults: { skills: ['a'] } } }"),
            (REGISTRY, "«»{ not json"),
        ])],
        good: &[
            Example::files(&[
                ("openclaw.json", "{ agents: { defaults: { skills: ['a'] } } }"),
                (REGISTRY, r#"{ "mcpServers": {} }"#),
            ]),
            Example::files(&[("openclaw.json", "{ agents: { entries: { a: {} } } }"), (REGISTRY, "{ not json")]),
        ],
        check: Check::Config(unreadable),
        ..Rule::DEFAULT
    },
];

/// The lists of skills whose agents can run commands on the host.
fn scopes(config: &Config) -> Vec<Found<'_>> {
    let defaults = config.at("agents.defaults.skills");
    let mut lists = Vec::new();
    let inherited = Context { agent: None, sandbox: config.sandbox(None) };
    for context in std::iter::once(inherited).chain(config.tool_contexts().into_iter().skip(1)) {
        let own = context.agent.as_ref().map(|agent| agent.found.get("skills")).filter(Found::exists);
        let list = own.unwrap_or_else(|| defaults.clone());
        if list.exists() && config.exec_scope(context).reaches_host() {
            lists.push(list);
        }
    }
    lists.dedup_by(|a, b| a.place() == b.place());
    lists
}

/// Are MCP servers configured, here or in mcporter's registry? Returns where.
fn servers(config: &Config) -> Option<Place> {
    let enabled = |found: &Found<'_>| found.entries().any(|(_, server)| !server.get("enabled").is_false());
    let own = config.at("mcp.servers");
    if enabled(&own) {
        return Some(own.key_place());
    }
    let root = config.project.document(&config.beside(REGISTRY)).and_then(Document::root)?;
    let registry = root.get("mcpServers");
    enabled(&registry).then(|| registry.key_place())
}

fn drift(config: &Config, report: &mut Report) {
    let Some(servers) = servers(config) else { return };
    for list in scopes(config) {
        let message = format!("{} does not limit commands, which reach the configured MCP servers", list.path());
        report.at(list.key_place(), message).related(&servers, "the servers");
    }
}

fn unreadable(config: &Config, report: &mut Report) {
    let path = config.beside(REGISTRY);
    let Some(place) = config.project.place_of(&path) else { return };
    let irregular = config.project.tree.get(&path).is_some_and(|entry| entry.kind != EntryKind::File);
    let document = config.project.document(&path);
    let broken = document.is_some_and(|document| matches!(document.content, Content::Broken(_) | Content::Opaque));
    if (irregular || broken) && !scopes(config).is_empty() {
        report.at(place, format!("{REGISTRY} is no readable JSON file"));
    }
}
