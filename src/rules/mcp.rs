//! MCP servers in the configuration.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
