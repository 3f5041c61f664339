//! Our JSON and dates against those of Node, on made-up texts. Skipped where Node is not installed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says that it did not run"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use clawsift::model::audit_log::entry::Parsed;
use clawsift::model::audit_log::line::{Record, lines};
use clawsift::syntax::ecma::{Json, date};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest as _, Sha256};

/// What a script answers to lines, one line for each; none without Node.
fn node(script: &str, input: &[u8]) -> Option<String> {
    let child =
        Command::new("node").args(["-e", script]).env("TZ", "UTC").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: node is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The same cases every time.
fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn sample<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = runner();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[ -~&&[^\"\\\\]]{0,8}",
        2 => prop_oneof![Just("\\n"), Just("\\/"), Just("\\\""), Just("\\\\"), Just("\\b"), Just("\\u0000"), Just("\\u001F"), Just("\\u007f")].prop_map(String::from),
        2 => "\\\\u[dD][89a-fA-F][0-9a-f]{2}",
        1 => "\\\\u[0-9a-fA-F]{4}",
        1 => "[\u{80}-\u{7ff}\u{2028}\u{feff}\u{1f600}-\u{1f64f}]{1,3}",
        1 => "[\\\\\"\t]",
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,3})",
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        "-?0?[0-9]{1,3}\\.?[0-9]{0,2}",
        any::<f64>().prop_map(|number| number.to_string()),
        prop_oneof![
            Just("5e-324"),
            Just("2.2250738585072011e-308"),
            Just("9007199254740993"),
            Just("1e23"),
            Just("-0.0")
        ]
        .prop_map(String::from),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\"[a-c]\"",
        3 => "\"[0-9]{1,2}\"",
        1 => prop_oneof![Just("\"4294967294\""), Just("\"4294967295\""), Just("\"01\""), Just("\"-1\""), Just("\"__proto__\""), Just("\"\\u0061\""), Just("\"\"")].prop_map(String::from),
        1 => text(),
    ]
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![9 => Just(""), 1 => Just(" "), 1 => Just("\t\r")]
}

/// Texts that are JSON, nearly always.
fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => number(),
        4 => text(),
        1 => prop_oneof![Just("true"), Just("false"), Just("null")].prop_map(String::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let items = prop::collection::vec((inner.clone(), blank()), 0..6);
        let items = items.prop_map(|items| items.into_iter().map(|(item, blank)| item + blank).collect::<Vec<_>>());
        let member = (key(), blank(), inner).prop_map(|(key, blank, value)| format!("{key}{blank}:{value}"));
        let members = prop::collection::vec(member, 0..8);
        prop_oneof![
            items.prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

const STRINGIFY: &str = r#"
let out = [];
for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
  let said;
  try { said = JSON.stringify(JSON.parse(line)); } catch { said = "refused"; }
  out.push(said);
}
process.stdout.write(out.join("\n"));
"#;

#[test]
fn json_is_read_and_written_as_node_does() {
    let documents = sample(&document(), 5_000);
    let Some(answers) = node(STRINGIFY, documents.join("\n").as_bytes()) else { return };
    let answers: Vec<&str> = answers.split('\n').collect();
    assert_eq!(answers.len(), documents.len());
    for (document, answer) in documents.iter().zip(&answers) {
        let ours = Json::parse(document).map(|json| String::from_utf8(json.stringify()).unwrap());
        assert_eq!(ours.as_deref().unwrap_or("refused"), *answer, "{document}");
    }
    let refused = answers.iter().filter(|answer| **answer == "refused").count();
    assert!(refused > 50 && refused < documents.len() / 2, "{refused} were refused: the cases are one-sided");
}

/// An entry as the logger writes it, with these details; the hash is that of the bytes.
fn line(details: &str, summary: &str, seq: u64) -> Vec<u8> {
    let head = format!(
        "{{\"seq\":{seq},\"ts\":\"2026-02-10T15:00:00.000Z\",\"type\":\"tool_exec\",\"severity\":\"info\",\
         \"summary\":{summary},\"details\":{details},\"prevHash\":\"{}\"",
        "0".repeat(64)
    );
    head.into_bytes()
}

fn sealed(mut head: Vec<u8>) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(&head);
    hasher.update(b"}");
    let hash = clawsift::digest::hex(&hasher.finalize());
    head.extend_from_slice(format!(",\"hash\":\"{hash}\"}}").as_bytes());
    head
}

const VERIFY: &str = r#"
const crypto = require("crypto");
const fields = ["seq","ts","type","severity","summary","details","actor","session","channel","prevHash"];
let out = [];
for (const line of require("fs").readFileSync(0).toString("utf8").split("\n")) {
  let said = "no";
  try {
    const entry = JSON.parse(line);
    const own = {};
    for (const field of fields) if (entry[field] !== undefined) own[field] = entry[field];
    if (crypto.createHash("sha256").update(JSON.stringify(own), "utf8").digest("hex") === entry.hash) said = "yes";
  } catch {}
  out.push(said);
}
process.stdout.write(out.join("\n"));
"#;

