//! What excerpts must hide: every token that is marked here, and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::sync::Arc;

use clawsift::classify::{self, Class};
use clawsift::discover::Tree;
use clawsift::kind::Role;
use clawsift::load::{self, Outcome};
use clawsift::model::config::Wanted;
use clawsift::model::env::Env;
use clawsift::model::project::Project;
use clawsift::model::{Config, secrets};
use clawsift::rule::Profile;
use clawsift::source::{FileId, Span};

const HEX: &str = "4f9a1c7be2d05836a9b4c1f07e3d5286b1c94a7f0e8d2536";

/// The text without its marks, and the marked ranges.
fn marked(text: &str) -> (String, Vec<(u32, u32)>) {
    let text = text.replace("HEX", HEX);
    let (mut plain, mut marks, mut rest) = (String::new(), Vec::new(), text.as_str());
    while let Some((before, after)) = rest.split_once('«') {
        let (token, tail) = after.split_once('»').unwrap();
        plain.push_str(before);
        let start = u32::try_from(plain.len()).unwrap();
        plain.push_str(token);
        marks.push((start, u32::try_from(plain.len()).unwrap()));
        rest = tail;
    }
    (plain + rest, marks)
}

fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Tree) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let at = dir.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, text).unwrap();
    }
    let tree = Tree { base: dir.path().canonicalize().unwrap(), ..Tree::default() };
    (dir, tree)
}

/// The masked ranges of each file of a configuration.
fn of_config(files: &[(&str, &str)]) -> Vec<Vec<(u32, u32)>> {
    let (_dir, tree) = tree(files);
    let Outcome::Config(loaded) = load::config(&tree, "openclaw.json", Role::Live, true, &[]) else { panic!() };
    let wanted =
        Wanted { profile: Profile::Regular, release: None, product: None, reason: String::new(), env: Env::UNKNOWN };
    let config = Config::new(*loaded, &wanted, &Arc::new(Project::default()));
    let spans = secrets::spans(&config);
    let of = |index: u32| spans.iter().filter(|span| span.file.0 == index).map(|span| (span.start, span.end)).collect();
    (0..u32::try_from(config.sources.iter().count()).unwrap()).map(of).collect()
}

#[test]
fn configurations() {
    for text in [
        r#"{ gateway: { port: 18789, auth: { mode: "password", token: "«HEX»" } } }"#,
        r#"{ gateway: { auth: { token: '«short»', password: "${PW}" } }, note: "token" }"#,
        // A lost duplicate and a comment are shown to a reader like any other text.
        r#"{ gateway: { auth: { token: "«first-one-lost»", token: "$TOKEN" } } } // db://app:«q7Rt2Vx9Kd»@host"#,
        r#"{ models: { providers: { x: { apiKey: "ollama-local", headers: { Cookie: "«a=b»" }, models: [{ maxTokens: 8192 }] } } } }"#,
        r#"{ env: { vars: { EDITOR: "vim", MY_API_KEY: "«HEX»" } }, browser: { cdpUrl: "wss://a:«q7Rt2Vx9Kd»@host" } }"#,
        r#"{ channels: { irc: { password: «123456789» }, telegram: { botToken: "<your-token>" } } }"#,
        // What does not parse is read word by word.
        r#"{ gateway: { auth: { token: "«HEX»", mode: "token" } "#,
    ] {
        let (plain, marks) = marked(text);
        assert_eq!(of_config(&[("openclaw.json", &plain)]), [marks], "{text}");
    }
}

#[test]
fn included_files() {
    let (part, marks) = marked(r#"{ auth: { token: "«HEX»" } }"#);
    let files = [("openclaw.json", r#"{ gateway: { $include: "./part.json5" } }"#), ("part.json5", &*part)];
    assert_eq!(of_config(&files), [vec![], marks]);
}

#[test]
fn side_files() {
    for (path, text) in [
        (".env", "TZ=UTC\nOPENAI_API_KEY=\"«HEX»\"\nGH_TOKEN=\nX_TOKEN=${Y}\nDB=postgres://a:«q7Rt2Vx9Kd»@h\n"),
        (
            "docker-compose.yml",
            "services:\n  gw:\n    environment:\n      - OPENCLAW_GATEWAY_TOKEN=«HEX»\n      - TZ=UTC\n    command: gateway --token «HEX» --port 1\n",
        ),
        ("Dockerfile", "FROM x\nENV API_TOKEN=«HEX» PORT=1\nENV OTHER_TOKEN=${TOKEN}\n"),
        ("gw.service", "[Service]\nEnvironment=\"OPENCLAW_GATEWAY_PASSWORD=«hunter22»\"\nUser=claw\n"),
        ("identity/device.json", r#"{ "deviceId": "d1", "privateKeyPem": "«-----BEGIN PRIVATE KEY-----\nMC4C»" }"#),
        (
            ".mcp.json",
            r#"{ "mcpServers": { "a": { "command": "srv", "env": { "A_KEY_FILE": "/run/a", "X_API_KEY": "«HEX»" } } } }"#,
        ),
        ("credentials/broken.json", "{ \"token\": \"«HEX»\", "),
    ] {
        let (plain, marks) = marked(text);
        let (_dir, tree) = tree(&[(path, &plain)]);
        let Some(Class::Document(kind)) = classify::by_name(path) else { panic!("{path}") };
        let (document, _) = load::document(&tree, path, kind, false, 0);
        let spans: Vec<(u32, u32)> =
            secrets::document_spans(&document).iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(spans, marks, "{path}");
    }
}

#[test]
fn names_after_other_letters() {
    for text in
        ["密码：PASSWORD=«hunter2abc»", "→TOKEN: «abcdefgh»", "é--token «abcdefgh»", "“api_key”=x API_KEY=«abcdefgh»"]
    {
        let (plain, marks) = marked(text);
        let place = Span { file: FileId(0), start: 0, end: 0 };
        let spans = secrets::spans_near(FileId(0), &plain, place);
        assert_eq!(spans.iter().map(|span| (span.start, span.end)).collect::<Vec<_>>(), marks, "{text}");
    }
}
