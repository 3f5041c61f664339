//! Reverse proxies in front of the gateway.

use std::ops::Range;

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "proxy.identity_header_passthrough",
        summary: "A reverse proxy lets clients set the header that names the user",
        severity: Severity::Critical,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[290, 345],
        why: "With trusted-proxy authentication the gateway believes this header. A proxy that neither sets nor removes it \
              hands on what the client wrote, so anyone logs in as anyone.",
        remedy: "Set the header in the proxy from its own authentication, which replaces what the client sent.",
        bad: &[Example::files(&[
            (
                "openclaw.json",
                r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { userHeader: «"x-forwarded-user"» } }, trustedProxies: ["10.0.0.2"] } }"#,
            ),
            (
                "nginx/site.conf",
                "server {\n  listen 443 ssl;\n  location / {\n    proxy_pass http://127.0.0.1:18789;\n    proxy_set_header Host $host;\n  }\n}\n",
            ),
        ])],
        good: &[
            Example::files(&[
                (
                    "openclaw.json",
                    r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { userHeader: "x-forwarded-user" } } } }"#,
                ),
                (
                    "nginx/site.conf",
                    "location / {\n  proxy_pass http://127.0.0.1:18789;\n  proxy_set_header X-Forwarded-User $remote_user;\n}\n",
                ),
            ]),
            Example::files(&[
                (
                    "openclaw.json",
                    r#"{ gateway: { auth: { mode: "token", trustedProxy: { userHeader: "x-forwarded-user" } } } }"#,
                ),
                ("nginx/site.conf", "location / {\n  proxy_pass http://127.0.0.1:18789;\n}\n"),
            ]),
            Example::files(&[
                (
                    "openclaw.json",
                    r#"{ gateway: { auth: { mode: "trusted-proxy", trustedProxy: { userHeader: "x-forwarded-user" } } } }"#,
                ),
                ("nginx/site.conf", "location / {\n  proxy_pass http://127.0.0.1:3000;\n}\n"),
            ]),
        ],
        check: Check::Config(passthrough),
        ..Rule::DEFAULT
    },
    Rule {
        id: "proxy.plain_http",
        summary: "A reverse proxy serves the gateway without TLS",
        severity: Severity::Warn,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[319],
        why: "Tokens and conversations cross the network in the clear, where anyone on the way reads or changes them.",
        remedy: "Serve the site on port 443 with a certificate, or let the proxy listen on 127.0.0.1 only.",
        bad: &[
            Example::files(&[(
                "nginx.conf",
                "server {\n  «listen 80;»\n  location / {\n    proxy_pass http://openclaw:18789;\n  }\n}\n",
            )]),
            Example::files(&[("Caddyfile", "«http://claw.internal» {\n  reverse_proxy openclaw:18789\n}\n")]),
        ],
        good: &[
            Example::files(&[(
                "nginx.conf",
                "server {\n  listen 80;\n  return 301 https://$host$request_uri;\n}\nserver {\n  listen 443 ssl;\n  location / {\n    proxy_pass http://openclaw:18789;\n  }\n}\n",
            )]),
            Example::files(&[(
                "nginx.conf",
                "server {\n  listen 127.0.0.1:80;\n  location / {\n    proxy_pass http://openclaw:18789;\n  }\n}\n",
            )]),
            Example::files(&[(
                "Caddyfile",
                "claw.internal {\n  reverse_proxy openclaw:18789\n}\nhttp://web.internal {\n  reverse_proxy web:80\n}\n",
            )]),
            Example::files(&[("Caddyfile", ":80 {\n  tls internal\n  reverse_proxy openclaw:18789\n}\n")]),
        ],
        check: Check::Document(&[DocumentKind::ReverseProxy], plain_http),
        ..Rule::DEFAULT
    },
];

