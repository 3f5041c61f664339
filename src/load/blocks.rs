//! A file of lines in blocks: whatever its size, little of it is in memory at a time.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::prefix::Prefix;
use crate::disk::{io_reason, open};
use crate::source::Origin;
use crate::syntax::ecma::is_space;

/// Bytes that are read at once.
const BLOCK: u64 = 128 << 10;
/// Lines of a block at most: what is told of a line may be larger than the line.
const MOST_LINES: usize = 1_024;
/// Bytes and blocks that are worked on at the same time.
const BATCH: (usize, usize) = (512 << 10, 16);

/// Memory of which a part is filled. What was written once is not filled with zeros again.
#[derive(Debug, Default)]
struct Buffer {
    memory: Vec<u8>,
    filled: usize,
}

impl Buffer {
    fn bytes(&self) -> &[u8] {
        self.memory.get(..self.filled).unwrap_or_default()
    }

    /// Reads up to `most` more bytes.
    fn fill(&mut self, input: &mut impl Read, most: usize) -> std::io::Result<usize> {
        if self.memory.len() < self.filled + most {
            self.memory.resize(self.filled + most, 0);
        }
        let start = self.filled;
        while let Some(room) = self.memory.get_mut(self.filled..start + most).filter(|room| !room.is_empty()) {
            match input.read(room) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.filled - start)
    }

    /// Drops the first bytes.
    fn drop_first(&mut self, count: usize) {
        self.memory.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    /// Begins with some bytes.
    fn take_from(&mut self, bytes: &[u8]) {
        if self.memory.len() < bytes.len() {
            self.memory.resize(bytes.len(), 0);
        }
        if let Some(room) = self.memory.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
        self.filled = bytes.len();
    }
}

/// Whole lines of a file.
#[derive(Debug)]
pub struct Block {
    buffer: Buffer,
    /// Where they begin.
    pub origin: Origin,
    /// The number of the first line.
    pub line: u64,
}

impl Block {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.buffer.bytes()
    }
}

/// The next part of a file.
#[derive(Debug)]
pub enum Chunk {
    /// Lines.
    Lines(Block),
    /// A line that is longer than allowed, by its number. It was not kept.
    TooLong(u64),
}

/// Where the bytes come from.
#[derive(Debug)]
enum Input {
    File(File),
    Memory(Cursor<Arc<[u8]>>),
}

impl Read for Input {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(room),
            Self::Memory(bytes) => bytes.read(room),
        }
    }
}

/// Memory that is kept for the next blocks, in bytes.
const MOST_SPARE: usize = 2 << 20;

/// A file that is read in blocks.
#[derive(Debug)]
pub struct Blocks {
    input: Input,
    /// Size when it was opened; what is written later is not read.
    size: u64,
    read: u64,
    rest: Buffer,
    /// Memory of blocks that are done with.
    spare: Vec<Buffer>,
    /// Where `rest` begins.
    origin: Origin,
    line: u64,
    longest: usize,
    /// White space at the start is passed over.
    leading: bool,
    /// It begins with a byte order mark.
    pub has_mark: bool,
    /// The last line has a newline.
    pub ended: bool,
    prefix: Option<Prefix>,
    /// UTF-16 code units, when they are counted.
    units: Option<u64>,
}

impl Blocks {
    /// Opens a regular file whose lines have at most `longest` bytes.
    ///
    /// # Errors
    /// The reason in words; nothing that is not a regular file is opened.
    pub fn open(path: &Path, longest: usize) -> Result<Self, String> {
        let meta = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
        if meta.is_dir() {
            return Err("is a directory".to_owned());
        }
        if !meta.is_file() {
            return Err("is neither a file nor a directory: not opened".to_owned());
        }
        let file = open(path).map_err(|error| io_reason(&error))?;
        let meta = file.metadata().map_err(|error| io_reason(&error))?;
        if !meta.is_file() {
            return Err("is neither a file nor a directory: not opened".to_owned());
        }
        Ok(Self::over(Input::File(file), meta.len(), longest))
    }

