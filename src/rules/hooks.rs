//! Webhooks that start agent turns.

use crate::config;
use crate::model::auth::{Mode, TOKEN_VARIABLE, variable_of};
use crate::rule::prelude::*;
use crate::secret::{self, Placeholder};

const HOOKS: &[&str] = &["https://docs.openclaw.ai/automation/webhook"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "hooks.token_too_short",
        summary: "The webhook token is short enough to guess",
        links: HOOKS,
        cwe: &[521],
        why: "Whoever guesses the token starts agent turns with text of their own.",
        remedy: "Use 32 random bytes from the environment, such as \"${OPENCLAW_HOOKS_TOKEN}\".",
        repair: Repair::Set(Safety::Manual, &[("hooks.token", r#""${OPENCLAW_HOOKS_TOKEN}""#)]),
        bad: &[config!(r#"{ hooks: { enabled: true, token: «"Vx9-kQ2_mN7-pL4_rT8-wY3"» } }"#)],
        good: &[
            config!(r#"{ hooks: { enabled: true, token: "Vx9-kQ2_mN7-pL4_rT8-wY3_" } }"#),
            config!(r#"{ hooks: { enabled: false, token: "short" } }"#),
            config!(r#"{ hooks: { enabled: true, token: "${T}" } }"#),
            config!("{ hooks: { enabled: true } }"),
        ],
        check: Check::Config(token_too_short),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.token_reuse_gateway_token",
        summary: "The webhook token is also the gateway's credential",
        severity: Severity::Critical,
        links: HOOKS,
        cwe: &[1391],
        why: "Every service that may call a webhook then also holds the key to the whole gateway, and webhook tokens travel \
              in URLs and third-party settings.",
        remedy: "Give hooks.token a value or variable of its own, and replace the gateway's credential.",
        repair: Repair::Set(Safety::Manual, &[("hooks.token", r#""${OPENCLAW_HOOKS_TOKEN}""#)]),
        bad: &[
            config!(
                r#"{ gateway: { auth: { token: "q7Zt9mWc4LrX2vKp8NsD5hYb" } }, hooks: { enabled: true, token: «" q7Zt9mWc4LrX2vKp8NsD5hYb "» } }"#
            ),
            config!(r#"{ gateway: { auth: { token: "${TOKEN}" } }, hooks: { enabled: true, token: «"${TOKEN}"» } }"#),
            config!(r#"{ hooks: { enabled: true, token: «"${OPENCLAW_GATEWAY_TOKEN}"» } }"#),
            config!(
                r#"{ gateway: { auth: { mode: "password", password: { source: "env", provider: "default", id: "PW" } } }, hooks: { enabled: true, token: «"${PW}"» } }"#
            )
            .on(V2026_5),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { token: "${A}" } }, hooks: { enabled: true, token: "${B}" } }"#),
            config!(r#"{ gateway: { auth: { token: "${A}" } }, hooks: { enabled: false, token: "${A}" } }"#),
            config!(r#"{ gateway: { auth: { mode: "token" } }, hooks: { enabled: true } }"#),
            config!(r#"{ gateway: { auth: { token: "" } }, hooks: { enabled: true, token: "" } }"#),
        ],
        check: Check::Config(token_reuse),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.path_root",
        summary: "Webhooks answer at the root of the gateway",
        severity: Severity::Critical,
        links: HOOKS,
        cwe: &[1188],
        why: "At \"/\" the webhook endpoint swallows every path of the gateway and is found by anybody who scans it.",
        remedy: "Set hooks.path to \"/hooks\" and change the senders.",
        repair: Repair::Write(Safety::Unsafe, r#""/hooks""#),
        bad: &[config!(r#"{ hooks: { enabled: true, path: «" / "» } }"#)],
        good: &[
            config!(r#"{ hooks: { enabled: true, path: "//" } }"#),
            config!(r#"{ hooks: { path: "/" } }"#),
            config!("{ hooks: { enabled: true } }"),
        ],
        check: Check::Config(path_root),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.default_session_key_unset",
        summary: "Webhook calls get a session that nobody chose",
        versions: Versions::OPENCLAW,
        links: HOOKS,
        cwe: &[1188],
        why: "Without a fixed key each call opens a session of its own, so webhook traffic is hard to follow, limit or \
              clean up.",
        remedy: "Set hooks.defaultSessionKey, such as \"hook:ingress\".",
        repair: Repair::Set(Safety::Safe, &[("hooks.defaultSessionKey", r#""hook:ingress""#)]),
        bad: &[
            config!(r#"{ «hooks»: { enabled: true, token: "${T}" } }"#),
            config!(r#"{ hooks: { enabled: true, defaultSessionKey: «" "» } }"#),
        ],
        good: &[
            config!(r#"{ hooks: { enabled: true, defaultSessionKey: "${KEY}" } }"#),
            config!(r#"{ hooks: { token: "${T}" } }"#),
        ],
        check: Check::Config(default_session_key),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.allowed_agent_ids_unrestricted",
        summary: "A webhook call may choose any agent",
        severity: Severity::Critical,
        versions: Versions::since(V2026_5),
        also: Some(Versions::OPENCLAW),
        links: HOOKS,
        cwe: &[862],
        why: "The caller names the agent that answers, and so picks the one with the most tools.",
        remedy: "List the agents for webhooks in hooks.allowedAgentIds.",
        bad: &[
            config!("{ «hooks»: { enabled: true }, agents: { entries: { a: {}, b: { default: true } } } }"),
            config!(r#"{ hooks: { enabled: true, allowedAgentIds: ["a", «" * "»] }, agents: { list: [{ id: "a" }] } }"#),
        ],
        good: &[
            config!("{ hooks: { enabled: true, allowedAgentIds: [] } }"),
            config!(r#"{ hooks: { enabled: true, allowedAgentIds: ["main"] } }"#),
            config!("{ hooks: { enabled: false } }"),
        ],
        check: Check::Config(allowed_agent_ids),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.request_session_key_enabled",
        summary: "A webhook call may choose the session it writes to",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        links: HOOKS,
        cwe: &[639],
        why: "The caller can name the session of a person and put words into that conversation.",
        remedy: "Remove hooks.allowRequestSessionKey.",
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[
            config!("{ hooks: { enabled: true, allowRequestSessionKey: «true» } }"),
            config!(r#"{ gateway: { tailscale: { mode: "serve" } }, hooks: { enabled: true, allowRequestSessionKey: «true» } }"#)
                .on(V2026_2),
        ],
        good: &[
            config!("{ hooks: { enabled: true, allowRequestSessionKey: false } }"),
            config!("{ hooks: { allowRequestSessionKey: true } }"),
        ],
        check: Check::Config(request_session_key),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.request_session_key_prefixes_missing",
        summary: "The session that a webhook call chooses is not limited to a prefix",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        links: HOOKS,
        cwe: &[639],
        why: "Without prefixes every session can be named, those of people and of other agents included.",
        remedy: "Set hooks.allowedSessionKeyPrefixes, such as [\"hook:\"].",
        repair: Repair::Set(Safety::Safe, &[("hooks.allowedSessionKeyPrefixes", r#"["hook:"]"#)]),
        bad: &[
            config!("{ hooks: { enabled: true, allowRequestSessionKey: «true» } }"),
            config!(r#"{ hooks: { enabled: true, allowRequestSessionKey: true, «allowedSessionKeyPrefixes»: ["  "] } }"#),
        ],
        good: &[
            config!(r#"{ hooks: { enabled: true, allowRequestSessionKey: true, allowedSessionKeyPrefixes: ["${P}"] } }"#),
            config!("{ hooks: { enabled: true, allowedSessionKeyPrefixes: [] } }"),
        ],
        check: Check::Config(session_key_prefixes),
        ..Rule::DEFAULT
    },
];

/// Are webhooks on?
fn on(config: &Config) -> bool {
    config.at("hooks.enabled").is_true()
}

/// Critical where others can reach the endpoint, else a warning.
fn severity(config: &Config) -> Severity {
    if config.gateway().is_exposed() { Severity::Critical } else { Severity::Warn }
}

fn token_too_short(config: &Config, report: &mut Report) {
    let token = config.at("hooks.token");
    let (true, Some(text)) = (on(config), token.str().map(str::trim)) else { return };
    let length = text.encode_utf16().count();
    let reference = token.is_reference() || secret::placeholder(text) == Some(Placeholder::Reference);
    // Ours does not measure a reference.
    if length == 0 || length >= 24 || !config.upstream() && reference {
        return;
    }
    report.at(token.place(), format!("hooks.token has {length} characters, fewer than 24"));
}

fn token_reuse(config: &Config, report: &mut Report) {
    let token = config.at("hooks.token");
    if !on(config) || token.text().is_none_or(|text| text.text.trim().is_empty()) {
        return;
    }
    let gateway = config.gateway();
    let value = token.str().map(str::trim);
    let message = "hooks.token and the gateway's credential are the same";
    if config.upstream() {
        let secret = match gateway.mode {
            Mode::Token if gateway.token.value.is_some() => gateway.token.value,
            Mode::Password | Mode::TrustedProxy if config.since(V2026_9) => gateway.password.value,
            _ if config.since(V2026_9) => None,
            _ => config.env.get(TOKEN_VARIABLE).map(str::trim),
        };
        if secret.is_some() && secret == value {
            report.at(token.place(), message);
        }
        return;
    }
    let variable = variable_of(&token);
    if variable == Some(TOKEN_VARIABLE) && !gateway.token.found.exists() {
        report.at(token.place(), "hooks.token is OPENCLAW_GATEWAY_TOKEN, the gateway's own token");
        return;
    }
    for credential in [&gateway.token, &gateway.password] {
        let same_value = credential.value.is_some() && credential.value == value;
        let same_variable = variable.is_some() && variable_of(&credential.found) == variable;
        if same_value || same_variable {
            report.at(token.place(), message).related(&credential.found.place(), "the gateway's credential");
            return;
        }
    }
}

fn path_root(config: &Config, report: &mut Report) {
    let path = config.at("hooks.path");
    if on(config) && path.str().is_some_and(|path| path.trim() == "/") {
        report.at(path.place(), "hooks.path is \"/\"");
    }
}

fn default_session_key(config: &Config, report: &mut Report) {
    let key = config.at("hooks.defaultSessionKey");
    if on(config) && key.text().is_none_or(|text| text.text.trim().is_empty()) {
        report.at(key.place(), "hooks.defaultSessionKey is not set");
    }
}

fn allowed_agent_ids(config: &Config, report: &mut Report) {
    let ids = config.at("hooks.allowedAgentIds");
    let star = ids.strings().find(|(id, _)| id.trim() == "*");
    if !on(config) || ids.is_list() && star.is_none() {
        return;
    }
    let (place, message) = match star {
        Some((_, star)) => (star.place(), "hooks.allowedAgentIds holds \"*\""),
        None => (ids.place(), "hooks.allowedAgentIds is not set"),
    };
    // With a single agent there is nothing to choose yet.
    let choice = config.upstream() || config.agents().len() > 1;
    let severity = if choice { severity(config) } else { Severity::Info };
    // Which of several agents webhooks may reach is for the owner to say.
    let agents = config.agents();
    let (safety, id) = match agents.as_slice() {
        [] => (Safety::Unsafe, "main".to_owned()),
        [one] => (Safety::Safe, one.id.to_string()),
        _ => (Safety::Manual, "<agent id>".to_owned()),
    };
    let title = format!("Set hooks.allowedAgentIds to [\"{id}\"]");
    report.at(place, message).severity(severity).fix(safety, title, [ids.set(vec![id])]);
}

fn request_session_key(config: &Config, report: &mut Report) {
    let flag = config.at("hooks.allowRequestSessionKey");
    if on(config) && flag.is_true() {
        report.at(flag.place(), "hooks.allowRequestSessionKey is true").severity(severity(config));
    }
}

fn session_key_prefixes(config: &Config, report: &mut Report) {
    let flag = config.at("hooks.allowRequestSessionKey");
    let prefixes = config.at("hooks.allowedSessionKeyPrefixes");
    let limited = prefixes.items().any(|item| item.text().is_some_and(|text| !text.text.trim().is_empty()));
    if !on(config) || !flag.is_true() || limited {
        return;
    }
    let place = if prefixes.exists() {
        prefixes.place()
    } else {
        Place { missing: true, key_path: prefixes.path(), ..flag.place() }
    };
    report.at(place, "hooks.allowedSessionKeyPrefixes names no prefix").severity(severity(config));
}
