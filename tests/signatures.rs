//! Signatures as ClosedClaw a23377b8 on Node 26 judges them (`fixtures/signatures.json`), and what is found beside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "common/signed.rs"]
mod signed;

use std::fs;
use std::path::Path;

use clawsift::finding::Severity;
use clawsift::judge::exit;
use clawsift::judge::verified::Verified;
use clawsift::options::Options;
use clawsift::syntax::base64;
use clawsift::verify;
use serde_json::Value;
use signed::{Repo, options};

/// The files of a case on disk, the key of a keyring among them.
fn stage(dir: &Path, case: &Value) {
    for (name, text) in case["files"].as_object().unwrap() {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, base64::decode(text.as_str().unwrap())).unwrap();
    }
}

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../fixtures/signatures.json")).unwrap()
}

/// The recorded policies, and the flags that ask for them: signature required, full trust, no prompt.
const POLICIES: [(&str, [bool; 3]); 5] = [
    ("default", [false, false, false]),
    ("minFull", [false, true, false]),
    ("require", [true, false, false]),
    ("requireFull", [true, true, false]),
    ("promptOff", [false, false, true]),
];

fn run(case: &Value, policy: [bool; 3]) -> Verified {
    let dir = tempfile::tempdir().unwrap();
    let skill = dir.path().join("demo");
    stage(&skill, case);
    let mut cli = options(&skill, &skill.join("trusted-keys.json"));
    cli.require_signature = policy[0];
    cli.min_trust = policy[1].then_some(clawsift::cli::TrustLevel::Full);
    cli.no_prompt_on_unsigned = policy[2];
    cli.now = Some("2026-11-21T00:00:00Z".parse().unwrap());
    verify::run(&cli).unwrap()
}

#[test]
fn answers_are_those_of_closedclaw() {
    let cases = cases();
    assert_eq!(cases.len(), 106);
    for case in &cases {
        for (policy, flags) in POLICIES {
            let recorded = &case["install"];
            let wanted = if recorded["all"].is_array() { &recorded["all"] } else { &recorded[policy] };
            let verified = run(case, flags);
            let facts = verified.skills[0].facts.signature.as_ref().unwrap();
            assert_eq!(facts.written.is_some(), case["parsed"].as_bool().unwrap(), "{}", case["case"]);
            let class = facts
                .class
                .map(|class| serde_json::json!([class.as_str(), class.allowed(), class.requires_confirmation()]));
            assert_eq!(class.unwrap_or_default(), *wanted, "{} under {policy}", case["case"]);
        }
    }
}

#[test]
fn what_is_not_an_ed25519_public_key_never_fits() {
    let refused = ["pem-private-key-in-keyring", "alg-rsa-key-in-keyring", "alg-ed448-key", "pem-x509-certificate"];
    for case in cases() {
        let name = case["case"].as_str().unwrap();
        let verified = run(&case, [false; 3]);
        let skill = &verified.skills[0];
        let fits = skill.facts.signature.as_ref().unwrap().fits;
        match case["crypto"].as_bool() {
            Some(true) => assert_eq!(fits, Some(!refused.contains(&name)), "{name}"),
            // A key that cannot be read was not asked.
            Some(false) => assert_ne!(fits, Some(true), "{name}"),
            None => assert_eq!(fits, None, "{name}"),
        }
        if refused.contains(&name) {
            assert!(!skill.acceptable && verified.exit_code == exit::FINDINGS, "{name}");
        }
    }
}

