//! References to secrets that no running gateway can resolve.

use std::borrow::Cow;

use crate::config;
use crate::kind::Role;
use crate::model::env::push;
use crate::model::value::{Kind, Map, Value};
use crate::rule::prelude::*;
use crate::secret::{self, Placeholder};
use crate::source::Span;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "secrets.audit.ref_unresolved",
        summary: "A SecretRef cannot be resolved",
        severity: Severity::Critical,
        high: true,
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_5),
        scope: Scope::Secrets,
        cwe: &[1188],
        why: "The schema accepts the reference, but the gateway refuses to start when its provider is not declared, has \
              another source, or does not allow the variable; the usual repair in a hurry is the secret in plain text.",
        remedy: "Declare the provider under secrets.providers with the same source, and allow the id there.",
        links: &["https://docs.openclaw.ai/gateway/secrets"],
        bad: &[
            config!(
                r#"{ gateway: { auth: { token: { source: "file", provider: «"vault"», id: "/gateway/token" } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { main: { source: "exec", command: "/usr/bin/pass" } } },
                     models: { providers: { x: { apiKey: { source: "file", provider: «"main"», id: "/x" } } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { default: { source: "env", allowlist: ["A_KEY"] } } },
                     models: { providers: { x: { apiKey: { source: "env", provider: "default", id: «"X_KEY"» } } } } }"#
            )
            .on(V2026_5),
            // Where the schema knows a reference it refuses a malformed id itself; in a plugin's own settings it does not.
            config!(
                r#"{ plugins: { entries: { x: { config: { apiKey: { source: "env", provider: "default", id: «"x-key"» } } } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { f: { source: "file", path: "/run/s.json" } } },
                     plugins: { entries: { x: { config: { apiKey: { source: "file", provider: "f", id: «"x/key"» } } } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { p: { source: "exec", command: "/usr/bin/pass" } } },
                     plugins: { entries: { x: { config: { apiKey: { source: "exec", provider: "p", id: «"a/../b"» } } } } } }"#
            ),
        ],
        good: &[
            config!(
                r#"{ gateway: { auth: { token: { source: "env", provider: "default", id: "OPENCLAW_GATEWAY_TOKEN" } } } }"#
            ),
            config!(
                r#"{ gateway: { auth: { token: { source: "store", provider: "default", id: "GATEWAY_TOKEN" } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { f: { source: "file", path: "/run/s.json" } } },
                     models: { providers: { x: { apiKey: { source: "file", provider: "f", id: "/x/api~1key" } } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { f: { source: "file", path: "/run/s.txt", mode: "singleValue" } } },
                     models: { providers: { x: { apiKey: { source: "file", provider: "f", id: "value" } } } } }"#
            ),
            config!(
                r#"{ secrets: { providers: { default: { source: "env", allowlist: ["X_KEY"] } } },
                     models: { providers: { x: { apiKey: { source: "env", provider: "default", id: "X_KEY" } } } } }"#
            ),
            config!(r#"{ plugins: { installs: { a: { source: "npm", id: "a", spec: "a@1.0.0" } } } }"#).on(V2026_5),
        ],
        check: Check::Config(unresolved),
        ..Rule::DEFAULT
    },
    Rule {
        id: "secrets.audit.placeholder_value",
        summary: "A redaction mark stands where the gateway expects a secret",
        severity: Severity::Critical,
        regular: Some(Severity::Info),
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[1392],
        why: "A copy of the configuration was made for readers, not for a gateway: started with it, the gateway would use \
              the mark, which everybody knows, as the credential.",
        remedy: "Replace the mark by a reference to the secret, such as \"${NAME}\".",
        bad: &[
            config!(r#"{ channels: { slack: { botToken: «"xoxb-REDACTED"», appToken: «"__OPENCLAW_REDACTED__"» } } }"#),
            config!(
                r#"{ models: { providers: { x: { apiKey: { source: "env", provider: "default", id: «"X_KEY"» } } } } }"#
            )
            .with_env(&[("X_KEY", "[REDACTED]")]),
        ],
        good: &[
            config!(r#"{ channels: { slack: { botToken: "${SLACK_BOT_TOKEN}" } } }"#),
            config!(
                r#"{ models: { providers: { x: { apiKey: { source: "env", provider: "default", id: "X_KEY" } } } } }"#
            )
            .with_env(&[("X_KEY", "q7Rt2Vx9Kd3mZp5WbN8sLf4Y")]),
            config!(r#"{ messages: { prefix: "[redacted]" } }"#),
            Example::files(&[(
                "openclaw.json.example",
                r#"{ "gateway": {}, "channels": { "slack": { "botToken": "REDACTED" } } }"#,
            )]),
        ],
        check: Check::Config(redaction),
        ..Rule::DEFAULT
    },
];

/// A SecretRef as it is written.
struct Ref<'a> {
    path: String,
    source: &'a str,
    provider: Option<(&'a str, Span)>,
    id: (&'a str, Span),
}

/// Every object below `value` that can only be a SecretRef.
fn refs<'a>(value: &'a Value, path: &mut String, found: &mut Vec<Ref<'a>>) {
    let size = path.len();
    match &value.kind {
        Kind::Map(map) => {
            if let Some(reference) = as_ref(map, path) {
                found.push(reference);
                return;
            }
            for entry in &map.entries {
                push(path, &entry.key);
                refs(&entry.value, path, found);
                path.truncate(size);
            }
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                push(path, &index.to_string());
                refs(item, path, found);
                path.truncate(size);
            }
        }
        _ => {}
    }
}

fn as_ref<'a>(map: &'a Map, path: &str) -> Option<Ref<'a>> {
    let text = |key| {
        let value = &map.get(key)?.value;
        let Kind::String(text) = &value.kind else { return None };
        Some((&*text.text, value.span))
    };
    let known = map.entries.iter().all(|entry| matches!(&*entry.key, "source" | "provider" | "id"));
    let (source, _) = text("source").filter(|(source, _)| matches!(*source, "env" | "file" | "exec" | "store"))?;
    let id = text("id")?;
    known.then(|| Ref { path: path.to_owned(), source, provider: text("provider"), id })
}

