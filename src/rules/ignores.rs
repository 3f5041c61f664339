//! Ignores in comments that do nothing, or not what was meant. They are judged once everything else is
//! known (`judge/ignores.rs`), so the table only tells of them.

use crate::config;
use crate::rule::prelude::*;

/// The family of these rules, which no ignore covers.
pub const FAMILY: &str = "ignore";

const BASE: Rule = Rule { severity: Severity::Warn, profiles: Profiles::OURS, hygiene: true, ..Rule::DEFAULT };

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "ignore.malformed",
        summary: "An ignore cannot be read",
        why: "What was to be ignored is not, and a reader of the comment believes that it is.",
        remedy: "Write clawsift: ignore[ID] reason=\"why\", with until=YYYY-MM-DD if it is to end by itself.",
        bad: &[
            config!("{\n  // clawsift: «ignore» gateway.token_too_short\n  gateway: {},\n}\n"),
            config!("{\n  // clawsift: ignore[gateway] reason=\"lab\" until=«soon»\n  gateway: {},\n}\n"),
        ],
        good: &[config!(
            "{\n  // clawsift: the linter reads this file\n  // a comment may speak of clawsift: ignore\n  gateway: {},\n}\n"
        )],
        ..BASE
    },
    Rule {
        id: "ignore.missing_reason",
        summary: "An ignore gives no reason",
        why: "Nobody can tell later whether it still holds. Without a reason it covers nothing.",
        remedy: "Add reason=\"why\" after the ids.",
        bad: &[config!(
            "{ gateway: {\n  // clawsift: «ignore[gateway.token_too_short]» until=2999-01-01\n  auth: { mode: \"token\", token: \"short\" },\n} }\n"
        )],
        good: &[config!(
            "{ gateway: {\n  // clawsift: ignore[gateway.token_too_short] reason=\"a lab without network\"\n  auth: { mode: \"token\", token: \"short\" },\n} }\n"
        )],
        ..BASE
    },
    Rule {
        id: "ignore.unknown_id",
        summary: "An ignore names a rule that there is not",
        why: "It covers nothing: the id is misspelled, or of a rule that has another name now.",
        remedy: "Correct the id; `clawsift rules` lists them all.",
        bad: &[config!("{\n  // clawsift: ignore[«gateway.token_to_short»] reason=\"a lab\"\n  gateway: {},\n}\n")],
        good: &[config!(
            "{ gateway: { auth: { mode: \"token\", token: \"short\" } } } // clawsift: ignore[gateway.token_too_short] reason=\"a lab\"\n"
        )],
        ..BASE
    },
    Rule {
        id: "ignore.expired",
        summary: "An ignore has come to its end",
        why: "What it covered is reported again: somebody wanted to look at it anew by that day.",
        remedy: "Mend what it covered, or give a new date if the reason still holds.",
        bad: &[config!(
            "{ gateway: {\n  // clawsift: ignore[gateway.token_too_short] reason=\"until the move\" until=«2026-11-30»\n  auth: { mode: \"token\", token: \"short\" },\n} }\n"
        )],
        good: &[config!(
            "{ gateway: {\n  // clawsift: ignore[gateway.token_too_short] reason=\"until the move\" until=2026-12-01\n  auth: { mode: \"token\", token: \"short\" },\n} }\n"
        )],
        ..BASE
    },
    Rule {
        id: "ignore.unused",
        summary: "An ignore covers nothing",
        why: "What it covered is gone or has moved, so it stands ready to hide the next weakness that nobody decided about.",
        remedy: "Remove it, or move it to the line before what it is to cover.",
        bad: &[
            config!(
                "{\n  // clawsift: ignore[«gateway.token_too_short»] reason=\"a lab\"\n  gateway: { bind: \"loopback\" },\n}\n"
            ),
            config!(
                "{ gateway: { auth: {\n  // clawsift: ignore[gateway.token_too_short, «gateway.bind_no_auth»] reason=\"a lab\"\n  mode: \"token\", token: \"short\",\n} } }\n"
            ),
        ],
        good: &[config!(
            "{ gateway: { auth: {\n  // clawsift: ignore[gateway] reason=\"a lab\"\n  mode: \"token\", token: \"short\",\n} } }\n"
        )],
        ..BASE
    },
    Rule {
        id: "ignore.not_trusted",
        summary: "An ignore or a suppression does not count here",
        why: "What a stranger brings, or a change adds while only the base is trusted, could hide what it does itself.",
        remedy: "Read what it wants to hide. If you agree, write it into the settings, or have it in the base.",
        bad: &[Example::files(&[(
            "plugins/demo/openclaw.plugin.json",
            "{\n  // «clawsift: ignore[plugins] reason=\"trust me\"»\n  \"id\": \"demo\",\n}\n",
        )])],
        good: &[Example::files(&[(
            ".mcp.json",
            "{\n  // clawsift: ignore[mcp] reason=\"ours\"\n  \"mcpServers\": {},\n}\n",
        )])],
        ..BASE
    },
];
