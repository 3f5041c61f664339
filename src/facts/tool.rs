//! Which capability a tool needs.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sections;

/// What a skill may declare in `capabilities`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Running commands.
    Shell,
    /// Changing files.
    Filesystem,
    /// Asking the network.
    Network,
    /// Driving a browser.
    Browser,
    /// Starting and addressing other sessions.
    Sessions,
    /// Sending messages.
    Messaging,
    /// Running things later.
    Scheduling,
}

impl Capability {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Shell,
        Self::Filesystem,
        Self::Network,
        Self::Browser,
        Self::Sessions,
        Self::Messaging,
        Self::Scheduling,
    ];

    /// As it is written in frontmatter.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Filesystem => "filesystem",
            Self::Network => "network",
            Self::Browser => "browser",
            Self::Sessions => "sessions",
            Self::Messaging => "messaging",
            Self::Scheduling => "scheduling",
        }
    }

    /// Reads a declared word, spaces and case aside.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| word.trim().eq_ignore_ascii_case(capability.word()))
    }
}

/// What a community skill needs for a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// No capability grants it.
    Denied,
    /// The declared capability grants it.
    Gated(Capability),
    /// Nothing is needed.
    Allowed,
}

/// A tool of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// What it needs.
    pub tier: Tier,
    /// Is it newer than the proposal, and placed by us?
    pub extension: bool,
}

static TOOLS: LazyLock<HashMap<&str, Tool>> = LazyLock::new(|| {
    let tool = |(heading, name): (&'static str, &'static str)| {
        let (tier, capability) = heading.split_once(' ').unwrap_or((heading, ""));
        let tier = match tier.trim_start_matches('+') {
            "denied" => Tier::Denied,
            "gated" => Tier::Gated(Capability::of_word(capability)?),
            _ => Tier::Allowed,
        };
        Some((name, Tool { tier, extension: heading.starts_with('+') }))
    };
    sections(include_str!("../../schemas/skills/tools.txt")).filter_map(tool).collect()
});

/// What is known of a tool, by its name in policies; `-` and case do not matter.
#[must_use]
pub fn tool(name: &str) -> Option<Tool> {
    let name = name.trim();
    if let Some(tool) = TOOLS.get(name) {
        return Some(*tool);
    }
    TOOLS.get(name.to_ascii_lowercase().replace('-', "_").as_str()).copied()
}

/// What a community skill needs for a tool; none for a tool that nobody knows.
#[must_use]
pub fn capability(name: &str) -> Option<Tier> {
    tool(name).map(|tool| tool.tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_need_capabilities() {
        for (name, tier) in [
            ("exec", Tier::Gated(Capability::Shell)),
            ("Web-Fetch", Tier::Gated(Capability::Network)),
            ("cron", Tier::Gated(Capability::Scheduling)),
            ("automations", Tier::Gated(Capability::Scheduling)),
            ("nodes", Tier::Denied),
            ("computer", Tier::Denied),
            ("read", Tier::Allowed),
        ] {
            assert_eq!(capability(name), Some(tier), "{name}");
        }
        assert_eq!(capability("frobnicate"), None);
        assert!(tool("bash").is_some_and(|tool| tool.extension) && tool("exec").is_some_and(|tool| !tool.extension));
    }

    #[test]
    fn capabilities_have_words() {
        for capability in Capability::ALL {
            assert_eq!(Capability::of_word(&format!(" {} ", capability.word().to_uppercase())), Some(capability));
        }
        assert_eq!(Capability::of_word("root"), None);
        assert_eq!(TOOLS.len(), sections(include_str!("../../schemas/skills/tools.txt")).count());
    }
}
