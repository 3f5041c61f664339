//! Walks the rule table: every bad example fires at exactly its marked token, no good example fires.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clawsift::finding::Settled;
use clawsift::model::env::Env;
use clawsift::options::Options;
use clawsift::rule::{Check, Example, Profile, Rule};
use clawsift::rules;
use clawsift::settings::Settings;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("table", table)];
    trials.extend(rules::all().map(|rule| Trial::test(rule.id, move || examples(rule))));
    libtest_mimic::run(&arguments, trials).exit();
}

/// What holds for the table as a whole.
fn table() -> Result<(), Failed> {
    let mut ids = BTreeSet::new();
    for rule in rules::all() {
        ensure(ids.insert(rule.id), || format!("{}: the id is used twice", rule.id))?;
        let plain = rule.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-*/".contains(&b));
        ensure(plain && rule.id.contains('.'), || format!("{}: not a dotted id", rule.id))?;
        ensure(!rule.bad.is_empty(), || format!("{}: no bad example", rule.id))?;
        ensure(!rule.good.is_empty(), || format!("{}: no good example", rule.id))?;
        for (what, text) in [("summary", rule.summary), ("why", rule.why), ("remedy", rule.remedy)] {
            ensure(!text.is_empty() && text.trim() == text, || format!("{}: {what} is empty or padded", rule.id))?;
        }
        let first = rule.summary.chars().next().unwrap_or('a');
        ensure(!first.is_lowercase() || rule.summary.contains('.'), || {
            format!("{}: summary not in sentence case", rule.id)
        })?;
        ensure(!rule.summary.ends_with('.'), || format!("{}: summary ends with a full stop", rule.id))?;
        if let Check::Text(text) = rule.check {
            ensure(clawsift::scan::compile(text.pattern).is_some(), || format!("{}: the pattern is wrong", rule.id))?;
            // One letter or digit stands everywhere; one sign may be what the pattern turns on.
            let tells = |hint: &&str| hint.len() >= 2 || hint.bytes().all(|byte| byte.is_ascii_punctuation());
            let usable = !text.hints.is_empty() && text.hints.iter().all(tells);
            ensure(usable, || format!("{}: hints are missing or too short", rule.id))?;
        }
        let weaknesses = rule.cwe.iter().map(|number| format!("CWE-{number}"));
        let others = rule.atlas.iter().chain(rule.owasp).map(|id| (*id).to_owned());
        for id in weaknesses.chain(others) {
            ensure(clawsift::facts::taxonomy::title(&id).is_some(), || format!("{}: {id} is in no list", rule.id))?;
        }
        ensure(rule.summary.chars().count() <= 100, || format!("{}: summary too long", rule.id))?;
    }
    Ok(())
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}

fn examples(rule: &'static Rule) -> Result<(), Failed> {
    for (index, example) in rule.bad.iter().enumerate() {
        let (findings, marks) = run(rule, example);
        let said: BTreeSet<(String, u32, u32)> = findings.iter().map(spot).collect();
        ensure(!marks.is_empty(), || format!("bad example {index} marks no token"))?;
        ensure(said == marks, || {
            format!("bad example {index}: expected findings at {marks:?}, got {:#?}", brief(&findings))
        })?;
    }
    for (index, example) in rule.good.iter().enumerate() {
        let (findings, marks) = run(rule, example);
        ensure(marks.is_empty(), || format!("good example {index} marks a token"))?;
        ensure(findings.is_empty(), || format!("good example {index} fires: {:#?}", brief(&findings)))?;
    }
    Ok(())
}

fn spot(finding: &Settled) -> (String, u32, u32) {
    let at = &finding.location;
    (at.path.to_string(), at.offset, at.offset + at.length)
}

fn brief(findings: &[Settled]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {:?} {:?} {}", f.id, spot(f), f.key_path, f.message)).collect()
}

