//! Workspaces as OpenClaw leaves them after an installation, and what is said once they change.

#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "the archives of these tests are small")]

#[path = "common/archive.rs"]
mod archive;

use std::fs;
use std::path::{Path, PathBuf};

use clawsift::finding::Severity;
use clawsift::judge::Verdict;
use clawsift::options::Options;
use clawsift::rule::Profile;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const MANIFEST: &str = "---\nname: tides\ndescription: Tells the tides of a harbour when asked for them\n---\n\n\
                        # Tides\n\nRun `scripts/tides.py` and write to `out/daily/`.\n";

/// The digest of a tree, written down once more and independently: as the JavaScript reads.
fn tree_digest(dir: &Path) -> String {
    fn collect(root: &Path, dir: &Path, out: &mut Vec<Value>) {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
        for name in names {
            if dir == root && [".clawhub", ".clawdhub"].contains(&name.as_str()) {
                continue;
            }
            let at = dir.join(&name);
            let path = at.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if at.is_dir() {
                out.push(json!({ "path": path, "type": "directory" }));
                collect(root, &at, out);
            } else {
                out.push(json!({ "path": path, "type": "file", "sha256": sha256(&fs::read(&at).unwrap()) }));
            }
        }
    }
    let mut entries = Vec::new();
    collect(dir, dir, &mut entries);
    format!("sha256:{}", sha256(Value::from(entries).to_string().as_bytes()))
}

fn sha256(bytes: &[u8]) -> String {
    clawsift::digest::hex(&Sha256::digest(bytes))
}

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let at = root.join(path);
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    fs::write(at, bytes).unwrap();
}

/// What OpenClaw 2026.9.6 writes about a skill: in its directory, and in the lock file.
fn records(dir: &Path) -> (Value, Value) {
    let own = json!({
        "version": 1, "registry": "https://clawhub.ai", "slug": "tides", "ownerHandle": "harbour",
        "installedAt": 1_770_681_600_000_u64,
        "artifact": { "kind": "archive", "sha256": "0".repeat(64), "integrity": format!("sha256-{}=", "A".repeat(43)) },
        "skillFile": { "path": "SKILL.md", "sha256": sha256(&fs::read(dir.join("SKILL.md")).unwrap()) },
        "fileTreeSha256": tree_digest(dir), "installedVersion": "1.2.0"
    });
    let mut entry = own.clone();
    let fields = entry.as_object_mut().unwrap();
    fields.remove("slug");
    fields.insert("version".to_owned(), fields["installedVersion"].clone());
    fields.remove("installedVersion");
    (own, json!({ "version": 1, "skills": { "tides": entry } }))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A workspace with one installed skill: a skill in it, an empty directory, bytes that are no text.
fn workspace() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    let skill = root.join("skills/tides");
    write(&skill, "SKILL.md", MANIFEST);
    write(&skill, "scripts/tides.py", "print('high')\n");
    write(&skill, "data/harbours.bin", [0_u8, 159, 146, 150, 13, 10]);
    write(
        &skill,
        "more/moon/SKILL.md",
        "---\nname: moon\ndescription: Tells the phase of the moon when asked\n---\n\nMoon.\n",
    );
    fs::create_dir_all(skill.join("out/daily")).unwrap();
    let (own, lock) = records(&skill);
    write(&skill, ".clawhub/origin.json", pretty(&own));
    write(&root, ".clawhub/lock.json", pretty(&lock));
    (dir, root)
}

fn run(path: &Path, change: impl FnOnce(&mut Options)) -> Verdict {
    let mut options = Options::new(vec![path.to_path_buf()]);
    options.wanted.profile = Profile::Strict;
    options.select = ["skills.provenance", "credentials", "fs.state_committed"].map(str::to_owned).to_vec();
    change(&mut options);
    clawsift::pipeline::run(&options).unwrap()
}

fn said(path: &Path) -> Vec<String> {
    let verdict = run(path, |_| {});
    assert!(verdict.diagnostics.is_empty(), "{:?}", verdict.diagnostics);
    let line = |one: &clawsift::finding::Settled| {
        format!("{} {} {}: {}", one.severity.as_str(), one.id, one.location.path, one.message)
    };
    verdict.shown.iter().map(line).collect()
}

#[test]
fn an_honest_workspace_is_silent() {
    let (_dir, root) = workspace();
    assert_eq!(said(&root), [""; 0]);
    assert_eq!(said(&root.join("skills/tides")), [""; 0]);
    // What excludes leave out still belongs to the skill.
    let mut excludes = globset::GlobSetBuilder::new();
    excludes.add(globset::Glob::new("**/data").unwrap());
    let excludes = excludes.build().unwrap();
    assert!(run(&root, |options| options.excludes = excludes).shown.is_empty());
    let mut excludes = globset::GlobSetBuilder::new();
    excludes.add(globset::Glob::new("skills/tides").unwrap());
    let excludes = excludes.build().unwrap();
    assert!(run(&root, |options| options.excludes = excludes).shown.is_empty());
}

