//! The same bytes every time: any thread count, any working directory, any order of creation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

const FORMATS: [&str; 6] = ["text", "concise", "json", "ndjson", "sarif", "github"];

fn plant(root: &Path, reversed: bool) {
    let mut files: Vec<(String, String)> = (0..40)
        .map(|index| {
            let text = format!(
                "{{ gateway: {{ bind: 'lan', port: {index}, tailscale: {{ mode: 'funnel' }} }}, chanels: {{}},\n agents: {{ defaults: {{}} }} }}\n"
            );
            (format!("site-{index}/openclaw.json"), text)
        })
        .collect();
    files.push(("openclaw.json".to_owned(), "{ $include: ['./b.json', './a.json'], gateway: {} }".to_owned()));
    files.push(("a.json".to_owned(), "{ gateway: { bind: 'lan' }, tools: { deny: ['exec'] } }".to_owned()));
    files.push(("b.json".to_owned(), "{ gateway: { bind: 'auto' }, tools: { deny: ['write'] } }".to_owned()));
    files.push((".env".to_owned(), "OPENCLAW_GATEWAY_TOKEN=abc\nPATH=/tmp\n".to_owned()));
    files.push(("broken/openclaw.json".to_owned(), "{ gateway: ".to_owned()));
    if reversed {
        files.reverse();
    }
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn report(root: &Path, cwd: &Path, format: &str, threads: &str) -> Vec<u8> {
    let mut command = Command::cargo_bin("clawsift").unwrap();
    let run = command.current_dir(cwd).arg("check").arg(root).args(["--format", format, "-j", threads]);
    run.output().unwrap().stdout
}

#[test]
fn the_same_bytes_every_time() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    plant(&one, false);
    plant(&two, true);
    for format in FORMATS {
        let expected = report(&one, dir.path(), format, "1");
        assert!(expected.len() > 1000, "{format}: the report is empty");
        for threads in ["2", "16"] {
            assert!(expected == report(&one, dir.path(), format, threads), "{format}: {threads} threads differ");
        }
        assert!(expected == report(Path::new("."), &one, format, "2"), "{format}: another working directory differs");
        assert!(expected == report(Path::new("../one"), &two, format, "2"), "{format}: a relative root differs");
        assert!(expected == report(&two, dir.path(), format, "2"), "{format}: another order of creation differs");
    }
}
