//! MCP servers in the configuration.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "mcp.apps.enabled",
    summary: "MCP servers may show their own web pages in the Control UI",
    versions: Versions::since(V2026_9),
    cwe: &[829, 1021],
    why: "Such a page is code of the server's author next to the operator's session: it can imitate the Control UI and ask \
          for approvals.",
    remedy: "Set mcp.apps.enabled to false unless a server that you trust needs it.",
    repair: Repair::Write(Safety::Safe, "false"),
    bad: &[config!("{ agents: {}, mcp: { apps: { enabled: «true» } } }")],
    good: &[
        config!("{ agents: {}, mcp: { apps: { enabled: false } } }"),
        config!(r#"{ agents: {}, mcp: { servers: { apps: { command: "x", enabled: true } } } }"#),
    ],
    check: Check::Config(apps_enabled),
    ..Rule::DEFAULT
}];

fn apps_enabled(config: &Config, report: &mut Report) {
    let enabled = config.at("mcp.apps.enabled");
    if enabled.is_true() {
        report.at(enabled.place(), "mcp.apps.enabled is true");
    }
}
