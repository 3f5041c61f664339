//! The floor of a scan: walk a tree in order, open and read every file, do nothing with it.
//!
//! Prints the number of files and bytes, so that a comparison can check that both sides saw the same.

#![allow(clippy::print_stdout, reason = "a program of its own")]

use std::io::Read as _;

fn main() -> std::io::Result<()> {
    let root = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let (mut files, mut bytes) = (0_u64, 0_u64);
    let mut buffer = Vec::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            buffer.clear();
            std::fs::File::open(entry.path())?.read_to_end(&mut buffer)?;
            files += 1;
            bytes += buffer.len() as u64;
        }
    }
    println!("{files} {bytes}");
    Ok(())
}
