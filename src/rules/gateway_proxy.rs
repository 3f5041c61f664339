//! Authentication left to a reverse proxy.

use crate::config;
use crate::model::auth::Mode;
use crate::rule::prelude::*;

const PROXY: &[&str] = &["https://docs.openclaw.ai/gateway/trusted-proxy-auth"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.trusted_proxy_auth",
        summary: "The gateway leaves authentication to a reverse proxy",
        severity: Severity::Critical,
        regular: Some(Severity::Info),
        versions: Versions::OPENCLAW,
        links: PROXY,
        cwe: &[287],
        why: "The gateway believes the identity header of every request that comes from a trusted address. The proxy must \
              authenticate, remove that header from what clients send, and be the only way in.",
        remedy: "Confirm all three; if you cannot, set gateway.auth.mode to \"token\".",
        bad: &[config!(
            r#"{ gateway: { trustedProxies: ["10.0.0.2"], auth: { mode: «"trusted-proxy"», trustedProxy: { userHeader: "x-user", allowUsers: ["a@b.c"] } } } }"#
        )],
        good: &[config!(
            r#"{ gateway: { trustedProxies: ["10.0.0.2"], auth: { mode: "token", trustedProxy: { userHeader: "x-user" } } } }"#
        )],
        check: Check::Config(trusted_proxy_auth),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxy_no_proxies",
        summary: "The gateway trusts a proxy's identity header but names no proxy",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        links: PROXY,
        cwe: &[290],
        why: "Without addresses there is nothing to tell the proxy from anybody else: either nobody gets in, or everybody \
              who sends the header.",
        remedy: "List the addresses of the proxy in gateway.trustedProxies.",
        repair: Repair::Set(Safety::Manual, &[("gateway.trustedProxies", r#"["<address of the proxy>"]"#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: «"trusted-proxy"» } } }"#),
            config!(r#"{ gateway: { «trustedProxies»: [], auth: { mode: "trusted-proxy" } } }"#),
        ],
        good: &[
            config!(r#"{ gateway: { trustedProxies: ["${PROXY_IP}"], auth: { mode: "trusted-proxy" } } }"#),
            config!(r#"{ gateway: { trustedProxies: [], auth: { mode: "token" } } }"#),
        ],
        check: Check::Config(no_proxies),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxy_no_user_header",
        summary: "The gateway trusts a proxy but does not know its identity header",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        links: PROXY,
        cwe: &[287],
        why: "Without the header's name no request carries an identity, so the users cannot be told apart or refused.",
        remedy: "Set gateway.auth.trustedProxy.userHeader to the header that the proxy sets, such as \"x-forwarded-user\".",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.trustedProxy.userHeader", r#""<name of the header>""#)]),
        bad: &[
            config!(r#"{ gateway: { trustedProxies: ["10.0.0.2"], auth: { mode: «"trusted-proxy"» } } }"#),
            config!(r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { userHeader: «""» } } } }"#),
        ],
        good: &[config!(
            r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { userHeader: "${HEADER}" } } } }"#
        )],
        check: Check::Config(no_user_header),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxy_no_allowlist",
        summary: "Every user that the proxy knows may drive the agent",
        versions: Versions::OPENCLAW,
        links: PROXY,
        cwe: &[862],
        why: "A proxy usually serves a whole organisation; without a list each of its users is an operator of this agent.",
        remedy: "List the permitted users in gateway.auth.trustedProxy.allowUsers.",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.trustedProxy.allowUsers", r#"["<user>"]"#)]),
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "trusted-proxy", «trustedProxy»: { userHeader: "x-user" } } } }"#),
            config!(r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { «allowUsers»: [] } } } }"#),
        ],
        good: &[config!(
            r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { allowUsers: ["${OPERATOR}"] } } } }"#
        )],
        check: Check::Config(no_allowlist),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxy_allow_loopback",
        summary: "Local processes may claim any identity",
        versions: Versions::since(V2026_5),
        links: PROXY,
        cwe: &[290],
        why: "With loopback allowed, any process of the host can send the identity header itself and pass for any user.",
        remedy: "Remove gateway.auth.trustedProxy.allowLoopback unless the proxy runs on this very host.",
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[config!(r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { allowLoopback: «true» } } } }"#)],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { allowLoopback: false } } } }"#),
            config!(r#"{ gateway: { auth: { token: "${T}", trustedProxy: { allowLoopback: true } } } }"#),
        ],
        check: Check::Config(allow_loopback),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxy_device_auto_approve",
        summary: "Devices of proxy users are paired without anybody looking",
        versions: Versions::since(V2026_9),
        links: PROXY,
        cwe: &[862],
        why: "Everybody who gets past the proxy can register a device that keeps its own access to the gateway.",
        remedy: "Set gateway.auth.trustedProxy.deviceAutoApprove.enabled to false and approve devices by hand.",
        repair: Repair::Write(Safety::Safe, "false"),
        bad: &[config!(
            r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { deviceAutoApprove: { enabled: «true» } } } } }"#
        )],
        good: &[
            config!(
                r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { deviceAutoApprove: { scopes: ["operator.read"] } } } } }"#
            ),
            config!(
                r#"{ gateway: { auth: { mode: "token", token: "${T}", trustedProxy: { deviceAutoApprove: { enabled: true } } } } }"#
            ),
        ],
        check: Check::Config(device_auto_approve),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxy_device_auto_approve_admin",
        summary: "Devices of proxy users become administrators without anybody looking",
        severity: Severity::Critical,
        versions: Versions::since(V2026_9),
        links: PROXY,
        cwe: &[269],
        why: "Every user of the proxy can register a device with the administrator scope, and with it change the \
              configuration and every other pairing.",
        remedy: "Remove \"operator.admin\" from gateway.auth.trustedProxy.deviceAutoApprove.scopes.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(
            r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { deviceAutoApprove: { enabled: true, scopes: ["operator.read", «" operator.admin "»] } } } } }"#
        )],
        good: &[
            config!(
                r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { deviceAutoApprove: { enabled: false, scopes: ["operator.admin"] } } } } }"#
            ),
            config!(
                r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { deviceAutoApprove: { enabled: true, scopes: ["operator.administrate"] } } } } }"#
            ),
        ],
        check: Check::Config(device_auto_approve_admin),
        ..Rule::DEFAULT
    },
];

