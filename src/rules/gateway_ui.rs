//! The Control UI: which web pages may drive the gateway, and as whom.

use crate::config;
use crate::rule::prelude::*;

const UI: &[&str] = &["https://docs.openclaw.ai/web/control-ui"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.control_ui.allowed_origins_required",
        summary: "The Control UI of a reachable gateway names no origin",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        links: UI,
        cwe: &[346, 942],
        why: "Without a list of origins the gateway cannot tell its own page from a stranger's; newer releases refuse to \
              start like this.",
        remedy: "List the exact https origins in gateway.controlUi.allowedOrigins, or set gateway.controlUi.enabled to false.",
        repair: Repair::Set(Safety::Manual, &[("gateway.controlUi.allowedOrigins", r#"["https://<host>"]"#)]),
        bad: &[
            config!(r#"{ gateway: { bind: «"lan"», auth: { token: "${T}" } } }"#),
            config!(r#"{ gateway: { bind: "tailnet", controlUi: { «allowedOrigins»: ["  "] } } }"#),
            config!(r#"{ gateway: { bind: "lan", «controlUi»: { basePath: "/ui" } } }"#),
        ],
        good: &[
            config!(r#"{ gateway: { bind: "lan", controlUi: { allowedOrigins: ["${ORIGIN}"] } } }"#),
            config!(r#"{ gateway: { bind: "lan", controlUi: { enabled: false } } }"#),
            config!(r#"{ gateway: { bind: "lan", controlUi: { dangerouslyAllowHostHeaderOriginFallback: true } } }"#),
            config!(r#"{ gateway: { bind: "loopback" } }"#),
        ],
        check: Check::Config(origins_required),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.control_ui.allowed_origins_wildcard",
        summary: "Any web page may use the Control UI's connection",
        severity: Severity::Critical,
        versions: Versions::since(V2026_5),
        links: UI,
        cwe: &[942],
        why: "A page that the operator merely visits can open a connection to the gateway with the operator's credentials.",
        remedy: "Replace \"*\" with exact origins in gateway.controlUi.allowedOrigins.",
        bad: &[
            config!(r#"{ gateway: { controlUi: { allowedOrigins: ["https://a.example", «" * "»] } } }"#),
            config!(r#"{ gateway: { bind: "lan", controlUi: { allowedOrigins: [«"*"»] } } }"#).on(V2026_5),
        ],
        good: &[config!(r#"{ gateway: { controlUi: { allowedOrigins: ["https://*.example.com"] } } }"#)],
        check: Check::Config(origins_wildcard),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.control_ui.host_header_origin_fallback",
        summary: "The gateway accepts any origin that matches the Host header",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        links: UI,
        cwe: &[346, 350],
        why: "The caller chooses the Host header, so a page on a rebound DNS name passes for the gateway's own page.",
        remedy: "Remove gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback and list the origins instead.",
        repair: Repair::Remove(Safety::Manual),
        bad: &[
            config!("{ gateway: { controlUi: { dangerouslyAllowHostHeaderOriginFallback: «true» } } }"),
            config!(r#"{ gateway: { bind: "lan", controlUi: { dangerouslyAllowHostHeaderOriginFallback: «true» } } }"#),
        ],
        good: &[config!("{ gateway: { controlUi: { dangerouslyAllowHostHeaderOriginFallback: false } } }")],
        check: Check::Config(host_header_fallback),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.control_ui.insecure_auth",
        summary: "The Control UI works over plain HTTP without a device identity",
        severity: Severity::Critical,
        versions: Versions::range(V2026_2, V2026_5).and_closedclaw(),
        links: UI,
        cwe: &[319],
        why: "Over plain HTTP a browser cannot keep a device key, so the token alone is enough and travels in the clear.",
        remedy: "Remove gateway.controlUi.allowInsecureAuth and use HTTPS or localhost.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!("{ gateway: { controlUi: { allowInsecureAuth: «true» } } }").on(V2026_5),
            config!("{ gateway: { controlUi: { allowInsecureAuth: «true» } } }").on_closedclaw(),
        ],
        good: &[config!("{ gateway: { controlUi: { allowInsecureAuth: false } } }").on(V2026_5)],
        check: Check::Config(insecure_auth),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.control_ui.device_auth_disabled",
        summary: "The Control UI does not ask for a paired device",
        severity: Severity::Critical,
        versions: Versions::range(V2026_2, V2026_5).and_closedclaw(),
        also: Some(Versions::ALL),
        links: UI,
        cwe: &[306],
        why: "The token alone then opens the Control UI from any machine; a leaked token is a full takeover.",
        remedy: "Remove gateway.controlUi.dangerouslyDisableDeviceAuth.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!("{ gateway: { controlUi: { dangerouslyDisableDeviceAuth: «true» } } }").on(V2026_2),
            config!("{ gateway: { controlUi: { dangerouslyDisableDeviceAuth: «true» } } }"),
        ],
        good: &[config!("{ gateway: { controlUi: { dangerouslyDisableDeviceAuth: false } } }").on(V2026_2)],
        check: Check::Config(device_auth_disabled),
        ..Rule::DEFAULT
    },
];

fn origins_required(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let origins = config.at("gateway.controlUi.allowedOrigins");
    let named = origins.items().any(|item| item.text().is_some_and(|text| !text.text.trim().is_empty()));
    let fallback = config.at("gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback").is_true();
    if !gateway.is_reachable() || !gateway.is_served() || !gateway.has_control_ui() || named || fallback {
        return;
    }
    let section = config.at("gateway.controlUi");
    let place = if section.exists() {
        origins.place()
    } else {
        Place { missing: true, key_path: origins.path(), ..gateway.bind.place() }
    };
    report.at(place, "gateway.controlUi.allowedOrigins names no origin and the gateway listens beyond this machine");
}

/// Critical where other machines can connect, else a warning.
fn severity(config: &Config) -> Severity {
    if config.gateway().is_reachable() { Severity::Critical } else { Severity::Warn }
}

fn origins_wildcard(config: &Config, report: &mut Report) {
    let origins = config.at("gateway.controlUi.allowedOrigins");
    if let Some((_, star)) = origins.strings().find(|(origin, _)| origin.trim() == "*") {
        let said = report.at(star.place(), "gateway.controlUi.allowedOrigins holds \"*\"").severity(severity(config));
        // Without any origin the gateway would not start.
        if origins.strings().any(|(origin, _)| origin.trim() != "*") {
            said.fix(Safety::Safe, "Remove \"*\" from gateway.controlUi.allowedOrigins", [star.remove()]);
        }
    }
}

fn host_header_fallback(config: &Config, report: &mut Report) {
    let flag = config.at("gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback");
    if flag.is_true() {
        let message = "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback is true";
        report.at(flag.place(), message).severity(severity(config));
    }
}

fn insecure_auth(config: &Config, report: &mut Report) {
    let flag = config.at("gateway.controlUi.allowInsecureAuth");
    if flag.is_true() {
        let severity = if config.dialect.is_fork() { Severity::Critical } else { Severity::Warn };
        report.at(flag.place(), "gateway.controlUi.allowInsecureAuth is true").severity(severity);
    }
}

fn device_auth_disabled(config: &Config, report: &mut Report) {
    let flag = config.at("gateway.controlUi.dangerouslyDisableDeviceAuth");
    if !flag.is_true() {
        return;
    }
    let name = "gateway.controlUi.dangerouslyDisableDeviceAuth";
    if config.since(V2026_9) {
        let message = format!("{name} is true, which this release ignores and an older one would obey");
        report.at(flag.place(), message).severity(Severity::Info);
    } else {
        report.at(flag.place(), format!("{name} is true"));
    }
}
