//! `.mcp.json` and its kin.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
