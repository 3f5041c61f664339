//! What is printed from the rule table stays true. `CLAWSIFT_BLESS=1 cargo test` rewrites the files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clawsift::finding::Safety;
use clawsift::rule::Rule;
use clawsift::{explain, pipeline, rules};

fn same(path: &str, expected: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("CLAWSIFT_BLESS").is_some() {
        fs::write(&full, expected).unwrap();
    }
    let found = fs::read_to_string(&full).unwrap_or_default();
    assert!(found == expected, "{path} is out of date: run CLAWSIFT_BLESS=1 cargo test --test docs");
}

#[test]
fn the_rule_page_is_printed_from_the_table() {
    same("docs/rules.md", &explain::document());
}

#[test]
fn the_page_of_fixes_lists_what_the_examples_are_offered() {
    let mut out = "# What each rule offers\n\nGenerated from the examples of the rules; do not edit. How fixes are made is told in \
                   [fixes.md](fixes.md).\n\n| rule | fix | for example |\n| --- | --- | --- |\n"
        .to_owned();
    let mut all: Vec<&Rule> = rules::all().collect();
    all.sort_by_key(|rule| rule.id);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let offered: Vec<_> = std::thread::scope(|scope| {
        let parts: Vec<_> = all
            .chunks(all.len().div_ceil(threads))
            .map(|part| scope.spawn(|| part.iter().map(|rule| (*rule, offers(rule))).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    for (rule, fixes) in offered {
        for (safety, title) in fixes {
            let title = title.replace('|', "\\|").replace('<', "\\<");
            let _ = writeln!(out, "| `{}` | {} | {title} |", rule.id, safety.as_str());
        }
    }
    same("docs/fixes-by-rule.md", &out);
}

/// One fix of each kind that the bad examples of a rule are offered.
fn offers(rule: &'static Rule) -> BTreeMap<Safety, String> {
    let mut found = BTreeMap::new();
    for example in rule.bad {
        let mut staged = common::example::stage(rule, example);
        staged.options.settings.local_skills = vec!["**".to_owned()];
        for finding in pipeline::run(&staged.options).unwrap().shown {
            if let Some(fix) = finding.fix.filter(|_| finding.rule.id == rule.id) {
                found.entry(fix.safety).or_insert(fix.title);
            }
        }
    }
    found
}

#[test]
fn the_page_of_red_flags_is_printed_from_its_table() {
    same("docs/red-flags.md", &explain::red_flag_page());
}

#[test]
fn every_red_flag_has_its_rules() {
    let flags = explain::red_flags();
    let known = |id: &str| rules::all().any(|rule| clawsift::rule::selects(id, rule));
    let unknown: Vec<_> = flags.iter().flat_map(|flag| &flag.ids).filter(|id| !known(id)).collect();
    assert!(unknown.is_empty(), "schemas/skills/red-flags.txt names {unknown:?}, which are no rules");
    let listed = |rule: &Rule| {
        flags.iter().any(|flag| flag.level == rule.red_flag && flag.rules().any(|other| other.id == rule.id))
    };
    let unlisted: Vec<_> =
        rules::all().filter(|rule| rule.red_flag.is_some() && !listed(rule)).map(|rule| rule.id).collect();
    assert!(unlisted.is_empty(), "schemas/skills/red-flags.txt does not list {unlisted:?} under their level");
}

#[test]
fn the_settings_schema_is_printed_from_the_table() {
    same("schemas/settings.schema.json", &format!("{:#}\n", explain::settings_schema()));
}

/// The limits in the source: every constant whose name says that it is one, with its value and its comment.
fn limits() -> Vec<[String; 3]> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        walkdir::WalkDir::new(root.join("src")).into_iter().map(|entry| entry.unwrap().into_path()).collect();
    files.sort();
    let mut found = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let shown = path.strip_prefix(root.join("src")).unwrap().display().to_string().replace('\\', "/");
        let mut comment = String::new();
        for line in code.lines().map(str::trim) {
            if let Some(words) = line.strip_prefix("///") {
                comment = format!("{comment} {}", words.trim());
                continue;
            }
            let comment = std::mem::take(&mut comment);
            let Some((_, constant)) =
                line.split_once("const ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
            else {
                continue;
            };
            let Some((name, value)) = constant.trim_end_matches(';').split_once(" = ") else { continue };
            let name = name.split(':').next().unwrap();
            if ["MOST", "MAX_", "LONGEST", "DEEPEST"].iter().any(|start| name.starts_with(start)) {
                let first = comment.trim().split(". ").next().unwrap().trim_end_matches('.').replace('|', "\\|");
                found.push([format!("{shown} `{name}`"), number(value), first]);
            }
        }
    }
    found
}

/// A number as people write it.
fn number(value: &str) -> String {
    for (shift, unit) in [(" << 20", "Mi"), (" << 10", "Ki")] {
        if let Some(count) = value.strip_suffix(shift) {
            return format!("{count} {unit}");
        }
    }
    value.replace('_', ",")
}

#[test]
fn the_page_of_limits_lists_them_all() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md")).unwrap();
    let heading = "## All limits";
    let (before, after) = page.split_once(heading).unwrap();
    let introduction = after.trim_start().lines().next().unwrap();
    let mut table = "| where | limit | of what |\n| --- | --- | --- |\n".to_owned();
    let limits = limits();
    assert!(limits.len() > 80, "{} limits were found", limits.len());
    table.extend(limits.iter().map(|[name, value, what]| format!("| {name} | {value} | {what} |\n")));
    same("docs/limits.md", &format!("{before}{heading}\n\n{introduction}\n\n{table}"));
}

#[test]
fn every_rule_can_be_explained() {
    for rule in rules::all() {
        let text = explain::text(rule);
        assert!(text.contains(rule.why) && text.contains(rule.remedy) && !text.contains('«'), "{}", rule.id);
    }
}

#[test]
fn the_readme_tells_how_many_rules_there_are() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let count = rules::all().count();
    assert!(readme.contains(&format!("{count} rules")), "README.md should say `{count} rules`");
}

#[test]
fn retired_ids_are_never_used_again() {
    let retired = include_str!("../schemas/retired-ids.txt");
    for id in retired.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert!(rules::all().all(|rule| rule.id != id), "{id} was retired");
    }
}

#[test]
fn the_readme_shows_a_real_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(root.join("fixtures/demo")) {
        let entry = entry.unwrap();
        let to = copy.path().join(entry.path().strip_prefix(root.join("fixtures/demo")).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    let run = assert_cmd::Command::cargo_bin("clawsift").unwrap().arg("check").arg(copy.path()).output().unwrap();
    let real = String::from_utf8(run.stdout).unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let excerpt = readme.split("```\n").nth(1).unwrap();
    for line in excerpt.lines().skip(1).filter(|line| !line.is_empty()) {
        assert!(real.lines().any(|other| other == line), "README.md shows `{line}`, which no run prints");
    }
}
