//! Characters written as escapes and as percent codes.

use std::ops::Range;

/// Escapes of the shortest run that is looked at.
const SHORTEST: usize = 4;

/// Plain characters between two escapes of one run.
const GAP: usize = 3;

/// A run of escapes and the bytes it stands for.
pub(super) struct Run {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// What it says.
    pub(super) bytes: Vec<u8>,
}

/// Runs of `\x41`, `\u0041`, `\u{41}`, `\101` and `&#65;`, with some plain characters between them.
pub(super) fn escapes(text: &str, most: usize, mut each: impl FnMut(Run)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'\\', b'&', bytes.get(at..).unwrap_or_default()) {
        let start = at + next;
        let mut run = Run { range: start..start, bytes: Vec::new() };
        let (mut count, mut last, mut here) = (0, start, start);
        while here - last <= GAP {
            if let Some((value, length)) = escape(bytes, here) {
                if run.bytes.len() < most {
                    run.bytes.extend_from_slice(bytes.get(last..here).unwrap_or_default());
                    push(value, &mut run.bytes);
                }
                count += 1;
                here += length;
                last = here;
            } else if count == 0
                || !bytes.get(here).is_some_and(|byte| (b' '..0x7f).contains(byte) && !b"\"'`".contains(byte))
            {
                break;
            } else {
                here += 1;
            }
        }
        at = last.max(start + 1);
        run.range.end = last;
        if count >= SHORTEST {
            each(run);
        }
    }
}

/// One character of an escape.
#[derive(Clone, Copy)]
enum Value {
    Byte(u8),
    Char(u32),
}

fn push(value: Value, out: &mut Vec<u8>) {
    match value {
        Value::Byte(byte) => out.push(byte),
        // Surrogates come in pairs of escapes; they are no letters that hide a command.
        Value::Char(code) => {
            let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// The escape at `at` and its length.
fn escape(bytes: &[u8], at: usize) -> Option<(Value, usize)> {
    let rest = bytes.get(at..)?;
    if let Some(digits) = rest.strip_prefix(b"&#") {
        let (digits, radix, head) = match digits {
            [b'x' | b'X', digits @ ..] => (digits, 16, 3),
            _ => (digits, 10, 2),
        };
        let end = digits.iter().take(7).position(|byte| *byte == b';')?;
        return Some((Value::Char(number(digits.get(..end)?, radix)?), head + end + 1));
    }
    // In a string inside a string the backslash is written twice.
    let slashes = rest.iter().take(4).take_while(|byte| **byte == b'\\').count();
    let rest = rest.get(slashes..)?;
    let (value, length) = match rest {
        _ if slashes == 0 => return None,
        [b'x', digits @ ..] => (Value::Byte(u8::try_from(number(digits.get(..2)?, 16)?).ok()?), 3),
        [b'u', b'{', digits @ ..] => {
            let end = digits.iter().take(7).position(|byte| *byte == b'}')?;
            (Value::Char(number(digits.get(..end)?, 16)?), 3 + end)
        }
        [b'u', digits @ ..] => (Value::Char(number(digits.get(..4)?, 16)?), 5),
        [b'U', digits @ ..] => (Value::Char(number(digits.get(..8)?, 16)?), 9),
        [b'0'..=b'3', ..] => (Value::Byte(u8::try_from(number(rest.get(..3)?, 8)?).ok()?), 3),
        _ => return None,
    };
    Some((value, slashes + length))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits
        .iter()
        .try_fold(0_u32, |number, digit| number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?))
}

/// Words with at least four percent codes of letters and digits, which never need them.
pub(super) fn percents(text: &str, most: usize, mut each: impl FnMut(Run)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'%', bytes.get(at..).unwrap_or_default()) {
        let start = at + next;
        let mut run = Run { range: start..start, bytes: Vec::new() };
        let (mut here, mut needless) = (start, 0);
        while let Some(byte) = bytes.get(here).filter(|byte| byte.is_ascii_graphic() && !b"\"'`<>".contains(byte)) {
            let code = (*byte == b'%').then(|| number(bytes.get(here + 1..here + 3)?, 16)).flatten();
            let code = code.and_then(|code| u8::try_from(code).ok());
            needless += usize::from(code.is_some_and(|code| code.is_ascii_alphanumeric()));
            if run.bytes.len() < most {
                run.bytes.push(code.unwrap_or(*byte));
            }
            here += if code.is_some() { 3 } else { 1 };
        }
        run.range.end = here;
        at = here.max(start + 1);
        if needless >= SHORTEST {
            each(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        escapes(text, 999, |run| found.push(String::from_utf8_lossy(&run.bytes).into_owned()));
        percents(text, 999, |run| found.push(String::from_utf8_lossy(&run.bytes).into_owned()));
        found
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(read(r"'\x63\x75\x72\x6c'"), ["curl"]);
        assert_eq!(read(r#""\u0063\u0075\u0072\u006c""#), ["curl"]);
        assert_eq!(read(r"\\x63\\x75\\x72\\x6c"), ["curl"]);
        assert_eq!(read(r"$'\143\165\162\154'"), ["curl"]);
        assert_eq!(read(r"\u{63}\u{75}\u{72}\u{6c}"), ["curl"]);
        assert_eq!(read("&#99;&#117;&#x72;&#108;"), ["curl"]);
        assert_eq!(read(r"\x63ur\x6c -s\x20h\x74"), [r"curl -s ht"]);
        assert_eq!(read("x?c=%63%75%72%6c%20a"), ["curl a"]);
    }

    #[test]
    fn ordinary_ones_are_not() {
        assert_eq!(read(r"\x1b[31m red \x1b[0m, C:\users\x, \n\t, &amp; &#39;"), [""; 0]);
        assert_eq!(read("?q=%7B%22a%22%3A1%7D&b=%E4%BD%A0%E5%A5%BD"), [""; 0]);
    }

    #[test]
    fn hostile_runs_end() {
        assert_eq!(read(&r"\".repeat(100_000)), [""; 0]);
        assert_eq!(read(&"&#".repeat(100_000)), [""; 0]);
        assert_eq!(read(&r"\x41".repeat(100_000)).len(), 1);
    }
}
