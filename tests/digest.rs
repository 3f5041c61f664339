//! Tree digests as OpenClaw 2026.9.6 itself makes them (`fixtures/tree-digest.json`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use clawsift::digest::hex;
use clawsift::digest::{DigestEntry, DigestKind, file_tree_sha256};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn entry(written: &Value) -> DigestEntry {
    let kind = if let Some(text) = written["text"].as_str() {
        DigestKind::File(hex(&Sha256::digest(text)))
    } else if written["link"].is_string() {
        DigestKind::Link
    } else {
        DigestKind::Dir
    };
    DigestEntry { path: written["path"].as_str().unwrap().to_owned(), kind }
}

#[test]
fn digests_are_those_of_openclaw() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../fixtures/tree-digest.json")).unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let entries: Vec<DigestEntry> = case["entries"].as_array().unwrap().iter().map(entry).collect();
        assert_eq!(file_tree_sha256(&entries).ok().as_deref(), case["digest"].as_str(), "{}", case["case"]);
    }
}
