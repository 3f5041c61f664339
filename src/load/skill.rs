//! Reads a skill: its directory without the skills nested in it, file by file, under limits.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::inside::inside;
use super::links::{leads, settle_links};
use super::{MAX_TEXT, TOO_LARGE, fetch, fetch_by_head};
use crate::digest::hex;
use crate::discover::{Entry, EntryKind, Tree};
use crate::finding::{Diagnostic, Level};
use crate::model::places::dir_of;
use crate::model::skill::{Link, SkillFile, UnitKind};
use crate::signature::manifest;
use crate::source::{FileId, Source, offset};
use crate::syntax::magic::{FileKind, HEAD, sniff};

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
    let mut entries: Vec<&Entry> = match tree.get(root) {
        Some(entry) if entry.kind != EntryKind::Dir => vec![entry],
        _ => members(tree, root, others),
    };
    entries.sort_by(|a, b| below_root(root, &a.path).cmp(below_root(root, &b.path)));
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
    // The directories between a file and the root: is one of them a skill of its own?
    let inside = |path: &str| {
        let dirs = std::iter::successors(Some(dir_of(path)), |dir| Some(dir_of(dir)));
        dirs.take_while(|dir| dir.len() > root.len()).any(|dir| others.contains(dir))
    };
    tree.under(root).filter(|entry| entry.kind != EntryKind::Dir && !inside(&entry.path)).collect()
}

