//! Which OpenClaw is installed, and how.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
