//! What git ignores.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
