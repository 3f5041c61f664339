//! `exec-approvals.json`: which commands run on the host without a question.

use crate::rule::prelude::*;

const APPROVALS: &[DocumentKind] = &[DocumentKind::ExecApprovals];

/// A committed `socket.token` is reported by `fs.state_committed`.
pub const RULES: &[Rule] = &[
    Rule {
        id: "approvals.security_full",
        summary: "Every command runs on the host without a question",
        profiles: Profiles::OURS,
        high: true,
        cwe: &[78, 862],
        why: "With security \"full\" and ask \"off\" the approvals file stops nothing: only the configuration stands between \
              a prompt and the host's shell.",
        remedy: "Set security to \"allowlist\" and ask to \"on-miss\".",
        links: &["https://docs.openclaw.ai/tools/exec-approvals"],
        bad: &[
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "version": 1, "defaults": { "security": «"full"», "ask": "off" }, "agents": { "main": {} } }"#,
            )]),
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "defaults": { "security": "allowlist", "ask": "off" }, "agents": { "dev": { "security": «"full"» } } }"#,
            )]),
        ],
        good: &[
            Example::files(&[("exec-approvals.json", r#"{ "defaults": { "security": "full", "ask": "always" } }"#)]),
            Example::files(&[("exec-approvals.json", r#"{ "defaults": { "security": "allowlist", "ask": "off" } }"#)]),
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "defaults": { "security": "full" }, "agents": { "dev": { "ask": "on-miss", "security": "full" } } }"#,
            )]),
        ],
        check: Check::Document(APPROVALS, security_full),
        ..Rule::DEFAULT
    },
    Rule {
        id: "approvals.ask_fallback_full",
        summary: "Commands run unasked while nobody can be asked",
        profiles: Profiles::OURS,
        high: true,
        cwe: &[636],
        why: "askFallback decides when no operator is connected: \"full\" turns every question into a yes as soon as the \
              app is closed.",
        remedy: "Set askFallback to \"deny\" or \"allowlist\".",
        links: &["https://docs.openclaw.ai/tools/exec-approvals"],
        bad: &[Example::files(&[(
            "exec-approvals.json",
            r#"{ "defaults": { "askFallback": "deny" }, "agents": { "main": { "askFallback": «"full"» } } }"#,
        )])],
        good: &[Example::files(&[(
            "exec-approvals.json",
            r#"{ "defaults": { "security": "full", "ask": "always", "askFallback": "allowlist" } }"#,
        )])],
        check: Check::Document(APPROVALS, fallback_full),
        ..Rule::DEFAULT
    },
    Rule {
        id: "approvals.allowlist_wildcard",
        summary: "An approval matches every program",
        profiles: Profiles::OURS,
        high: true,
        cwe: &[183],
        why: "A pattern without a name in it approves whatever is called: the allowlist is one in name only.",
        remedy: "List the programs that are really needed, by their full paths.",
        links: &["https://docs.openclaw.ai/tools/exec-approvals"],
        bad: &[Example::files(&[(
            "exec-approvals.json",
            r#"{ "agents": { "main": { "allowlist": [{ "pattern": «"*"» }, { "pattern": «"/**"» }, «"**/*"»] } } }"#,
        )])],
        good: &[Example::files(&[(
            "exec-approvals.json",
            r#"{ "agents": { "*": { "allowlist": [{ "pattern": "/usr/bin/git*" }, { "pattern": "/opt/tools/*" }] } } }"#,
        )])],
        check: Check::Document(APPROVALS, wildcard),
        ..Rule::DEFAULT
    },
    Rule {
        id: "approvals.launcher_without_arg_pattern",
        summary: "An approved program runs whatever its arguments name",
        profiles: Profiles::OURS,
        cwe: &[78, 183],
        why: "To approve an interpreter or a launcher by its name alone is to approve every program: python3 -c, env, \
              docker run, ssh, sudo.",
        remedy: "Add an argPattern that pins the arguments, or approve the script's own path instead.",
        links: &["https://docs.openclaw.ai/tools/exec-approvals"],
        bad: &[
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "agents": { "main": { "allowlist": [{ "pattern": «"/usr/bin/python3.12"» }, { "pattern": «"npx"» }] } } }"#,
            )]),
            Example::files(&[
                ("openclaw.json", "{ tools: { exec: { strictInlineEval: true } } }"),
                (
                    "exec-approvals.json",
                    r#"{ "agents": { "main": { "allowlist": [{ "pattern": "node" }, { "pattern": «"**/sudo"» }] } } }"#,
                ),
            ]),
        ],
        good: &[
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "agents": { "main": { "allowlist": [{ "pattern": "python3", "argPattern": "^/opt/job\\.py$" }, { "pattern": "/opt/env/bin/tool" }] } } }"#,
            )]),
            Example::files(&[(
                "exec-approvals.json",
                r#"{ "agents": { "main": { "allowlist": [{ "pattern": "ripgrep" }, { "pattern": "shfmt" }] } } }"#,
            )]),
        ],
        check: Check::Document(APPROVALS, launchers),
        ..Rule::DEFAULT
    },
];

