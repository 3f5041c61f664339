//! What the pages about pipelines say is what the action, the hooks and the program are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clawsift::cli::Cli;
use clawsift::source::FileId;
use clawsift::syntax::{NodeKind, yaml};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The code blocks of a page in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.trim() == format!("```{language}") {
            found.push(lines.by_ref().take_while(|line| line.trim() != "```").collect::<Vec<_>>().join("\n"));
        }
    }
    found
}

/// The names in the first column of the tables under a heading.
fn names(page: &str, heading: &str) -> BTreeSet<String> {
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let first = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    first.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_input_and_output_of_the_action_has_its_line() {
    let page = read("docs/ci.md");
    let action = yaml::parse(FileId(0), &read("action.yml")).unwrap();
    let NodeKind::Map(parts) = &action.root.kind else { panic!("no mapping") };
    let mut declared = BTreeSet::new();
    for part in parts.iter().filter(|part| matches!(&*part.key, "inputs" | "outputs")) {
        let NodeKind::Map(names) = &part.value.kind else { panic!("no mapping") };
        declared.extend(names.iter().map(|name| name.key.to_string()));
    }
    assert_eq!(names(&page, "Inputs and outputs of the action"), declared);
}

#[test]
fn every_yaml_block_is_yaml_and_names_this_version() {
    let page = read("docs/ci.md");
    let blocks = blocks(&page, "yaml");
    assert!(blocks.len() >= 5);
    for block in &blocks {
        let (_, oddities) = yaml::parse_at(FileId(0), block, 0).unwrap_or_else(|error| panic!("{error:?}: {block}"));
        assert!(oddities.is_empty(), "{block}");
    }
    let version = env!("CARGO_PKG_VERSION");
    let page = page + &read("README.md");
    for start in ["action-v", "rev: v", "--tag v", "ghcr.io/clawsift/clawsift:"] {
        for (at, _) in page.match_indices(start) {
            let rest = &page[at + start.len()..];
            assert!(rest.starts_with(version), "{start}{}", rest.lines().next().unwrap());
        }
    }
}

/// Every long flag that a page types after the name of the program.
fn flags(page: &str) -> BTreeSet<String> {
    let lines = page.lines().filter(|line| line.contains("clawsift ") || line.contains("set -- "));
    let words = lines.flat_map(|line| line.split([' ', '`', '"', ',', '.', ')'])).filter(|word| word.starts_with("--"));
    words.map(|word| word.split('=').next().unwrap().to_owned()).filter(|word| word.len() > 2).collect()
}

#[test]
fn every_flag_on_the_pages_exists() {
    // Of git, cargo, docker and gh, and of nothing of ours.
    const OTHERS: [&str; 8] =
        ["--rm", "--locked", "--path", "--tag", "--name-only", "--global", "--files", "--message"];
    fn collect(command: &clap::Command, known: &mut BTreeSet<String>) {
        known.extend(command.get_arguments().filter_map(clap::Arg::get_long).map(|long| format!("--{long}")));
        command.get_subcommands().for_each(|command| collect(command, known));
    }
    let mut known = BTreeSet::new();
    collect(&Cli::command(), &mut known);
    let typed: BTreeSet<String> =
        ["README.md", "docs/ci.md", "docs/troubleshooting.md"].iter().flat_map(|page| flags(&read(page))).collect();
    assert!(typed.len() > 8, "{typed:?}");
    let listed = |flag: &&String| known.contains(*flag) || OTHERS.contains(&flag.as_str());
    let unknown: Vec<_> = typed.iter().filter(|flag| !listed(flag)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(OTHERS.iter().all(|flag| !known.contains(*flag)));
}
