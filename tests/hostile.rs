//! Hostile and broken input: each gives a clear answer and the right exit code; none panics or hangs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_collect,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use clap::ValueEnum;
use clawsift::report::Format;
use serde_json::Value;
use tempfile::TempDir;

const CLEAN: i32 = 0;
const FINDINGS: i32 = 1;
const USAGE: i32 = 2;
const NOTHING: i32 = 3;
const INCOMPLETE: i32 = 4;

/// A repository in a temporary folder.
struct Repo(TempDir);

impl Repo {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn check(&self, arguments: &[&str]) -> (i32, Value) {
        let mut command = Command::cargo_bin("clawsift").unwrap();
        let run = command.current_dir(self.path()).arg("check").args(arguments).args(["--format", "json"]);
        let output = run.timeout(std::time::Duration::from_secs(60)).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!error.contains("panicked"), "{error}");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| Value::String(error));
        (output.status.code().expect("no signal"), report)
    }
}

fn ids(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["checkId"].as_str().unwrap()).collect()
}

fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let all = report["findings"].as_array().unwrap();
    all.iter().find(|finding| finding["checkId"] == id).unwrap_or_else(|| panic!("no {id} in {report:#}"))
}

/// The text of every diagnostic, to look for words in.
fn diagnostics(report: &Value) -> String {
    report["diagnostics"].to_string()
}

#[test]
fn broken_json5_points_at_the_token() {
    let (code, report) =
        Repo::new().file("openclaw.json", "{\n  gateway: {\n    port: 18789\n    bind: 'lan'\n  }\n}\n").check(&[]);
    assert_eq!(code, INCOMPLETE);
    let found = finding(&report, "config.parse_error");
    assert_eq!(found["location"]["startLine"], 4);
    assert_eq!(found["location"]["startColumn"], 5);
    assert!(found["detail"].as_str().unwrap().contains("expected"), "{found}");
    assert_eq!(report["inputs"][0]["valid"], false);
}

#[test]
fn an_empty_file_is_refused() {
    for text in ["", "  \n\t\n", "// only a comment\n"] {
        let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
        assert_eq!(code, INCOMPLETE, "{text:?}");
        finding(&report, "config.parse_error");
    }
}

#[test]
fn duplicate_keys_are_reported() {
    let text = "{ gateway: { bind: 'lan' }, gateway: { bind: 'loopback', auth: { token: '${T}' } } }";
    let (_, report) = Repo::new().file("openclaw.json", text).check(&[]);
    finding(&report, "config.duplicate_key");
    assert!(!ids(&report).contains(&"gateway.bind_no_auth"), "the last one wins");
}

#[test]
fn ten_megabytes_are_read() {
    let mut agents = String::new();
    for index in 0..100_000 {
        writeln!(agents, "    a{index}: {{ workspace: '/srv/agents/number-{index}', skills: ['weather'] }},").unwrap();
    }
    let text = format!("{{ meta: {{ lastTouchedVersion: '2026.9.6' }}, agents: {{ entries: {{\n{agents}}} }} }}\n");
    assert!(text.len() > 6_000_000);
    let (code, report) = Repo::new().file("openclaw.json", text).check(&["--fail-on", "never"]);
    assert_eq!(code, CLEAN, "{}", diagnostics(&report));
}

/// Ten levels of files that each include the next one twenty times: 20^10 files when followed.
#[test]
fn includes_do_not_multiply() {
    let mut repo = Repo::new().file("openclaw.json", "{ $include: './0.json' }");
    for level in 0..9 {
        let list = format!("'./{}.json',", level + 1).repeat(20);
        repo = repo.file(&format!("{level}.json"), format!("{{ $include: [{list}] }}"));
    }
    let repo = repo.file("9.json", "{ gateway: { bind: 'lan' } }");
    let (code, report) = repo.check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.include_error")["detail"].as_str().unwrap().contains("more than 1000 files"));
}