/// The defaults and every agent's own settings.
fn scopes(document: &Document) -> Vec<Found<'_>> {
    let Some(root) = document.root() else { return Vec::new() };
    std::iter::once(root.get("defaults")).chain(root.get("agents").entries().map(|(_, scope)| scope)).collect()
}

fn security_full(document: &Document, _: &Project, report: &mut Report) {
    let Some(root) = document.root() else { return };
    let defaults = root.get("defaults");
    for scope in scopes(document) {
        let own = |key: &'static str| Some(scope.get(key)).filter(Found::exists).unwrap_or_else(|| defaults.get(key));
        let (security, ask) = (own("security"), own("ask"));
        // What an agent merely inherits is said once, at the defaults.
        let written = scope.path() == defaults.path() || scope.get("security").exists() || scope.get("ask").exists();
        if written && security.is("full") && ask.is("off") {
            let message = format!("{} is \"full\" and ask is \"off\"", security.path());
            let title = format!("Set {} to \"allowlist\"", security.path());
            report.at(security.place(), message).fix(Safety::Unsafe, title, [security.set("allowlist")]);
        }
    }
}

fn fallback_full(document: &Document, _: &Project, report: &mut Report) {
    for scope in scopes(document) {
        let fallback = scope.get("askFallback");
        if fallback.is("full") {
            let title = format!("Set {} to \"deny\"", fallback.path());
            let message = format!("{} is \"full\"", fallback.path());
            report.at(fallback.place(), message).fix(Safety::Unsafe, title, [fallback.set("deny")]);
        }
    }
}

/// Every entry of every allowlist: the token of its pattern, the pattern, and the entry.
fn patterns(document: &Document) -> Vec<(Found<'_>, &str, Found<'_>)> {
    let entries = scopes(document).into_iter().flat_map(|scope| scope.get("allowlist").items());
    entries
        .filter_map(|entry| {
            let at = if entry.is_map() { entry.get("pattern") } else { entry.clone() };
            Some((at.clone(), at.str()?.trim(), entry))
        })
        .collect()
}

fn wildcard(document: &Document, _: &Project, report: &mut Report) {
    for (at, pattern, entry) in patterns(document) {
        if pattern.contains('*') && pattern.chars().all(|c| matches!(c, '*' | '?' | '/' | '\\' | '.')) {
            let message = format!("{} approves every program", at.path());
            let title = format!("Remove {}", entry.path());
            report.at(at.place(), message).fix(Safety::Unsafe, title, [entry.remove()]);
        }
    }
}

/// Programs that start the program that their arguments name.
const LAUNCHERS: [&str; 19] = [
    "env", "npx", "uv", "uvx", "bunx", "pipx", "docker", "podman", "kubectl", "ssh", "sudo", "doas", "su", "nohup",
    "nice", "timeout", "watch", "strace", "nsenter",
];

/// Programs that run code which their arguments hold.
const INTERPRETERS: [&str; 23] = [
    "python",
    "pypy",
    "node",
    "nodejs",
    "bun",
    "deno",
    "ruby",
    "perl",
    "php",
    "lua",
    "bash",
    "sh",
    "zsh",
    "dash",
    "ksh",
    "fish",
    "pwsh",
    "powershell",
    "osascript",
    "awk",
    "gawk",
    "find",
    "xargs",
];

fn launchers(document: &Document, project: &Project, report: &mut Report) {
    // With a configuration beside it, interpreters are judged together with strictInlineEval.
    let beside = |config: &String| dir(config) == dir(&document.path);
    let alone = !project.configs.iter().any(beside);
    for (at, pattern, entry) in patterns(document) {
        let name = program(pattern);
        let runs_code = LAUNCHERS.contains(&&*name) || alone && INTERPRETERS.contains(&&*name);
        let pinned = entry.get("argPattern").text().is_some_and(|text| !text.text.trim().is_empty());
        if runs_code && !pinned {
            report.at(at.place(), format!("{} approves {name} with any arguments", at.path()));
        }
    }
}

fn dir(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The program that a pattern names: without its directory, extension and version.
fn program(pattern: &str) -> String {
    let name = pattern.rsplit(['/', '\\']).next().unwrap_or(pattern).to_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '*')).to_owned()
}
