//! The attack surface of a configuration in one line.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "summary.attack_surface",
    summary: "Attack surface of this configuration",
    severity: Severity::Info,
    hygiene: true,
    // A finding that nothing can settle is none for those who want a clean report.
    profiles: Profiles::UPSTREAM.and(Profiles::STRICT),
    why: "It says at a glance how a stranger's text can reach the agent and what the agent can reach.",
    remedy: "Compare it with what you meant to open.",
    bad: &[
        config!("«{» }"),
        config!(r#"«{» channels: { telegram: { groupPolicy: "open" } }, hooks: { enabled: true } }"#),
    ],
    // It is said of every configuration, so only a file that is none stays without it.
    good: &[config!("{ gateway: "), Example::files(&[("package.json", "{}")])],
    check: Check::Config(attack_surface),
    ..Rule::DEFAULT
}];

fn attack_surface(config: &Config, report: &mut Report) {
    let policies = |wanted: &str| {
        let channels = config.at("channels");
        channels.entries().filter(|(_, channel)| channel.get("groupPolicy").is(wanted)).count()
    };
    let state = |on: bool| if on { "on" } else { "off" };
    let message = format!(
        "groups: {} open, {} allowlist; elevated tools: {}; webhooks: {}; internal hooks: {}; browser control: {}",
        policies("open"),
        policies("allowlist"),
        state(!config.at("tools.elevated.enabled").is_false()),
        state(config.at("hooks.enabled").is_true()),
        state(config.at("hooks.internal.enabled").is_true()),
        state(!config.at("browser.enabled").is_false()),
    );
    report.at(config.whole(), message);
}
