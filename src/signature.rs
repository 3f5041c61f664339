//! Detached Ed25519 signatures (RFC 8032) in the text envelope that ClosedClaw writes beside a skill.
//!
//! Everything here works on bytes and texts alone: [`Envelope`] reads a `.sig` file as tolerantly as ClosedClaw
//! does, [`SigningKey`] and [`AnyKey`] read and write PEM, [`sign`] and [`verify`] join them. The signature knows
//! nothing of what it is for, so whoever signs another kind of text than a `SKILL.md` begins that text with a line
//! of its own that no other kind begins with.

mod der;
pub mod envelope;
pub mod key;
pub mod manifest;
pub mod pem;

use std::borrow::Cow;

pub use envelope::Envelope;
pub use key::{AnyKey, SigningKey};

/// Signs `message` and writes the envelope. `timestamp` is an RFC 3339 time; it is not covered, and neither is
/// the signer's name.
///
/// # Errors
/// In words: the name or the time cannot be written in one line.
pub fn sign(message: &[u8], key: &SigningKey, signer: &str, timestamp: &str) -> Result<String, String> {
    envelope::write(signer, &key.public().id(), timestamp, &key.sign(message))
}

/// Does the signature in an envelope fit these bytes under this key? Only Ed25519 keys verify, by the strict
/// criteria: no small-order keys, no second form of a valid signature.
#[must_use]
pub fn verify(message: &[u8], envelope: &Envelope, key: &AnyKey) -> bool {
    key.verify(message, &envelope.signature())
}

/// The bytes that ClosedClaw signs for a file: those of its text, in which every invalid sequence has become
/// U+FFFD. They differ from the file's own bytes only where the file is not UTF-8.
#[must_use]
pub fn covered(bytes: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let key = SigningKey::from_seed([7; 32]);
        let text = sign(b"a skill", &key, "Alice", "2026-02-10T12:34:56.789Z").unwrap();
        let envelope = Envelope::parse(&text).unwrap();
        assert_eq!(envelope.key_id, key.public().id());
        assert!(verify(b"a skill", &envelope, &key.public()));
        assert!(!verify(b"a skilL", &envelope, &key.public()));
        assert!(!verify(b"a skill", &envelope, &SigningKey::from_seed([8; 32]).public()));
    }

    #[test]
    fn invalid_sequences_are_signed_as_replacement_characters() {
        assert_eq!(&*covered(b"a\xffb"), "a\u{fffd}b".as_bytes());
        assert!(matches!(covered("é".as_bytes()), Cow::Borrowed(_)));
    }
}
