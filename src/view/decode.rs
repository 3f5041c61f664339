//! What stands behind encodings, level by level.

use std::ops::Range;

use super::escapes::{escapes, percents};
use super::map::OffsetMap;
use super::marks::{Kind, Mark, Unusual, unusual};
use super::numbers::char_codes;
use super::runs::{SHORTEST, SHORTEST_HEX, is_exempt, runs};
use super::signs::{bits_text, selector_bytes, tag_text};
use super::{Layer, Origin, bytes, literals};

/// Encodings in encodings that are read; archives do not count.
const LEVELS: usize = 3;

/// Bytes of all layers together, apart from the first bytes that every run may give.
const MOST_OUTPUT: usize = 768 << 10;

/// Bytes of one run.
const MOST_OF_ONE: usize = 256 << 10;

/// Bytes that a run may give when the rest is used up, so that one blob hides no other.
const LEAST_OF_ONE: usize = 256;

/// Layers of one text.
const MOST_LAYERS: usize = 1_000;

/// Bytes of a text that is worth a layer.
const SHORTEST_TEXT: usize = 4;

/// What stands behind the encodings in a text.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// Every run that decodes to printable text, level by level, outer layers before what is in them.
    pub layers: Vec<Layer>,
    /// There were more, or longer ones, than are read: the first byte of what was left out.
    pub cut: Option<usize>,
}

/// Every run of an encoding in the text. Tokens, integrity hashes, keys and pictures are left alone. What
/// the text has of unusual characters is known to the caller.
#[must_use]
pub fn decoded(text: &str, found: &Unusual) -> Decoded {
    let mut decoder = Decoder {
        left: MOST_OUTPUT,
        found: Decoded::default(),
        marks: Some(&found.marks),
        tries: 0,
        probing: false,
        hit: false,
    };
    decoder.read(text, &Above { outer: None, chain: &[], level: 0 });
    decoder.found
}

struct Decoder<'a> {
    left: usize,
    found: Decoded,
    /// The marks of the text as it was given.
    marks: Option<&'a [Mark]>,
    tries: usize,
    /// Below the last level: is there anything?
    probing: bool,
    hit: bool,
}

/// Where a text that is read came from.
struct Above<'a> {
    outer: Option<Range<usize>>,
    chain: &'a [Origin],
    level: usize,
}

