//! State that was committed to git.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