#[test]
fn included_bytes_and_values_are_limited() {
    let padding = "x".repeat(1 << 20);
    let list = "'./part.json',".repeat(20);
    let repo = Repo::new().file("openclaw.json", format!("{{ $include: [{list}] }}"));
    let (code, report) = repo.file("part.json", format!("{{}} // {padding}")).check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.include_error")["detail"].as_str().unwrap().contains("more than 16 MiB"));
    let repo = Repo::new().file("openclaw.json", format!("{{ $include: [{list}] }}"));
    let many = format!("{{ tools: {{ deny: [{}] }} }}", "1,".repeat(100_000));
    let (code, report) = repo.file("part.json", many).check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.include_error")["detail"].as_str().unwrap().contains("1000000 values"));
}

/// Each file nests less than the limit; all of them together would overflow the stack.
#[test]
fn includes_do_not_nest_deeper_than_one_file_may() {
    let (open, close) = ("{a:".repeat(240), "}".repeat(240));
    let mut repo = Repo::new().file("openclaw.json", format!("{{ gateway: {open}{{ $include: './0.json' }}{close} }}"));
    for level in 0..9 {
        let next = format!("{open}{{ $include: './{}.json' }}{close}", level + 1);
        repo = repo.file(&format!("{level}.json"), next);
    }
    let (code, report) = repo.file("9.json", "{}").check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.include_error")["detail"].as_str().unwrap().contains("deeper than 256"));
}

#[test]
fn ignore_files_are_compiled_once() {
    let mut repo = Repo::new().file(".gitignore", (0..5_000).map(|index| format!("x{index}*.y\n")).collect::<String>());
    for index in 0..300 {
        repo = repo.file(&format!("d{index}/.env"), "OPENCLAW_GATEWAY_TOKEN=q7Rt2Vx9Kd3mZp5W\n");
    }
    let (code, _) = repo.check(&["--fail-on", "never"]);
    assert_eq!(code, CLEAN);
}

#[test]
fn thread_counts_are_only_wishes() {
    let (code, _) = Repo::new().file("openclaw.json", "{ gateway: {} }").check(&["-j", "1000000", "--exit-zero"]);
    assert_eq!(code, CLEAN);
}

#[test]
fn large_included_objects_are_merged_at_once() {
    let part = |prefix: char| {
        let groups = (0..40_000).map(|index| format!("{prefix}{index}:{{}},")).collect::<String>();
        format!("{{ channels: {{ telegram: {{ groups: {{ shared: {{}}, {groups} }} }} }} }}")
    };
    let repo = Repo::new().file("openclaw.json", "{ $include: ['./a.json', './b.json'] }");
    let (code, _) = repo.file("a.json", part('a')).file("b.json", part('b')).check(&["--fail-on", "never"]);
    assert_eq!(code, CLEAN);
}

#[test]
fn a_million_values_are_the_most() {
    let text = format!("{{ gateway: {{}}, tools: {{ deny: [{}] }} }}", "1,".repeat(1_000_001));
    let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.parse_error")["detail"].as_str().unwrap().contains("1000000 values"));
}

/// Every finding below names the path, so a long one would be kept a hundred thousand times.
#[test]
fn keys_are_of_some_length() {
    let groups = (0..20_000).map(|index| format!("g{index}:{{}},")).collect::<String>();
    let text = format!("{{ channels: {{ {}: {{ groups: {{ {groups} }} }} }} }}", "k".repeat(1 << 20));
    let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.parse_error")["detail"].as_str().unwrap().contains("4096 bytes"));
}

#[test]
fn a_thousand_findings_of_a_rule_are_kept_and_the_rest_is_said() {
    // Unknown keys are gathered; values of a wrong type are not.
    let wrong = (0..5_000).map(|index| format!("a{index}: {{ workspace: 1 }},")).collect::<String>();
    let text = format!("{{ agents: {{ ownership: 'explicit', entries: {{ {wrong} }} }} }}");
    let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
    assert_eq!(code, INCOMPLETE);
    let kept = ids(&report).into_iter().filter(|id| *id == "config.invalid_type").count();
    assert!((900..=1000).contains(&kept), "{kept}");
    assert!(
        diagnostics(&report).contains("more keys and values are wrong than are listed"),
        "{}",
        diagnostics(&report)
    );
    let text = format!("{{ gateway: {{ {} }} }}", "port: 1,".repeat(3_000));
    let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(diagnostics(&report).contains("are left out"), "{}", diagnostics(&report));
}

