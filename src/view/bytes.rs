//! Bytes out of alphabets and archives, and text out of bytes.

use std::io::Read as _;

use flate2::read::{GzDecoder, ZlibDecoder};

use super::Origin;
use crate::syntax::base64::sextet;

/// Bits of text in an alphabet as bytes, first bit first. White space and line continuations are
/// skipped; anything else ends it.
fn bits(run: &str, wide: u32, most: usize, value: impl Fn(u8) -> Option<u32>) -> Vec<u8> {
    let mut out = Vec::with_capacity((run.len() * wide as usize / 8 + 1).min(most));
    let (mut held, mut count) = (0_u32, 0);
    for byte in run.bytes() {
        if byte.is_ascii_whitespace() || byte == b'\\' {
            continue;
        }
        let Some(bits) = value(byte) else { break };
        held = held << wide | bits;
        count += wide;
        if count >= 8 {
            count -= 8;
            if out.len() == most {
                break;
            }
            out.extend(u8::try_from(held >> count & 0xff));
        }
    }
    out
}

/// Base64 in either alphabet.
pub(super) fn base64(run: &str, most: usize) -> Vec<u8> {
    bits(run, 6, most, |byte| sextet(byte).map(u32::from))
}

/// Base32 of RFC 4648.
pub(super) fn base32(run: &str, most: usize) -> Vec<u8> {
    bits(run, 5, most, |byte| {
        Some(u32::from(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        }))
    })
}

/// Pairs of hexadecimal digits.
pub(super) fn hex(run: &str, most: usize) -> Vec<u8> {
    bits(run, 4, most, |byte| char::from(byte).to_digit(16))
}

/// Base85 as Python writes it (`b85`), or Ascii85.
pub(super) fn base85(run: &str, ascii85: bool, most: usize) -> Option<Vec<u8>> {
    const PYTHON: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let mut values = [u8::MAX; 256];
    for (value, byte) in PYTHON.iter().enumerate().filter(|_| !ascii85) {
        *values.get_mut(usize::from(*byte))? = u8::try_from(value).ok()?;
    }
    for byte in (b'!'..=b'u').filter(|_| ascii85) {
        *values.get_mut(usize::from(byte))? = byte - b'!';
    }
    let run = run.trim_start_matches("<~").trim_end_matches("~>");
    let mut out = Vec::new();
    let (mut held, mut count) = (0_u64, 0_usize);
    for byte in run.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if out.len() >= most {
            return Some(out);
        }
        if ascii85 && byte == b'z' && count == 0 {
            out.extend([0; 4]);
            continue;
        }
        let value = values.get(usize::from(byte)).filter(|value| **value < 85)?;
        held = held * 85 + u64::from(*value);
        count += 1;
        if count == 5 {
            out.extend(u32::try_from(held).ok()?.to_be_bytes());
            (held, count) = (0, 0);
        }
    }
    if count > 1 {
        let held = (count..5).fold(held, |held, _| held * 85 + 84);
        out.extend(u32::try_from(held).ok()?.to_be_bytes().iter().take(count - 1));
    }
    Some(out)
}

/// What an archive's first bytes say it is.
fn archive(bytes: &[u8]) -> Option<Origin> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(Origin::Gzip),
        [0x78, flags @ (1 | 0x5e | 0x9c | 0xda), ..] if (0x7800 + u16::from(*flags)) % 31 == 0 => Some(Origin::Zlib),
        _ => None,
    }
}

/// What is in an archive, at most so many bytes of it.
pub(super) fn unpacked(bytes: &[u8], most: usize) -> Option<(Origin, Vec<u8>)> {
    let origin = archive(bytes)?;
    let mut out = Vec::new();
    let limit = u64::try_from(most).ok()?;
    // An archive cut off in the middle still gives what came before.
    let _ = match origin {
        Origin::Gzip => GzDecoder::new(bytes).take(limit).read_to_end(&mut out),
        _ => ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out),
    };
    (!out.is_empty()).then_some((origin, out))
}

