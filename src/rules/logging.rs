//! What is logged and what is kept out of logs.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