#[test]
fn lines_of_megabytes_are_read_once() {
    for text in ["aaa=", "--aaa \"", "aaa ", "${", "$", "https://a:b@", "-----BEGIN PRIVATE KEY-----", "a: "] {
        let long = text.repeat((1 << 20) / text.len());
        let config = serde_json::json!({"gateway": {"tailscale": {"mode": "funnel"}}, "env": {"vars": {"A": long}}});
        let repo = Repo::new().file("openclaw.json", config.to_string());
        let repo = repo.file(".env", format!("OPENCLAW_GATEWAY_TOKEN=q7Rt2Vx9Kd3mZp5W\nB={long}\n"));
        let (code, _) = repo.check(&[]);
        assert!([FINDINGS, INCOMPLETE].contains(&code), "{text}");
    }
}

#[test]
fn findings_on_one_long_line_cost_no_more_than_its_length() {
    let wrong = (0..50_000).map(|index| format!("'https://host{index}.example.com/x': 1,")).collect::<String>();
    let text = format!("{{ agents: {{ defaults: {{ models: {{ {wrong} }} }} }}, gateway: {{ {wrong} }} }}");
    let (code, _) = Repo::new().file("openclaw.json", text).check(&[]);
    assert_eq!(code, INCOMPLETE);
}

#[test]
fn no_message_holds_a_secret() {
    let key = format!("sk-ant-api03-{}-AA", "Zw4Kq9Ls7Bt2Vx8Nd5Hm".repeat(4));
    let pem = format!("-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----", "Zw4Kq9Ls7Bt2Vx8N".repeat(4));
    for text in [
        format!("{{ gateway: {{ auth: {{ token: {} }} }} }}", "Zw4Kq9Ls7Bt2Vx8N".repeat(3)),
        "{ gateway: { auth: { password: Zw4Kq9Ls } } }".to_owned(),
        format!("{{ '{key}' 1, gateway: {{}} }}"),
        format!("{{ gateway: {{ '{key}': 1 }}, channels: {{ '{key}': {{ dmPolicy: 'open', allowFrom: ['*'] }} }} }}"),
        format!("{{ gateway: {{ port: 1 }}, tools: {{ deny: ['{pem}', '{key}'] }} }}"),
        format!("{{ agents: {{ defaults: {{ sandbox: {{ docker: {{ binds: ['{pem}:/x:rw'], network: '{pem}' }} }} }} }} }}"),
        "{ gateway: { mode: 'local', token: 'Zw4Kq9Ls7Bt2Vx8Nd5HmZw4Kq9Ls7Bt2' } }".to_owned(),
        "{ gateway: { tailscale: { mode: 'funnel' } }, mcp: { servers: { a: { command: 'npx', args: ['--token', 'Zw4Kq9Ls'] } } } }".to_owned(),
        "{ gateway: { tailscale: { mode: 'funnel' }, // token=Zw4Kq9Ls\n trustedProxies: ['https://h/x?token=Zw4Kq9Ls'] } }".to_owned(),
    ] {
        let repo = Repo::new().file("openclaw.json", &text);
        for format in Format::value_variants() {
            let format = format.to_possible_value().unwrap();
            let format = format.get_name();
            let mut command = Command::cargo_bin("clawsift").unwrap();
            let run = command.current_dir(repo.path()).args(["check", "--verbose", "--format", format]);
            let output = run.output().unwrap();
            let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(!all.contains("Zw4Kq9"), "{format}: {text}\n{all}");
        }
        let mut command = Command::cargo_bin("clawsift").unwrap();
        let output = command.current_dir(repo.path()).args(["config", "show", "openclaw.json"]).output().unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("Zw4Kq9"), "{text}");
    }
}

