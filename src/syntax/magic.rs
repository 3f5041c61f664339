//! What a file is by its first bytes, whatever its name says.

mod bytecode;
mod plain;

pub use self::bytecode::{Bytecode, MadeFrom, bytecode};
use self::plain::plain;
pub use self::plain::{is_bare_utf16, reads_as_text};

/// Bytes from the start of a file that are enough to tell its kind.
pub const HEAD: usize = 8 << 10;

/// What the bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// No bytes at all.
    Empty,
    /// Text in UTF-8 or in another encoding that keeps ASCII as it is.
    Text,
    /// Text in UTF-16.
    Utf16,
    /// Text that begins with `#!` and an interpreter.
    Script,
    /// A program or library of Linux and its relatives.
    Elf,
    /// A program or library of Windows.
    Pe,
    /// A program or library of macOS.
    MachO,
    /// A shortcut of Windows, which starts what it leads to.
    Shortcut,
    /// An installer package: MSI, deb, rpm, cabinet.
    Installer,
    /// A compiled Java or Android class.
    JavaClass,
    /// A Java archive.
    Jar,
    /// WebAssembly.
    Wasm,
    /// Compiled Python.
    PythonBytecode,
    /// Serialised Python objects.
    Pickle,
    /// A zip archive, documents in zip form included.
    Zip,
    /// Gzip data.
    Gzip,
    /// A tar archive.
    Tar,
    /// A 7z archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// XZ data.
    Xz,
    /// Bzip2 data.
    Bzip2,
    /// Zstandard data.
    Zstd,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A GIF image.
    Gif,
    /// A WebP image.
    Webp,
    /// Another image: BMP, icon, TIFF.
    Image,
    /// A PDF document.
    Pdf,
    /// A compound document of old Office programs.
    Ole,
    /// An `SQLite` database.
    Sqlite,
    /// A font.
    Font,
    /// Sound or film.
    Media,
    /// Bytes that are none of the above.
    OtherBinary,
}

impl FileKind {
    /// What to call one of them, with its article.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Text => "a text",
            Self::Utf16 => "a UTF-16 text",
            Self::Script => "a script",
            Self::Elf => "an ELF program",
            Self::Pe => "a Windows program",
            Self::MachO => "a macOS program",
            Self::Shortcut => "a Windows shortcut",
            Self::Installer => "an installer package",
            Self::JavaClass => "a Java class",
            Self::Jar => "a Java archive",
            Self::Wasm => "a WebAssembly module",
            Self::PythonBytecode => "compiled Python",
            Self::Pickle => "a Python pickle",
            Self::Zip => "a zip archive",
            Self::Gzip => "gzip data",
            Self::Tar => "a tar archive",
            Self::SevenZip => "a 7z archive",
            Self::Rar => "a RAR archive",
            Self::Xz => "xz data",
            Self::Bzip2 => "bzip2 data",
            Self::Zstd => "zstd data",
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
            Self::Gif => "a GIF image",
            Self::Webp => "a WebP image",
            Self::Image => "an image",
            Self::Pdf => "a PDF document",
            Self::Ole => "an Office document",
            Self::Sqlite => "an SQLite database",
            Self::Font => "a font",
            Self::Media => "sound or film",
            Self::OtherBinary => "binary data",
        }
    }

    /// Is it text that a scan can read?
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Empty | Self::Text | Self::Utf16 | Self::Script)
    }

    /// Is it binary data of a kind that is told by its first bytes?
    #[must_use]
    pub const fn is_known(self) -> bool {
        !self.is_text() && !matches!(self, Self::OtherBinary)
    }

    /// Does a machine run it as it is, without its source?
    #[must_use]
    pub const fn is_native(self) -> bool {
        matches!(
            self,
            Self::Elf | Self::Pe | Self::MachO | Self::Shortcut | Self::Installer | Self::JavaClass | Self::Jar
        )
    }

    /// Does it hold other files or packed data?
    #[must_use]
    pub const fn is_archive(self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::Jar
                | Self::Gzip
                | Self::Tar
                | Self::SevenZip
                | Self::Rar
                | Self::Xz
                | Self::Bzip2
                | Self::Zstd
        )
    }
}

