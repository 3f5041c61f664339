//! Where the gateway listens and who may talk to it.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "gateway.tailscale_funnel",
    summary: "Tailscale Funnel puts the gateway on the public internet",
    severity: Severity::Critical,
    cwe: &[668],
    why: "Funnel accepts connections from anyone on the internet; one leaked token is then enough to drive the agent.",
    remedy: "Set gateway.tailscale.mode to \"serve\" or \"off\".",
    bad: &[config!(r#"{ gateway: { auth: { mode: "password", password: "${PW}" }, tailscale: { mode: «"funnel"» } } }"#)],
    good: &[config!(r#"{ gateway: { tailscale: { mode: "serve" } } }"#)],
    check: Check::Config(tailscale_funnel),
    ..Rule::DEFAULT
}];

fn tailscale_funnel(config: &Config, report: &mut Report) {
    let mode = config.at("gateway.tailscale.mode");
    if mode.is("funnel") {
        report.at(mode.place(), "gateway.tailscale.mode is \"funnel\"");
    }
}