#[test]
fn config_show_masks_what_is_short_or_a_number() {
    let text = "{ gateway: { port: 18789, auth: { mode: 'password', password: 'hunter2' } }, channels: { irc: { password: 12345678 } } }";
    let repo = Repo::new().file("openclaw.json", text);
    for (more, shown) in [(&[][..], false), (&["--show-secrets"][..], true), (&["--format", "json"][..], false)] {
        let mut command = Command::cargo_bin("clawsift").unwrap();
        let run = command.current_dir(repo.path()).args(["config", "show", "openclaw.json"]).args(more);
        let output = run.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("18789"), "{text}");
        assert_eq!((text.contains("hunter2"), text.contains("12345678")), (shown, shown), "{text}");
    }
}

#[test]
fn settings_errors_show_no_secret_and_no_endless_line() {
    let key = "q7Rt2Vx9Kd3mZp5WbN8s";
    for text in [
        format!("{{ gateway: {{ auth: {{ token: '{key}' }} }} }}"),
        format!("{{ ignore: [{}], token: '{key}' }}", "'gateway',".repeat(1 << 15)),
        format!("{{ 'sk-ant-api03-{key}{key}': 1 }}"),
    ] {
        let repo = Repo::new().file("openclaw.json", "{}").file("clawsift.json5", text);
        let (code, error) = repo.check(&[]);
        assert_eq!(code, USAGE);
        let error = error.as_str().unwrap();
        assert!(error.len() < 1000 && !error.contains(key) && error.contains("unknown key"), "{error}");
    }
}

#[test]
fn too_large_a_file_is_said() {
    let text = format!("{{ gateway: {{ bind: 'lan' }} /* {} */ }}", "x".repeat(17 << 20));
    let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(diagnostics(&report).contains("larger than 16 MiB"));
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{a:", "}")] {
        let text = format!("{{gateway: {}1{} }}", open.repeat(100_000), close.repeat(100_000));
        let (code, report) = Repo::new().file("openclaw.json", text).check(&[]);
        assert_eq!(code, INCOMPLETE);
        assert!(finding(&report, "config.parse_error")["detail"].as_str().unwrap().contains("256"));
    }
}

#[test]
fn includes_that_cannot_be_followed() {
    let cases = [
        ("{ $include: './openclaw.json' }", "cycle"),
        ("{ $include: '../outside.json' }", "leaves the directory"),
        ("{ $include: '/etc/hostname' }", "leaves the directory"),
        ("{ $include: './absent.json' }", "does not exist"),
        ("{ $include: './folder' }", "not a regular file"),
        ("{ $include: 'a\\0b.json' }", "NUL"),
        ("{ $include: 7 }", "must be a string"),
        ("{ $include: ['./ok.json', 7] }", "must be a string"),
        ("{ $include: './list.json', gateway: {} }", "included object"),
    ];
    for (text, reason) in cases {
        let repo = Repo::new().file("conf/openclaw.json", text).file("outside.json", "{}");
        let repo = repo.file("conf/ok.json", "{}").file("conf/list.json", "[1]").file("conf/folder/x", "");
        let (code, report) = repo.check(&[]);
        assert_eq!(code, INCOMPLETE, "{text}");
        let detail = finding(&report, "config.include_error")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(reason), "{text}: {detail}");
    }
}

#[test]
fn an_included_file_with_a_syntax_error_is_named() {
    let repo = Repo::new().file("openclaw.json", "{ $include: './part.json' }").file("part.json", "{ gateway: }");
    let (code, report) = repo.check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert_eq!(finding(&report, "config.parse_error")["location"]["path"], "part.json");
}

#[test]
fn included_files_are_checked_once() {
    let repo = Repo::new()
        .file("openclaw.json", "{ $include: './openclaw.gateway.json' }")
        .file("openclaw.gateway.json", "{ gateway: { tailscale: { mode: 'funnel' }, auth: { mode: 'password' } } }");
    let (code, report) = repo.check(&[]);
    assert_eq!(code, FINDINGS);
    let funnel: Vec<_> = ids(&report).into_iter().filter(|id| *id == "gateway.tailscale_funnel").collect();
    assert_eq!(funnel.len(), 1);
    assert_eq!(finding(&report, "gateway.tailscale_funnel")["location"]["path"], "openclaw.gateway.json");
    let configs = report["inputs"].as_array().unwrap().iter().filter(|input| input["kind"] == "config");
    assert_eq!(configs.count(), 1);
}

