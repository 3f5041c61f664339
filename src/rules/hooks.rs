//! Webhooks and internal hooks.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
