//! The floor of verifying a log: plain SHA-256 of a file in memory, as often as is asked for.
//!
//! Prints the digest, so that nothing is left out. The difference between running it once and three times is what two
//! digests cost, without reading the file.

#![allow(clippy::print_stdout, reason = "a program of its own")]

use sha2::{Digest, Sha256};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let bytes = std::fs::read(arguments.next().unwrap_or_default())?;
    let times = arguments.next().and_then(|times| times.to_str()?.parse().ok()).unwrap_or(1);
    for _ in 0..times {
        println!("{:02x?}", std::hint::black_box(Sha256::digest(std::hint::black_box(&bytes))));
    }
    Ok(())
}