#[test]
fn text_that_is_not_utf8() {
    let (code, report) = Repo::new().file("openclaw.json", b"{ gateway: { bind: 'l\xffn' } }").check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(finding(&report, "config.parse_error")["detail"].as_str().unwrap().contains("UTF-8"));
}

#[test]
fn a_folder_with_the_name_of_a_configuration() {
    let (code, report) = Repo::new().file("openclaw.json/readme.txt", "").check(&[]);
    assert_eq!(code, INCOMPLETE);
    assert!(diagnostics(&report).contains("is a directory"));
}

#[test]
fn crlf_and_a_byte_order_mark_keep_their_columns() {
    let text = "\u{feff}{\r\n  gateway: {\r\n    tailscale: { mode: \"funnel\" },\r\n    auth: { mode: 'password' },\r\n  },\r\n}\r\n";
    let (_, report) = Repo::new().file("openclaw.json", text).check(&[]);
    let at = &finding(&report, "gateway.tailscale_funnel")["location"];
    assert_eq!(
        (at["startLine"].as_u64(), at["startColumn"].as_u64(), at["endColumn"].as_u64()),
        (Some(3), Some(24), Some(32))
    );
    let offset = usize::try_from(at["byteOffset"].as_u64().unwrap()).unwrap();
    assert_eq!(&text[offset..offset + 8], "\"funnel\"");
}

#[test]
fn nothing_to_check() {
    let (code, _) = Repo::new().file("README.md", "# Hello").file("package.json", "{}").check(&[]);
    assert_eq!(code, NOTHING);
}

#[test]
fn a_path_that_does_not_exist_is_a_usage_error() {
    let (code, error) = Repo::new().check(&["absent"]);
    assert_eq!(code, USAGE);
    assert!(error.as_str().unwrap().contains("absent: does not exist"), "{error}");
}

#[test]
fn a_nul_in_a_path_is_a_usage_error_or_a_separator() {
    let repo = Repo::new().file("openclaw.json", "{}").file("list", "openclaw.json\0absent\0");
    let (code, error) = repo.check(&["--files-from", "list"]);
    assert_eq!(code, USAGE);
    assert!(error.as_str().unwrap().contains("absent"), "{error}");
}

