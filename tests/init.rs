//! `init`: what it writes is read by those it is written for, and nothing is ever overwritten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use clawsift::settings::Settings;
use clawsift::source::{FileId, Source};
use clawsift::syntax::yaml;
use tempfile::TempDir;

fn repository(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files.iter().chain(&[(".git/HEAD", "ref: refs/heads/main\n")]) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Every file but git's own.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let entries = walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file() && !entry.path().starts_with(dir.join(".git")));
    let read =
        |path: &Path| (path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap());
    files.map(|entry| read(entry.path())).collect()
}

fn init(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let out = cargo_bin_cmd!("clawsift").current_dir(dir).arg("init").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn an_empty_repository_gets_three_files() {
    let dir = repository(&[]);
    let (code, out, error) = init(dir.path(), &[]);
    assert_eq!(code, 0, "{error}");
    let written = files(dir.path());
    let names: Vec<_> = written.keys().map(String::as_str).collect();
    assert_eq!(names, [".github/workflows/clawsift.yml", ".pre-commit-config.yaml", "clawsift.json5"]);
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(error.contains("pin it to the commit"), "{error}");
    for (name, text) in &written {
        assert!(!text.contains("{version}") && !text.contains("{uses}"), "{name}");
    }
    // The settings hold, and a second run has nothing to do.
    let check = cargo_bin_cmd!("clawsift").current_dir(dir.path()).arg("check").output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    let (code, out, _) = init(dir.path(), &[]);
    assert_eq!((code, out.matches("left as it is").count()), (0, 3), "{out}");
    assert_eq!(files(dir.path()), written);
}

#[test]
fn every_setting_of_the_template_is_one() {
    let text = clawsift::init::settings_text();
    let read = |text: &str| Settings::read(&Source::new("clawsift.json5", text.as_bytes().to_vec())).unwrap();
    read(&text);
    let is_setting = |line: &str| line.trim_start().strip_prefix("// ").is_some_and(|rest| rest.ends_with(','));
    let open = text.lines().map(|line| if is_setting(line) { line.replacen("// ", "", 1) } else { line.to_owned() });
    let open = open.collect::<Vec<_>>().join("\n");
    let settings = read(&open);
    assert_eq!(settings.target_version.as_deref(), Some("2026.9.6"));
    assert!(!settings.local_skills.is_empty() && !settings.assume_env.is_empty() && !settings.overrides.is_empty());
}

#[test]
fn the_workflow_is_yaml_and_takes_a_commit() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    for (text, uses) in [
        (clawsift::init::workflow_text(None), format!("@action-v{} # zizmor", env!("CARGO_PKG_VERSION"))),
        (clawsift::init::workflow_text(Some(commit)), format!("@{commit} # action-v{}", env!("CARGO_PKG_VERSION"))),
    ] {
        assert!(text.contains(&format!("uses: clawsift/clawsift{uses}")), "{text}");
        assert!(yaml::parse_at(FileId(0), &text, 0).unwrap().1.is_empty());
    }
    let dir = repository(&[]);
    assert_eq!(init(dir.path(), &["--action-ref", "main"]).0, 2);
    assert_eq!(init(dir.path(), &["--action-ref", commit]).0, 0);
    assert!(files(dir.path())[".github/workflows/clawsift.yml"].contains(commit));
}

#[test]
fn what_is_there_is_never_overwritten() {
    let own = [
        (".github/clawsift.json5", "{ profile: 'strict' }\n"),
        (".github/workflows/clawsift.yaml", "on: push\n"),
        (".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks: []\n"),
    ];
    let dir = repository(&own);
    let (code, out, _) = init(dir.path(), &[]);
    assert_eq!((code, out.contains("added clawsift to .pre-commit-config.yaml")), (0, true), "{out}");
    let after = files(dir.path());
    assert_eq!(after.len(), 3);
    for (path, text) in own {
        assert!(after[path].starts_with(text), "{path}");
    }
    let dir = repository(&[(".pre-commit-config.yaml", "repos: []\n")]);
    let (code, out, _) = init(dir.path(), &[]);
    assert!(code == 0 && out.contains("add below `repos:`") && out.contains("- id: clawsift"), "{out}");
    assert_eq!(files(dir.path())[".pre-commit-config.yaml"], "repos: []\n");
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let dir = repository(&[(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks: []\n")]);
    let before = files(dir.path());
    let (code, out, _) = init(dir.path(), &["--dry-run"]);
    assert_eq!(code, 0);
    assert!(out.contains("would write clawsift.json5:") && out.contains("would add to .pre-commit-config.yaml:"));
    assert!(out.contains("  | - repo: https://github.com/clawsift/clawsift"), "{out}");
    assert_eq!(files(dir.path()), before);
    let (_, out, _) = init(dir.path(), &["--dry-run", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["files"][0]["action"], "create");
}

#[test]
fn the_files_go_to_the_root_of_the_repository_and_nowhere_else() {
    let dir = repository(&[("sub/x", "")]);
    let (code, _, error) = init(&dir.path().join("sub"), &[]);
    assert!(code == 2 && error.contains("lies in the repository"), "{error}");
    assert_eq!(init(dir.path(), &["nowhere"]).0, 2);
    assert_eq!(files(dir.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn no_link_leads_a_write_elsewhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    let dir = repository(&[]);
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join(".github")).unwrap();
    let (code, _, error) = init(dir.path(), &[]);
    assert!(code == 2 && error.contains("is no directory"), "{error}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    let dir = repository(&[]);
    let target = elsewhere.path().join("target");
    for name in ["clawsift.json5", ".pre-commit-config.yaml"] {
        std::os::unix::fs::symlink(&target, dir.path().join(name)).unwrap();
    }
    init(dir.path(), &[]);
    assert!(!target.exists());
}
