//! What differences are worth: how bad each is, and whose it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::diff::{Delta, diff};
use super::direction::{Order, is_symbolic};
use super::{Arrival, Change, Direction, Drift, FINDING, Fact, Heading, KINDS, Snapshot, What, Whose, message, table};
use crate::facts::extra::Tables;
use crate::facts::hosts::HostClass;
use crate::facts::url::Url;
use crate::finding::Severity;
use crate::flow::is_secret_variable;

/// What a comparison is told beside the two snapshots.
#[derive(Debug)]
pub struct Words<'a> {
    /// What is known of hosts.
    pub tables: &'a Tables,
    /// Hosts that the settings call trusted.
    pub trusted: &'a [String],
    /// Names of skills whose arrival is expected.
    pub expected: &'a [String],
}

/// Compares two snapshots.
#[must_use]
pub fn compare(before: &Snapshot, after: &Snapshot, words: &Words<'_>) -> Drift {
    let deltas = diff(before, after);
    let arrivals = arrivals(&deltas);
    let rosters = rosters(&deltas);
    let mut changes: Vec<Change> =
        deltas.iter().filter_map(|delta| change(delta, &arrivals, &rosters, words)).collect();
    let order = |change: &Change| {
        let at = (change.at.path.clone(), change.at.pointer.clone());
        (change.heading, std::cmp::Reverse(change.severity), change.origin.path.clone(), change.kind.clone(), at)
    };
    changes.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key)));
    let mut notes: Vec<String> = Vec::new();
    let only = |one: &Snapshot, other: &Snapshot| -> Vec<String> {
        one.kinds.iter().filter(|kind| !other.kinds.contains(kind)).cloned().collect()
    };
    for (kinds, which) in [(only(after, before), "before"), (only(before, after), "after")] {
        if !kinds.is_empty() {
            notes.push(format!(
                "not compared, because the snapshot from {which} did not look for it: {}",
                kinds.join(", ")
            ));
        }
    }
    Drift { changes, arrivals, notes }
}

/// The skills that came or whose files are others.
fn arrivals(deltas: &[Delta<'_>]) -> Vec<Arrival> {
    let digest = |fact: Option<&Fact>| fact.and_then(|fact| fact.value.get("digest").cloned());
    let came = |delta: &&Delta<'_>| {
        delta.new.is_some_and(|fact| fact.kind == "skill") && digest(delta.old) != digest(delta.new)
    };
    let arrival = |delta: &Delta<'_>| {
        let fact = delta.new?;
        Some(Arrival { path: fact.origin.path.clone(), name: fact.key.clone(), new: delta.old.is_none() })
    };
    let mut arrivals: Vec<Arrival> = deltas.iter().filter(came).filter_map(arrival).collect();
    arrivals.sort();
    arrivals
}

/// Its files are a part of a skill that came, went or changed, and so is its signature unless it is worth a line.
fn is_part_of_skill(delta: &Delta<'_>, fact: &Fact, rosters: &Rosters<'_>) -> bool {
    let known = fact.origin.kind == "skill" && rosters.skills.contains(&*fact.origin.path);
    let broken = fact.value.get("state").and_then(Json::as_str) == Some("broken");
    known && (fact.kind == "skill.file" || fact.kind == "skill.signature" && delta.what() != What::Changed && !broken)
}

/// Things that came or went as a whole.
#[derive(Default)]
struct Rosters<'a> {
    /// Pointers by origin: what is below them in the configuration is a part of them.
    members: BTreeMap<&'a str, Vec<&'a str>>,
    /// Directories of skills that came, went or changed.
    skills: BTreeSet<&'a str>,
}

fn rosters<'a>(deltas: &[Delta<'a>]) -> Rosters<'a> {
    let mut rosters = Rosters::default();
    let skills = deltas.iter().filter_map(Delta::fact).filter(|fact| fact.kind == "skill");
    rosters.skills.extend(skills.map(|fact| &*fact.origin.path));
    for fact in deltas.iter().filter(|delta| delta.what() != What::Changed).filter_map(Delta::fact) {
        if matches!(&*fact.kind, "agent" | "mcp.server" | "plugin") && fact.origin.kind == "config" {
            rosters.members.entry(&fact.origin.path).or_default().push(&fact.at.pointer);
        }
    }
    rosters
}

