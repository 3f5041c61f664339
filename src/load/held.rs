//! Reads what a signed list of all files asks about beyond the files of its skill.

use sha2::{Digest, Sha256};

use super::skill::{below_root, digest_of};
use crate::digest::hex;
use crate::discover::{EntryKind, Tree};
use crate::model::skill::{Held, SkillFile};
use crate::path::join;
use crate::signature::manifest::{self, Listed, Manifest};

/// The files below `root` that are none of `files`, and those that `listed` names and the walk left out.
#[must_use]
pub fn held(tree: &Tree, root: &str, files: &[SkillFile], listed: &[Listed]) -> Vec<Held> {
    let is_own = |path: &str| files.binary_search_by(|file| (*file.path).cmp(path)).is_ok();
    let below = tree.under(root).filter(|entry| entry.kind != EntryKind::Dir);
    let nested = below.map(|entry| (below_root(root, &entry.path), entry.kind == EntryKind::File));
    let mut held: Vec<Held> =
        nested.filter(|(path, _)| !is_own(path)).map(|(path, is_file)| held_at(tree, root, path, is_file)).collect();
    let left_out = listed.iter().filter(|file| {
        let whole = join(root, &file.path);
        !is_own(&file.path) && tree.get(&whole).is_none() && tree.archive_of(&whole).is_none()
    });
    let left_out = left_out.filter_map(|file| Some((file, plain(tree, root, &file.path)?)));
    held.extend(left_out.map(|(file, is_file)| held_at(tree, root, &file.path, is_file)));
    held.sort_by(|one, other| one.path.cmp(&other.path));
    held
}

/// The files that the list of files in a skill names.
#[must_use]
pub fn listed(files: &[SkillFile]) -> Option<Vec<Listed>> {
    let at = files.binary_search_by(|file| (*file.path).cmp(manifest::NAME)).ok()?;
    let manifest = files.get(at).and_then(|file| Manifest::parse(file.source.text()?).ok());
    Some(manifest.map(|manifest| manifest.files).unwrap_or_default())
}

/// Does something stand at a path on disk, no directory on the way being a link, and is it a regular file?
fn plain(tree: &Tree, root: &str, path: &str) -> Option<bool> {
    let is_dir = |dir: &str| tree.on_disk(&join(root, dir)).symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let mut dirs = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    let meta = dirs.all(is_dir).then(|| tree.on_disk(&join(root, path)).symlink_metadata().ok()).flatten();
    meta.map(|meta| meta.is_file())
}

fn held_at(tree: &Tree, root: &str, path: &str, is_file: bool) -> Held {
    let whole = join(root, path);
    let mut held = Held { path: path.to_owned(), sha256: String::new(), bits: None };
    if !is_file {
        return held;
    }
    if let Some(file) = tree.memory.get(&*whole) {
        (held.sha256, held.bits) = (hex(&Sha256::digest(&file.bytes)), file.mode);
    } else if let Ok((_, sha256)) = digest_of(&tree.on_disk(&whole)) {
        (held.sha256, held.bits) = (sha256, crate::disk::mode_of(&tree.on_disk(&whole)));
    }
    held
}
