//! Integrity strings as npm and browsers write them (W3C Subresource Integrity).

use crate::secret::base64;

/// One hash of an integrity string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integrity<'a> {
    /// `sha1`, `sha256`, `sha384` or `sha512`.
    pub algorithm: &'a str,
    /// The digest.
    pub bytes: Vec<u8>,
}

impl<'a> Integrity<'a> {
    /// One hash: the algorithm, a hyphen, the digest in base64 of the standard alphabet. Options after
    /// `?` mean nothing. None when the digest has another length than the algorithm gives.
    #[must_use]
    pub fn parse(word: &'a str) -> Option<Self> {
        let (hash, _options) = word.split_once('?').unwrap_or((word, ""));
        let (algorithm, digest) = hash.split_once('-')?;
        let size = match algorithm {
            "sha1" => 20,
            "sha256" => 32,
            "sha384" => 48,
            "sha512" => 64,
            _ => return None,
        };
        let padding = digest.len() - digest.trim_end_matches('=').len();
        let bytes = base64(digest).filter(|_| padding <= 2 && !digest.contains(['-', '_']))?;
        (bytes.len() == size).then_some(Self { algorithm, bytes })
    }

    /// Can two different packages be made to have the same digest?
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.algorithm == "sha1"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_digests_are_read() {
        let sha256 = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let size = |word: &str| Integrity::parse(word).map(|one| one.bytes.len());
        assert_eq!(size(sha256), Some(32));
        assert_eq!(size(&format!("{sha256}=")), Some(32));
        assert_eq!(size(&format!("{sha256}=?x")), Some(32));
        assert_eq!(size(&format!("sha512-{}==", "A".repeat(86))), Some(64));
        assert_eq!(size(&format!("{sha256}AA")), None);
        for word in ["", "sha256", "sha256-", "md5-AAAAAAAAAAAAAAAAAAAAAA==", "sha512-AAAA", "SHA256-A", "sha256:00"] {
            assert_eq!(size(word), None, "{word}");
        }
        assert_eq!(size(&format!("sha256-_{}=", "A".repeat(42))), None);
    }
}
