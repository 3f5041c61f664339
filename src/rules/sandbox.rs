//! The sandbox that tools run in.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