/// The block that describes the proxy's identity header, when the mode makes use of it.
fn block(config: &Config) -> Option<Found<'_>> {
    let gateway = config.gateway();
    let used = gateway.mode == Mode::TrustedProxy && gateway.is_served();
    used.then(|| config.at("gateway.auth.trustedProxy"))
}

/// The place of a key, or of the mode that asks for it when neither the key nor its block is there.
fn place_or_mode(config: &Config, key: &Found<'_>, written: bool) -> Place {
    if written { key.place() } else { Place { missing: true, key_path: key.path(), ..mode_place(config) } }
}

fn mode_place(config: &Config) -> Place {
    config.at("gateway.auth.mode").place()
}

fn trusted_proxy_auth(config: &Config, report: &mut Report) {
    if block(config).is_some() {
        report.at(mode_place(config), "gateway.auth.mode is \"trusted-proxy\"");
    }
}

fn no_proxies(config: &Config, report: &mut Report) {
    let proxies = config.at("gateway.trustedProxies");
    if block(config).is_some() && proxies.items().next().is_none() {
        report.at(place_or_mode(config, &proxies, proxies.exists()), "gateway.trustedProxies is empty");
    }
}

fn no_user_header(config: &Config, report: &mut Report) {
    let Some(block) = block(config) else { return };
    let header = block.get("userHeader");
    if !header.truthy() {
        let place = place_or_mode(config, &header, block.exists());
        report.at(place, "gateway.auth.trustedProxy.userHeader is not set");
    }
}

fn no_allowlist(config: &Config, report: &mut Report) {
    let Some(block) = block(config) else { return };
    let users = block.get("allowUsers");
    if users.items().next().is_none() {
        let place = place_or_mode(config, &users, block.exists());
        report.at(place, "gateway.auth.trustedProxy.allowUsers is empty");
    }
}

fn allow_loopback(config: &Config, report: &mut Report) {
    let Some(block) = block(config) else { return };
    let flag = block.get("allowLoopback");
    if flag.is_true() {
        report.at(flag.place(), "gateway.auth.trustedProxy.allowLoopback is true");
    }
}

/// The auto-approval, when it is on.
fn auto_approve(config: &Config) -> Option<Found<'_>> {
    let auto = block(config)?.get("deviceAutoApprove");
    auto.get("enabled").is_true().then_some(auto)
}

fn device_auto_approve(config: &Config, report: &mut Report) {
    if let Some(auto) = auto_approve(config) {
        let place = auto.get("enabled").place();
        report.at(place, "gateway.auth.trustedProxy.deviceAutoApprove.enabled is true");
    }
}

fn device_auto_approve_admin(config: &Config, report: &mut Report) {
    let Some(auto) = auto_approve(config) else { return };
    let scopes = auto.get("scopes");
    let admin = scopes.strings().find(|(scope, _)| scope.trim() == "operator.admin");
    if let Some((_, scope)) = admin {
        report.at(scope.place(), "gateway.auth.trustedProxy.deviceAutoApprove.scopes holds \"operator.admin\"");
    }
}