impl Decoder<'_> {
    fn grant(&self) -> usize {
        self.left.clamp(LEAST_OF_ONE, MOST_OF_ONE)
    }

    /// Is nothing more to be read, at this byte of a text and behind it?
    fn is_done(&mut self, above: &Above<'_>, at: usize) -> bool {
        let full = self.tries >= 2 * MOST_LAYERS || self.found.layers.len() >= MOST_LAYERS;
        if full && !self.probing {
            self.cut(above, at);
        }
        self.hit || full
    }

    /// Notes that something was left out.
    fn cut(&mut self, above: &Above<'_>, at: usize) {
        self.found.cut.get_or_insert(above.outer.as_ref().map_or(at, |outer| outer.start));
    }

    fn read(&mut self, text: &str, above: &Above<'_>) {
        self.alphabets(text, above);
        let most = self.grant();
        literals::joined(text, most, |joined| {
            let compact = joined.text.len() >= SHORTEST && joined.text.bytes().all(|byte| byte.is_ascii_graphic());
            if (joined.splits || compact) && !self.is_done(above, joined.range.start) {
                self.said(joined.range, above, Origin::Joined, joined.text, joined.splits);
            }
        });
        escapes(text, most, |run| {
            if !self.is_done(above, run.range.start) {
                self.bytes(run.range, above, &[Origin::Escapes], run.bytes);
            }
        });
        percents(text, most, |run| {
            if !self.is_done(above, run.range.start) {
                self.bytes(run.range, above, &[Origin::Percent], run.bytes);
            }
        });
        char_codes(text, most, |range, spelled| {
            if !self.is_done(above, range.start) {
                self.said(range, above, Origin::CharCodes, spelled, true);
            }
        });
        if literals::has_calls(text) {
            self.calls(text, above);
        }
        self.invisible(text, above);
    }

    /// Base64, base32 and hexadecimal runs.
    fn alphabets(&mut self, text: &str, above: &Above<'_>) {
        let mut turns_round = None;
        for range in runs(text) {
            if self.is_done(above, range.start) {
                return;
            }
            let run = text.get(range.clone()).unwrap_or_default();
            if is_exempt(text, &range) || self.run(run, &range, above) {
                continue;
            }
            if *turns_round.get_or_insert_with(|| literals::turns_round(text)) && run.len() <= MOST_OF_ONE {
                let turned: String = run.chars().rev().skip_while(|c| *c == '=').collect();
                self.attempt(&turned, &range, &[Origin::Reversed, Origin::Base64], above, bytes::base64);
            }
        }
    }

    fn run(&mut self, run: &str, range: &Range<usize>, above: &Above<'_>) -> bool {
        let digits = run.strip_prefix("0x").unwrap_or(run);
        if digits.len() >= SHORTEST_HEX
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
            && self.attempt(digits, range, &[Origin::Hex], above, bytes::hex)
        {
            return true;
        }
        let upper = |byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7' | b'=') || byte.is_ascii_whitespace();
        if run.bytes().all(upper) && self.attempt(run, range, &[Origin::Base32], above, bytes::base32) {
            return true;
        }
        if self.attempt(run, range, &[Origin::Base64], above, bytes::base64) {
            return true;
        }
        // A path or a name before or after it: its longest part.
        let mut start = 0;
        let mut longest = 0..0;
        for part in run.split(['/', '-', '_', '+']) {
            if part.len() > longest.len() {
                longest = start..start + part.len();
            }
            start += part.len() + 1;
        }
        let part = run.get(longest.clone()).unwrap_or_default();
        let range = range.start + longest.start..range.start + longest.end;
        part.len() >= SHORTEST
            && part.len() < run.len()
            && self.attempt(part, &range, &[Origin::Base64], above, bytes::base64)
    }

    /// Decodes a run when its first bytes may be text.
    fn attempt(
        &mut self,
        run: &str,
        range: &Range<usize>,
        steps: &[Origin],
        above: &Above<'_>,
        decode: fn(&str, usize) -> Vec<u8>,
    ) -> bool {
        if !bytes::is_promising(&decode(run, SHORTEST)) {
            return false;
        }
        let most = self.grant();
        let bytes = decode(run, most);
        if bytes.len() >= most && !self.probing {
            self.cut(above, range.start);
        }
        self.bytes(range.clone(), above, steps, bytes)
    }

    /// Literals that the code hands to a decoder, turns round or shifts.
    fn calls(&mut self, text: &str, above: &Above<'_>) {
        for (call, ascii85) in [("b85decode(", false), ("a85decode(", true)] {
            for (range, run) in literals::arguments(text, call) {
                let most = self.grant();
                if !self.is_done(above, range.start) {
                    let bytes = bytes::base85(run, ascii85, most).unwrap_or_default();
                    self.bytes(range, above, &[Origin::Base85], bytes);
                }
            }
        }
        for call in ["b64decode(", "atob("] {
            for (range, run) in literals::arguments(text, call) {
                if run.len() < SHORTEST && !self.is_done(above, range.start) {
                    self.attempt(run, &range, &[Origin::Base64], above, bytes::base64);
                }
            }
        }
        for (range, run) in literals::reversed(text) {
            if !self.is_done(above, range.start) && run.len() <= MOST_OF_ONE {
                self.said(range, above, Origin::Reversed, run.chars().rev().collect(), true);
            }
        }
        for (range, run) in literals::shifted(text) {
            if !self.is_done(above, range.start) {
                self.said(range, above, Origin::Rot13, literals::rot13(run), true);
            }
        }
    }

    /// What invisible characters spell.
    fn invisible(&mut self, text: &str, above: &Above<'_>) {
        let mut tags = String::new();
        let mut tagged: Option<Range<usize>> = None;
        let own;
        let marks = if let Some(marks) = self.marks.filter(|_| above.outer.is_none()) {
            marks
        } else {
            own = unusual(text).marks;
            &own
        };
        for mark in marks {
            let run = text.get(mark.range.clone()).unwrap_or_default();
            match mark.kind {
                Kind::Tags if tags.len() < self.grant() => {
                    tags.push_str(&tag_text(run));
                    tagged = Some(tagged.map_or(mark.range.start, |tagged| tagged.start)..mark.range.end);
                }
                Kind::Variation if !self.is_done(above, mark.range.start) => {
                    self.bytes(mark.range.clone(), above, &[Origin::Variation], selector_bytes(run));
                }
                Kind::ZeroWidth if !self.is_done(above, mark.range.start) => {
                    let spelled = bits_text(run).unwrap_or_default();
                    self.said(mark.range.clone(), above, Origin::ZeroWidth, spelled, true);
                }
                _ => {}
            }
        }
        if let Some(range) = tagged.filter(|range| !self.is_done(above, range.start)) {
            self.said(range, above, Origin::Tags, tags, true);
        }
    }

    /// Opens archives, and takes what is text.
    fn bytes(&mut self, range: Range<usize>, above: &Above<'_>, steps: &[Origin], mut bytes: Vec<u8>) -> bool {
        let mut chain = [above.chain, steps].concat();
        for _ in 0..LEVELS {
            // A text may begin as compressed data does (`x^`).
            if std::str::from_utf8(&bytes).is_ok_and(bytes::is_printable) {
                break;
            }
            let Some((origin, unpacked)) = bytes::unpacked(&bytes, self.grant()) else { break };
            self.tries += 1;
            self.left = self.left.saturating_sub(unpacked.len());
            chain.push(origin);
            bytes = unpacked;
        }
        let Some((text, wide)) = bytes::text(bytes) else { return false };
        chain.extend(wide.then_some(Origin::Utf16));
        self.take(range, above, chain, text, true)
    }

    fn said(&mut self, range: Range<usize>, above: &Above<'_>, origin: Origin, text: String, keep: bool) {
        if bytes::is_printable(&text) {
            self.take(range, above, [above.chain, &[origin]].concat(), text, keep);
        }
    }

    /// Takes a layer, and what is in it.
    fn take(&mut self, range: Range<usize>, above: &Above<'_>, chain: Vec<Origin>, text: String, keep: bool) -> bool {
        if text.len() < SHORTEST_TEXT || chain.len() > 3 * LEVELS {
            return false;
        }
        if self.probing && keep {
            self.hit = true;
            return true;
        }
        self.tries += 1;
        self.left = self.left.saturating_sub(text.len());
        let outer = above.outer.clone().unwrap_or(range);
        let origin = chain.last().copied().unwrap_or(Origin::Joined);
        let level = above.level + usize::from(origin != Origin::Joined);
        let place = self.found.layers.len();
        let below = Above { outer: Some(outer.clone()), chain: &chain, level };
        let mut deeper = false;
        if level < LEVELS {
            self.read(&text, &below);
        } else if keep {
            self.probing = true;
            self.read(&text, &below);
            self.probing = false;
            deeper = std::mem::take(&mut self.hit);
        }
        if keep {
            let map = OffsetMap::whole(outer.clone());
            self.found.layers.insert(place, Layer { text, map, origin, chain, outer, deeper });
        }
        true
    }
}

#[cfg(test)]
mod tests;
