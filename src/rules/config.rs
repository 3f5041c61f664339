//! What the loader refuses, and flags that are dangerous by name.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
