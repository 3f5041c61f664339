//! `log query`, `stats` and `export`: recorded answers of ClosedClaw, and tables that come back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod audit_common;

use std::fs;
use std::path::Path;

use audit_common::{run, run_with};
use clawsift::model::audit_log::csv;
use clawsift::model::audit_log::entry::Parsed;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::tempdir;

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_str().unwrap().to_owned()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn queries_find_what_closedclaw_finds() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../fixtures/log-query.json")).unwrap();
    let log = fixture("log-query.log");
    let mut compared = 0;
    for case in &cases {
        let args = texts(&case["args"]);
        // The real command takes the next flag for the value.
        if args.last() == Some(&"--limit") {
            continue;
        }
        let given = ["--log", &log, "--now", case["now"].as_str().unwrap(), "--json"];
        let found = run_with(&[&["log", "query"], &*args, &given].concat(), &[("TZ", case["tz"].as_str().unwrap())]);
        if case["refused"] == true {
            assert!(found.code != 0 && found.out.is_empty(), "{}", case["name"]);
        } else if case["seqs"].is_array() {
            let seqs: Value = found.json().as_array().unwrap().iter().map(|entry| entry["seq"].clone()).collect();
            assert_eq!(seqs, case["seqs"], "{}", case["name"]);
        }
        compared += 1;
    }
    assert!(compared >= 40, "{compared}");
}

#[test]
fn exports_of_json_are_those_of_closedclaw() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../fixtures/log-export.json")).unwrap();
    let log = fixture("log-query.log");
    for case in &cases {
        let dir = tempdir().unwrap();
        let args = texts(&case["args"]);
        let (name, want) = case["files"].as_object().unwrap().iter().next().unwrap();
        let output = dir.path().join("out");
        let output = output.to_str().unwrap();
        let args: Vec<&str> = args.into_iter().map(|arg| if arg == name { output } else { arg }).collect();
        let given = ["--log", &log, "--now", case["now"].as_str().unwrap()];
        let found = run(&[&["log", "export"], &*args, &given].concat());
        assert_eq!(found.code, 0, "{}: {}", case["name"], found.error);
        let written = fs::read_to_string(output).unwrap();
        if want.as_str().unwrap().starts_with('[') {
            assert_eq!(written, want.as_str().unwrap(), "{}", case["name"]);
        } else {
            assert!(written.starts_with(csv::HEADER), "{written}");
            assert_eq!(written.lines().count(), want.as_str().unwrap().lines().count());
        }
    }
}

#[test]
fn exports_are_verified_as_recorded() {
    let cases: Value = serde_json::from_str(include_str!("../fixtures/exports/expected.json")).unwrap();
    let log = fixture("log-query.log");
    for (name, want) in cases.as_object().unwrap() {
        let csv = Path::new(&fixture(&format!("exports/{name}.csv"))).exists();
        let path = fixture(&format!("exports/{name}.{}", if csv { "csv" } else { "json" }));
        let mut args = vec!["log", "verify", &path, "--json"];
        if csv {
            args.extend(["--against", &log]);
        }
        let found = run(&args);
        let report = found.json();
        if want["parseError"] == true || want["notArray"] == true {
            assert_eq!(found.code, 4, "{name}");
            continue;
        }
        for (key, value) in want.as_object().unwrap() {
            assert_eq!(&report[key], value, "{name}: {key}");
        }
        let wrong =
            want["chain"] == "tampered" || ["mismatch", "extra-rows"].iter().any(|word| want["crossCheck"] == *word);
        assert_eq!(found.code, i32::from(wrong || *name == "11-json-swapped"), "{name}");
    }
}

#[test]
fn a_table_of_ours_verifies_by_itself_and_without_formulas() {
    let dir = tempdir().unwrap();
    let log = fixture("log-query.log");
    let path = dir.path().join("out.csv");
    let path = path.to_str().unwrap();
    assert_eq!(run(&["log", "export", "--log", &log, "--output", path]).code, 0);
    let found = run(&["log", "verify", path, "--json"]);
    assert_eq!((found.code, found.json()["chain"].clone()), (0, json!("complete-from-genesis")));
    let text = fs::read_to_string(path).unwrap();
    let mut rest = &text[..];
    while !rest.is_empty() {
        let (cells, length) = csv::next_row(rest);
        assert!(cells.iter().all(|cell| !csv::is_formula(&cell.text)), "{cells:?}");
        rest = &rest[length..];
    }
    fs::write(path, text.replace("exactly two days", "exactly two weeks")).unwrap();
    let found = run(&["log", "verify", path, "--json"]);
    assert_eq!((found.code, found.json()["badHashSeqs"].clone()), (1, json!([4])));
}

