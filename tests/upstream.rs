//! What the loaders of the releases accept and their audits say beyond the recorded cases: each line was
//! read off the releases' own behaviour, not off our code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

const RELEASES: [&str; 3] = ["2026.2.24", "2026.5.12", "2026.9.6"];

/// The report of `--profile upstream` about a state directory with these files.
fn report(release: &str, files: &[(&str, &str)]) -> Value {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join(".openclaw");
    for (path, text) in files {
        let path = state.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let output = Command::cargo_bin("clawsift")
        .unwrap()
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path())
        .args(["check", ".openclaw", "--state-dir", "--profile", "upstream", "--use-env", "--format", "json"])
        .args(["--fail-on", "never", "--target-version", release])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_valid(release: &str, config: &str) -> bool {
    let report = report(release, &[("openclaw.json", config)]);
    let inputs = report["inputs"].as_array().unwrap();
    inputs.iter().filter(|input| input["kind"] == "config").all(|input| input["valid"] != false)
}

/// Is a check among the findings?
fn says(release: &str, id: &str, files: &[(&str, &str)]) -> bool {
    report(release, files)["findings"].as_array().unwrap().iter().any(|finding| finding["checkId"] == id)
}

/// A configuration and which of [`RELEASES`] accept it.
const VERDICTS: &[(&str, [bool; 3])] = &[
    (r#"{ agents: { defaults: { heartbeat: { target: "last" } } } }"#, [true, true, true]),
    (r#"{ agents: { defaults: { heartbeat: { target: " WhatsApp " } } } }"#, [true, true, true]),
    (r#"{ agents: { defaults: { heartbeat: { target: "gchat" } } } }"#, [true, true, true]),
    (r#"{ agents: { defaults: { heartbeat: { target: "owner" } } } }"#, [false, false, true]),
    (r#"{ agents: { list: [{ id: "a", heartbeat: { target: "webchat" } }] } }"#, [false, false, false]),
    (r#"{ agents: { defaults: { heartbeat: { target: " " } } } }"#, [false, false, false]),
    (r#"{ tools: { web: { search: { provider: "gemini" } } } }"#, [true, true, true]),
    (r#"{ tools: { web: { search: { provider: "tavily" } } } }"#, [false, true, false]),
    (r#"{ tools: { web: { search: { provider: "brave" } } } }"#, [true, false, false]),
    (
        r#"{ tools: { web: { search: { provider: "brave" } } }, plugins: { entries: { brave: {} } } }"#,
        [false, false, true],
    ),
    (r#"{ tools: { web: { search: { provider: "mine" } } }, plugins: { allow: ["mine"] } }"#, [false, true, true]),
    (r#"{ tools: { web: { search: { provider: "brvae" } } } }"#, [false, false, false]),
    (r#"{ plugins: { slots: { memory: "memory-core" } } }"#, [true, true, true]),
    (r#"{ plugins: { slots: { memory: "none" } } }"#, [true, true, true]),
    (r#"{ plugins: { slots: { memory: "somebodys-memory" } } }"#, [false, false, false]),
    (r#"{ plugins: { slots: { memory: "memory-lancedb" } } }"#, [false, false, true]),
    (
        r#"{ plugins: { slots: { memory: "memory-lancedb" }, entries: { "memory-lancedb": { config: { embedding: { apiKey: "k" } } } } } }"#,
        [true, false, true],
    ),
    (r#"{ plugins: { allow: ["mychat"] }, channels: { mychat: {} } }"#, [false, true, true]),
    (r#"{ channels: { mychat: {} } }"#, [false, false, false]),
    (r#"{ plugins: { entries: { "memory-wiki": { config: { vaultMode: "isolated" } } } } }"#, [false, true, true]),
    (r#"{ plugins: { entries: { "memory-wiki": { config: { vaultMod: "isolated" } } } } }"#, [false, false, false]),
    (r#"{ messages: { tts: { enabled: true } } }"#, [false, true, false]),
    (r#"{ messages: { tts: { auto: "off" } } }"#, [true, true, false]),
    (r#"{ tools: { loopDetection: { warningThreshold: 10, criticalThreshold: 20 } } }"#, [true, true, false]),
    (r#"{ tools: { loopDetection: { warningThreshold: 20, criticalThreshold: 20 } } }"#, [false, false, false]),
    (
        r#"{ agents: { list: [{ id: "a", default: true, agentDir: "/x" }, { id: "b", agentDir: "/x/" }] } }"#,
        [false, false, false],
    ),
    (
        r#"{ agents: { list: [{ id: "a", default: true, agentDir: "/x" }, { id: "b", agentDir: "/y" }] } }"#,
        [true, true, true],
    ),
    (r#"{ channels: { irc: { nickserv: { register: true } } } }"#, [false, true, true]),
    (r#"{ channels: { irc: { nickserv: { register: true, registerEmail: "a@b.c" } } } }"#, [true, true, true]),
    (r#"{ channels: { googlechat: { dm: { policy: "open" } } } }"#, [false, true, false]),
    (r#"{ channels: { googlechat: { dm: { policy: "open", allowFrom: ["*"] } } } }"#, [true, true, false]),
    // 2026.2 judges an account by itself: what it inherits does not count yet.
    (
        r#"{ channels: { telegram: { dmPolicy: "open", allowFrom: ["*"], accounts: { a: { dmPolicy: "open" } } } } }"#,
        [false, true, true],
    ),
    (
        r#"{ channels: { telegram: { dmPolicy: "open", allowFrom: ["*"], accounts: { a: { allowFrom: ["1"] } } } } }"#,
        [true, true, true],
    ),
    (r#"{ agents: { defaults: { model: "Google/Gemini-1.5-Pro" } } }"#, [true, false, false]),
];

#[test]
fn loaders_agree() {
    let mut wrong = Vec::new();
    for (config, verdicts) in VERDICTS {
        for (release, accepted) in RELEASES.into_iter().zip(verdicts) {
            if is_valid(release, config) != *accepted {
                wrong.push(format!("{release} {} {config}", if *accepted { "accepts" } else { "refuses" }));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn approvals_of_the_main_agent_follow_the_common_setting() {
    let id = "tools.exec.allowlist_interpreter_without_strict_inline_eval";
    let found = |config: &'static str, approvals: &'static str| {
        says("2026.5.12", id, &[("openclaw.json", config), ("exec-approvals.json", approvals)])
    };
    let main = r#"{"version":1,"agents":{"main":{"allowlist":[{"pattern":"/usr/bin/node"}]}}}"#;
    let dev = r#"{"version":1,"agents":{"dev":{"allowlist":[{"pattern":"node"}]}}}"#;
    let strict_main = r#"{ agents: { list: [{ id: "main", tools: { exec: { strictInlineEval: true } } }] } }"#;
    let strict_dev = r#"{ agents: { list: [{ id: "dev", tools: { exec: { strictInlineEval: true } } }] } }"#;
    let lax_dev = r#"{ tools: { exec: { strictInlineEval: true } }, agents: { list: [{ id: "dev", tools: { exec: { strictInlineEval: false } } }] } }"#;
    assert!(found("{}", main) && found(strict_main, main));
    assert!(!found(strict_dev, dev) && !found(lax_dev, dev) && found(strict_main, dev));
    // A file of an unknown version counts as empty.
    assert!(!found("{}", r#"{"agents":{"main":{"allowlist":[{"pattern":"node"}]}}}"#));
}

#[test]
fn rooms_count_where_the_schema_limits_them_by_default() {
    let id = "security.trust_model.multi_user_heuristic";
    let rows = [
        (r#"{ channels: { telegram: { groups: { "-1": {} } } } }"#, [true, true, true]),
        (r#"{ channels: { discord: { guilds: { "1": {} } } } }"#, [true, true, false]),
        (r#"{ channels: { slack: { accounts: { a: { channels: { C1: {} } } } } } }"#, [false, false, false]),
        (r#"{ channels: { whatsapp: { accounts: { a: { groups: { "1@g.us": {} } } } } } }"#, [true, false, false]),
        (r#"{ channels: { feishu: { groups: { oc_1: {} } } } }"#, [false, true, false]),
        (r#"{ channels: { matrix: { groups: { "!r:x": {} } } } }"#, [false, false, false]),
        (r#"{ channels: { matrix: { groupPolicy: "allowlist", groups: { "!r:x": {} } } } }"#, [true, true, true]),
    ];
    for (config, fires) in rows {
        assert_eq!(RELEASES.map(|release| says(release, id, &[("openclaw.json", config)])), fires, "{config}");
    }
}

#[test]
fn an_empty_npm_specification_is_not_pinned() {
    let plugin = r#"{ plugins: { installs: { p: { source: "npm", spec: "", integrity: "sha512-x" } } } }"#;
    let hook = r#"{ hooks: { internal: { installs: { h: { source: "npm", spec: " ", integrity: "sha512-x" } } } } }"#;
    assert!(says("2026.2.24", "plugins.installs_unpinned_npm_specs", &[("openclaw.json", plugin)]));
    assert!(says("2026.5.12", "hooks.installs_unpinned_npm_specs", &[("openclaw.json", hook)]));
}
