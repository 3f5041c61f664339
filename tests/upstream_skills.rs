//! What `openclaw security audit --deep` says of skills and plugins: one finding for each, about the hits of
//! the worst level, and nothing without `--deep`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

const RELEASES: [&str; 3] = ["2026.2.24", "2026.5.12", "2026.9.6"];

/// What `--profile upstream` says of a state directory with these files, as far as it is about code.
fn findings(release: &str, deep: bool, files: &[(&str, &str)]) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join(".openclaw");
    for (path, text) in files.iter().chain([&("openclaw.json", "{}")]) {
        let path = state.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = Command::cargo_bin("clawsift").unwrap();
    command
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path())
        .args(["check", ".openclaw", "--state-dir", "--profile", "upstream", "--format", "json"])
        .args(["--fail-on", "never", "--target-version", release]);
    if deep {
        command.arg("--deep");
    }
    let report: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["checkId"].as_str().unwrap().contains("code_safety")).cloned().collect()
}

/// Id, severity and place of each.
fn brief(release: &str, files: &[(&str, &str)]) -> Vec<String> {
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let at = &finding["location"];
        format!("{} {} {}:{}", text("checkId"), text("severity"), at["path"].as_str().unwrap(), at["startLine"])
    };
    findings(release, true, files).iter().map(line).collect()
}

const SKILL: (&str, &str) = ("skills/tides/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n");

#[test]
fn only_deep_reads_code() {
    let files = [SKILL, ("skills/tides/a.js", "eval(x)\n"), ("extensions/sea/a.js", "eval(x)\n")];
    for release in RELEASES {
        assert!(findings(release, false, &files).is_empty());
        assert_eq!(
            brief(release, &files),
            ["plugins.code_safety critical extensions/sea/a.js:1", "skills.code_safety critical skills/tides/a.js:1"]
        );
    }
}

#[test]
fn a_skill_gets_one_finding_about_its_worst_level() {
    let files = [
        SKILL,
        ("skills/tides/a.js", "readFile(p)\nfetch(u)\n"),
        ("skills/tides/b.js", "\neval(x)\n"),
        ("skills/tides/c/d.ts", "const pool = 'stratum+tcp://p'\n"),
    ];
    for release in RELEASES {
        let found = findings(release, true, &files);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0]["severity"], "critical");
        assert_eq!(found[0]["location"]["path"], "skills/tides/b.js");
        let message = found[0]["detail"].as_str().unwrap();
        assert!(message.starts_with("2 critical hits in "), "{message}");
        assert_eq!(found[0]["related"].as_array().unwrap().len(), 1);
    }
    let only_warnings = brief("2026.9.6", &files[..2]);
    assert_eq!(only_warnings, ["skills.code_safety warn skills/tides/a.js:1"]);
}

#[test]
fn the_text_of_a_skill_counts_since_2026_9() {
    let text = "---\nname: tides\ndescription: d\n---\nRun `rm -rf ~/x`\nand eval(x)\n";
    let files = [("skills/tides/SKILL.md", text)];
    assert!(brief(RELEASES[0], &files).is_empty() && brief(RELEASES[1], &files).is_empty());
    assert_eq!(brief(RELEASES[2], &files), ["skills.code_safety critical skills/tides/SKILL.md:6"]);
}

#[test]
fn a_skill_that_is_too_large_is_not_read_at_all() {
    let text = format!("---\nname: tides\ndescription: d\n---\n{}", "tide ".repeat(51_200));
    let files = [("skills/tides/SKILL.md", text.as_str()), ("skills/tides/a.js", "eval(x)\n")];
    assert_eq!(brief(RELEASES[1], &files), ["skills.code_safety critical skills/tides/a.js:1"]);
    assert_eq!(brief(RELEASES[2], &files), ["skills.code_safety.scan_failed warn skills/tides/SKILL.md:2"]);
}

#[test]
fn a_file_larger_than_a_mebibyte_is_passed_over() {
    let large = format!("eval(x)\n{}", "// tide\n".repeat(131_072));
    assert!(brief(RELEASES[2], &[SKILL, ("skills/tides/a.js", &large)]).is_empty());
}

#[test]
fn the_skills_of_a_plugin_are_read_with_the_plugin() {
    let files = [
        ("extensions/sea/skills/tides/SKILL.md", "---\nname: tides\ndescription: d\n---\n"),
        ("extensions/sea/skills/tides/a.js", "eval(x)\n"),
        ("extensions/sea.bak/a.js", "eval(x)\n"),
    ];
    for release in RELEASES {
        assert_eq!(brief(release, &files), ["plugins.code_safety critical extensions/sea/skills/tides/a.js:1"]);
    }
}

#[test]
fn a_plugin_may_name_hidden_files_and_files_elsewhere() {
    let manifest = r#"{ "openclaw": { "extensions": ["./.build/a.js", "../b.js", "/c.js", "./src/../d.js"] } }"#;
    let files = [
        ("extensions/sea/package.json", manifest),
        ("extensions/sea/.build/a.js", "\neval(x)\n"),
        ("extensions/sea/.cache/b.js", "eval(x)\n"),
        ("web/package.json", manifest),
    ];
    for release in RELEASES {
        assert_eq!(
            brief(release, &files),
            [
                "plugins.code_safety critical extensions/sea/.build/a.js:2",
                "plugins.code_safety.entry_path warn extensions/sea/package.json:1",
                "plugins.code_safety.entry_escape critical extensions/sea/package.json:1",
            ]
        );
    }
}

#[test]
fn a_broken_package_is_said_since_2026_5() {
    let files = [("extensions/sea/package.json", "{ \"name\": ]")];
    assert!(brief(RELEASES[0], &files).is_empty());
    for release in &RELEASES[1..] {
        assert_eq!(
            brief(release, &files),
            ["plugins.code_safety.manifest_parse_error warn extensions/sea/package.json:1"]
        );
    }
}

#[test]
fn the_other_profiles_do_not_repeat_it() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("skills/tides")).unwrap();
    fs::write(home.path().join(SKILL.0), SKILL.1).unwrap();
    fs::write(home.path().join("skills/tides/a.js"), "eval(x)\n").unwrap();
    for profile in ["regular", "strict"] {
        let mut command = Command::cargo_bin("clawsift").unwrap();
        let output =
            command.current_dir(home.path()).args(["check", "--profile", profile, "--deep", "--json"]).output();
        let report: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        let ids = report["findings"].as_array().unwrap().iter().map(|finding| &finding["checkId"]);
        assert!(ids.into_iter().all(|id| *id != "skills.code_safety"), "{profile}");
    }
}
