//! `skill digest`: what is printed and answered to the shell.

use serde_json::{Value as Json, json};

use crate::judge::exit;
use crate::load::Undigested;

/// The object of `--format json`: `fileTreeSha256`, or `error` with the reason.
#[must_use]
pub fn json(answer: &Result<String, Undigested>) -> Json {
    match answer {
        Ok(digest) => json!({ "fileTreeSha256": digest }),
        Err(why) => json!({ "error": why.reason() }),
    }
}

/// What the shell is told.
#[must_use]
pub const fn exit_code(answer: &Result<String, Undigested>) -> u8 {
    match answer {
        Ok(_) => exit::CLEAN,
        Err(Undigested::Refused(_)) => exit::FINDINGS,
        Err(Undigested::NotADirectory(_)) => exit::USAGE,
        Err(Undigested::Missing(_)) => exit::NOTHING,
        Err(Undigested::Unreadable(_)) => exit::INCOMPLETE,
    }
}
