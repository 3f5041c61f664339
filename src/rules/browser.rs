//! The browser tool and its control port.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
