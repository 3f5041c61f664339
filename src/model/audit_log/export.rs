//! JSON exports: an array of entries, which may be a part of the log, and in reverse.

use super::Digest;
use super::entry::{Name, Parsed};

/// What an export says of its entries.
#[derive(Debug, Default)]
pub struct Exported {
    /// Entries.
    pub entries: u64,
    /// Sequence numbers of entries whose content does not give their hash.
    pub bad_hashes: Vec<f64>,
    /// Sequence numbers of entries that do not follow the one before them, in the order of the chain.
    pub broken_links: Vec<f64>,
    /// The first entry of the chain begins it.
    pub from_genesis: bool,
    /// The last entry comes first.
    pub reversed: bool,
    /// Sequence numbers go up and down.
    pub shuffled: bool,
}

impl Exported {
    /// Any hash that does not fit?
    #[must_use]
    pub const fn chain(&self) -> &'static str {
        if !self.bad_hashes.is_empty() {
            "tampered"
        } else if !self.broken_links.is_empty() {
            "gaps"
        } else if self.reversed {
            "reversed-contiguous"
        } else if self.from_genesis {
            "complete-from-genesis"
        } else {
            "contiguous-segment"
        }
    }
}

/// Lists that are kept of one file.
const MOST: usize = 10_000;

/// Takes in entries in the order of the file.
#[derive(Debug, Default)]
pub struct Chain {
    entries: u64,
    bad_hashes: Vec<f64>,
    /// As if the file were in order, and as if it were reversed.
    broken: [Vec<f64>; 2],
    first: Option<Link>,
    last: Option<Link>,
    ups: u64,
    downs: u64,
}

#[derive(Clone, Debug)]
struct Link {
    seq: Option<f64>,
    prev: Name,
    stored: Name,
}

impl Chain {
    /// The next entry.
    pub fn push(&mut self, entry: &Parsed<'_>) {
        let keep = |list: &mut Vec<f64>, seq: Option<f64>| {
            if list.len() < MOST {
                list.push(seq.unwrap_or(f64::NAN));
            }
        };
        let link = Link { seq: entry.seq(), prev: entry.name("prevHash"), stored: entry.name("hash") };
        if link.stored != Name::Digest(entry.hash()) {
            keep(&mut self.bad_hashes, link.seq);
        }
        let follows = |one: &Link, other: &Link| one.prev == other.stored && one.prev.digest().is_some();
        if let Some(last) = &self.last {
            if !follows(&link, last) {
                keep(&mut self.broken[0], link.seq);
            }
            if !follows(last, &link) {
                keep(&mut self.broken[1], last.seq);
            }
            self.ups += u64::from(link.seq > last.seq);
            self.downs += u64::from(link.seq < last.seq);
        }
        self.entries += 1;
        self.first.get_or_insert_with(|| link.clone());
        self.last = Some(link);
    }

    /// What there is to say.
    #[must_use]
    pub fn finish(self) -> Exported {
        let reversed = match (&self.first, &self.last) {
            (Some(first), Some(last)) => first.seq > last.seq,
            _ => false,
        };
        let [forward, mut backward] = self.broken;
        backward.reverse();
        let start = if reversed { self.last } else { self.first };
        Exported {
            entries: self.entries,
            bad_hashes: self.bad_hashes,
            broken_links: if reversed { backward } else { forward },
            from_genesis: start.is_some_and(|start| start.prev == Name::Digest(Digest::GENESIS)),
            reversed,
            shuffled: self.ups > 0 && self.downs > 0,
        }
    }
}

/// Cuts an array into its elements, whatever pieces it comes in.
#[derive(Debug, Default)]
pub struct Elements {
    held: Vec<u8>,
    depth: usize,
    in_string: bool,
    escaped: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    First,
    Element,
    Next,
    After,
}

impl Elements {
    /// Takes in a piece and hands over the elements that end in it.
    ///
    /// # Errors
    /// In words: it is no array, or an element is longer than `longest` bytes.
    pub fn push(
        &mut self,
        piece: &[u8],
        longest: usize,
        take: &mut dyn FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        for byte in piece {
            let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            match self.state {
                State::Before | State::First | State::Next | State::After if blank => {}
                State::Before if *byte == b'[' => self.state = State::First,
                State::Before => return Err("it is no array".to_owned()),
                State::First if *byte == b']' => self.state = State::After,
                State::After => return Err("something follows the array".to_owned()),
                State::First | State::Next => {
                    self.state = State::Element;
                    self.element(*byte, take)?;
                }
                State::Element => self.element(*byte, take)?,
            }
            if self.held.len() > longest {
                return Err(format!("an entry is longer than {} MiB", longest >> 20));
            }
        }
        Ok(())
    }

    fn element(&mut self, byte: u8, take: &mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b',' | b']' if self.depth == 0 => {
                    take(&self.held)?;
                    self.held.clear();
                    self.state = if byte == b',' { State::Next } else { State::After };
                    return Ok(());
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.held.push(byte);
        Ok(())
    }

    /// Did the array end?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.state == State::After
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, size: usize) -> Result<Vec<String>, String> {
        let mut elements = Elements::default();
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            elements.push(piece, 100, &mut |element| {
                found.push(String::from_utf8_lossy(element).trim().to_owned());
                Ok(())
            })?;
        }
        if elements.is_whole() { Ok(found) } else { Err("not whole".to_owned()) }
    }

    #[test]
    fn arrays_are_cut_wherever_the_pieces_end() {
        let text = "[ {\"a\":\"],\\\"\"} ,[1,{\"b\":[]}], 2\n]\n";
        for size in 1..text.len() {
            assert_eq!(cut(text, size).unwrap(), ["{\"a\":\"],\\\"\"}", "[1,{\"b\":[]}]", "2"]);
        }
        assert_eq!(cut(" [ ] ", 9).unwrap(), Vec::<String>::new());
        for wrong in ["{}", "[1", "[1] 2", "", "[1]]"] {
            assert!(cut(wrong, 2).is_err(), "{wrong}");
        }
    }
}
