//! What became of a skill's files since an installer wrote down what they were.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::fetch;
use super::whole::{Undigested, entries};
use crate::digest::likeness::{Forms, Likeness, explain};
use crate::digest::{DigestEntry, DigestKind, file_tree_sha256, hex};
use crate::discover::Tree;
use crate::disk::MAX_TEXT;
use crate::path::join;

/// What an installer recorded of a skill's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// Path and SHA-256 of the manifest.
    pub skill_file: Option<(&'a str, &'a str)>,
    /// `sha256:` and 64 digits over the whole tree.
    pub tree: Option<&'a str>,
}

/// How a skill's files compare with what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The manifest; none when nothing was recorded of it.
    pub skill_file: Option<FileState>,
    /// The whole tree; none when nothing was recorded of it.
    pub tree: Option<TreeState>,
}

/// What became of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is the recorded one.
    Same,
    /// It has other line endings, and nothing else.
    LineEndings,
    /// It is another text.
    Changed,
    /// It is not there.
    Missing,
}

/// What became of the whole tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeState {
    /// It has the recorded digest.
    Same,
    /// It would have it, but for this.
    Like(Likeness),
    /// Something else was changed.
    Changed,
    /// It has no digest, for this reason: OpenClaw makes none of links and special files.
    Undigested(String),
}

/// Compares the directory of a skill, as a whole, with what was recorded of it.
///
/// # Errors
/// When something in it cannot be read.
pub fn installed(tree: &Tree, root: &str, expected: &Expected<'_>) -> Result<Installed, Undigested> {
    let found = entries(tree, root)?;
    let skill_file = expected.skill_file.map(|(path, sha256)| file_state(tree, root, &found, path, sha256));
    let state = expected.tree.map(|recorded| match file_tree_sha256(&found) {
        Err(why) => TreeState::Undigested(why),
        Ok(digest) if digest == recorded => TreeState::Same,
        Ok(_) => {
            let edited = skill_file.as_ref().is_some_and(|state| *state != FileState::Same);
            let manifest = expected.skill_file.filter(|_| edited);
            let forms = forms(tree, root, found, manifest);
            explain(&forms, recorded).map_or(TreeState::Changed, TreeState::Like)
        }
    });
    Ok(Installed { skill_file, tree: state })
}

fn file_state(tree: &Tree, root: &str, found: &[DigestEntry], path: &str, sha256: &str) -> FileState {
    match found.iter().find(|entry| entry.path == path).map(|entry| &entry.kind) {
        Some(DigestKind::File(hash)) if hash == sha256 => FileState::Same,
        Some(DigestKind::File(_)) => {
            let bytes = fetch(tree, &join(root, path), MAX_TEXT).unwrap_or_else(|_| Arc::from([]));
            let forms = [with_crlf(&bytes), with_lf(&bytes)];
            let same = forms.iter().any(|form| hex(&Sha256::digest(form)) == sha256);
            if same { FileState::LineEndings } else { FileState::Changed }
        }
        Some(_) => FileState::Changed,
        None => FileState::Missing,
    }
}

/// The tree in all forms that a harmless change may have had.
fn forms(tree: &Tree, root: &str, found: Vec<DigestEntry>, manifest: Option<(&str, &str)>) -> Forms {
    let mut crlf = found.clone();
    let mut lf = found.clone();
    let mut named_dirs = BTreeSet::new();
    for (at, entry) in found.iter().enumerate() {
        let DigestKind::File(_) = entry.kind else { continue };
        let Ok(bytes) = fetch(tree, &join(root, &entry.path), MAX_TEXT) else { continue };
        // What git would not take for text keeps its line endings.
        if memchr::memchr(0, bytes.get(..bytes.len().min(8_000)).unwrap_or_default()).is_some() {
            continue;
        }
        if entry.path.ends_with(".md") {
            named_dirs.extend(dirs_in(&String::from_utf8_lossy(&bytes)));
        }
        if let (Some(crlf), Some(lf)) = (crlf.get_mut(at), lf.get_mut(at)) {
            crlf.kind = DigestKind::of_bytes(&with_crlf(&bytes));
            lf.kind = DigestKind::of_bytes(&with_lf(&bytes));
        }
    }
    let converted = [crlf, lf].into_iter().filter(|form| *form != found).collect();
    let manifest = manifest.map(|(path, sha256)| (path.to_owned(), sha256.to_owned()));
    Forms { plain: found, converted, manifest, named_dirs }
}

/// Directories that a text names: of `out/daily/x.md` both.
fn dirs_in(text: &str) -> BTreeSet<String> {
    /// Words of one text that are taken.
    const MOST: usize = 100;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_start_matches("./"));
    let paths = words.filter(|word| word.contains('/') && !word.starts_with('/') && !word.contains(".."));
    let dirs = paths.flat_map(|path| path.match_indices('/').filter_map(move |(at, _)| path.get(..at)));
    dirs.filter(|dir| dir.len() <= 64 && !dir.contains("//")).take(MOST).map(str::to_owned).collect()
}

fn with_lf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    out
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    let mut before = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_go_both_ways() {
        assert_eq!(with_crlf(b"a\nb\r\n\n\r"), b"a\r\nb\r\n\r\n\r");
        assert_eq!(with_lf(b"a\r\nb\n\r\r\n\r"), b"a\nb\n\r\n\r");
    }

    #[test]
    fn directories_are_read_out_of_a_text() {
        let found = dirs_in("Write to `out/daily/x.md` or ./logs/a, never to /etc/x, ../up/x or https://h.dev/y.");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["logs", "out", "out/daily"]);
    }
}
