//! The key tables of each release and what they refuse.

use super::config::{Config, Issue};
use super::dialect::Dialect;

/// Old spellings that a release reads, by their newest name.
#[must_use]
pub fn renames(_dialect: Dialect) -> &'static [(&'static str, &'static str)] {
    &[
        ("gateway.nodes.allowCommands", "gateway.nodes.commands.allow"),
        ("gateway.nodes.denyCommands", "gateway.nodes.commands.deny"),
    ]
}

/// Everything the release would refuse.
#[must_use]
pub fn validate(_config: &Config) -> Vec<Issue> {
    Vec::new()
}
