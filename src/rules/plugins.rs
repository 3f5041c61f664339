//! Plugins and their install records.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
