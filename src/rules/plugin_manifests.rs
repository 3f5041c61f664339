//! What the manifests of a plugin make the gateway load and start.

use crate::discover::EntryKind;
use crate::model::document::Content;
use crate::path::dir_of;
use crate::rule::prelude::*;

/// The largest `package.json` that the gateway's own scanner reads, in bytes.
const MAX_MANIFEST: usize = 1 << 20;

const MANIFEST: &[DocumentKind] = &[DocumentKind::PluginManifest];

/// Upstream gives the first three with `--deep` alone: they are no part of its plain audit, and they are
/// about installed plugins. Packages without a version are `mcp.unpinned_package`, here as in every file that names MCP servers.
pub const RULES: &[Rule] = &[
    Rule {
        id: "plugins.code_safety.entry_path",
        summary: "A plugin is loaded from a hidden or dependency directory",
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        deep: true,
        scope: Scope::Skills,
        cwe: &[829],
        why: "Scanners and readers skip hidden directories and node_modules: code there runs without having been looked at.",
        remedy: "Move the entry file to a directory of the plugin's own source.",
        bad: &[Example::files(&[
            ("openclaw.json", "{}"),
            ("extensions/a/package.json", r#"{ "openclaw": { "extensions": ["./index.js", «"./.cache/x.js"»] } }"#),
        ])],
        good: &[Example::files(&[
            ("openclaw.json", "{}"),
            (
                "extensions/a/package.json",
                r#"{ "main": "./.x.js", "openclaw": { "extensions": ["./dist/../index.js"] } }"#,
            ),
        ])],
        check: Check::Document(&[DocumentKind::PackageJson], entry_path),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.code_safety.entry_escape",
        summary: "A plugin is loaded from outside its own directory",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        deep: true,
        scope: Scope::Skills,
        cwe: &[22],
        why: "The code that runs is not the code that was installed and reviewed.",
        remedy: "Name an entry file inside the plugin.",
        repair: Repair::Remove(Safety::Manual),
        bad: &[
            Example::files(&[(
                "extensions/a/package.json",
                r#"{ "openclaw": { "extensions": [«"../b/index.js"», «"/opt/x.js"»] } }"#,
            )]),
            Example::files(&[
                ("extensions/a/package.json", r#"{ "openclaw": { "extensions": [«"index.js"»] } }"#),
                ("extensions/a/index.js", "link:/etc/hostname"),
            ]),
        ],
        good: &[Example::files(&[(
            "extensions/a/package.json",
            r#"{ "openclaw": { "extensions": ["./src/../index.js", "..hidden.js"] } }"#,
        )])],
        check: Check::Document(&[DocumentKind::PackageJson], entry_escape),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.code_safety.manifest_parse_error",
        summary: "The package.json of an installed plugin cannot be read",
        versions: Versions::since(V2026_5),
        also: Some(Versions::ALL),
        deep: true,
        scope: Scope::Skills,
        why: "Which files the plugin loads is unknown, so they cannot be checked.",
        remedy: "Repair the file, or remove the plugin.",
        bad: &[Example::files(&[("openclaw.json", "{}"), ("extensions/a/package.json", r#"{ "name": «]»"#)])],
        good: &[
            Example::files(&[("openclaw.json", "{}"), ("extensions/a/package.json", r#"{ "name": "a" }"#)]),
            Example::files(&[("openclaw.json", "{}"), ("web/package.json", r#"{ "name": ]"#)]),
        ],
        check: Check::Config(broken_package),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.manifest_path_escape",
        summary: "A plugin manifest reaches out of the plugin's directory",
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        high: true,
        cwe: &[22],
        why: "Skills or programs outside the plugin's directory are not what was installed and reviewed, and a path into \
              another place of the host can be filled by somebody else.",
        remedy: "Ship the files inside the plugin and name them by relative paths.",
        bad: &[
            Example::files(&[(
                "openclaw.plugin.json",
                r#"{ "id": "a", "skills": ["skills", «"../../shared"», «"~/s"»] }"#,
            )]),
            Example::files(&[(
                "openclaw.plugin.json",
                r#"{ "id": "a", "mcpServers": { "m": { "command": "node", "args": ["./x.js", «"../y.js"»] } } }"#,
            )]),
        ],
        good: &[Example::files(&[(
            "openclaw.plugin.json",
            r#"{ "id": "a", "skills": ["./skills/../more"], "mcpServers": { "m": { "command": "node", "args": ["./x.js", "--x=../y"] } } }"#,
        )])],
        check: Check::Document(MANIFEST, path_escape),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.manifest_starts_program",
        summary: "A plugin brings a program that the gateway starts",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        why: "A static MCP server or CLI backend of a plugin runs with the gateway's rights as soon as the plugin is on.",
        remedy: "Check the program before plugins.allow names the plugin.",
        bad: &[Example::files(&[(
            "openclaw.plugin.json",
            r#"{ "id": "a", "mcpServers": { "m": { "command": «"node"», "args": ["./server.js"] } } }"#,
        )])],
        good: &[Example::files(&[(
            "openclaw.plugin.json",
            r#"{ "id": "a", "mcpServers": { "m": { "url": "https://mcp.example.org" } }, "cliBackends": ["claude-cli"] }"#,
        )])],
        check: Check::Document(MANIFEST, starts_program),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.manifest_shell_command",
        summary: "A plugin starts its program through a shell command line",
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[78],
        why: "A command line given to a shell can fetch and run anything; what is really started is hard to review.",
        remedy: "Name the program and its arguments directly.",
        bad: &[Example::files(&[(
            "openclaw.plugin.json",
            r#"{ "id": "a", "mcpServers": { "m": { "command": "/bin/bash", "args": [«"-lc"», "curl -s x | sh"] } } }"#,
        )])],
        good: &[Example::files(&[(
            "openclaw.plugin.json",
            r#"{ "id": "a", "mcpServers": { "m": { "command": "bash", "args": ["./start.sh", "-c"] } } }"#,
        )])],
        check: Check::Document(MANIFEST, shell_command),
        ..Rule::DEFAULT
    },
];

/// The files that a plugin loads, as `package.json` names them.
fn plugin_entries(document: &Document) -> Vec<(&str, Found<'_>)> {
    document.root().map(|root| root.get("openclaw").get("extensions").strings().collect()).unwrap_or_default()
}

fn entry_path(document: &Document, project: &Project, report: &mut Report) {
    if is_beyond_upstream(document, project) {
        return;
    }
    let hidden = |part: &str| part == "node_modules" || part.starts_with('.') && part != "." && part != "..";
    for (path, found) in plugin_entries(document) {
        if !escapes(path) && path.split(['/', '\\']).any(hidden) {
            report.at(found.place(), format!("{} lies in a hidden or dependency directory", found.path()));
        }
    }
}

fn entry_escape(document: &Document, project: &Project, report: &mut Report) {
    if project.upstream {
        let mut out = plugin_entries(document).into_iter().filter(|(path, _)| escapes(path)).map(|(_, found)| found);
        let Some(first) = out.next().filter(|_| !is_beyond_upstream(document, project)) else { return };
        let mut said = report.at(first.place(), format!("{} leads out of the plugin", first.path()));
        for found in out {
            said = said.related(&found.place(), "leads out too");
        }
        return;
    }
    for (path, found) in plugin_entries(document) {
        if escapes(path) {
            report.at(found.place(), format!("{} leads out of the plugin", found.path()));
        } else if is_link_outside(document, project, path) {
            report.at(found.place(), format!("{} is a symbolic link that leads out of the tree", found.path()));
        }
    }
}

/// Upstream's audit looks at installed plugins alone.
fn is_beyond_upstream(document: &Document, project: &Project) -> bool {
    project.upstream && !project.plugin_roots().contains(dir_of(&document.path))
}

/// Does a path, taken from a directory, leave it? The home directory and drives count as outside.
fn escapes(path: &str) -> bool {
    let path = path.trim();
    let bytes = path.as_bytes();
    let drive = bytes.get(1) == Some(&b':') && bytes.first().is_some_and(u8::is_ascii_alphabetic);
    if drive || path.starts_with(['/', '\\']) || path == "~" || path.starts_with("~/") {
        return true;
    }
    let mut depth = 0_usize;
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return true,
            },
            _ => depth += 1,
        }
    }
    false
}

fn is_link_outside(document: &Document, project: &Project, path: &str) -> bool {
    let dir = document.path.rsplit_once('/').map_or("", |(dir, _)| dir);
    let full = crate::path::lexical(&std::path::Path::new(dir).join(path));
    let entry = project.tree.get(&full.to_string_lossy());
    entry.is_some_and(|entry| matches!(entry.kind, EntryKind::Link { outside: true, .. }))
}

fn broken_package(config: &Config, report: &mut Report) {
    for plugin in config.plugin_dirs() {
        let Some(document) = config.project.document(&format!("{}/package.json", plugin.path)) else { continue };
        match &document.content {
            Content::Broken(error) => {
                report.at(Place::span(error.span), format!("package.json of \"{}\": {}", plugin.name, error.message));
            }
            _ if document.source.bytes.len() > MAX_MANIFEST => {
                let place = Place::span(document.span(0..0));
                report.at(place, format!("package.json of \"{}\" is larger than 1 MiB", plugin.name));
            }
            _ => {}
        }
    }
}

/// A program that a manifest brings: its command and arguments.
struct Program<'a> {
    command: Found<'a>,
    args: Found<'a>,
}

impl<'a> Program<'a> {
    /// The name of the program without its directory.
    fn name(&self) -> &'a str {
        let path = self.command.str().unwrap_or_default().trim();
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        name.strip_suffix(".exe").or_else(|| name.strip_suffix(".cmd")).unwrap_or(name)
    }
}

fn programs(document: &Document) -> Vec<Program<'_>> {
    let Some(root) = document.root() else { return Vec::new() };
    let named = ["mcpServers", "cliBackends"].map(|key| root.get(key));
    let entries = named.iter().flat_map(|found| found.entries().map(|(_, entry)| entry).chain(found.items()));
    let programs = entries.map(|entry| Program { command: entry.get("command"), args: entry.get("args") });
    programs.filter(|program| program.command.str().is_some_and(|command| !command.trim().is_empty())).collect()
}

fn path_escape(document: &Document, _: &Project, report: &mut Report) {
    let skills = document.root().map(|root| root.get("skills").strings().collect::<Vec<_>>()).unwrap_or_default();
    let skills = skills.into_iter().filter(|(path, _)| escapes(path));
    // An absolute command is the host's own program; only a relative path can belong to the plugin.
    let upward = |(text, _): &(&str, Found<'_>)| text.starts_with("..") && escapes(text);
    let programs = programs(document);
    let commands = programs.iter().filter_map(|program| Some((program.command.str()?, program.command.clone())));
    let args = programs.iter().flat_map(|program| program.args.strings());
    for (_, found) in skills.chain(commands.chain(args).filter(upward)) {
        report.at(found.place(), format!("{} leads out of the plugin", found.path()));
    }
}

fn starts_program(document: &Document, _: &Project, report: &mut Report) {
    for program in programs(document) {
        let name = program.name();
        report.at(program.command.place(), format!("{} starts \"{name}\"", program.command.path()));
    }
}

fn shell_command(document: &Document, _: &Project, report: &mut Report) {
    const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "dash", "ksh", "cmd", "powershell", "pwsh"];
    for program in programs(document).iter().filter(|program| SHELLS.contains(&program.name())) {
        let Some((flag, found)) = program.args.strings().next() else { continue };
        let flag = flag.to_ascii_lowercase();
        let command_line = match program.name() {
            "cmd" => flag == "/c" || flag == "/k",
            "powershell" | "pwsh" => flag.starts_with("-c") || flag.starts_with("-e"),
            _ => flag.starts_with('-') && !flag.starts_with("--") && flag.contains('c'),
        };
        if command_line {
            report.at(found.place(), format!("{} starts \"{}\" with a command line", found.path(), program.name()));
        }
    }
}