fn unresolved(config: &Config, report: &mut Report) {
    let mut found = Vec::new();
    refs(&config.root, &mut String::new(), &mut found);
    for reference in &found {
        let Some((key, span, reason)) = trouble(config, reference) else { continue };
        // What the schema already refuses needs no second finding.
        if config.issues.iter().any(|issue| issue.place.span == span) {
            continue;
        }
        let key_path = format!("{}.{key}", reference.path);
        let message = format!("{key_path} {reason}");
        report.at(Place { span, key_path, missing: false }, message);
    }
}

/// Which key of a reference is wrong, where, and why.
fn trouble(config: &Config, reference: &Ref<'_>) -> Option<(&'static str, Span, Cow<'static, str>)> {
    let (id, id_span) = reference.id;
    if !is_id(reference.source, id) {
        return Some(("id", id_span, format!("is no id of a {} secret", reference.source).into()));
    }
    let (alias, alias_span) = reference.provider?;
    let providers = config.at("secrets.providers");
    let provider = providers.get(alias);
    if !provider.exists() {
        let built_in = alias == "default" && matches!(reference.source, "env" | "store");
        return (!built_in).then(|| ("provider", alias_span, "names a provider that secrets.providers lacks".into()));
    }
    let source = provider.get("source");
    if source.str().is_some_and(|source| source != reference.source) {
        return Some(("provider", alias_span, "names a provider of another source".into()));
    }
    let allowed = provider.get("allowlist");
    let listed = allowed.items().any(|item| item.is_unknown() || item.is(id));
    (reference.source == "env" && allowed.is_list() && !listed)
        .then(|| ("id", id_span, "is not on the allowlist of its provider".into()))
}

/// The id grammars of the four sources.
fn is_id(source: &str, id: &str) -> bool {
    match source {
        "env" | "store" => {
            id.len() <= 128
                && id.starts_with(|first: char| first.is_ascii_uppercase())
                && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        }
        "file" => id == "value" || id.starts_with('/'),
        _ => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/#-".contains(&byte);
            id.len() <= 256
                && id.starts_with(|first: char| first.is_ascii_alphanumeric())
                && id.bytes().all(plain)
                && !id.split('/').any(|segment| matches!(segment, "." | ".."))
        }
    }
}

fn redaction(config: &Config, report: &mut Report) {
    if config.role == Role::Template {
        return;
    }
    written_redactions(&config.root, &mut String::new(), report);
    let mut found = Vec::new();
    refs(&config.root, &mut String::new(), &mut found);
    for reference in found.iter().filter(|reference| reference.source == "env") {
        let (id, span) = reference.id;
        if config.env.get(id).is_some_and(is_redaction) {
            let key_path = format!("{}.id", reference.path);
            report.at(Place { span, key_path, missing: false }, format!("the variable {id} holds a redaction mark"));
        }
    }
}

fn is_redaction(text: &str) -> bool {
    // Every mark is short and says so in one of these words; most values are not worth a closer look.
    let may_be = text.len() <= 64 && (text.contains("***") || text.contains("REDACTED") || text.contains("edacted"));
    may_be && secret::placeholder(text) == Some(Placeholder::Redaction)
}

fn written_redactions(value: &Value, path: &mut String, report: &mut Report) {
    let size = path.len();
    match &value.kind {
        Kind::String(text) if is_redaction(&text.text) => {
            let segments: Vec<&str> = path.split('.').collect();
            // The gateway's own two have rules that judge them as the weak secrets they are.
            let judged = matches!(path.as_str(), "gateway.auth.token" | "gateway.auth.password");
            if !judged && (secret::is_registered(&segments) || secret::is_secret_name(path)) {
                let place = Place { span: value.span, key_path: path.clone(), missing: false };
                let title = format!("Write a reference such as \"${{NAME}}\" in {path}, or take it out");
                report.at(place, format!("{path} holds a redaction mark")).fix(Safety::Manual, title, []);
            }
        }
        Kind::Map(map) => {
            for entry in &map.entries {
                push(path, &entry.key);
                written_redactions(&entry.value, path, report);
                path.truncate(size);
            }
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                push(path, &index.to_string());
                written_redactions(item, path, report);
                path.truncate(size);
            }
        }
        _ => {}
    }
}