fn one(tree: &Tree, entry: &Entry, root: &str, id: FileId, main: bool, troubles: &mut Vec<Diagnostic>) -> SkillFile {
    let path = below_root(root, &entry.path);
    let empty = || Source::new(&*entry.path, []);
    match &entry.kind {
        EntryKind::Link { target, outside } => {
            // ClosedClaw follows a link to a signature; so far as it stays in the tree, so does this.
            let followed = (!outside && is_about_signatures(path)).then(|| fetch(tree, &entry.path, MAX_TEXT).ok());
            let mut file = match followed.flatten() {
                Some(bytes) => from_bytes(&entry.path, path, id, main, &bytes, None, troubles),
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
    let limit = |head: &[u8]| {
        kind.set(Some(sniff(head, path)).filter(|kind| !kind.is_text()));
        if kind.get().is_some() { MAX_BINARY } else { MAX_TEXT }
    };
    let (bytes, mode) = match fetch_by_head(tree, &entry.path, &limit) {
        Ok(read) => read,
        Err(message) => {
            let mut file = unread(path, id, empty(), main);
            file.kind = kind.get().unwrap_or(FileKind::Empty);
            // What is no text is inventory, however large.
            let mut level = if kind.get().is_some() { Level::Note } else { Level::Error };
            if message.starts_with(TOO_LARGE) {
                match hashed(&tree.on_disk(&entry.path)) {
                    Ok((size, sha256)) => (file.size, file.sha256) = (size, sha256),
                    Err(_) => level = Level::Error,
                }
            }
            troubles.push(Diagnostic { path: entry.path.to_string(), level, message });
            return file;
        }
    };
    from_bytes(&entry.path, path, id, main, &bytes, mode, troubles)
}

/// A file of these bytes, wherever they come from.
#[must_use]
pub fn from_bytes(
    shown: &str,
    path: &str,
    id: FileId,
    main: bool,
    bytes: &Arc<[u8]>,
    bits: Option<u32>,
    troubles: &mut Vec<Diagnostic>,
) -> SkillFile {
    let kind = sniff(bytes, path);
    // What is too large for a text was only read because it is something else.
    let (text, note) = if bytes.len() as u64 > MAX_TEXT { (None, None) } else { decode(bytes) };
    if let Some(note) = note {
        troubles.push(Diagnostic { path: shown.to_owned(), level: Level::Note, message: note.to_owned() });
    }
    let binary = text.is_none();
    let source = Source::new(shown, text.unwrap_or_else(|| Arc::from([])));
    let mut file = SkillFile::new(path, id, source, main);
    file.size = bytes.len() as u64;
    file.sha256 = hex(&Sha256::digest(bytes));
    file.executable = bits.is_some_and(crate::discover::is_deliberate);
    file.bits = bits;
    if *file.source.bytes != **bytes && (main || is_about_signatures(path)) {
        file.raw = Some(Arc::clone(bytes));
    }
    file.binary = binary;
    file.kind = kind;
    file.inside = inside(bytes, path, kind);
    file
}

/// Is it by its name a signature, or the list of files that is signed?
fn is_about_signatures(path: &str) -> bool {
    path.ends_with(".md.sig") || path == manifest::NAME || path.strip_suffix(".sig") == Some(manifest::NAME)
}

/// Size and digest of a regular file of any size; of one that grows while it is read, what it was at first.
pub(super) fn hashed(path: &Path) -> Result<(u64, String), String> {
    let file = super::open(path).map_err(|error| super::io_reason(&error))?;
    let meta = file.metadata().map_err(|error| super::io_reason(&error))?;
    if !meta.is_file() {
        return Err("is neither a file nor a directory: not opened".to_owned());
    }
    // A file without a size may have content all the same, as those of the kernel have.
    let mut file = file.take(if meta.len() == 0 { MAX_BINARY } else { meta.len() });
    let mut digest = Sha256::new();
    let mut block = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = file.read(&mut block).map_err(|error| super::io_reason(&error))?;
        if read == 0 {
            return Ok((size, hex(&digest.finalize())));
        }
        size += read as u64;
        digest.update(block.get(..read).unwrap_or_default());
    }
}

/// A file that could not be read.
fn unread(path: &str, id: FileId, source: Source, main: bool) -> SkillFile {
    let mut file = SkillFile::new(path, id, source, main);
    file.binary = true;
    file
}

/// The text of some bytes, and what is odd about it; none for what is no text.
fn decode(bytes: &Arc<[u8]>) -> (Option<Arc<[u8]>>, Option<&'static str>) {
    if std::str::from_utf8(bytes).is_ok() {
        let binary = bytes.get(..HEAD.min(bytes.len())).is_some_and(|head| memchr::memchr(0, head).is_some());
        return (if binary { None } else { Some(Arc::clone(bytes)) }, None);
    }
    if let Some(text) = utf16(bytes) {
        return (Some(text), Some("UTF-16 text: read as UTF-8, byte offsets are those of the converted text"));
    }
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    let odd = head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    if odd * 50 > head.len() {
        return (None, None);
    }
    // Every byte that is no text becomes one question mark, so places stay what they are.
    let mut text = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend_from_slice(chunk.valid().as_bytes());
        text.resize(text.len() + chunk.invalid().len(), b'?');
    }
    (Some(text.into()), Some("not UTF-8 everywhere: the other bytes are read as `?`"))
}

fn utf16(bytes: &[u8]) -> Option<Arc<[u8]>> {
    let (big, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (false, rest),
        [0xfe, 0xff, rest @ ..] => (true, rest),
        _ => return None,
    };
    let unit = |pair: &[u8]| match *pair {
        [a, b] if big => u16::from_be_bytes([a, b]),
        [a, b] => u16::from_le_bytes([a, b]),
        _ => 0xfffd,
    };
    let text: String = char::decode_utf16(rest.chunks(2).map(unit)).map(|c| c.unwrap_or('\u{fffd}')).collect();
    Some(Arc::from(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text_of_the_same_length_or_none() {
        let text = |bytes: &[u8]| decode(&Arc::from(bytes)).0.map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(text(b"ab\xffc").as_deref(), Some("ab?c"));
        assert_eq!(text(b"\xff\xfea\0b\0").as_deref(), Some("ab"));
        assert_eq!(text(b"\x7fELF\x01\x00\xff\x02\x03"), None);
        assert_eq!(text(b"a\0b"), None);
        assert_eq!(text("é".as_bytes()).as_deref(), Some("é"));
    }
}
