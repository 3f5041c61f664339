//! Keys that another release would not read.

use crate::config;
use crate::model::dialect::Product;
use crate::model::schema::moved;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "upgrade.key_retired",
    summary: "A newer release refuses keys of this configuration",
    severity: Severity::Info,
    profiles: Profiles::OURS,
    versions: Versions::range(V2026_2, V2026_5),
    hygiene: true,
    why: "The configuration is fine for its target. A gateway that is upgraded to the newest release refuses to start \
          with it until the keys are moved or deleted.",
    remedy: "Run `openclaw doctor --fix` with the new release, or edit the keys when you upgrade.",
    bad: &[
        config!("{ gateway: { controlUi: { «allowInsecureAuth»: true } } }").on(V2026_5),
        config!(r#"{ commands: { «ownerDisplay»: "raw", useAccessGroups: true }, session: { agentToAgent: {} } }"#)
            .on(V2026_5),
        config!(r#"{ agents: { list: [{ id: "main", «memorySearch»: { enabled: true } }] } }"#).on(V2026_2),
    ],
    good: &[
        config!(r#"{ gateway: { bind: "loopback" }, agents: { list: [{ id: "main" }] } }"#).on(V2026_5),
        config!(r#"{ commands: { ownerDisplay: "raw" } }"#),
    ],
    check: Check::Config(key_retired),
    ..Rule::DEFAULT
}];

fn key_retired(config: &Config, report: &mut Report) {
    if config.dialect.product != Product::OpenClaw {
        return;
    }
    // All of them are moved by one command, on one day.
    let keys: Vec<_> = moved::leaving(&config.root).into_iter().flatten().collect();
    report.gathered(Severity::Info, ["key is refused too", "keys are refused too"], keys);
}
