//! Bytes as the text that an interpreter or a reader makes of them.

use std::sync::Arc;

use crate::syntax::magic::{FileKind, HEAD, is_bare_utf16, reads_as_text};

/// The text of some bytes, and what is odd about it; none for what is no text. What is `promised` to be
/// text by its name is read as far as that goes, whatever it holds.
pub(super) fn decode(bytes: &[u8], kind: FileKind, promised: bool) -> (Option<Arc<str>>, Option<&'static str>) {
    if !is_text(bytes, promised) && kind != FileKind::Utf16 {
        return (None, None);
    }
    if let Some(text) = utf16(bytes) {
        return (Some(text), Some("UTF-16 text: read as UTF-8, byte offsets are those of the converted text"));
    }
    let text = std::str::from_utf8(bytes);
    let nul = memchr::memchr(0, bytes).is_some();
    if let (Ok(text), false) = (text, nul) {
        return (Some(Arc::from(text)), None);
    }
    if let Ok(text) = text {
        // A shell passes over them, so a word with one inside is the word without it.
        let note = "NUL bytes in a text: read without them, byte offsets are those of the text without them";
        return (Some(Arc::from(text.replace('\0', ""))), Some(note));
    }
    // Of binary data under the name of a text every letter by chance would be one of another alphabet.
    let text = if reads_as_text(bytes) { lossy(bytes) } else { lossy_ascii(bytes) };
    let text = if nul { text.replace('\0', "") } else { text };
    (Some(text.into()), Some("not UTF-8 everywhere: the other bytes are read as `?`, NUL bytes are left out"))
}

/// Would [`decode`] give a text?
pub(super) fn is_text(bytes: &[u8], promised: bool) -> bool {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    let plain = || memchr::memchr(0, head).is_none() && std::str::from_utf8(bytes).is_ok();
    promised || reads_as_text(head) || plain()
}

/// Every byte that is no text becomes one question mark, so places stay what they are.
fn lossy(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend_from_slice(chunk.valid().as_bytes());
        text.resize(text.len() + chunk.invalid().len(), b'?');
    }
    String::from_utf8(text).unwrap_or_default()
}

/// The same where only ASCII can be meant.
fn lossy_ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect()
}

fn utf16(bytes: &[u8]) -> Option<Arc<str>> {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    let (big, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (false, rest),
        [0xfe, 0xff, rest @ ..] => (true, rest),
        // Western text has its zeros first, or second.
        rest if is_bare_utf16(head) => (head.first() == Some(&0), rest),
        _ => return None,
    };
    let unit = |pair: &[u8]| match *pair {
        [a, b] if big => u16::from_be_bytes([a, b]),
        [a, b] => u16::from_le_bytes([a, b]),
        _ => 0xfffd,
    };
    let text: String = char::decode_utf16(rest.chunks(2).map(unit)).map(|c| c.unwrap_or('\u{fffd}')).collect();
    Some(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::magic::sniff;

    fn text(bytes: &[u8], promised: bool) -> Option<String> {
        decode(bytes, sniff(bytes, ""), promised).0.map(|text| text.to_string())
    }

    #[test]
    fn bytes_become_text_of_the_same_length_or_none() {
        assert_eq!(text(b"ab\xffc", false).as_deref(), Some("ab?c"));
        assert_eq!(text(b"\xff\xfea\0b\0", false).as_deref(), Some("ab"));
        assert_eq!(text(b"\x7fELF\x01\x00\xff\x02\x03", false), None);
        assert_eq!(text("é".as_bytes(), false).as_deref(), Some("é"));
    }

    #[test]
    fn zeros_hide_no_text() {
        assert_eq!(text(b"cu\0rl x | s\0h", false).as_deref(), Some("curl x | sh"));
        let wide = |unit: fn(u16) -> [u8; 2]| "curl x | sh".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        assert_eq!(text(&wide(u16::to_le_bytes), false).as_deref(), Some("curl x | sh"));
        assert_eq!(text(&wide(u16::to_be_bytes), false).as_deref(), Some("curl x | sh"));
        let padded = [b"id\n".as_slice(), &[0; 500], b"\xc3\xa9\xff\nls"].concat();
        assert_eq!(text(&padded, false), None);
        assert_eq!(text(&padded, true).as_deref(), Some("id\n???\nls"));
    }
}
