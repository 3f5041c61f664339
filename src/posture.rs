//! What a repository or a state directory allows and does, as facts: which hosts are reached, which files, how it
//! is configured, what runs unasked, which skills and plugins are there. Two snapshots of it, from before and after
//! a change, are compared fact by fact.
//!
//! Facts are collected beside a scan, from the same model that the rules see. None of them holds a secret.

mod change;
pub mod config;
pub mod diff;
mod direction;
pub mod document;
pub mod entries;
mod message;
mod shown;
pub mod skill;
pub mod snapshot;
mod table;
pub mod weigh;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::facts::url;
use crate::finding::Location;
use crate::judge::settle::{location_of, masked};
use crate::model::project::Project;
use crate::model::value::{Kind, Value};
use crate::source::{Sources, Span};

pub use change::{Arrival, Change, Direction, Drift, Heading, What, Whose};
pub use snapshot::Snapshot;

/// One thing that is so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What sort of thing it is: one of [`KINDS`].
    pub kind: String,
    /// Which one: a host, a path, a key of the configuration.
    pub key: String,
    /// What is so about it; null when its presence is all there is to say.
    pub value: Json,
    /// Where it is said.
    pub at: At,
    /// Who says so. A fact that moves to another origin is another fact.
    pub origin: Origin,
    /// The token, as long as the text is at hand.
    #[serde(skip)]
    pub location: Option<Location>,
}

/// A place that survives new lines above it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// Relative path of the file.
    pub path: String,
    /// JSON pointer from the root of the merged configuration, or of the file; empty for the file as a whole.
    pub pointer: String,
}

/// Who says something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// `config`, `skill`, `prompt`, `tree`, or the kind of a side file.
    #[serde(rename = "type")]
    pub kind: String,
    /// Relative path of the root file or of the skill's directory.
    pub path: String,
}

/// What is collected, by the heading it is shown under.
pub const KINDS: &[(&str, Heading)] = &[
    ("agent", Heading::Inventory),
    ("config", Heading::Configuration),
    ("env.name", Heading::Inventory),
    ("file.link", Heading::Files),
    (MODE, Heading::Files),
    ("file.mount", Heading::Files),
    ("file.path", Heading::Files),
    ("file.read", Heading::Files),
    ("file.sensitive", Heading::Files),
    ("file.write", Heading::Files),
    (FINDING, Heading::Findings),
    ("mcp.server", Heading::Inventory),
    ("network.host", Heading::Network),
    ("network.port", Heading::Network),
    ("plugin", Heading::Inventory),
    ("prompt.file", Heading::Inventory),
    ("schedule.command", Heading::Schedule),
    ("schedule.job", Heading::Schedule),
    ("schedule.prompt", Heading::Schedule),
    ("schedule.unit", Heading::Schedule),
    ("schedule.workflow", Heading::Schedule),
    ("skill", Heading::Inventory),
    ("skill.file", Heading::Inventory),
    ("skill.program", Heading::Inventory),
    ("skill.signature", Heading::Inventory),
    ("tool.grant", Heading::Inventory),
];

/// What a rule found: known when a scan was made beside.
pub const FINDING: &str = "finding";

/// Does a host depend on what somebody fills in?
fn is_template(host: &str) -> bool {
    host.contains(['$', '{', '<', '*', ' '])
}

/// Permission bits: known of a live state directory only.
pub const MODE: &str = "file.mode";

/// Facts about one subject that are kept.
const MOST_FACTS: usize = 100_000;

/// What is known of one subject.
#[derive(Debug, Default)]
pub struct Collected {
    /// The facts, in no order.
    pub facts: Vec<Fact>,
    /// How many more there are than are kept.
    pub left_out: usize,
}

/// Collects the facts of one subject.
struct Desk<'a> {
    origin: Origin,
    project: &'a Project,
    sources: &'a Sources,
    collected: Collected,
}

impl<'a> Desk<'a> {
    fn new(kind: &str, path: &str, project: &'a Project, sources: &'a Sources) -> Self {
        let origin = Origin { kind: kind.to_owned(), path: path.to_owned() };
        Self { origin, project, sources, collected: Collected::default() }
    }

    fn is_full(&mut self) -> bool {
        let full = self.collected.facts.len() >= MOST_FACTS;
        self.collected.left_out += usize::from(full);
        full
    }

    /// Notes a fact at a place of a file.
    fn fact(&mut self, kind: &str, key: &str, value: Json, span: Span, pointer: &str) {
        if self.is_full() {
            return;
        }
        let location = location_of(&self.project.source(self.sources, span.file), span);
        let at = At { path: location.path.to_string(), pointer: masked(pointer.to_owned()) };
        let fact = self.made(kind, key, value, at);
        self.collected.facts.push(Fact { location: Some(location), ..fact });
    }

    /// Notes a fact about a file as a whole.
    fn of_file(&mut self, kind: &str, key: &str, value: Json, path: &str) {
        if self.is_full() {
            return;
        }
        let at = At { path: path.to_owned(), pointer: String::new() };
        let fact = self.made(kind, key, value, at);
        self.collected.facts.push(fact);
    }

    /// Notes the hosts that the texts of a value name. The depth is limited by the parser.
    fn hosts(&mut self, value: &Value, token: Span, pointer: &str) {
        match &value.kind {
            Kind::String(text) => {
                for url in url::find(&text.text).filter(|url| !is_template(&url.host)) {
                    self.fact("network.host", &url.host, Json::from("configured"), token, pointer);
                }
            }
            Kind::List(items) => items.iter().for_each(|item| self.hosts(item, item.token(), pointer)),
            Kind::Map(map) => map.entries.iter().for_each(|one| self.hosts(&one.value, one.value.token(), pointer)),
            _ => {}
        }
    }

    fn made(&self, kind: &str, key: &str, value: Json, at: At) -> Fact {
        let (kind, key) = (kind.to_owned(), masked(key.to_owned()));
        Fact { kind, key, value: shown::without_formats(value), at, origin: self.origin.clone(), location: None }
    }
}
