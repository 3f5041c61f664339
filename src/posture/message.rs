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
        ("network.host", what) => {
            let does = if fact.value.as_str() == Some("contacts") { "contacts" } else { "names" };
            match what {
                What::Removed => format!("{} no longer {does} {key}", who(fact)),
                What::Changed => format!("{} now {does} {key}", who(fact)),
                What::Added => format!("{} {does} {key}", who(fact)),
            }
        }
        ("skill", What::Changed) => skill(key, delta),
        ("skill.signature", _) => {
            let state = |fact: Option<&Fact>| {
                let state = fact.and_then(|fact| fact.value.get("state")?.as_str().map(str::to_owned));
                state.unwrap_or_else(|| "none".to_owned())
            };
            format!("the signature of the skill {key} was `{}` and is `{}`", state(delta.old), state(delta.new))
        }
        ("file.mode", What::Changed) => format!("the permissions of {key} {}", was_and_is(delta)),
        ("mcp.server" | "schedule.job", What::Changed) => format!("{} {key}: {}", noun(&fact.kind), members(delta)),
        (_, what) => {
            let verb = match what {
                What::Added => "is new",
                What::Changed => "is another one",
                What::Removed => "is gone",
            };
            let about = match &fact.value {
                Json::String(word) if what != What::Removed => format!(" ({word})"),
                _ => String::new(),
            };
            let of = if fact.origin.kind == "skill" && fact.kind != "skill" { format!(" of {}", who(fact)) } else { String::new() };
            format!("{} {key}{about}{of} {verb}", noun(&fact.kind))
        }
    }
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
        "env.name" => "the variable",
        "file.link" => "the link",
        "file.mode" => "the permissions of",
        "file.mount" => "the mount",
        "file.read" => "reading of",
        "file.sensitive" => "a mention of",
        "file.write" => "writing to",
        "mcp.server" => "the MCP server",
        "network.port" => "the published port",
        "plugin" => "the plugin",
        "prompt.file" => "the prompt file",
        "schedule.command" => "the scheduling command",
        "schedule.job" => "the job",
        "schedule.prompt" => "the heartbeat file",
        "schedule.unit" => "the unit",
        "schedule.workflow" => "the workflow schedule",
        "skill" => "the skill",
        "skill.file" => "the file",
        "skill.program" => "the program",
        "tool.grant" => "the capability",
        _ => "the fact",
    }
}

fn config(key: &str, delta: &Delta<'_>) -> String {
    let value = |fact: Option<&Fact>| fact.map(|fact| brief(&fact.value)).unwrap_or_default();
    match delta.what() {
        What::Added => format!("{key} is set to {}", value(delta.new)),
        What::Removed => format!("{key} is no longer set; it was {}", value(delta.old)),
        What::Changed => match (delta.old.map(|fact| &fact.value), delta.new.map(|fact| &fact.value)) {
            (Some(Json::Array(old)), Some(Json::Array(new))) => items(key, old, new),
            _ => format!("{key} {}", was_and_is(delta)),
        },
    }
}

fn was_and_is(delta: &Delta<'_>) -> String {
    let value = |fact: Option<&Fact>| fact.map(|fact| brief(&fact.value)).unwrap_or_default();
    format!("was {} and is {}", value(delta.old), value(delta.new))
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
    let mut names: Vec<&String> = old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    names.sort();
    names.dedup();
    let shown = |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), brief);
    let parts = names.iter().map(|name| format!("{name} was {} and is {}", shown(old.get(*name)), shown(new.get(*name))));
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
