//! The digest of the first bytes of a file, as they are and as they would be with other line ends.

use sha2::{Digest as _, Sha256};

/// Bytes that are hashed on the way.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    raw: Hashed,
    /// With every CR LF as LF. Before the first carriage return it is the same.
    unix: Option<Hashed>,
    /// The last byte was a carriage return, which is not hashed yet.
    held: bool,
}

#[derive(Clone, Debug)]
struct Hashed {
    hasher: Sha256,
    left: u64,
}

impl Hashed {
    fn update(&mut self, bytes: &[u8]) {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        self.left -= count as u64;
    }

    fn digest(self) -> Option<[u8; 32]> {
        (self.left == 0).then(|| self.hasher.finalize().into())
    }
}

impl Prefix {
    /// Of the first so many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        Self { raw: Hashed { hasher: Sha256::new(), left: bytes }, unix: None, held: false }
    }

    /// The next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.unix.is_none() {
            let plain = memchr::memchr(b'\r', bytes).unwrap_or(bytes.len());
            let (before, after) = bytes.split_at(plain);
            self.raw.update(before);
            rest = after;
            if !after.is_empty() {
                self.unix = Some(self.raw.clone());
            }
        }
        self.raw.update(rest);
        let Some(unix) = &mut self.unix else { return };
        for piece in rest.split_inclusive(|byte| *byte == b'\r') {
            if self.held && !piece.starts_with(b"\n") {
                unix.update(b"\r");
            }
            self.held = piece.ends_with(b"\r");
            unix.update(piece.strip_suffix(b"\r").unwrap_or(piece));
        }
    }

    /// Both digests; none where there were fewer bytes, and no second one where it would be the same.
    pub(super) fn digests(self) -> [Option<[u8; 32]>; 2] {
        [self.raw.digest(), self.unix.and_then(Hashed::digest)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_do_not_matter_wherever_the_pieces_end() {
        let text = b"a\nb\r\n\r\rc\r\n\n";
        let unix = b"a\nb\n\r\rc\n\n";
        let digest = |bytes: &[u8]| Some(Sha256::digest(bytes).into());
        for size in 1..=text.len() {
            let of = |count: usize| {
                let mut prefix = Prefix::new(count as u64);
                text.chunks(size).for_each(|piece| prefix.update(piece));
                prefix.digests()
            };
            assert_eq!(of(text.len())[0], digest(text));
            assert_eq!(of(unix.len())[1], digest(unix), "{size}");
            assert_eq!(of(text.len() + 1), [None, None]);
            assert_eq!(of(3)[0], digest(b"a\nb"));
        }
    }
}
