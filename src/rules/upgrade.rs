//! Keys that another release would not read.

use crate::config;
use crate::model::dialect::Product;
use crate::model::schema::moved;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "upgrade.key_retired",
    summary: "A newer release refuses keys of this object",
    severity: Severity::Info,
    profiles: Profiles::OURS,
    versions: Versions::range(V2026_2, V2026_5),
    hygiene: true,
    why: "The configuration is fine for its target. A gateway that is upgraded to the newest release refuses to start \
          with it until the keys are moved or deleted.",
    remedy: "Run `openclaw doctor --fix` with the new release, or edit the keys when you upgrade.",
    bad: &[
        config!("{ gateway: { controlUi: { «allowInsecureAuth»: true } } }").on(V2026_5),
        config!(r#"{ commands: { «ownerDisplay»: "raw", useAccessGroups: true } }"#).on(V2026_5),
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
    for group in moved::leaving(&config.root) {
        let Some(((place, message), rest)) = group.split_first() else { continue };
        let more = if rest.is_empty() { String::new() } else { format!("; {} more of this object go too", rest.len()) };
        let mut said = report.at(place.clone(), format!("{message}{more}"));
        for (place, message) in rest {
            said = said.related(place, message.clone());
        }
    }
}
