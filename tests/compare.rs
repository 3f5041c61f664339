//! `compare`: two trees, reports, baselines or commits; and what `--trust-from-git` takes from a commit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;
use tempfile::TempDir;

const NAME: &str = ".clawsift-baseline.json";
const OLD: &str =
    "{\n  gateway: { bind: \"lan\", auth: { mode: \"none\" } },\n  tools: { exec: { security: \"full\" } },\n}\n";
const NEW: &str =
    "{\n  gateway: { bind: \"0.0.0.0\", auth: { mode: \"none\" } },\n  logging: { redactSensitive: \"off\" },\n}\n";

fn write(dir: &Path, path: &str, text: &str) {
    let full = dir.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, text).unwrap();
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    dir
}

fn git(dir: &Path, arguments: &[&str]) {
    let names = ["-c", "user.name=A", "-c", "user.email=a@example.net", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").args(names).args(arguments).current_dir(dir).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn commit(dir: &Path) {
    if !dir.join(".git").exists() {
        git(dir, &["init", "-q", "-b", "main"]);
    }
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "-m", "all"]);
}

fn run(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("clawsift");
    let out = command.current_dir(dir).env_remove("CI").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

/// New, newly checked, absent, updated and unchanged findings.
fn counts(dir: &Path, arguments: &[&str]) -> (i32, [u64; 5]) {
    let (code, out, error) = run(dir, &[&["compare", "--json"], arguments].concat());
    let object: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{error}"));
    let count = |name: &str| object["summary"][name].as_u64().unwrap();
    (code, ["new", "newlyChecked", "absent", "updated", "unchanged"].map(count))
}

#[test]
fn two_trees_are_told_apart_by_what_is_below_them() {
    let dir = tree(&[("old/openclaw.json", OLD), ("new/openclaw.json", OLD)]);
    let (code, [new, newly, absent, updated, same]) = counts(dir.path(), &["old", "new"]);
    assert_eq!((code, new, newly, absent, updated), (0, 0, 0, 0, 0));
    assert!(same >= 3);
    write(dir.path(), "new/openclaw.json", NEW);
    let (code, [new, _, absent, _, left]) = counts(dir.path(), &["old", "new"]);
    assert_eq!(code, 1);
    assert!(new >= 2 && absent >= 1 && left >= 1 && left + absent == same);
    // The other way round.
    assert_eq!(counts(dir.path(), &["new", "old"]).1, [absent, 0, new, 0, left]);
    assert_eq!(counts(dir.path(), &["old", "new", "--fail-on", "never"]).0, 0);
    let (_, text, _) = run(dir.path(), &["compare", "old", "new"]);
    assert!(text.contains("new: openclaw.json:3:") && text.contains("(the value changed)"), "{text}");
    let (_, table, _) = run(dir.path(), &["compare", "old", "new", "--format", "markdown"]);
    assert!(table.contains("| new | warn | `logging.redact_off` | `openclaw.json:3:"), "{table}");
}

#[test]
fn every_form_of_a_side_gives_the_same_answer() {
    let dir = tree(&[("openclaw.json", OLD), ("skills/a/SKILL.md", "---\nname: a\ndescription: Sorts.\n---\n\n# A\n")]);
    fs::create_dir(dir.path().join(".git")).unwrap();
    let report = |name: &str| {
        let sides = [format!("json={name}.json"), format!("sarif={name}.sarif")];
        let (_, _, error) =
            run(dir.path(), &["check", "--exit-zero", "--no-baseline", "--output", &sides[0], "--output", &sides[1]]);
        assert!(!error.contains("error"), "{error}");
    };
    report("old");
    assert_eq!(run(dir.path(), &["baseline", "create", "-o", "old-baseline.json"]).0, 0);
    write(dir.path(), "openclaw.json", NEW);
    report("new");
    assert_eq!(run(dir.path(), &["baseline", "create", "-o", "new-baseline.json"]).0, 0);
    let wanted = counts(dir.path(), &["old.json", "new.json"]).1;
    assert!(wanted[0] >= 2 && wanted[2] >= 1, "{wanted:?}");
    for old in ["old.json", "old.sarif", "old-baseline.json"] {
        for new in ["new.json", "new.sarif", "new-baseline.json", "."] {
            assert_eq!(counts(dir.path(), &[old, new]).1, wanted, "{old} {new}");
        }
    }
    // The answer is a side, too.
    let (_, sarif, _) = run(dir.path(), &["compare", "old.json", "new.json", "--format", "sarif"]);
    write(dir.path(), "both.sarif", &sarif);
    assert_eq!(counts(dir.path(), &["both.sarif", "new.json"]).1[..3], [0, 0, 0]);
    let log: Value = serde_json::from_str(&sarif).unwrap();
    let states: Vec<&str> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["baselineState"].as_str().unwrap())
        .collect();
    assert_eq!(states.iter().filter(|state| **state == "absent").count() as u64, wanted[2]);
}

