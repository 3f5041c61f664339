//! Where the gateway listens and who may talk to it.

use crate::config;
use crate::model::auth::{Gateway, Mode, Tailscale};
use crate::rule::prelude::*;

const GATEWAY: &[&str] = &["https://docs.openclaw.ai/gateway/security"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.bind_no_auth",
        summary: "The gateway listens beyond this machine without authentication",
        severity: Severity::Critical,
        cwe: &[306, 1327],
        links: GATEWAY,
        why: "Anybody who can reach the port drives the agent: runs its tools, reads its sessions, sends its messages.",
        remedy: "Set gateway.auth.mode to \"token\" with gateway.auth.token from a secret reference, or gateway.bind to \"loopback\".",
        repair: Repair::Write(Safety::Manual, r#""loopback""#),
        bad: &[
            config!(r#"{ gateway: { bind: «"lan"» } }"#),
            config!(
                r#"{ gateway: { bind: «"tailnet"», auth: { mode: "none", token: "q7Zt9mWc4LrX2vKp8NsD5hYb3FgJ6aUe" } } }"#
            ),
            config!(r#"{ gateway: { bind: «"lan"», auth: { mode: "password", token: "${T}" } } }"#),
            config!(r#"{ gateway: { bind: «"lan"», auth: { token: "  " } } }"#),
            Example::files(&[
                ("a/openclaw.json", r#"{ gateway: { bind: «"lan"» } }"#),
                ("b/.env.example", "OPENCLAW_GATEWAY_TOKEN=\n"),
            ]),
        ],
        good: &[
            config!(r#"{ gateway: { bind: "lan", auth: { token: "${T}" } } }"#),
            config!(
                r#"{ gateway: { bind: "lan", auth: { token: { source: "exec", provider: "vault", id: "gw" } } } }"#
            ),
            config!(r#"{ gateway: { bind: "lan", auth: { mode: "trusted-proxy" } } }"#),
            config!(r#"{ gateway: { bind: "custom", customBindHost: "127.0.0.1" } }"#),
            config!(r#"{ gateway: { bind: "${BIND}" } }"#),
            config!(r#"{ gateway: { mode: "remote", bind: "lan" } }"#),
            config!(r#"{ gateway: { bind: "lan" } }"#).with_env(&[("OPENCLAW_GATEWAY_TOKEN", "x")]),
            Example::files(&[
                ("openclaw.json", r#"{ gateway: { bind: "lan" } }"#),
                ("deploy/docker-compose.yml", "services:\n  gw:\n    environment:\n      - OPENCLAW_GATEWAY_TOKEN\n"),
            ]),
        ],
        check: Check::Config(bind_no_auth),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.loopback_no_auth",
        summary: "The gateway accepts every process and web page of this machine",
        severity: Severity::Critical,
        cwe: &[306],
        links: GATEWAY,
        why: "Any local process, and a web page through a tunnel or a reverse proxy on the same host, can drive the agent. \
              With auth.mode \"none\" that is certain; where no mode and no credential is written a gateway asks for a \
              token all the same, which has to come from somewhere: that is a warning.",
        remedy: "Set gateway.auth.mode to \"token\" and gateway.auth.token to a secret reference such as \"${OPENCLAW_GATEWAY_TOKEN}\".",
        repair: Repair::Set(
            Safety::Manual,
            &[("gateway.auth.mode", r#""token""#), ("gateway.auth.token", r#""${OPENCLAW_GATEWAY_TOKEN}""#)],
        ),
        bad: &[
            config!("«{» }"),
            config!("{ «gateway»: { port: 18789 } }"),
            config!(r#"{ gateway: { auth: { mode: «"none"» } } }"#),
            config!(r#"{ gateway: { «auth»: { token: "" } } }"#),
            config!(r#"{ gateway: { tailscale: { mode: "serve" }, «auth»: { allowTailscale: false } } }"#),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { token: "${T}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "${MODE}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "trusted-proxy" } } }"#).on(V2026_5),
            config!("{ gateway: { controlUi: { enabled: false } } }"),
            config!(r#"{ gateway: { tailscale: { mode: "serve" } } }"#),
            config!(r#"{ gateway: { mode: "remote", remote: { url: "wss://gw.example.com" } } }"#),
            Example::files(&[("openclaw.json", "{ }"), (".env.example", "OPENCLAW_GATEWAY_TOKEN=\n")]),
            Example::files(&[
                ("openclaw.json", "{ }"),
                ("gw.service", "[Service]\nEnvironment=OPENCLAW_GATEWAY_TOKEN=%d/token\n"),
            ]),
        ],
        check: Check::Config(loopback_no_auth),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.trusted_proxies_missing",
        summary: "No reverse proxy is trusted by the gateway",
        confidence: Confidence::Medium,
        links: GATEWAY,
        why: "Behind a reverse proxy on the same host every caller looks local, and checks for local callers let strangers \
              in. Without a proxy there is nothing to do.",
        remedy: "List the addresses of the reverse proxy in gateway.trustedProxies, if there is one.",
        bad: &[
            config!("«{» }"),
            config!("{ gateway: { «trustedProxies»: [] } }"),
            Example::files(&[
                ("openclaw.json", "{ «gateway»: { port: 9000 } }"),
                ("Caddyfile", "gw.example.com {\n  reverse_proxy 127.0.0.1:9000\n}\n"),
            ]),
        ],
        good: &[
            Example::files(&[
                ("openclaw.json", r#"{ gateway: { trustedProxies: ["10.0.0.2"] } }"#),
                (
                    "compose.yml",
                    "services:\n  gw:\n    labels:\n      - traefik.http.services.gw.loadbalancer.server.port=18789\n",
                ),
            ]),
            config!(r#"{ gateway: { trustedProxies: ["127.0.0.1"] } }"#),
            config!("{ gateway: { controlUi: { enabled: false } } }"),
            config!(r#"{ gateway: { bind: "lan", auth: { token: "${T}" } } }"#),
        ],
        check: Check::Config(trusted_proxies_missing),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.real_ip_fallback_enabled",
        summary: "The gateway believes a caller's X-Real-IP header",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        cwe: &[290, 348],
        links: GATEWAY,
        why: "Whoever can set X-Real-IP chooses the address that the gateway sees, and so passes for a local or trusted \
              caller.",
        remedy: "Remove gateway.allowRealIpFallback and let the proxy set X-Forwarded-For.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!("{ gateway: { allowRealIpFallback: «true» } }"),
            config!(r#"{ gateway: { bind: "lan", allowRealIpFallback: «true» } }"#).on(V2026_2),
        ],
        good: &[config!(r#"{ gateway: { allowRealIpFallback: false, trustedProxies: ["10.0.0.1"] } }"#)],
        check: Check::Config(real_ip_fallback),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.tailscale_funnel",
        summary: "Tailscale Funnel puts the gateway on the public internet",
        severity: Severity::Critical,
        cwe: &[668],
        links: GATEWAY,
        why: "Funnel accepts connections from anyone on the internet; one leaked token is then enough to drive the agent.",
        remedy: "Set gateway.tailscale.mode to \"serve\" or \"off\".",
        repair: Repair::Write(Safety::Manual, r#""serve""#),
        bad: &[config!(
            r#"{ gateway: { auth: { mode: "password", password: "${PW}" }, tailscale: { mode: «"funnel"» } } }"#
        )],
        good: &[config!(r#"{ gateway: { tailscale: { mode: "serve" } } }"#)],
        check: Check::Config(tailscale_funnel),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.tailscale_serve",
        summary: "Tailscale Serve publishes the gateway to the tailnet",
        severity: Severity::Info,
        hygiene: true,
        links: GATEWAY,
        why: "Every machine and user of the tailnet can reach the gateway; by default a tailnet identity is enough to log in.",
        remedy: "Keep it if the tailnet is yours alone; else set gateway.auth.allowTailscale to false and use a token.",
        bad: &[config!(r#"{ gateway: { tailscale: { mode: «"serve"» } } }"#)],
        good: &[config!(r#"{ gateway: { tailscale: { mode: "off" } } }"#)],
        check: Check::Config(tailscale_serve),
        ..Rule::DEFAULT
    },
];

fn bind_no_auth(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    if !gateway.is_reachable() || !gateway.is_served() || gateway.has_auth() {
        return;
    }
    let message = format!("gateway.bind is {} and {}", shown(&gateway.bind), lack_of_auth(&gateway));
    let mode = config.at("gateway.auth.mode");
    // Who asks for a token or password and writes none expects it from the environment.
    let severity = if is_asked(config, &gateway) { Severity::Warn } else { Severity::Critical };
    let said = report.at(gateway.bind.place(), message).severity(severity).confidence(certainty(&gateway));
    if mode.exists() {
        said.related(&mode.place(), "the mode that asks for it");
    }
}

fn loopback_no_auth(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let asked = gateway.is_loopback() && gateway.is_served() && gateway.has_control_ui();
    if !asked || gateway.has_loopback_auth() {
        return;
    }
    let message = format!("the Control UI is on and {}", lack_of_auth(&gateway));
    let place = config.at("gateway.auth.mode").place();
    // Nothing written leaves the default, which is to ask for a token: the environment has it, or none gets in.
    let open = config.upstream() || gateway.mode == Mode::None || config.env.is_known();
    let severity = if open { Severity::Critical } else { Severity::Warn };
    report.at(place, message).severity(severity).confidence(certainty(&gateway));
}

/// Is a credential asked for in so many words, and only the environment, which we do not see, can have it?
fn is_asked(config: &Config, gateway: &Gateway<'_>) -> bool {
    let asked = gateway.explicit && matches!(gateway.mode, Mode::Token | Mode::Password);
    asked && !config.upstream() && !config.env.is_known()
}

/// How sure it is that nobody has to prove anything: an environment that we do not see may hold a
/// credential.
fn certainty(gateway: &Gateway<'_>) -> Confidence {
    let stated = matches!(gateway.mode, Mode::None | Mode::TrustedProxy);
    if stated || gateway.assumption().is_empty() { Confidence::High } else { Confidence::Medium }
}

/// Why nobody has to prove anything, in words.
fn lack_of_auth(gateway: &Gateway<'_>) -> String {
    let lack = match (gateway.mode, gateway.explicit) {
        (Mode::None, _) => return "gateway.auth.mode is \"none\"".to_owned(),
        (Mode::TrustedProxy, _) => {
            return "gateway.auth.mode \"trusted-proxy\" does not protect local callers".to_owned();
        }
        (Mode::Password, true) => "gateway.auth.mode is \"password\" but no password is set",
        (Mode::Token, true) => "gateway.auth.mode is \"token\" but no token is set",
        _ => "neither gateway.auth.token nor gateway.auth.password is set",
    };
    format!("{lack}{}", gateway.assumption())
}

/// A scalar as it would be written.
fn shown(found: &Found<'_>) -> String {
    found.text().map_or_else(|| "not set".to_owned(), |text| format!("\"{}\"", text.text))
}

fn trusted_proxies_missing(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let proxies = config.at("gateway.trustedProxies");
    let lists = proxies.is_list() && proxies.items().next().is_some();
    if !gateway.is_loopback() || !gateway.is_served() || !gateway.has_control_ui() || lists {
        return;
    }
    if config.upstream() {
        report.at(proxies.place(), "gateway.trustedProxies is empty");
        return;
    }
    let message = "gateway.trustedProxies is empty; that is right unless a reverse proxy forwards to the gateway";
    match reverse_proxy(config, gateway.port()) {
        None => drop(report.at(proxies.place(), message).severity(Severity::Info)),
        Some((path, place)) => {
            let message = format!("gateway.trustedProxies is empty, but {path} forwards to the gateway's port");
            report.at(proxies.place(), message).confidence(Confidence::High).related(&place, "forwards to the gateway");
        }
    }
}

/// A reverse proxy's configuration in the repository that names the port of the gateway: a Caddyfile,
/// one of nginx, or Traefik's labels in a compose file.
fn reverse_proxy(config: &Config, port: u16) -> Option<(&str, Place)> {
    let port = port.to_string();
    config.project.documents.iter().find_map(|document| {
        let label = match document.kind {
            DocumentKind::ReverseProxy => "",
            DocumentKind::Compose => "loadbalancer.server.port",
            _ => return None,
        };
        document.lines().find_map(|(range, line)| {
            let at = line.find(&port)?;
            let (before, after) = (line.get(..at)?, line.get(at + port.len()..)?);
            let whole =
                !before.ends_with(|c: char| c.is_ascii_digit()) && !after.starts_with(|c: char| c.is_ascii_digit());
            let names = if label.is_empty() { before.ends_with(':') } else { before.contains(label) };
            let comment = line.trim_start().starts_with('#');
            let span = document.span(range.start + at..range.start + at + port.len());
            (whole && names && !comment).then(|| (document.path.as_str(), Place::span(span)))
        })
    })
}

fn real_ip_fallback(config: &Config, report: &mut Report) {
    let flag = config.at("gateway.allowRealIpFallback");
    if !flag.is_true() {
        return;
    }
    let gateway = config.gateway();
    let strict = |text: &str| matches!(text.trim(), "127.0.0.1" | "::1" | "127.0.0.1/32" | "::1/128");
    let mut proxies = config.at("gateway.trustedProxies").strings();
    let distant = gateway.mode == Mode::TrustedProxy && proxies.any(|(text, _)| !strict(text));
    let severity = if gateway.is_reachable() || distant { Severity::Critical } else { Severity::Warn };
    report.at(flag.place(), "gateway.allowRealIpFallback is true").severity(severity);
}

fn tailscale_funnel(config: &Config, report: &mut Report) {
    if config.gateway().tailscale == Tailscale::Funnel {
        report.at(config.at("gateway.tailscale.mode").place(), "gateway.tailscale.mode is \"funnel\"");
    }
}

fn tailscale_serve(config: &Config, report: &mut Report) {
    if config.gateway().tailscale == Tailscale::Serve {
        report.at(config.at("gateway.tailscale.mode").place(), "gateway.tailscale.mode is \"serve\"");
    }
}
