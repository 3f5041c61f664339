//! What the gateway announces on the local network.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
