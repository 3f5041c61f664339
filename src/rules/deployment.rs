//! Dockerfiles, units and reverse proxies around the gateway.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
