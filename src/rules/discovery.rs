//! What the gateway announces on the local network.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "discovery.mdns_full_mode",
    summary: "The gateway announces details of itself on the local network",
    severity: Severity::Critical,
    versions: Versions::OPENCLAW,
    also: Some(Versions::ALL),
    links: &["https://docs.openclaw.ai/gateway/bonjour"],
    cwe: &[200],
    why: "Full mDNS records tell everybody on the network where the command-line tool lies and how to log in over SSH.",
    remedy: "Set discovery.mdns.mode to \"minimal\" or \"off\".",
    repair: Repair::Write(Safety::Safe, r#""minimal""#),
    bad: &[
        config!(r#"{ gateway: {}, discovery: { mdns: { mode: «"full"» } } }"#),
        config!(r#"{ gateway: { bind: "lan" }, discovery: { mdns: { mode: «"full"» } } }"#).on(V2026_2),
    ],
    good: &[
        config!(r#"{ gateway: {}, discovery: { mdns: { mode: "minimal" } } }"#),
        config!("{ gateway: {}, discovery: { mdns: {} } }"),
    ],
    check: Check::Config(mdns_full_mode),
    ..Rule::DEFAULT
}];

fn mdns_full_mode(config: &Config, report: &mut Report) {
    let mode = config.at("discovery.mdns.mode");
    if mode.is("full") {
        let severity = if config.gateway().is_reachable() { Severity::Critical } else { Severity::Warn };
        report.at(mode.place(), "discovery.mdns.mode is \"full\"").severity(severity);
    }
}
