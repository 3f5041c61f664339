//! Archives, read in memory and never unpacked to disk.
//!
//! [`list`] tells what an archive says it holds, [`unpack`] reads it under [`Limits`]. Nothing is
//! decrypted. A name that leads out of the archive is told and its content is left alone.

mod contents;
mod tarball;
mod zip;

pub use self::contents::{Limits, Unpacked, UnpackedFile, unpack};

use std::io::Read;

use super::magic::{FileKind, HEAD, sniff};

/// Most entries of an archive that are looked at.
pub const MOST_ENTRIES: usize = 20_000;

/// Bytes of each entry that a listing looks at to tell what it is.
const SHORT_HEAD: u64 = 512;

/// Most names that a listing or its notes repeat; a reader needs no more to see the point.
const MOST_NAMES: usize = 20;

/// What an entry of an archive is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link and where it leads, as it is written.
    Link(String),
    /// A second name of an earlier entry, which is named here.
    HardLink(String),
    /// A device or pipe.
    Special,
}

/// An entry as the archive describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// The name as it is written; what is not UTF-8 is replaced.
    pub name: String,
    /// The name as a relative path with `/`. None when the name is absolute or leads out of the archive.
    pub path: Option<String>,
    /// What it is.
    pub kind: EntryKind,
    /// Its unpacked size in bytes, as the archive says.
    pub size: u64,
    /// Permission bits, where the archive keeps them.
    pub mode: Option<u32>,
    /// Does it take a password to read it?
    pub encrypted: bool,
    /// What its first bytes are; [`FileKind::Empty`] when they were not read.
    pub sniffed: FileKind,
}

/// What an archive says that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries in their order, at most [`MOST_ENTRIES`].
    pub entries: Vec<ArchiveEntry>,
    /// Is any entry encrypted?
    pub encrypted: bool,
    /// The first name of an encrypted entry.
    pub locked: Option<String>,
    /// Names that are absolute or lead out of the archive; the first few.
    pub outside: Vec<String>,
    /// Names that several entries bear; the first few.
    pub twice: Vec<String>,
    /// Names that the two headers of one entry spell differently; the first few.
    pub disguised: Vec<String>,
    /// Do entries share bytes, as they do in archives that are made to swell?
    pub overlapping: bool,
    /// The sum of all sizes in bytes, as the archive says.
    pub unpacked: u64,
    /// Why it could not be read to its end.
    pub trouble: Option<String>,
}

impl ArchiveEntry {
    /// A readable entry without mode. Of an unreasonably long name only the beginning is kept.
    fn new(name: &[u8], kind: EntryKind, size: u64) -> Self {
        let shown = String::from_utf8_lossy(name.get(..LONGEST_PATH).unwrap_or(name)).into_owned();
        let path = if name.len() > LONGEST_PATH { None } else { safe_path(&shown) };
        Self { name: shown, path, kind, size, mode: None, encrypted: false, sniffed: FileKind::Empty }
    }
}

impl Listing {
    /// Adds an entry. False when there are too many.
    fn add(&mut self, entry: ArchiveEntry) -> bool {
        if self.entries.len() >= MOST_ENTRIES {
            self.trouble.get_or_insert_with(|| format!("holds more than {MOST_ENTRIES} entries"));
            return false;
        }
        if entry.encrypted && !self.encrypted {
            self.encrypted = true;
            self.locked = Some(entry.name.clone());
        }
        self.unpacked = self.unpacked.saturating_add(entry.size);
        if entry.path.is_none() {
            remember(&mut self.outside, &entry.name);
        }
        self.entries.push(entry);
        true
    }

    /// Finds the names that stand twice, once all entries are there.
    fn finish(mut self) -> Self {
        let files = self.entries.iter().filter(|entry| entry.kind != EntryKind::Dir);
        let mut paths: Vec<&str> = files.filter_map(|entry| entry.path.as_deref()).collect();
        paths.sort_unstable();
        let mut twice = Vec::new();
        for pair in paths.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                remember(&mut twice, one);
            }
        }
        self.twice = twice;
        self
    }
}

/// Keeps the first few of some names, each once.
fn remember(names: &mut Vec<String>, name: &str) {
    if names.len() < MOST_NAMES && names.last().is_none_or(|last| last != name) {
        names.push(name.to_owned());
    }
}

/// What [`list`] and [`unpack`] can open. The other kinds of archive are only known by their names.
#[must_use]
pub fn opens(kind: FileKind) -> bool {
    matches!(kind, FileKind::Zip | FileKind::Jar | FileKind::Tar | FileKind::Gzip)
}