/// Kinds whose first bytes are always the same.
const MAGIC: &[(&[u8], FileKind)] = &[
    (b"\x7fELF", FileKind::Elf),
    (b"\xfe\xed\xfa\xce", FileKind::MachO),
    (b"\xfe\xed\xfa\xcf", FileKind::MachO),
    (b"\xce\xfa\xed\xfe", FileKind::MachO),
    (b"\xcf\xfa\xed\xfe", FileKind::MachO),
    (b"\0asm", FileKind::Wasm),
    (b"L\0\0\0\x01\x14\x02\0", FileKind::Shortcut),
    (b"!<arch>\ndebian-binary", FileKind::Installer),
    (b"\xed\xab\xee\xdb", FileKind::Installer),
    (b"MSCF\0\0\0\0", FileKind::Installer),
    (b"dex\n0", FileKind::JavaClass),
    (b"PK\x03\x04", FileKind::Zip),
    (b"PK\x05\x06", FileKind::Zip),
    (b"\x1f\x8b\x08", FileKind::Gzip),
    (b"7z\xbc\xaf\x27\x1c", FileKind::SevenZip),
    (b"Rar!\x1a\x07", FileKind::Rar),
    (b"\xfd7zXZ\0", FileKind::Xz),
    (b"\x28\xb5\x2f\xfd", FileKind::Zstd),
    (b"\x89PNG\r\n\x1a\n", FileKind::Png),
    (b"\xff\xd8\xff", FileKind::Jpeg),
    (b"GIF87a", FileKind::Gif),
    (b"GIF89a", FileKind::Gif),
    (b"II*\0", FileKind::Image),
    (b"MM\0*", FileKind::Image),
    (b"\0\0\x01\0", FileKind::Image),
    (b"%PDF-", FileKind::Pdf),
    (b"\xef\xbb\xbf%PDF-", FileKind::Pdf),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::Ole),
    (b"SQLite format 3\0", FileKind::Sqlite),
    (b"\0\x01\0\0\0", FileKind::Font),
    (b"OTTO\0", FileKind::Font),
    (b"ttcf\0", FileKind::Font),
    (b"wOFF", FileKind::Font),
    (b"wOF2", FileKind::Font),
    (b"OggS\0", FileKind::Media),
    (b"fLaC\0", FileKind::Media),
    (b"\x1a\x45\xdf\xa3", FileKind::Media),
];

/// What a file is, from its first bytes: at most [`HEAD`] of them are looked at. The name only tells
/// apart what begins alike, such as a Java archive from a zip.
#[must_use]
pub fn sniff(head: &[u8], name: &str) -> FileKind {
    let head = head.get(..HEAD).unwrap_or(head);
    if head.is_empty() {
        return FileKind::Empty;
    }
    let extension = extension(name);
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return match (kind, extension.as_str()) {
            (FileKind::Zip, "jar" | "war" | "ear") => FileKind::Jar,
            (FileKind::Ole, "msi" | "msp") => FileKind::Installer,
            _ => *kind,
        };
    }
    structured(head, &extension).unwrap_or_else(|| plain(head))
}