#[test]
fn a_renamed_file_is_updated() {
    let dir = tree(&[("old/openclaw.json", OLD), ("new/gateway/openclaw.json", OLD)]);
    let (code, [new, _, absent, updated, _]) = counts(dir.path(), &["old", "new"]);
    assert_eq!((code, new, absent), (0, 0, 0));
    assert!(updated >= 3);
    write(dir.path(), "new/openclaw.json", OLD);
    let (_, [new, _, absent, again, same]) = counts(dir.path(), &["old", "new"]);
    assert_eq!((new, absent, again, same), (updated, 0, 0, updated), "a copy is new");
}

#[test]
fn a_commit_is_read_without_its_checkout() {
    let dir = tree(&[("openclaw.json", OLD), ("skills/a/SKILL.md", "---\nname: a\ndescription: Sorts.\n---\n\n# A\n")]);
    commit(dir.path());
    let (code, [new, _, absent, ..]) = counts(dir.path(), &["--git", "HEAD"]);
    assert_eq!((code, new, absent), (0, 0, 0));
    write(dir.path(), "openclaw.json", NEW);
    // What the index holds is no matter.
    git(dir.path(), &["add", "-A"]);
    let (code, [new, _, absent, ..]) = counts(dir.path(), &["--git", "HEAD", "."]);
    assert!(code == 1 && new >= 2 && absent >= 1);
    let (_, [new, ..]) = counts(dir.path(), &["--git", "HEAD", "skills"]);
    assert_eq!(new, 0);
    let (code, _, error) = run(dir.path(), &["compare", "--git", "origin/main"]);
    assert_eq!(code, 2);
    assert!(error.contains("git fetch --depth=1 origin main:refs/remotes/origin/main"), "{error}");
}

#[test]
fn what_is_no_side_is_a_mistake() {
    let dir = tree(&[
        ("a.json", "{}"),
        ("b.sarif", "{\"runs\": [{\"tool\": {\"driver\": {\"name\": \"other\"}}}]}"),
        ("c", "x"),
    ]);
    for sides in
        [&["a.json", "a.json"][..], &["b.sarif", "a.json"], &["c", "a.json"], &["nowhere", "."], &["a.json"], &[]]
    {
        let (code, _, error) = run(dir.path(), &[&["compare"], sides].concat());
        assert_eq!(code, 2, "{sides:?}: {error}");
    }
    // A side that was not read to the end makes the answer incomplete.
    let dir = tree(&[("old/openclaw.json", "{ gateway:"), ("new/openclaw.json", "{}")]);
    let (code, _, error) = run(dir.path(), &["compare", "old", "new"]);
    assert_eq!(code, 4, "{error}");
}

