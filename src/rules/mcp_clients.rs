//! MCP servers, in the configuration and in the files of MCP clients beside it.

use crate::config;
use crate::model::secrets;
use crate::rule::prelude::*;
use crate::secret::Certainty;

/// Files that name MCP servers under `mcpServers`.
const CLIENTS: &[DocumentKind] = &[DocumentKind::McpJson, DocumentKind::Mcporter, DocumentKind::PluginManifest];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "mcp.unpinned_package",
        summary: "An MCP server is a package without a fixed version",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[829, 1357],
        why: "Each start runs whatever was published last under that name, with the rights of the agent: a hijacked package \
              needs no change in this repository to get in.",
        remedy: "Name an exact version, such as npx -y package@1.2.3 or uvx package==1.2.3.",
        bad: &[
            config!(
                r#"{ mcp: { servers: { fs: { command: "npx", args: ["-y", «"@modelcontextprotocol/server-filesystem"», "/data"] } } } }"#
            ),
            Example::files(&[(
                ".mcp.json",
                r#"{ "mcpServers": { "a": { "command": "uvx", "args": ["--python", "3.12", «"mcp-server-git"»] },
                     "b": { "command": "cmd", "args": ["/c", "npx", "-y", «"tool@latest"»] } } }"#,
            )]),
            Example::files(&[(
                "config/mcporter.json",
                r#"{ "mcpServers": { "a": { "command": «"npx -y tool@^1.2.3"» } } }"#,
            )]),
            Example::files(&[(
                ".mcp.json",
                r#"{ "mcpServers": { "a": { "command": "pnpm", "args": ["dlx", «"--package=x"», "x"] } } }"#,
            )]),
        ],
        good: &[
            config!(
                r#"{ mcp: { servers: { fs: { command: "npx", args: ["-y", "@modelcontextprotocol/server-filesystem@2026.1.14", "/data"] } } } }"#
            ),
            Example::files(&[(
                ".mcp.json",
                r#"{ "mcpServers": { "a": { "command": "uvx", "args": ["--from", "mcp-server-git==1.0.2", "mcp-server-git"] },
                     "b": { "command": "uvx", "args": ["--from", "git+https://github.com/a/b@0123abc", "b"] },
                     "c": { "command": "npx", "args": ["-y", "./packages/server"] }, "d": { "command": "node", "args": ["npx-like.js"] },
                     "e": { "command": "npx", "args": ["-y", "tool@${TOOL_VERSION}"] } } }"#,
            )]),
        ],
        check: Check::Both(unpinned_config, CLIENTS, unpinned_document),
        ..Rule::DEFAULT
    },
    Rule {
        id: "mcp.insecure_url",
        summary: "An MCP server is reached over plain HTTP",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Network,
        cwe: &[319],
        why: "Whoever is on the way reads the agent's calls and credentials, and answers in the server's place: what an MCP \
              server says is instructions to the model.",
        remedy: "Use https://, or a tunnel that ends on this host.",
        bad: &[
            config!(r#"{ mcp: { servers: { x: { url: «"http://mcp.vendor.com/sse"» } } } }"#),
            Example::files(&[(
                ".mcp.json",
                r#"{ "mcpServers": { "x": { "command": "npx", "args": ["-y", "mcp-remote@0.1.29", «"http://mcp.vendor.com/sse"»] } } }"#,
            )]),
        ],
        good: &[config!(
            r#"{ mcp: { servers: { a: { url: "http://127.0.0.1:3000/mcp" }, b: { url: "http://localhost:3000" }, c: { url: "https://mcp.vendor.com" },
                   d: { url: "http://searxng:8080" }, e: { url: "http://[::1]:80" }, f: { url: "${MCP_URL}" }, g: { url: "http://host.docker.internal:9" } } } }"#
        )],
        check: Check::Both(insecure_config, CLIENTS, insecure_document),
        ..Rule::DEFAULT
    },
    Rule {
        id: "mcp.host_mount",
        summary: "An MCP server's container is given the host",
        severity: Severity::Critical,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250, 552],
        why: "A container that mounts the root of the host or its container engine, or that is privileged, contains nothing: \
              its code owns the machine.",
        remedy: "Mount only the directory that the server works on, and drop --privileged.",
        bad: &[
            config!(
                r#"{ mcp: { servers: { x: { command: "docker", args: ["run", "-i", "-v", «"/:/host"», "img:1"] } } } }"#
            ),
            Example::files(&[(
                ".mcp.json",
                r#"{ "mcpServers": { "x": { "command": "docker", "args": ["run", «"--privileged"», «"--volume=/var/run/docker.sock:/var/run/docker.sock"», "img:1"] } } }"#,
            )]),
        ],
        good: &[config!(
            r#"{ mcp: { servers: { x: { command: "docker", args: ["run", "-i", "--rm", "-v", "/srv/data:/data:ro", "img:1"] }, y: { command: "tool", args: ["-v", "/:/x"] } } } }"#
        )],
        check: Check::Both(host_mount_config, CLIENTS, host_mount_document),
        ..Rule::DEFAULT
    },
    Rule {
        id: "mcp.plaintext_secret",
        summary: "An MCP client file contains a credential",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 798],
        why: "The file is shared so that everybody starts the same servers, and the credential is shared with it.",
        remedy: "Write \"${NAME}\" and set the variable outside the repository; replace the credential at its issuer.",
        bad: &[Example::files(&[(
            ".mcp.json",
            r#"{ "mcpServers": { "a": { "command": "srv", "env": { "DEBUG": "1", "SEARCH_API_KEY": «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } },
                 "b": { "url": «"https://mcp.vendor.com/sse?api_key=q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» },
                 "c": { "url": "https://mcp.vendor.com", "headers": { "Authorization": «"Bearer q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } } } }"#,
        )])],
        good: &[Example::files(&[(
            ".mcp.json",
            r#"{ "mcpServers": { "a": { "command": "srv", "env": { "SEARCH_API_KEY": "${SEARCH_API_KEY}", "LOG_LEVEL": "verbose-and-long-value-1" } },
                 "b": { "url": "https://mcp.vendor.com", "headers": { "Authorization": "Bearer ${TOKEN}", "X-Api-Key": "your-key" } } } }"#,
        )])],
        check: Check::Document(CLIENTS, plaintext_secret),
        ..Rule::DEFAULT
    },
];