/// Is it the lower-case extension of a file that is a zip archive by right: a document or a package that
/// programs open as such?
#[must_use]
pub fn is_document(extension: &str) -> bool {
    const DOCUMENTS: [&str; 44] = [
        "docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "potx", "vsdx", "odt", "ods", "odp", "odg",
        "ott", "ots", "otp", "epub", "whl", "egg", "apk", "aab", "ipa", "xpi", "crx", "vsix", "nupkg", "jar", "war",
        "ear", "npz", "keras", "kmz", "sketch", "3mf", "cbz", "pages", "numbers", "key", "usdz", "pyz", "xapk", "svgz",
        "fig",
    ];
    DOCUMENTS.contains(&extension)
}

/// Reads the table of contents of an archive: zip, tar, gzipped tar, or a single gzipped file.
///
/// # Errors
/// In words: it is no archive of these kinds, or nothing of it can be read. A later trouble is told in
/// [`Listing::trouble`] instead.
pub fn list(bytes: &[u8], name: &str) -> Result<Listing, String> {
    let mut listing = Listing::default();
    let visit = &mut |listing: &mut Listing, mut entry: ArchiveEntry, content: Content<'_>| {
        let mut head = Vec::new();
        if let Ok(content) = content {
            // What cannot be read has no kind; that it is damaged only unpacking tells.
            let _ = content.take(SHORT_HEAD).read_to_end(&mut head);
        }
        entry.sniffed = sniff(&head, &entry.name);
        listing.add(entry)
    };
    walk(bytes, name, &mut listing, visit)?;
    if listing.entries.is_empty()
        && let Some(trouble) = listing.trouble
    {
        return Err(trouble);
    }
    Ok(listing.finish())
}

/// The bytes of an entry, or why there are none.
type Content<'a> = Result<&'a mut dyn Read, String>;

/// What is done with each entry; false ends the walk.
type Visit<'a> = dyn FnMut(&mut Listing, ArchiveEntry, Content<'_>) -> bool + 'a;

fn walk(bytes: &[u8], name: &str, listing: &mut Listing, visit: &mut Visit<'_>) -> Result<(), String> {
    match sniff(bytes.get(..HEAD).unwrap_or(bytes), name) {
        FileKind::Zip | FileKind::Jar => zip::walk(bytes, listing, visit),
        FileKind::Tar => tarball::walk(bytes, listing, visit),
        FileKind::Gzip => tarball::walk_gzip(bytes, name, listing, visit),
        // Something may stand before a zip: it is found from its end.
        _ if zip::has_directory(bytes) => zip::walk(bytes, listing, visit),
        FileKind::Empty => return Err("is empty".to_owned()),
        kind => return Err(format!("is {}, which is not opened", kind.label())),
    }
    Ok(())
}

/// Bytes of a name that are looked at, and folders in it. Nobody has longer ones.
const LONGEST_PATH: usize = 1024;
const DEEPEST_PATH: usize = 64;

/// An entry's name as a relative path with `/`: none when it is absolute, has a `..`, or is unreasonably
/// long. Some programs take `\` for a separator, so it is one here.
#[must_use]
pub fn safe_path(name: &str) -> Option<String> {
    let drive = name.as_bytes().get(1) == Some(&b':') && name.starts_with(|c: char| c.is_ascii_alphabetic());
    let absolute = drive || name.starts_with(['/', '\\']);
    if absolute || name.len() > LONGEST_PATH || name.contains('\0') {
        return None;
    }
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.contains(&"..") && parts.len() <= DEEPEST_PATH).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::safe_path;

    #[test]
    fn names_stay_inside() {
        for (name, path) in [
            ("a/b.txt", Some("a/b.txt")),
            ("./a//b/", Some("a/b")),
            ("a\\b", Some("a/b")),
            ("..a/b..", Some("..a/b..")),
            ("./", Some("")),
            ("../a", None),
            ("a/../../b", None),
            ("a\\..\\..\\b", None),
            ("/etc/passwd", None),
            ("\\\\host\\share", None),
            ("C:\\x", None),
            ("a\0b", None),
        ] {
            assert_eq!(safe_path(name).as_deref(), path, "{name:?}");
        }
        assert_eq!(safe_path(&"a/".repeat(65)), None);
        assert_eq!(safe_path(&"a".repeat(2_000)), None);
    }
}
