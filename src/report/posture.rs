//! What two snapshots of the posture differ in, for people and for programs.

mod markdown;
mod sarif;

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::escape;
use crate::cli::posture::PostureFormat;
use crate::finding::Severity;
use crate::posture::{Arrival, At, Change, Direction, Drift, Heading, What, Whose};

/// The differences in a format.
#[must_use]
pub fn render(drift: &Drift, format: PostureFormat) -> String {
    match format {
        PostureFormat::Text => text(drift),
        PostureFormat::Json => escape::json(format!("{:#}\n", self::json(drift))),
        PostureFormat::Markdown => markdown::page(drift),
        PostureFormat::Sarif => escape::json(sarif::log(drift)),
    }
}

/// The severity as it is counted and shown.
fn word(change: &Change) -> &'static str {
    match (&change.approved, change.severity) {
        (Some(_), _) => "agreed",
        (None, Some(severity)) => severity.as_str(),
        (None, None) => "tighter",
    }
}

/// Whose a change is, in a word or two; empty when no skill came.
fn whose(change: &Change) -> String {
    match &change.whose {
        Whose::Nobody => String::new(),
        Whose::Inside(name) => format!("inside {name}"),
        Whose::Registers(name) => format!("registers {name}"),
        Whose::Outside => "outside the skill".to_owned(),
    }
}

/// The changes under a heading; parts of other changes are not shown by themselves.
fn under(drift: &Drift, heading: Heading) -> impl Iterator<Item = &Change> {
    drift.changes.iter().filter(move |change| change.heading == heading && !change.part)
}

/// How many parts there are of what came with a change.
fn parts(drift: &Drift, of: &Change) -> usize {
    let below = |change: &&Change| match &*of.kind {
        "skill" => change.kind == "skill.file" && change.origin == of.origin,
        "agent" | "mcp.server" | "plugin" => {
            let rest = change.at.pointer.strip_prefix(&of.at.pointer);
            change.origin == of.origin && rest.is_some_and(|rest| rest.starts_with('/'))
        }
        _ => false,
    };
    drift.changes.iter().filter(|change| change.part).filter(below).count()
}

/// The sentence of a change, with how much belongs to it.
fn sentence(drift: &Drift, change: &Change) -> String {
    let noun = if change.kind == "skill" { "file" } else { "value" };
    match parts(drift, change) {
        0 => change.message.clone(),
        1 => format!("{}, with 1 {noun}", change.message),
        count => format!("{}, with {count} {noun}s", change.message),
    }
}

fn place(change: &Change) -> String {
    match &change.location {
        Some(at) if at.length > 0 => format!("{}:{}:{}", at.path, at.start.line, at.start.column),
        _ if change.at.path.is_empty() => ".".to_owned(),
        _ => change.at.path.clone(),
    }
}

/// `2 critical, 1 warn, 3 tighter, 1 agreed`.
#[must_use]
pub fn counts(drift: &Drift) -> String {
    let agreed = drift.changes.iter().filter(|change| change.approved.is_some()).count();
    let severities = [Some(Severity::Critical), Some(Severity::Warn), Some(Severity::Info), None];
    let counted = severities.map(|severity| (drift.count(severity), severity.map_or("tighter", Severity::as_str)));
    let all = counted.into_iter().chain([(agreed, "agreed")]).filter(|(count, _)| *count > 0);
    let words: Vec<String> = all.map(|(count, word)| format!("{count} {word}")).collect();
    words.join(", ")
}

fn arrival(one: &Arrival) -> String {
    let path = if one.path.is_empty() { "." } else { &one.path };
    format!("the skill {} in {path} {}", one.name, if one.new { "is new" } else { "has other files" })
}

/// For people.
#[must_use]
pub fn text(drift: &Drift) -> String {
    let mut out = String::new();
    for one in &drift.arrivals {
        let _ = writeln!(out, "{}", escape::line(&arrival(one)));
    }
    for heading in Heading::ALL {
        let mut changes = under(drift, heading).peekable();
        if changes.peek().is_none() {
            continue;
        }
        let _ = writeln!(out, "{}{}", if out.is_empty() { "" } else { "\n" }, heading.title());
        for change in changes {
            let sign = match (change.what, change.direction) {
                (What::Added, _) => '+',
                (What::Removed, _) => '-',
                (What::Changed, _) => '~',
            };
            let aside = [whose(change), direction(change), change.approved.clone().unwrap_or_default()];
            let aside: Vec<String> = aside.into_iter().filter(|word| !word.is_empty()).collect();
            let aside = if aside.is_empty() { String::new() } else { format!(" ({})", aside.join("; ")) };
            let line = format!("{sign} {:<8} {}{aside}", word(change), sentence(drift, change));
            let _ = writeln!(out, "  {}\n             {}", escape::line(&line), escape::line(&place(change)));
        }
    }
    for note in &drift.notes {
        let _ = writeln!(out, "{}note: {}", if out.is_empty() { "" } else { "\n" }, escape::line(note));
    }
    let summary = match drift.changes.len() {
        0 => "nothing has changed".to_owned(),
        1 => format!("1 change: {}", counts(drift)),
        count => format!("{count} changes: {}", counts(drift)),
    };
    let _ = writeln!(out, "{}{summary}", if out.is_empty() { "" } else { "\n" });
    out
}

/// The direction of a configuration value, where that says more than the severity.
fn direction(change: &Change) -> String {
    match change.direction {
        Direction::Looser | Direction::Mixed if change.kind == "config" => change.direction.as_str().to_owned(),
        _ => String::new(),
    }
}

/// For programs.
#[must_use]
pub fn json(drift: &Drift) -> Json {
    let at = |at: &At| json!({"path": at.path, "pointer": at.pointer});
    let change = |change: &Change| {
        json!({
            "id": change.id,
            "heading": change.heading,
            "change": change.what,
            "kind": change.kind,
            "key": change.key,
            "old": change.old,
            "new": change.new,
            "direction": change.direction,
            "severity": change.severity.map(Severity::as_str),
            "whose": change.whose,
            "origin": {"type": change.origin.kind, "path": change.origin.path},
            "at": at(&change.at),
            "wasAt": change.was_at.as_ref().map(at),
            "location": change.location.as_ref().map(super::json::location),
            "approved": change.approved,
            "part": change.part,
            "message": change.message,
        })
    };
    let arrival = |one: &Arrival| json!({"name": one.name, "path": one.path, "new": one.new});
    json!({
        "schema": "clawsift-posture-comparison/1",
        "summary": {
            "critical": drift.count(Some(Severity::Critical)),
            "warn": drift.count(Some(Severity::Warn)),
            "info": drift.count(Some(Severity::Info)),
            "tighter": drift.count(None),
            "agreed": drift.changes.iter().filter(|change| change.approved.is_some()).count(),
        },
        "skills": drift.arrivals.iter().map(arrival).collect::<Vec<_>>(),
        "changes": drift.changes.iter().map(change).collect::<Vec<_>>(),
        "notes": drift.notes,
    })
}
