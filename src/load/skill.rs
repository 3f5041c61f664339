//! Reads a skill: its directory without the skills nested in it, file by file, under limits.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::decode::{decode, is_text};
use super::inside::inside;
use super::links::{leads, settle_links};
use super::{fetch, fetch_by_head};
use crate::diagnostic::{Diagnostic, Level};
use crate::digest::hex;
use crate::discover::{Entry, EntryKind, Tree};
use crate::disk::{MAX_TEXT, TOO_LARGE, each_block, too_large};
use crate::kind::UnitKind;
use crate::model::skill::{Link, SkillFile};
use crate::path::dir_of;
use crate::signature::manifest;
use crate::source::{FileId, Source, offset};
use crate::syntax::magic::{FileKind, mismatch, reads_as_text, sniff};

/// Most files of one skill that are read.
pub const MAX_SKILL_FILES: usize = 20_000;
/// Bytes of text of one skill that are read; what is no text is looked at and dropped.
const MAX_SKILL_TEXT: usize = 128 << 20;
/// Largest file that is no text of which more than the name is known, in bytes.
const MAX_BINARY: u64 = 64 << 20;

/// The files of a unit and the troubles on the way.
#[derive(Debug, Default)]
pub struct LoadedSkill {
    /// By path.
    pub files: Vec<SkillFile>,
    /// Files that were not read, limits that bit.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the files below `root` that do not belong to one of the `others` (the roots of all skills);
/// of a unit that is one file, that file.
#[must_use]
pub fn skill(tree: &Tree, root: &str, main: &str, kind: UnitKind, others: &BTreeSet<String>) -> LoadedSkill {
    let mut loaded = LoadedSkill::default();
    // The entries of the tree are sorted, and so are those below one directory.
    let mut entries: Vec<&Entry> = match tree.get(root) {
        Some(entry) if entry.kind != EntryKind::Dir => vec![entry],
        _ => members(tree, root, others),
    };
    if entries.len() > MAX_SKILL_FILES {
        let message = format!("more than {MAX_SKILL_FILES} files in one skill: the rest was not read");
        loaded.diagnostics.push(Diagnostic { path: root.to_owned(), level: Level::Error, message });
        entries.truncate(MAX_SKILL_FILES);
    }
    // A script that is named alone is no manifest.
    let is_manifest = main.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("SKILL.md"));
    let mut held = 0;
    for entry in entries {
        if is_full(held, root, &mut loaded.diagnostics) {
            break;
        }
        let id = FileId(offset(loaded.files.len()));
        let file = one(
            tree,
            entry,
            root,
            id,
            kind != UnitKind::Skill || is_manifest && *entry.path == *main,
            &mut loaded.diagnostics,
        );
        held += file.source.bytes.len();
        loaded.files.push(file);
    }
    settle_links(&mut loaded.files);
    loaded
}

/// Reads these files of a plugin's directory.
#[must_use]
pub fn plugin(tree: &Tree, root: &str, mut entries: Vec<&Entry>) -> LoadedSkill {
    let mut loaded = LoadedSkill::default();
    entries.sort_by(|a, b| below_root(root, &a.path).cmp(below_root(root, &b.path)));
    let mut held = 0;
    for entry in entries {
        if is_full(held, root, &mut loaded.diagnostics) {
            break;
        }
        let id = FileId(offset(loaded.files.len()));
        let file = one(tree, entry, root, id, false, &mut loaded.diagnostics);
        held += file.source.bytes.len();
        loaded.files.push(file);
    }
    loaded
}

/// Was as much text read as one unit may have? Then says so.
fn is_full(held: usize, root: &str, troubles: &mut Vec<Diagnostic>) -> bool {
    if held > MAX_SKILL_TEXT {
        let message = format!("more than {} MiB of text: the rest was not read", MAX_SKILL_TEXT >> 20);
        troubles.push(Diagnostic { path: root.to_owned(), level: Level::Error, message });
    }
    held > MAX_SKILL_TEXT
}

/// A path as seen from the root of its unit; of a unit that is one file, its name.
pub(super) fn below_root<'a>(root: &str, path: &'a str) -> &'a str {
    if root.is_empty() {
        return path;
    }
    let rest = path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/'));
    rest.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path))
}

fn members<'a>(tree: &'a Tree, root: &'a str, others: &BTreeSet<String>) -> Vec<&'a Entry> {
    let own = |entry: &&Entry| entry.kind != EntryKind::Dir && !is_nested(root, &entry.path, others);
    tree.under(root).filter(own).collect()
}

/// Does a path below a root lie in the directory of one of the `others`: is one of the directories between
/// them a skill of its own?
#[must_use]
pub fn is_nested(root: &str, path: &str, others: &BTreeSet<String>) -> bool {
    let dirs = std::iter::successors(Some(dir_of(path)), |dir| Some(dir_of(dir)));
    dirs.take_while(|dir| dir.len() > root.len()).any(|dir| others.contains(dir))
}