#[test]
fn hostile_names_are_only_names() {
    let name = "we ird\u{202e}\n::error::x/openclaw.json";
    let (code, report) = Repo::new().file(name, "{ gateway: { tailscale: { mode: 'funnel' } } }").check(&[]);
    assert_eq!(code, FINDINGS);
    assert_eq!(finding(&report, "gateway.tailscale_funnel")["location"]["path"], name);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn symbolic_link_loops_end() {
        let repo = Repo::new().file("a/openclaw.json", "{ gateway: {} }");
        symlink("..", repo.path().join("a/up")).unwrap();
        symlink("loop.json", repo.path().join("loop.json")).unwrap();
        symlink("openclaw.json", repo.path().join("openclaw.json")).unwrap();
        let (code, report) = repo.check(&[]);
        assert_eq!(code, INCOMPLETE);
        assert!(diagnostics(&report).contains("leads nowhere"), "{report:#}");
    }

    #[test]
    fn a_link_out_of_the_tree_is_not_followed() {
        let outside = Repo::new().file("openclaw.json", "{ gateway: { tailscale: { mode: 'funnel' } } }");
        let repo = Repo::new().file("README.md", "");
        symlink(outside.path().join("openclaw.json"), repo.path().join("openclaw.json")).unwrap();
        let (code, report) = repo.check(&[]);
        assert_eq!(code, INCOMPLETE);
        assert!(ids(&report).is_empty(), "{report:#}");
        assert!(diagnostics(&report).contains("leads out of the scanned tree"));
    }

    #[test]
    fn a_linked_include_out_of_the_tree_is_not_followed() {
        let outside = Repo::new().file("part.json", "{ gateway: { tailscale: { mode: 'funnel' } } }");
        let repo = Repo::new().file("openclaw.json", "{ $include: './part.json' }");
        symlink(outside.path().join("part.json"), repo.path().join("part.json")).unwrap();
        let (code, report) = repo.check(&[]);
        assert_eq!(code, INCOMPLETE);
        assert!(finding(&report, "config.include_error")["detail"].as_str().unwrap().contains("symbolic link"));
    }

    #[test]
    fn a_link_and_its_target_are_one_configuration() {
        let repo = Repo::new().file("config/openclaw.json", "{ gateway: { tailscale: { mode: 'funnel' } } }");
        symlink("config/openclaw.json", repo.path().join("openclaw.json")).unwrap();
        let (_, report) = repo.check(&[]);
        assert_eq!(finding(&report, "gateway.tailscale_funnel")["location"]["path"], "config/openclaw.json");
        assert_eq!(ids(&report).iter().filter(|id| **id == "gateway.tailscale_funnel").count(), 1);
    }

    #[test]
    fn a_fifo_is_never_opened() {
        let repo = Repo::new();
        let made = std::process::Command::new("mkfifo").arg(repo.path().join("openclaw.json")).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        for arguments in [&[][..], &["openclaw.json"][..]] {
            let (code, report) = repo.check(arguments);
            assert_eq!(code, INCOMPLETE);
            assert!(diagnostics(&report).contains("neither a file nor a directory"), "{report:#}");
        }
    }

    #[test]
    fn an_ignore_file_that_is_none_is_not_opened() {
        let repo = Repo::new().file("openclaw.json", "{ gateway: { tailscale: { mode: 'funnel' } } }");
        let path = repo.path().join(".gitignore");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if made.is_ok_and(|status| status.success()) {
            assert_eq!(repo.check(&["--gitignore"]).0, INCOMPLETE);
            fs::remove_file(&path).unwrap();
        }
        let outside = Repo::new().file("list", "openclaw.json\n");
        symlink(outside.path().join("list"), &path).unwrap();
        let (_, report) = repo.check(&["--gitignore"]);
        finding(&report, "gateway.tailscale_funnel");
    }

    #[test]
    fn a_closed_pipe_does_not_change_the_verdict() {
        let many = (0..300).map(|index| format!("a{index}: {{ tools: {{ profile: 'full' }} }},")).collect::<String>();
        let repo = Repo::new().file(
            "openclaw.json",
            format!("{{ gateway: {{ tailscale: {{ mode: 'funnel' }} }}, agents: {{ entries: {{ {many} }} }} }}"),
        );
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("clawsift"));
        let run =
            command.current_dir(repo.path()).args(["check", "--format", "sarif"]).stdout(std::process::Stdio::piped());
        let mut child = run.spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(FINDINGS));
    }

    #[test]
    fn names_that_are_no_text_are_said() {
        use std::os::unix::ffi::OsStrExt;
        let repo = Repo::new().file("list", b"d\xff/openclaw.json\n").file("README.md", "");
        let dir = repo.path().join(std::ffi::OsStr::from_bytes(b"d\xff"));
        if fs::create_dir(&dir).is_err() {
            // Not every file system takes such names.
            return;
        }
        fs::write(dir.join("openclaw.json"), "{ gateway: { tailscale: { mode: 'funnel' } } }").unwrap();
        let (code, report) = repo.check(&[]);
        assert_eq!(code, INCOMPLETE, "{report:#}");
        assert!(diagnostics(&report).contains("d\u{fffd}/openclaw.json"), "{report:#}");
        let (code, report) = repo.check(&["--files-from", "list"]);
        assert_eq!(code, FINDINGS, "{report:#}");
    }

    #[test]
    fn an_unreadable_file_is_said() {
        let repo = Repo::new().file("openclaw.json", "{}");
        let path = repo.path().join("openclaw.json");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(&path).is_ok() {
            // The superuser reads everything; there is nothing to see here.
            return;
        }
        let (code, report) = repo.check(&[]);
        assert_eq!(code, INCOMPLETE);
        assert!(diagnostics(&report).contains("permission denied"));
    }
}