/// Writes an example to disk and runs this one rule over it, in the mildest profile that has it.
fn run(rule: &'static Rule, example: &Example) -> (Vec<Settled>, BTreeSet<(String, u32, u32)>) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("repo");
    fs::create_dir(&root).unwrap();
    let marks = write(&root, example);
    let mut options = Options::new(vec![root.clone()]);
    let profiles = [Profile::Regular, Profile::Strict, Profile::Upstream];
    options.wanted.profile = profiles.into_iter().find(|profile| rule.profiles.has(*profile)).unwrap();
    options.deep = true;
    options.wanted.release = Some(example.dialect.release);
    options.wanted.product = Some(example.dialect.product);
    options.select = vec![rule.id.to_owned()];
    options.threads = Some(1);
    options.settings = Settings::find(&root, None).map_err(|error| error.0).unwrap().0;
    if let Some(env) = example.env {
        let known: BTreeMap<String, String> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        options.wanted.env = Env::known(known);
    }
    if let Some(modes) = example.modes {
        options.state_dir = true;
        set_modes(&root, modes);
    }
    let verdict = clawsift::pipeline::run(&options).unwrap();
    (verdict.shown.into_iter().filter(|finding| finding.rule.id == rule.id).collect(), marks)
}

fn write(root: &Path, example: &Example) -> BTreeSet<(String, u32, u32)> {
    let mut marks = BTreeSet::new();
    for (path, text) in example.files {
        let mut plain: Vec<u8> = Vec::new();
        let text =
            text.replace("$STATE", &root.to_string_lossy()).replace("$LONG", &"tide ".repeat((256 << 10) / 5 + 1));
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('«') {
            let (token, tail) = after.split_once('»').expect("a mark is closed");
            push(&mut plain, before);
            let start = u32::try_from(plain.len()).unwrap();
            push(&mut plain, token);
            marks.insert(((*path).trim_end_matches('/').to_owned(), start, u32::try_from(plain.len()).unwrap()));
            rest = tail;
        }
        push(&mut plain, rest);
        if let Some((before, rest)) = path.split_once('{') {
            let (count, after) = rest.split_once('}').expect("a brace is closed");
            for number in 0..count.parse::<u32>().expect("a number of files") {
                let at = root.join(format!("{before}{number}{after}"));
                fs::create_dir_all(at.parent().unwrap()).unwrap();
                fs::write(at, &plain).unwrap();
            }
            continue;
        }
        let at = root.join(path);
        #[cfg(unix)]
        if let ("/", Some(target)) = (*path, link(&plain)) {
            let real = root.with_file_name(target);
            fs::rename(root, &real).unwrap();
            std::os::unix::fs::symlink(real, root).unwrap();
            continue;
        }
        if path.ends_with('/') {
            fs::create_dir_all(&at).unwrap();
            continue;
        }
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        match link(&plain) {
            #[cfg(unix)]
            Some(target) => std::os::unix::fs::symlink(target, &at).unwrap(),
            _ => fs::write(&at, plain).unwrap(),
        }
    }
    marks
}

/// Text, with the byte that is no UTF-8 for its placeholder.
fn push(plain: &mut Vec<u8>, text: &str) {
    for (index, part) in text.split("$FF").enumerate() {
        if index > 0 {
            plain.push(0xff);
        }
        plain.extend_from_slice(part.as_bytes());
    }
}

fn link(plain: &[u8]) -> Option<&str> {
    std::str::from_utf8(plain).ok()?.strip_prefix("link:")
}

#[cfg(unix)]
fn set_modes(root: &Path, modes: &[(&str, u32)]) {
    use std::os::unix::fs::PermissionsExt;
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.unwrap();
        if entry.path_is_symlink() {
            continue;
        }
        let mode = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
    }
    for (path, mode) in modes {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(*mode)).unwrap();
    }
}

#[cfg(not(unix))]
fn set_modes(_: &Path, _: &[(&str, u32)]) {}