/// The command line of a server: each word with the token that holds it.
fn words<'a>(server: &Found<'a>) -> Vec<(String, Found<'a>)> {
    let command = server.get("command");
    let mut words: Vec<(String, Found<'a>)> = Vec::new();
    if let Some(text) = command.text() {
        words.extend(text.text.split_whitespace().map(|word| (word.to_owned(), command.clone())));
    }
    for list in [command, server.get("args")] {
        words.extend(list.items().filter_map(|item| Some((item.text()?.text.to_string(), item))));
    }
    words
}

fn of_document(document: &Document) -> Vec<Found<'_>> {
    let Some(root) = document.root().filter(|_| !document.sample) else { return Vec::new() };
    root.get("mcpServers").entries().map(|(_, server)| server).collect()
}

fn of_config(config: &Config) -> Vec<Found<'_>> {
    config.at("mcp.servers").entries().map(|(_, server)| server).collect()
}

fn unpinned_config(config: &Config, report: &mut Report) {
    for server in of_config(config) {
        unpinned(&server, report);
    }
}

fn unpinned_document(document: &Document, _: &Project, report: &mut Report) {
    for server in of_document(document) {
        unpinned(&server, report);
    }
}

fn unpinned(server: &Found<'_>, report: &mut Report) {
    let words = words(server);
    let Some((python, at)) = package_at(&words) else { return };
    let Some((word, found)) = words.get(at) else { return };
    let package =
        word.split_once('=').filter(|(option, _)| option.starts_with("--")).map_or(&**word, |(_, package)| package);
    if !is_pinned(package, python) {
        // An address may carry credentials; a name does not.
        let shown = if package.contains("://") { "the package" } else { package };
        report.at(found.place(), format!("{shown} has no fixed version"));
    }
}

