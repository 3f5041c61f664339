//! What the loader takes without a word although it will not do what was meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::config;
use crate::kind::Role;
use crate::model::dialect::Product;
use crate::model::env::is_name;
use crate::model::value::{EnvUse, Kind, Value};
use crate::rule::prelude::*;
use crate::secret;
use crate::source::Span;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "config.duplicate_key",
        summary: "A key is written twice and the first one is lost",
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Of two equal keys the last one wins whole, without a merge and without a word: a second `gateway` object \
              silently drops the first one with its authentication.",
        remedy: "Merge the two, or delete one.",
        bad: &[
            config!(r#"{ gateway: { bind: "loopback" }, «gateway»: { port: 18789 } }"#),
            config!(r#"{ tools: { "deny": ["exec"], «deny»: [] } }"#),
        ],
        good: &[config!(r#"{ agents: { list: [{ id: "main", name: "a" }, { id: "other", name: "a" }] } }"#)],
        check: Check::Loading(duplicate_key),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.include_concatenates",
        summary: "A list that should replace an included one is appended to it",
        severity: Severity::Info,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Lists beside an $include are joined end to end with the included ones, so an override can never shorten \
              an allow or deny list: what the included file allows stays allowed.",
        remedy: "Take the list out of the included file, or do not include it here.",
        bad: &[Example::files(&[
            ("openclaw.json", r#"{ $include: "./base.json5", tools: { allow: «["read"]» } }"#),
            ("base.json5", r#"{ tools: { allow: ["read", "exec"] } }"#),
        ])],
        good: &[
            Example::files(&[
                ("openclaw.json", r#"{ $include: "./base.json5", tools: { allow: ["web_search"] } }"#),
                ("base.json5", r#"{ tools: { allow: ["read"] } }"#),
            ]),
            Example::files(&[
                ("openclaw.json", r#"{ $include: "./base.json5", agents: { list: [{ id: "main" }] } }"#),
                ("base.json5", r#"{ agents: { list: [{ id: "main" }] } }"#),
            ]),
        ],
        check: Check::Loading(include_concatenates),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.unsubstituted_reference",
        summary: "A reference is not in a form that is substituted",
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Only ${NAME} in capitals is replaced. Everything else is used as it is written: a token written as \
              ${gateway_token} is that very text, which everybody can guess.",
        remedy: "Write ${NAME} with capital letters, digits and `_`, without a default value.",
        bad: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: «"${gateway_token}"» } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: «"${GATEWAY_TOKEN:-changeme}"» } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: «"$(cat /run/secrets/token)"» } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: «"{{ gateway_token }}"» } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: «"$GATEWAY_TOKEN"» } } }"#).on(V2026_2),
        ],
        good: &[
            config!(r#"{ gateway: { auth: { mode: "token", token: "${GATEWAY_TOKEN}" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "$GATEWAY_TOKEN" } } }"#),
            config!(r#"{ gateway: { auth: { mode: "token", token: "${gateway_token}" } } }"#).on_closedclaw(),
            config!(r#"{ agents: { defaults: { sandbox: { docker: { setupCommand: "echo ${x:-1} $(date)" } } } } }"#),
            config!(r#"{ hooks: { mappings: [{ messageTemplate: "{{ payload.text }}" }] } }"#),
            Example::files(&[(
                "openclaw.template.json",
                r#"{ gateway: { bind: "lan", auth: { token: "{{ token }}" } }, agents: {} }"#,
            )]),
        ],
        check: Check::Loading(unsubstituted_reference),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.wrong_file_name",
        summary: "No release looks for a configuration of this name",
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        hygiene: true,
        why: "OpenClaw reads openclaw.json and ClosedClaw reads ClosedClaw.json, with exactly these letters. Under \
              another name the file is live only when OPENCLAW_CONFIG_PATH names it; otherwise its protections do not \
              exist.",
        remedy: "Rename the file, or set OPENCLAW_CONFIG_PATH where the gateway starts.",
        bad: &[
            Example::files(&[("openclaw.json5", r#"«»{ gateway: { bind: "loopback" } }"#)]),
            Example::files(&[("closedclaw.json", r#"«»{ gateway: { bind: "loopback" } }"#)]).on_closedclaw(),
        ],
        good: &[
            config!(r#"{ gateway: { bind: "loopback" } }"#),
            Example::files(&[("ClosedClaw.json", r#"{ gateway: { bind: "loopback" } }"#)]).on_closedclaw(),
            Example::files(&[
                ("openclaw.json5", r#"{ gateway: { bind: "loopback" } }"#),
                ("Dockerfile", "FROM ghcr.io/openclaw/openclaw\nENV OPENCLAW_CONFIG_PATH=/etc/openclaw.json5\n"),
            ]),
        ],
        check: Check::Loading(wrong_file_name),
        ..Rule::DEFAULT
    },
];

fn duplicate_key(config: &Config, report: &mut Report) {
    for duplicate in &config.duplicates {
        let place = Place { span: duplicate.last, key_path: String::new(), missing: false };
        report
            .at(place, format!("{:?} is written twice in this object: only this one counts", duplicate.key))
            .related(&Place::span(duplicate.first), "this one is lost");
    }
}

/// Names of lists that allow or forbid.
const POLICY_LISTS: &[&str] = &[
    "allow",
    "alsoAllow",
    "deny",
    "allowFrom",
    "groupAllowFrom",
    "allowedOrigins",
    "allowedHostnames",
    "allowBundled",
    "allowAgents",
    "allowedAgents",
    "safeBins",
    "trustedProxies",
    "capDrop",
];

fn include_concatenates(config: &Config, report: &mut Report) {
    let concatenated: BTreeMap<Span, Span> =
        config.concatenated.iter().rev().map(|(from, own)| (*own, *from)).collect();
    walk(&config.root, &mut Vec::new(), &mut |path, value| {
        let Kind::List(items) = &value.kind else { return };
        let Some((own, included)) = concatenated.get_key_value(&value.span) else { return };
        if !path.last().is_some_and(|name| POLICY_LISTS.contains(name)) {
            return;
        }
        let inside = |item: &&Value, list: &Span| {
            item.span.file == list.file && list.start <= item.span.start && item.span.end <= list.end
        };
        let theirs: Vec<&Value> = items.iter().filter(|item| inside(item, included)).collect();
        let ours: Vec<&Value> = items.iter().filter(|item| inside(item, own)).collect();
        let text = |item: &&'_ Value| if let Kind::String(text) = &item.kind { Some(text.text.clone()) } else { None };
        let known: BTreeSet<Box<str>> = theirs.iter().filter_map(text).collect();
        let star =
            |list: &[&Value]| list.iter().any(|item| matches!(&item.kind, Kind::String(text) if &*text.text == "*"));
        // Who repeats what is there already wanted the list to be just that; who lists names beside a `*`
        // wanted the star gone.
        let repeats = !ours.is_empty() && ours.iter().all(|item| text(item).is_some_and(|text| known.contains(&text)));
        if !repeats && (!star(&theirs) || star(&ours)) {
            return;
        }
        let place = Place { span: *own, key_path: path.join("."), missing: false };
        let message = format!(
            "{} is appended to the included list of {} items, it does not replace it",
            path.join("."),
            theirs.len()
        );
        report.at(place, message).related(&Place::span(*included), "the included list");
    });
}

/// Calls `with` for every value of the tree with the names that lead to it.
fn walk<'a>(value: &'a Value, path: &mut Vec<&'a str>, with: &mut impl FnMut(&[&'a str], &'a Value)) {
    with(path, value);
    match &value.kind {
        Kind::Map(map) => {
            for entry in &map.entries {
                path.push(&entry.key);
                walk(&entry.value, path, with);
                path.pop();
            }
        }
        Kind::List(items) => {
            for item in items {
                path.push("*");
                walk(item, path, with);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Keys whose text is a template, a script or prose: dollars and braces have their own meaning there.
const FREE_TEXT: &[&str] = &[
    "args",
    "command",
    "customInstructions",
    "mappings",
    "mentionPatterns",
    "messages",
    "prompt",
    "redactPatterns",
    "responsePrefix",
    "setupCommand",
    "systemPrompt",
    "systemPromptOverride",
    "usageTemplate",
];

fn unsubstituted_reference(config: &Config, report: &mut Report) {
    walk(&config.root, &mut Vec::new(), &mut |path, value| {
        let Kind::String(text) = &value.kind else { return };
        // Every form has one of the two; nearly every value has neither.
        if text.env != EnvUse::None || !text.text.contains(['$', '{']) {
            return;
        }
        if path.iter().any(|name| FREE_TEXT.contains(name)) {
            return;
        }
        // What was escaped on purpose is no slip.
        let written = config.sources.slice(value.span);
        let key_path = path.join(".");
        let secret = secret::is_secret_name(&key_path) || secret::is_registered(path);
        let Some(form) = reference_form(&text.text, config, secret).filter(|_| !written.contains("$${")) else {
            return;
        };
        let message = format!("{key_path} holds {form}, which is not substituted: the text is used as it is written");
        let guessable = path.starts_with(&["gateway", "auth"]) || path == ["hooks", "token"];
        let severity = if guessable && secret { Severity::Critical } else { Severity::Warn };
        let place = Place { span: value.token(), key_path, missing: false };
        report.at(place, message).severity(severity);
    });
}

/// The form of a reference that some other tool would replace and the loader does not.
fn reference_form(text: &str, config: &Config, secret: bool) -> Option<&'static str> {
    let product = config.dialect.product;
    // Braces are closed by any later one; it is not searched for anew from each `${`.
    let last = text.rfind('}').unwrap_or_default();
    let inside = text.match_indices("${").filter_map(|(at, _)| text.get(at + 2..last + 1));
    for inner in inside {
        let size = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, rest) = inner.split_at(size);
        let rest = rest.strip_prefix('}').map_or(rest, |_| "");
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if named && rest.starts_with([':', '-', '=', '?', '+']) {
            return Some("a reference with a default value");
        }
        if named && rest.is_empty() && !is_name(name, product) {
            return Some("a reference in lower case");
        }
    }
    let whole = text.trim();
    if !secret {
        return None;
    }
    if whole.starts_with("$(") && whole.ends_with(')') {
        return Some("a command substitution");
    }
    if whole.starts_with("{{") && whole.ends_with("}}") && config.role == Role::Live {
        return Some("a template placeholder");
    }
    let bare = whole.strip_prefix('$').is_some_and(|name| is_name(name, Product::OpenClaw));
    (bare && !config.since(V2026_5)).then_some("a bare $NAME")
}

fn wrong_file_name(config: &Config, report: &mut Report) {
    let name = config.path.rsplit('/').next().unwrap_or(&config.path);
    let fork = config.dialect.product == Product::ClosedClaw;
    let expected = if fork { "ClosedClaw.json" } else { "openclaw.json" };
    let wrong = match name {
        "openclaw.json5" | "openclaw.jsonc" => !fork,
        "closedclaw.json" | "ClosedClaw.json5" | "closedclaw.json5" => true,
        "config.json5" => fork,
        _ => false,
    };
    if !wrong || config.role != Role::Live || is_named(config, name) {
        return;
    }
    let place = Place::span(Span::file_start(config.file));
    report.at(place, format!("{name} is not read: the file that is looked for is {expected}"));
}

/// Does a side file set the variable that makes the loader read this very file?
fn is_named(config: &Config, name: &str) -> bool {
    let variables = ["OPENCLAW_CONFIG_PATH", "CLAWDBOT_CONFIG_PATH", "ClosedClaw_CONFIG_PATH"];
    let sets = |line: &str| variables.iter().any(|variable| line.contains(variable)) && line.contains(name);
    config.project.documents.iter().any(|document| document.lines().any(|(_, line)| sets(line)))
}
