//! The agent roster under either of its spellings, and the sandbox that each agent runs in.

use std::borrow::Cow;

use super::config::Config;
use super::value::Found;

/// One agent of the roster.
#[derive(Clone, Debug)]
pub struct Agent<'a> {
    /// Its normalised id.
    pub id: Cow<'a, str>,
    /// Its object; absent for the implicit agent of a configuration without a roster.
    pub found: Found<'a>,
}

/// When an agent runs inside a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxMode {
    /// Never.
    Off,
    /// In every session but the main one.
    NonMain,
    /// Always.
    All,
}

/// The sandbox of one agent, or of agents that say nothing themselves.
#[derive(Clone, Debug)]
pub struct Sandbox<'a> {
    /// When it applies. A mode that only the environment knows counts as [`SandboxMode::All`]:
    /// what is unknown is never a finding.
    pub mode: SandboxMode,
    /// Where the mode is, or would be, written.
    pub at: Found<'a>,
    /// May the container write to the agent's workspace?
    pub writes_workspace: bool,
    /// Do all agents share one container? Blocks of single agents are then ignored.
    pub shared: bool,
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
        items
            .into_iter()
            .map(|found| Agent { id: normalise(found.get("id").str().unwrap_or_default()), found })
            .collect()
    }

    /// The agent that serves what no binding routes elsewhere: the one marked `default`, else the only one.
    #[must_use]
    pub fn default_agent(&self) -> Option<Agent<'_>> {
        let agents = self.agents();
        let marked = agents.iter().position(|agent| agent.found.get("default").is_true());
        match marked {
            Some(index) => agents.into_iter().nth(index),
            None if agents.len() == 1 => agents.into_iter().next(),
            None => None,
        }
    }

    /// The sandbox of `agent`, or without one the sandbox that agents inherit.
    #[must_use]
    pub fn sandbox<'a>(&'a self, agent: Option<&Agent<'a>>) -> Sandbox<'a> {
        let defaults = self.root().at("agents.defaults.sandbox");
        let own = agent.map(|agent| agent.found.get("sandbox"));
        let pick =
            |key: &'static str| own.as_ref().map(|own| own.get(key)).filter(Found::exists).unwrap_or(defaults.get(key));
        let at = pick("mode");
        let unset = if self.dialect.is_fork() { SandboxMode::All } else { SandboxMode::Off };
        let mode = match at.str() {
            Some("off") => SandboxMode::Off,
            Some("non-main") => SandboxMode::NonMain,
            None if !at.exists() => unset,
            _ => SandboxMode::All,
        };
        let scope = pick("scope");
        let shared = scope.is("shared") || !scope.exists() && pick("perSession").is_false();
        Sandbox { mode, at, writes_workspace: pick("workspaceAccess").is("rw"), shared }
    }

    /// The directory that `agent` works in, as it is written: its own `workspace`, else the one of
    /// the defaults; none when both are absent and the release's own default holds.
    #[must_use]
    pub fn workspace<'a>(&'a self, agent: Option<&Agent<'a>>) -> Option<Found<'a>> {
        let own = agent.map(|agent| agent.found.get("workspace")).filter(Found::exists);
        own.or_else(|| Some(self.root().at("agents.defaults.workspace")).filter(Found::exists))
    }

    /// The objects at `path` below `agents.defaults` and below every agent, as far as they are written.
    #[must_use]
    pub fn agent_blocks<'a>(&'a self, path: &'a str) -> Vec<Found<'a>> {
        let defaults = self.root().at("agents.defaults").at(path);
        let own = self.agents().into_iter().map(|agent| agent.found.at(path));
        std::iter::once(defaults).chain(own).filter(Found::exists).collect()
    }
}

/// An agent id as the gateway normalises it: lower case, other characters as `-`, at most 64.
#[must_use]
pub fn normalise(id: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    if id.len() <= 64 && id.bytes().all(plain) {
        return Cow::Borrowed(id);
    }
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    id.trim().to_lowercase().chars().map(keep).take(64).collect()
}