#[test]
fn what_openclaw_wrote_itself_is_silent() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../fixtures/tree-digest.json")).unwrap();
    let case = cases.iter().find(|case| case["case"] == "full-origin").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    for entry in case["entries"].as_array().unwrap() {
        if let Some(text) = entry["text"].as_str() {
            write(&root, &format!("skills/full-origin/{}", entry["path"].as_str().unwrap()), text);
        }
    }
    let own: Value =
        serde_json::from_slice(&fs::read(root.join("skills/full-origin/.clawhub/origin.json")).unwrap()).unwrap();
    let entry = json!({ "version": own["installedVersion"], "registry": own["registry"], "installedAt": own["installedAt"],
        "skillFile": own["skillFile"], "fileTreeSha256": own["fileTreeSha256"] });
    write(&root, ".clawhub/lock.json", pretty(&json!({ "version": 1, "skills": { "full-origin": entry } })));
    assert_eq!(said(&root), [""; 0]);
    write(&root, "skills/full-origin/a.txt", "Hello\n");
    assert_eq!(said(&root).len(), 1);
}

/// A name, a change of the skill, how the finding begins, and words of it.
type Case = (&'static str, fn(&Path), &'static str, &'static str);

#[test]
fn every_change_of_a_file_is_one_finding() {
    let tree = "skills/tides/.clawhub/origin.json: ";
    let cases: [Case; 9] = [
        (
            "edited",
            |skill| write(skill, "scripts/tides.py", "print('low')\n"),
            "warn skills.provenance.tree_changed",
            "other than the manifest",
        ),
        (
            "added",
            |skill| write(skill, "more/moon/x.sh", "echo\n"),
            "warn skills.provenance.tree_changed",
            "other than the manifest",
        ),
        ("bytes", |skill| write(skill, "data/harbours.bin", [0_u8]), "warn skills.provenance.tree_changed", ""),
        (
            "nested",
            |skill| write(skill, "more/moon/SKILL.md", "---\nname: moon\n---\n"),
            "warn skills.provenance.tree_changed",
            "",
        ),
        (
            "manifest",
            |skill| write(skill, "SKILL.md", MANIFEST.replace("# Tides", "# Ebb")),
            "warn skills.provenance.skill_file_changed",
            "",
        ),
        (
            "empty",
            |skill| fs::remove_dir_all(skill.join("out")).unwrap(),
            "info skills.provenance.tree_changed",
            "the empty directory out/daily is missing, which git does not keep",
        ),
        (
            "cache",
            |skill| write(skill, "scripts/__pycache__/tides.pyc", [1_u8]),
            "info skills.provenance.tree_changed",
            "scripts/__pycache__ came into being since",
        ),
        (
            "crlf",
            |skill| {
                for path in ["SKILL.md", "scripts/tides.py", "more/moon/SKILL.md"] {
                    let text = fs::read_to_string(skill.join(path)).unwrap().replace('\n', "\r\n");
                    write(skill, path, text);
                }
            },
            "info skills.provenance.tree_changed",
            ".gitattributes",
        ),
        (
            "clone",
            |skill| {
                fs::remove_dir_all(skill.join("out")).unwrap();
                write(skill, ".DS_Store", [1_u8]);
            },
            "info skills.provenance.tree_changed",
            "out/daily is missing",
        ),
    ];
    for (name, change, id, words) in cases {
        let (_dir, root) = workspace();
        change(&root.join("skills/tides"));
        let said = said(&root);
        assert_eq!(said.len(), 1, "{name}: {said:#?}");
        assert!(said[0].starts_with(id) && said[0].contains(words), "{name}: {}", said[0]);
        let place = if name == "manifest" { "skills/tides/SKILL.md: " } else { tree };
        assert!(said[0].contains(place), "{name}: {}", said[0]);
    }
}

#[test]
fn two_changes_are_two_findings() {
    let (_dir, root) = workspace();
    write(&root, "skills/tides/SKILL.md", "---\nname: tides\ndescription: Other\n---\n");
    write(&root, "skills/tides/scripts/tides.py", "print('low')\n");
    let said = said(&root);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].contains("tree_changed") && said[0].contains("beside the manifest"));
    assert!(said[1].contains("skill_file_changed"));
}

#[test]
fn a_digest_that_was_edited_in_one_record_is_drift() {
    let (_dir, root) = workspace();
    write(&root, "skills/tides/scripts/tides.py", "print('low')\n");
    let (own, _) = records(&root.join("skills/tides"));
    write(&root, "skills/tides/.clawhub/origin.json", pretty(&own));
    let said = said(&root);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("skills.provenance.drift") && said[0].contains("fileTreeSha256 is another than in"));
}

