//! Looks into what is no text: archives, pickles, compiled Python.

use crate::model::skill::{Inside, Packed};
use crate::syntax::archive::{self, EntryKind, Limits, Listing};
use crate::syntax::magic::{FileKind, bytecode, sniff};
use crate::syntax::pickle;

/// What the file called `path` holds, when it is more than its text.
pub(super) fn inside(bytes: &[u8], path: &str, kind: FileKind) -> Inside {
    let name = path.to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match kind {
        FileKind::PythonBytecode => bytecode(bytes).map_or(Inside::Nothing, Inside::Bytecode),
        FileKind::Pickle => Inside::Pickle { calls: pickle::dangerous(bytes) },
        FileKind::Zip if is_model(extension) => model(bytes, path),
        kind if kind.is_archive() && kind != FileKind::Jar && !archive::is_document(extension) => {
            Inside::Archive(packed(bytes, path, &name, kind))
        }
        _ => Inside::Nothing,
    }
}

/// Models in zip form hold their data as pickles.
fn is_model(extension: &str) -> bool {
    matches!(extension, "pt" | "pth" | "pkl" | "ckpt" | "bin" | "joblib")
}

fn model(bytes: &[u8], path: &str) -> Inside {
    let Ok(unpacked) = archive::unpack(bytes, path, Limits::default()) else { return Inside::Nothing };
    let pickles = unpacked.files.iter().filter(|file| sniff(&file.bytes, &file.path) == FileKind::Pickle);
    let calls: Vec<Option<String>> = pickles.map(|file| pickle::dangerous(&file.bytes)).collect();
    if calls.is_empty() { Inside::Nothing } else { Inside::Pickle { calls: calls.into_iter().flatten().next() } }
}

fn packed(bytes: &[u8], path: &str, name: &str, kind: FileKind) -> Packed {
    let tar_name = [".tar.", ".tgz", ".tbz", ".txz"].iter().any(|part| name.contains(part));
    let single = matches!(kind, FileKind::Xz | FileKind::Bzip2 | FileKind::Zstd) && !tar_name;
    let Ok(listing) = archive::list(bytes, path) else { return Packed { single, ..Packed::default() } };
    let single = single || kind == FileKind::Gzip && !tar_name && listing.entries.len() == 1;
    Packed {
        entries: Some(listing.entries.len()),
        encrypted: listing.encrypted,
        outside: listing.outside.first().cloned(),
        program: program(&listing),
        disguised: listing.disguised.first().cloned(),
        single,
    }
}

/// A program by its first bytes, or by a name that Windows starts on a click.
fn program(listing: &Listing) -> Option<(String, FileKind)> {
    let by_name = |name: &str| {
        let name = name.to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "exe" | "dll" | "scr" | "com" | "pif" | "cpl" | "sys" => Some(FileKind::Pe),
            "lnk" => Some(FileKind::Shortcut),
            "msi" | "dmg" | "pkg" | "deb" | "rpm" => Some(FileKind::Installer),
            "bat" | "cmd" | "vbs" | "hta" | "wsf" => Some(FileKind::Script),
            _ => None,
        }
    };
    let mut files = listing.entries.iter().filter(|entry| entry.kind == EntryKind::File);
    files.find_map(|entry| {
        let native = Some(entry.sniffed).filter(|kind| kind.is_native());
        Some((entry.name.clone(), native.or_else(|| by_name(&entry.name))?))
    })
}
