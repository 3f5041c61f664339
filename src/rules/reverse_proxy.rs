//! x

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
