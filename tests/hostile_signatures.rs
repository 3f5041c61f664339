//! Signatures, keyrings and lists that somebody made to upset whoever reads them: a clear verdict, and no panic.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "common/signed.rs"]
mod signed;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use clawsift::judge::exit;
use clawsift::judge::verified::Verified;
use signed::Repo;

const TEXT: &str = "---\nname: demo\ndescription: Sorts tables of numbers\n---\n\nSort.\n";

/// A repository with one signed skill.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.skill("demo", TEXT);
    repo.write("skills/demo/run.sh", b"sort\n");
    repo.sign("demo", true);
    repo
}

fn fifo(repo: &Repo, path: &str) {
    let path = repo.path(path);
    let _ = fs::remove_file(&path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn ids(verified: &Verified) -> Vec<&'static str> {
    verified.verdict.shown.iter().map(|one| one.rule.id).collect()
}

fn class(verified: &Verified) -> Option<&'static str> {
    let facts = verified.skills[0].facts.signature.as_ref().unwrap();
    facts.class.map(clawsift::model::gate::Class::as_str)
}

#[test]
fn what_is_no_file_is_no_signature() {
    let repo = repo();
    fifo(&repo, "skills/demo/SKILL.md.sig");
    let verified = repo.verify();
    assert_eq!((class(&verified), verified.exit_code), (None, exit::INCOMPLETE));
    assert!(ids(&verified).contains(&"skills.signature.malformed"), "{:?}", ids(&verified));
    fs::remove_file(repo.path("skills/demo/SKILL.md.sig")).unwrap();
    fs::create_dir(repo.path("skills/demo/SKILL.md.sig")).unwrap();
    let verified = repo.verify();
    assert_eq!((class(&verified), verified.exit_code), (None, exit::FINDINGS));
    assert!(ids(&verified).contains(&"skills.signature.malformed"), "{:?}", ids(&verified));
}

#[test]
fn a_link_to_a_signature_is_followed_in_the_repository_alone() {
    let repo = repo();
    let path = repo.path("skills/demo/SKILL.md.sig");
    fs::rename(&path, repo.path("elsewhere.sig")).unwrap();
    symlink("../../elsewhere.sig", &path).unwrap();
    assert_eq!(class(&repo.verify()), Some("valid"));
    fs::remove_file(&path).unwrap();
    symlink("nowhere", &path).unwrap();
    let verified = repo.verify();
    assert_eq!(class(&verified), Some("unsigned-confirm"), "a link that leads nowhere is no signature");
    assert!(ids(&verified).contains(&"skills.signature.missing"));
    fs::remove_file(&path).unwrap();
    let outside = repo.root().parent().unwrap().join("outside.sig");
    fs::rename(repo.path("elsewhere.sig"), &outside).unwrap();
    symlink(&outside, &path).unwrap();
    let verified = repo.verify();
    assert_eq!((class(&verified), verified.exit_code), (None, exit::FINDINGS));
    assert!(ids(&verified).contains(&"skills.signature.malformed"));
}

