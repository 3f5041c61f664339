//! What a configuration of ClosedClaw asks of the signatures of skills.

use crate::config;
use crate::rule::prelude::*;

/// What these rules have in common.
const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    versions: Versions::CLOSEDCLAW,
    scope: Scope::Signatures,
    cwe: &[347],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.signature.not_required",
        summary: "Skills need no signature",
        profiles: Profiles::STRICT,
        why: "By default ClosedClaw asks for a confirmation before it installs an unsigned skill, and people confirm.",
        remedy: "Set skills.security.requireSignature to true, and minTrustLevel to \"full\".",
        repair: Repair::Set(Safety::Unsafe, &[("skills.security.requireSignature", "true")]),
        bad: &[
            config!(r"{ skills: { security: { requireSignature: «false» } } }").on_closedclaw(),
            config!(r#"{ skills: { «security»: { minTrustLevel: "full" } } }"#).on_closedclaw(),
        ],
        good: &[config!(r"{ skills: { security: { requireSignature: true } } }").on_closedclaw()],
        check: Check::Config(not_required),
        ..BASE
    },
    Rule {
        id: "skills.signature.prompt_disabled",
        summary: "Unsigned skills are installed without a question",
        severity: Severity::Warn,
        why: "With promptOnUnsigned off and requireSignature not on, an unsigned skill is installed with a line in the console and nothing else.",
        remedy: "Remove skills.security.promptOnUnsigned, or set requireSignature to true.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(r"{ skills: { security: { promptOnUnsigned: «false» } } }").on_closedclaw()],
        good: &[
            config!(r"{ skills: { security: { promptOnUnsigned: false, requireSignature: true } } }").on_closedclaw(),
            config!(r"{ skills: { security: { promptOnUnsigned: true } } }").on_closedclaw(),
        ],
        check: Check::Config(prompt_disabled),
        ..BASE
    },
];

fn not_required(config: &Config, report: &mut Report) {
    let required = config.at("skills.security.requireSignature");
    if !required.is_true() && !required.is_unknown() {
        report.at(required.place(), "skills.security.requireSignature is not true");
    }
}

fn prompt_disabled(config: &Config, report: &mut Report) {
    let prompt = config.at("skills.security.promptOnUnsigned");
    if prompt.is_false() && !config.at("skills.security.requireSignature").is_true() {
        report.at(prompt.place(), "skills.security.promptOnUnsigned is false and requireSignature is not true");
    }
}
