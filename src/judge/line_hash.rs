//! GitHub's `primaryLocationLineHash`: how code scanning recognises an alert that moved.
//!
//! The value must be exactly the one that GitHub's own upload action computes, or it warns about
//! every result: a rolling hash over the next hundred code units from the start of a line, blanks
//! left out. `fixtures/line-hash.json` holds its answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Code units that one hash sees.
const WINDOW: usize = 100;
/// The base of the rolling hash.
const BASE: u64 = 37;
/// Stands for the end of the text.
const END: u16 = 0xffff;

/// The hashes of some 1-based lines of a text, each with the number of times it was seen so far.
///
/// Lines end as that algorithm ends them, so a lone carriage return counts; a line that the text
/// does not have is missing from the answer.
#[must_use]
pub fn hashes(text: &str, lines: &[u32]) -> BTreeMap<u32, String> {
    let mut roller = Roller::new(lines);
    for unit in text.encode_utf16() {
        roller.read(unit);
    }
    roller.finish()
}

struct Roller {
    wanted: BTreeSet<u32>,
    found: BTreeMap<u32, String>,
    seen: HashMap<u64, u32>,
    window: [u16; WINDOW],
    /// The line that starts at a slot of the window, or 0.
    starts: [u32; WINDOW],
    slot: usize,
    hash: u64,
    /// `BASE` to the power of the window: the weight of the unit that leaves it.
    oldest: u64,
    line: u32,
    at_line_start: bool,
    after_return: bool,
}

impl Roller {
    fn new(lines: &[u32]) -> Self {
        Self {
            wanted: lines.iter().copied().collect(),
            found: BTreeMap::new(),
            seen: HashMap::new(),
            window: [0; WINDOW],
            starts: [0; WINDOW],
            slot: 0,
            hash: 0,
            oldest: (0..WINDOW).fold(1, |power: u64, _| power.wrapping_mul(BASE)),
            line: 0,
            at_line_start: true,
            after_return: false,
        }
    }

    fn read(&mut self, unit: u16) {
        let (blank, feed, ret) = ([0x20, 0x09].contains(&unit), unit == 0x0a, unit == 0x0d);
        let skip = blank || feed && self.after_return;
        self.after_return = ret;
        if skip {
            return;
        }
        self.say();
        if self.at_line_start {
            self.line += 1;
            if let Some(start) = self.starts.get_mut(self.slot) {
                *start = self.line;
            }
        }
        self.at_line_start = feed || ret;
        self.push(if ret { 0x0a } else { unit });
    }

    /// A whole window after its start a line's hash is complete.
    fn say(&mut self) {
        let line = self.starts.get_mut(self.slot).map_or(0, std::mem::take);
        if line == 0 {
            return;
        }
        let count = self.seen.entry(self.hash).or_insert(0);
        *count += 1;
        if self.wanted.contains(&line) {
            self.found.insert(line, format!("{:x}:{count}", self.hash));
        }
    }

    fn push(&mut self, unit: u16) {
        let gone = self.window.get_mut(self.slot).map_or(0, |slot| std::mem::replace(slot, unit));
        let grown = self.hash.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        self.hash = grown.wrapping_sub(self.oldest.wrapping_mul(u64::from(gone)));
        self.slot = (self.slot + 1) % WINDOW;
    }

    fn finish(mut self) -> BTreeMap<u32, String> {
        self.read(END);
        for _ in 0..WINDOW {
            self.say();
            self.push(0);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::hashes;

    fn base64(text: &str) -> Vec<u8> {
        let digit = |c: u8| match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("not base64: {other}"),
        };
        let digits: Vec<u8> = text.bytes().filter(|c| *c != b'=').map(digit).collect();
        let mut bytes = Vec::new();
        for four in digits.chunks(4) {
            let bits = four.iter().fold(0u32, |bits, d| bits << 6 | u32::from(*d)) << (6 * (4 - four.len()));
            bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
        }
        bytes
    }

    #[test]
    fn equals_the_upload_action() {
        let file = include_str!("../../fixtures/line-hash.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert!(vectors.len() >= 47);
        for vector in vectors {
            let bytes = base64(vector["content_base64"].as_str().unwrap());
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<u32> =
                vector["lines"].as_array().unwrap().iter().map(|l| l.as_u64().unwrap().try_into().unwrap()).collect();
            let found = hashes(&text, &lines);
            let expected = vector["hashes"].as_array().unwrap();
            assert_eq!(found.len(), lines.len(), "{}", vector["name"]);
            for (line, hash) in lines.iter().zip(expected) {
                assert_eq!(found[line], hash.as_str().unwrap(), "{} line {line}", vector["name"]);
            }
        }
    }

    #[test]
    fn answers_only_for_lines_that_are_there() {
        let found = hashes("a\nb\n", &[2, 9]);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&2]);
    }
}
