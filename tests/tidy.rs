//! The shape of the house: stages import to the left only, only `main.rs` prints, files stay small.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Stages from left to right. A module may use its own rank and everything left of it.
const RANKS: &[(&str, u32)] = &[
    ("source", 0),
    ("path", 0),
    ("kind", 0),
    ("diagnostic", 0),
    ("work", 0),
    ("syntax", 1),
    ("secret", 1),
    ("view", 1),
    ("digest", 1),
    ("signature", 1),
    ("facts", 1),
    ("discover", 3),
    ("classify", 2),
    ("disk", 2),
    ("gitignore", 2),
    ("flow", 2),
    ("load", 4),
    ("git", 4),
    ("model", 5),
    ("writing", 5),
    ("finding", 5),
    ("rule", 5),
    ("rules", 6),
    ("settings", 7),
    ("baseline", 7),
    ("cli", 7),
    ("options", 7),
    ("scan", 7),
    ("check", 7),
    ("judge", 8),
    ("posture", 8),
    ("fix", 9),
    ("report", 9),
    ("explain", 9),
    ("pipeline", 10),
    ("done", 11),
    ("drift", 11),
    ("baselining", 11),
    ("compare", 11),
    ("keys", 11),
    ("init", 11),
    ("log", 11),
    ("signing", 11),
    ("verify", 11),
    ("lib", 12),
    ("progress", 12),
    ("main", 12),
];

/// Imports to the right that are types only; each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // A loader fills the types of the model.
    ("load", "model"),
    // Only its content tells an audit log.
    ("discover", "load"),
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

/// The code of a file without its tests and comments.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// How many modules a file lies below the root of the crate: `src/a.rs` and `src/a/mod.rs` one, `src/a/b.rs` two.
fn depth_of(path: &Path) -> usize {
    let below = path.strip_prefix(root().join("src")).unwrap();
    below.components().count() - usize::from(below.ends_with("mod.rs"))
}

/// The modules of the crate's root that some code names.
fn used(code: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let from_root = ["crate::".to_owned(), "super::".repeat(depth)];
    for root in from_root.iter().filter(|root| !root.is_empty()) {
        for (at, _) in code.match_indices(root.as_str()) {
            let before = code.get(..at).unwrap_or_default();
            let rest = code.get(at + root.len()..).unwrap_or_default();
            // A longer chain of `super::` was met before.
            if before.ends_with("super::") || rest.starts_with("super::") {
                continue;
            }
            let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            let Some(group) = rest.strip_prefix('{') else {
                found.insert(word(rest));
                continue;
            };
            // `use crate::{a::{b, c}, d};` names `a` and `d`.
            let (mut level, mut start) = (1, true);
            for (at, c) in group.char_indices() {
                match c {
                    '{' => level += 1,
                    '}' => level -= 1,
                    ',' if level == 1 => start = true,
                    c if c.is_alphabetic() && level == 1 && start => {
                        start = false;
                        found.insert(word(&group[at..]));
                    }
                    _ => {}
                }
                if level == 0 {
                    break;
                }
            }
        }
    }
    found
}

#[test]
fn imports_of_every_spelling_are_seen() {
    let all = |code: &str, depth| used(code, depth).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(all("use crate::a::B;\ncrate::c::d()", 1), "a c");
    assert_eq!(all("use crate::{a::{b, c}, d, e::f};", 1), "a d e");
    assert_eq!(all("use super::super::a::B;\nuse super::b;", 2), "a");
    assert_eq!(all("use super::{a, b};", 1), "a b");
    assert_eq!(
        code_of("#[cfg(test)]\nuse a;\n// crate::b\ncrate::c\n#[cfg(test)]\nmod tests {\ncrate::d\n"),
        "#[cfg(test)]\nuse a;\ncrate::c"
    );
}

#[test]
fn a_stage_imports_only_stages_to_its_left() {
    let mut wrong = BTreeSet::new();
    let mut needed = BTreeSet::new();
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        let Some(own) = rank(&module) else { panic!("{module} has no rank") };
        let code = code_of(&fs::read_to_string(&path).unwrap());
        for name in used(&code, depth_of(&path)) {
            if rank(&name).is_none_or(|other| other <= own) {
                continue;
            }
            match EXCEPTIONS.iter().find(|known| **known == (module.as_str(), name.as_str())) {
                Some(known) => drop(needed.insert(*known)),
                None => drop(wrong.insert(format!("{module} uses {name} ({})", path.display()))),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let idle: Vec<_> = EXCEPTIONS.iter().filter(|known| !needed.contains(*known)).collect();
    assert!(idle.is_empty(), "nobody needs {idle:?} any more");
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
