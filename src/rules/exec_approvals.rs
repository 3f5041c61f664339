//! `exec-approvals.json`: the commands that the operator lets through without asking again.

use crate::model::exec_policy::Security;
use crate::model::tool_policy::Context;
use crate::rule::prelude::*;

/// The table. Release 2026.9 keeps approvals in a database; a file beside its configuration is read
/// by our profiles only.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tools.exec.auto_allow_skills_enabled",
        summary: "Programs that skills declare run without approval",
        severity: Severity::Warn,
        versions: Versions::only(V2026_5),
        also: Some(Versions::ALL),
        cwe: &[863],
        why: "With autoAllowSkills every program that an installed skill names is approved; whoever writes the skill \
              decides what runs.",
        remedy: "Set autoAllowSkills to false and approve programs one by one.",
        repair: Repair::Write(Safety::Safe, "false"),
        bad: &[
            Example::files(&[
                ("openclaw.json", "{ gateway: {} }"),
                ("exec-approvals.json", r#"{ "version": 1, "defaults": { "autoAllowSkills": «true» } }"#),
            ]),
            Example::files(&[
                ("state/openclaw.json", "{ gateway: {} }"),
                ("state/exec-approvals.json", r#"{ "version": 1, "agents": { "main": { "autoAllowSkills": «true» } } }"#),
            ])
            .on(V2026_5),
        ],
        good: &[Example::files(&[
            ("openclaw.json", "{ gateway: {} }"),
            ("exec-approvals.json", r#"{ "version": 1, "defaults": { "autoAllowSkills": false }, "agents": { "main": {} } }"#),
        ])],
        check: Check::Config(auto_allow),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.allowlist_interpreter_without_strict_inline_eval",
        summary: "An interpreter is approved without a check of inline code",
        severity: Severity::Warn,
        versions: Versions::only(V2026_5),
        also: Some(Versions::ALL),
        cwe: &[78, 95],
        why: "Once an interpreter is approved, `-c` or `-e` runs any code. strictInlineEval would ask again for that.",
        remedy: "Set tools.exec.strictInlineEval to true, or remove the interpreter from the approvals.",
        repair: Repair::Set(Safety::Safe, &[("tools.exec.strictInlineEval", "true")]),
        bad: &[
            Example::files(&[
                ("openclaw.json", "{ gateway: {} }"),
                (
                    "exec-approvals.json",
                    r#"{ "agents": { "main": { "allowlist": [{ "pattern": «"/usr/bin/python3.11"» }, { "pattern": "/bin/ls" }] } } }"#,
                ),
            ])
            .on(V2026_5),
            Example::files(&[
                (
                    "openclaw.json",
                    "{ tools: { exec: { strictInlineEval: true } }, agents: { list: [{ id: 'dev', tools: { exec: { strictInlineEval: false } } }] } }",
                ),
                (
                    "exec-approvals.json",
                    r#"{ "agents": { "*": { "allowlist": [{ "pattern": "node" }] }, "dev": { "allowlist": [{ "pattern": «"**/node*"» }] } } }"#,
                ),
            ])
            .on(V2026_5),
        ],
        good: &[
            Example::files(&[
                ("openclaw.json", "{ tools: { exec: { strictInlineEval: true } } }"),
                ("exec-approvals.json", r#"{ "agents": { "main": { "allowlist": [{ "pattern": "python3" }] } } }"#),
            ])
            .on(V2026_5),
            Example::files(&[
                ("openclaw.json", "{ gateway: {} }"),
                ("exec-approvals.json", r#"{ "agents": { "main": { "allowlist": [{ "pattern": "/opt/pythonista" }] } } }"#),
            ]),
        ],
        check: Check::Config(interpreters),
        ..Rule::DEFAULT
    },
    Rule {
        id: "doctor.exec_policy_conflict",
        summary: "The configuration allows more commands than the approvals file",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        cwe: &[1173],
        why: "The stricter side wins at run time, so one of the two files says what does not hold; a reader trusts the \
              wrong one.",
        remedy: "Set the same security and ask in both places.",
        bad: &[Example::files(&[
            ("openclaw.json", "{ tools: { exec: { security: «'full'», ask: «'off'» } } }"),
            ("exec-approvals.json", r#"{ "defaults": { "security": "allowlist", "ask": "on-miss" } }"#),
        ])],
        good: &[
            Example::files(&[
                ("openclaw.json", "{ tools: { exec: { security: 'allowlist', ask: 'always' } } }"),
                ("exec-approvals.json", r#"{ "defaults": { "security": "full", "ask": "on-miss" } }"#),
            ]),
            Example::files(&[
                ("openclaw.json", "{ tools: { exec: { security: 'full' } } }"),
                ("exec-approvals.json", r#"{ "defaults": { "ask": "always" } }"#),
            ]),
        ],
        check: Check::Config(conflict),
        ..Rule::DEFAULT
    },
];

/// The approvals that this configuration's gateway would read.
fn approvals(config: &Config) -> Option<&Document> {
    let document = config.project.document(&config.beside("exec-approvals.json"))?;
    let version = document.root()?.get("version");
    // Upstream takes a file of another version for an empty one.
    (!config.upstream() || version.number() == Some(1.0)).then_some(document)
}

fn auto_allow(config: &Config, report: &mut Report) {
    let Some(root) = approvals(config).and_then(Document::root) else { return };
    let agents = root.get("agents");
    for scope in std::iter::once(root.get("defaults")).chain(agents.entries().map(|(_, scope)| scope)) {
        let flag = scope.get("autoAllowSkills");
        if flag.is_true() {
            report.at(flag.place(), format!("{} approves every program that a skill names", flag.path()));
        }
    }
}

/// Programs that run code given on their command line; first those that 2026.5 knows.
const INTERPRETERS: [&str; 54] = [
    "python",
    "python2",
    "python3",
    "pypy",
    "pypy3",
    "node",
    "nodejs",
    "bun",
    "deno",
    "awk",
    "gawk",
    "mawk",
    "nawk",
    "ruby",
    "perl",
    "php",
    "lua",
    "osascript",
    "find",
    "make",
    "gmake",
    "sed",
    "gsed",
    "xargs",
    "r",
    "rscript",
    "julia",
    "elixir",
    "iex",
    "guile",
    "groovy",
    "scala",
    "scala-cli",
    "clojure",
    "clj",
    "raku",
    "perl6",
    "ghc",
    "ghci",
    "erl",
    "werl",
    "gdb",
    "expect",
    "bash",
    "sh",
    "zsh",
    "dash",
    "ksh",
    "fish",
    "pwsh",
    "powershell",
    "tclsh",
    "irb",
    "ts-node",
];

/// How many of [`INTERPRETERS`] upstream's 2026.5 knows. It does not see past a version number either.
const UPSTREAM_INTERPRETERS: usize = 24;

fn interpreters(config: &Config, report: &mut Report) {
    let Some(root) = approvals(config).and_then(Document::root) else { return };
    let (count, spellings) = if config.upstream() { (UPSTREAM_INTERPRETERS, 1) } else { (INTERPRETERS.len(), 2) };
    let is_known = |name: &String| INTERPRETERS.iter().take(count).any(|known| known == name);
    for (agent, scope) in root.get("agents").entries() {
        if is_strict(config, agent) {
            continue;
        }
        for item in scope.get("allowlist").items() {
            let at = if item.is_map() { item.get("pattern") } else { item };
            let Some(pattern) = at.str() else { continue };
            if let Some(name) = names_of(pattern).iter().take(spellings).find(|name| is_known(name)) {
                let message = format!("\"{name}\" is approved for \"{agent}\" without strictInlineEval");
                report.at(at.place(), message);
            }
        }
    }
}

/// Does the agent of an approvals entry ask again for inline code? `*` stands for all agents. Upstream's
/// 2026.5 asks only the common setting for the main agent, and takes either setting for any other.
fn is_strict(config: &Config, agent: &str) -> bool {
    let common = config.at("tools.exec.strictInlineEval");
    let agents = config.agents();
    let own = agents.iter().find(|known| known.id == agent.trim().to_lowercase());
    let own = own.map(|known| known.found.at("tools.exec.strictInlineEval")).filter(Found::exists);
    if config.upstream() {
        return common.is_true() || !matches!(agent, "main" | "default") && own.is_some_and(|own| own.is_true());
    }
    own.unwrap_or(common).is_true()
}

/// The program that a pattern names: as written, and without its version.
fn names_of(pattern: &str) -> [String; 2] {
    let lower = pattern.trim().to_lowercase();
    let name = lower.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !"*?[]{}()".contains(*c)).collect();
    let name = name.strip_suffix(".exe").unwrap_or(&name).to_owned();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-').to_owned();
    [name, bare]
}

fn conflict(config: &Config, report: &mut Report) {
    let Some(root) = approvals(config).and_then(Document::root) else { return };
    let defaults = root.get("defaults");
    let scope = config.exec_scope(Context { agent: None, sandbox: config.sandbox(None) });
    let allowed = defaults.get("security");
    if let (Some(wide), Some(narrow)) = (scope.security, allowed.str().and_then(Security::parse))
        && wide > narrow
    {
        let message = format!("{} allows more than the approvals file, which wins", scope.at.path());
        report.at(scope.at.place(), message).related(&allowed.place(), "the stricter side");
    }
    let (ask, required) = (config.at("tools.exec.ask"), defaults.get("ask"));
    if let (Some(wide), Some(narrow)) = (ask.str().and_then(asking), required.str().and_then(asking))
        && wide < narrow
    {
        let message = "tools.exec.ask asks less often than the approvals file, which wins";
        report.at(ask.place(), message).related(&required.place(), "the stricter side");
    }
}

/// How often a human is asked, as a rank.
fn asking(word: &str) -> Option<u8> {
    ["off", "on-miss", "always"].iter().position(|known| *known == word).and_then(|rank| u8::try_from(rank).ok())
}
