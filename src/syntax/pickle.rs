//! Python pickles: what reading one would run.
//!
//! A pickle is a program for a small stack machine that may import any name and call it. The walk
//! follows that machine on paper: which names are imported, and which of them are called. It reads as
//! far as Python would, so what stands before a broken end still counts.

mod calls;

use std::collections::BTreeMap;

/// Values that the machine may hold at a time; past it the walk ends with what it knows.
const MOST_VALUES: usize = 1 << 18;

/// What reading a pickle calls that no stored data needs: `os.system`, or a few of such names. Other
/// formats that hold pickles, such as a model in zip form, are for the caller to open.
#[must_use]
pub fn dangerous(bytes: &[u8]) -> Option<String> {
    let mut machine = Machine { bytes, ..Machine::default() };
    // Several pickles may follow one another in a file.
    while machine.step().is_some() {}
    let called: Vec<&str> = machine.called.iter().map(String::as_str).collect();
    (!called.is_empty()).then(|| called.join(", "))
}

/// A value as far as it matters.
#[derive(Clone, Copy, Debug)]
enum Item {
    Mark,
    /// A string that stands between two offsets.
    Text(usize, usize),
    /// An imported name, by its number.
    Global(usize),
    Other,
}

#[derive(Debug, Default)]
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Item>,
    memo: BTreeMap<u64, Item>,
    /// The dangerous names among the imports; harmless ones are not kept.
    names: Vec<String>,
    called: Vec<String>,
}

