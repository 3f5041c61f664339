//! Which models drive the agent.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
