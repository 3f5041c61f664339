//! Exposure and trust: combinations that are dangerous together.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