impl Machine<'_> {
    /// Follows one instruction. None at the end, or where Python would stop with an error.
    fn step(&mut self) -> Option<()> {
        let op = *self.take(1)?.first()?;
        match op {
            b'I' | b'L' | b'F' | b'P' => {
                self.line()?;
                self.push(Item::Other)
            }
            b'S' | b'V' => self.text_line(op == b'S'),
            b'c' | b'i' => self.named(op == b'i'),
            b'J' | b'G' | b'K' | b'M' | 0x82..=0x84 => {
                self.take(match op {
                    b'G' => 8,
                    b'J' | 0x84 => 4,
                    b'M' | 0x83 => 2,
                    _ => 1,
                })?;
                self.push(Item::Other)
            }
            b'U' | 0x8c => self.counted(1, true),
            b'T' | b'X' => self.counted(4, true),
            0x8d => self.counted(8, true),
            b'C' | 0x8a => self.counted(1, false),
            b'B' | 0x8b => self.counted(4, false),
            0x8e | 0x96 => self.counted(8, false),
            b'N' | b']' | b'}' | b')' | 0x88 | 0x89 | 0x8f | 0x97 => self.push(Item::Other),
            b'(' => self.push(Item::Mark),
            b'a' | 0x86 | b'b' => self.replace(2, op == b'b'),
            b's' | 0x87 => self.replace(3, false),
            b'Q' | 0x85 | 0x98 => self.replace(1, false),
            b'l' | b't' | b'd' | 0x91 => {
                self.pop_mark()?;
                self.push(Item::Other)
            }
            b'e' | b'u' | 0x90 | b'1' => self.pop_mark().map(drop),
            b'0' => self.stack.pop().map(drop),
            b'2' => self.push(*self.stack.last()?),
            b'g' | b'h' | b'j' | b'p' | b'q' | b'r' | 0x94 => self.memory(op),
            0x93 => self.stack_global(),
            b'R' | 0x81 => self.call(2),
            0x92 => self.call(3),
            b'o' => self.object(),
            0x80 => self.take(1).map(drop),
            0x95 => self.take(8).map(drop),
            b'.' => {
                self.stack.clear();
                self.memo.clear();
                Some(())
            }
            _ => None,
        }
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let from = self.at;
        self.at = from.checked_add(count)?;
        self.bytes.get(from..self.at)
    }

    /// The bounds of a line; the newline is passed over.
    fn line(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        let length = memchr::memchr(b'\n', self.bytes.get(from..)?)?;
        self.at = from + length + 1;
        Some((from, from + length))
    }

    fn push(&mut self, item: Item) -> Option<()> {
        (self.stack.len() < MOST_VALUES).then(|| self.stack.push(item))
    }

    fn text(&self, (from, to): (usize, usize)) -> &[u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn text_line(&mut self, quoted: bool) -> Option<()> {
        let (mut from, mut to) = self.line()?;
        if quoted && to > from + 1 {
            (from, to) = (from + 1, to - 1);
        }
        // What is escaped is not read here: as a name it is one that was made on the way.
        let escaped = memchr::memchr(b'\\', self.text((from, to))).is_some();
        self.push(if escaped { Item::Other } else { Item::Text(from, to) })
    }

    /// A value that its length precedes, in so many bytes.
    fn counted(&mut self, width: usize, text: bool) -> Option<()> {
        let mut length = [0; 8];
        length.get_mut(..width)?.copy_from_slice(self.take(width)?);
        let from = self.at;
        self.take(usize::try_from(u64::from_le_bytes(length)).ok()?)?;
        self.push(if text { Item::Text(from, self.at) } else { Item::Other })
    }

    /// An import that is written as two lines; `i` calls it at once.
    fn named(&mut self, called: bool) -> Option<()> {
        let (module, name) = (self.line()?, self.line()?);
        let item = self.import(Some((module, name)));
        if called {
            self.pop_mark()?;
            self.note(item);
        }
        self.push(if called { Item::Other } else { item })
    }

    fn stack_global(&mut self) -> Option<()> {
        let (name, module) = (self.stack.pop()?, self.stack.pop()?);
        let item = match (module, name) {
            (Item::Text(a, b), Item::Text(c, d)) => self.import(Some(((a, b), (c, d)))),
            _ => self.import(None),
        };
        self.push(item)
    }

    fn import(&mut self, names: Option<((usize, usize), (usize, usize))>) -> Item {
        let dangerous = match names {
            Some((module, name)) => calls::dangerous(self.text(module), self.text(name)),
            None => Some("a name made while reading".to_owned()),
        };
        let Some(name) = dangerous else { return Item::Other };
        let known = self.names.iter().position(|one| *one == name);
        if known.is_none() && self.names.len() >= 100 {
            return Item::Other;
        }
        Item::Global(known.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        }))
    }

    /// Takes so many values off and puts one back. What is built upon keeps what it was.
    fn replace(&mut self, count: usize, same: bool) -> Option<()> {
        let keep = self.stack.len().checked_sub(count)?;
        let first = *self.stack.get(keep)?;
        self.stack.truncate(keep);
        self.push(if same { first } else { Item::Other })
    }

    /// Takes everything down to the last mark off; the lowest value that stood above it.
    fn pop_mark(&mut self) -> Option<Item> {
        let mark = self.stack.iter().rposition(|item| matches!(item, Item::Mark))?;
        let lowest = self.stack.get(mark + 1).copied().unwrap_or(Item::Other);
        self.stack.truncate(mark);
        Some(lowest)
    }

    fn call(&mut self, count: usize) -> Option<()> {
        let keep = self.stack.len().checked_sub(count)?;
        let callee = *self.stack.get(keep)?;
        self.note(callee);
        self.replace(count, false)
    }

    fn object(&mut self) -> Option<()> {
        let callee = self.pop_mark()?;
        self.note(callee);
        self.push(Item::Other)
    }

    fn note(&mut self, callee: Item) {
        let Item::Global(number) = callee else { return };
        let Some(name) = self.names.get(number) else { return };
        if self.called.len() < 3 && !self.called.contains(name) {
            self.called.push(name.clone());
        }
    }

    fn memory(&mut self, op: u8) -> Option<()> {
        let slot = match op {
            b'g' | b'p' => {
                let line = self.line()?;
                std::str::from_utf8(self.text(line)).ok()?.trim().parse().ok()?
            }
            b'h' | b'q' => u64::from(*self.take(1)?.first()?),
            b'j' | b'r' => u64::from(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => self.memo.len() as u64,
        };
        if matches!(op, b'g' | b'h' | b'j') {
            return self.push(*self.memo.get(&slot)?);
        }
        if self.memo.len() >= MOST_VALUES {
            return None;
        }
        self.memo.insert(slot, *self.stack.last()?);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_no_data_needs() {
        let cases: &[(&[u8], &str)] = &[
            (b"cos\nsystem\n(S'id'\ntR.", "os.system"),
            (b"\x80\x02cposix\nsystem\nq\x00X\x02\0\0\0idq\x01\x85q\x02Rq\x03.", "posix.system"),
            (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x85R.", "os.system"),
            // The same names out of the memo.
            (b"\x80\x04\x8c\x02os\x940\x8c\x06system\x940h\x00h\x01\x93\x8c\x02id\x85R.", "os.system"),
            (b"(S'id'\nios\nsystem\n.", "os.system"),
            (b"(c__builtin__\neval\nS'1'\no.", "__builtin__.eval"),
            (b"\x80\x04\x8c\x07logging\x8c\x09os.system\x93\x8c\x02id\x85R.", "logging.os.system"),
            (b"\x80\x04S'\\x6fs'\nS'system'\n\x93\x8c\x02id\x85R.", "a name made while reading"),
            // A broken end undoes nothing.
            (b"cos\nsystem\n(S'id'\ntR\xff\xff", "os.system"),
            // The second of two.
            (b"\x80\x02N.\x80\x02cos\nsystem\n(S'id'\ntR.", "os.system"),
        ];
        for (bytes, name) in cases {
            assert_eq!(dangerous(bytes).as_deref(), Some(*name), "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn data_is_only_data() {
        let cases: &[&[u8]] = &[
            b"\x80\x04\x95\x0f\0\0\0\0\0\0\0\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R.",
            b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01tR.",
            // Words in a string are no import.
            b"\x80\x04X\x0a\0\0\0cos\nsystem\n.",
            // Named and never called.
            b"cos\nsystem\n.",
            b"",
            b"\x80",
            b"(((((",
        ];
        for bytes in cases {
            assert_eq!(dangerous(bytes), None, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn any_bytes_end() {
        let mut state = 7u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for _ in 0..500 {
            let bytes: Vec<u8> = (0..300).map(|_| random()).collect();
            let _ = dangerous(&bytes);
        }
        let _ = dangerous(&vec![b'('; 1 << 20]);
    }
}
