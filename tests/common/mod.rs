//! What the tests of reports share: a scan of some files, and findings out of thin air.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

pub mod example;
pub mod schema;

use std::borrow::Cow;
use std::fs;

use clawsift::finding::{BaselineState, Confidence, Excerpt, Identity, Location, Settled, SettledRelated, Severity};
use clawsift::judge::Verdict;
use clawsift::options::Options;
use clawsift::report::{self, Format, Style};
use clawsift::rule::Profile;
use clawsift::rules;
use clawsift::source::Point;
use tempfile::TempDir;

pub const FORMATS: [Format; 12] = [
    Format::Text,
    Format::Concise,
    Format::Json,
    Format::Ndjson,
    Format::Sarif,
    Format::Github,
    Format::Markdown,
    Format::Html,
    Format::Gitlab,
    Format::Junit,
    Format::Checkstyle,
    Format::Rdjson,
];

/// The rule that the synthetic findings are of.
pub const RULE: &str = "gateway.tailscale_funnel";

/// Writes files and checks them with one rule, as for SARIF.
pub fn scan(files: &[(&str, &str)]) -> (TempDir, Verdict) {
    scan_for(files, &[RULE, "config.parse_error"])
}

/// Writes files and checks them with some rules in the strict profile; none are all.
pub fn scan_for(files: &[(&str, &str)], rules: &[&str]) -> (TempDir, Verdict) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut options = Options::new(vec![dir.path().canonicalize().unwrap()]);
    options.line_hashes = true;
    options.wanted.profile = Profile::Strict;
    options.select = rules.iter().map(|rule| (*rule).to_owned()).collect();
    let verdict = clawsift::pipeline::run(&options).unwrap();
    (dir, verdict)
}

pub fn render(format: Format, verdict: &Verdict) -> String {
    render_as(format, verdict, Style::default())
}

pub fn render_as(format: Format, verdict: &Verdict, style: Style) -> String {
    let mut out = Vec::new();
    report::render(format, verdict, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub fn at(path: &str, line: u32, columns: (u32, u32)) -> Location {
    Location {
        path: path.into(),
        start: Point { line, column: columns.0, byte: columns.0 },
        end: Point { line, column: columns.1, byte: columns.1 },
        offset: u64::from(100 * line + columns.0),
        length: columns.1 - columns.0,
    }
}

/// The lines `text` from line 1 on, with the first occurrence of `token`.
pub fn excerpt(text: &str, token: &str) -> Excerpt {
    let start = text.find(token).unwrap();
    Excerpt {
        first_line: 1,
        first_column: 1,
        text: text.to_owned(),
        token: (start, start + token.len()),
        ..Excerpt::default()
    }
}

pub fn settled(location: Location, message: &str, excerpt: Excerpt) -> Settled {
    Settled {
        rule: rules::find(RULE).unwrap(),
        id: Cow::Borrowed(RULE),
        severity: Severity::Critical,
        confidence: Confidence::High,
        location,
        key_path: "gateway.tailscale.mode".to_owned(),
        missing: false,
        message: message.to_owned(),
        related: Vec::new(),
        steps: Vec::new(),
        skill: None,
        excerpt,
        identity: Identity { fingerprint: "0".repeat(64), ..Identity::default() },
        baseline: BaselineState::New,
        baseline_note: None,
        line_hash: Some("abc:1".to_owned()),
        fix: None,
    }
}

pub fn related(location: Location, message: &str, excerpt: Excerpt) -> SettledRelated {
    SettledRelated { location, message: message.to_owned(), excerpt }
}

pub fn verdict(shown: Vec<Settled>) -> Verdict {
    Verdict { shown, exit_code: 1, ..Verdict::default() }
}
