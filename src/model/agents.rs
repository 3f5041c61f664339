//! The agent roster under either of its spellings.

use super::config::Config;
use super::value::Found;

/// One agent of the roster.
#[derive(Clone, Debug)]
pub struct Agent<'a> {
    /// Its normalised id.
    pub id: String,
    /// Its object; absent for the implicit agent of a configuration without a roster.
    pub found: Found<'a>,
}

impl Config {
    /// The roster: `agents.entries` when that key exists, else the objects of `agents.list`. Empty
    /// when neither is written (a gateway then runs one implicit agent, `main`).
    #[must_use]
    pub fn agents(&self) -> Vec<Agent<'_>> {
        let entries = self.root().at("agents.entries");
        if entries.exists() {
            let objects = entries.entries().filter(|(_, found)| found.is_map());
            return objects.map(|(id, found)| Agent { id: normalise(id), found }).collect();
        }
        let items = self.root().at("agents.list").items().filter(Found::is_map).collect::<Vec<_>>();
        let id = |found: &Found<'_>| normalise(found.get("id").str().unwrap_or_default());
        items.into_iter().map(|found| Agent { id: id(&found), found }).collect()
    }
}

/// An agent id as the gateway normalises it: lower case, other characters as `-`, at most 64.
#[must_use]
pub fn normalise(id: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    id.trim().to_lowercase().chars().map(keep).take(64).collect()
}
