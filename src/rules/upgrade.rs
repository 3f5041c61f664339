//! Keys that another release or another dialect would read.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
