//! Base64: written as RFC 4648 says, read as Node's `Buffer.from(text, 'base64')` reads.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The padded form.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for symbol in 0..4 {
            let value = (group >> (18 - 6 * symbol) & 63) as usize;
            let letter = ALPHABET.get(value).copied().unwrap_or(b'=');
            out.push(if symbol <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The bytes that Node finds in a text: it takes the low byte of every UTF-16 unit, stops at the first `=` and
/// passes over whatever is no symbol, of either alphabet.
#[must_use]
pub fn decode(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().map(|unit| unit.to_le_bytes()[0]);
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    collect(units.take_while(|unit| *unit != b'=').filter_map(sextet), &mut out);
    out
}

/// The bytes of base64 as OpenSSL accepts it in a PEM file: blanks anywhere, padding required, nothing behind it.
#[must_use]
pub fn decode_strict(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let end = symbols.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    let (body, padding) = symbols.split_at_checked(end)?;
    let standard = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    if padding.len() > 2 || !symbols.len().is_multiple_of(4) || !body.iter().all(standard) {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 3);
    collect(body.iter().copied().filter_map(sextet), &mut out);
    Some(out)
}

/// The six bits that a symbol of either alphabet stands for.
#[must_use]
pub const fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Joins six-bit values; bits that do not fill a byte are dropped.
fn collect(values: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    let (mut held, mut bits) = (0_u32, 0);
    for value in values {
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(held.wrapping_shr(bits).to_le_bytes()[0]);
            held &= (1 << bits) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_node_reads_it() {
        for (text, bytes) in [
            ("QUJD", "ABC"),
            ("QUI=", "AB"),
            ("QUI", "AB"),
            ("QQ==QUJD", "A"),
            (" Q\nU*J D", "ABC"),
            ("\u{141}\u{151}==", "\u{1}"),
            ("\u{151}UJD", "ABC"),
            ("QUJD\u{1f600}QUJD", "ABC"),
            ("Q", ""),
            ("", ""),
        ] {
            assert_eq!(decode(text), bytes.as_bytes(), "{text:?}");
        }
        assert_eq!(decode("-_+/"), [0xfb, 0xff, 0xbf]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            assert_eq!(decode(&encode(&bytes)), bytes);
            assert_eq!(decode_strict(&encode(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn a_pem_body_is_held_to_its_padding() {
        assert_eq!(decode_strict("QU\nI=\n"), Some(b"AB".to_vec()));
        for broken in ["QUI", "QUI==", "QU=I", "Q-I=", "QUJD====", "\\n"] {
            assert_eq!(decode_strict(broken), None, "{broken}");
        }
    }
}
