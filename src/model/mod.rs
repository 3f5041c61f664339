//! The third stage: what the files mean. Pure: everything was read by `load`.

pub mod advisory;
pub mod agents;
pub mod auth;
pub mod blanks;
pub mod channels;
pub mod code_safety;
pub mod compose;
pub mod config;
pub mod deployed;
pub mod detect;
pub mod dialect;
pub mod document;
pub mod env;
pub mod evidence;
pub mod exec_policy;
pub mod exposure;
pub mod found;
pub mod ignored;
pub mod include;
pub mod installs;
pub mod map;
pub mod model_ref;
pub mod npm_spec;
pub mod places;
pub mod plugin_dirs;
pub mod project;
pub mod provenance;
pub mod schema;
pub mod secrets;
pub mod skill;
pub mod skill_dirs;
pub mod state;
pub mod tool_catalog;
pub mod tool_policy;
pub mod value;

pub use config::{Config, Issue, IssueKind};
