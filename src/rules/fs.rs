//! Files of a live state directory: modes and links.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
