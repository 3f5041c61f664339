//! Untrusted text made safe for where it goes.