    /// The same for bytes that are in memory.
    #[must_use]
    pub fn of_bytes(bytes: Arc<[u8]>, longest: usize) -> Self {
        let size = bytes.len() as u64;
        Self::over(Input::Memory(Cursor::new(bytes)), size, longest)
    }

    const fn over(input: Input, size: u64, longest: usize) -> Self {
        Self {
            input,
            size,
            read: 0,
            rest: Buffer { memory: Vec::new(), filled: 0 },
            spare: Vec::new(),
            origin: Origin { offset: 0, line: 1, column: 0 },
            line: 1,
            longest,
            leading: true,
            has_mark: false,
            ended: true,
            prefix: None,
            units: None,
        }
    }

    /// Size of the file when it was opened.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Hashes the first `bytes` bytes on the way.
    pub fn hash_first(&mut self, bytes: u64) {
        self.prefix = Some(Prefix::new(bytes));
    }

    /// Counts the UTF-16 code units on the way.
    pub const fn count_units(&mut self) {
        self.units = Some(0);
    }

    /// The digest that was asked for, and the same with every CR LF as LF where there is any; none when the file
    /// is shorter.
    #[must_use]
    pub fn digests(&mut self) -> [Option<[u8; 32]>; 2] {
        self.prefix.take().map_or([None; 2], Prefix::digests)
    }

    /// The code units that were counted.
    #[must_use]
    pub const fn units(&self) -> Option<u64> {
        self.units
    }

    /// What became of the file while it was read, in words.
    #[must_use]
    pub fn changed(&self) -> Option<String> {
        (self.read < self.size)
            .then(|| format!("became shorter while it was read: {} of {} bytes were there", self.read, self.size))
    }

    /// Did the file grow meanwhile? That is what a log does, and what was there was read.
    #[must_use]
    pub fn grew(&self) -> bool {
        matches!(&self.input, Input::File(file) if file.metadata().is_ok_and(|meta| meta.len() > self.size))
    }

    /// Reads on; false at the end.
    fn more(&mut self) -> std::io::Result<bool> {
        let start = self.rest.filled;
        let left = (self.size - self.read).min(BLOCK);
        let count = self.rest.fill(&mut self.input, usize::try_from(left).unwrap_or(0))?;
        self.read += count as u64;
        let fresh = self.rest.bytes().get(start..).unwrap_or_default();
        if let Some(prefix) = &mut self.prefix {
            prefix.update(fresh);
        }
        if let Some(last) = fresh.last() {
            self.ended = *last == b'\n';
        }
        Ok(count > 0)
    }

    /// Passes over what a trim of the whole file takes from its start.
    fn lead(&mut self) -> std::io::Result<()> {
        while self.leading {
            let more = self.more()?;
            self.has_mark |=
                self.read > 0 && self.origin.offset == 0 && self.rest.bytes().starts_with("\u{feff}".as_bytes());
            let mut at = 0;
            while let Some(c) = first_char(self.rest.bytes().get(at..).unwrap_or_default()).filter(|c| is_space(*c)) {
                at += c.len_utf8();
                if c == '\n' {
                    self.line += 1;
                    self.origin.line = self.origin.line.saturating_add(1);
                    self.origin.column = 0;
                } else {
                    // Nobody counts a byte order mark.
                    self.origin.column = self.origin.column.saturating_add(u32::from(c != '\u{feff}'));
                }
            }
            self.origin.offset += at as u64;
            self.rest.drop_first(at);
            // A character may be cut in two.
            self.leading = more && self.rest.filled < 4;
        }
        Ok(())
    }

