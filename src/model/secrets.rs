//! Which tokens of a configuration are secrets.
