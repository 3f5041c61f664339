//! All formats on the demonstration repository, byte for byte. `CLAWSIFT_BLESS=1 cargo test --test golden` rewrites
//! the files of `fixtures/golden/`; look at what it changes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "common/markup.rs"]
mod markup;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clawsift::judge::Verdict;
use clawsift::options::Options;
use clawsift::report::Format;
use common::{FORMATS, render};
use markup::{Piece, pieces};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The demonstration repository in a place of its own: no settings and no repository around it.
fn demo() -> Verdict {
    let copy = tempfile::tempdir().unwrap();
    let from = root().join("fixtures/demo");
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.unwrap();
        let to = copy.path().join(entry.path().strip_prefix(&from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    let mut options = Options::new(vec![copy.path().canonicalize().unwrap()]);
    options.line_hashes = true;
    clawsift::pipeline::run(&options).unwrap()
}

const fn extension(format: Format) -> &'static str {
    match format {
        Format::Text => "text.txt",
        Format::Concise => "concise.txt",
        Format::Json => "json",
        Format::Ndjson => "ndjson",
        Format::Sarif => "sarif",
        Format::Github => "github.txt",
        Format::Markdown => "md",
        Format::Html => "html",
        Format::Gitlab => "gitlab.json",
        Format::Junit => "junit.xml",
        Format::Checkstyle => "checkstyle.xml",
        Format::Rdjson => "rdjson",
    }
}

/// What every new rule changes is left out: the catalogue, the places in it, and what passed.
fn without_catalogue(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["rules", "taxa", "ruleIndex", "passed"] {
                members.shift_remove(name);
            }
            members.values_mut().for_each(without_catalogue);
        }
        Value::Array(items) => items.iter_mut().for_each(without_catalogue),
        _ => {}
    }
}

fn stable(format: Format, text: &str) -> String {
    let parsed = |text: &str| {
        let mut value: Value = serde_json::from_str(text).unwrap();
        without_catalogue(&mut value);
        value
    };
    let text = match format {
        Format::Json | Format::Sarif => format!("{:#}\n", parsed(text)),
        Format::Ndjson => text.lines().map(|line| parsed(line).to_string() + "\n").collect(),
        _ => text.to_owned(),
    };
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn the_reports_of_the_demo_are_as_they_were() {
    let verdict = demo();
    for format in FORMATS {
        let path = root().join("fixtures/golden").join(format!("demo.{}", extension(format)));
        let text = stable(format, &render(format, &verdict));
        if std::env::var_os("CLAWSIFT_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        let differs = known.lines().zip(text.lines()).find(|(old, new)| old != new);
        assert!(
            known == text,
            "{} differs, first here: {differs:#?}\nrun CLAWSIFT_BLESS=1 cargo test --test golden and look at the change",
            path.display()
        );
    }
}

/// What a reader of each format needs, whatever it says.
#[test]
fn every_format_keeps_its_form() {
    for verdict in [demo(), Verdict::default()] {
        gitlab(&verdict);
        rdjson(&verdict);
        junit(&verdict);
        checkstyle(&verdict);
    }
}

/// <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>
fn gitlab(verdict: &Verdict) {
    let text = render(Format::Gitlab, verdict);
    let report: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!text.starts_with('\u{feff}') && report.len() == verdict.shown.len());
    let mut prints = BTreeSet::new();
    for (one, finding) in report.iter().zip(&verdict.shown) {
        for name in ["description", "check_name", "fingerprint"] {
            assert!(!one[name].as_str().unwrap().is_empty());
        }
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&one["severity"].as_str().unwrap()));
        assert!(prints.insert(one["fingerprint"].as_str().unwrap().to_owned()), "GitLab drops the second of equals");
        assert_eq!(one["location"]["path"], *finding.location.path);
        assert!(!finding.location.path.starts_with("./"));
        assert_eq!(one["location"]["lines"]["begin"], finding.location.start.line);
    }
}

/// <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>
fn rdjson(verdict: &Verdict) {
    let report: Value = serde_json::from_str(&render(Format::Rdjson, verdict)).unwrap();
    assert_eq!(report["source"]["name"], "clawsift");
    for one in report["diagnostics"].as_array().unwrap() {
        assert!(["ERROR", "WARNING", "INFO"].contains(&one["severity"].as_str().unwrap()));
        assert!(one["message"].is_string() && one["code"]["value"].is_string());
        let ranges = one["suggestions"].as_array().into_iter().flatten().map(|one| &one["range"]);
        for range in ranges.chain([&one["location"]["range"]]) {
            for name in ["start", "end"] {
                assert!(range[name]["line"].as_u64().unwrap() > 0 && range[name]["column"].as_u64().unwrap() > 0);
            }
        }
    }
}

/// Every element with its attributes.
fn elements(format: Format, verdict: &Verdict) -> Vec<(String, Vec<(String, String)>)> {
    let text = render(format, verdict);
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    let open = |piece| if let Piece::Open(name, attributes) = piece { Some((name, attributes)) } else { None };
    pieces(&text).into_iter().filter_map(open).collect()
}

fn number(attributes: &[(String, String)], name: &str) -> usize {
    attributes.iter().find(|(key, _)| key == name).unwrap().1.parse().unwrap()
}

fn junit(verdict: &Verdict) {
    let all = elements(Format::Junit, verdict);
    let count = |name: &str| all.iter().filter(|(element, _)| element == name).count();
    let (_, top) = all.first().unwrap();
    assert_eq!(number(top, "tests"), count("testcase"));
    assert_eq!((number(top, "failures"), number(top, "errors")), (count("failure"), count("error")));
    let suites = || all.iter().filter(|(element, _)| element == "testsuite");
    assert_eq!(suites().map(|(_, one)| number(one, "tests")).sum::<usize>(), count("testcase"));
    assert_eq!(suites().map(|(_, one)| number(one, "skipped")).sum::<usize>(), count("skipped"));
    assert!(suites().count() >= verdict.inputs.len());
}

fn checkstyle(verdict: &Verdict) {
    let all = elements(Format::Checkstyle, verdict);
    let errors: Vec<_> = all.iter().filter(|(element, _)| element == "error").collect();
    assert_eq!(errors.len(), verdict.shown.len());
    for (_, error) in errors {
        assert!(number(error, "line") > 0 && number(error, "column") > 0);
        let severity = &error.iter().find(|(key, _)| key == "severity").unwrap().1;
        assert!(["error", "warning", "info", "ignore"].contains(&&**severity));
    }
}