#[cfg(unix)]
#[test]
fn names_of_files_do_not_matter_and_links_do() {
    let (_dir, root) = workspace();
    let skill = root.join("skills/tides");
    fs::hard_link(skill.join("SKILL.md"), root.join("elsewhere.md")).unwrap();
    assert_eq!(said(&root), [""; 0]);
    std::os::unix::fs::symlink("SKILL.md", skill.join("README.md")).unwrap();
    let said = said(&root);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("README.md is a symbolic link: no installed skill holds such a thing"), "{}", said[0]);
}

#[test]
fn a_packed_skill_is_compared_too() {
    let (_dir, root) = workspace();
    let skill = root.join("skills/tides");
    let pack = |text: &str| {
        let read = |path: &str| archive::file(path, &fs::read(skill.join(path)).unwrap());
        let bytes = archive::zip(&[
            archive::file("SKILL.md", text.as_bytes()),
            read("scripts/tides.py"),
            read("data/harbours.bin"),
            read("more/moon/SKILL.md"),
            read(".clawhub/origin.json"),
        ]);
        write(&root, "packed/tides.skill", bytes);
        said(&root.join("packed/tides.skill"))
    };
    let same = pack(MANIFEST);
    assert!(same.len() == 1 && same[0].contains("the empty directory out/daily"), "{same:#?}");
    let other = pack("---\nname: tides\ndescription: Other\n---\n");
    assert!(other.iter().any(|line| line.contains("skill_file_changed")), "{other:#?}");
}

#[test]
fn a_broken_record_makes_the_run_incomplete() {
    let (_dir, root) = workspace();
    for broken in [
        "",
        "{",
        "\u{feff}{ \"version\": 1, \"skills\": {} }",
        "\u{0}",
        "null",
        "[]",
        "{\"version\":1,\"skills\":null}",
    ] {
        write(&root, ".clawhub/lock.json", broken);
        let verdict = run(&root, |_| {});
        let told = verdict.exit_code == 4 || verdict.shown.iter().any(|one| one.id == "skills.provenance.malformed");
        assert!(told, "{broken:?}: {:?}", verdict.shown);
    }
}

#[cfg(unix)]
#[test]
fn a_record_that_is_no_file_is_not_opened() {
    let (_dir, root) = workspace();
    let lock = root.join(".clawhub/lock.json");
    fs::remove_file(&lock).unwrap();
    if std::process::Command::new("mkfifo").arg(&lock).status().is_ok_and(|status| status.success()) {
        assert_eq!(run(&root, |_| {}).exit_code, 4);
        fs::remove_file(&lock).unwrap();
    }
    std::os::unix::fs::symlink("/etc/hostname", &lock).unwrap();
    assert_eq!(run(&root, |_| {}).exit_code, 4);
}

#[test]
fn secrets_in_records_are_never_shown() {
    let (_dir, root) = workspace();
    let token = concat!("ghp_", "q7Rt2Vx9Kd3mZp5WbN8sLf4YcH6jTg1uAeXo");
    let own = fs::read_to_string(root.join("skills/tides/.clawhub/origin.json")).unwrap();
    let own = own
        .replace("\"version\": 1,", &format!("\"version\": 1, \"sourceUrl\": \"https://x:{token}@github.com/o/r\","));
    write(&root, "skills/tides/.clawhub/origin.json", &own);
    write(&root, "skills/tides/scripts/tides.py", "print('low')\n");
    let verdict = run(&root, |_| {});
    assert_eq!(verdict.shown.len(), 2);
    assert!(!format!("{verdict:?}").contains(token));
}

#[test]
fn encrypted_stores_are_known_by_their_content() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    write(&root, "a/valid.json", include_str!("../fixtures/encrypted/valid.json"));
    write(&root, "a/valid.json.bak", include_str!("../fixtures/encrypted/valid.json"));
    assert_eq!(said(&root), [""; 0]);
    write(&root, "b/weak.json", include_str!("../fixtures/encrypted/weak-kdf.json"));
    write(&root, "a/valid.json.bak", "{ \"anthropic\": \"x\" }");
    let said = said(&root);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].starts_with("critical credentials.plaintext_backup a/valid.json.bak"));
    assert!(said[1].starts_with("warn credentials.weak_key_derivation b/weak.json"));
    let old = run(&root, |options| options.now = Some("2028-01-01T00:00:00Z".parse().unwrap()));
    let ages = old.shown.iter().filter(|one| one.id == "credentials.key_age" && one.severity == Severity::Info);
    assert_eq!(ages.count(), 2);
}