fn change(delta: &Delta<'_>, arrivals: &[Arrival], rosters: &Rosters<'_>, words: &Words<'_>) -> Option<Change> {
    let fact = delta.fact()?;
    let whose = whose(fact, arrivals);
    let below = |pointer: &&str| fact.at.pointer.strip_prefix(*pointer).is_some_and(|rest| rest.starts_with('/'));
    let in_roster = fact.kind == "config"
        && fact.origin.kind == "config"
        && rosters.members.get(&*fact.origin.path).is_some_and(|pointers| pointers.iter().any(below));
    let mut judged = judge(delta, fact, words);
    let part = is_part_of_skill(delta, fact, rosters)
        || in_roster && matches!(delta.direction, Direction::Neutral | Direction::Tighter);
    if part {
        judged.severity = judged.severity.map(|_| Severity::Info);
    } else if whose == Whose::Outside && fact.kind != FINDING && delta.direction != Direction::Tighter {
        // Whoever installs a skill changes nothing else.
        judged.severity = judged.severity.map(worse);
    }
    // Nobody expects a broken signature.
    let expected = judged.severity < Some(Severity::Critical)
        && matches!(&*fact.kind, "skill" | "skill.file" | "skill.signature")
        && arrivals.iter().any(|one| one.path == fact.origin.path && words.expected.contains(&one.name));
    let old_at = delta.old.map(|fact| fact.at.clone());
    Some(Change {
        heading: judged.heading,
        what: delta.what(),
        kind: fact.kind.clone(),
        key: fact.key.clone(),
        old: delta.old.map(|fact| fact.value.clone()),
        new: delta.new.map(|fact| fact.value.clone()),
        direction: delta.direction,
        severity: judged.severity,
        whose,
        origin: fact.origin.clone(),
        at: fact.at.clone(),
        location: delta.new.and_then(|fact| fact.location.clone()),
        was_at: old_at.filter(|at| *at != fact.at),
        approved: expected.then(|| "its arrival is expected".to_owned()),
        part,
        id: judged.id,
        message: judged.message,
    })
}

const fn worse(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Warn,
        Severity::Warn | Severity::Critical => Severity::Critical,
    }
}

/// To whom a fact belongs.
fn whose(fact: &Fact, arrivals: &[Arrival]) -> Whose {
    if arrivals.is_empty() {
        return Whose::Nobody;
    }
    let holds = |one: &&Arrival| {
        let rest = fact.at.path.strip_prefix(&one.path);
        fact.origin.kind == "skill" && fact.origin.path == one.path
            || !one.path.is_empty() && rest.is_some_and(|rest| rest.starts_with('/'))
    };
    if let Some(one) = arrivals.iter().find(holds) {
        return Whose::Inside(one.name.clone());
    }
    let registers = |one: &&Arrival| {
        let path = table::segments(&fact.key);
        fact.kind == "config"
            && matches!(path.as_slice(), [skills, entries, name, ..]
                if skills == "skills" && entries == "entries" && *name == one.name)
    };
    arrivals.iter().find(registers).map_or(Whose::Outside, |one| Whose::Registers(one.name.clone()))
}

/// A difference by itself.
struct Judged {
    heading: Heading,
    severity: Option<Severity>,
    id: &'static str,
    message: String,
}

fn judge(delta: &Delta<'_>, fact: &Fact, words: &Words<'_>) -> Judged {
    let heading = KINDS.iter().find(|(kind, _)| *kind == fact.kind).map_or(Heading::Inventory, |(_, heading)| *heading);
    let row = if fact.kind == "config" { table::of_key(&fact.key) } else { None };
    let heading = match (&*fact.kind, &*fact.key) {
        ("config", _) => row.map_or(heading, |row| row.heading),
        ("tool.grant", "filesystem") => Heading::Files,
        ("tool.grant", "network" | "browser") => Heading::Network,
        ("tool.grant", "scheduling") => Heading::Schedule,
        _ => heading,
    };
    let mut severity = severity(delta, fact, words);
    if row.is_some_and(|row| row.critical && matches!(delta.direction, Direction::Looser | Direction::Mixed)) {
        severity = Severity::Critical;
    } else if row.is_some_and(|row| row.order == Order::Watch || row.order.is_directed() && is_open(delta)) {
        severity = Severity::Warn;
    }
    let severity = (delta.direction != Direction::Tighter).then_some(severity);
    Judged { heading, severity, id: id(heading, delta, fact), message: message::of(delta, fact) }
}

