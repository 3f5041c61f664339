//! Facts about a resolved configuration: every value by its key, and the hosts, servers, plugins and agents in it.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::shown::{Censor, is_open};
use super::table::{self, Row};
use super::{Collected, Desk};
use crate::kind::Role;
use crate::model::schema::moved::{self, Fate};
use crate::model::value::{Entry, Kind, Value};
use crate::model::{Config, secrets};
use crate::secret;
use crate::source::Span;

/// Everything that a configuration says. A template says nothing.
#[must_use]
pub fn facts(config: &Config) -> Collected {
    if config.role != Role::Live {
        return Collected::default();
    }
    // The same file in the other notation is the same file.
    let path = config.path.strip_suffix(".json5").map_or_else(|| config.path.clone(), |stem| format!("{stem}.json"));
    let written = |span: Span| config.sources.slice(span).trim_matches(['"', '\'']).to_owned();
    let mut desk = Desk::new("config", &path, &config.project, &config.sources);
    let censor = Censor::new(secrets::spans(config), &written);
    let mut walk = Walk { desk: &mut desk, censor: &censor, roster: ROSTER };
    walk.value(&config.root, config.root.token(), &Way::default());
    desk.collected
}

/// The leaves of a tree that is configuration of another kind, such as `exec-approvals.json`.
pub(super) fn leaves(root: &Value, desk: &mut Desk<'_>, censor: &Censor<'_>) {
    Walk { desk, censor, roster: &[] }.value(root, root.token(), &Way::default());
}

/// Objects whose members are things of their own, and what sort.
const ROSTER: &[(&[&str], &str)] = &[
    (&["agents", "entries"], "agent"),
    (&["mcp", "servers"], "mcp.server"),
    (&["plugins", "entries"], "plugin"),
    (&["plugins", "installs"], "plugin"),
];

/// The way to a value: by names that survive an upgrade, and as it is written.
#[derive(Clone, Default)]
struct Way {
    names: Vec<String>,
    pointer: String,
    /// It leads through variables, headers or the like.
    open: bool,
}

impl Way {
    fn then(&self, written: &str, name: String) -> Self {
        let mut way = self.clone();
        way.open |= is_open(written);
        way.names.push(name);
        way.pointer += "/";
        way.pointer += &written.replace('~', "~0").replace('/', "~1");
        way.settled()
    }

    /// The names under which the newest release knows the place.
    fn settled(mut self) -> Self {
        if self.names.len() == 2 && self.names.first().is_some_and(|name| name == "agents") {
            for name in self.names.iter_mut().skip(1).filter(|name| *name == "list") {
                "entries".clone_into(name);
            }
        }
        if self.names.iter().all(|name| !name.contains('.'))
            && let Some(Fate::Moved(to)) = moved::newest_fate(&self.names.join("."))
        {
            self.names = to.split('.').map(str::to_owned).collect();
        }
        self
    }

    fn key(&self) -> String {
        let plain = |name: &&String| !name.is_empty() && !name.contains(['.', '[', ']', '"']);
        let mut key = String::new();
        for name in &self.names {
            if plain(&name) {
                key += if key.is_empty() { "" } else { "." };
                key += name;
            } else {
                let _ = write!(key, "[{}]", Json::from(name.as_str()));
            }
        }
        key
    }
}

struct Walk<'w, 'a> {
    desk: &'w mut Desk<'a>,
    censor: &'w Censor<'w>,
    roster: &'static [(&'static [&'static str], &'static str)],
}

impl Walk<'_, '_> {
    /// The depth is limited by the parser.
    fn value(&mut self, value: &Value, token: Span, way: &Way) {
        match &value.kind {
            Kind::Map(map) if !map.entries.is_empty() => {
                for entry in &map.entries {
                    let way = way.then(&entry.key, entry.key.to_string());
                    self.member(entry.key_span, &way);
                    self.value(&entry.value, token_of(entry), &way);
                }
            }
            Kind::List(items) if items.iter().any(|item| matches!(item.kind, Kind::List(_) | Kind::Map(_))) => {
                let names = names_of(items);
                for (index, item) in items.iter().enumerate() {
                    let name = names.as_ref().and_then(|names| names.get(index).cloned());
                    let way = way.then(&index.to_string(), name.unwrap_or_else(|| index.to_string()));
                    self.member(item.token(), &way);
                    self.value(item, item.token(), &way);
                }
            }
            _ => self.leaf(value, token, way),
        }
    }

    fn leaf(&mut self, value: &Value, token: Span, way: &Way) {
        let row = table::row(&way.names);
        if way.names.is_empty() || row.is_some_and(Row::is_skipped) {
            return;
        }
        // Whatever stands where a secret is kept counts as one, be it an example that nobody has replaced.
        let kept = way.open || is_kept_secret(&way.names);
        let mut shown = self.censor.shown(value, kept);
        if let (Json::Array(items), true) = (&mut shown, row.is_some_and(Row::is_set)) {
            items.sort_by_key(Json::to_string);
            items.dedup();
        }
        self.desk.hosts(value, token, &way.pointer);
        self.desk.fact("config", &way.key(), shown, token, &way.pointer);
    }

    /// A member of an object whose members are things of their own.
    fn member(&mut self, token: Span, way: &Way) {
        let Some((name, above)) = way.names.split_last() else { return };
        let kind = self.roster.iter().find(|(path, _)| above == *path).map(|(_, kind)| *kind);
        if let Some(kind) = kind {
            self.desk.fact(kind, name, Json::Null, token, &way.pointer);
        }
    }
}

/// Does the product keep a secret here, or does the name say so?
fn is_kept_secret(names: &[String]) -> bool {
    let path: Vec<&str> = names.iter().map(String::as_str).collect();
    secret::is_registered(&path) || path.last().is_some_and(|name| secret::is_secret_name(name))
}

/// The token that stands for a member: its value, or of a list or an object its key.
fn token_of(entry: &Entry) -> Span {
    match entry.value.kind {
        Kind::List(_) | Kind::Map(_) => entry.key_span,
        _ => entry.value.token(),
    }
}

/// What the objects of a list are called, when each has a name of its own: their order then means nothing.
fn names_of(items: &[Value]) -> Option<Vec<String>> {
    ["id", "name", "pattern", "checkId"].iter().find_map(|key| {
        let name = |item: &Value| match &item.as_map()?.get(key)?.value.kind {
            Kind::String(text) => Some(text.text.to_string()),
            _ => None,
        };
        let names: Vec<String> = items.iter().map(name).collect::<Option<_>>()?;
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        (unique.len() == names.len()).then_some(names)
    })
}