/// The directive that hands requests to a port, in nginx or Caddy words.
fn proxies_to(line: &str, port: &str) -> bool {
    let line = line.trim_start();
    let directive = ["proxy_pass", "reverse_proxy", "to ", "server "].iter().any(|word| line.starts_with(word));
    let at = line.find(&format!(":{port}"));
    let after = at.and_then(|at| line.get(at + 1 + port.len()..)).and_then(|rest| rest.chars().next());
    directive && at.is_some() && !after.is_some_and(|next| next.is_ascii_digit())
}

fn passthrough(config: &Config, report: &mut Report) {
    let header = config.at("gateway.auth.trustedProxy.userHeader");
    if !config.at("gateway.auth.mode").is("trusted-proxy") {
        return;
    }
    let Some(name) = header.str().map(str::to_ascii_lowercase).filter(|name| !name.is_empty()) else { return };
    let port = config.at("gateway.port").number().map_or_else(|| "18789".to_owned(), |port| port.to_string());
    for document in config.project.of_kind(DocumentKind::ReverseProxy).filter(|document| !document.sample) {
        let Some((range, _)) = document.lines().find(|(_, line)| proxies_to(line, &port)) else { continue };
        if !document.text().to_ascii_lowercase().contains(&name) {
            let place = Place::span(document.span(range));
            report
                .at(header.place(), format!("{} does not set the header {name}", document.path))
                .related(&place, "requests go to the gateway here");
        }
    }
}

/// A block at the outermost level: the text before its brace, and its lines.
struct Block<'a> {
    label: (Range<usize>, &'a str),
    lines: Vec<(Range<usize>, &'a str)>,
}

/// Blocks that open at `depth` 0 of the file; nginx's `http { … }` counts as no level.
fn blocks(document: &Document) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut depth = 0_usize;
    for (range, line) in document.lines() {
        let code = line.split('#').next().unwrap_or_default().trim();
        if code.starts_with("http {") || code == "http" {
            continue;
        }
        let opens = code.matches('{').count();
        let closes = code.matches('}').count();
        if depth == 0 && code.ends_with('{') {
            let label = code.trim_end_matches('{').trim();
            let start = range.start + line.find(label).unwrap_or(0);
            blocks.push(Block { label: (start..start + label.len(), label), lines: Vec::new() });
        } else if let Some(block) = blocks.last_mut().filter(|_| depth > 0) {
            let start = range.start + line.find(code).unwrap_or(0);
            block.lines.push((start..start + code.len(), code));
        }
        depth = (depth + opens).saturating_sub(closes);
    }
    blocks
}

fn plain_http(document: &Document, _: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    for block in blocks(document) {
        let has = |word: &str| block.lines.iter().any(|(_, line)| line.starts_with(word));
        if !block.lines.iter().any(|(_, line)| proxies_to(line, "18789")) || has("tls") || has("ssl_certificate") {
            continue;
        }
        let place = if block.label.1 == "server" { plain_listen(&block) } else { plain_site(&block) };
        if let Some(range) = place {
            report.at(Place::span(document.span(range)), "the gateway is served over plain HTTP");
        }
    }
}

/// nginx: the `listen` of a server that no `listen` of it makes TLS.
fn plain_listen(block: &Block<'_>) -> Option<Range<usize>> {
    let listens = || block.lines.iter().filter(|(_, line)| line.starts_with("listen "));
    let secure = listens().any(|(_, line)| line.contains("ssl") || line.contains("443") || line.contains("quic"));
    let open =
        listens().find(|(_, line)| !line.contains("127.0.0.1") && !line.contains("[::1]") && !line.contains("unix:"));
    open.filter(|_| !secure).map(|(range, _)| range.clone())
}

/// Caddy: every site has TLS but one that asks for HTTP or names only a port other than 443.
fn plain_site(block: &Block<'_>) -> Option<Range<usize>> {
    let (range, label) = &block.label;
    let port = label.strip_prefix(':');
    let plain = label.starts_with("http://") || port.is_some_and(|port| port != "443");
    let local = label.contains("localhost") || label.contains("127.0.0.1");
    (plain && !local).then(|| range.clone())
}
