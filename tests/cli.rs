//! The commands, their exit codes and what they print.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const FUNNEL: &str = "{ gateway: { tailscale: { mode: 'funnel' }, auth: { mode: 'password', password: '${PW}' } } }";

fn repo(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

struct Run {
    code: i32,
    out: String,
    error: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.error))
    }

    fn ids(&self) -> Vec<String> {
        let report = self.json();
        let all = report["findings"].as_array().unwrap();
        all.iter().map(|finding| finding["checkId"].as_str().unwrap().to_owned()).collect()
    }
}

fn clawsift(dir: &Path, arguments: &[&str]) -> Run {
    let output = Command::cargo_bin("clawsift").unwrap().current_dir(dir).args(arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        error: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn findings_decide_the_exit_code() {
    let dir = repo(&[("openclaw.json", FUNNEL)]);
    assert_eq!(clawsift(dir.path(), &["check"]).code, 1);
    assert_eq!(clawsift(dir.path(), &["audit"]).code, 1);
    assert_eq!(clawsift(dir.path(), &["check", "--exit-zero"]).code, 0);
    assert_eq!(clawsift(dir.path(), &["check", "--fail-on", "never"]).code, 0);
    assert_eq!(clawsift(dir.path(), &["check", "--ignore", "gateway.tailscale_funnel", "--select", "gateway"]).code, 0);
}

#[test]
fn select_and_ignore_take_prefixes() {
    let dir = repo(&[("openclaw.json", FUNNEL)]);
    let run = clawsift(dir.path(), &["check", "--json", "--select", "gateway.tailscale_funnel"]);
    assert_eq!(run.ids(), ["gateway.tailscale_funnel"]);
    let run = clawsift(dir.path(), &["check", "--json", "--ignore", "gateway"]);
    assert!(run.ids().iter().all(|id| !id.starts_with("gateway.")), "{:?}", run.ids());
    let run = clawsift(dir.path(), &["check", "--select", "gateway.tailscale_funel"]);
    assert_eq!(run.code, 2);
    assert!(run.error.contains("did you mean `gateway.tailscale_funnel`"), "{}", run.error);
}

#[test]
fn several_reports_come_from_one_scan() {
    let dir = repo(&[("openclaw.json", FUNNEL)]);
    let run =
        clawsift(dir.path(), &["check", "--output", "json=a.json", "--output", "sarif=b.sarif", "--format", "concise"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("openclaw.json:1:"), "{}", run.out);
    let json: Value = serde_json::from_str(&fs::read_to_string(dir.path().join("a.json")).unwrap()).unwrap();
    assert_eq!(json["schemaVersion"], 1);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(dir.path().join("b.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = clawsift(dir.path(), &["check", "--output", "pdf=a.pdf"]);
    assert_eq!(run.code, 2);
}

#[test]
fn settings_are_obeyed() {
    let settings = "{ severity: { 'gateway.tailscale_funnel': 'info' }, ignore: ['summary'] }";
    let dir = repo(&[("openclaw.json", FUNNEL), ("clawsift.json5", settings)]);
    let report = clawsift(dir.path(), &["check", "--json"]).json();
    let funnel = report["findings"].as_array().unwrap().iter().find(|f| f["checkId"] == "gateway.tailscale_funnel");
    assert_eq!(funnel.unwrap()["severity"], "info");
    let report = clawsift(dir.path(), &["check", "--json", "--no-settings"]).json();
    let funnel = report["findings"].as_array().unwrap().iter().find(|f| f["checkId"] == "gateway.tailscale_funnel");
    assert_eq!(funnel.unwrap()["severity"], "critical");
}

#[test]
fn a_variable_that_the_deployment_sets_counts() {
    let config = "{ gateway: { bind: 'lan', controlUi: { enabled: false } } }";
    let settings = "{ assumeEnv: ['OPENCLAW_GATEWAY_TOKEN'] }";
    let dir = repo(&[("openclaw.json", config), ("settings.json5", settings)]);
    let without = clawsift(dir.path(), &["check", "--json", "--select", "gateway.bind_no_auth"]);
    assert_eq!(without.ids(), ["gateway.bind_no_auth"]);
    let flags = ["check", "--json", "--select", "gateway.bind_no_auth", "--settings", "settings.json5"];
    assert!(clawsift(dir.path(), &flags).ids().is_empty());
}

#[test]
fn settings_may_differ_by_path() {
    let settings = "{ overrides: [{ files: ['lab/**'], severity: { gateway: 'off' } }] }";
    let dir = repo(&[("openclaw.json", FUNNEL), ("lab/openclaw.json", FUNNEL), (".github/clawsift.json5", settings)]);
    let report = clawsift(dir.path(), &["check", "--json", "--select", "gateway.tailscale_funnel"]).json();
    let paths: Vec<_> = report["findings"].as_array().unwrap().iter().map(|f| f["location"]["path"].clone()).collect();
    assert_eq!(paths, ["openclaw.json"]);
}

#[test]
fn wrong_settings_are_usage_errors_with_a_place() {
    let cases = [
        ("{\n  profil: 'strict',\n}", "2:3", "did you mean `profile`"),
        ("{ profile: 'strikt' }", "1:12", "did you mean `strict`"),
        ("{ ignore: ['gateway.tailscale_funel'] }", "1:12", "did you mean `gateway.tailscale_funnel`"),
        ("{ severity: { 'gateway.tailscale_funnel': 'hidden' } }", "1:43", "`off`"),
        ("{ exclude: 'lab' }", "1:12", "expected an array"),
        ("{ exclude: ['a[' ] }", "1:13", "unclosed"),
        ("{ overrides: [{ files: ['x'] }] }", "1:15", "needs the key `severity`"),
        ("{ profile: ", "1:12", "expected"),
    ];
    for (text, place, words) in cases {
        let dir = repo(&[("openclaw.json", FUNNEL), ("clawsift.json5", text)]);
        let run = clawsift(dir.path(), &["check"]);
        assert_eq!(run.code, 2, "{text}");
        assert!(run.error.contains(&format!("clawsift.json5:{place}: ")), "{text}: {}", run.error);
        assert!(run.error.contains(words), "{text}: {}", run.error);
    }
}

#[test]
fn excludes_leave_files_out() {
    let dir = repo(&[("openclaw.json", FUNNEL), ("old/openclaw.json", FUNNEL), (".gitignore", "old/\n")]);
    let paths = |arguments: &[&str]| {
        let report = clawsift(dir.path(), arguments).json();
        report["inputs"].as_array().unwrap().iter().map(|i| i["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&["check", "--json"]), ["old/openclaw.json", "openclaw.json"]);
    assert_eq!(paths(&["check", "--json", "--gitignore"]), ["openclaw.json"]);
    assert_eq!(paths(&["check", "--json", "--gitignore", "--no-gitignore"]), ["old/openclaw.json", "openclaw.json"]);
    assert_eq!(paths(&["check", "--json", "--exclude", "old/"]), ["openclaw.json"]);
    assert_eq!(paths(&["check", "--json", "--exclude", "*/openclaw.json", "old/openclaw.json"]), ["old/openclaw.json"]);
    assert!(paths(&["check", "--json", "--exclude", "old/**", "--force-exclude", "old/openclaw.json"]).is_empty());
}

#[test]
fn fixtures_are_examples_unless_named() {
    let dir = repo(&[("tests/openclaw.json", FUNNEL), ("openclaw.json", FUNNEL)]);
    let report = clawsift(dir.path(), &["check", "--json"]).json();
    assert_eq!(report["inputs"].as_array().unwrap().len(), 1);
    assert!(report["diagnostics"].to_string().contains("not checked"));
    let report = clawsift(dir.path(), &["check", "--json", "tests"]).json();
    assert_eq!(report["inputs"][0]["path"], "tests/openclaw.json");
}

#[test]
fn files_that_only_bear_the_name_are_left_alone() {
    let scan = r#"{ "findings": [], "scan_duration_seconds": 1.5, "gateway": {}, "tools": {} }"#;
    let dir = repo(&[("openclaw-scan.json", scan), ("openclaw-seccomp.json", r#"{ "syscalls": [] }"#)]);
    let run = clawsift(dir.path(), &["check", "--json"]);
    assert_eq!(run.code, 3, "{}", run.out);
}

#[test]
fn the_rule_table_is_listed_and_explained() {
    let dir = repo(&[]);
    let list = clawsift(dir.path(), &["rules"]);
    assert!(list.code == 0 && list.out.contains("gateway.tailscale_funnel"));
    let json: Value = serde_json::from_str(&clawsift(dir.path(), &["rules", "--format", "json"]).out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), list.out.lines().count());
    let explained = clawsift(dir.path(), &["explain", "gateway.tailscale_funnel"]);
    assert!(explained.out.contains("Why:") && explained.out.contains("Reported"));
    let unknown = clawsift(dir.path(), &["explain", "gateway.tailscale_funel"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.error.contains("did you mean `gateway.tailscale_funnel`"));
}

#[test]
fn completions_and_manual_are_generated() {
    let dir = repo(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = clawsift(dir.path(), &["completions", shell]);
        assert!(run.code == 0 && run.out.contains("clawsift"), "{shell}");
    }
    assert!(clawsift(dir.path(), &["man"]).out.starts_with(".ie"));
}

#[test]
fn a_configuration_is_found_by_who_mounts_it() {
    let compose = "services:\n  gateway:\n    image: openclaw/openclaw:2026.9.6\n    volumes:\n      - ./conf/support.json:/home/node/.openclaw/openclaw.json:ro\n";
    let other = r#"{ "gateway": {}, "channels": {} }"#;
    let dir = repo(&[("docker-compose.yml", compose), ("conf/support.json", FUNNEL), ("conf/other.json", other)]);
    let report = clawsift(dir.path(), &["check", "--json", "--select", "gateway.tailscale_funnel"]).json();
    let inputs = report["inputs"].as_array().unwrap().iter().filter(|input| input["kind"] == "config");
    assert!(
        inputs
            .map(|input| input["path"].clone())
            .eq(["docker-compose.yml"].iter().map(|_| Value::from("conf/support.json")))
    );
}

#[test]
fn a_broken_file_with_the_keys_of_a_configuration_is_one() {
    let broken = "{ \"gateway\": { \"bind\": \"lan\" }, \"channels\": { ";
    let dir = repo(&[("openclaw-prod.json", broken), ("openclaw-notes.json", "{ just notes")]);
    let run = clawsift(dir.path(), &["check", "--json"]);
    assert_eq!(run.code, 4);
    assert_eq!(run.json()["inputs"][0]["path"], "openclaw-prod.json");
    assert!(run.json()["diagnostics"].to_string().contains("openclaw-notes.json"));
}

#[test]
fn a_hardened_configuration_is_clean() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (name, version) in [("hardened", "2026.9.6"), ("hardened-2026.5.12", "2026.5.12")] {
        let text = fs::read_to_string(fixtures.join(name).join("openclaw.json")).unwrap();
        let count = |text: &str, profile: &str| {
            let dir = repo(&[("openclaw.json", text)]);
            let report = clawsift(dir.path(), &["check", "--format", "json", "--profile", profile]).json();
            assert_eq!(report["inputs"][0]["targetVersion"], version);
            let (critical, warn) = (&report["summary"]["critical"], &report["summary"]["warn"]);
            (critical.as_u64().unwrap(), warn.as_u64().unwrap(), report["inputs"][0]["valid"] == true)
        };
        for profile in ["regular", "strict"] {
            assert_eq!(count(&text, profile), (0, 0, true), "{name} in {profile}");
        }
        // Each protection counts: without it something is said.
        for (with, without) in [
            ("mode: \"token\"", "mode: \"none\""),
            ("dmPolicy: \"allowlist\"", "dmPolicy: \"open\""),
            ("groupPolicy: \"allowlist\"", "groupPolicy: \"open\""),
            ("\"${TELEGRAM_BOT_TOKEN}\"", "\"7012986654:AAFkq9LmZx7Tt0WvR2sYb6Jn1Qe8Ud3HcIz\""),
            ("bind: \"loopback\"", "bind: \"lan\", colour: 1"),
        ] {
            assert!(text.contains(with), "{name} has {with}");
            assert_ne!(count(&text.replace(with, without), "regular"), (0, 0, true), "{name}: {without}");
        }
    }
}