/// What a recorded hint is called here: a rule, and words of its message.
fn rule_of(hint: &str) -> Option<(&'static str, &'static str)> {
    Some(match hint {
        "malformed-signature" => ("skills.signature.malformed", ""),
        "unknown-key" => ("skills.signature.unknown_key", ""),
        "invalid-signature" => ("skills.signature.invalid", ""),
        "noncanonical-base64" => ("skills.signature.noncanonical_base64", ""),
        "keyring-invalid" => ("keyring.malformed", ""),
        "weak-public-key" => ("keyring.weak_key", ""),
        "keyring-id-mismatch" => ("keyring.key_id_mismatch", ""),
        "keyring-bad-trust" => ("keyring.trust_level", ""),
        "non-ed25519-key" => ("keyring.key_type", ""),
        "scripts-not-covered" => ("skills.signature.scripts_not_covered", ""),
        "likely-eol-conversion" => ("skills.signature.invalid", "`SKILL.md -text` in .gitattributes"),
        "invalid-utf8" | "lossy-signature-match" => ("skills.signature.not_utf8", ""),
        "private-key-committed" => ("keyring.private_key_committed", ""),
        "bad-signature-length" => ("skills.signature.invalid", "bytes long instead of 64"),
        "data-outside-envelope" => ("skills.signature.outside_envelope", ""),
        "duplicate-header" => ("skills.signature.duplicate_header", ""),
        "unknown-header" | "non-ascii-header" => ("skills.signature.unknown_header", ""),
        "unsigned" => ("skills.signature.missing", ""),
        "missing-timestamp" | "future-timestamp" => ("skills.signature.timestamp", ""),
        "same-key-conflicting-trust" => ("keyring.conflicting_trust", ""),
        "keyring-docs-format" => ("keyring.docs_format", ""),
        "keyring-unknown-field" => ("keyring.unknown_field", ""),
        // A time that nothing covers cannot be told from a true one; a bad id is an unknown key; a bad public key
        // has several names here; a missing keyring is one that was named and is not there.
        "timestamp-not-covered" | "bad-key-id" | "bad-public-key" | "no-keyring" => return None,
        other => panic!("a new hint: {other}"),
    })
}

#[test]
fn what_is_recorded_as_worth_a_word_is_said() {
    let mut said = 0;
    for case in cases() {
        let name = case["case"].as_str().unwrap();
        let verified = run(&case, [false; 3]);
        let found: Vec<(&str, &str)> =
            verified.verdict.shown.iter().map(|one| (one.rule.id, one.message.as_str())).collect();
        for hint in case["lints"].as_array().unwrap() {
            let Some((rule, words)) = rule_of(hint.as_str().unwrap()) else { continue };
            // That signature has none of the signs in which the two alphabets differ.
            if name == "sig-urlsafe" {
                continue;
            }
            assert!(
                found.iter().any(|(id, message)| *id == rule && message.contains(words)),
                "{name}: {hint}: {found:?}"
            );
            said += 1;
        }
        let valid = case["install"]["all"][0] == "valid";
        if case["lints"].as_array().unwrap().is_empty() && valid {
            // The names in some signatures are written in other ways than in the keyring.
            let loud = verified
                .verdict
                .shown
                .iter()
                .filter(|one| one.severity > Severity::Info && one.rule.id != "skills.signature.signer_mismatch");
            assert_eq!(loud.count(), 0, "{name}: {found:?}");
            assert_eq!(verified.exit_code, exit::CLEAN, "{name}");
        }
    }
    assert!(said > 80, "{said} hints");
}

#[test]
fn a_large_skill_is_verified() {
    let repo = Repo::new();
    let text = "---\nname: demo\ndescription: Sorts tables of numbers when asked to\n---\n\n".to_owned();
    repo.skill("demo", &(text + &"sort these numbers ✓\n".repeat(40_000)));
    repo.sign("demo", true);
    assert_eq!(repo.verify().exit_code, exit::CLEAN);
}

#[test]
fn every_byte_of_what_is_signed_counts() {
    let repo = Repo::new();
    repo.skill("demo", "---\nname: demo\ndescription: Sorts é tables\n---\n\nSort.\n");
    repo.write("skills/demo/scripts/run.sh", b"sort -n \"$1\"\n");
    repo.write("skills/demo/data.bin", &[0, 1, 2, 255, 254]);
    repo.sign("demo", true);
    assert_eq!(repo.verify().exit_code, exit::CLEAN);
    for file in ["SKILL.md", "scripts/run.sh", "data.bin", "SKILL.manifest"] {
        let path = format!("skills/demo/{file}");
        let bytes = fs::read(repo.path(&path)).unwrap();
        let step = if file == "SKILL.manifest" { 7 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            for change in [1, 0x20, 0x80] {
                let mut other = bytes.clone();
                other[at] ^= change;
                repo.write(&path, &other);
                let verified = repo.verify();
                assert_ne!(verified.exit_code, exit::CLEAN, "{file}, byte {at}, ^{change:#x}");
            }
        }
        repo.write(&path, &bytes);
    }
    assert_eq!(repo.verify().exit_code, exit::CLEAN);
}

