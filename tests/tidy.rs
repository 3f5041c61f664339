//! The shape of the house: stages import to the left only, only `main.rs` prints, files stay small.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Stages from left to right. A module may use its own rank and everything left of it.
const RANKS: &[(&str, u32)] = &[
    ("source", 0),
    ("work", 0),
    ("syntax", 1),
    ("secret", 1),
    ("view", 1),
    ("digest", 1),
    ("signature", 1),
    ("facts", 1),
    ("discover", 3),
    ("classify", 2),
    ("gitignore", 2),
    ("flow", 2),
    ("load", 4),
    ("git", 4),
    ("model", 5),
    ("finding", 5),
    ("rule", 5),
    ("rules", 6),
    ("scan", 7),
    ("check", 7),
    ("judge", 8),
    ("report", 9),
    ("explain", 9),
];

/// Imports to the right that are types only; each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // A finding names its rule, and a rule makes findings: one idea in two files.
    ("finding", "rule"),
    // What a name promises is said in the vocabulary of the model and of the walk.
    ("classify", "model"),
    ("classify", "discover"),
    ("discover", "model"),
    ("discover", "finding"),
    ("discover", "load"),
    // Files are read under the same limits everywhere.
    ("gitignore", "load"),
    ("load", "model"),
    ("load", "finding"),
    ("syntax", "model"),
    // The catalogue is printed by the reports and prints their links.
    ("report", "explain"),
];

/// Files that may pass 400 lines, with the reason.
const LONG: &[&str] = &[];

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn module_of(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn rank(module: &str) -> Option<u32> {
    RANKS.iter().find(|(name, _)| *name == module).map(|(_, rank)| *rank)
}

#[test]
fn a_stage_imports_only_stages_to_its_left() {
    let mut wrong = BTreeSet::new();
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        let Some(own) = rank(&module) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let allowed = name == module || EXCEPTIONS.contains(&(module.as_str(), name.as_str()));
                if rank(&name).is_some_and(|other| other > own) && !allowed {
                    wrong.insert(format!("{module} uses {name} ({})", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_main_prints_or_exits() {
    for path in sources(&root().join("src")) {
        if module_of(&path) == "main" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in ["println!", "eprintln!", "print!(", "process::exit", "io::stdout"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn files_stay_small() {
    for path in sources(&root().join("src")) {
        let shown = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= 420 || LONG.contains(&shown.as_str()),
            "{shown} has {lines} lines: find the second idea in it"
        );
    }
}

#[test]
fn no_file_is_a_drawer() {
    for path in sources(&root().join("src")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(!["helpers", "utils", "util", "misc", "common"].contains(&name.as_str()), "{}", path.display());
    }
}