#[test]
fn a_pull_request_cannot_silence_itself() {
    let dir = tree(&[("openclaw.json", "{}\n"), ("clawsift.json5", "{ failOn: 'warn' }\n")]);
    assert_eq!(run(dir.path(), &["baseline", "create", "."]).0, 0);
    commit(dir.path());
    write(dir.path(), "openclaw.json", OLD);
    assert_eq!(run(dir.path(), &["baseline", "create", "--force", "--accept-critical"]).0, 0);
    write(dir.path(), "clawsift.json5", "{ failOn: 'never', ignore: ['tools'] }\n");
    assert_eq!(run(dir.path(), &["check"]).0, 0, "it silences itself where nobody looks");
    let (code, out, error) = run(dir.path(), &["check", "--trust-from-git", "HEAD", "--json"]);
    assert_eq!(code, 1, "{error}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert!(report["findings"].to_string().contains("tools.exec.security_full_configured"), "{report:#}");
    let told: Vec<&str> =
        report["diagnostics"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert!(told.contains(&NAME) && told.contains(&"clawsift.json5"), "{told:?}");
    // Where the commit has none, what the tree adds does not count either.
    let bare = tree(&[("openclaw.json", OLD)]);
    commit(bare.path());
    assert_eq!(run(bare.path(), &["baseline", "create", "--accept-critical"]).0, 0);
    assert_eq!(run(bare.path(), &["check"]).0, 0);
    assert_eq!(run(bare.path(), &["check", "--trust-from-git", "HEAD"]).0, 1);
    assert_eq!(run(bare.path(), &["check", "--trust-from-git", "HEAD", "--baseline", NAME]).0, 2);
    assert_eq!(run(bare.path(), &["check", "--trust-from-git", "nowhere"]).0, 2);
    // What the operator keeps elsewhere is theirs.
    let outside = tempfile::tempdir().unwrap();
    fs::copy(bare.path().join(NAME), outside.path().join("b.json")).unwrap();
    let theirs = outside.path().join("b.json");
    let arguments = ["check", "--trust-from-git", "HEAD", "--baseline", theirs.to_str().unwrap()];
    assert_eq!(run(bare.path(), &arguments).0, 0);
}

#[test]
fn an_ignore_that_is_led_over_another_line_counts_for_nothing() {
    const IGNORE: &str = "// clawsift: ignore[gateway] reason=\"a lab\"";
    let auth = "auth: { mode: \"token\", token: \"short\" },";
    let above = |line: &str, rest: &str| format!("{{ gateway: {{\n  {IGNORE}\n  {line}\n  {rest}\n}} }}\n");
    let beside = |line: &str| format!("{{ gateway: {{\n  {line} {IGNORE}\n}} }}\n");
    let dir = tree(&[("a/openclaw.json", &above(auth, "bind: \"loopback\",")), ("b/openclaw.json", &beside(auth))]);
    commit(dir.path());
    let told = || {
        let (_, out, _) = run(dir.path(), &["check", "--trust-from-git", "HEAD", "--json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        let ids = report["findings"].as_array().unwrap().iter().filter(|one| one["severity"] != "info");
        ids.map(|one| one["checkId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(), [] as [&str; 0]);
    let deeper = |text: &str| format!("\n\n{}", text.replace("\n  ", "\n      "));
    write(dir.path(), "a/openclaw.json", &deeper(&above(auth, "bind: \"loopback\", port: 1,")));
    write(dir.path(), "b/openclaw.json", &deeper(&beside(auth)));
    assert_eq!(told(), [] as [&str; 0], "lines that move are the same");
    write(dir.path(), "a/openclaw.json", &above("bind: \"loopback\",", auth));
    write(dir.path(), "b/openclaw.json", &beside("auth: { mode: \"token\", token: \"abc\" },"));
    let not_trusted = told().iter().filter(|id| *id == "ignore.not_trusted").count();
    let short = told().iter().filter(|id| *id == "gateway.token_too_short").count();
    assert_eq!((not_trusted, short), (2, 2), "{:?}", told());
}

#[test]
fn ignore_files_of_a_pull_request_hide_nothing() {
    let dir = tree(&[("openclaw.json", "{}\n"), (".gitignore", "made/\n"), ("made/openclaw.json", OLD)]);
    commit(dir.path());
    write(dir.path(), "openclaw.json", OLD);
    write(dir.path(), ".gitignore", "made/\nopenclaw.json\n");
    write(dir.path(), "new/.gitignore", "*\n");
    write(dir.path(), "new/openclaw.json", OLD);
    assert_eq!(run(dir.path(), &["check", "--gitignore"]).0, 0, "it hides itself where nobody looks");
    let (code, out, error) = run(dir.path(), &["check", "--gitignore", "--trust-from-git", "HEAD", "--json"]);
    assert_eq!(code, 1, "{error}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let paths = |list: &str| {
        let all = report[list].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    let mut configs = paths("inputs");
    configs.retain(|path| path.ends_with("openclaw.json"));
    assert_eq!(configs, ["new/openclaw.json", "openclaw.json"], "what the commit ignores stays ignored");
    assert_eq!(paths("diagnostics"), [".gitignore", "new/.gitignore"], "{report:#}");
}

#[test]
fn a_comparison_with_a_commit_can_trust_it() {
    let dir = tree(&[("openclaw.json", "{}\n")]);
    commit(dir.path());
    write(dir.path(), "openclaw.json", OLD);
    write(dir.path(), "clawsift.json5", "{ ignore: ['gateway', 'tools'] }\n");
    assert_eq!(counts(dir.path(), &["--git", "HEAD"]).0, 0, "it silences itself where nobody looks");
    let (code, out, error) = run(dir.path(), &["compare", "--git", "HEAD", "--trust-from-git", "HEAD"]);
    assert_eq!(code, 1, "{out}{error}");
    assert!(out.contains("gateway.bind_no_auth") && error.contains("clawsift.json5: is not used"), "{out}{error}");
    assert_eq!(run(dir.path(), &["compare", "--trust-from-git", "HEAD", ".", "."]).0, 2);
}

/// Everything in a repository's own settings that names a program, and a missing object that could be fetched.
#[cfg(unix)]
#[test]
fn a_hostile_checkout_runs_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tree(&[("openclaw.json", OLD), (".gitattributes", "* filter=evil diff=evil\n")]);
    commit(dir.path());
    let mark = dir.path().join("ran");
    let evil = dir.path().join("evil.sh");
    fs::write(&evil, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
    fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).unwrap();
    let program = evil.to_str().unwrap();
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "credential.helper",
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "gpg.program",
        "pager.ls-tree",
        "pager.cat-file",
        "alias.cat-file",
        "remote.origin.uploadpack",
        "uploadpack.packObjectsHook",
    ] {
        git(dir.path(), &["config", key, program]);
    }
    for hook in ["post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"] {
        write(dir.path(), &format!(".git/hooks/{hook}"), &format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
        fs::set_permissions(dir.path().join(".git/hooks").join(hook), fs::Permissions::from_mode(0o755)).unwrap();
    }
    // A partial clone whose remote is a path: an upload-pack of its choice would answer for a missing object.
    let other = tempfile::tempdir().unwrap();
    git(other.path(), &["init", "-q"]);
    for (key, value) in [
        ("remote.origin.url", other.path().to_str().unwrap()),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
    ] {
        git(dir.path(), &["config", key, value]);
    }
    write(dir.path(), "openclaw.json", NEW);
    assert!(!mark.exists());
    for arguments in [
        &["check", "--trust-from-git", "HEAD"][..],
        &["check", "--changed-since", "HEAD"],
        &["compare", "--git", "HEAD"],
        &["check", "--trust-from-git", "1111111111111111111111111111111111111111"],
    ] {
        run(dir.path(), arguments);
        assert!(!mark.exists(), "{arguments:?} ran a program");
    }
    // The same with an object that is not at hand.
    for entry in walkdir::WalkDir::new(dir.path().join(".git/objects")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let kept = entry.path().with_extension("kept");
            fs::rename(entry.path(), &kept).unwrap();
            run(dir.path(), &["compare", "--git", "HEAD"]);
            run(dir.path(), &["check", "--trust-from-git", "HEAD"]);
            assert!(!mark.exists(), "a missing object made git run a program");
            fs::rename(&kept, entry.path()).unwrap();
        }
    }
    // Not a test that cannot fail: git itself would have run it.
    let _ = Command::new("git").args(["fetch", "origin"]).current_dir(dir.path()).output();
    assert!(mark.exists(), "the trap is none");
}

#[test]
fn files_that_look_like_a_repository_are_none() {
    let dir = tree(&[("openclaw.json", OLD)]);
    commit(dir.path());
    let bare = tempfile::tempdir().unwrap();
    git(bare.path(), &["clone", "-q", "--bare", dir.path().to_str().unwrap(), "."]);
    write(bare.path(), "openclaw.json", OLD);
    let (code, _, error) = run(bare.path(), &["check", "--trust-from-git", "HEAD"]);
    assert_eq!(code, 2, "{error}");
}