/// Kinds that more than a fixed start tells.
fn structured(head: &[u8], extension: &str) -> Option<FileKind> {
    let at = |from: usize, what: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(what));
    let word = |from: usize| Some(u32::from_be_bytes(head.get(from..from + 4)?.try_into().ok()?));
    let has_nul = head.contains(&0);
    if at(0, b"\xca\xfe\xba\xbe") {
        // A universal program counts its parts where a class has its version, which is 45 or more.
        return Some(if word(4).is_some_and(|count| count < 40) { FileKind::MachO } else { FileKind::JavaClass });
    }
    if at(0, b"MZ") && has_nul {
        return Some(FileKind::Pe);
    }
    if at(0, b"RIFF") && (at(8, b"WEBP") || at(8, b"WAVE") || at(8, b"AVI ")) {
        return Some(if at(8, b"WEBP") { FileKind::Webp } else { FileKind::Media });
    }
    if at(0, b"BZh") && head.get(3).is_some_and(|level| matches!(level, b'1'..=b'9')) && at(4, b"1AY&SY") {
        return Some(FileKind::Bzip2);
    }
    if at(4, b"ftyp") || at(0, b"ID3") && has_nul {
        return Some(FileKind::Media);
    }
    if at(0, b"BM") && at(6, b"\0\0\0\0") {
        return Some(FileKind::Image);
    }
    if at(257, b"ustar") || is_old_tar(head) {
        return Some(FileKind::Tar);
    }
    if bytecode(head).is_some() {
        return Some(FileKind::PythonBytecode);
    }
    // Protocols 0 and 1 have no mark of their own: there the name speaks.
    let named = matches!(extension, "pkl" | "pickle" | "joblib" | "pt" | "pth" | "sav");
    let marked = head.first() == Some(&0x80) && head.get(1).is_some_and(|protocol| matches!(protocol, 2..=5));
    (marked || named && head.first().is_some_and(|first| b"(]}cil".contains(first))).then_some(FileKind::Pickle)
}

/// A tar header from before the mark `ustar`: its checksum is the sum of its bytes.
fn is_old_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let sum: u32 = header.iter().enumerate().map(|(at, byte)| sum_of(at, *byte)).sum();
    let written = header.get(148..156).unwrap_or_default();
    let digits = written.iter().filter(|byte| byte.is_ascii_digit());
    let written = digits.fold(0u32, |sum, digit| sum.wrapping_mul(8).wrapping_add(u32::from(*digit - b'0')));
    header.first() != Some(&0) && header.contains(&0) && written == sum
}

fn sum_of(at: usize, byte: u8) -> u32 {
    // The checksum counts its own field as spaces.
    if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(byte) }
}

