//! `config show`: one configuration as the loader sees it, and where each value comes from.

use std::sync::Arc;

use serde_json::{Map as Object, Value as Json, json};

use super::escape::{self, line};
use super::json::location;
use crate::finding::Location;
use crate::judge::settle::masked;
use crate::model::config::{Config, Issue};
use crate::model::secrets;
use crate::model::value::{EnvUse, Kind, Text, Value};
use crate::secret::{self, Placeholder};
use crate::source::Span;

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

/// What is asked for, and the tokens that hold secrets.
struct Printer<'a> {
    shown: &'a Shown<'a>,
    hidden: Vec<Span>,
}

impl<'a> Printer<'a> {
    fn new(shown: &'a Shown<'a>) -> Self {
        Self { shown, hidden: secrets::spans(shown.config) }
    }

    /// Is a token, quotes left out, a secret as a whole?
    fn hides(&self, token: Span) -> bool {
        let before = self.hidden.partition_point(|span| (span.file, span.start) <= (token.file, token.start + 1));
        let near = before.checked_sub(1).and_then(|at| self.hidden.get(at));
        near.is_some_and(|span| span.file == token.file && span.end + 1 >= token.end)
    }
}

/// The object of `--format json`.
#[must_use]
pub fn json(shown: &Shown<'_>) -> Json {
    let config = shown.config;
    let printer = Printer::new(shown);
    let issues: Vec<Json> = config.issues.iter().map(|issue| issue_object(shown, issue)).collect();
    let mut origins = Object::new();
    let resolved = match (config.resolved, shown.written) {
        (true, _) => {
            collect(&config.root, &mut String::new(), &mut |path, value| {
                let origin = json!({"location": place_json(config, value.span), "via": via(config, value)});
                origins.insert(hidden(shown, path), origin);
            });
            plain(&printer, &config.root, &mut Vec::new())
        }
        (false, Some(written)) => plain(&printer, written, &mut Vec::new()),
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
    let printer = Printer::new(shown);
    let verdict = if config.is_valid() { "valid" } else { "refused" };
    let product = config.dialect.product.as_str();
    let mut lines = vec![format!(
        "{}: {verdict} for {product} {} ({})",
        line(&config.path),
        config.dialect.version(),
        line(&config.dialect_reason),
    )];
    for issue in &config.issues {
        let word = if issue.refused { "refused" } else { "note" };
        lines.push(format!(
            "{}: {word}: {}",
            line(&place_text(config, issue.place.span)),
            line(&hidden(shown, &issue.message))
        ));
    }
    if config.resolved {
        collect(&config.root, &mut String::new(), &mut |path, value| {
            let mut parts: Vec<String> = path.split('.').map(str::to_owned).collect();
            let text = plain(&printer, value, &mut parts);
            let mut from = vec![place_text(config, value.span)];
            from.extend(via(config, value));
            let path = hidden(shown, path);
            lines.push(format!("{} = {}  # {}", line(&path), escape::json(text.to_string()), line(&from.join(", "))));
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

fn location_of(config: &Config, span: Span) -> Option<Location> {
    let source = config.sources.get(span.file)?;
    Some(Location {
        path: Arc::clone(&source.path),
        start: source.point(span.start),
        end: source.point(span.end),
        offset: span.start.into(),
        length: span.end.saturating_sub(span.start),
    })
}

fn place_json(config: &Config, span: Span) -> Json {
    location_of(config, span).map_or(Json::Null, |place| location(&place))
}

/// `openclaw.json:7:3`
fn place_text(config: &Config, span: Span) -> String {
    location_of(config, span)
        .map_or_else(String::new, |at| format!("{}:{}:{}", at.path, at.start.line, at.start.column))
}

/// `openclaw.json:7`
fn place_line(config: &Config, span: Span) -> String {
    location_of(config, span).map_or_else(String::new, |at| format!("{}:{}", at.path, at.start.line))
}

/// A text of ours or a key of theirs, without the secrets of a known format that stand in it.
fn hidden(shown: &Shown<'_>, text: &str) -> String {
    if shown.secrets { text.to_owned() } else { masked(text.to_owned()) }
}

fn issue_object(shown: &Shown<'_>, issue: &Issue) -> Json {
    let config = shown.config;
    let related = issue.related.iter().map(
        |(place, message)| json!({"path": hidden(shown, &place.key_path), "message": hidden(shown, message), "location": place_json(config, place.span)}),
    );
    let related: Vec<Json> = related.collect();
    json!({
        "path": hidden(shown, &issue.path),
        "message": hidden(shown, &issue.message),
        "severity": issue.severity.as_str(),
        "refused": issue.refused,
        "location": place_json(config, issue.place.span),
        "related": related,
    })
}

/// The includes and variables that a value came through, nearest first, and the values it replaced.
fn via(config: &Config, value: &Value) -> Vec<String> {
    let includes = config.sources.included_from(value.span.file);
    let mut via: Vec<String> = includes.map(|span| format!("include {}", place_line(config, span))).collect();
    if let Kind::String(text) = &value.kind
        && text.env != EnvUse::None
    {
        let names = crate::model::env::names(config.sources.slice(value.span), config.dialect.product);
        via.extend(names.into_iter().map(|name| format!("env {name}")));
    }
    via.extend(value.shadowed.iter().map(|span| format!("instead of {}", place_line(config, *span))));
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
fn plain(printer: &Printer<'_>, value: &Value, path: &mut Vec<String>) -> Json {
    match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(_) if !printer.shown.secrets && (is_named_secret(path) || printer.hides(value.span)) => {
            Json::String("<a number>".to_owned())
        }
        Kind::Number(value) => number(*value),
        Kind::String(text) => Json::String(string(printer, text, value.span, path)),
        Kind::List(items) => {
            let mut out = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                out.push(plain(printer, item, path));
                path.pop();
            }
            Json::Array(out)
        }
        Kind::Map(map) => {
            let mut out = Object::with_capacity(map.entries.len());
            for entry in &map.entries {
                path.push(entry.key.to_string());
                out.insert(hidden(printer.shown, &entry.key), plain(printer, &entry.value, path));
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

/// Does the product keep a secret here, or does the key say so?
fn is_named_secret(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let key = parts.iter().rev().find(|part| part.parse::<usize>().is_err()).copied().unwrap_or_default();
    let open = parts.contains(&"headers") || parts.contains(&"env") || parts.contains(&"vars");
    secret::is_secret_name(&parts.join("."))
        || secret::is_secret_name(key)
        || secret::is_registered(&parts) && !open
        || open && (secret::is_sensitive_header(key) || secret::looks_like_secret_env_name(key))
}

fn string(printer: &Printer<'_>, text: &Text, span: Span, path: &[String]) -> String {
    let plain = &*text.text;
    let reference = matches!(text.env, EnvUse::Unknown | EnvUse::Missing)
        || secret::placeholder(plain).is_some_and(|kind| kind != Placeholder::TooShort);
    if printer.shown.secrets || plain.is_empty() {
        return plain.to_owned();
    }
    let key = path.iter().rev().find(|part| part.parse::<usize>().is_err()).map_or("", String::as_str);
    let dotted = path.join(".");
    let kept = !reference && (is_named_secret(path) || printer.hides(span) || secret::recognise(plain).is_some());
    if kept || text.env == EnvUse::Resolved && secret::judge(&dotted, key, plain).is_some() {
        return format!("<{}>", secret::shape(plain));
    }
    let mut out = plain.to_owned();
    // What is given on a command line, then what has a format of its own.
    for one in secrets::assignments(plain).into_iter().rev() {
        if secret::judge(one.name, one.name, one.value).is_some() {
            out.replace_range(one.range, &format!("<{}>", secret::shape(one.value)));
        }
    }
    for (range, kind) in secret::find_in_text(&out).into_iter().rev() {
        out.replace_range(range, &format!("<{kind}>"));
    }
    out
}
