//! Chat channels: who may talk to the agent.

use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[];
