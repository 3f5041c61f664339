//! A difference in one sentence.

use serde_json::Value as Json;

use super::diff::Delta;
use super::{Fact, What};

/// Characters of a value that are quoted.
const LONGEST_VALUE: usize = 80;

/// What changed.
pub(super) fn of(delta: &Delta<'_>, fact: &Fact) -> String {
    let key = &fact.key;
    match (&*fact.kind, delta.what()) {
        ("config", _) => config(key, delta),
        ("skill", What::Changed) => skill(key, delta),
        ("skill.signature", _) => {
            let state = |fact: Option<&Fact>| {
                let state = fact.and_then(|fact| fact.value.get("state")?.as_str().map(str::to_owned));
                state.unwrap_or_else(|| "none".to_owned())
            };
            format!("the signature of the skill {key} was `{}` and is `{}`", state(delta.old), state(delta.new))
        }
        ("file.mode", What::Changed) => {
            format!("the permissions of {key} were {} and are {}", value(delta.old), value(delta.new))
        }
        ("mcp.server" | "schedule.job", What::Changed) => format!("{} {key}: {}", noun(&fact.kind), members(delta)),
        ("finding", what) => {
            let id = fact.value.get("checkId").and_then(Json::as_str).unwrap_or_default();
            let said = if what == What::Removed { "is no longer found" } else { "is found" };
            format!("{id} {said} in {}", fact.at.path)
        }
        (kind, what) => match verb(kind, fact) {
            Some(verb) => done(&verb, what, fact),
            None => came(what, fact),
        },
    }
}

/// What somebody does with a thing, for the facts that say so.
fn verb(kind: &str, fact: &Fact) -> Option<String> {
    let said = fact.value.as_str().unwrap_or_default();
    let key = &fact.key;
    let text = match kind {
        "network.host" => format!("{} {key}", if said == "contacts" { "contacts" } else { "names" }),
        "file.path" => format!("names the path {key}"),
        "file.read" => format!("reads {key}"),
        "file.write" => format!("writes {key}"),
        "file.sensitive" => format!("names a place of {said}"),
        "schedule.command" => format!("names or runs `{key}`"),
        "skill.program" => format!("{said} the program {key}"),
        "tool.grant" if said == "listed" => format!("lists the tool {key}"),
        "tool.grant" if said == "used" => format!("uses the capability {key} without declaring it"),
        "tool.grant" => format!("declares the capability {key}"),
        "env.name" if fact.origin.kind == "skill" => format!("{said} the variable {key}"),
        "env.name" => format!("names the variable {key}"),
        "network.port" => format!("publishes the port {key}"),
        "file.mount" => format!("mounts {key}"),
        _ => return None,
    };
    Some(text)
}

fn done(verb: &str, what: What, fact: &Fact) -> String {
    match what {
        What::Added => format!("{} {verb}", who(fact)),
        What::Changed => format!("{} now {verb}", who(fact)),
        What::Removed => format!("{} no longer {verb}", who(fact)),
    }
}

fn came(what: What, fact: &Fact) -> String {
    let said = match what {
        What::Added => "is new",
        What::Changed => "is another one",
        What::Removed => "is gone",
    };
    let of =
        if fact.origin.kind == "skill" && fact.kind != "skill" { format!(" of {}", who(fact)) } else { String::new() };
    format!("{} {}{of} {said}", noun(&fact.kind), fact.key)
}

fn who(fact: &Fact) -> String {
    match (&*fact.origin.kind, &*fact.origin.path) {
        ("skill", "") => "the skill".to_owned(),
        ("skill", path) => format!("the skill in {path}"),
        (_, path) => path.to_owned(),
    }
}

fn noun(kind: &str) -> &'static str {
    match kind {
        "agent" => "the agent",
        "file.link" => "the link",
        "file.mode" => "the readable file",
        "mcp.server" => "the MCP server",
        "plugin" => "the plugin",
        "prompt.file" => "the prompt file",
        "schedule.job" => "the job",
        "schedule.prompt" => "the heartbeat file",
        "schedule.unit" => "the unit",
        "schedule.workflow" => "the workflow schedule",
        "skill" => "the skill",
        "skill.file" => "the file",
        _ => "the fact",
    }
}

fn value(fact: Option<&Fact>) -> String {
    fact.map(|fact| brief(&fact.value)).unwrap_or_default()
}

fn config(key: &str, delta: &Delta<'_>) -> String {
    match delta.what() {
        What::Added => format!("{key} is set to {}", value(delta.new)),
        What::Removed => format!("{key} is no longer set; it was {}", value(delta.old)),
        What::Changed => match (delta.old.map(|fact| &fact.value), delta.new.map(|fact| &fact.value)) {
            (Some(Json::Array(old)), Some(Json::Array(new))) => items(key, old, new),
            _ => format!("{key} was {} and is {}", value(delta.old), value(delta.new)),
        },
    }
}

/// What a list gained and lost.
fn items(key: &str, old: &[Json], new: &[Json]) -> String {
    let only = |one: &[Json], other: &[Json]| -> Vec<String> {
        one.iter().filter(|item| !other.contains(item)).map(brief).collect()
    };
    let (gained, lost) = (only(new, old), only(old, new));
    let part = |verb: &str, items: &[String]| (!items.is_empty()).then(|| format!("{verb} {}", items.join(", ")));
    let parts: Vec<String> = part("gained", &gained).into_iter().chain(part("lost", &lost)).collect();
    if parts.is_empty() { format!("{key} is in another order") } else { format!("{key} {}", cut(&parts.join(" and "))) }
}

/// Which members of an object are others.
fn members(delta: &Delta<'_>) -> String {
    let members = |fact: Option<&Fact>| fact.and_then(|fact| fact.value.as_object().cloned()).unwrap_or_default();
    let (old, new) = (members(delta.old), members(delta.new));
    let mut names: Vec<&String> =
        old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    names.sort();
    names.dedup();
    let shown = |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), brief);
    let parts =
        names.iter().map(|name| format!("{name} was {} and is {}", shown(old.get(*name)), shown(new.get(*name))));
    cut(&parts.collect::<Vec<_>>().join(", "))
}

fn skill(key: &str, delta: &Delta<'_>) -> String {
    let value = |fact: Option<&Fact>, name: &str| fact.and_then(|fact| fact.value.get(name).cloned());
    let (old, new) = (value(delta.old, "version"), value(delta.new, "version"));
    let shown = |version: Option<Json>| version.as_ref().map_or_else(String::new, brief);
    if old == new {
        format!("the files of the skill {key} are others, and its version is the same")
    } else {
        format!("the skill {key} was version {} and is version {}", shown(old), shown(new))
    }
}

/// A value for a sentence.
fn brief(value: &Json) -> String {
    if value.get("secret").and_then(Json::as_str) == Some("set") {
        return "(a secret)".to_owned();
    }
    if let Some(count) = value.get("characters") {
        return format!("(a text of {count} characters)");
    }
    cut(&value.to_string())
}

fn cut(text: &str) -> String {
    let mut out: String = text.chars().take(LONGEST_VALUE).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
