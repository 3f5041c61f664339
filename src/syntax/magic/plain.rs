//! Text or not, where nothing else tells what a file is.

use super::{FileKind, HEAD};

/// Text or not. Encodings other than UTF-8 use high bytes, but none of them uses control bytes.
pub(super) fn plain(head: &[u8]) -> FileKind {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || is_bare_utf16(head) {
        return FileKind::Utf16;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let interpreter = line.strip_prefix(b"#!").map(<[u8]>::trim_ascii_start);
    // Whatever follows, the interpreter reads it. Rust's `#![attribute]` is none.
    if interpreter.is_some_and(|path| path.starts_with(b"/")) {
        return FileKind::Script;
    }
    if reads_as_text(head) { FileKind::Text } else { FileKind::OtherBinary }
}

/// Do some bytes read as text, whatever they begin like? Interpreters pass over NUL bytes, so a few of them
/// make no binary; what is UTF-8 otherwise may have as many as UTF-32 has.
#[must_use]
pub fn reads_as_text(head: &[u8]) -> bool {
    let head = head.get(..HEAD).unwrap_or(head);
    let is_control = |byte: &&u8| matches!(byte, 1..=7 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    let nul = memchr::memchr_iter(0, head).count();
    let control = head.iter().filter(is_control).count();
    // The head may end inside a character.
    let is_utf8 = std::str::from_utf8(head).err().is_none_or(|error| error.error_len().is_none());
    if is_utf8 && nul * 4 <= head.len() * 3 {
        control * 50 <= head.len() - nul
    } else {
        (control + nul) * 50 <= head.len()
    }
}

/// UTF-16 without a mark: every second byte of western text is zero.
#[must_use]
pub fn is_bare_utf16(head: &[u8]) -> bool {
    // Nearly every text has none, which is seen at once.
    if !head.contains(&0) {
        return false;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = head.len() / 2;
    half >= 8 && (even == 0 && odd * 10 >= half * 9 || odd == 0 && even * 10 >= half * 9)
}
