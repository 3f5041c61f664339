//! What a compose file opens to the network.

use crate::model::compose::{Published, Service, options, published, services};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "compose.gateway_published",
        summary: "A compose file publishes the gateway on every interface",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[668, 1327],
        why: "A port without an address is open to every machine that can reach the host, past the host's firewall, \
              because Docker writes its own rules; the gateway's token is then the only thing in the way.",
        remedy: "Publish it as \"127.0.0.1:18789:18789\" and reach it through an SSH tunnel, a VPN or a proxy with TLS.",
        bad: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw-gateway:\n    ports:\n      - «\"18789:18789\"»\n      - «\"${OPENCLAW_BRIDGE_PORT:-18790}:18790\"»\n",
            )]),
            Example::files(&[(
                "compose.yaml",
                "services:\n  gw:\n    image: ghcr.io/openclaw/openclaw:2026.9.6\n    ports:\n      - «target»: 18789\n        published: 18789\n      - «0.0.0.0:80:18789»\n",
            )]),
        ],
        good: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw-gateway:\n    ports:\n      - \"127.0.0.1:18789:18789\"\n      - \"${HOST_IP}:18789:18789\"\n      - \"[::1]:18790:18790\"\n    expose: [18789]\n",
            )]),
            Example::files(&[("docker-compose.yml", "services:\n  other:\n    ports:\n      - \"18789:18789\"\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    ports:\n      - \"8080:8080\"\n      - \"18789:80\"\n",
            )]),
        ],
        check: Check::Document(&[DocumentKind::Compose], gateway_published),
        ..Rule::DEFAULT
    },
    Rule {
        id: "compose.browser_port_published",
        summary: "A compose file publishes the remote control of the sandbox browser",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[306, 668],
        why: "The debugging protocol on port 9222 asks for no password, and VNC shows and steers the same browser: whoever \
              reaches the port has every session that the agent is logged in to.",
        remedy: "Do not publish the port; services of one compose file reach each other without it. Publish it on 127.0.0.1 \
                 when you must watch.",
        bad: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw-sandbox-browser:\n    ports: [«\"9222:9222\"», «\"6080:6080\"»]\n",
            )]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    ports:\n      - «5900-5901:5900-5901»\n",
            )]),
        ],
        good: &[
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw-browser:\n    ports: [\"127.0.0.1:9222:9222\"]\n",
            )]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    ports: [\"127.0.0.1:18789:18789\"]\n  selenium:\n    ports: [\"5900:5900\"]\n",
            )]),
        ],
        check: Check::Document(&[DocumentKind::Compose], browser_published),
        ..Rule::DEFAULT
    },
    Rule {
        id: "compose.host_network",
        summary: "A compose service of the gateway uses the network of the host",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[668, 653],
        why: "The agent's tools reach every service that listens on the host's loopback, and a gateway that binds to the LAN \
              is open on all of the host's addresses.",
        remedy: "Remove network_mode: host and publish the ports that are needed on 127.0.0.1.",
        bad: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    network_mode: «host»\n    command: [openclaw, gateway, --bind, lan]\n",
        )])],
        good: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    network_mode: service:tailscale\n  node-exporter:\n    network_mode: host\n",
        )])],
        check: Check::Document(&[DocumentKind::Compose], host_network),
        ..Rule::DEFAULT
    },
];

fn gateway_published(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        open_ports(&service, &[18789, 18790], |found, port| {
            report.at(
                port_place(found),
                format!("{} publishes the gateway's port {port} on every interface", service.name),
            );
        });
    }
}

fn browser_published(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        open_ports(&service, &[9222, 5900, 6080], |found, port| {
            let what = if port == 9222 { "browser debugging" } else { "screen sharing" };
            report
                .at(port_place(found), format!("{} publishes {what} on port {port} to every interface", service.name));
        });
    }
}

/// Calls `say` for each `ports` item that opens one of `wanted` to other machines.
fn open_ports(service: &Service<'_>, wanted: &[u16], mut say: impl FnMut(&Found<'_>, u16)) {
    for item in service.found.get("ports").items() {
        let Some(port) = published(&item).filter(Published::is_open) else { continue };
        if let Some(wanted) = wanted.iter().find(|wanted| port.covers(**wanted)) {
            say(&item, *wanted);
        }
    }
}

/// The item, or of the long form the key that names the container's port.
fn port_place(item: &Found<'_>) -> Place {
    let target = item.get("target");
    if target.exists() { target.key_place() } else { item.place() }
}

fn host_network(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        let mode = service.found.get("network_mode");
        if !mode.is("host") {
            continue;
        }
        let lan = options(&service).iter().any(|(option, value, _)| option == "--bind" && value == "lan");
        let binding = if lan { " and binds to every address" } else { "" };
        report.at(mode.place(), format!("{} shares the host's network{binding}", service.name));
    }
}