#[test]
fn size_does_not_matter() {
    let repo = repo();
    let small = fs::read(repo.path("skills/demo/SKILL.md.sig")).unwrap();
    for length in [1 << 19, 1 << 21, 20 << 20] {
        let lines = b"\n".repeat(length);
        repo.write("skills/demo/SKILL.md.sig", &[&lines, &small[..]].concat());
        let verified = repo.verify();
        let refused = length > 1 << 20;
        assert_eq!(verified.exit_code == exit::CLEAN, !refused, "{length}");
        assert_eq!(ids(&verified).contains(&"skills.signature.malformed"), refused, "{length}");
    }
    repo.write("skills/demo/SKILL.md.sig", &small);
    let long = format!("{{\"version\":1,\"keys\":{{{}\"z\":{{}}}}}}", "\"a\":{},".repeat(100_000));
    repo.write("trusted-keys.json", long.as_bytes());
    let verified = repo.verify();
    assert_eq!(class(&verified), Some("unknown-key"));
    let deep = format!("{{\"version\":1,\"keys\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    repo.write("trusted-keys.json", deep.as_bytes());
    assert_eq!(repo.verify().exit_code, exit::FINDINGS);
}

#[test]
fn what_is_no_keyring_is_told() {
    for kind in ["directory", "fifo", "empty", "binary", "bom"] {
        let repo = repo();
        let path = repo.path("trusted-keys.json");
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        match kind {
            "directory" => fs::create_dir(&path).unwrap(),
            "fifo" => fifo(&repo, "trusted-keys.json"),
            "empty" => repo.write("trusted-keys.json", b""),
            "binary" => repo.write("trusted-keys.json", b"\0\xff\xfe"),
            _ => repo.write("trusted-keys.json", &[b"\xef\xbb\xbf", &bytes[..]].concat()),
        }
        let verified = repo.verify();
        assert_eq!(class(&verified), Some("unknown-key"), "{kind}");
        assert_eq!(verified.exit_code, exit::FINDINGS, "{kind}");
        assert!(ids(&verified).contains(&"keyring.malformed"), "{kind}: {:?}", ids(&verified));
        let checked = repo.check();
        let told = checked.shown.iter().any(|one| one.rule.id == "keyring.malformed")
            || checked.diagnostics.iter().any(|one| one.path == "trusted-keys.json");
        assert!(told, "{kind}: {:?}", checked.diagnostics);
    }
}

#[test]
fn bytes_that_are_no_text_are_told_apart_by_the_list_alone() {
    let repo = Repo::new();
    repo.skill("demo", TEXT);
    repo.sign("demo", false);
    // Signed as it would be by the real program: over the decoded text.
    let text = format!("{TEXT}\u{fffd}");
    repo.skill("demo", &text);
    repo.sign("demo", false);
    repo.write("skills/demo/SKILL.md", &[TEXT.as_bytes(), b"\xff"].concat());
    let verified = repo.verify();
    assert_eq!(class(&verified), Some("valid"));
    assert!(ids(&verified).contains(&"skills.signature.not_utf8"));
    // A list is about bytes.
    repo.skill("demo", &text);
    repo.sign("demo", true);
    repo.write("skills/demo/SKILL.md", &[TEXT.as_bytes(), b"\xff"].concat());
    let verified = repo.verify();
    assert!(ids(&verified).contains(&"skills.signature.file_changed"), "{:?}", ids(&verified));
}

#[test]
fn a_list_leads_nowhere() {
    let repo = repo();
    let list = fs::read_to_string(repo.path("skills/demo/SKILL.manifest")).unwrap();
    for path in ["../../../etc/passwd", "/etc/passwd", "a/../../b", ".", "run.sh/", "a\u{202e}b\nc"] {
        repo.write("skills/demo/SKILL.manifest", list.replace("run.sh", path).as_bytes());
        let verified = repo.verify();
        assert_eq!(verified.exit_code, exit::FINDINGS, "{path}");
    }
    fifo(&repo, "skills/demo/SKILL.manifest");
    assert_eq!(repo.verify().exit_code, exit::INCOMPLETE);
}

#[test]
fn a_listed_file_behind_a_linked_directory_is_not_read() {
    let repo = Repo::new();
    repo.skill("demo", TEXT);
    repo.write("skills/demo/lib/run.sh", b"sort\n");
    repo.sign("demo", true);
    let outside = repo.root().parent().unwrap().join("lib");
    fs::rename(repo.path("skills/demo/lib"), &outside).unwrap();
    symlink(&outside, repo.path("skills/demo/lib")).unwrap();
    let told = ids(&repo.verify());
    assert!(
        told.contains(&"skills.signature.file_missing") && told.contains(&"skills.signature.file_extra"),
        "{told:?}"
    );
}

#[test]
fn words_of_strangers_do_not_reach_the_terminal() {
    let repo = repo();
    let sig = fs::read_to_string(repo.path("skills/demo/SKILL.md.sig")).unwrap();
    repo.write("skills/demo/SKILL.md.sig", sig.replace("Alice", "\u{1b}[2J\u{202e}Alice").as_bytes());
    let output = Command::new(assert_cmd::cargo::cargo_bin!("clawsift"))
        .args(["skill", "verify", "skills", "--keyring", "trusted-keys.json"])
        .current_dir(repo.root())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("signed by") && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn a_skill_does_not_vouch_for_itself() {
    let repo = repo();
    repo.sign_as_stranger("demo");
    // The stranger's keyring comes with the skill.
    let stranger = clawsift::signature::SigningKey::from_seed([2; 32]).public();
    let ring = serde_json::json!({"version": 1, "keys": {stranger.id(): {"name": "Alice", "trustLevel": "full",
        "publicKeyPem": stranger.to_pem().unwrap(), "added": "", "verifiedVia": "manual"}}});
    repo.write("skills/demo/trusted-keys.json", ring.to_string().as_bytes());
    let checked = repo.check();
    assert!(checked.shown.iter().any(|one| one.rule.id == "skills.signature.unknown_key"));
    fs::remove_file(repo.path("trusted-keys.json")).unwrap();
    let checked = repo.check();
    assert!(checked.shown.iter().any(|one| one.rule.id == "skills.signature.unverified"));
}