/// Could it go either way now, by a variable?
fn is_open(delta: &Delta<'_>) -> bool {
    let symbolic = |fact: &Fact| fact.value.as_str().is_some_and(is_symbolic);
    delta.direction == Direction::Neutral && delta.new.is_some_and(symbolic)
}

/// How bad what is not tighter is, by its sort.
fn severity(delta: &Delta<'_>, fact: &Fact, words: &Words<'_>) -> Severity {
    let value = |fact: Option<&Fact>, key: &str| fact.and_then(|fact| fact.value.get(key)).cloned();
    let is = |word: &str| fact.value.as_str() == Some(word);
    match &*fact.kind {
        "network.host" => host(fact, words),
        "config" if delta.direction == Direction::Neutral => Severity::Info,
        "skill" if delta.what() == What::Changed => {
            // The same version stands for the same files.
            let same = value(delta.old, "version") == value(delta.new, "version");
            if same { Severity::Warn } else { Severity::Info }
        }
        "skill.signature" => match (delta.what(), delta.direction) {
            (What::Changed, Direction::Looser) => Severity::Critical,
            _ if value(delta.new, "state") == Some(Json::from("broken")) => Severity::Critical,
            _ => Severity::Info,
        },
        "schedule.job" if runs_commands(&fact.value) => Severity::Critical,
        "file.link" if value(Some(fact), "outside") == Some(Json::Bool(false)) => Severity::Info,
        "tool.grant" if is("listed") => Severity::Info,
        "env.name" if fact.origin.kind != "skill" || !is_secret_variable(&fact.key) => Severity::Info,
        FINDING => match value(Some(fact), "severity").as_ref().and_then(Json::as_str) {
            Some("critical") => Severity::Critical,
            Some("warn") => Severity::Warn,
            _ => Severity::Info,
        },
        "file.path" if !is_guarded(&fact.key) => Severity::Info,
        "skill.file" | "skill.program" | "schedule.workflow" => Severity::Info,
        _ => Severity::Warn,
    }
}

/// How bad a host is, by what is done with it and what is known of it.
fn host(fact: &Fact, words: &Words<'_>) -> Severity {
    let is = |word: &str| fact.value.as_str() == Some(word);
    let address =
        if fact.key.contains(':') { format!("https://[{}]/", fact.key) } else { format!("https://{}/", fact.key) };
    let class = Url::parse(&address).map(|url| words.tables.classify(words.trusted, &url));
    match class {
        Some(HostClass::Local) => Severity::Info,
        Some(HostClass::Placeholder) if is("names") => Severity::Info,
        Some(class) if class.is_throwaway() => Severity::Critical,
        Some(class) if class.is_reputable() && !is("contacts") => Severity::Info,
        Some(HostClass::CodeHost | HostClass::FileShare) if is("names") => Severity::Info,
        _ => Severity::Warn,
    }
}

/// Does a path lead to what belongs to the user or the system?
fn is_guarded(path: &str) -> bool {
    ["~", "/etc/", "/home/", "/root/", "/Users/", "/var/", "/Library/"].iter().any(|start| path.starts_with(start))
}

/// Does a job run a command instead of asking the agent?
fn runs_commands(job: &Json) -> bool {
    let kind = job.get("payload").and_then(|payload| payload.get("kind")).and_then(Json::as_str).unwrap_or_default();
    ["exec", "command", "shell", "script"].iter().any(|word| kind.to_ascii_lowercase().contains(word))
}

/// What is wrong with a change, as SARIF names it.
fn id(heading: Heading, delta: &Delta<'_>, fact: &Fact) -> &'static str {
    match (&*fact.kind, heading) {
        ("skill.signature", _) => "posture.signature",
        ("skill" | "skill.file", _) => "posture.skill",
        ("prompt.file", _) => "posture.prompt",
        ("plugin" | "mcp.server" | "agent", _) => "posture.component",
        (_, Heading::Network) => "posture.network",
        (_, Heading::Files) => "posture.files",
        (_, Heading::Schedule) => "posture.schedule",
        (_, Heading::Inventory) => "posture.inventory",
        (_, Heading::Findings) => "posture.finding",
        (_, Heading::Configuration) if delta.direction == Direction::Neutral => "posture.configuration",
        (_, Heading::Configuration) => "posture.looser",
    }
}
