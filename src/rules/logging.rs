//! What ends up in logs.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "logging.redact_off",
    summary: "Secrets are written to logs and tool summaries as they are",
    versions: Versions::range(V2026_2, V2026_5).and_closedclaw(),
    links: &["https://docs.openclaw.ai/logging"],
    cwe: &[532],
    why: "Tokens and keys that pass through a tool stay readable in log files and in messages about tool use, and go \
          wherever those are copied.",
    remedy: "Set logging.redactSensitive to \"tools\".",
    repair: Repair::Write(Safety::Safe, r#""tools""#),
    bad: &[
        config!(r#"{ logging: { redactSensitive: «"off"» } }"#).on(V2026_5),
        config!(r#"{ logging: { redactSensitive: «"off"» } }"#).on_closedclaw(),
    ],
    good: &[
        config!(r#"{ logging: { redactSensitive: "tools" } }"#).on(V2026_5),
        config!(r#"{ logging: { level: "off" } }"#).on(V2026_2),
    ],
    check: Check::Config(redact_off),
    ..Rule::DEFAULT
}];

fn redact_off(config: &Config, report: &mut Report) {
    let redact = config.at("logging.redactSensitive");
    if redact.is("off") {
        report.at(redact.place(), "logging.redactSensitive is \"off\"");
    }
}
