//! The problem matchers read every line of `--format concise`, each with its severity.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use regex::Regex;
use serde_json::Value;

struct Matcher {
    severity: String,
    regexp: Regex,
    /// The group of each part.
    groups: Value,
}

fn matchers(path: &str, list: &str) -> Vec<Matcher> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let all: Value = json5::from_str(&text).unwrap();
    let all = all.pointer(list).unwrap().as_array().unwrap().clone();
    let matcher = |one: &Value| {
        let pattern = one["pattern"].as_array().map_or(&one["pattern"], |all| &all[0]);
        Matcher {
            severity: one["severity"].as_str().unwrap_or_default().to_owned(),
            regexp: Regex::new(pattern["regexp"].as_str().unwrap()).unwrap(),
            groups: pattern.clone(),
        }
    };
    all.iter().map(matcher).collect()
}

fn part<'a>(matcher: &Matcher, line: &'a str, name: &str) -> &'a str {
    let group = usize::try_from(matcher.groups[name].as_u64().unwrap()).unwrap();
    matcher.regexp.captures(line).unwrap().get(group).unwrap().as_str()
}

#[test]
fn every_line_of_the_concise_report_is_read_by_one_matcher() {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        (
            "openclaw.json",
            "{ gateway: { tailscale: { mode: 'funnel' }, bind: 'lan' }, channels: { telegram: { dmPolicy: 'open', allowFrom: ['*'] } } }",
        ),
        ("broken/openclaw.json", "{ gateway: {"),
        // A directory where a file is expected cannot be checked.
        ("odd/openclaw.json/x", ""),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = cargo_bin_cmd!("clawsift");
    let out = command.current_dir(dir.path()).args(["check", "--format", "concise", "."]).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let github = matchers("editors/github-problem-matcher.json", "/problemMatcher");
    let code = matchers("editors/vscode-tasks.json", "/tasks/0/problemMatcher");
    let (mut findings, mut troubles) = (0, 0);
    for line in text.lines() {
        let fitting: Vec<_> = github.iter().filter(|matcher| matcher.regexp.is_match(line)).collect();
        let [matcher] = fitting.as_slice() else { panic!("{} matchers read {line}", fitting.len()) };
        assert!(dir.path().join(part(matcher, line, "file")).exists(), "{line}");
        if matcher.severity.is_empty() {
            troubles += 1;
            continue;
        }
        findings += 1;
        let word = format!(": {}[{}]", part(matcher, line, "code"), part(matcher, line, "message"));
        assert!(!word.is_empty() && part(matcher, line, "line") == "1");
        let expected = match () {
            () if line.contains(": critical[") => ("error", "error"),
            () if line.contains(": warn[") => ("warning", "warning"),
            () => ("notice", "info"),
        };
        let other = code.iter().find(|matcher| matcher.regexp.is_match(line)).unwrap();
        assert_eq!((matcher.severity.as_str(), other.severity.as_str()), expected, "{line}");
    }
    assert!(findings > 5 && troubles == 1, "{text}");
}
