//! PEM as OpenSSL reads it, which is how Node reads keys: text around the blocks, any line length, either line
//! ending, but every marker at the start of its own line.

use crate::syntax::base64;

/// A block of a PEM text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// What it says it holds: `PUBLIC KEY`.
    pub label: &'a str,
    /// The bytes; none when it has no end or is not base64.
    pub der: Option<Vec<u8>>,
    /// First byte of its first line.
    pub start: usize,
    /// One past the last byte of its first line, line ending excluded.
    pub line_end: usize,
}

/// The blocks of a text, in order. The one after a broken block is not looked for.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut lines = lines(text);
    while let Some((start, line)) = lines.next() {
        let Some(label) = marker(line, "-----BEGIN ") else { continue };
        let der = body(&mut lines, label);
        let broken = der.is_none();
        found.push(Block { label, der, start, line_end: start + line.len() });
        if broken {
            break;
        }
    }
    found
}

/// The first block of one of these labels.
#[must_use]
pub fn first<'a>(text: &'a str, labels: &[&str]) -> Option<Block<'a>> {
    blocks(text).into_iter().find(|block| labels.contains(&block.label))
}

/// A block as OpenSSL writes it: lines of 64 symbols.
#[must_use]
pub fn write(label: &str, der: &[u8]) -> String {
    let symbols = base64::encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in symbols.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + "-----END " + label + "-----\n"
}

/// The lines with their first byte, without trailing blanks.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let from = start;
        start += line.len();
        (from, line.trim_end_matches(|c: char| c <= ' '))
    })
}

fn marker<'a>(line: &'a str, begin: &str) -> Option<&'a str> {
    line.strip_prefix(begin)?.strip_suffix("-----")
}

/// The bytes up to the end marker. An empty line ends a part of headers, which is empty in all that is read here.
fn body<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>, label: &str) -> Option<Vec<u8>> {
    let mut symbols = String::new();
    let mut blank = false;
    for (_, line) in lines {
        if line.starts_with("-----END ") {
            return (marker(line, "-----END ") == Some(label)).then(|| base64::decode_strict(&symbols)).flatten();
        }
        if line.is_empty() {
            if blank || !symbols.is_empty() {
                return None;
            }
            blank = true;
        }
        symbols.push_str(line);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openssl_reads_is_read() {
        let der = Some(b"ABC".to_vec());
        for text in [
            "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\r\nQUJD\r\n-----END PUBLIC KEY-----",
            "by hand\n-----BEGIN PUBLIC KEY-----\nQ\nUJ\nD\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\n\nQUJD\n-----END PUBLIC KEY-----\nmore",
            "-----BEGIN X-----\nQQ==\n-----END X-----\n-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n",
        ] {
            assert_eq!(first(text, &["PUBLIC KEY"]).and_then(|block| block.der), der, "{text}");
        }
        for text in [
            "-----BEGIN PUBLIC KEY----- QUJD -----END PUBLIC KEY-----",
            "  -----BEGIN PUBLIC KEY-----\n  QUJD\n  -----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\\nQUJD\\n-----END PUBLIC KEY-----\\n",
            "-----BEGIN PUBLIC KEY-----\nQUJD\n",
            "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\nQU\n\nJD\n-----END PUBLIC KEY-----\n",
            "QUJD",
        ] {
            assert_eq!(first(text, &["PUBLIC KEY"]).and_then(|block| block.der), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let der: Vec<u8> = (0..120).collect();
        let text = write("PUBLIC KEY", &der);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(first(&text, &["PUBLIC KEY"]).and_then(|block| block.der), Some(der));
    }
}
