//! A directory as it lies on disk, whole: nested skills, what excludes leave out and empty directories
//! too. OpenClaw's digest of an installed skill is about all of that.

use std::path::{Path, PathBuf};

use super::skill::{MAX_SKILL_FILES, digest_of};
use crate::digest::{DigestEntry, DigestKind, file_tree_sha256, is_record};
use crate::discover::{EntryKind, MAX_DEPTH, Tree, relative};
use crate::disk::io_reason;
use crate::path::lexical;

/// Why a directory has no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undigested {
    /// It does not exist.
    Missing(String),
    /// It is a file.
    NotADirectory(String),
    /// It holds something that OpenClaw refuses to digest: a link, a device, a name that is no text.
    Refused(String),
    /// Something in it could not be read, or a limit was hit.
    Unreadable(String),
}

impl Undigested {
    /// The reason as one sentence without full stop.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Missing(reason) | Self::NotADirectory(reason) | Self::Refused(reason) | Self::Unreadable(reason) => {
                reason
            }
        }
    }
}

/// The `fileTreeSha256` of a directory on disk, as OpenClaw 2026.9.6 makes it. A link that is itself
/// named is followed, as OpenClaw does.
///
/// # Errors
/// When OpenClaw makes none either, or when something cannot be read.
pub fn tree_sha256(dir: &Path) -> Result<String, Undigested> {
    let mut entries = listed(dir, false)?;
    // What has no digest is known before the first byte is read.
    file_tree_sha256(&entries).map_err(Undigested::Refused)?;
    hash(dir, &mut entries)?;
    file_tree_sha256(&entries).map_err(Undigested::Refused)
}

/// Everything below a directory of the scanned tree, on disk or in an archive, with its hash. A file
/// with several names is one like others, and a `.git` is left out: neither is a property of the repository.
///
/// # Errors
/// When something in it cannot be read.
pub fn entries(tree: &Tree, root: &str) -> Result<Vec<DigestEntry>, Undigested> {
    if tree.archive_of(root).is_some() {
        return Ok(packed(tree, root));
    }
    let dir = tree.on_disk(root);
    let mut entries = listed(&dir, true)?;
    for entry in &mut entries {
        if entry.kind == DigestKind::HardLink {
            entry.kind = DigestKind::File(String::new());
        }
    }
    hash(&dir, &mut entries)?;
    Ok(entries)
}

/// The same from memory.
fn packed(tree: &Tree, root: &str) -> Vec<DigestEntry> {
    let below = |path: &str| path.strip_prefix(root).map_or(path, |rest| rest.trim_start_matches('/')).to_owned();
    let kind = |path: &str, kind: &EntryKind| match kind {
        EntryKind::Dir => DigestKind::Dir,
        EntryKind::Link { .. } => DigestKind::Link,
        EntryKind::Special => DigestKind::Special,
        EntryKind::File => tree.memory.get(path).map_or(DigestKind::Special, |file| DigestKind::of_bytes(&file.bytes)),
    };
    let entry = |path: &str, of: &EntryKind| DigestEntry { path: below(path), kind: kind(path, of) };
    let all = tree.under(root).map(|found| entry(&found.path, &found.kind));
    all.filter(|entry| !is_record(&entry.path) && !entry.path.split('/').any(|part| part == ".git")).collect()
}

/// What lies below a directory, files not yet read.
fn listed(dir: &Path, without_git: bool) -> Result<Vec<DigestEntry>, Undigested> {
    match std::fs::metadata(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Undigested::Missing("does not exist".to_owned()));
        }
        Err(error) => return Err(Undigested::Unreadable(io_reason(&error))),
        Ok(meta) if !meta.is_dir() => return Err(Undigested::NotADirectory("is not a directory".to_owned())),
        Ok(_) => {}
    }
    let mut entries = Vec::new();
    let mut counts = [0_usize; 2];
    let mut walker = walkdir::WalkDir::new(dir)
        .follow_links(false)
        .min_depth(1)
        .max_depth(MAX_DEPTH)
        .sort_by_file_name()
        .into_iter();
    while let Some(step) = walker.next() {
        let step = step.map_err(|error| {
            let path = error.path().map(|path| relative(dir, path)).unwrap_or_default();
            let reason = error.io_error().map_or_else(|| error.to_string(), io_reason);
            Undigested::Unreadable(format!("{path} cannot be read: {reason}"))
        })?;
        let path = relative(dir, step.path());
        if is_record(&path) || without_git && step.file_name() == ".git" {
            if step.file_type().is_dir() {
                walker.skip_current_dir();
            }
            continue;
        }
        if step.file_name().to_str().is_none() {
            return Err(Undigested::Refused(format!("the name {path} is no text")));
        }
        let kind = kind_of(&step).map_err(|error| Undigested::Unreadable(format!("{path}: {}", io_reason(&error))))?;
        let is_dir = kind == DigestKind::Dir;
        if is_dir && step.depth() == MAX_DEPTH {
            return Err(Undigested::Unreadable(format!("{path} is nested deeper than {MAX_DEPTH} directories")));
        }
        let count = &mut counts[usize::from(is_dir)];
        *count += 1;
        if *count > MAX_SKILL_FILES {
            let what = if is_dir { "directories" } else { "files" };
            return Err(Undigested::Unreadable(format!("more than {MAX_SKILL_FILES} {what} in one skill")));
        }
        entries.push(DigestEntry { path, kind });
    }
    Ok(entries)
}

fn kind_of(step: &walkdir::DirEntry) -> std::io::Result<DigestKind> {
    let kind = step.file_type();
    if kind.is_symlink() {
        Ok(DigestKind::Link)
    } else if kind.is_dir() {
        Ok(DigestKind::Dir)
    } else if !kind.is_file() {
        Ok(DigestKind::Special)
    } else if has_other_names(&std::fs::symlink_metadata(step.path())?) {
        Ok(DigestKind::HardLink)
    } else {
        Ok(DigestKind::File(String::new()))
    }
}

#[cfg(unix)]
fn has_other_names(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.nlink() > 1
}

/// Elsewhere the standard library does not tell.
#[cfg(not(unix))]
fn has_other_names(_: &std::fs::Metadata) -> bool {
    false
}

/// Reads the files.
fn hash(dir: &Path, entries: &mut [DigestEntry]) -> Result<(), Undigested> {
    for entry in entries {
        let DigestKind::File(digest) = &mut entry.kind else { continue };
        let at: PathBuf = lexical(&dir.join(&entry.path));
        match digest_of(&at) {
            Ok((_, sha256)) => *digest = sha256,
            Err(reason) => return Err(Undigested::Unreadable(format!("{}: {reason}", entry.path))),
        }
    }
    Ok(())
}
