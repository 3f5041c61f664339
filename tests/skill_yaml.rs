//! Frontmatter that is made to hurt: each ends in bounded time with a finding or a clean report.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

/// What takes longer hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// The findings about a skill with this manifest: ids and severities.
fn findings(manifest: impl AsRef<[u8]>) -> Vec<(String, String)> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("skills/demo");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("SKILL.md"), manifest).unwrap();
    let output = Command::cargo_bin("clawsift")
        .unwrap()
        .current_dir(dir.path())
        .args(["check", "--scope", "skills", "--format", "json", "--fail-on", "never"])
        .timeout(LONGEST)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!error.contains("panicked"), "{error}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["checkId"]), text(&finding["severity"]))).collect()
}

fn says(manifest: impl AsRef<[u8]>, id: &str) -> bool {
    findings(manifest).iter().any(|(said, _)| said == id)
}

const DIVERGENCE: &str = "skills.oc.parse_divergence";

#[test]
fn aliases_stay_as_small_as_their_text() {
    let mut text = "---\nname: demo\na0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        let before = level - 1;
        writeln!(text, "a{level}: &a{level} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}]").unwrap();
    }
    text.push_str("description: *a59\n---\nBody\n");
    let found = findings(text);
    assert!(found.iter().any(|(id, severity)| id == DIVERGENCE && severity == "critical"), "{found:?}");
}

#[test]
fn deep_nesting_is_refused_and_said() {
    for levels in [65, 5_000] {
        let flow = format!("---\nname: demo\ndeep: {}{}\n---\nBody\n", "[".repeat(levels), "]".repeat(levels));
        assert!(says(flow, DIVERGENCE), "{levels} levels of brackets");
    }
    let mut block = "---\nname: demo\ndescription: Sorts\ndeep:\n".to_owned();
    for level in 1..100 {
        writeln!(block, "{}a:", " ".repeat(level)).unwrap();
    }
    block.push_str("---\nBody\n");
    assert!(says(block, DIVERGENCE));
    let shallow =
        format!("---\nname: demo\ndescription: Sorts\ndeep: {}{}\n---\nBody\n", "[".repeat(60), "]".repeat(60));
    assert_eq!(findings(shallow), []);
}

#[test]
fn a_block_may_have_64_kib_and_no_more() {
    let block = |lines: usize| {
        let mut text = "---\nname: demo\ndescription: Sorts\n".to_owned();
        for line in 0..lines {
            writeln!(text, "x-{line:06}: 1234567").unwrap();
        }
        text + "---\nBody\n"
    };
    assert_eq!(findings(block(3_000)), []);
    assert!(says(block(30_000), "skills.spec.frontmatter_invalid"));
    assert!(says(block(300_000), "skills.spec.frontmatter_invalid"));
    assert!(says(format!("---\n{}", "a".repeat(5 << 20)), "skills.spec.frontmatter_invalid"));
}

#[test]
fn keys_that_are_written_twice_are_told_apart() {
    let worst = |text: &str| {
        let all = findings(text);
        all.into_iter().find(|(id, _)| id == DIVERGENCE).map(|(_, severity)| severity)
    };
    let severity = |text| worst(&format!("---\nname: demo\ndescription: Sorts\n{text}\n---\nBody\n"));
    assert_eq!(severity("description: Runs").as_deref(), Some("critical"));
    assert_eq!(severity("description: Sorts").as_deref(), Some("warn"));
    assert_eq!(severity("license: A\nlicense: B").as_deref(), Some("warn"));
    assert_eq!(severity("metadata: {a: {b: 1, b: 2}}").as_deref(), Some("warn"));
    assert_eq!(severity("\"name\": other").as_deref(), Some("critical"));
    let many = "name: x\n".repeat(5_000);
    assert_eq!(severity(&many).as_deref(), Some("critical"));
}

#[test]
fn a_second_document_is_not_the_block() {
    let text = "---\nname: demo\ndescription: Sorts\n---\n---\nname: other\ndescription: Runs\n---\nBody\n";
    assert_eq!(findings(text), [(DIVERGENCE.to_owned(), "warn".to_owned())]);
    let rule = "---\nname: demo\ndescription: Sorts\n---\n\n---\n\n# Title\n\n---\nname: x\n---\n";
    assert_eq!(findings(rule), []);
}

#[test]
fn tags_build_nothing() {
    for (tag, severity) in [("!!python/object/apply:os.system [id]", "critical"), ("!!str 1", "info"), ("!x 1", "info")]
    {
        let text = format!("---\nname: demo\ndescription: Sorts\nlicense: {tag}\n---\nBody\n");
        let found = findings(text);
        assert!(found.contains(&(DIVERGENCE.to_owned(), severity.to_owned())), "{tag}: {found:?}");
    }
}

#[test]
fn other_encodings_are_said() {
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain("---\nname: demo\ndescription: Sorts\n---\nBody\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(says(utf16, "skills.spec.manifest_unreadable"));
    assert!(says(b"---\nname: demo\n\0\0\0\n---\n", "skills.spec.manifest_unreadable"));
    assert!(says("\u{feff}---\nname: demo\ndescription: Sorts\n---\nBody\n", DIVERGENCE));
    assert!(says("\n\n---\nname: demo\ndescription: Sorts\n---\nBody\n", DIVERGENCE));
    assert_eq!(findings("---\r\nname: demo\r\ndescription: Sorts\r\n---\r\nBody\r\n"), []);
}

#[test]
fn long_blocks_take_no_long_time() {
    let block =
        |line: &str| format!("---\nname: demo\ndescription: Sorts\n{}---\nBody\n", line.repeat(60_000 / line.len()));
    for line in
        ["---x\n", "a: \"\n", "name: x\n", "- *x\n", "a: {b: [\n", "x: !y z\n", "<<: *x\n", "metadata: {\n", "...x\n"]
    {
        let found = findings(block(line));
        assert!(found.len() < 60, "{line:?}: {} findings", found.len());
    }
    let links = "[a.md](b.md) `scripts/a.sh` ".repeat(40_000);
    findings(format!("---\nname: demo\ndescription: Sorts\n---\n{links}\n"));
}
