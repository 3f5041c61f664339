//! What `tools.exec` comes to for each agent: mode, security, asking and where commands run.

use super::agents::SandboxMode;
use super::config::Config;
use super::dialect::Release;
use super::tool_policy::Context;
use super::value::Found;

/// How freely commands run. The order is from strict to free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Security {
    /// No command runs.
    Deny,
    /// Only commands of a list run, or what a human approves.
    Allowlist,
    /// Every command runs.
    Full,
}

impl Security {
    /// Reads `security`, or one of the words of `mode` that mean the same.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "deny" => Some(Self::Deny),
            "allowlist" | "ask" | "auto" => Some(Self::Allowlist),
            "full" => Some(Self::Full),
            _ => None,
        }
    }
}

/// The command policy of one scope.
#[derive(Clone, Debug)]
pub struct ExecScope<'a> {
    /// The scope.
    pub context: Context<'a>,
    /// How freely commands run, as far as it is written; none when nothing is. What only the
    /// environment knows counts as [`Security::Deny`]: what is unknown is never a finding.
    pub security: Option<Security>,
    /// The value that decides.
    pub at: Found<'a>,
    /// `auto`, `sandbox`, `gateway` or `node`.
    pub host: &'a str,
}

impl ExecScope<'_> {
    /// Do commands of this scope always run inside a container?
    #[must_use]
    pub fn contained(&self) -> bool {
        self.context.sandbox.mode == SandboxMode::All && !matches!(self.host, "gateway" | "node")
    }

    /// Can a command leave the container, if there is one? Releases run every command when nothing
    /// is said, but inside a container none.
    #[must_use]
    pub fn reaches_host(&self) -> bool {
        let boxed = self.host == "sandbox" || self.host == "auto" && self.context.sandbox.mode != SandboxMode::Off;
        !boxed && self.security != Some(Security::Deny)
    }
}

impl Config {
    /// The command policy that agents inherit and that of every agent. An agent that is the default
    /// one replaces the inherited scope, as nothing else runs under it.
    #[must_use]
    pub fn exec_scopes(&self) -> Vec<ExecScope<'_>> {
        let newest = self.since(Release::V2026_9);
        let default = self.default_agent().filter(|_| newest).map(|agent| agent.id);
        let replaced = default.as_deref().unwrap_or(if newest { "global" } else { "main" });
        let contexts = self.tool_contexts();
        let hidden = contexts.iter().filter_map(|context| context.agent.as_ref()).any(|agent| agent.id == replaced);
        let scopes = contexts.into_iter().filter(|context| !hidden || context.agent.is_some());
        scopes.map(|context| self.exec_scope(context)).collect()
    }

    /// The command policy of one scope: the agent's mode, its security, the common mode, the common security.
    #[must_use]
    pub fn exec_scope<'a>(&'a self, context: Context<'a>) -> ExecScope<'a> {
        let common = self.root().at("tools.exec");
        let own = context.own("exec");
        let layers = own.iter().chain(std::iter::once(&common));
        let mut candidates = layers.flat_map(|layer| [layer.get("mode"), layer.get("security")]);
        let at = candidates.find(Found::exists).unwrap_or_else(|| common.get("security"));
        let security = if at.is_unknown() { Some(Security::Deny) } else { at.str().and_then(Security::parse) };
        let host = own.iter().chain(std::iter::once(&common)).find_map(|layer| layer.get("host").str());
        ExecScope { security, at, host: host.unwrap_or("auto"), context }
    }
}
