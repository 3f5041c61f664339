//! Long runs of the base64 alphabet, which is also that of hexadecimal digits and base32.

use std::ops::Range;

/// Characters of the shortest run that is looked at.
pub(super) const SHORTEST: usize = 24;

/// Digits of the shortest run of hexadecimal digits.
pub(super) const SHORTEST_HEX: usize = 48;

const MEMBER: [bool; 256] = {
    let mut member = [false; 256];
    let mut byte = 0_u8;
    loop {
        member[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    member
};

fn is_member(byte: u8) -> bool {
    MEMBER.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Every run of at least [`SHORTEST`] characters with its padding, and with the lines that go on with
/// it when it is broken into lines.
pub(super) fn runs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        // The last byte of the window first: in words and code nearly every step skips one.
        while let Some(window) = bytes.get(at..at + SHORTEST) {
            if let Some(gap) = window.iter().rposition(|byte| !is_member(*byte)) {
                at += gap + 1;
                continue;
            }
            let start = at;
            at = padded(bytes, line_end(bytes, at + SHORTEST));
            if at - start >= 40 {
                while let Some(end) = next_line(bytes, at, at - start) {
                    at = end;
                }
            }
            return Some(start..at);
        }
        None
    })
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !is_member(*byte)).unwrap_or(rest.len())
}

fn padded(bytes: &[u8], at: usize) -> usize {
    let signs = bytes.get(at..).unwrap_or_default().iter().take(6).take_while(|byte| **byte == b'=').count();
    at + signs
}

/// The end of the next line, when the text at `at` ends a line and the next one is nothing but members.
fn next_line(bytes: &[u8], at: usize, longest: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let start = bytes.len() - rest.len();
    let blank = rest.iter().take(64).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let end = padded(bytes, line_end(bytes, start + blank));
    let closes = bytes.get(end).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b'`'));
    (closes && end - start - blank >= 4 && end - start - blank <= longest).then_some(end)
}

/// Is the run something that everybody knows: a token of three parts, an integrity hash, an image, a
/// font, a source map?
pub(super) fn is_exempt(text: &str, run: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let own = text.get(run.clone()).unwrap_or_default();
    let before = run.start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    if own.starts_with("eyJ") && (before == Some(b'.') || bytes.get(run.end) == Some(&b'.')) {
        return true;
    }
    if ["sha256-", "sha384-", "sha512-"].iter().any(|hash| own.starts_with(hash)) {
        return true;
    }
    before == Some(b',') && is_picture(bytes.get(run.start.saturating_sub(120)..run.start).unwrap_or_default())
}

/// Does the text before a run end in the head of a `data:` URI of a picture, a font or a sound?
fn is_picture(before: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(before, b"data:") else { return false };
    let head = before.get(at + 5..).unwrap_or_default();
    let map = memchr::memmem::rfind(before, b"sourceMappingURL=").is_some_and(|map| map + 17 == at);
    let media: [&[u8]; 7] = [
        b"image/",
        b"font/",
        b"audio/",
        b"video/",
        b"application/font",
        b"application/x-font",
        b"application/vnd.ms-font",
    ];
    head.ends_with(b";base64,") && (map || media.iter().any(|media| head.starts_with(media)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        runs(text).map(|run| &text[run]).collect()
    }

    #[test]
    fn long_runs_are_found() {
        let run = "aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxk";
        assert_eq!(found(&format!("echo {run}== | base64 -d")), [format!("{run}==")]);
        assert_eq!(found(&format!("{run} {run}")), [run, run]);
        assert_eq!(found("the quick brown fox jumps over the lazy dog"), [""; 0]);
        let line = run.repeat(2);
        let wrapped = format!("{line}\n  {line}\n  aGVsbG8=");
        assert_eq!(found(&format!("x = '''\n{wrapped}\n'''")), [wrapped]);
        assert_eq!(found(&format!("{line}\nand so on")), [line]);
    }

    #[test]
    fn known_things_are_exempt() {
        let exempt = |text: &str| runs(text).all(|run| is_exempt(text, &run));
        assert!(exempt("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ.x"));
        assert!(exempt("\"integrity\": \"sha512-aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxk\""));
        assert!(exempt("url(data:image/svg+xml;base64,aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxk)"));
        assert!(!exempt("data:text/html;base64,aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxk"));
    }
}
