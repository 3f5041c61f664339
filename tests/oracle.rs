//! Recorded answers of the real programs: `--profile upstream` says exactly what `openclaw security
//! audit` of each release said, and `config show` resolves what its loader resolved.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use assert_cmd::Command;
use common::oracle::{Case, lay_out, place};
use serde::Deserialize;
use serde_json::Value;

/// Checks that need a live host, which the recorded runs had.
const LIVE: &[&str] = &["gateway.probe_failed", "gateway.probe_auth_secretref_unavailable"];

/// Cases where we knowingly differ, each with the reason.
const KNOWN: &[(&str, &str, &str)] = &[];

#[test]
fn upstream_2026_9_6() {
    agree("2026.9.6", include_str!("../fixtures/oracle-2026.9.6.json"));
}

#[test]
fn upstream_2026_5_12() {
    agree("2026.5.12", include_str!("../fixtures/oracle-2026.5.12.json"));
}

#[test]
fn upstream_2026_2_24() {
    agree("2026.2.24", include_str!("../fixtures/oracle-2026.2.24.json"));
}

fn agree(version: &str, cases: &str) {
    let cases: BTreeMap<String, Case> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() > 300);
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let known = KNOWN.iter().any(|(v, n, _)| *v == version && n == name);
        match (answer(version, case), known) {
            (Err(why), false) => wrong.push(format!("{name}: {why}")),
            (Ok(()), true) => wrong.push(format!("{name}: agrees now, so it is no known difference")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// One case, laid out as a private home with a state directory.
fn answer(version: &str, case: &Case) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().canonicalize().unwrap();
    let state = home.join(".openclaw");
    lay_out(&home, &state, case);
    let env: BTreeMap<_, _> = case.env.iter().map(|(name, value)| (name, place(value, &home, &state))).collect();
    let mut command = Command::cargo_bin("clawsift").unwrap();
    let run = command.current_dir(&home).env_clear().env("HOME", &home).envs(env).arg("check").arg(&state);
    let flags = ["--state-dir", "--profile", "upstream", "--use-env", "--target-version", version];
    let output = run.args(flags).args(["--json", "--fail-on", "never"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let configs: Vec<_> = report["inputs"].as_array().unwrap().iter().filter(|i| i["kind"] == "config").collect();
    let valid = !configs.is_empty() && configs.iter().all(|input| input["valid"] == true);
    if case.status == "invalid" {
        return if valid { Err("refused by OpenClaw, called valid".to_owned()) } else { Ok(()) };
    }
    if !valid {
        return Err("valid for OpenClaw, called invalid".to_owned());
    }
    let expected: BTreeSet<(String, String)> = case
        .findings
        .iter()
        .filter(|(id, _)| !LIVE.contains(&id.as_str()))
        .map(|(i, s)| (plain(i), s.clone()))
        .collect();
    let found: BTreeSet<(String, String)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (plain(finding["checkId"].as_str().unwrap()), finding["severity"].as_str().unwrap().to_owned()))
        .collect();
    if expected == found {
        return Ok(());
    }
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    Err(format!("missing {missing:?}, extra {extra:?}"))
}

/// `channels.<id>.warning.<n>` is compared without its number.
fn plain(id: &str) -> String {
    match id.rsplit_once('.') {
        Some((head, number)) if head.ends_with(".warning") && number.bytes().all(|b| b.is_ascii_digit()) => {
            head.to_owned()
        }
        _ => id.to_owned(),
    }
}

#[derive(Deserialize)]
struct Vector {
    main: String,
    env: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    #[serde(default)]
    links: BTreeMap<String, String>,
    #[serde(default)]
    dirs: Vec<String>,
    answers: BTreeMap<String, Value>,
}

#[test]
fn the_loader_resolves_alike() {
    let vectors: BTreeMap<String, Vector> = serde_json::from_str(include_str!("../fixtures/loader.json")).unwrap();
    let mut wrong = Vec::new();
    for (name, vector) in &vectors {
        for (version, want) in &vector.answers {
            if let Err(why) = resolve(version, vector, want) {
                wrong.push(format!("{name} {version}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn resolve(version: &str, vector: &Vector, want: &Value) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let tmp = dir.path().canonicalize().unwrap();
    let (at, home) = (tmp.join("d"), tmp.join("home"));
    fs::create_dir(&at).unwrap();
    fs::create_dir(&home).unwrap();
    let swap = |text: &str| text.replace("@DIR@", at.to_str().unwrap()).replace("@HOME@", home.to_str().unwrap());
    for (name, text) in &vector.files {
        let path = at.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, swap(text)).unwrap();
    }
    for name in &vector.dirs {
        fs::create_dir_all(at.join(name)).unwrap();
    }
    #[cfg(unix)]
    for (name, target) in &vector.links {
        std::os::unix::fs::symlink(swap(target), at.join(name)).unwrap();
    }
    let mut command = Command::cargo_bin("clawsift").unwrap();
    let env: BTreeMap<_, _> = vector.env.iter().map(|(name, value)| (name, swap(value))).collect();
    let run = command.current_dir(&at).env_clear().env("HOME", &home).envs(env).args(["config", "show"]);
    let flags = ["--target-version", version, "--use-env", "--show-secrets", "--format", "json"];
    let output = run.arg(at.join(&vector.main)).args(flags).output().unwrap();
    let shown: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    if shown["valid"] != want["valid"] {
        return Err(format!("valid should be {}", want["valid"]));
    }
    if want["valid"] == false {
        return Ok(());
    }
    let expected: Value = serde_json::from_str(&swap(&want["resolved"].to_string())).unwrap();
    let (expected, found) = (without_injected(expected), without_injected(shown["resolved"].clone()));
    if same(&expected, &found) { Ok(()) } else { Err(format!("resolved {found}, expected {expected}")) }
}

/// What names a plugin is refused when the release does not ship it and the file says nothing of it.
#[test]
fn a_missing_plugin_is_refused_or_left_alone() {
    let search = |provider: &str, plugins: &str| {
        format!(r#"{{ tools: {{ web: {{ search: {{ provider: "{provider}" }} }} }}, plugins: {{ {plugins} }} }}"#)
    };
    let channel = |plugins: &str| format!("{{ channels: {{ wecom: {{}} }}, plugins: {{ {plugins} }} }}");
    let cases = [
        (search("grok", ""), [true, true, true]),
        (search("brave", ""), [true, false, false]),
        (search("brave", "entries: { brave: {} }"), [false, false, true]),
        (search("tavily", ""), [false, true, false]),
        (search(" ", ""), [false, false, false]),
        (channel(""), [false, false, false]),
        (channel(r#"allow: ["Wecom"]"#), [false, true, true]),
        (channel("entries: { wecom: {} }"), [false, true, true]),
    ];
    for (text, answers) in cases {
        for (version, valid) in ["2026.2.24", "2026.5.12", "2026.9.6"].into_iter().zip(answers) {
            let case = Case {
                files: BTreeMap::from([("openclaw.json".to_owned(), text.clone())]),
                home: BTreeMap::new(),
                dirs: Vec::new(),
                env: BTreeMap::new(),
                modes: BTreeMap::new(),
                links: BTreeMap::new(),
                status: "invalid".to_owned(),
                findings: Vec::new(),
            };
            assert_eq!(answer(version, &case).is_err(), valid, "{version} {text}");
        }
    }
}

/// 2026.9.6 adds an agent `main` to a configuration without a roster; it is not written anywhere.
fn without_injected(mut value: Value) -> Value {
    if value["agents"]["entries"] == serde_json::json!({"main": {}}) {
        let agents = value["agents"].as_object_mut().unwrap();
        agents.remove("entries");
        if agents.is_empty() {
            value.as_object_mut().unwrap().remove("agents");
        }
    }
    value
}

/// Equal as JavaScript values: `1` is `1.0`, members have no order.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
