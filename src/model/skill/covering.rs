//! The signed list of all files of a skill, and where the skill differs from it.

use sha2::{Digest, Sha256};

use super::signing::without_returns;
use super::{Signing, Skill};
use crate::digest::hex;
use crate::path::join;
use crate::signature::envelope::Malformed;
use crate::signature::manifest::{self, Listed, Manifest};
use crate::source::{FileId, Span, offset};

/// A file below a skill's directory that is none of its own: of a skill nested in it, or left out of the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Path below the skill.
    pub path: String,
    /// SHA-256 of its bytes; empty for what is no file or was not read.
    pub sha256: String,
    /// Its permission bits, where somebody kept them.
    pub bits: Option<u32>,
}

/// The `SKILL.manifest` of a skill.
#[derive(Debug)]
pub struct Covering {
    /// Its file.
    pub file: FileId,
    /// Its signature.
    pub signing: Signing,
    /// What it says.
    pub manifest: Result<Manifest, Malformed>,
    /// Where the skill differs from it; nothing is compared with a list whose signature does not fit.
    pub differences: Vec<Difference>,
}

/// One file that is not as the list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path below the skill.
    pub path: String,
    /// What is different.
    pub kind: DifferenceKind,
    /// The file, or of a missing one its line in the list.
    pub at: Span,
    /// The token of the list that says otherwise.
    pub listed: Option<Span>,
}

/// How a file differs from the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It is not listed.
    Extra,
    /// It is not there.
    Missing,
    /// Its bytes are others; did only its line endings change?
    Changed {
        /// True when they did.
        line_endings: bool,
    },
    /// Its mode is another: is it executable now?
    Mode {
        /// True when it is.
        executable: bool,
    },
    /// It is a link, a device or unreadable.
    NoFile,
}

impl Covering {
    /// The list of a skill; none when it has none.
    #[must_use]
    pub fn of(skill: &Skill) -> Option<Self> {
        let file = skill.file(manifest::NAME)?;
        let signing = Signing::beside(skill, manifest::NAME, file.bytes());
        let manifest = match std::str::from_utf8(file.bytes()) {
            Ok(text) if file.is_read() => Manifest::parse(text),
            _ => Err(Malformed { at: 0..0, message: "the manifest is not a file of UTF-8 text".to_owned() }),
        };
        let mut covering = Self { file: file.id, signing, manifest, differences: Vec::new() };
        // Also of a key that nobody trusts any more: what differs from its list was changed after it signed.
        if covering.fits()
            && let Ok(manifest) = &covering.manifest
        {
            covering.differences = differences(skill, file.id, manifest);
        }
        Some(covering)
    }

    /// Does a trusted key vouch for the list, and is it the key that the list names?
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.signing.is_good() && self.is_named()
    }

    /// Did the key that the list names sign it, whether or not anybody trusts that key?
    fn fits(&self) -> bool {
        self.signing.fits == Some(true) && self.is_named()
    }

    fn is_named(&self) -> bool {
        let named = self.signing.envelope().map(|envelope| &envelope.key_id);
        self.manifest.as_ref().is_ok_and(|manifest| Some(&manifest.key_id) == named)
    }

    /// A place in the list.
    #[must_use]
    pub fn span(&self, range: &std::ops::Range<usize>) -> Span {
        place(self.file, range)
    }
}

fn place(file: FileId, range: &std::ops::Range<usize>) -> Span {
    Span { file, start: offset(range.start), end: offset(range.end) }
}

/// A file as it is.
struct There<'a> {
    path: &'a str,
    sha256: &'a str,
    bits: Option<u32>,
    at: Span,
    /// Its text, to explain a change.
    text: &'a [u8],
}

fn differences(skill: &Skill, list: FileId, manifest: &Manifest) -> Vec<Difference> {
    let own = skill.files.iter().map(|file| There {
        path: &file.path,
        sha256: if file.link.is_some() { "" } else { &file.sha256 },
        bits: file.bits,
        at: Span::file_start(file.id),
        text: file.bytes(),
    });
    let others = skill.held.iter().map(|held| There {
        path: &held.path,
        sha256: &held.sha256,
        bits: held.bits,
        at: skill.project.place_of(&join(&skill.root, &held.path)).map_or(Span::file_start(list), |place| place.span),
        text: &[],
    });
    let main = skill.main_file().map_or("SKILL.md", |file| &file.path);
    let mut there: Vec<There<'_>> = own.chain(others).filter(|file| !manifest::is_exempt(file.path, main)).collect();
    there.sort_by(|one, other| one.path.cmp(other.path));
    let mut found = Vec::new();
    for file in &there {
        let listed = manifest.get(file.path);
        if let Some((kind, listed)) = difference(file, listed, list) {
            found.push(Difference { path: file.path.to_owned(), kind, at: file.at, listed });
        }
    }
    for listed in &manifest.files {
        if there.binary_search_by(|file| file.path.cmp(&listed.path)).is_err() {
            let at = place(list, &listed.path_at());
            let path = listed.path.clone();
            found.push(Difference { path, kind: DifferenceKind::Missing, at, listed: None });
        }
    }
    found
}

fn difference(file: &There<'_>, listed: Option<&Listed>, list: FileId) -> Option<(DifferenceKind, Option<Span>)> {
    let Some(listed) = listed else { return Some((DifferenceKind::Extra, None)) };
    if file.sha256.is_empty() {
        return Some((DifferenceKind::NoFile, Some(place(list, &listed.path_at()))));
    }
    if file.sha256 != listed.sha256 {
        let line_endings = is_converted(file.text, &listed.sha256);
        return Some((DifferenceKind::Changed { line_endings }, Some(place(list, &listed.sha256_at()))));
    }
    let executable = is_executable(file.bits?)?;
    (executable != listed.executable)
        .then(|| (DifferenceKind::Mode { executable }, Some(place(list, &listed.mode_at()))))
}

/// Is a file with these bits executable? Unknown where the file system shows every file with all bits.
#[must_use]
pub const fn is_executable(bits: u32) -> Option<bool> {
    if bits & 0o777 == 0o777 { None } else { Some(bits & 0o111 != 0) }
}

/// Did only the line endings change since this digest was made?
fn is_converted(text: &[u8], sha256: &str) -> bool {
    let unix = without_returns(text);
    if unix.len() == text.len() {
        let mut hasher = Sha256::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    hasher.update(line);
                    hasher.update(b"\r\n");
                }
                None => hasher.update(line),
            }
        }
        return !text.is_empty() && hex(&hasher.finalize()) == sha256;
    }
    hex(&Sha256::digest(&unix)) == sha256
}