/// Which word names the package that a runner fetches, and whether it is Python's.
fn package_at(words: &[(String, Found<'_>)]) -> Option<(bool, usize)> {
    let name = |at: usize| words.get(at).map(|(word, _)| word.rsplit(['/', '\\']).next().unwrap_or(word));
    let (python, first) = (0..words.len()).find_map(|at| match (name(at)?, name(at + 1).unwrap_or_default()) {
        ("npx" | "bunx" | "pnpx" | "npx.cmd", _) => Some((false, at + 1)),
        ("pnpm" | "yarn", "dlx") | ("npm" | "bun", "exec" | "x") => Some((false, at + 2)),
        ("uvx", _) => Some((true, at + 1)),
        ("pipx", "run") => Some((true, at + 2)),
        ("uv", "tool") if name(at + 2) == Some("run") => Some((true, at + 3)),
        _ => None,
    })?;
    let mut at = first;
    while let Some((word, _)) = words.get(at) {
        match word.as_str() {
            "--from" | "-p" | "--package" | "--spec" => return Some((python, at + 1)),
            _ if word.starts_with("--from=") || word.starts_with("--package=") => return Some((python, at)),
            "--python" | "--with" | "--index-url" | "--registry" | "--cache" | "--userconfig" => at += 2,
            _ if word.starts_with('-') => at += 1,
            _ => return Some((python, at)),
        }
    }
    None
}

fn is_pinned(package: &str, python: bool) -> bool {
    let local = package.starts_with(['.', '/', '~', '$']) || package.starts_with("file:") || package.contains("${");
    if local || package.contains("==") && python {
        return true;
    }
    let version = match package.rfind(['@', '#']) {
        Some(at) if at > 0 => package.get(at + 1..).unwrap_or_default(),
        _ => return false,
    };
    if package.contains("://") || package.starts_with("github:") {
        return !version.is_empty() && !version.contains('/') && !matches!(version, "main" | "master" | "HEAD");
    }
    version.split('.').count() >= 3 && version.starts_with(|first: char| first.is_ascii_digit() || first == 'v')
}

fn insecure_config(config: &Config, report: &mut Report) {
    for server in of_config(config) {
        insecure(&server, report);
    }
}

fn insecure_document(document: &Document, _: &Project, report: &mut Report) {
    for server in of_document(document) {
        insecure(&server, report);
    }
}

fn insecure(server: &Found<'_>, report: &mut Report) {
    let address = server.get("url");
    let arguments = words(server).into_iter().map(|(_, found)| found);
    for found in std::iter::once(address).chain(arguments) {
        let Some(host) = found.str().and_then(plain_host) else { continue };
        let said = report.at(found.place(), format!("{} is a plain HTTP address of {host}", found.path()));
        if let Some(rest) = found.str().and_then(|text| text.strip_prefix("http://")) {
            let title = format!("Write https:// in {}", found.path());
            said.fix(Safety::Unsafe, title, [found.set(format!("https://{rest}"))]);
        }
    }
}

/// The host of an `http://` address on another machine. A name without a dot is a container or a
/// machine of the same network.
fn plain_host(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("http://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return (!host.starts_with("[::1]")).then_some(host);
    }
    let host = host.split(':').next()?;
    let local = host.starts_with("127.") || !host.contains('.') || host.contains('$');
    let private = [".internal", ".local", ".localhost", ".svc", ".lan"].iter().any(|end| host.ends_with(end))
        || host.starts_with("10.")
        || host.starts_with("192.168.");
    (!local && !private).then_some(host)
}

fn host_mount_config(config: &Config, report: &mut Report) {
    for server in of_config(config) {
        host_mount(&server, report);
    }
}

fn host_mount_document(document: &Document, _: &Project, report: &mut Report) {
    for server in of_document(document) {
        host_mount(&server, report);
    }
}

fn host_mount(server: &Found<'_>, report: &mut Report) {
    let words = words(server);
    if !words.iter().any(|(word, _)| matches!(word.rsplit('/').next(), Some("docker" | "podman" | "nerdctl"))) {
        return;
    }
    for (at, (word, found)) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", |(word, _)| word);
        let mount = match word.split_once('=') {
            Some(("-v" | "--volume" | "--mount", mount)) => mount,
            _ if matches!(before, "-v" | "--volume" | "--mount") => word,
            _ if word == "--privileged" => {
                report.at(found.place(), "the container is privileged");
                continue;
            }
            _ => continue,
        };
        let source =
            mount.split(',').find_map(|part| part.strip_prefix("source=").or_else(|| part.strip_prefix("src=")));
        let source = source.or_else(|| mount.split(':').next()).unwrap_or_default();
        if matches!(source, "/" | "/etc" | "/root" | "/home" | "~" | "$HOME") || source.ends_with("docker.sock") {
            report.at(found.place(), format!("the container mounts {source} of the host"));
        }
    }
}

fn plaintext_secret(document: &Document, _: &Project, report: &mut Report) {
    let Some(root) = document.root().and_then(|root| root.value()) else { return };
    let least = if document.sample { Certainty::High } else { Certainty::Medium };
    for leak in secrets::leaks(root).into_iter().filter(|leak| leak.verdict.certainty >= least) {
        report
            .at(leak.place.clone(), format!("{} holds {}", leak.place.key_path, leak.shape))
            .confidence(secrets::confidence(leak.verdict.certainty));
    }
}