#[test]
fn files_that_are_not_as_signed_are_told_one_by_one() {
    let repo = Repo::new();
    repo.skill("demo", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n");
    for file in ["a.sh", "b.sh", "c.sh", "d.sh", "e.sh"] {
        repo.write(&format!("skills/demo/{file}"), b"sort\n");
    }
    repo.skill("demo/inner", "---\nname: inner\ndescription: Sorts more\n---\n\nSort.\n");
    repo.sign("demo/inner", false);
    repo.sign("demo", true);
    assert_eq!(repo.verify().exit_code, exit::CLEAN);
    repo.write("skills/demo/a.sh", b"sort | mail\n");
    fs::remove_file(repo.path("skills/demo/b.sh")).unwrap();
    repo.write("skills/demo/extra.sh", b"date\n");
    repo.write("skills/demo/e.sh", b"sort\r\n");
    repo.write("skills/demo/inner/extra.sh", b"date\n");
    let mut wanted = vec![
        ("skills.signature.file_changed", "a.sh is not what was signed"),
        ("skills.signature.file_missing", "b.sh is in the signed list, and not there"),
        ("skills.signature.file_extra", "extra.sh is not in the signed list"),
        ("skills.signature.file_extra", "inner/extra.sh is not in the signed list"),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(repo.path("skills/demo/c.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::remove_file(repo.path("skills/demo/d.sh")).unwrap();
        std::os::unix::fs::symlink("c.sh", repo.path("skills/demo/d.sh")).unwrap();
        wanted.push(("skills.signature.mode_changed", "c.sh was not executable when it was signed"));
        wanted.push(("skills.signature.file_changed", "d.sh was signed as a file, and is now a link"));
    }
    wanted.push(("skills.signature.file_changed", "e.sh differs from what was signed in its line endings alone"));
    let verified = repo.verify();
    let told: Vec<(&str, &str)> =
        verified.verdict.shown.iter().map(|one| (one.rule.id, one.message.as_str())).collect();
    for (rule, words) in &wanted {
        assert!(told.iter().any(|(id, message)| id == rule && message.starts_with(words)), "{rule}: {words}: {told:?}");
    }
    let about_files = told.iter().filter(|(id, _)| *id != "skills.signature.scripts_not_covered");
    assert_eq!(about_files.count(), wanted.len(), "{told:?}");
    let outer = verified.skills.iter().find(|skill| skill.path == "skills/demo").unwrap();
    assert!(!outer.acceptable);
}

#[test]
fn what_was_changed_is_told_also_when_the_key_is_trusted_no_more() {
    let repo = Repo::new();
    repo.skill("demo", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n");
    repo.write("skills/demo/run.sh", b"sort\n");
    repo.sign("demo", true);
    repo.write("skills/demo/run.sh", b"mail\n");
    let keyring = fs::read_to_string(repo.path("trusted-keys.json")).unwrap();
    assert!(keyring.contains("\"full\""), "{keyring}");
    repo.write("trusted-keys.json", keyring.replace("\"full\"", "\"none\"").as_bytes());
    let verified = repo.verify();
    let ids: Vec<&str> = verified.verdict.shown.iter().map(|one| one.rule.id).collect();
    for id in ["skills.signature.distrusted_key", "skills.signature.file_changed"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    assert_eq!(verified.skills[0].facts.signature.as_ref().unwrap().covered, Some(false));
}

#[test]
fn a_list_that_a_stranger_signed_covers_nothing() {
    let repo = Repo::new();
    repo.skill("demo", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n");
    repo.write("skills/demo/run.sh", b"sort\n");
    repo.sign("demo", true);
    let own = fs::read(repo.path("skills/demo/SKILL.md.sig")).unwrap();
    // A stranger signs the list again, with another script, and leaves the signature of SKILL.md alone.
    repo.write("skills/demo/run.sh", b"mail\n");
    repo.sign_as_stranger("demo");
    repo.write("skills/demo/SKILL.md.sig", &own);
    let verified = repo.verify();
    assert_eq!(verified.exit_code, exit::FINDINGS);
    let ids: Vec<&str> = verified.verdict.shown.iter().map(|one| one.rule.id).collect();
    assert!(ids.contains(&"skills.signature.unknown_key"), "{ids:?}");
    assert_eq!(verified.skills[0].facts.signature.as_ref().unwrap().covered, Some(false));
}

#[test]
fn the_policy_comes_from_the_configuration_of_the_repository() {
    let repo = Repo::new();
    repo.skill("demo", "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n");
    let class = |repo: &Repo| repo.verify().skills[0].facts.signature.as_ref().unwrap().class.unwrap().as_str();
    assert_eq!(class(&repo), "unsigned-confirm");
    repo.write("closedclaw.json", br#"{ gateway: {}, skills: { security: { requireSignature: true } } }"#);
    let checked = repo.check();
    let missing = checked.shown.iter().find(|one| one.rule.id == "skills.signature.missing").unwrap();
    assert_eq!(missing.severity, Severity::Critical);
    repo.write("closedclaw.json", br#"{ gateway: {}, skills: { security: { promptOnUnsigned: false } } }"#);
    let checked = repo.check();
    let missing = checked.shown.iter().find(|one| one.rule.id == "skills.signature.missing").unwrap();
    assert_eq!(missing.severity, Severity::Warn, "the repository has a keyring");
}

#[test]
fn three_skills_are_signed_and_three_things_are_tampered_with() {
    let repo = Repo::new();
    for name in ["alpha", "beta", "gamma"] {
        repo.skill(name, &format!("---\nname: {name}\ndescription: Sorts tables of numbers\n---\n\nRun `run.sh`.\n"));
        repo.write(&format!("skills/{name}/run.sh"), b"sort -n numbers.txt\n");
        repo.sign(name, true);
    }
    let checked = repo.check();
    assert!(checked.shown.is_empty(), "{:?}", checked.shown.iter().map(|one| one.rule.id).collect::<Vec<_>>());
    repo.write("skills/beta/run.sh", b"sort -n numbers.txt | head\n");
    let checked = repo.check();
    let told: Vec<(&str, &str)> = checked.shown.iter().map(|one| (one.rule.id, &*one.location.path)).collect();
    assert_eq!(told, [("skills.signature.file_changed", "skills/beta/run.sh")]);
    repo.distrust();
    let checked = repo.check();
    let told: Vec<(&str, &str)> = checked.shown.iter().map(|one| (one.rule.id, &*one.location.path)).collect();
    let distrusted = |name: &str| ("skills.signature.distrusted_key", format!("skills/{name}/SKILL.md.sig"));
    for name in ["alpha", "beta", "gamma"] {
        let (rule, path) = distrusted(name);
        assert!(told.contains(&(rule, path.as_str())), "{told:?}");
    }
}

#[test]
fn a_part_of_a_repository_is_judged_by_the_whole() {
    let repo = Repo::new();
    repo.skill("demo", "---\nname: demo\ndescription: Sorts tables of numbers\n---\n\nSort.\n");
    repo.sign("demo", false);
    repo.write("state/closedclaw.json", br#"{ gateway: {}, skills: { security: { minTrustLevel: "full" } } }"#);
    let mut cli = options(&repo.path("skills/demo"), &repo.path("unused"));
    cli.keyring = None;
    assert_eq!(verify::run(&cli).unwrap().exit_code, exit::CLEAN, "the keyring of the repository is found");
    let of_part = |path: &str| clawsift::pipeline::run(&Options::new(vec![repo.path(path)])).unwrap();
    assert!(of_part("skills/demo").shown.is_empty());
    let ring = fs::read_to_string(repo.path("trusted-keys.json")).unwrap();
    repo.write("trusted-keys.json", ring.replace("\"full\"", "\"marginal\"").as_bytes());
    let verified = verify::run(&cli).unwrap();
    assert_eq!(verified.exit_code, exit::FINDINGS, "the policy of the repository is found");
    let told = of_part("skills");
    let ids: Vec<&str> = told.shown.iter().map(|one| one.rule.id).collect();
    assert_eq!(ids, ["skills.signature.untrusted_key"]);
    // What is wrong with the keyring itself is said to whoever asks about signatures, or scans it.
    repo.write("trusted-keys.json", b"{");
    assert!(verify::run(&cli).unwrap().verdict.shown.iter().any(|one| one.rule.id == "keyring.malformed"));
    assert!(of_part("skills").shown.iter().all(|one| one.rule.id != "keyring.malformed"));
    assert!(repo.check().shown.iter().any(|one| one.rule.id == "keyring.malformed"));
}