/// The lower-case extension of a path, without its dot.
fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// What a name promises when the bytes are something that nobody keeps under such a name: a program, a
/// script or an archive that calls itself an image, a text or a document.
#[must_use]
pub fn mismatch(name: &str, kind: FileKind) -> Option<&'static str> {
    let extension = extension(name);
    let active = kind.is_native() || matches!(kind, FileKind::Wasm | FileKind::PythonBytecode | FileKind::Pickle);
    let (promise, wrong) = match extension.as_str() {
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "bmp" | "ico" | "tif" | "tiff" | "avif" | "heic" => {
            ("an image", active || kind.is_archive() || kind == FileKind::Script)
        }
        "ttf" | "otf" | "woff" | "woff2" => ("a font", active || kind.is_archive() || kind == FileKind::Script),
        "mp3" | "mp4" | "wav" | "ogg" | "flac" | "mov" | "webm" | "m4a" => {
            ("sound or film", active || kind.is_archive() || kind == FileKind::Script)
        }
        "pdf" => ("a PDF document", active || kind.is_archive() || kind == FileKind::Script),
        // These are zip archives by right.
        "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "epub" | "docm" | "xlsm" | "pptm" | "dotx" | "potx"
        // And these are opened when they are, too.
        | "doc" | "xls" | "ppt" | "rtf" => {
            ("a document", active || kind == FileKind::Script || kind.is_archive() && kind != FileKind::Zip)
        }
        // A text may well show a script, and begins as one then.
        "md" | "mdx" | "txt" | "rst" | "csv" | "tsv" | "json" | "jsonl" | "json5" | "yaml" | "yml" | "toml" | "xml"
        | "svg" | "html" | "htm" | "css" | "ini" | "cfg" | "conf" | "log" | "py" | "sh" | "js" | "ts" | "ps1"
        | "bat" | "rb" | "pl" | "lua" => ("a text", active || kind.is_archive() || kind == FileKind::OtherBinary),
        _ => return None,
    };
    wrong.then_some(promise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_their_first_bytes() {
        let cases: &[(&[u8], &str, FileKind)] = &[
            (b"", "a", FileKind::Empty),
            (b"# Title\n", "a.md", FileKind::Text),
            (b"\xef\xbb\xbf# Title\n", "a.md", FileKind::Text),
            (b"caf\xe9 and more\n", "a.txt", FileKind::Text),
            (b"\xc4\xe3\xba\xc3\n", "a.txt", FileKind::Text),
            (b"#!/bin/sh\n", "a", FileKind::Script),
            (b"#! /usr/bin/env python3\n", "a", FileKind::Script),
            (b"#![allow(dead_code)]\n", "a.rs", FileKind::Text),
            (b"\xff\xfeh\0i\0", "a", FileKind::Utf16),
            (b"h\0e\0l\0l\0o\0 \0y\0o\0u\0", "a", FileKind::Utf16),
            (b"\x7fELF\x02\x01\x01\0", "a", FileKind::Elf),
            (b"MZ\x90\0\x03\0", "a", FileKind::Pe),
            (b"MZ is how the file begins", "a", FileKind::Text),
            (b"#!/bin/sh\n#\0\xff\x01\x02\x03\n", "a", FileKind::Script),
            (b"// a script with a \0 in it\n", "a", FileKind::Text),
            (b"l\0\0\0s\0\0\0 \0\0\0/\0\0\0", "a", FileKind::Text),
            (b"\xff\0\0\0\xee\0\0\0\xdd", "a", FileKind::OtherBinary),
            (&[0; 64], "a", FileKind::OtherBinary),
            (b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07", "a", FileKind::MachO),
            (b"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d", "a", FileKind::JavaClass),
            (b"PK\x03\x04rest", "a.zip", FileKind::Zip),
            (b"PK\x03\x04rest", "a.JAR", FileKind::Jar),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "a", FileKind::Webp),
            (b"BZh91AY&SY", "a", FileKind::Bzip2),
            (b"BZh is a prefix", "a", FileKind::Text),
            (b"\x80\x04\x95", "a", FileKind::Pickle),
            (b"cos\nsystem\n", "a.pkl", FileKind::Pickle),
            (b"cos(x)", "a.txt", FileKind::Text),
            (b"\x01\x02\x03\x04\x80", "a", FileKind::OtherBinary),
        ];
        for (bytes, name, kind) in cases {
            assert_eq!(sniff(bytes, name), *kind, "{name} {:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn names_that_lie() {
        let lies = [
            ("logo.png", FileKind::Script),
            ("logo.png", FileKind::Elf),
            ("a/b/notes.TXT", FileKind::Pe),
            ("paper.pdf", FileKind::Zip),
            ("README.md", FileKind::Gzip),
            ("run.py", FileKind::PythonBytecode),
            ("run.sh", FileKind::OtherBinary),
            ("sheet.xlsx", FileKind::Rar),
        ];
        for (name, kind) in lies {
            assert!(mismatch(name, kind).is_some(), "{name} {kind:?}");
        }
        let honest = [
            ("logo.png", FileKind::Jpeg),
            ("logo.png", FileKind::Empty),
            ("logo.png", FileKind::Text),
            ("sheet.xlsx", FileKind::Zip),
            ("README.md", FileKind::Text),
            ("install.txt", FileKind::Script),
            ("tool.jar", FileKind::Jar),
            ("data.npz", FileKind::Zip),
            ("no-extension", FileKind::Elf),
            ("icon.svg", FileKind::Text),
        ];
        for (name, kind) in honest {
            assert_eq!(mismatch(name, kind), None, "{name} {kind:?}");
        }
    }

    #[test]
    fn no_start_of_bytes_is_too_short() {
        let whole: Vec<u8> = MAGIC.iter().flat_map(|(magic, _)| magic.iter().copied()).collect();
        for from in 0..whole.len() {
            for length in 0..20 {
                let _ = sniff(whole.get(from..(from + length).min(whole.len())).unwrap(), "a.pkl");
            }
        }
    }
}
