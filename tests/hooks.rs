//! `.pre-commit-hooks.yaml` and the program agree: the flags exist, and no file that is read is passed over.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Parser;
use clawsift::classify;
use clawsift::cli::Cli;
use clawsift::source::FileId;
use clawsift::syntax::{Node, NodeKind, yaml};
use regex::Regex;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn hooks() -> Vec<Node> {
    let document = yaml::parse(FileId(0), &read(".pre-commit-hooks.yaml")).unwrap();
    let NodeKind::List(hooks) = document.root.kind else { panic!("no list of hooks") };
    hooks
}

fn text<'a>(hook: &'a Node, key: &str) -> &'a str {
    let NodeKind::Map(members) = &hook.kind else { panic!("no hook") };
    let value = members.iter().find(|member| &*member.key == key).map(|member| &member.value.kind);
    let Some(NodeKind::String(text)) = value else { return "" };
    text
}

/// The pattern of the first hook, which the others refer to.
fn pattern() -> Regex {
    Regex::new(text(hooks().first().unwrap(), "files")).unwrap()
}

#[test]
fn every_entry_is_a_command_of_this_program() {
    let hooks = hooks();
    let ids: Vec<_> = hooks.iter().map(|hook| text(hook, "id")).collect();
    assert_eq!(ids, ["clawsift", "clawsift-system", "clawsift-repo", "clawsift-docker"]);
    for hook in &hooks {
        let mut words: Vec<_> = text(hook, "entry").split(' ').collect();
        if text(hook, "language") == "docker_image" {
            let image = format!("ghcr.io/clawsift/clawsift:{}", env!("CARGO_PKG_VERSION"));
            assert_eq!(words[0], image, "the image of this version");
        }
        words[0] = "clawsift";
        Cli::try_parse_from(words).unwrap();
    }
    let all = read(".pre-commit-hooks.yaml");
    assert_eq!((all.matches("files: &files").count(), all.matches("files: *files").count()), (1, 3));
}

/// What stands between double quotes in a source, as far as names of files are made of it.
fn words(source: &str) -> BTreeSet<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let quoted = code.split('"').skip(1).step_by(2);
    let is_name = |word: &&str| {
        !word.is_empty() && word.len() < 40 && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-~/".contains(c))
    };
    quoted.filter(is_name).map(|word| word.trim_matches('/').to_owned()).collect()
}

/// Does the program read a file of this name wherever it lies?
fn is_read(path: &str) -> bool {
    classify::by_name(path).is_some()
        || classify::unit_kind(path).is_some()
        || classify::is_log_name(path)
        || classify::is_readable_alone(path)
}

#[test]
fn no_name_that_is_read_is_left_out() {
    let pattern = pattern();
    let sources = [
        "src/classify.rs",
        "src/model/places.rs",
        "src/model/keyring.rs",
        "src/model/audit_log/anchor.rs",
        "src/model/audit_log/attested.rs",
        "src/digest.rs",
    ];
    let words: BTreeSet<String> = sources.iter().flat_map(|path| words(&read(path))).collect();
    assert!(words.len() > 150, "{} words were found", words.len());
    let names: Vec<String> = words
        .iter()
        .flat_map(|word| {
            let stem = word.trim_start_matches('.');
            [word.clone(), format!("x.{stem}"), format!("x{word}"), format!("{word}x"), format!("{word}.x")]
                .into_iter()
                .chain([format!("openclaw.json{word}"), format!("openclaw-{stem}.json")])
                .chain([format!("compose.{stem}"), format!("audit.{stem}.1")])
        })
        .collect();
    let mut read = BTreeSet::new();
    for name in &names {
        let below = words.iter().map(|dir| format!("{dir}/{name}"));
        for path in below.chain([name.clone(), format!("d/{name}")]) {
            if is_read(&path) {
                read.insert(path);
            }
        }
    }
    assert!(read.len() > 1000, "{} names are read", read.len());
    let missed: Vec<_> = read.iter().filter(|path| !pattern.is_match(path)).take(20).collect();
    assert!(missed.is_empty(), "the pattern of .pre-commit-hooks.yaml misses {missed:#?}");
}

#[test]
fn what_an_agent_loads_and_includes_is_covered() {
    let pattern = pattern();
    for path in [
        "skills/a/tool",
        "skills/a/assets/logo.png",
        "x/skill/data.bin",
        "weather/SKILL.md",
        "weather/main.py",
        "config/channels.json5",
        "config/parts/agents.json",
        ".clawhub/lock.json",
        "skill.zip",
        "a/b.skill",
        "state/.env.local",
        "logs/audit.log.2",
    ] {
        assert!(pattern.is_match(path), "{path}");
    }
    for path in ["src/main.rs", "logo.png", "skillset.txt", "LICENSE", "go.sum", "docs/environment.rst"] {
        assert!(!pattern.is_match(path), "{path}");
    }
}
