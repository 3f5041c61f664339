//! Trusted proxies and exposure by Tailscale.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
