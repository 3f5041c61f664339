//! Reads what a signed list of all files asks about beyond the files of its skill.

use sha2::{Digest, Sha256};

use super::skill::{below_root, hashed};
use crate::digest::hex;
use crate::discover::{Entry, EntryKind, Tree};
use crate::model::places::join;
use crate::model::skill::{Held, SkillFile};
use crate::signature::manifest::{self, Manifest};

/// The files below `root` that are none of `files`, and those that the list of files names and the walk left out.
#[must_use]
pub fn held(tree: &Tree, root: &str, files: &[SkillFile]) -> Vec<Held> {
    let Ok(list) = files.binary_search_by(|file| (*file.path).cmp(manifest::NAME)) else { return Vec::new() };
    let listed = files.get(list).and_then(|file| Manifest::parse(file.source.text()?).ok());
    let is_own = |path: &str| files.binary_search_by(|file| (*file.path).cmp(path)).is_ok();
    let below: Vec<&Entry> = tree.under(root).filter(|entry| entry.kind != EntryKind::Dir).collect();
    let nested = below.iter().map(|entry| (below_root(root, &entry.path), entry.kind == EntryKind::File));
    let mut held: Vec<Held> =
        nested.filter(|(path, _)| !is_own(path)).map(|(path, is_file)| held_at(tree, root, path, is_file)).collect();
    let left_out = listed.iter().flat_map(|list| &list.files).filter(|file| {
        let whole = join(root, &file.path);
        !is_own(&file.path) && tree.get(&whole).is_none() && tree.archive_of(&whole).is_none()
    });
    let there = |path: &str| {
        // No directory on the way may be a link.
        let dirs = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        let plain = dirs
            .map(|dir| tree.on_disk(&join(root, dir)))
            .all(|dir| dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()));
        plain.then(|| tree.on_disk(&join(root, path)).symlink_metadata().ok()).flatten()
    };
    let left_out = left_out.filter_map(|file| Some((file, there(&file.path)?)));
    held.extend(left_out.map(|(file, meta)| held_at(tree, root, &file.path, meta.is_file())));
    held.sort_by(|one, other| one.path.cmp(&other.path));
    held
}

fn held_at(tree: &Tree, root: &str, path: &str, is_file: bool) -> Held {
    let whole = join(root, path);
    let mut held = Held { path: path.to_owned(), sha256: String::new(), bits: None };
    if !is_file {
        return held;
    }
    if let Some(file) = tree.memory.get(&*whole) {
        (held.sha256, held.bits) = (hex(&Sha256::digest(&file.bytes)), file.mode);
    } else if let Ok((_, sha256)) = hashed(&tree.on_disk(&whole)) {
        (held.sha256, held.bits) = (sha256, crate::discover::mode_of(&tree.on_disk(&whole)));
    }
    held
}
