//! Secrets in plain text in a configuration.

use crate::config;
use crate::kind::Role;
use crate::model::secrets::{self, Leak};
use crate::model::value::EnvUse;
use crate::rule::prelude::*;
use crate::rule::{Profile, Said};
use crate::secret::Certainty;

/// Secrets that upstream's audit reports under an id of their own.
const OWN_IDS: [&str; 2] = ["gateway.auth.password", "hooks.token"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "config.secrets.gateway_password_in_config",
        summary: "The gateway password is written in the configuration",
        severity: Severity::Warn,
        scope: Scope::Secrets,
        cwe: &[312, 798],
        why: "Everyone who can read the file, its backups or the git history can log in to the gateway and drive the \
              agent.",
        remedy: "Set OPENCLAW_GATEWAY_PASSWORD in the environment, remove the value and choose a new password.",
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "password", password: «"correct-horse-battery"» } } }"#),
            config!(r#"{ gateway: { auth: { password: «"w7Tq-2mVx-9kLd"» } } }"#).on(V2026_2),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "password", password: "${OPENCLAW_GATEWAY_PASSWORD}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "password", password: "${GATEWAY_PW}" } } }"#)
                .with_env(&[("GATEWAY_PW", "correct-horse-battery")]),
            config!(
                r#"{ gateway: { auth: { mode: "password", password: { source: "env", provider: "default", id: "PW" } } } }"#
            ),
            config!(r#"{ gateway: { auth: { mode: "password", password: "<your-password>" } } }"#),
        ],
        check: Check::Config(gateway_password),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.secrets.hooks_token_in_config",
        summary: "The webhook token is written in the configuration",
        severity: Severity::Warn,
        scope: Scope::Secrets,
        cwe: &[312, 798],
        why: "The hooks token lets anyone who knows it start agent runs with text of their choice; a token in git is \
              known to every reader of the repository.",
        remedy: "Replace the value by \"${OPENCLAW_HOOKS_TOKEN}\" and choose a new token; hooks.token takes no SecretRef \
                 object.",
        bad: &[
            config!(r#"{ hooks: { enabled: true, token: «"8c1f0be2d05836a9b4c1f07e3d5286b1"» } }"#),
            config!(r#"{ hooks: { token: «"8c1f0be2d05836a9b4c1f07e3d5286b1"» } }"#).on(V2026_5),
        ],
        good: &[
            config!(r#"{ hooks: { enabled: true, token: "${OPENCLAW_HOOKS_TOKEN}" } }"#),
            config!(r#"{ hooks: { enabled: true, token: "change-me-to-a-long-random-token" } }"#),
        ],
        check: Check::Config(hooks_token),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.plaintext_secrets",
        summary: "A credential is written in the configuration",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 798],
        why: "Whoever can read the file, a backup of it or the git history can use the account, and removing the value \
              in a later commit does not take it back.",
        remedy: "Move the value to the environment or a secret store, refer to it with \"${NAME}\" or a SecretRef, and \
                 replace the credential at its issuer.",
        links: &["https://docs.openclaw.ai/gateway/secrets"],
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: «"4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536"» } } }"#),
            config!(r#"{ models: { providers: { deepseek: { apiKey: «"sk-4f9a1c7be2d05836a9b4c1f07e3d5286"» } } } }"#),
            config!(r#"{ agents: { list: [{ id: "a", memorySearch: { remote: { apiKey: «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } } }] } }"#)
                .on(V2026_5),
            config!(
                r#"{ channels: { feishu: { appId: "cli_4f9a1c7be2d05836", accounts: { a: { appSecret: «"q7Rt2Vx9Kd3mZp5WbN8sLf4YtH6wQz1C"» } } } } }"#
            ),
            config!(
                r#"{ mcp: { servers: { search: { command: "srv", env: { HOME: "/home/a", SEARCH_API_KEY: «"q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } } } } }"#
            ),
            config!(r#"{ env: { vars: { DATABASE_URL: «"postgres://app:q7Rt2Vx9Kd@db.internal/app"» } } }"#),
            config!(r#"{ models: { providers: { x: { headers: { Authorization: «"Bearer q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } } } } }"#),
            Example::files(&[(
                "openclaw.json.bak",
                r#"{ "gateway": { "auth": { "token": «"4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536"» } } }"#,
            )]),
            Example::files(&[(
                "base.json5",
                r#"{ auth: { token: «"4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536"» } }"#,
            ), ("openclaw.json", r#"{ gateway: { $include: "./base.json5" } }"#)]),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: "${OPENCLAW_GATEWAY_TOKEN}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "$OPENCLAW_GATEWAY_TOKEN" } } }"#),
            config!(r#"{ models: { providers: { a: { apiKey: "ollama-local" }, b: { apiKey: "OPENAI_API_KEY" } } } }"#),
            config!(r#"{ models: { providers: { a: { apiKey: { source: "env", provider: "default", id: "A_KEY" } } } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11" } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "__OPENCLAW_REDACTED__" }, line: { secretFile: "/run/secrets/line" } } }"#),
            config!(r#"{ models: { providers: { x: { models: [{ id: "claude-sonnet-4-5-20250929", maxTokens: 8192 }] } } } }"#),
            Example::files(&[(
                "openclaw.json.example",
                r#"{ "gateway": { "auth": { "password": "correct-horse-battery" } }, "agents": {} }"#,
            )]),
        ],
        check: Check::Both(plaintext, &[DocumentKind::ConfigBackup], plaintext_in_backup),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.credential_in_text",
        summary: "A value that should hold no credential contains one",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 798],
        why: "A key in a prompt, an address or a command argument leaks like any other, and it is also sent to model \
              providers, shown in process lists or written to logs, where redaction by key name does not find it.",
        remedy: "Take the credential out of the text, pass it by an environment variable, and replace it at its issuer.",
        bad: &[
            config!(r#"{ browser: { cdpUrl: «"wss://agent:q7Rt2Vx9Kd@cdp.internal:9222"» } }"#),
            config!(
                r#"{ mcp: { servers: { db: { command: "srv", args: ["--url", «"postgres://app:q7Rt2Vx9Kd@db.internal/app"»] } } } }"#
            ),
            config!(r#"{ mcp: { servers: { x: { url: «"https://mcp.internal/sse?api_key=q7Rt2Vx9Kd3mZp5WbN8sLf4Y"» } } } }"#),
        ],
        good: &[
            config!(r#"{ browser: { cdpUrl: "wss://agent:${CDP_PASSWORD}@cdp.internal:9222" } }"#),
            config!(r#"{ mcp: { servers: { db: { command: "srv", args: ["postgres://postgres:postgres@localhost/app"] } } } }"#),
            config!(r#"{ messages: { prefix: "see https://docs.internal/page?pageToken=q7Rt2Vx9Kd3mZp5WbN8sLf4Y" } }"#),
        ],
        check: Check::Both(in_text, &[DocumentKind::ConfigBackup], in_text_of_backup),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.credential_outside_values",
        summary: "A comment or an overridden value contains a credential",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 615],
        why: "The gateway does not read a comment, a lost duplicate or an overridden value, but everyone who can read the \
              file does.",
        remedy: "Delete the credential from the file and replace it at its issuer.",
        bad: &[
            config!("{ // was postgres://app:«q7Rt2Vx9Kd»@db.internal/app\n  gateway: { auth: { token: \"${T}\" } } }"),
            config!(
                r#"{ browser: { cdpUrl: "wss://a:«q7Rt2Vx9Kd»@cdp.internal:9222", cdpUrl: "wss://cdp.internal:9222" } }"#
            ),
        ],
        good: &[
            config!("{ // wss://agent:${CDP_PASSWORD}@cdp.internal, or sk-ant-<your-key>\n  gateway: { port: 18789 } }"),
            config!(r#"{ browser: { cdpUrl: "wss://agent:q7Rt2Vx9Kd@cdp.internal:9222" } }"#),
        ],
        check: Check::Loading(outside_values),
        ..Rule::DEFAULT
    },
];

fn gateway_password(config: &Config, report: &mut Report) {
    let password = config.at("gateway.auth.password");
    if config.upstream() {
        if is_written_out(&password) {
            report.at(password.place(), "gateway.auth.password holds a literal");
        }
        return;
    }
    own_id(config, report, OWN_IDS[0]);
}

fn hooks_token(config: &Config, report: &mut Report) {
    if config.upstream() {
        let token = config.at("hooks.token");
        if config.at("hooks.enabled").is_true() && is_written_out(&token) {
            report.at(token.place(), "hooks.token holds a literal").severity(Severity::Info);
        }
        return;
    }
    own_id(config, report, OWN_IDS[1]);
}

/// Upstream's test: any text that is left after substitution, but for a whole reference.
fn is_written_out(found: &Found<'_>) -> bool {
    let Some(text) = found.text().filter(|text| matches!(text.env, EnvUse::None | EnvUse::Resolved)) else {
        return false;
    };
    let text = text.text.trim();
    let whole_reference = text.starts_with("${") && text.ends_with('}');
    !text.is_empty() && !whole_reference
}

/// Takes a secret out of the file. It has to be put where the gateway runs, and it is still in the history.
fn reference(leak: &Leak) -> Option<Fix> {
    let path = &leak.place.key_path;
    let name = variable(path)?;
    let title = format!("Write \"${{{name}}}\" in {path}, and set {name} to a new value where the gateway runs");
    let value = format!("${{{name}}}").into();
    Some(Fix::new(Safety::Unsafe, title, [Change::Replace { at: leak.place.span, value }]))
}

/// The variable that is to hold the value at a key path: its usual name, or one made of the path.
fn variable(path: &str) -> Option<String> {
    let usual = match path {
        "gateway.auth.token" | "gateway.remote.token" => "OPENCLAW_GATEWAY_TOKEN",
        "gateway.auth.password" | "gateway.remote.password" => "OPENCLAW_GATEWAY_PASSWORD",
        "hooks.token" => "OPENCLAW_HOOKS_TOKEN",
        _ => return made_of(path),
    };
    Some(usual.to_owned())
}

/// `models.providers.openai.apiKey` as `MODELS_PROVIDERS_OPENAI_API_KEY`.
fn made_of(path: &str) -> Option<String> {
    let mut name = String::new();
    let mut small = false;
    for c in path.chars() {
        let plain = c.is_ascii_alphanumeric();
        if plain && small && c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(if plain { c.to_ascii_uppercase() } else { '_' });
        small = c.is_ascii_lowercase();
    }
    (name.len() <= 100 && name.starts_with(|first: char| first.is_ascii_uppercase())).then_some(name)
}

fn own_id(config: &Config, report: &mut Report, path: &str) {
    if let Some(leak) = secrets::leak_at(&config.at(path)).filter(|leak| is_sure_enough(config, leak)) {
        say(report, &leak).maybe(reference(&leak));
    }
}

fn plaintext(config: &Config, report: &mut Report) {
    let ours = config.leaks().iter().filter(|leak| leak.expected && !OWN_IDS.contains(&leak.place.key_path.as_str()));
    for leak in ours.filter(|leak| is_sure_enough(config, leak)) {
        say(report, leak).maybe(reference(leak));
    }
}

fn in_text(config: &Config, report: &mut Report) {
    for leak in config.leaks() {
        if !leak.expected && is_sure_enough(config, leak) {
            say(report, leak);
        }
    }
}

/// A template is filled in by people, so what merely looks like a literal is an example there.
fn is_sure_enough(config: &Config, leak: &Leak) -> bool {
    let least = match (config.role, config.profile) {
        (Role::Template, _) => Certainty::High,
        (_, Profile::Strict) => Certainty::Low,
        _ => Certainty::Medium,
    };
    leak.verdict.certainty >= least && !(config.role == Role::Template && leak.verdict.format == "literal")
}

fn plaintext_in_backup(document: &Document, project: &Project, report: &mut Report) {
    of_backup(document, project, report, true);
}

fn in_text_of_backup(document: &Document, project: &Project, report: &mut Report) {
    of_backup(document, project, report, false);
}

/// In a live state directory a backup is what the gateway itself writes; only a checked-in one leaks.
fn of_backup(document: &Document, project: &Project, report: &mut Report, expected: bool) {
    let Some(root) = document.root().and_then(|root| root.value()) else { return };
    if project.live {
        return;
    }
    let least = if document.sample { Certainty::High } else { Certainty::Medium };
    for leak in secrets::leaks(root) {
        if leak.expected == expected && leak.verdict.certainty >= least {
            say(report, &leak);
        }
    }
}

fn say<'r>(report: &'r mut Report, leak: &Leak) -> Said<'r> {
    report
        .at(leak.place.clone(), format!("{} holds {}", leak.place.key_path, leak.shape))
        .confidence(secrets::confidence(leak.verdict.certainty))
}

fn outside_values(config: &Config, report: &mut Report) {
    for (span, shape) in secrets::outside_values(config) {
        report.at(Place::span(span), format!("{shape} stands outside every value that counts"));
    }
}