fn one(tree: &Tree, entry: &Entry, root: &str, id: FileId, main: bool, troubles: &mut Vec<Diagnostic>) -> SkillFile {
    let path = below_root(root, &entry.path);
    let empty = || Source::new(&*entry.path, []);
    match &entry.kind {
        EntryKind::Link { target, outside } => {
            // ClosedClaw follows a link to a signature; so far as it stays in the tree, so does this.
            let followed = (!outside && is_about_signatures(path)).then(|| fetch(tree, &entry.path, MAX_TEXT).ok());
            let mut file = match followed.flatten() {
                Some(bytes) => from_bytes(&entry.path, path, id, main, &bytes, sniff(&bytes, path), troubles),
                None => SkillFile::new(path, id, empty(), main),
            };
            file.link = Some(Link { target: target.clone(), leads: leads(path, target) });
            return file;
        }
        EntryKind::Special => {
            let message = "is neither a file nor a directory: not opened".to_owned();
            troubles.push(Diagnostic { path: entry.path.to_string(), level: Level::Error, message });
            return unread(path, id, empty(), main);
        }
        EntryKind::File | EntryKind::Dir => {}
    }
    let kind = Cell::new(None);
    let textual = Cell::new(false);
    let limit = |head: &[u8]| {
        let found = sniff(head, path);
        kind.set(Some(found));
        textual.set(found.is_text() || reads_as_text(head));
        if found.is_text() { MAX_TEXT } else { MAX_BINARY }
    };
    let (bytes, mode) = match fetch_by_head(tree, &entry.path, &limit) {
        Ok(read) => read,
        Err(message) => {
            let mut file = unread(path, id, empty(), main);
            let binary = kind.get().filter(|kind| !kind.is_text());
            file.kind = binary.unwrap_or(FileKind::Empty);
            // What is no text is inventory, however large. What begins like an image and reads as text is not.
            let mut level = if binary.is_some() && !textual.get() { Level::Note } else { Level::Error };
            if message.starts_with(TOO_LARGE) {
                match hashed(tree, &entry.path) {
                    Ok((size, sha256)) => (file.size, file.sha256) = (size, sha256),
                    Err(_) => level = Level::Error,
                }
            }
            troubles.push(Diagnostic { path: entry.path.to_string(), level, message });
            return file;
        }
    };
    let kind = kind.get().unwrap_or_else(|| sniff(&bytes, path));
    let mut file = from_bytes(&entry.path, path, id, main, &bytes, kind, troubles);
    file.executable = mode.is_some_and(crate::disk::is_deliberate);
    file.bits = mode;
    file
}

/// Is it by its name a signature, or the list of files that is signed?
fn is_about_signatures(path: &str) -> bool {
    path.ends_with(".md.sig") || path == manifest::NAME || path.strip_suffix(".sig") == Some(manifest::NAME)
}

/// A file of these bytes, wherever they come from.
fn from_bytes(
    shown: &str,
    path: &str,
    id: FileId,
    main: bool,
    bytes: &[u8],
    kind: FileKind,
    troubles: &mut Vec<Diagnostic>,
) -> SkillFile {
    // Whoever runs a script goes by its name, not by what else is in it.
    let named = || !kind.is_known() && (main || mismatch(path, FileKind::OtherBinary).is_some());
    let promised = kind == FileKind::Script || named();
    let mut say = |level, message| troubles.push(Diagnostic { path: shown.to_owned(), level, message });
    let (text, note) = if bytes.len() as u64 <= MAX_TEXT {
        decode(bytes, kind, promised)
    } else {
        // What is too large for a text was only read because it begins like something else.
        if is_text(bytes, promised) {
            say(Level::Error, too_large(MAX_TEXT));
        }
        (None, None)
    };
    if let Some(note) = note {
        say(Level::Note, note.to_owned());
    }
    let binary = text.is_none();
    let source = Source::from_text(shown, text.unwrap_or_default());
    let mut file = SkillFile::new(path, id, source, main);
    file.size = bytes.len() as u64;
    file.sha256 = hex(&Sha256::digest(bytes));
    if *file.source.bytes != *bytes && (main || is_about_signatures(path)) {
        file.raw = Some(Arc::from(bytes));
    }
    file.binary = binary;
    file.kind = kind;
    file.inside = inside(bytes, path, kind);
    file
}

/// Size and digest of a file of any size, wherever it comes from.
fn hashed(tree: &Tree, path: &str) -> Result<(u64, String), String> {
    match tree.memory.get(path) {
        Some(file) => Ok((file.bytes.len() as u64, hex(&Sha256::digest(&file.bytes)))),
        None => digest_of(&tree.on_disk(path)),
    }
}

/// Size and digest of a regular file of any size on disk.
pub(super) fn digest_of(path: &Path) -> Result<(u64, String), String> {
    let mut digest = Sha256::new();
    let size = each_block(path, &mut |block| digest.update(block))?;
    Ok((size, hex(&digest.finalize())))
}

/// A file that could not be read.
fn unread(path: &str, id: FileId, source: Source, main: bool) -> SkillFile {
    let mut file = SkillFile::new(path, id, source, main);
    file.binary = true;
    file
}
