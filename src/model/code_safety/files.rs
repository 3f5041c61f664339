//! Which files of a skill or plugin the scan reads, and in which order.

use std::collections::BTreeSet;

use super::MOST_FILES;
use crate::discover::{Entry, EntryKind, Tree};

const EXTENSIONS: [&str; 8] = ["js", "ts", "mjs", "cjs", "mts", "cts", "jsx", "tsx"];

/// Is a file of this name read, judged by its extension?
#[must_use]
pub fn is_scanned(name: &str) -> bool {
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// The files that the scan of a directory reads: first those that a plugin's `package.json` names, even
/// hidden ones, then what the walk meets. Hidden entries, `node_modules` and links are passed over.
#[must_use]
pub fn scanned_files<'a>(tree: &'a Tree, dir: &'a str, named: &[&str]) -> Vec<&'a Entry> {
    let is_file = |entry: &&Entry| entry.kind == EntryKind::File;
    let mut files: Vec<&Entry> = Vec::new();
    let mut seen = BTreeSet::new();
    let named = named.iter().filter_map(|path| tree.get(path)).filter(is_file);
    for entry in named.filter(|entry| is_scanned(name_of(&entry.path))) {
        if seen.insert(&*entry.path) {
            files.push(entry);
        }
    }
    let mut dirs = vec![dir];
    while let Some(dir) = dirs.pop() {
        for (name, entry) in tree.children(dir) {
            if files.len() >= MOST_FILES {
                files.truncate(MOST_FILES);
                return files;
            }
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            match entry.kind {
                EntryKind::Dir => dirs.push(&entry.path),
                EntryKind::File if is_scanned(name) && seen.insert(&*entry.path) => files.push(entry),
                _ => {}
            }
        }
    }
    files
}

fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
