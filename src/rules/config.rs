//! What the loader and the schema of the target release refuse: one rule for each kind of refusal.

use std::collections::BTreeMap;

use crate::config;
use crate::model::schema::is_remark;
use crate::model::{Issue, IssueKind};
use crate::rule::prelude::*;
use crate::source::FileId;

const WHY_REFUSED: &str =
    "A gateway refuses to start with such a file, and its own audit stops before it checks anything.";

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "config.parse_error",
        summary: "The configuration is not JSON5",
        severity: Severity::Critical,
        hygiene: true,
        why: WHY_REFUSED,
        remedy: "Correct the syntax at the marked place.",
        bad: &[
            config!("{ gateway: { bind: \"loopback\" \n«»"),
            config!("{ gateway: «#» no such comment\n { bind: \"loopback\" } }"),
        ],
        good: &[config!("// JSON5 takes comments and\n{ gateway: { bind: 'loopback', }, } /* trailing commas */\n")],
        check: Check::Loading(|config, report| say(config, report, IssueKind::ParseError)),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.include_error",
        summary: "An $include cannot be followed",
        severity: Severity::Critical,
        hygiene: true,
        why: "An include must be a regular file of at most 2 MiB inside the directory of the configuration, at most 10 \
              levels deep and without a cycle; otherwise the whole configuration is refused.",
        remedy: "Correct the path, or move the file beside the configuration.",
        bad: &[
            config!(r#"{ gateway: { $include: «"./missing.json5"» } }"#),
            config!(r#"{ $include: «"../outside.json5"» }"#),
            config!("{ $include: «7» }"),
        ],
        good: &[Example::files(&[
            ("openclaw.json", r#"{ gateway: { $include: "./gateway.json5" } }"#),
            ("gateway.json5", r#"{ bind: "loopback" }"#),
        ])],
        check: Check::Loading(|config, report| say(config, report, IssueKind::IncludeError)),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.missing_variable",
        summary: "A variable that the configuration refers to is not set",
        severity: Severity::Critical,
        hygiene: true,
        why: "2026.2 refuses the whole configuration for one missing variable; later releases keep the text as it is \
              written and whatever needs the value does not work. Checked only when the environment is known.",
        remedy: "Set the variable, or remove the reference.",
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: «"${GATEWAY_TOKEN}"» } } }"#).on(V2026_2).with_env(&[]),
            config!(r#"{ gateway: { auth: { mode: "token", token: «"${GATEWAY_TOKEN}"» } } }"#)
                .with_env(&[("GATEWAY_TOKEN", "")]),
            // What `env.vars` declares is read before anything is put into it.
            config!(r#"{ env: { vars: { A: "${B}" } }, messages: { responsePrefix: «"${A}"» } }"#).with_env(&[("B", "x")]),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: "${GATEWAY_TOKEN}" } } }"#).on(V2026_2),
            config!(r#"{ gateway: { auth: { mode: "token", token: "$${GATEWAY_TOKEN}" } } }"#).with_env(&[]),
            config!(r#"{ env: { vars: { NAME: "x" } }, messages: { responsePrefix: "${NAME}" } }"#).with_env(&[]),
            config!(r#"{ env: { vars: { NAME: "x" } }, messages: { responsePrefix: "${NAME}" } }"#).with_env(&[("NAME", " ")]),
        ],
        check: Check::Loading(|config, report| say(config, report, IssueKind::MissingVariable)),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.unknown_key",
        summary: "A key is not one that the release reads",
        severity: Severity::Critical,
        hygiene: true,
        why: "Most objects are closed: one unknown key and the gateway refuses the whole file. In the few open ones the \
              key is silently ignored, and the protection it was meant to be does not exist.",
        remedy: "Rename the key to what the target release reads, or delete it; `openclaw doctor --fix` migrates old names.",
        bad: &[
            config!("{ gateway: { «prot»: 18789 } }"),
            config!(r#"{ gateway: { tls: { enabled: true, «certFile»: "/etc/cert.pem" } } }"#),
            config!(r#"{ «sandbox»: "all", gateway: {} }"#),
            config!(r#"{ gateway: { nodes: { «denyCommands»: ["system.run"] } } }"#),
            // Several keys of one object are one finding.
            config!(r#"{ gateway: { «host»: "0.0.0.0", colour: "red", auth: { mode: "token" } }, tools: {} }"#),
            config!(r#"{ commands: { «ownerDisplay»: "raw", useAccessGroups: true } }"#),
            config!("{ agents: { «entries»: { main: {} } } }").on(V2026_5),
            config!("{ channels: { «telegramm»: { enabled: true } } }"),
            config!(r#"{ agents: { list: [{ id: "main", «memorySearch»: { enabled: true } }] } }"#),
            config!("{ security: { «sandbox»: true } }").on_closedclaw(),
        ],
        good: &[
            config!(r#"{ $schema: "https://example.com/s.json", agents: { list: [{ id: "main", default: true }] } }"#),
            config!(r#"{ env: { ANY_NAME: "x" }, models: { providers: { "any name": { baseUrl: "http://x", models: [] } } } }"#)
                .on(V2026_5),
            config!(r#"{ mcp: { servers: { mine: { command: "x", someClientSetting: true } } } }"#),
            config!("{ security: { kernelShield: {} } }").on_closedclaw(),
        ],
        check: Check::Loading(|config, report| say(config, report, IssueKind::UnknownKey)),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.invalid_type",
        summary: "A value has a type that the release does not take",
        severity: Severity::Critical,
        hygiene: true,
        why: WHY_REFUSED,
        remedy: "Write a value of the type that the message names; a variable reference is always a string.",
        bad: &[
            config!(r#"{ gateway: { port: «"18789"» } }"#),
            config!(r#"{ gateway: { port: «"${PORT}"» } }"#),
            config!("{ gateway: { «auth»: [] } }"),
            config!("{ gateway: { port: «Infinity» } }"),
            config!(r#"{ gateway: { auth: { mode: "token", «token»: { source: "env", provider: "default", id: "T" } } } }"#)
                .on(V2026_2),
            config!("«[»]"),
        ],
        good: &[
            config!(r#"{ gateway: { port: 18789, auth: { token: { source: "env", provider: "default", id: "T" } } } }"#),
            config!(r#"{ gateway: { bind: "${BIND}" } }"#),
            Example::files(&[("openclaw.json.example", r#"{ gateway: { port: "{{ port }}", bind: "<bind>" }, agents: {} }"#)]),
        ],
        check: Check::Loading(|config, report| say(config, report, IssueKind::InvalidType)),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.invalid_value",
        summary: "A value is none that the release takes",
        severity: Severity::Critical,
        hygiene: true,
        why: WHY_REFUSED,
        remedy: "Write one of the values that the message names.",
        bad: &[
            config!(r#"{ gateway: { bind: «"0.0.0.0"» } }"#),
            config!(r#"{ logging: { level: «"INFO"» } }"#),
            config!("{ gateway: { port: «70000» } }"),
            config!("{ gateway: { port: «18789.5» } }"),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { network: «" HOST"» } } } } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { binds: [«"./data:/data"»] } } } } }"#),
            config!(r#"{ agents: { defaults: { heartbeat: { every: «"often"» } } } }"#),
            config!(r#"{ gateway: { auth: { token: { source: "env", provider: "default", id: «"lower"» } } } }"#),
            config!(r#"{ agents: { list: [«{» name: "x" }] } }"#).on(V2026_5),
            config!(r#"{ agents: { list: [{ id: "a", heartbeat: { target: «"everyone"» } }] } }"#).on(V2026_5),
            config!(r#"{ agents: { defaults: { heartbeat: { target: «"owner"» } } } }"#).on(V2026_2),
            config!(r#"{ agents: { defaults: { subagents: { model: «"Google/gemini-1.5-pro"» } } } }"#).on(V2026_5),
            config!(r#"{ agents: { list: [{ id: "a", workspace: "/srv/a", identity: { avatar: «"/srv/b/face.png"» } }] } }"#)
                .on(V2026_5)
                .with_env(&[("HOME", "/home/a")]),
        ],
        good: &[
            config!(r#"{ gateway: { bind: "${BIND}", port: 65535 }, logging: { level: "info" } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { network: "bridge", binds: ["/data:/data:ro"] } } } } }"#),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { binds: ["C:\\data:/data"] } } } } }"#),
            config!(r#"{ agents: { defaults: { heartbeat: { every: "1h30m", activeHours: { start: "08:00", end: "24:00" } } } } }"#),
            config!(r#"{ agents: { defaults: { heartbeat: { target: " Telegram " } } } }"#).on(V2026_2),
            config!(r#"{ agents: { defaults: { heartbeat: { target: "gchat" } } } }"#),
            config!(r#"{ agents: { defaults: { heartbeat: { target: "owner" } } } }"#),
            config!(r#"{ agents: { list: [{ id: "a", workspace: "/srv/a", identity: { avatar: "/srv/a/face.png" } }] } }"#)
                .on(V2026_5)
                .with_env(&[("HOME", "/home/a")]),
            config!(r#"{ tools: { web: { search: { provider: "brave" } } } }"#),
        ],
        check: Check::Loading(|config, report| say(config, report, IssueKind::InvalidValue)),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.conflict",
        summary: "Two keys do not go together",
        severity: Severity::Critical,
        hygiene: true,
        why: WHY_REFUSED,
        remedy: "Keep one of the two, as the message says.",
        bad: &[
            config!(r#"{ tools: { allow: ["read"], «alsoAllow»: ["exec"] } }"#),
            config!(r#"{ gateway: { bind: «"lan"», tailscale: { mode: "serve" } } }"#),
            config!(r#"{ gateway: { auth: { mode: «"none"» }, tailscale: { mode: "serve" } } }"#),
            config!("{ agents: { «entries»: { a: {}, b: {} } } }"),
            config!(r#"{ tools: { exec: { mode: «"ask"», security: "allowlist" } } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: "open", «allowFrom»: ["1"] } } }"#).on(V2026_2),
            config!(r#"{ broadcast: { "123": [«"nobody"»] }, agents: { list: [{ id: "main" }] } }"#).on(V2026_5),
            config!(r#"{ agents: { list: [{ id: "a", agentDir: "/srv/a" }, { id: "b", agentDir: «"/srv/a/"» }] } }"#).on(V2026_5),
            config!(r#"{ tools: { loopDetection: { warningThreshold: 9, criticalThreshold: «5» } } }"#).on(V2026_5),
            config!(r#"{ channels: { irc: { nickserv: { register: «true» } } } }"#).on(V2026_2),
            config!(r#"{ channels: { googlechat: { dm: { policy: «"open"» } } } }"#).on(V2026_2),
            config!(r#"{ messages: { tts: { «enabled»: true } } }"#).on(V2026_2),
        ],
        good: &[
            config!(r#"{ tools: { allow: [], alsoAllow: ["exec"] } }"#),
            config!(r#"{ gateway: { bind: "lan", tailscale: { mode: "serve" } } }"#).on(V2026_2),
            config!(r#"{ gateway: { bind: "custom", customBindHost: "127.0.0.1", tailscale: { mode: "serve" } } }"#),
            config!(r#"{ agents: { ownership: "explicit", entries: { a: {}, b: {} } } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: "open", allowFrom: ["*"] } } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: "open", allowFrom: ["${OWNER}"] } } }"#),
        ],
        check: Check::Loading(|config, report| say(config, report, IssueKind::Conflict)),
        ..Rule::DEFAULT
    },
];

/// Reports the issues of one kind. Upstream's own answer holds refusals alone, never advice.
fn say(config: &Config, report: &mut Report, kind: IssueKind) {
    let mut groups: Vec<(&Issue, Vec<&Issue>)> = Vec::new();
    let mut index = BTreeMap::new();
    for issue in config.issues.iter().filter(|issue| issue.kind == kind && (issue.refused || !config.upstream())) {
        let together = !config.upstream() && kind == IssueKind::UnknownKey && issue.related.is_empty();
        let number = groups.len();
        let group = if together { *index.entry(Group::of(issue)).or_insert(number) } else { number };
        match groups.get_mut(group) {
            Some((_, others)) => others.push(issue),
            None => groups.push((issue, Vec::new())),
        }
    }
    for (issue, others) in groups {
        let (one, several) =
            if is_remark(last(issue)) { ("remark", "remarks") } else { ("key of this object", "keys of this object") };
        let more = match others.len() {
            0 => String::new(),
            1 => format!("; 1 more {one} is refused"),
            count => format!("; {count} more {several} are refused"),
        };
        let mut said = report.at(issue.place.clone(), format!("{}{more}", issue.message)).severity(issue.severity);
        for (place, message) in &issue.related {
            said = said.related(place, message.clone());
        }
        for other in &others {
            said = said.related(&other.place, other.message.clone());
        }
        said.maybe(Fix::all(std::iter::once(&issue).chain(&others).map(|issue| issue.fix.clone())));
    }
}

/// What is said of unknown keys at once: those of one object, and remarks wherever they stand.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    file: FileId,
    severity: Severity,
    refused: bool,
    remark: bool,
    parent: &'a str,
}

impl<'a> Group<'a> {
    fn of(issue: &'a Issue) -> Self {
        let remark = is_remark(last(issue));
        let parent = issue.path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let parent = if remark { "" } else { parent };
        Self { file: issue.place.span.file, severity: issue.severity, refused: issue.refused, remark, parent }
    }
}

/// The key itself.
fn last(issue: &Issue) -> &str {
    issue.path.rsplit('.').next().unwrap_or(&issue.path)
}
