//! The browser that the agent drives and how it is reached.

use std::net::IpAddr;

use crate::config;
use crate::model::auth::is_loopback_host;
use crate::rule::prelude::*;

const BROWSER: &[&str] = &["https://docs.openclaw.ai/tools/browser"];

/// Only the first release audits the browser without a plugin; ours does it for all.
const FIRST: Versions = Versions::only(V2026_2).and_closedclaw();

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "browser.control_invalid_config",
        summary: "The address of the browser to drive cannot be used",
        versions: FIRST,
        also: Some(Versions::ALL),
        hygiene: true,
        links: BROWSER,
        why: "Browser control does not start with it, and the checks of its settings do not run.",
        remedy: "Set browser.cdpUrl to an http, https, ws or wss URL.",
        bad: &[
            config!(r#"{ browser: { cdpUrl: «"ftp://x"» } }"#),
            config!(r#"{ browser: { cdpUrl: «"127.0.0.1:9222"» } }"#),
            config!(r#"{ browser: { cdpUrl: «"ws://127.0.0.1:9222"» } }"#).on(V2026_2),
            config!("{ gateway: { port: «65533» } }"),
        ],
        good: &[
            config!(r#"{ browser: { cdpUrl: "wss://chrome.example.com/?token=x" } }"#),
            config!(r#"{ browser: { cdpUrl: "${CDP}" } }"#),
            config!(r#"{ browser: { cdpUrl: " " } }"#),
            config!("{ gateway: { port: 65000 } }"),
        ],
        check: Check::Config(invalid_config),
        ..Rule::DEFAULT
    },
    Rule {
        id: "browser.control_no_auth",
        summary: "Browser control asks for no credential",
        severity: Severity::Critical,
        versions: Versions::only(V2026_2),
        also: Some(Versions::OPENCLAW),
        links: BROWSER,
        cwe: &[306],
        why: "Any local process, and a web page in the driven browser, can then drive that browser with its logged-in \
              sessions.",
        remedy: "Set gateway.auth.token or gateway.auth.password from a secret reference; browser control uses the same.",
        repair: Repair::Set(Safety::Manual, &[("gateway.auth.token", r#""${OPENCLAW_GATEWAY_TOKEN}""#)]),
        bad: &[
            config!("{ browser: { enabled: «true» } }"),
            config!(r#"{ gateway: { auth: { mode: "none" } }, «browser»: { headless: true } }"#),
        ],
        good: &[
            config!("{ }"),
            config!("{ browser: { enabled: false } }"),
            config!(r#"{ browser: { enabled: true }, gateway: { auth: { token: "${T}" } } }"#),
            config!(r#"{ browser: { enabled: true }, gateway: { auth: { mode: "token", password: "${P}" } } }"#)
                .on(V2026_2),
        ],
        check: Check::Config(control_no_auth),
        ..Rule::DEFAULT
    },
    Rule {
        id: "browser.remote_cdp_http",
        summary: "A browser on another machine is driven over plain HTTP",
        versions: FIRST,
        also: Some(Versions::ALL),
        links: BROWSER,
        cwe: &[319],
        why: "Everybody on the way can read what the browser shows, cookies included, and send it commands.",
        remedy: "Use an https or wss address, or a tunnel to a loopback address.",
        bad: &[
            config!(r#"{ browser: { profiles: { remote: { cdpUrl: «"http://example.com:9222"» } } } }"#),
            config!(r#"{ browser: { cdpUrl: «"http://10.0.0.7:9222"» } }"#),
            config!(r#"{ browser: { cdpUrl: «"ws://chrome:3000"» } }"#),
        ],
        good: &[
            config!(
                r#"{ browser: { cdpUrl: "http://127.0.0.1:9222", profiles: { a: { cdpUrl: "http://[::1]:1" } } } }"#
            ),
            config!(r#"{ browser: { cdpUrl: "https://example.com" } }"#),
            config!(r#"{ browser: { enabled: false, cdpUrl: "http://example.com:9222" } }"#),
        ],
        check: Check::Config(remote_cdp_http),
        ..Rule::DEFAULT
    },
    Rule {
        id: "browser.remote_cdp_private_host",
        summary: "A browser profile drives a host of the private network",
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_5),
        links: BROWSER,
        cwe: &[918],
        why: "The address guard is off for it, so a page or prompt that reaches the profile also reaches what else that \
              host serves.",
        remedy: "Use a tunnel to a loopback address and remove browser.ssrfPolicy.dangerouslyAllowPrivateNetwork.",
        bad: &[config!(
            r#"{ browser: { ssrfPolicy: { dangerouslyAllowPrivateNetwork: true }, profiles: { a: { cdpUrl: «"https://192.168.1.4:9222"» }, b: { cdpUrl: «"wss://chrome.internal"» } } } }"#
        )],
        good: &[
            config!(r#"{ browser: { profiles: { a: { cdpUrl: "https://192.168.1.4:9222" } } } }"#),
            config!(
                r#"{ browser: { ssrfPolicy: { dangerouslyAllowPrivateNetwork: true }, profiles: { a: { cdpUrl: "https://8.8.4.4" }, b: { cdpUrl: "http://127.0.0.1:1" } } } }"#
            ),
        ],
        check: Check::Config(remote_cdp_private),
        ..Rule::DEFAULT
    },
    Rule {
        id: "browser.extension_relay_legacy_auth",
        summary: "The browser extension may log in the old way",
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_9),
        links: BROWSER,
        cwe: &[1188],
        why: "The old way puts a long-lived token into the extension's address, where pages and logs can see it.",
        remedy: "Update the extension and set browser.extensionRelay.allowLegacyAuth to false.",
        repair: Repair::Set(Safety::Safe, &[("browser.extensionRelay.allowLegacyAuth", "false")]),
        bad: &[
            config!("{ browser: { extensionRelay: { allowLegacyAuth: «true» } } }"),
            config!("{ browser: { «extensionRelay»: {} } }"),
        ],
        good: &[
            config!("{ browser: { extensionRelay: { allowLegacyAuth: false } } }"),
            config!("{ browser: { enabled: false, extensionRelay: { allowLegacyAuth: true } } }"),
            config!("{ browser: { headless: true } }"),
        ],
        check: Check::Config(extension_relay),
        ..Rule::DEFAULT
    },
];

/// The parts of an address that decide.
struct Address<'a> {
    scheme: &'a str,
    host: &'a str,
}

/// Takes an address apart when a release can use it.
fn address<'a>(text: &'a str, config: &Config) -> Option<Address<'a>> {
    let (scheme, rest) = text.trim().split_once("://")?;
    let sockets = config.since(V2026_5);
    let known = |name: &str| scheme.eq_ignore_ascii_case(name);
    if !(known("http") || known("https") || sockets && (known("ws") || known("wss"))) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = if authority.starts_with('[') {
        let (host, rest) = authority.split_at(authority.find(']')? + 1);
        (host, rest.strip_prefix(':').unwrap_or_default())
    } else {
        authority.split_once(':').unwrap_or((authority, ""))
    };
    let usable = !host.is_empty() && (port.is_empty() || port.parse::<u16>().is_ok());
    usable.then_some(Address { scheme, host })
}

fn is_on(config: &Config) -> bool {
    !config.at("browser.enabled").is_false()
}

/// The key that keeps browser control from starting, when there is one.
fn broken(config: &Config) -> Option<(Found<'_>, &'static str)> {
    let url = config.at("browser.cdpUrl");
    let text = url.str().map(str::trim).unwrap_or_default();
    if !text.is_empty() {
        return address(text, config).is_none().then_some((url, "browser.cdpUrl is no URL of a browser"));
    }
    // Two above the gateway's port is browser control, the next one the browser.
    let port = config.at("gateway.port");
    let last = f64::from(u16::MAX) - 2.0;
    let over =
        port.number().is_some_and(|number| (number - last).abs() < 0.5) && url.text().is_none_or(|t| t.text.is_empty());
    over.then_some((port, "gateway.port leaves no port for the browser"))
}

fn invalid_config(config: &Config, report: &mut Report) {
    if let Some((found, message)) = broken(config) {
        report.at(found.place(), message);
    }
}

fn control_no_auth(config: &Config, report: &mut Report) {
    let gateway = config.gateway();
    let browser = config.at("browser");
    let enabled = browser.get("enabled");
    if !is_on(config) || broken(config).is_some() {
        return;
    }
    if config.upstream() {
        if !gateway.token.configured && !gateway.password.configured {
            report.at(config.at("gateway.auth").place(), "neither a token nor a password is configured");
        }
        return;
    }
    // The gateway's own finding covers a configuration that says nothing about the browser.
    let any = gateway.token.configured || gateway.password.configured || gateway.has_auth();
    if any || !browser.exists() || !gateway.is_served() {
        return;
    }
    let place = if enabled.exists() { enabled.place() } else { browser.place() };
    let message = format!("browser control is on and the gateway has no credential{}", gateway.assumption());
    // One missing credential is one critical: the gateway's own finding, where there is one.
    let said = gateway.is_reachable() || gateway.has_control_ui();
    let severity = if said { Severity::Warn } else { Severity::Critical };
    let auth = config.at("gateway.auth").place();
    report.at(place, message).severity(severity).related(&auth, "the credential would be here");
}

/// The addresses of browsers on other machines.
fn remote(config: &Config) -> Vec<(Found<'_>, Address<'_>)> {
    if !is_on(config) || broken(config).is_some() {
        return Vec::new();
    }
    let profiles = config.at("browser.profiles");
    let own = profiles.entries().map(|(_, profile)| profile.get("cdpUrl"));
    let all = std::iter::once(config.at("browser.cdpUrl")).chain(own);
    let parsed = all.filter_map(|url| Some((address(url.str()?, config)?, url)));
    parsed.filter(|(address, _)| !is_loopback_host(address.host)).map(|(address, url)| (url, address)).collect()
}

fn remote_cdp_http(config: &Config, report: &mut Report) {
    let plain =
        |scheme: &str| scheme.eq_ignore_ascii_case("http") || !config.upstream() && scheme.eq_ignore_ascii_case("ws");
    for (url, address) in remote(config).into_iter().filter(|(_, address)| plain(address.scheme)) {
        // A name without a dot is a neighbour in a container network.
        let neighbour = !config.upstream() && !address.host.contains(['.', ':']);
        let severity = if neighbour { Severity::Info } else { Severity::Warn };
        let message = format!("the browser at {} is driven in the clear", address.host);
        let secure = if address.scheme.eq_ignore_ascii_case("ws") { "wss" } else { "https" };
        let said = report.at(url.place(), message).severity(severity);
        if let Some((_, rest)) = url.str().and_then(|text| text.trim().split_once("://")) {
            let title = format!("Write {secure}:// in {}", url.path());
            said.fix(Safety::Unsafe, title, [url.set(format!("{secure}://{rest}"))]);
        }
    }
}

fn remote_cdp_private(config: &Config, report: &mut Report) {
    if !config.at("browser.ssrfPolicy.dangerouslyAllowPrivateNetwork").is_true() {
        return;
    }
    for (url, address) in remote(config).into_iter().filter(|(_, address)| is_private_host(address.host)) {
        report.at(url.place(), format!("{} is on the private network", address.host));
    }
}

/// Is it an address of a private network, or a name that only such a network knows?
fn is_private_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let [first, second, ..] = address.octets();
            address.is_private() || address.is_link_local() || first == 100 && (64..128).contains(&second)
        }
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => [".local", ".internal", ".lan", ".home.arpa", ".localhost", ".localdomain"]
            .iter()
            .any(|suffix| host.ends_with(suffix)),
    }
}

/// Only where somebody uses the relay; every other configuration has the same default.
fn extension_relay(config: &Config, report: &mut Report) {
    let relay = config.at("browser.extensionRelay");
    let legacy = relay.get("allowLegacyAuth");
    if is_on(config) && relay.exists() && !legacy.is_false() {
        let severity = if legacy.is_true() { Severity::Warn } else { Severity::Info };
        report.at(legacy.place(), "browser.extensionRelay.allowLegacyAuth is not false").severity(severity);
    }
}
