//! Which harmless difference explains that a tree has another digest than the one that was recorded.
//!
//! Nobody can read a tree out of a digest, but a guess can be proved: git keeps no empty directories,
//! may rewrite line endings, and programs leave caches behind. Each is undone, and the digest tells.

use std::collections::BTreeSet;

use super::{DigestEntry, DigestKind, file_tree_sha256};

/// What was undone until the digest was the recorded one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// The manifest, taken as it was recorded.
    pub manifest: bool,
    /// Every text has other line endings.
    pub line_endings: bool,
    /// Files that programs and systems leave behind: not there when the skill was installed.
    pub leftovers: Vec<String>,
    /// Directories that were empty, and that git does not keep.
    pub empty_dirs: Vec<String>,
}

/// The trees to start from.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    /// As the tree is.
    pub plain: Vec<DigestEntry>,
    /// Its texts with CRLF, and with LF; none when that changes nothing.
    pub converted: Vec<Vec<DigestEntry>>,
    /// Path and SHA-256 of the manifest as it was recorded, when it is another now.
    pub manifest: Option<(String, String)>,
    /// Directories that its texts name.
    pub named_dirs: BTreeSet<String>,
}

/// Directories that skills usually have, the most usual first.
const USUAL_DIRS: [&str; 12] = [
    "scripts",
    "references",
    "assets",
    "templates",
    "examples",
    "resources",
    "data",
    "docs",
    "tests",
    "output",
    "config",
    "hooks",
];
/// How many of them a new skill begins with.
const FIRST_DIRS: usize = 3;
/// Directories that are tried, at most.
const MOST_DIRS: usize = 24;
/// Bytes that are hashed to find an explanation, at most.
const MOST_WORK: usize = 64 << 20;

/// The first explanation that gives the recorded digest, the simplest first.
#[must_use]
pub fn explain(forms: &Forms, recorded: &str) -> Option<Likeness> {
    let mut left = MOST_WORK;
    let plain = std::iter::once((false, &forms.plain));
    for (line_endings, entries) in plain.chain(forms.converted.iter().map(|entries| (true, entries))) {
        let leftovers = leftovers(entries);
        let manifests: &[_] = if forms.manifest.is_some() { &[None, forms.manifest.as_ref()] } else { &[None] };
        for without in [false, true].into_iter().filter(|without| !without || !leftovers.is_empty()) {
            for manifest in manifests {
                let tree = changed(entries, without, *manifest);
                let Some(empty_dirs) = with_dirs(&tree, &forms.named_dirs, recorded, &mut left) else { continue };
                let leftovers = if without { leftovers } else { Vec::new() };
                return Some(Likeness { manifest: manifest.is_some(), line_endings, leftovers, empty_dirs });
            }
        }
    }
    None
}

fn changed(entries: &[DigestEntry], without: bool, manifest: Option<&(String, String)>) -> Vec<DigestEntry> {
    let kept = entries.iter().filter(|entry| !without || !is_leftover(&entry.path)).cloned();
    let as_recorded = |mut entry: DigestEntry| {
        if let Some((_, sha256)) = manifest.filter(|(path, _)| *path == entry.path) {
            entry.kind = DigestKind::File(sha256.clone());
        }
        entry
    };
    kept.map(as_recorded).collect()
}

/// The empty directories that are missing: none, one, two, or the three that a new skill begins with.
fn with_dirs(tree: &[DigestEntry], named: &BTreeSet<String>, recorded: &str, left: &mut usize) -> Option<Vec<String>> {
    let size = tree.iter().map(|entry| entry.path.len() + 100).sum::<usize>() + 1;
    let mut fits = |more: &[&str]| {
        let Some(rest) = left.checked_sub(size) else { return false };
        *left = rest;
        let more = more.iter().map(|dir| DigestEntry { path: (*dir).to_owned(), kind: DigestKind::Dir });
        let tree: Vec<DigestEntry> = tree.iter().cloned().chain(more).collect();
        file_tree_sha256(&tree).is_ok_and(|digest| digest == recorded)
    };
    let dirs = absent_dirs(tree, named);
    let found = (|| {
        if fits(&[]) {
            return Some(Vec::new());
        }
        for (at, one) in dirs.iter().enumerate() {
            if fits(&[one]) {
                return Some(vec![*one]);
            }
            if let Some(two) = dirs.iter().take(at).find(|two| fits(&[two, one])) {
                return Some(vec![*two, *one]);
            }
        }
        let first: Vec<&str> = dirs.iter().copied().filter(|dir| USUAL_DIRS[..FIRST_DIRS].contains(dir)).collect();
        (first.len() == FIRST_DIRS && fits(&first)).then_some(first)
    })();
    found.map(|dirs| dirs.into_iter().map(str::to_owned).collect())
}

