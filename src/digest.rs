//! The digest of a file tree as OpenClaw records it for an installed skill (`fileTreeSha256`).
//!
//! It is SHA-256 over compact JSON: one array of entries, every directory before what it holds, names of
//! one directory in the order of their UTF-16 code units. Modes do not count, empty directories do.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

/// Directories at the top that hold the record itself and are left out.
const RECORDS: [&str; 2] = [".clawhub", ".clawdhub"];

/// What an entry of a tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestKind {
    /// A directory.
    Dir,
    /// A regular file, by the SHA-256 of its bytes in lower-case hex.
    File(String),
    /// A symbolic link.
    Link,
    /// A file that bears several names.
    HardLink,
    /// A FIFO, socket or device.
    Special,
}

impl DigestKind {
    /// A regular file of these bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::File(hex(&Sha256::digest(bytes)))
    }
}

/// An entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestEntry {
    /// Path below the root, with `/`.
    pub path: String,
    /// What it is.
    pub kind: DigestKind,
}

/// Does a path below the root belong to the record that installers keep there?
#[must_use]
pub fn is_record(path: &str) -> bool {
    RECORDS.contains(&path.split('/').next().unwrap_or_default())
}

/// The digest of a tree in any order, as `sha256:` and 64 hex digits. A directory counts when it has an
/// entry or when something lies in it.
///
/// # Errors
/// In words, about the first one in digest order: OpenClaw makes no digest of a tree that holds links or
/// special files.
pub fn file_tree_sha256(entries: &[DigestEntry]) -> Result<String, String> {
    let mut listed: Vec<(&str, &DigestKind)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let path = entry.path.as_str();
        if path.is_empty() || is_record(path) {
            continue;
        }
        listed.push((path, &entry.kind));
        let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        listed.extend(above.map(|dir| (dir, &DigestKind::Dir)));
    }
    listed.sort_by(|one, other| order(one.0, other.0));
    listed.dedup_by(|one, other| one.0 == other.0);
    let mut hasher = Sha256::new();
    hasher.update("[");
    for (index, (path, kind)) in listed.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let name = serde_json::Value::from(path);
        hasher.update(match kind {
            DigestKind::File(hash) => format!(r#"{comma}{{"path":{name},"type":"file","sha256":"{hash}"}}"#),
            DigestKind::Dir => format!(r#"{comma}{{"path":{name},"type":"directory"}}"#),
            DigestKind::Link => return Err(format!("{path} is a symbolic link")),
            DigestKind::HardLink => return Err(format!("{path} is a file with several names")),
            DigestKind::Special => return Err(format!("{path} is neither a file nor a directory")),
        });
    }
    hasher.update("]");
    Ok(format!("sha256:{}", hex(&hasher.finalize())))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
        out
    })
}

/// A directory before its content, and names by their UTF-16 code units.
fn order(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (one.split('/'), other.split('/'));
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) => match one.encode_utf16().cmp(other.encode_utf16()) {
                Ordering::Equal => {}
                decided => return decided,
            },
            (one, other) => return one.is_some().cmp(&other.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, kind: DigestKind) -> DigestEntry {
        DigestEntry { path: path.to_owned(), kind }
    }

    #[test]
    fn a_tree_without_files_is_an_empty_list() {
        // SHA-256 of `[]`.
        let empty = "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
        let records = [entry(".clawhub", DigestKind::Dir), entry(".clawhub/origin.json", DigestKind::Link)];
        assert_eq!(file_tree_sha256(&records).as_deref(), Ok(empty));
        assert_eq!(file_tree_sha256(&[entry("", DigestKind::Dir)]).as_deref(), Ok(empty));
    }

    #[test]
    fn links_and_devices_have_no_digest() {
        for kind in [DigestKind::Link, DigestKind::HardLink, DigestKind::Special] {
            assert!(file_tree_sha256(&[entry("a/b", kind)]).unwrap_err().starts_with("a/b is "));
        }
    }

    #[test]
    fn the_order_of_the_entries_does_not_matter() {
        let hash = || DigestKind::File("00".repeat(32));
        let mut tree = vec![
            entry("a", DigestKind::Dir),
            entry("a/b", hash()),
            entry("a-b", hash()),
            entry("\u{1f600}", hash()),
            entry("\u{fb33}", hash()),
        ];
        let digest = file_tree_sha256(&tree);
        tree.reverse();
        assert_eq!(file_tree_sha256(&tree), digest);
        tree.retain(|entry| entry.kind != DigestKind::Dir);
        assert_eq!(file_tree_sha256(&tree), digest, "a directory is there because of its files");
    }
}
