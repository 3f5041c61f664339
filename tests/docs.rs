//! What is printed from the rule table stays true. `CLAWSIFT_BLESS=1 cargo test` rewrites the files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use clawsift::{explain, rules};

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
fn the_settings_schema_is_printed_from_the_table() {
    same("schemas/settings.schema.json", &format!("{:#}\n", explain::settings_schema()));
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
