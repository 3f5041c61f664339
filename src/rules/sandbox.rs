//! Containers that agents run in: what they may reach.

use crate::config;
use crate::model::agents::SandboxMode;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "sandbox.docker_config_mode_off",
        summary: "A sandbox is configured but switched off",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[1188],
        why: "Somebody described the container with care, but the mode is off, so the agent runs on the host.",
        remedy: "Set the sandbox mode to \"non-main\" or \"all\", or delete the docker block.",
        repair: Repair::Set(Safety::Manual, &[("agents.defaults.sandbox.mode", r#""non-main""#)]),
        bad: &[
            config!(r#"{ agents: { defaults: { sandbox: { «docker»: { image: "x" } } } } }"#),
            config!(
                r#"{ agents: { defaults: { sandbox: { mode: "all" } }, list: [{ id: "a", sandbox: { mode: "off", «docker»: { image: "x" } } }] } }"#
            )
            .on(V2026_2),
        ],
        good: &[
            config!(r#"{ agents: { defaults: { sandbox: { docker: { image: "x" } } }, entries: { main: { sandbox: { mode: "all" } } } } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { mode: "off", docker: {} } } } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { image: "x" } } } } }"#).on_closedclaw(),
        ],
        check: Check::Config(mode_off),
        ..Rule::DEFAULT
    },
    Rule {
        id: "sandbox.dangerous_network_mode",
        summary: "A sandbox shares the network of the host or of another container",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[653],
        why: "With network \"host\" or \"container:…\" the agent reaches services that listen only locally, the gateway \
              and cloud metadata among them.",
        remedy: "Set docker.network to \"none\", \"bridge\" or the name of a network of its own.",
        repair: Repair::Write(Safety::Safe, r#""none""#),
        bad: &[
            config!(
                r#"{ agents: { defaults: { sandbox: { mode: "all", docker: { network: «"container:db"», dangerouslyAllowContainerNamespaceJoin: true } } } } }"#
            ),
            config!(r#"{ agents: { list: [{ id: "a", sandbox: { docker: { network: «" HOST "» } } }] } }"#).on(V2026_2),
        ],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { network: "hostnet" } } } } }"#)],
        check: Check::Config(network_mode),
        ..Rule::DEFAULT
    },
    Rule {
        id: "sandbox.dangerous_seccomp_profile",
        summary: "A sandbox runs without a filter of system calls",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[693],
        why: "seccomp keeps a process in a container from calls that lead to the host's kernel; \"unconfined\" lifts that.",
        remedy: "Remove docker.seccompProfile, or name a profile file.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { seccompProfile: «" Unconfined"» } } } } }"#)],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { seccompProfile: "/etc/docker/seccomp.json" } } } } }"#)],
        check: Check::Config(|config, report| unconfined(config, report, "seccompProfile")),
        ..Rule::DEFAULT
    },
    Rule {
        id: "sandbox.dangerous_apparmor_profile",
        summary: "A sandbox runs without AppArmor",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[693],
        why: "AppArmor limits which files and capabilities a container uses; \"unconfined\" lifts that.",
        remedy: "Remove docker.apparmorProfile, or name a profile.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(
            r#"{ agents: { entries: { a: { sandbox: { docker: { apparmorProfile: «"UNCONFINED"» } } } } } }"#
        )],
        good: &[config!(r#"{ agents: { defaults: { sandbox: { docker: { apparmorProfile: "docker-default" } } } } }"#)],
        check: Check::Config(|config, report| unconfined(config, report, "apparmorProfile")),
        ..Rule::DEFAULT
    },
    Rule {
        id: "sandbox.browser_cdp_bridge_unrestricted",
        summary: "A sandbox browser's control port is open to its whole bridge network",
        severity: Severity::Warn,
        versions: Versions::only(V2026_2),
        also: Some(Versions::ALL),
        cwe: &[1327],
        why: "Docker's \"bridge\" network holds every container that names no other; each of them can drive the browser \
              and read its sessions.",
        remedy: "Remove browser.network to get a network of its own, or set browser.cdpSourceRange.",
        bad: &[
            config!(r#"{ agents: { defaults: { sandbox: { mode: "all", browser: { enabled: true, network: «"bridge"» } } } } }"#),
            config!(
                r#"{ agents: { defaults: { sandbox: { browser: { network: "Bridge", cdpSourceRange: "10.0.0.1/32" } } }, list: [{ id: "a", sandbox: { browser: { enabled: true, cdpSourceRange: «" "» } } }] } }"#
            )
            .on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ agents: { defaults: { sandbox: { mode: "all", browser: { enabled: true, network: "bridge", cdpSourceRange: "172.21.0.1/32" } } } } }"#
            ),
            config!(r#"{ agents: { defaults: { sandbox: { mode: "all", browser: { network: "bridge" } } } } }"#),
        ],
        check: Check::Config(cdp_bridge),
        ..Rule::DEFAULT
    },
];

fn mode_off(config: &Config, report: &mut Report) {
    let docker = |found: &Found<'_>| found.entries().next().is_some();
    let agents = config.agents();
    let all_off = agents.iter().all(|agent| config.sandbox(Some(agent)).mode == SandboxMode::Off);
    let defaults = config.at("agents.defaults.sandbox.docker");
    if docker(&defaults) && all_off && config.sandbox(None).mode == SandboxMode::Off {
        report.at(defaults.key_place(), "agents.defaults.sandbox.docker is set but the sandbox mode is off");
    }
    for agent in &agents {
        let own = agent.found.at("sandbox.docker");
        if docker(&own) && config.sandbox(Some(agent)).mode == SandboxMode::Off {
            let message = format!("agent \"{}\" has a docker block but its sandbox mode is off", agent.id);
            report.at(own.key_place(), message);
        }
    }
}

fn network_mode(config: &Config, report: &mut Report) {
    for docker in config.agent_blocks("sandbox.docker") {
        let network = docker.get("network");
        let Some(name) = network.str().map(|name| name.trim().to_lowercase()) else { continue };
        let whose = match name.as_str() {
            "host" => "the host",
            _ if name.starts_with("container:") => "another container",
            _ => continue,
        };
        report.at(network.place(), format!("{} joins the network of {whose}", network.path()));
    }
}

fn unconfined(config: &Config, report: &mut Report, key: &'static str) {
    for docker in config.agent_blocks("sandbox.docker") {
        let profile = docker.get(key);
        if profile.str().is_some_and(|name| name.trim().eq_ignore_ascii_case("unconfined")) {
            report.at(profile.place(), format!("{} is \"unconfined\"", profile.path()));
        }
    }
}

fn cdp_bridge(config: &Config, report: &mut Report) {
    let defaults = config.at("agents.defaults.sandbox.browser");
    browser_bridge(&defaults, &defaults, report);
    for agent in config.agents() {
        let own = agent.found.at("sandbox.browser");
        // What an agent merely inherits was said of the defaults.
        if own.exists() && !config.sandbox(Some(&agent)).shared {
            browser_bridge(&own, &defaults, report);
        }
    }
}

fn browser_bridge(own: &Found<'_>, defaults: &Found<'_>, report: &mut Report) {
    let pick = |key: &'static str| Some(own.get(key)).filter(Found::exists).unwrap_or(defaults.get(key));
    let (network, range) = (pick("network"), pick("cdpSourceRange"));
    let open = !range.exists() || range.str().is_some_and(|range| range.trim().is_empty());
    let bridge = network.str().is_some_and(|name| name.trim().eq_ignore_ascii_case("bridge"));
    if !pick("enabled").is_true() || !bridge || !open {
        return;
    }
    let at = [own.get("network"), own.get("cdpSourceRange")].into_iter().find(Found::exists);
    let place = at.map_or_else(|| own.key_place(), |at| at.place());
    let said = report.at(place, "the sandbox browser is on the bridge network without a source range");
    let written = own.get("network");
    let inherits = own.path() != defaults.path() && defaults.get("network").exists();
    if written.exists() && !inherits {
        said.fix(
            Safety::Safe,
            format!("Remove {}: the sandbox has a network of its own", written.path()),
            [written.remove()],
        );
    }
}

/// A POSIX path without `.`, `..`, doubled or final slashes.
#[must_use]
pub fn normalise(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
