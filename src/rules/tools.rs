//! Which tools an agent may use.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
