//! The rule table for readers: `explain`, `rules` and `docs/rules.md`, all from the one table.

mod red_flags;

pub use red_flags::{RedFlag, red_flag_page, red_flags};

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::model::dialect::{Product, Release, Versions};
use crate::report::escape;
use crate::rule::{Example, Profile, Profiles, Rule};
use crate::rules;

/// All rules in id order: the order of every list.
#[must_use]
pub fn sorted() -> Vec<&'static Rule> {
    let mut all: Vec<_> = rules::all().collect();
    all.sort_by_key(|rule| rule.id);
    all
}

/// One line a rule: severity, profiles, id and summary.
#[must_use]
pub fn list() -> String {
    let all = sorted();
    let wide = all.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in all {
        let _ = writeln!(out, "{:8} {:wide$}  {}", rule.severity.as_str(), rule.id, rule.summary);
    }
    out
}

/// Everything about every rule, as one JSON array.
#[must_use]
pub fn json() -> Value {
    sorted().into_iter().map(rule_json).collect()
}

fn rule_json(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "family": rule.family(),
        "summary": rule.summary,
        "severity": rule.severity.as_str(),
        "regularSeverity": rule.regular.unwrap_or(rule.severity).as_str(),
        "securitySeverity": rule.security_severity(),
        "confidence": rule.confidence.as_str(),
        "profiles": profile_names(rule.profiles),
        "versions": version_names(rule.versions),
        "why": rule.why,
        "remedy": rule.remedy,
        "links": rule.links,
        "cwe": rule.cwe.iter().map(|number| format!("CWE-{number}")).collect::<Vec<_>>(),
        "atlas": rule.atlas,
        "owasp": rule.owasp,
        "redFlag": rule.red_flag,
        "bad": rule.bad.iter().map(example_json).collect::<Vec<_>>(),
        "good": rule.good.iter().map(example_json).collect::<Vec<_>>(),
        "helpUri": crate::report::help_uri(rule),
    })
}

fn example_json(example: &Example) -> Value {
    example.files.iter().map(|(path, text)| json!({"path": path, "text": unmark(text)})).collect()
}

/// The names of the profiles in a set.
#[must_use]
pub fn profile_names(profiles: Profiles) -> Vec<&'static str> {
    [(Profile::Regular, "regular"), (Profile::Strict, "strict"), (Profile::Upstream, "upstream")]
        .into_iter()
        .filter(|(profile, _)| profiles.has(*profile))
        .map(|(_, name)| name)
        .collect()
}

/// The versions in a range, in words.
#[must_use]
pub fn version_names(versions: Versions) -> Vec<&'static str> {
    let open = Release::ALL
        .into_iter()
        .filter(|release| !versions.only_fork && (versions.since..=versions.until).contains(release));
    let fork = versions.closedclaw.then_some("ClosedClaw");
    open.map(Release::as_str).chain(fork).collect()
}

/// An example's text without the marks around the token that is reported.
#[must_use]
pub fn unmark(text: &str) -> String {
    text.replace(['«', '»'], "")
}

/// An example's text to be read: what would not be seen is written as an escape.
fn shown(text: &str) -> String {
    let plain = unmark(text);
    let line = |line: &str| line.split('\t').map(escape::line).collect::<Vec<_>>().join("\t");
    plain.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// One rule for the terminal or, with the same words, for SARIF's help text.
#[must_use]
pub fn text(rule: &Rule) -> String {
    let mut out = format!("{}\n{}\n\n{}\n\n{}\n", rule.id, "=".repeat(rule.id.len()), rule.summary, facts(rule));
    let _ = write!(out, "\nWhy: {}\n\nFix: {}\n", rule.why, rule.remedy);
    for (title, examples) in [("Reported", rule.bad), ("Not reported", rule.good)] {
        for example in examples {
            let _ = write!(out, "\n{title}{}:\n", condition(example));
            for (path, text) in example.files {
                let _ = writeln!(out, "  {path}");
                for line in shown(text).lines() {
                    let _ = writeln!(out, "    {line}");
                }
            }
        }
    }
    if !rule.links.is_empty() {
        let _ = write!(out, "\nRead more:\n  {}\n", rule.links.join("\n  "));
    }
    out
}

/// One rule as Markdown: a section of `docs/rules.md` and SARIF's help.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    let mut out =
        format!("{}.\n\n{}\n\n**Why.** {}\n\n**Fix.** {}\n", rule.summary, facts(rule), rule.why, rule.remedy);
    for (title, examples) in [("Reported", rule.bad), ("Not reported", rule.good)] {
        for example in examples {
            let _ = write!(out, "\n{title}{}:\n", condition(example));
            for (path, text) in example.files {
                let text = shown(text);
                let fence = if text.contains("```") { "~~~~" } else { "```" };
                let _ = write!(out, "\n`{path}`\n{fence}{}\n{}\n{fence}\n", language(path), text.trim_end());
            }
        }
    }
    if !rule.links.is_empty() {
        let links: Vec<String> = rule.links.iter().map(|link| format!("<{link}>")).collect();
        let _ = write!(out, "\nRead more: {}\n", links.join(", "));
    }
    out
}

