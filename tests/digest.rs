//! Tree digests as OpenClaw 2026.9.6 itself makes them (`fixtures/tree-digest.json`), over entries and over
//! directories on disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use clawsift::digest::{DigestEntry, DigestKind, file_tree_sha256, hex};
use clawsift::load::{Undigested, tree_sha256};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn cases() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../fixtures/tree-digest.json")).unwrap();
    assert_eq!(cases.len(), 11);
    cases
}

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
    for case in cases() {
        let entries: Vec<DigestEntry> = case["entries"].as_array().unwrap().iter().map(entry).collect();
        assert_eq!(file_tree_sha256(&entries).ok().as_deref(), case["digest"].as_str(), "{}", case["case"]);
    }
}

/// Git keeps neither links as they are everywhere, nor empty directories: the cases are laid out anew.
#[cfg(unix)]
fn lay_out(case: &Value, root: &Path) {
    use std::os::unix::fs::{PermissionsExt, symlink};
    fs::create_dir_all(root).unwrap();
    for written in case["entries"].as_array().unwrap() {
        let at = root.join(written["path"].as_str().unwrap());
        if let Some(text) = written["text"].as_str() {
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(&at, text).unwrap();
            let mode = if at.extension().is_some_and(|end| end == "sh") { 0o755 } else { 0o644 };
            fs::set_permissions(&at, fs::Permissions::from_mode(mode)).unwrap();
        } else if let Some(target) = written["link"].as_str() {
            symlink(target, &at).unwrap();
        } else {
            fs::create_dir_all(&at).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn directories_have_the_digests_of_openclaw() {
    let dir = tempfile::tempdir().unwrap();
    for case in cases() {
        let name = case["case"].as_str().unwrap();
        let root = dir.path().join(name);
        lay_out(&case, &root);
        assert_eq!(tree_sha256(&root).ok().as_deref(), case["digest"].as_str(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn what_openclaw_refuses_has_no_digest() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("skill");
    fs::create_dir_all(root.join("a")).unwrap();
    fs::write(root.join("SKILL.md"), "x").unwrap();
    let plain = tree_sha256(&root).unwrap();
    let refused = |reason: &str| assert_eq!(tree_sha256(&root), Err(Undigested::Refused(reason.to_owned())));

    fs::hard_link(root.join("SKILL.md"), root.join("a/copy.md")).unwrap();
    // The first one in the order of the digest is named.
    refused("SKILL.md is a file with several names");
    fs::remove_file(root.join("a/copy.md")).unwrap();

    symlink("/nowhere", root.join("a/dangling")).unwrap();
    refused("a/dangling is a symbolic link");
    fs::remove_file(root.join("a/dangling")).unwrap();

    let pipe = root.join("a/pipe");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        refused("a/pipe is neither a file nor a directory");
        fs::remove_file(&pipe).unwrap();
    }

    let odd = root.join(std::ffi::OsStr::from_bytes(b"a/\xff.md"));
    if fs::write(&odd, "x").is_ok() {
        assert!(matches!(tree_sha256(&root), Err(Undigested::Refused(_))));
        fs::remove_file(&odd).unwrap();
    }

    // The records of installers do not count, whatever they are; deeper directories of that name do.
    symlink("/nowhere", root.join(".clawhub")).unwrap();
    assert_eq!(tree_sha256(&root).as_ref(), Ok(&plain));
    fs::create_dir_all(root.join("a/.clawhub")).unwrap();
    assert_ne!(tree_sha256(&root).as_ref(), Ok(&plain));
    // A directory may be named by a link to it.
    symlink(&root, dir.path().join("link")).unwrap();
    assert_eq!(tree_sha256(&dir.path().join("link")), tree_sha256(&root));
}

#[test]
fn limits_are_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(["d"; 70].join("/"))).unwrap();
    assert!(matches!(tree_sha256(dir.path()), Err(Undigested::Unreadable(why)) if why.contains("deeper than 64")));
}

fn run(arguments: &[&str], dir: &Path) -> (i32, String, String) {
    let out = cargo_bin_cmd!("clawsift").current_dir(dir).args(["skill", "digest"]).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (out.status.code().unwrap(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn the_command_prints_the_digest_or_why_there_is_none() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("skill")).unwrap();
    fs::write(dir.path().join("skill/SKILL.md"), "# a\n").unwrap();
    let digest = "sha256:246b533cd13d0c8afee8e329969679a7ca67b441e4a63be34d0df01677a94fca";
    assert_eq!(run(&["skill"], dir.path()), (0, format!("{digest}\n"), String::new()));
    for json in [["--format", "json"].as_slice(), &["--json"]] {
        let object = |path: &str| {
            let (code, out, error) = run(&[&[path], json].concat(), dir.path());
            assert_eq!(error, "");
            (code, serde_json::from_str::<Value>(&out).unwrap())
        };
        assert_eq!(object("skill"), (0, serde_json::json!({ "fileTreeSha256": digest })));
        assert_eq!(object("absent"), (3, serde_json::json!({ "error": "does not exist" })));
        assert_eq!(object("skill/SKILL.md"), (2, serde_json::json!({ "error": "is not a directory" })));
    }
    assert_eq!(run(&["absent"], dir.path()), (3, String::new(), "clawsift: absent: does not exist\n".to_owned()));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("SKILL.md", dir.path().join("skill/\u{1b}[31m")).unwrap();
        let (code, out, error) = run(&["skill"], dir.path());
        assert_eq!((code, out.as_str()), (1, ""));
        assert_eq!(error, "clawsift: skill: \\u{1b}[31m is a symbolic link\n");
    }
}
