//! `config show`: one configuration as the loader sees it, and where each value comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json, json};

use super::escape::line;
use super::json::location;
use crate::finding::Location;
use crate::model::config::{Config, Issue};
use crate::model::value::{EnvUse, Kind, Text, Value};
use crate::secret;
use crate::source::{FileId, Point, Sources, Span};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The root file as it was written, before includes; shown when an include is broken.
    pub written: Option<&'a Value>,
    /// Print secrets as they are.
    pub secrets: bool,
}

/// The object of `--format json`.
#[must_use]
pub fn json(shown: &Shown<'_>) -> Json {
    let config = shown.config;
    let mut places = Places::new(&config.sources);
    let issues: Vec<Json> = config.issues.iter().map(|issue| issue_object(&mut places, issue)).collect();
    let mut origins = Object::new();
    let resolved = match (config.resolved, shown.written) {
        (true, _) => {
            collect(&config.root, &mut String::new(), &mut |path, value| {
                let origin = json!({"location": places.json(value.span), "via": via(config, &mut places, value)});
                origins.insert(path.to_owned(), origin);
            });
            plain(shown, &config.root, &mut Vec::new())
        }
        (false, Some(written)) => plain(shown, written, &mut Vec::new()),
        (false, None) => json!({}),
    };
    json!({
        "valid": config.is_valid(),
        "issues": issues,
        "dialect": config.dialect.product.as_str(),
        "targetVersion": config.dialect.version(),
        "targetReason": config.dialect_reason,
        "resolved": resolved,
        "origins": origins,
    })
}

