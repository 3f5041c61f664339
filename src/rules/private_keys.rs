//! Private keys in the repository.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
