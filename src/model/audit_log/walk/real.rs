//! What ClosedClaw's own verifier would answer: the first failure counts, and it raises over some of them.

use super::super::entry::{Entry, Name, Parsed};
use super::super::{Digest, Failure};
use super::{Here, Walk};

impl Walk {
    /// The verifier's check of an entry whose hash fits.
    pub(super) fn real_plain(&mut self, hash: Digest, prev: Option<Digest>, here: Here<'_>) {
        if self.log.real.failure.is_none() {
            if prev == Some(self.real) {
                self.real = hash;
            } else {
                self.fail("prev-mismatch", here);
            }
        }
    }

    fn fail(&mut self, kind: &'static str, here: Here<'_>) {
        let raises = kind.starts_with("throws");
        let seq = Parsed::padded(here.bytes).ok().and_then(|parsed| {
            let value = parsed.json.value(parsed.json.get("seq")?);
            String::from_utf8(value).ok().filter(|text| text.len() <= 4096)
        });
        self.log.real.failure = Some(Failure { kind, line: here.number, seq });
        self.log.real.ok = self.log.real.ok.and((!raises).then_some(false));
    }

    /// Its check of any other entry.
    pub(super) fn real_entry(&mut self, entry: &Entry, here: Here<'_>) {
        if self.log.real.failure.is_some() {
            return;
        }
        if entry.prev != Name::Digest(self.real) {
            let raises = entry.prev == Name::None;
            self.fail(if raises { "throws-bad-prevHash-type" } else { "prev-mismatch" }, here);
            return;
        }
        match &entry.stored {
            Name::Digest(stored) if *stored == entry.hash => self.real = entry.hash,
            Name::None => self.fail("throws-bad-hash-type", here),
            _ => self.fail("hash-mismatch", here),
        }
    }
}