    /// The next part; none at the end.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn next_chunk(&mut self) -> std::io::Result<Option<Chunk>> {
        self.lead()?;
        let mut searched = 0;
        let end = loop {
            if let Some(at) = memchr::memrchr(b'\n', self.rest.bytes().get(searched..).unwrap_or_default()) {
                break searched + at + 1;
            }
            if self.rest.filled > self.longest {
                return self.pass_over().map(Some);
            }
            searched = self.rest.filled;
            if !self.more()? {
                break self.rest.filled;
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let lines = self.rest.bytes().get(..end).unwrap_or_default();
        let end = memchr::memchr_iter(b'\n', lines).nth(MOST_LINES - 1).map_or(end, |at| at + 1);
        if end > self.longest && memchr::memchr(b'\n', self.rest.bytes()).is_none_or(|at| at > self.longest) {
            return self.pass_over().map(Some);
        }
        let mut rest = self.spare.pop().unwrap_or_default();
        rest.take_from(self.rest.bytes().get(end..).unwrap_or_default());
        self.rest.filled = end;
        let buffer = std::mem::replace(&mut self.rest, rest);
        let lines = memchr::memchr_iter(b'\n', buffer.bytes()).count();
        if let Some(units) = &mut self.units {
            *units += String::from_utf8_lossy(buffer.bytes()).encode_utf16().count() as u64;
        }
        let block = Block { buffer, origin: self.origin, line: self.line };
        self.advance(end, lines);
        Ok(Some(Chunk::Lines(block)))
    }

    fn advance(&mut self, bytes: usize, lines: usize) {
        self.origin.offset += bytes as u64;
        self.line += lines as u64;
        self.origin.line = u32::try_from(self.line).unwrap_or(u32::MAX);
        self.origin.column = 0;
    }

    /// Drops a line that is too long.
    fn pass_over(&mut self) -> std::io::Result<Chunk> {
        let number = self.line;
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.rest.bytes()) {
                self.rest.drop_first(at + 1);
                self.advance(at + 1, 1);
                break;
            }
            self.advance(self.rest.filled, 0);
            self.rest.filled = 0;
            if !self.more()? {
                break;
            }
        }
        Ok(Chunk::TooLong(number))
    }

    /// Takes the memory of a block back.
    fn recycle(&mut self, chunk: Chunk) {
        let Chunk::Lines(Block { buffer, .. }) = chunk else { return };
        let kept: usize = self.spare.iter().map(|spare| spare.memory.len()).sum();
        if kept + buffer.memory.len() <= MOST_SPARE {
            self.spare.push(buffer);
        }
    }

    fn batch(&mut self) -> std::io::Result<Vec<Chunk>> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while bytes < BATCH.0 && batch.len() < BATCH.1 {
            let Some(chunk) = self.next_chunk()? else { break };
            if let Chunk::Lines(block) = &chunk {
                bytes += block.buffer.filled;
            }
            batch.push(chunk);
        }
        Ok(batch)
    }
}

/// The character that some bytes begin with, when they begin with one.
fn first_char(bytes: &[u8]) -> Option<char> {
    let few = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    few.utf8_chunks().next()?.valid().chars().next()
}

/// Works on all blocks of a file, several at a time, and hands them over in their order. Meanwhile those before are
/// taken in and the next ones are read.
///
/// # Errors
/// When the file cannot be read on.
pub fn each<T: Send>(
    blocks: &mut Blocks,
    work: impl Fn(&Block) -> T + Sync,
    mut take: impl FnMut(&Chunk, Option<T>) + Send,
) -> std::io::Result<()> {
    let work = |chunk: &Chunk| match chunk {
        Chunk::Lines(block) => Some(work(block)),
        Chunk::TooLong(_) => None,
    };
    let mut finish = |blocks: &mut Blocks, done: Vec<(Chunk, Option<T>)>| {
        for (chunk, result) in done {
            take(&chunk, result);
            blocks.recycle(chunk);
        }
    };
    let mut done = Vec::new();
    let mut batch = blocks.batch()?;
    while !batch.is_empty() {
        let before = std::mem::take(&mut done);
        let (results, next) = rayon::join(
            || batch.par_iter().map(work).collect::<Vec<_>>(),
            || {
                finish(blocks, before);
                blocks.batch()
            },
        );
        done = batch.into_iter().zip(results).collect();
        batch = next?;
    }
    finish(blocks, done);
    Ok(())
}
