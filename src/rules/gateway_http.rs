//! What the gateway's HTTP interface lets a caller do.

use crate::config;
use crate::model::auth::{Gateway, Mode, Tailscale};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.http.no_auth",
        summary: "The gateway's HTTP interface asks for no credential",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        cwe: &[306],
        why: "A plain HTTP request, also one that a web page makes, can then run tools or start agent turns.",
        remedy: "Set gateway.auth.mode to \"token\" or \"password\" with a credential from a secret reference.",
        repair: Repair::Set(Safety::Unsafe, &[("gateway.auth.mode", r#""token""#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: «"none"» } } }"#),
            config!(r#"{ gateway: { bind: "lan", auth: { mode: «"none"» } } }"#).on(V2026_2),
            config!(r#"{ gateway: { controlUi: { enabled: false }, auth: { mode: «"token"» } } }"#),
            config!("{ «gateway»: { http: { endpoints: { responses: { enabled: true } } } } }"),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { token: { source: "file", provider: "f", id: "/gw" } } } }"#),
            config!(r#"{ gateway: { auth: { mode: "password", password: "${P}" }, bind: "lan" } }"#),
            config!(r#"{ gateway: { auth: { mode: "${MODE}" } } }"#),
            // One missing credential is one finding: gateway.loopback_no_auth has it.
            config!("{ }"),
        ],
        check: Check::Config(no_auth),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.http.session_key_override_enabled",
        summary: "HTTP callers may choose the session they talk to",
        severity: Severity::Info,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[639],
        why: "Whoever holds the HTTP credential can name any session key and so read and continue any conversation.",
        remedy: "Treat everyone who holds the HTTP credential as an operator, or disable the endpoint.",
        bad: &[
            config!("{ gateway: { http: { endpoints: { chatCompletions: { enabled: «true» } } } } }"),
            config!(
                "{ gateway: { http: { endpoints: { chatCompletions: { enabled: false }, responses: { enabled: «true» } } } } }"
            ),
        ],
        good: &[config!("{ gateway: { http: { endpoints: { chatCompletions: { enabled: false } } } } }")],
        check: Check::Config(session_key_override),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.tools_invoke_http.dangerous_allow",
        summary: "HTTP callers may run a tool that is denied to them by default",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        cwe: &[749, 250],
        why: "These tools run commands, change files, schedule work or steer other sessions; over HTTP nobody watches.",
        remedy: "Remove the names from gateway.tools.allow.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ gateway: { tools: { allow: [«" Exec "», "web_search", «"GATEWAY"»] } } }"#),
            config!(r#"{ gateway: { tools: { allow: [«"cron"», «"automations"»] } } }"#),
            config!(r#"{ gateway: { tailscale: { mode: "funnel" }, tools: { allow: [«"sessions_spawn"»] } } }"#)
                .on(V2026_2),
        ],
        good: &[
            config!(r#"{ gateway: { tools: { allow: ["web_search", "*"], deny: ["exec"] } } }"#),
            config!(r#"{ gateway: { tools: { allow: ["whatsapp_login"] } } }"#),
            config!(r#"{ gateway: { tools: { allow: ["exec"] } } }"#).on(V2026_2),
        ],
        check: Check::Config(dangerous_allow),
        ..Rule::DEFAULT
    },
];

fn no_auth(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let lacks = if config.upstream() { !gateway.has_http_auth() } else { lacks_auth(config, &gateway) };
    if !lacks {
        return;
    }
    // One missing credential is one critical; gateway.bind_no_auth has it where the port is open.
    let said = !config.upstream() && gateway.is_reachable();
    let severity = if gateway.is_exposed() && !said { Severity::Critical } else { Severity::Warn };
    let endpoints = endpoints(config).join(", ");
    let message = format!("{endpoints} answer without a credential{}", gateway.assumption());
    report.at(config.at("gateway.auth.mode").place(), message).severity(severity);
}

/// Our reading: a credential that we cannot see is one, and a gateway that the rules about the port
/// already report is reported here only when its HTTP interface was opened on purpose.
fn lacks_auth(config: &Config, gateway: &Gateway<'_>) -> bool {
    if !gateway.is_served() || gateway.has_auth() {
        return false;
    }
    let said =
        gateway.is_reachable() || gateway.is_loopback() && gateway.has_control_ui() && !gateway.has_loopback_auth();
    gateway.mode == Mode::None || !said || endpoints(config).len() > 1
}

/// The HTTP endpoints that are on.
fn endpoints(config: &Config) -> Vec<&'static str> {
    let mut on = vec!["/tools/invoke"];
    let mut add = |path, endpoint| {
        if config.at(path).is_true() {
            on.push(endpoint);
        }
    };
    add("gateway.http.endpoints.chatCompletions.enabled", "/v1/chat/completions");
    add("gateway.http.endpoints.responses.enabled", "/v1/responses");
    if config.since(V2026_9) {
        add("plugins.entries.admin-http-rpc.enabled", "/api/v1/admin/rpc");
    }
    on
}

fn session_key_override(config: &Config, report: &mut Report) {
    let chat = config.at("gateway.http.endpoints.chatCompletions.enabled");
    let responses = config.at("gateway.http.endpoints.responses.enabled");
    let mut on = [chat, responses].into_iter().filter(Found::is_true);
    let Some(first) = on.next() else { return };
    let said = report.at(first.place(), format!("{} is true", first.path()));
    if let Some(second) = on.next() {
        said.related(&second.place(), "and so is this one");
    }
}

/// What each release denies over HTTP unless it is allowed by name.
const fn denied_by_default(release: Release) -> &'static [&'static str] {
    match release {
        V2026_2 => &["sessions_spawn", "sessions_send", "cron", "gateway", "whatsapp_login"],
        V2026_5 => &[
            "exec",
            "spawn",
            "shell",
            "fs_write",
            "fs_delete",
            "fs_move",
            "apply_patch",
            "sessions_spawn",
            "sessions_send",
            "cron",
            "gateway",
            "nodes",
        ],
        V2026_9 => &[
            "exec",
            "spawn",
            "shell",
            "fs_write",
            "fs_delete",
            "fs_move",
            "apply_patch",
            "terminal",
            "portal",
            "sessions_spawn",
            "sessions_send",
            "conversations_list",
            "conversations_send",
            "conversations_turn",
            "automations",
            "gateway",
            "plugins",
            "nodes",
            "computer",
            "mobile_ui",
            "openclaw",
        ],
    }
}

fn dangerous_allow(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let denied = denied_by_default(config.dialect.release);
    // One tool under two names; upstream matches the name of the release alone.
    let renamed = |name: &str| !config.upstream() && matches!(name, "cron" | "automations");
    let allow = config.at("gateway.tools.allow");
    let hits = allow.strings().filter_map(|(name, item)| {
        let name = name.trim().to_lowercase();
        let hit = denied.contains(&name.as_str()) || renamed(&name);
        hit.then(|| (item.place(), format!("gateway.tools.allow opens \"{name}\" to HTTP callers")))
    });
    let public = gateway.is_reachable() || gateway.tailscale == Tailscale::Funnel;
    let severity = if public { Severity::Critical } else { Severity::Warn };
    report.several(config, severity, hits);
}
