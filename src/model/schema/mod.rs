//! The key tables of each release and what they refuse.
//!
//! `schemas/README.md` describes the tables. [`table`] reads one when it is first asked for, [`validate`]
//! walks a configuration along it, [`conflict`] and [`extras`] know what no table can say: rules between
//! keys, and files and plugins that a value names.

mod channel_rules;
mod conflict;
mod extras;
mod formats;
pub mod handbook;
mod mend;
pub mod moved;
mod named;
mod strangers;
mod suggest;
pub mod table;
mod validate;
mod values;
mod walk;

pub use strangers::strangers;
pub use suggest::is_remark;
pub use validate::validate;
pub use walk::{Validation, Walk};

use super::dialect::{Dialect, Release};

/// Old spellings that a release reads, by their newest name: the same value in the same shape.
const RENAMES: &[(&str, &str)] = &[
    ("agents.defaults.memorySearch", "memory.search"),
    ("agents.defaults.embeddedPi", "agents.defaults.embeddedAgent"),
    ("agents.defaults.imageGenerationModel", "agents.defaults.mediaModels.image"),
    ("agents.defaults.musicGenerationModel", "agents.defaults.mediaModels.music"),
    ("agents.defaults.videoGenerationModel", "agents.defaults.mediaModels.video"),
    ("agents.defaults.sandbox.browser.enableNoVnc", "agents.defaults.sandbox.browser.noVncEnabled"),
    ("browser.ssrfPolicy.hostnameAllowlist", "browser.ssrfPolicy.allowedHostnames"),
    ("cron.failureDestination", "cron.failureAlert"),
    ("gateway.nodes.allowCommands", "gateway.nodes.commands.allow"),
    ("gateway.nodes.denyCommands", "gateway.nodes.commands.deny"),
    ("media.ttlHours", "attachments.ttlHours"),
    ("messages.tts", "tts"),
    ("tools.exec.timeoutSec", "tools.exec.timeoutSeconds"),
];

/// Old spellings that a release reads, by their newest name. A rule asks for the newest one and finds
/// the value wherever its target release would have looked for it.
#[must_use]
pub const fn renames(dialect: Dialect) -> &'static [(&'static str, &'static str)] {
    // What the newest release refuses is found too: rules of our own judge what was meant.
    let _ = dialect;
    RENAMES
}

/// Does a release bring the plugin with this id?
#[must_use]
pub fn ships(release: Release, id: &str) -> bool {
    extras::shipped(release.as_str()).any(|shipped| shipped == id)
}