fn facts(rule: &Rule) -> String {
    let lowered = match rule.regular {
        Some(severity) if severity != rule.severity => format!(" ({} in the regular profile)", severity.as_str()),
        _ => String::new(),
    };
    let number = rule.security_severity().map_or_else(String::new, |number| format!(", security-severity {number}"));
    let mut facts = format!(
        "Severity: {}{lowered}{number}. Confidence: {}. Profiles: {}. Versions: {}.",
        rule.severity.as_str(),
        rule.confidence.as_str(),
        profile_names(rule.profiles).join(", "),
        version_names(rule.also.unwrap_or(rule.versions)).join(", "),
    );
    if !rule.cwe.is_empty() {
        let numbers: Vec<String> = rule.cwe.iter().map(|number| format!("CWE-{number}")).collect();
        let _ = write!(facts, " {}.", numbers.join(", "));
    }
    if !rule.owasp.is_empty() {
        let _ = write!(facts, " OWASP {}.", rule.owasp.join(", "));
    }
    if !rule.atlas.is_empty() {
        let _ = write!(facts, " ATLAS {}.", rule.atlas.join(", "));
    }
    if let Some(level) = rule.red_flag {
        let _ = write!(facts, " Red flag of level {level}.");
    }
    if rule.weak {
        facts.push_str(" A weak sign: it convicts nobody alone.");
    }
    facts
}

/// What an example assumes beyond its files.
fn condition(example: &Example) -> String {
    let mut parts = Vec::new();
    match example.dialect.product {
        Product::ClosedClaw => parts.push("ClosedClaw".to_owned()),
        _ if example.dialect.release != Release::NEWEST => parts.push(example.dialect.release.as_str().to_owned()),
        _ => {}
    }
    if let Some(env) = example.env {
        let names: Vec<&str> = env.iter().map(|(name, _)| *name).collect();
        parts.push(if names.is_empty() {
            "with an empty environment".to_owned()
        } else {
            format!("with {} in the environment", names.join(" and "))
        });
    }
    if let Some(modes) = example.modes {
        let modes: Vec<String> = modes.iter().map(|(path, mode)| format!("{path} of mode {mode:o}")).collect();
        parts.push(format!("in a live state directory with {}", modes.join(" and ")));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn language(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json" | "json5" | "example" | "template") => "json5",
        Some("yml" | "yaml") => "yaml",
        Some("sh" | "env") => "sh",
        Some("md") => "markdown",
        Some("py") => "python",
        Some("js" | "mjs") => "js",
        Some("ps1") => "powershell",
        _ => "",
    }
}

/// `docs/rules.md`.
#[must_use]
pub fn document() -> String {
    let all = sorted();
    let mut out = format!(
        "# Rules\n\nGenerated by `clawsift rules --format markdown`; do not edit. {} rules.\n\n\
         The severity is what `--profile upstream` reports, or for our own rules what they report; where the\n\
         `regular` profile lowers it, that is said.\n",
        all.len()
    );
    let mut family = "";
    for rule in all {
        if rule.family() != family {
            family = rule.family();
            let _ = write!(out, "\n## {family}\n");
        }
        let _ = write!(out, "\n### {}\n\n{}", rule.id, markdown(rule));
    }
    out
}

/// The JSON schema of `clawsift.json5`, with every rule id and family it may name.
#[must_use]
pub fn settings_schema() -> Value {
    let mut ids: Vec<&str> = rules::all().flat_map(|rule| [rule.id, rule.family()]).collect();
    ids.sort_unstable();
    ids.dedup();
    let id = json!({"anyOf": [{"enum": ids}, {"type": "string", "pattern": "^[a-z][A-Za-z0-9_.*/-]*$"}]});
    let ids = json!({"type": "array", "items": {"$ref": "#/$defs/ruleId"}});
    let globs = json!({"type": "array", "items": {"type": "string"}});
    let tables = ["installers", "paste", "capture", "freeHosting", "shorteners", "apiHosts", "skillNames"];
    let tables: serde_json::Map<String, Value> =
        tables.into_iter().map(|name| (name.to_owned(), globs.clone())).collect();
    let severity = json!({
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/ruleId"},
        "additionalProperties": {"enum": ["off", "info", "warn", "critical"]},
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{}/schemas/settings.schema.json", env!("CARGO_PKG_REPOSITORY")),
        "title": "clawsift settings (clawsift.json5)",
        "type": "object",
        "additionalProperties": false,
        "$defs": {"ruleId": id},
        "properties": {
            "$schema": {"type": "string"},
            "targetVersion": {"description": "The release that reads the configurations.", "enum": ["auto", "2026.2.24", "2026.5.12", "2026.9.6"]},
            "dialect": {"description": "The product that reads the configurations.", "enum": ["auto", "openclaw", "closedclaw", "handbook"]},
            "profile": {"description": "Whose judgement.", "enum": ["regular", "strict", "upstream"]},
            "select": {"description": "Rules or id prefixes to run; empty for all.", "allOf": [ids]},
            "ignore": {"description": "Rules or id prefixes to leave out.", "allOf": [ids]},
            "severity": {"description": "Severities by rule or id prefix; off hides.", "allOf": [severity]},
            "overrides": {
                "description": "Severities for some files only; the last match wins.",
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["files", "severity"],
                    "properties": {"files": globs, "severity": severity},
                },
            },
            "exclude": {"description": "Globs of paths that are not looked at.", "allOf": [globs]},
            "trustedHosts": {"description": "Hosts that are not worth a finding.", "allOf": [globs]},
            "assumeEnv": {"description": "Variables that the deployment sets.", "allOf": [globs]},
            "localSkills": {"description": "Globs of the directories of skills that are your own.", "allOf": [globs]},
            "reviewedSkills": {
                "description": "Skills that somebody has read and accepts as they are; a changed file ends it.",
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["skill", "digest", "reason"],
                    "properties": {
                        "skill": {"type": "string"},
                        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                        "reason": {"type": "string"},
                    },
                },
            },
            "tables": {
                "description": "Lines beside the built-in tables of hosts and names.",
                "type": "object",
                "additionalProperties": false,
                "properties": tables,
            },
            "failOn": {"description": "What makes the exit code 1.", "enum": ["critical", "warn", "info", "never"]},
        },
    })
}
