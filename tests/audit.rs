//! Audit logs: the recorded answers of ClosedClaw's verifier, and ours beyond them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod audit_common;

use std::fs;
use std::path::Path;

use audit_common::{Run, chain, entry, log, run, run_in};
use serde_json::{Value, json};
use tempfile::tempdir;

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn verify(path: &Path, more: &[&str]) -> Run {
    run(&[&["log", "verify", path.to_str().unwrap(), "--json"], more].concat())
}

fn kinds(report: &Value) -> Vec<&str> {
    report["segments"].as_array().unwrap().iter().map(|segment| segment["kind"].as_str().unwrap()).collect()
}

fn ids(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["checkId"].as_str().unwrap()).collect()
}

#[test]
fn verdicts_are_those_of_closedclaw() {
    let cases: Value = serde_json::from_str(include_str!("../fixtures/audit/expected.json")).unwrap();
    let cases = cases.as_object().unwrap();
    assert_eq!(cases.len(), 128);
    for (name, want) in cases {
        let found = verify(&fixtures().join(format!("audit/{name}.log")), &["--hashes", "--no-anchor"]);
        let report = found.json();
        let real = &report["closedclaw"];
        assert_eq!((&real["ok"], &real["failureKind"]), (&want["ok"], &want["failureKind"]), "{name}");
        if want["ok"].is_null() {
            assert_eq!(report["integrityOk"], false, "{name}");
            continue;
        }
        for key in ["entries", "failureSeq", "failureLine"] {
            assert_eq!(real[key], want[key], "{name}: {key}");
        }
        let hashes = want["computed"].as_array().unwrap();
        let ours = report["computed"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(&ours[..hashes.len()], hashes.as_slice(), "{name}");
        assert_eq!(report["integrityOk"], want["ok"], "{name}");
        assert_eq!(found.code, i32::from(want["ok"] != true), "{name}");
    }
}

#[test]
fn statistics_are_those_of_closedclaw() {
    let cases: Value = serde_json::from_str(include_str!("../fixtures/audit/expected.json")).unwrap();
    for (name, want) in cases.as_object().unwrap() {
        let stats = &want["stats"];
        if stats["totalEntries"].is_null() {
            continue;
        }
        let path = fixtures().join(format!("audit/{name}.log"));
        let report = run(&["log", "stats", path.to_str().unwrap(), "--json"]).json();
        assert_eq!(report["totalEntries"], stats["totalEntries"], "{name}");
        assert_eq!((&report["byType"], &report["bySeverity"]), (&stats["byType"], &stats["bySeverity"]), "{name}");
    }
}

/// What each word of the recorded cases is called here.
const LINTS: [(&str, &str); 22] = [
    ("hash-mismatch", "audit_log.chain_broken"),
    ("no-final-newline", "audit_log.no_final_newline"),
    ("bom", "audit_log.rewritten"),
    ("unparsable-line", "audit_log.malformed"),
    ("missing-genesis", "audit_log.missing_head"),
    ("json-export-not-jsonl", "audit_log.malformed"),
    ("not-an-object", "audit_log.malformed"),
    ("bad-field-type", "audit_log.malformed"),
    ("missing-field", "audit_log.chain_broken"),
    ("bad-seq", "audit_log.malformed"),
    ("seq-gap", "audit_log.seq_gap"),
    ("seq-reset", "audit_log.seq_gap"),
    ("seq-start", "audit_log.seq_gap"),
    ("ts-backwards", "audit_log.seq_gap"),
    ("future-timestamp", "audit_log.future_time"),
    ("chain-restart", "audit_log.restarted"),
    ("chain-fork", "audit_log.forked"),
    ("unknown-field", "audit_log.unhashed_field"),
    ("duplicate-key", "audit_log.duplicate_key"),
    ("field-order", "audit_log.rewritten"),
    ("lossy-number", "audit_log.lossy_value"),
    ("deep-nesting", "audit_log.malformed"),
];

#[test]
fn what_the_hash_does_not_cover_is_said() {
    let cases: Value = serde_json::from_str(include_str!("../fixtures/audit/expected.json")).unwrap();
    let mut seen = 0;
    for (name, want) in cases.as_object().unwrap() {
        let report = verify(&fixtures().join(format!("audit/{name}.log")), &["--now", "2026-03-01T00:00:00Z"]).json();
        let ids = ids(&report);
        for lint in want["lints"].as_array().unwrap() {
            let Some((_, id)) = LINTS.iter().find(|(word, _)| lint == word) else { continue };
            assert!(ids.contains(id), "{name}: {lint} is not among {ids:?}");
            seen += 1;
        }
        let quiet = want["lints"].as_array().unwrap().is_empty() && want["ok"] == true;
        // White space after the last entry is no newline.
        let odd = ["audit_log.rewritten", "audit_log.lossy_value", "audit_log.no_final_newline"];
        assert!(!quiet || ids.iter().all(|id| odd.contains(id)), "{name}: {ids:?}");
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn honest_logs_are_not_called_tampered() {
    let lines = chain(6);
    // A rotation while the gateway runs.
    let report = log(&lines[2..].concat());
    assert_eq!((ids(&report), kinds(&report)), (vec!["audit_log.missing_head"], vec!["missing-head"]));
    // Two writers that took turns.
    let genesis = "0".repeat(64);
    let (a1, a) = entry(1, &genesis, "gateway");
    let (b1, b) = entry(1, &genesis, "cli");
    let (a2, a) = entry(2, &a, "gateway");
    let (b2, _) = entry(2, &b, "cli");
    let (a3, _) = entry(3, &a, "gateway");
    let report = log(&[a1, b1, a2, b2, a3].concat());
    assert_eq!(ids(&report), ["audit_log.forked"]);
    assert_eq!(kinds(&report), ["from-genesis", "fork", "resumed", "resumed", "resumed"]);
    // A write that was interrupted, and a restart.
    let (again, _) = entry(1, &genesis, "after the restart");
    let report = log(&[&*lines[0], &lines[1][..40], "\n", &again].concat());
    assert_eq!(
        (ids(&report), kinds(&report)),
        (vec!["audit_log.malformed", "audit_log.restarted"], vec!["from-genesis", "restart"])
    );
    // Two entries on one line: the chain goes on in them.
    let glued = [&*lines[0], lines[1].trim_end(), &lines[2], &lines[3]].concat();
    let report = log(&glued);
    assert_eq!((ids(&report), kinds(&report)), (vec!["audit_log.malformed"], vec!["from-genesis"]));
}

#[test]
fn what_was_done_to_a_log_is_told_apart() {
    let lines = chain(6);
    let told = |lines: Vec<String>| {
        let report = log(&lines.concat());
        assert_eq!(report["integrityOk"], false);
        let detail = |finding: &Value| finding["detail"].as_str().unwrap().to_owned();
        let broken = report["findings"].as_array().unwrap().iter();
        let broken = broken.filter(|finding| finding["checkId"] == "audit_log.chain_broken");
        (broken.map(detail).collect::<Vec<_>>(), kinds(&report).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let without =
        |gone: usize| lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| line.clone()).collect();
    assert_eq!(told(without(2)).0, ["1 entry is missing between the one on line 2 and this"]);
    let mut edited = lines.clone();
    edited[2] = edited[2].replace("step 3", "step three");
    let (said, kinds) = told(edited.clone());
    assert_eq!((said, kinds.len()), (vec!["the content of this entry does not give its hash".to_owned()], 1));
    // Edited and hashed anew, but not the rest.
    let (other, _) = entry(3, &hash_of(&lines[1]), "someone else");
    edited[2] = other;
    assert_eq!(told(edited).0, ["the entry on line 3 is not the one that this was written after"]);
    let mut swapped = lines.clone();
    swapped.swap(2, 3);
    assert_eq!(told(swapped).0, ["the entry stands before the one that it follows, on line 4"]);
    let mut twice = lines.clone();
    twice.insert(3, lines[1].clone());
    assert_eq!(told(twice).0, ["the entry on line 2 stands here again"]);
    let mut hash = lines.clone();
    hash[4] = hash[4].replace(&hash_of(&lines[4]), &"a".repeat(64));
    assert_eq!(
        told(hash).0,
        ["the hash of this entry was changed: its content gives the hash that the next entry follows"]
    );
    // The files of a rotation in the wrong order.
    let turned = [&lines[3..], &lines[..3]].concat();
    assert_eq!(told(turned).0, ["the entry stands before the one that it follows, on line 6"]);
}

fn hash_of(line: &str) -> String {
    let value: Value = serde_json::from_str(line).unwrap();
    value["hash"].as_str().unwrap().to_owned()
}

#[test]
fn a_named_start_takes_the_place_of_genesis() {
    let dir = tempdir().unwrap();
    let lines = chain(4);
    let path = dir.path().join("audit.log");
    fs::write(&path, lines[2..].concat()).unwrap();
    let found = verify(&path, &["--prev-hash", &hash_of(&lines[1])]);
    assert_eq!((found.code, kinds(&found.json())), (0, vec!["continuation"]));
    let found = verify(&path, &["--prev-hash", &hash_of(&lines[0])]);
    assert_eq!((found.code, ids(&found.json())), (1, vec!["audit_log.chain_broken"]));
}

#[test]
fn anchors_catch_what_the_file_cannot_tell() {
    let dir = tempdir().unwrap();
    let lines = chain(8);
    let path = dir.path().join("audit.log");
    let name = path.to_str().unwrap();
    fs::write(&path, lines[..6].concat()).unwrap();
    let made = run(&["log", "anchor", name, "--json"]);
    assert_eq!(made.code, 0, "{}", made.error);
    let anchor = made.json();
    assert_eq!(anchor["entries"], 6);
    assert_eq!(anchor["headHash"], hash_of(&lines[5]).as_str());
    assert_eq!(fs::read_to_string(dir.path().join("audit.log.anchor.json")).unwrap(), made.out);
    let hold = |text: &str| {
        fs::write(&path, text).unwrap();
        let found = verify(&path, &[]);
        (found.code, ids(&found.json()).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(hold(&lines.concat()), (0, vec![]), "it went on");
    let broken = vec!["audit_log.anchor_broken".to_owned()];
    for count in 0..6 {
        assert_eq!(hold(&lines[..count].concat()), (1, broken.clone()), "cut off after {count}");
    }
    // All of it hashed anew.
    let mut text = String::new();
    let mut prev = "0".repeat(64);
    for seq in 1..=7 {
        let (line, hash) = entry(seq, &prev, "someone else");
        text += &line;
        prev = hash;
    }
    assert_eq!(hold(&text), (1, broken.clone()));
    // A field that is not hashed.
    let added = lines.concat().replacen("\"hash\"", "\"note\":1,\"hash\"", 1);
    assert_eq!(hold(&added).1, ["audit_log.anchor_broken", "audit_log.unhashed_field"]);
    // A rotation: the new file goes on where the anchored one ended.
    assert_eq!(hold(&lines[6..].concat()), (0, vec!["audit_log.rotated".to_owned()]));
    // A checkout that changed the line ends is told from the rest.
    let hold_severity = |text: &str| {
        fs::write(&path, text).unwrap();
        let report = verify(&path, &[]).json();
        let finding =
            report["findings"].as_array().unwrap().iter().find(|one| one["checkId"] == "audit_log.anchor_broken");
        finding.map(|finding| finding["severity"].as_str().unwrap().to_owned())
    };
    assert_eq!(hold_severity(&lines.concat().replace('\n', "\r\n")).as_deref(), Some("warn"));
    assert_eq!(hold_severity(&lines.concat().replacen(',', ", ", 1)).as_deref(), Some("critical"));
    // The anchor is not moved over a log that does not fit it.
    fs::write(&path, lines[..3].concat()).unwrap();
    assert_eq!(run(&["log", "anchor", name]).code, 1);
    fs::write(&path, lines.concat()).unwrap();
    let updated = verify(&path, &["--update-anchor"]);
    assert_eq!(updated.code, 0);
    let text = fs::read_to_string(dir.path().join("audit.log.anchor.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["entries"], 8);
}

#[test]
fn a_signed_anchor_says_who_has_seen_the_log() {
    let dir = tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("audit.log"), chain(3).concat()).unwrap();
    let (keys, ring) = (at("keys"), at("ring.json"));
    let made =
        run(&["skill", "keygen", "--output", &keys, "--signer", "Alice", "--add-to-keyring", "--keyring", &ring]);
    assert_eq!(made.code, 0, "{}", made.error);
    let key = at("keys/skill-signing.key");
    let signed = run(&["log", "anchor", &at("audit.log"), "--key", &key, "--signer", "Alice"]);
    assert_eq!(signed.code, 0, "{}", signed.error);
    let log = at("audit.log");
    let verified = |more: &[&str]| {
        let found = verify(Path::new(&log), more);
        let report = found.json();
        assert_eq!(report["integrityOk"], found.code == 0);
        (found.code, report["anchorSignature"]["class"].as_str().unwrap().to_owned())
    };
    assert_eq!(verified(&["--keyring", &ring]), (0, "valid".to_owned()));
    assert_eq!(verified(&["--keyring", &at("absent.json")]), (1, "no-keyring".to_owned()));
    // A signed anchor is not replaced by one that is not.
    let again = run(&["log", "anchor", &log]);
    assert!(again.code == 1 && again.error.contains("--key"), "{}", again.error);
    let anchor = at("audit.log.anchor.json");
    let text = fs::read_to_string(&anchor).unwrap();
    fs::write(&anchor, text.replace("\"headTs\": \"2026", "\"headTs\": \"2027")).unwrap();
    assert_eq!(verified(&["--keyring", &ring]), (1, "bad-signature".to_owned()));
    fs::write(&anchor, &text).unwrap();
    fs::remove_file(at("audit.log.anchor.json.sig")).unwrap();
    assert_eq!(verified(&[]), (0, "unsigned".to_owned()));
    assert_eq!(
        verified(&["--keyring", &ring]),
        (1, "unsigned".to_owned()),
        "whoever names a keyring wants a signature"
    );
}

#[test]
fn check_holds_logs_to_the_anchors_beside_them() {
    let dir = tempdir().unwrap();
    let lines = chain(3);
    fs::create_dir_all(dir.path().join("state/logs")).unwrap();
    let path = dir.path().join("state/logs/audit.log");
    fs::write(&path, lines.concat()).unwrap();
    assert_eq!(run(&["log", "anchor", path.to_str().unwrap()]).code, 0);
    let check = |ids_only: bool| {
        let found = run_in(dir.path(), &["check", ".", "--scope", "logs", "--json"]);
        let report = found.json();
        let kinds: Vec<Value> =
            report["inputs"].as_array().unwrap().iter().map(|input| input["kind"].clone()).collect();
        assert!(ids_only || kinds.contains(&json!("audit-log")), "{kinds:?}");
        (found.code, ids(&report).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(check(false), (0, vec![]));
    fs::write(&path, &lines[0]).unwrap();
    assert_eq!(check(false), (1, vec!["audit_log.anchor_broken".to_owned()]));
    fs::write(&path, "").unwrap();
    assert_eq!(
        check(false),
        (1, vec!["audit_log.anchor_broken".to_owned()]),
        "an empty file is a whole log to ClosedClaw"
    );
    fs::remove_file(&path).unwrap();
    assert_eq!(check(true), (1, vec!["audit_log.log_missing".to_owned()]));
}

#[test]
fn other_logs_are_left_alone() {
    let dir = tempdir().unwrap();
    let tpc = "{\"ts\":\"2026-02-10T15:00:00.000Z\",\"event\":\"packet\",\"severity\":\"info\"}\n";
    for (name, text) in
        [("tpc-audit-2026-02-10.jsonl", tpc), ("audit.log", "type=SYSCALL msg=audit(1.2:3)\n"), ("x.log", "\u{0}")]
    {
        fs::write(dir.path().join(name), text).unwrap();
    }
    fs::write(dir.path().join("openclaw.json"), "{ gateway: { bind: 'loopback' } }").unwrap();
    let found = run_in(dir.path(), &["check", ".", "--scope", "logs", "--json"]);
    assert_eq!((found.code, ids(&found.json()).len()), (0, 0), "{}", found.out);
}

#[test]
fn files_that_are_none_are_said_and_not_opened() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("audit.log");
    assert_eq!((verify(&path, &[]).code, verify(&path, &[]).json()["integrityOk"].clone()), (3, json!(false)));
    assert_eq!(verify(&path, &[]).json()["closedclaw"]["ok"], true, "ClosedClaw takes it for a whole log");
    fs::create_dir(&path).unwrap();
    assert_eq!((verify(&path, &[]).code, verify(&path, &[]).json()["closedclaw"]["ok"].clone()), (4, Value::Null));
    for command in [&["log", "stats"][..], &["log", "query", "--log"], &["log", "anchor"]] {
        assert_eq!(run(&[command, &[path.to_str().unwrap()]].concat()).code, 4, "{command:?}");
    }
    #[cfg(unix)]
    {
        let fifo = dir.path().join("fifo.log");
        if std::process::Command::new("mkfifo").arg(&fifo).status().is_ok_and(|status| status.success()) {
            assert_eq!(verify(&fifo, &[]).code, 4);
            assert_eq!(run(&["log", "query", "--log", fifo.to_str().unwrap()]).code, 4);
        }
    }
}

#[test]
fn a_line_beyond_the_limit_is_passed_over() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("audit.log");
    let lines = chain(4);
    let long = format!("{{\"seq\":3,\"x\":\"{}\"}}\n", "y".repeat(17 << 20));
    fs::write(&path, [&*lines[0], &lines[1], &long, &lines[2], &lines[3]].concat()).unwrap();
    let found = verify(&path, &[]);
    let report = found.json();
    assert_eq!(found.code, 4);
    assert_eq!(
        (&report["closedclaw"]["ok"], &report["entries"], &report["integrityOk"]),
        (&Value::Null, &json!(4), &json!(false))
    );
    assert_eq!(kinds(&report), ["from-genesis"], "the chain goes on behind it");
    // Exactly at the limit it is read.
    let room = (16 << 20) - "{\"x\":\"\"}".len();
    fs::write(&path, [&*lines[0], &format!("{{\"x\":\"{}\"}}\n", "y".repeat(room))].concat()).unwrap();
    assert_eq!(verify(&path, &[]).json()["entries"], 2);
}

#[test]
fn findings_point_at_their_line_wherever_it_is() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("audit.log");
    let lines = chain(5_000);
    let mut text = String::from("\u{feff} \r\n");
    text += &lines.concat();
    let at = text.find("\"seq\":4321,").unwrap();
    text.replace_range(at..at + 11, "\"seq\":4321, ");
    fs::write(&path, &text).unwrap();
    let report = verify(&path, &[]).json();
    let finding = &report["findings"][1];
    let location = &finding["location"];
    assert_eq!(
        (finding["checkId"].as_str(), location["startLine"].as_u64()),
        (Some("audit_log.rewritten"), Some(4322))
    );
    let offset = usize::try_from(location["byteOffset"].as_u64().unwrap()).unwrap();
    assert_eq!((&text[offset - 11..offset], &text[offset..=offset]), ("\"seq\":4321,", " "));
    assert_eq!(location["startColumn"], 13);
    assert_eq!(finding["location"]["byteLength"], 1);
}

#[test]
fn far_links_are_found_again() {
    let lines = chain(6_000);
    // A second writer goes on from an entry that was long forgotten.
    let (other, _) = entry(4, &hash_of(&lines[2]), "cli");
    let report = log(&[lines.concat(), lines[10].clone(), lines[11].clone()].concat());
    assert_eq!(report["findings"][0]["detail"], "the entry on line 11 stands here again");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    let report = log(&[lines.concat(), other].concat());
    assert_eq!(ids(&report), ["audit_log.forked"]);
    assert_eq!(report["findings"][0]["detail"], "another entry follows the one on line 3, too");
    assert_eq!(report["findings"][0]["location"]["startLine"], 6001);
}

#[test]
fn the_verdict_does_not_depend_on_threads() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("audit.log");
    let mut lines = chain(3_000);
    lines.remove(1_500);
    lines[2_000] = lines[2_000].replace("step", "stop");
    fs::write(&path, lines.concat()).unwrap();
    let one = verify(&path, &["--hashes", "-j", "1"]).out;
    assert!(one.contains("\"removed\"") || one.contains("after-removal"));
    for threads in ["2", "5"] {
        assert_eq!(verify(&path, &["--hashes", "-j", threads]).out, one);
    }
}

#[test]
fn many_seams_do_not_hide_a_change() {
    let genesis = "0".repeat(64);
    let mut text = String::new();
    for restart in 0..300 {
        text += &entry(1, &genesis, &format!("start {restart}")).0;
    }
    let (line, hash) = entry(1, &genesis, "last");
    text += &line.replace("step 1", "step one");
    text += &entry(2, &hash, "last").0;
    let report = log(&text);
    let critical = report["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "critical");
    assert_eq!(critical.map(|one| one["location"]["startLine"].as_u64().unwrap()).collect::<Vec<_>>(), [301]);
    let mut restarts =
        report["findings"].as_array().unwrap().iter().filter(|one| one["checkId"] == "audit_log.restarted");
    assert!(restarts.next_back().unwrap()["detail"].as_str().unwrap().ends_with("and 100 more"));
}

#[test]
fn a_long_first_entry_does_not_hide_a_log() {
    let dir = tempdir().unwrap();
    let (line, _) = entry(1, &"0".repeat(64), &"x".repeat(100_000));
    fs::write(dir.path().join("audit.log"), line.replace("step", "stop")).unwrap();
    let found = run_in(dir.path(), &["check", ".", "--json"]);
    assert_eq!((found.code, ids(&found.json())), (1, vec!["audit_log.chain_broken"]), "{}", found.out);
}

#[test]
fn text_is_for_people() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("audit.log");
    fs::write(&path, chain(2).concat()).unwrap();
    let found = run(&["log", "verify", path.to_str().unwrap()]);
    assert!(found.out.contains("intact, 2 entries; ClosedClaw's verifier agrees"), "{}", found.out);
    fs::write(&path, chain(2).concat().replace("step 1", "step \u{1b}[2J")).unwrap();
    let found = run(&["log", "verify", path.to_str().unwrap()]);
    assert!(found.code == 4 && !found.out.contains('\u{1b}'), "{}", found.out);
}