/// Directories that may have been there: those that a new skill has, those that texts name, usual ones.
fn absent_dirs<'a>(tree: &[DigestEntry], named: &'a BTreeSet<String>) -> Vec<&'a str> {
    let there: BTreeSet<&str> = tree.iter().flat_map(|entry| with_parents(&entry.path)).collect();
    let (first, others) = USUAL_DIRS.split_at(FIRST_DIRS);
    let mut dirs = Vec::new();
    for dir in first.iter().copied().chain(named.iter().map(String::as_str)).chain(others.iter().copied()) {
        if !there.contains(dir) && !dirs.contains(&dir) && dirs.len() < MOST_DIRS {
            dirs.push(dir);
        }
    }
    dirs
}

/// A path and the directories above it.
fn with_parents(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    above.chain([path])
}

/// The topmost paths that programs and systems leave behind.
fn leftovers(entries: &[DigestEntry]) -> Vec<String> {
    let top = |path: &str| with_parents(path).find(|part| is_leftover(part)).map(str::to_owned);
    let found: BTreeSet<String> = entries.iter().filter_map(|entry| top(&entry.path)).collect();
    found.into_iter().collect()
}

/// Does a path lie in a cache, or is it a file of an editor or of a file manager?
fn is_leftover(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(
            part,
            "__pycache__"
                | "node_modules"
                | ".pytest_cache"
                | ".ruff_cache"
                | ".mypy_cache"
                | ".venv"
                | ".DS_Store"
                | "Thumbs.db"
                | "desktop.ini"
        ) || [".pyc", ".swp", "~"].iter().any(|end| part.ends_with(end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> DigestEntry {
        DigestEntry { path: path.to_owned(), kind: DigestKind::of_bytes(text.as_bytes()) }
    }

    fn dir(path: &&str) -> DigestEntry {
        DigestEntry { path: (*path).to_owned(), kind: DigestKind::Dir }
    }

    fn digest(entries: &[DigestEntry]) -> String {
        file_tree_sha256(entries).unwrap_or_default()
    }

    fn plain(entries: &[DigestEntry]) -> Forms {
        Forms { plain: entries.to_vec(), ..Forms::default() }
    }

    #[test]
    fn empty_directories_are_found_by_trying() {
        let tree = [file("SKILL.md", "x"), file("docs/a.md", "y")];
        let with = |dirs: &[&str]| digest(&[tree.to_vec(), dirs.iter().map(dir).collect()].concat());
        for dirs in [&["assets"][..], &["references", "scripts"], &["assets", "references", "scripts"]] {
            let mut found = explain(&plain(&tree), &with(dirs)).unwrap_or_default();
            found.empty_dirs.sort_unstable();
            assert_eq!(found.empty_dirs, dirs);
            assert_eq!(Likeness { empty_dirs: Vec::new(), ..found }, Likeness::default());
        }
        assert_eq!(explain(&plain(&tree), &with(&["unheard-of"])), None);
        let named = Forms { named_dirs: BTreeSet::from(["out/daily".to_owned()]), ..plain(&tree) };
        assert_eq!(explain(&named, &with(&["out/daily"])).unwrap_or_default().empty_dirs, ["out/daily"]);
    }

    #[test]
    fn caches_line_endings_and_the_manifest_are_undone() {
        let installed = [file("SKILL.md", "a\n"), file("run.py", "b\n")];
        let recorded = digest(&installed);
        let now = [file("SKILL.md", "a\n"), file("run.py", "b\n"), file("__pycache__/run.pyc", "?"), file("x~", "?")];
        let found = explain(&plain(&now), &recorded).unwrap_or_default();
        assert_eq!(found.leftovers, ["__pycache__", "x~"]);
        let forms = Forms {
            plain: vec![file("SKILL.md", "a\r\n"), file("run.py", "b\r\n")],
            converted: vec![installed.to_vec()],
            ..Forms::default()
        };
        assert_eq!(explain(&forms, &recorded), Some(Likeness { line_endings: true, ..Likeness::default() }));
        let edited = [file("SKILL.md", "edited"), file("run.py", "b\n")];
        let DigestKind::File(sha256) = installed[0].kind.clone() else { return };
        let forms = Forms { manifest: Some(("SKILL.md".to_owned(), sha256)), ..plain(&edited) };
        assert_eq!(explain(&forms, &recorded), Some(Likeness { manifest: true, ..Likeness::default() }));
        assert_eq!(explain(&plain(&edited), &recorded), None);
    }

    #[test]
    fn a_great_tree_ends_the_search() {
        let tree: Vec<DigestEntry> = (0..20_000).map(|number| file(&format!("files/{number:060}"), "x")).collect();
        assert_eq!(explain(&plain(&tree), "sha256:0"), None);
    }
}