/// The text form: what is wrong, then one line a value.
#[must_use]
pub fn text(shown: &Shown<'_>) -> String {
    let config = shown.config;
    let mut places = Places::new(&config.sources);
    let verdict = if config.is_valid() { "valid" } else { "refused" };
    let product = config.dialect.product.as_str();
    let mut lines = vec![format!(
        "{}: {verdict} for {product} {} ({})",
        line(&config.path),
        config.dialect.version(),
        config.dialect_reason,
    )];
    for issue in &config.issues {
        let word = if issue.refused { "refused" } else { "note" };
        lines.push(format!("{}: {word}: {}", places.text(issue.place.span), line(&issue.message)));
    }
    if config.resolved {
        collect(&config.root, &mut String::new(), &mut |path, value| {
            let mut parts: Vec<String> = path.split('.').map(str::to_owned).collect();
            let printed = plain(shown, value, &mut parts);
            let mut from = vec![places.text(value.span)];
            from.extend(via(config, &mut places, value));
            lines.push(format!("{} = {printed}  # {}", line(path), line(&from.join(", "))));
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Lines and columns. Values come in file order, so each is counted from the one before: a file of one
/// long line costs its length, not its square.
struct Places<'a> {
    sources: &'a Sources,
    last: BTreeMap<FileId, (u32, Point)>,
}

impl<'a> Places<'a> {
    const fn new(sources: &'a Sources) -> Self {
        Self { sources, last: BTreeMap::new() }
    }

    fn location(&mut self, span: Span) -> Option<Location> {
        let source = self.sources.get(span.file)?;
        let known = self.last.get(&span.file);
        let start = known.map_or_else(|| source.point(span.start), |known| source.point_from(*known, span.start));
        self.last.insert(span.file, (span.start, start));
        Some(Location {
            path: Arc::clone(&source.path),
            start,
            end: source.point_from((span.start, start), span.end),
            offset: span.start,
            length: span.end.saturating_sub(span.start),
        })
    }

    fn json(&mut self, span: Span) -> Json {
        self.location(span).map_or(Json::Null, |place| location(&place))
    }

    /// `openclaw.json:7:3`
    fn text(&mut self, span: Span) -> String {
        self.location(span).map_or_else(String::new, |at| format!("{}:{}:{}", at.path, at.start.line, at.start.column))
    }

    /// `openclaw.json:7`
    fn line(&mut self, span: Span) -> String {
        self.location(span).map_or_else(String::new, |at| format!("{}:{}", at.path, at.start.line))
    }
}

fn issue_object(places: &mut Places<'_>, issue: &Issue) -> Json {
    let related = issue.related.iter().map(
        |(place, message)| json!({"path": place.key_path, "message": message, "location": places.json(place.span)}),
    );
    let related: Vec<Json> = related.collect();
    json!({
        "path": issue.path,
        "message": issue.message,
        "severity": issue.severity.as_str(),
        "refused": issue.refused,
        "location": places.json(issue.place.span),
        "related": related,
    })
}

/// The includes and variables that a value came through, nearest first, and the values it replaced.
fn via(config: &Config, places: &mut Places<'_>, value: &Value) -> Vec<String> {
    let includes = config.sources.included_from(value.span.file);
    let mut via: Vec<String> = includes.map(|span| format!("include {}", places.line(span))).collect();
    if let Kind::String(text) = &value.kind
        && text.env != EnvUse::None
    {
        let names = crate::model::env::names(config.sources.slice(value.span), config.dialect.product);
        via.extend(names.into_iter().map(|name| format!("env {name}")));
    }
    via.extend(value.shadowed.iter().map(|span| format!("instead of {}", places.line(*span))));
    via
}

/// Calls `with` for every scalar and every empty container, in file order.
fn collect<'a>(value: &'a Value, path: &mut String, with: &mut impl FnMut(&str, &'a Value)) {
    let size = path.len();
    match &value.kind {
        Kind::Map(map) if !map.entries.is_empty() => {
            for entry in &map.entries {
                crate::model::env::push(path, &entry.key);
                collect(&entry.value, path, with);
                path.truncate(size);
            }
        }
        Kind::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                crate::model::env::push(path, &index.to_string());
                collect(item, path, with);
                path.truncate(size);
            }
        }
        _ => with(path, value),
    }
}

/// A value as JSON, secrets masked unless they are asked for.
fn plain(shown: &Shown<'_>, value: &Value, path: &mut Vec<String>) -> Json {
    match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(value) => number(*value),
        Kind::String(text) => Json::String(masked(shown, text, path)),
        Kind::List(items) => {
            let mut out = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                out.push(plain(shown, item, path));
                path.pop();
            }
            Json::Array(out)
        }
        Kind::Map(map) => {
            let mut out = Object::with_capacity(map.entries.len());
            for entry in &map.entries {
                path.push(entry.key.to_string());
                out.insert(entry.key.to_string(), plain(shown, &entry.value, path));
                path.pop();
            }
            Json::Object(out)
        }
    }
}

/// A double as JavaScript prints it: whole numbers without a fraction; JSON has no NaN.
fn number(value: f64) -> Json {
    /// The largest double below which every whole number is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return format!("{value:.0}").parse::<i64>().map_or(Json::Null, Json::from);
    }
    serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number)
}

fn masked(shown: &Shown<'_>, text: &Text, path: &[String]) -> String {
    let plain = &*text.text;
    let reference = matches!(text.env, EnvUse::Unknown | EnvUse::Missing) || secret::placeholder(plain).is_some();
    if shown.secrets || plain.is_empty() || reference {
        return plain.to_owned();
    }
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let key = parts.iter().rev().find(|part| part.parse::<usize>().is_err()).copied().unwrap_or_default();
    let dotted = parts.join(".");
    let open = parts.contains(&"headers") || parts.contains(&"env") || parts.contains(&"vars");
    let named = secret::is_secret_name(&dotted)
        || secret::is_registered(&parts) && !open
        || open && (secret::is_sensitive_header(key) || secret::looks_like_secret_env_name(key));
    if named
        || secret::recognise(plain).is_some()
        || text.env == EnvUse::Resolved && secret::judge(&dotted, key, plain).is_some()
    {
        return format!("<{}>", secret::shape(plain));
    }
    let mut out = plain.to_owned();
    for (range, kind) in secret::find_in_text(plain).into_iter().rev() {
        out.replace_range(range, &format!("<{kind}>"));
    }
    out
}
