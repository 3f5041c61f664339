//! What two snapshots differ in, and what that is worth.

use serde::Serialize;
use serde_json::Value as Json;

use super::{At, Origin};
use crate::finding::{Location, Severity};

/// The parts of a comparison. The first four are what the hardening handbook asks a comparison for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Heading {
    /// Hosts that are reached, and who can reach us.
    Network,
    /// Files that may be read or written.
    Files,
    /// Everything else that is configured.
    Configuration,
    /// What runs unasked.
    Schedule,
    /// Skills, plugins, servers, agents, prompts, tools, variables.
    Inventory,
    /// What the rules found, when a scan was made beside.
    Findings,
}

impl Heading {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Network, Self::Files, Self::Configuration, Self::Schedule, Self::Inventory, Self::Findings];

    /// The heading in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Files => "File access",
            Self::Configuration => "Configuration",
            Self::Schedule => "Scheduled tasks",
            Self::Inventory => "Skills, plugins, prompts and tools",
            Self::Findings => "Findings",
        }
    }
}

/// How something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// It was not there.
    Added,
    /// Something else is so about it.
    Changed,
    /// It is gone.
    Removed,
}

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Less is possible.
    Tighter,
    /// Another thing is possible, or nobody knows.
    Neutral,
    /// Some things more, some less.
    Mixed,
    /// More is possible.
    Looser,
}

impl Direction {
    /// The way back.
    #[must_use]
    pub const fn inverse(self) -> Self {
        match self {
            Self::Tighter => Self::Looser,
            Self::Looser => Self::Tighter,
            same => same,
        }
    }

    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tighter => "tighter",
            Self::Neutral => "neutral",
            Self::Mixed => "mixed",
            Self::Looser => "looser",
        }
    }
}

/// To whom a change belongs, when a skill was installed or replaced in between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "where", content = "skill")]
pub enum Whose {
    /// No skill came or changed.
    Nobody,
    /// It lies in the directory of such a skill.
    Inside(String),
    /// It is what registers such a skill in the configuration.
    Registers(String),
    /// It lies elsewhere: installing a skill has no business there.
    Outside,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it is shown.
    pub heading: Heading,
    /// How it changed.
    pub what: What,
    /// The kind of fact.
    pub kind: String,
    /// Which one.
    pub key: String,
    /// What was so; none for what was not there.
    pub old: Option<Json>,
    /// What is so; none for what is gone.
    pub new: Option<Json>,
    /// Which way it goes.
    pub direction: Direction,
    /// How bad it is; none for what can only help.
    pub severity: Option<Severity>,
    /// To whom it belongs.
    pub whose: Whose,
    /// Who says so.
    pub origin: Origin,
    /// Where it is said now, or was said before it was removed.
    pub at: At,
    /// The token now, when the text is at hand.
    pub location: Option<Location>,
    /// Where it was said before, when that is another place.
    pub was_at: Option<At>,
    /// Why somebody expects it; it then fails nothing.
    pub approved: Option<String>,
    /// It is a part of another change, which is shown.
    pub part: bool,
    /// The id of what is wrong with it, for SARIF.
    pub id: &'static str,
    /// One sentence without full stop.
    pub message: String,
}

/// A skill that came or was replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    /// Its directory.
    pub path: String,
    /// What it calls itself.
    pub name: String,
    /// It was not there before.
    pub new: bool,
}

/// Everything that differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// The changes, by heading, severity and place.
    pub changes: Vec<Change>,
    /// Skills that came or were replaced.
    pub arrivals: Vec<Arrival>,
    /// What a reader should know beside them.
    pub notes: Vec<String>,
}

impl Drift {
    /// Is there a change of this severity or a worse one that nobody approved?
    #[must_use]
    pub fn fails(&self, least: Option<Severity>) -> bool {
        let open = |change: &&Change| change.approved.is_none();
        least.is_some_and(|least| self.changes.iter().filter(open).any(|change| change.severity >= Some(least)))
    }

    /// How many changes that nobody approved have this severity.
    #[must_use]
    pub fn count(&self, severity: Option<Severity>) -> usize {
        self.changes.iter().filter(|change| change.approved.is_none() && change.severity == severity).count()
    }
}
