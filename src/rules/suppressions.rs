//! Entries of `security.audit.suppressions` that do nothing, or more than they say. They are judged with
//! what they cover (`judge/suppress.rs`), so the table only tells of them.

use crate::config;
use crate::rule::prelude::*;

/// The family of these rules, which no suppression covers.
pub const FAMILY: &str = "suppression";

const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    versions: Versions::only(V2026_9),
    hygiene: true,
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "suppression.unmatched",
        summary: "A suppression of the configuration covers nothing",
        confidence: Confidence::Medium,
        why: "What it covered is gone, so it stands ready to hide the next finding of that id.",
        remedy: "Remove the entry.",
        bad: &[config!(
            r#"{ gateway: { bind: "loopback" }, security: { audit: { suppressions: [{ checkId: «"gateway.token_too_short"», reason: "a lab" }] } } }"#
        )],
        good: &[
            config!(
                r#"{ gateway: { auth: { mode: "token", token: "short" } }, security: { audit: { suppressions: [{ checkId: "gateway.token_too_short", reason: "a lab" }] } } }"#
            ),
            config!(
                r#"{ gateway: {}, security: { audit: { suppressions: [{ checkId: "a.check.of.a.plugin", reason: "a lab" }] } } }"#
            ),
        ],
        ..BASE
    },
    Rule {
        id: "suppression.no_reason",
        summary: "A suppression of the configuration gives no reason",
        why: "Nobody can tell later whether it still holds.",
        remedy: "Add a reason to the entry.",
        bad: &[config!(
            r#"{ gateway: { auth: { mode: "token", token: "short" } }, security: { audit: { suppressions: [{ checkId: «"gateway.token_too_short"» }] } } }"#
        )],
        good: &[config!(
            r#"{ gateway: { auth: { mode: "token", token: "short" } }, security: { audit: { suppressions: [{ checkId: "gateway.token_too_short", reason: "a lab" }] } } }"#
        )],
        ..BASE
    },
    Rule {
        id: "suppression.critical",
        summary: "A suppression of the configuration hides a critical finding",
        severity: Severity::Warn,
        cwe: &[693],
        why: "What must be changed before this runs is not counted any more, by the word of the file that it is about.",
        remedy: "Mend what it hides. If that cannot be, keep the reason true and the entry narrow.",
        bad: &[config!(
            r#"{ gateway: { bind: "lan", auth: { mode: "none" } }, security: { audit: { suppressions: [{ checkId: «"gateway.bind_no_auth"», reason: "a lab" }] } } }"#
        )],
        good: &[config!(
            r#"{ gateway: { auth: { mode: "token", token: "short" } }, security: { audit: { suppressions: [{ checkId: "gateway.token_too_short", reason: "a lab" }] } } }"#
        )],
        ..BASE
    },
];
