//! Archives made for a test, honest or not.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// An entry of a zip archive that is being made.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: Vec<u8>,
    /// The name in the local header, when it is another one.
    pub local_name: Option<Vec<u8>>,
    pub bytes: Vec<u8>,
    pub mode: u32,
    pub flags: u16,
    pub deflated: bool,
    /// Take the local header of the entry before instead of an own one.
    pub shared: bool,
    /// Write sizes and offset in the extra field of large archives.
    pub large: bool,
}

pub fn file(name: &str, bytes: &[u8]) -> Entry {
    Entry {
        name: name.into(),
        local_name: None,
        bytes: bytes.to_vec(),
        mode: 0o100_644,
        flags: 0,
        deflated: true,
        shared: false,
        large: false,
    }
}

pub fn link(name: &str, target: &str) -> Entry {
    Entry { mode: 0o120_777, ..file(name, target.as_bytes()) }
}

pub fn dir(name: &str) -> Entry {
    Entry { mode: 0o040_755, deflated: false, ..file(name, b"") }
}

/// The bytes of a zip archive.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory, mut local) = (Vec::new(), Vec::new(), 0u32);
    let (mut packed, mut method) = (Vec::new(), 0u16);
    for entry in entries {
        let size = entry.bytes.len() as u32;
        if !entry.shared {
            local = out.len() as u32;
            (packed, method) = (entry.bytes.clone(), 0);
            if entry.deflated {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(&entry.bytes).unwrap();
                (packed, method) = (encoder.finish().unwrap(), 8);
            }
            let name = entry.local_name.as_ref().unwrap_or(&entry.name);
            out.extend(b"PK\x03\x04");
            for field in [20, entry.flags, method, 0, 0] {
                out.extend(u16::to_le_bytes(field));
            }
            for field in [0, packed.len() as u32, size] {
                out.extend(u32::to_le_bytes(field));
            }
            out.extend(u16::to_le_bytes(name.len() as u16));
            out.extend([0, 0]);
            out.extend(name);
            out.extend(&packed);
        }
        directory.extend(b"PK\x01\x02");
        for field in [0x0314, 20, entry.flags, method, 0, 0] {
            directory.extend(u16::to_le_bytes(field));
        }
        let mut extra = Vec::new();
        let mut numbers = [size, packed.len() as u32, local];
        if entry.large {
            extra.extend([1, 0, 24, 0]);
            extra.extend(numbers.iter().flat_map(|number| u64::from(*number).to_le_bytes()));
            numbers = [u32::MAX; 3];
        }
        for field in [0, numbers[1], numbers[0]] {
            directory.extend(u32::to_le_bytes(field));
        }
        for field in [entry.name.len() as u16, extra.len() as u16, 0, 0, 0] {
            directory.extend(u16::to_le_bytes(field));
        }
        directory.extend(u32::to_le_bytes(entry.mode << 16));
        directory.extend(u32::to_le_bytes(numbers[2]));
        directory.extend(&entry.name);
        directory.extend(extra);
    }
    let large = entries.iter().any(|entry| entry.large);
    let (start, size) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    if large {
        let at = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend([45, 3, 45, 0]);
        out.extend([0; 8]);
        for field in [entries.len() as u64, entries.len() as u64, u64::from(size), u64::from(start)] {
            out.extend(field.to_le_bytes());
        }
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(at.to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = if large { u16::MAX } else { entries.len() as u16 };
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(if large { u32::MAX } else { size }.to_le_bytes());
    out.extend(if large { u32::MAX } else { start }.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// The bytes of a tar archive: regular files, and links where a target is given.
pub fn tar(entries: &[(&str, &[u8], u32)], links: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes, mode) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        let raw = &mut header.as_old_mut().name;
        if name.len() <= raw.len() {
            // By hand: the builder refuses the names that a test is about.
            raw[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        } else {
            builder.append_data(&mut header, name, *bytes).unwrap();
        }
    }
    for (name, target) in links {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        header.set_mode(0o777);
        builder.append_link(&mut header, name, target).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
