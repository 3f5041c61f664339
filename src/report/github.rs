//! `--format github`: workflow commands.