/// May bytes that begin so be text or an archive of it? Random bytes nearly never may.
pub(super) fn is_promising(start: &[u8]) -> bool {
    archive(start).is_some() || is_utf16(start) || {
        let valid = match std::str::from_utf8(start) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                start.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default()
            }
            Err(_) => "",
        };
        is_printable(valid)
    }
}

/// Printable text out of bytes, and whether it was UTF-16.
pub(super) fn text(bytes: Vec<u8>) -> Option<(String, bool)> {
    if is_utf16(&bytes) {
        let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        return is_printable(&text).then_some((text, true));
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
    is_printable(&text).then_some((text, false))
}

/// Nearly every second byte is zero, as in ASCII text of two bytes a character.
fn is_utf16(bytes: &[u8]) -> bool {
    let pairs = bytes.chunks_exact(2);
    let count = pairs.len();
    let ascii = pairs.filter(|pair| matches!(pair, [low, 0] if *low != 0)).count();
    count >= 4 && ascii * 10 >= count * 8
}

/// Is nineteen of twenty characters something that can be seen, or white space?
pub(super) fn is_printable(text: &str) -> bool {
    let (mut all, mut bad) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        bad += usize::from(!is_visible(c));
    }
    all > 0 && bad * 20 <= all
}

fn is_visible(c: char) -> bool {
    let code = u32::from(c);
    match code {
        9 | 10 | 13 | 0x20..=0x7e => true,
        0..=0xbf | 0xd7 | 0xf7 => matches!(c, '«' | '»' | '°' | '·' | '\u{a0}' | '×' | '÷' | '§' | '©' | '®'),
        _ => USUAL.iter().any(|(first, last)| (*first..=*last).contains(&code)),
    }
}

/// Letters in general use, punctuation, emoji; what random bytes make lies mostly elsewhere.
const USUAL: &[(u32, u32)] = &[
    (0xc0, 0x17f),
    (0x391, 0x3c9),
    (0x410, 0x45f),
    (0x5d0, 0x5ea),
    (0x620, 0x6cc),
    (0x900, 0x9ff),
    (0xe01, 0xe5b),
    (0x1e00, 0x1eff),
    (0x2010, 0x27bf),
    (0x3000, 0x30ff),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7a3),
    (0xfe0f, 0xfe0f),
    (0xff01, 0xff5e),
    (0x1_f300, 0x1_faff),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets() {
        assert_eq!(base64("aGVsbG8gd29ybGQ=", 99), b"hello world");
        assert_eq!(base64("aGVs\n  bG8gd29\\\nybGQ=", 99), b"hello world");
        assert_eq!(base64("aGVsbG8gd29ybGQ=", 4), b"hell");
        assert_eq!(base64("_-_-", 9), base64("/+/+", 9));
        assert_eq!(base32("NBSWY3DPEB3W64TMMQ======", 99), b"hello world");
        assert_eq!(hex("68656C6c6f", 99), b"hello");
        assert_eq!(base85("Xk~0{Zy<MXa%^M", false, 99).unwrap(), b"hello world");
        assert_eq!(base85("<~BOu!rD]j7BEbo7~>", true, 99).unwrap(), b"hello world");
        assert_eq!(base85("no,good", false, 99), None);
    }

    #[test]
    fn texts() {
        assert_eq!(text(b"hello\n".to_vec()), Some(("hello\n".to_owned(), false)));
        assert_eq!(text("h\0e\0l\0l\0o\0".into()), Some(("hello".to_owned(), true)));
        assert_eq!(text(vec![0x12, 0xff, 0x80, 7, 9, 0x41]), None);
        assert!(is_promising("忽略之前的所有指".as_bytes().get(..23).unwrap()));
        assert!(!is_promising(b"\x69\xb7\x1d\x79\xf8\x2a"));
    }
}
