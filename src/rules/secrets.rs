//! Secrets in plain text.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