#[test]
fn a_row_that_was_taken_out_is_missed() {
    let dir = tempdir().unwrap();
    let text = fs::read_to_string(fixture("exports/19-csv-safe-subset.csv")).unwrap();
    let path = dir.path().join("out.csv");
    fs::write(&path, text.lines().filter(|line| !line.starts_with("4,")).collect::<Vec<_>>().join("\n") + "\n")
        .unwrap();
    let found = run(&["log", "verify", path.to_str().unwrap(), "--against", &fixture("log-query.log"), "--json"]);
    assert_eq!((found.json()["crossCheck"].clone(), found.json()["seqs"].clone()), (json!("missing-rows"), json!([4])));
}

#[test]
fn statistics_verify_when_asked_to() {
    let dir = tempdir().unwrap();
    let text = fs::read_to_string(fixture("log-query.log")).unwrap();
    let path = dir.path().join("audit.log");
    let path = path.to_str().unwrap();
    fs::write(path, text.replace("Gateway crash", "Gateway crush")).unwrap();
    let found = run(&["log", "stats", path, "--verify", "--json"]);
    assert_eq!(
        (found.code, found.json()["integrityOk"].clone(), found.json()["totalEntries"].clone()),
        (1, json!(false), json!(30))
    );
    assert_eq!(run(&["log", "stats", path]).code, 0);
    fs::write(path, text + "oops\n").unwrap();
    assert_eq!(run(&["log", "stats", path, "--json"]).code, 4);
    let found = run(&["log", "query", "--log", path, "--json", "--limit", "1"]);
    assert_eq!(
        (found.code, found.json()["entries"][0]["seq"].clone()),
        (4, json!(1)),
        "not an array: a part of the log is missing"
    );
}

#[test]
fn a_log_that_is_not_there_has_no_entries() {
    let found = run(&["log", "query", "--log", "/nonexistent/audit.log", "--json"]);
    assert_eq!((found.code, found.json()), (3, json!([])));
    let found = run_with(&["log", "stats", "--json"], &[("ClosedClaw_STATE_DIR", "/nonexistent")]);
    assert!(found.code == 3 && found.error.contains("/nonexistent/audit.log"), "{}", found.error);
}

#[test]
fn text_does_not_reach_the_terminal_raw() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("audit.log");
    let line = r#"{"seq":1,"ts":"2026-02-10T15:00:00.000Z","type":"tool_exec","severity":"info","summary":"a\u001b[2Jb","details":{"\u202ek":"\u009b"},"actor":"x\ny"}"#;
    fs::write(&path, line).unwrap();
    for format in ["text", "json", "csv"] {
        let found = run(&["log", "query", "--log", path.to_str().unwrap(), "--format", format]);
        let raw = |c: char| matches!(c, '\u{1b}' | '\u{202e}' | '\u{9b}');
        assert!(format == "csv" || !found.out.contains(raw), "{format}: {:?}", found.out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn rows_come_back_as_they_were(
        seq in 0_u32..1000,
        summary in "[ -~\n\r\t=+@'\u{e9}\u{1f600}]{0,20}",
        actor in proptest::option::of("[=+\\-@',\"a \n]{0,6}"),
        channel in proptest::option::of("[\t'a]{0,3}"),
        detail in "[ -~\n]{0,10}",
    ) {
        let mut entry = json!({"seq": seq, "ts": "t", "type": "a", "severity": "b", "summary": summary, "details": {"k": detail}});
        for (key, value) in [("actor", actor), ("channel", channel)] {
            if let Some(value) = value {
                entry[key] = value.into();
            }
        }
        entry["prevHash"] = "p".into();
        entry["hash"] = "h".into();
        let line = entry.to_string();
        let entry = Parsed::read(line.as_bytes()).unwrap();
        let row = csv::row(&entry) + "\n";
        let (cells, length) = csv::next_row(&row);
        prop_assert_eq!(length, row.len());
        let back = csv::line(&cells).unwrap();
        prop_assert_eq!(Parsed::read(back.as_bytes()).unwrap().hash(), entry.hash());
    }
}