/// Lines of the logger with a byte or two changed, hashed anew: the bytes always fit the hash, the value need not.
#[test]
fn the_short_way_takes_nothing_that_node_does_not() {
    let object = prop::collection::vec((key(), document()), 0..5);
    let object = object.prop_map(|members| {
        let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
        format!("{{{}}}", members.join(","))
    });
    let plain = object.prop_map(|text| {
        Json::parse(&text).map_or_else(|_| "{}".to_owned(), |json| String::from_utf8(json.stringify()).unwrap())
    });
    let change = (
        any::<prop::sample::Index>(),
        prop_oneof![
            2 => any::<u8>(),
            3 => prop::sample::select(b"\"\\{}[],:0123456789-.eE u/\x7f\xc3\xff\x80".to_vec()),
        ],
    );
    let changes = prop::collection::vec((change, 0..3_u8), 0..3);
    let cases = sample(&(plain, text(), 0..20_u64, changes), 8_000);
    let mut input = Vec::new();
    let mut all = Vec::new();
    for (details, summary, seq, changes) in cases {
        let summary = Json::parse(&summary)
            .map_or_else(|_| "\"s\"".to_owned(), |json| String::from_utf8(json.stringify()).unwrap());
        let mut head = line(&details, &summary, seq);
        for ((index, byte), way) in changes {
            let at = index.index(head.len());
            match way {
                0 => head[at] = byte,
                1 => head.insert(at, byte),
                _ => {
                    head.remove(at);
                }
            }
        }
        head.retain(|byte| *byte != b'\n');
        let sealed = sealed(head);
        input.extend_from_slice(&sealed);
        input.push(b'\n');
        all.push(sealed);
    }
    input.pop();
    let Some(answers) = node(VERIFY, &input) else { return };
    let (mut short, mut wrong_without) = (0, 0);
    for (line, answer) in all.iter().zip(answers.split('\n')) {
        let records = lines(line);
        let is_short = matches!(&*records, [one] if matches!(one.record, Record::Plain(_)));
        let fits = Parsed::read(line).is_ok_and(|parsed| parsed.name("hash").digest() == Some(parsed.hash()));
        let shown = String::from_utf8_lossy(line);
        assert_eq!(fits, answer == "yes", "the long way: {shown}");
        assert!(!is_short || fits, "the short way: {shown}");
        short += usize::from(is_short);
        // The control: whoever believed the bytes would have taken these.
        wrong_without += usize::from(!fits);
    }
    assert!(short > 800 && wrong_without > 800, "{short} went the short way, {wrong_without} did not fit");
}

const DATES: &str = r#"
process.stdout.write(JSON.parse(require("fs").readFileSync(0, "utf8")).map((text) => String(new Date(text).getTime())).join("\n"));
"#;

#[test]
fn dates_are_read_as_node_does() {
    let iso = "[+-]?[0-9]{2,6}-?[0-9]{0,2}-?[0-9]{0,2}(T[0-2]?[0-9](:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,12})?)?)?(Z|[+-][0-2][0-9]:?[0-9]{2})?)?";
    let real = "(\\+00|-00)?20[0-9]{2}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[+-]0[0-9]:?[0-5]0)?)?";
    let piece = prop_oneof![
        4 => "[0-9]{1,4}",
        1 => "[0-9]{5,12}",
        3 => prop_oneof![Just("Feb"), Just("march"), Just("Sept"), Just("Tue"), Just("am"), Just("PM"), Just("gmt"), Just("UTC"), Just("Z"), Just("EST"), Just("pdt"), Just("T"), Just("x"), Just("é")].prop_map(String::from),
        4 => prop_oneof![Just(" "), Just("/"), Just("-"), Just(":"), Just("."), Just(","), Just("+"), Just("("), Just(")"), Just("::"), Just("\u{a0}")].prop_map(String::from),
        1 => "[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,4})?)?",
        1 => "[+-][0-9]{1,4}(:[0-9]{2})?",
    ];
    let legacy = prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat());
    let dates = sample(&prop_oneof![1 => iso, 1 => real, 3 => legacy], 20_000);
    let input = serde_json::to_vec(&dates).unwrap();
    let Some(answers) = node(DATES, &input) else { return };
    let mut known = 0;
    for (text, answer) in dates.iter().zip(answers.split('\n')) {
        let civil = date::parse(text).map(|civil| date::Civil { offset: Some(civil.offset.unwrap_or(0)), ..civil });
        let ours = civil.and_then(|civil| civil.fixed());
        known += usize::from(ours.is_some());
        assert_eq!(ours.map_or("NaN".to_owned(), |time| time.to_string()), answer, "{text:?}");
    }
    assert!(known > 4_000, "{known} are dates");
}
