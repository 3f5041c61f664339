//! Letters of other scripts that look like ASCII ones, and the words that use them to imitate.

use std::ops::Range;

/// How a letter imitates an ASCII one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twin {
    /// The same shape, and no sign of mathematics.
    Same(u8),
    /// The same shape, but also a sign of mathematics, physics or biology: it imitates only between
    /// lower-case ASCII letters.
    Inside(u8),
}

fn twin(c: char) -> Option<Twin> {
    use Twin::{Inside, Same};
    // Cyrillic, Greek and Armenian; nobody writes mathematics with the Greek capitals that are the Latin ones.
    Some(match c {
        'А' | 'Α' => Same(b'A'),
        'В' | 'Β' => Same(b'B'),
        'С' => Same(b'C'),
        'Е' | 'Ε' => Same(b'E'),
        'Ԍ' => Same(b'G'),
        'Н' | 'Η' => Same(b'H'),
        'І' | 'Ӏ' | 'Ι' => Same(b'I'),
        'Ј' => Same(b'J'),
        'К' | 'Κ' => Same(b'K'),
        'М' | 'Μ' => Same(b'M'),
        'Ν' => Same(b'N'),
        'О' | 'Ο' | 'Օ' => Same(b'O'),
        'Р' | 'Ρ' => Same(b'P'),
        'Ԛ' => Same(b'Q'),
        'Ѕ' => Same(b'S'),
        'Т' | 'Τ' => Same(b'T'),
        'Ԝ' => Same(b'W'),
        'Х' | 'Χ' => Same(b'X'),
        'У' | 'Ү' | 'Υ' => Same(b'Y'),
        'Ζ' => Same(b'Z'),
        'а' => Same(b'a'),
        'с' | 'ϲ' => Same(b'c'),
        'ԁ' => Same(b'd'),
        'е' => Same(b'e'),
        'һ' | 'հ' => Same(b'h'),
        'і' => Same(b'i'),
        'ј' | 'ϳ' => Same(b'j'),
        'к' => Same(b'k'),
        'ӏ' => Same(b'l'),
        'ո' => Same(b'n'),
        'о' | 'ο' | 'օ' => Same(b'o'),
        'р' => Same(b'p'),
        'ԛ' => Same(b'q'),
        'ѕ' => Same(b's'),
        'ս' => Same(b'u'),
        'ѵ' => Same(b'v'),
        'ԝ' => Same(b'w'),
        'х' => Same(b'x'),
        'у' | 'ү' => Same(b'y'),
        'α' => Inside(b'a'),
        'ι' => Inside(b'i'),
        'κ' => Inside(b'k'),
        'η' => Inside(b'n'),
        'ρ' => Inside(b'p'),
        'τ' => Inside(b't'),
        'υ' => Inside(b'u'),
        'ν' => Inside(b'v'),
        'ω' => Inside(b'w'),
        'χ' => Inside(b'x'),
        'γ' => Inside(b'y'),
        _ => return None,
    })
}

/// The ASCII character that a character stands for wherever it is used: full-width forms, the bold,
/// italic and other letters of mathematics, and two letters of phonetics.
pub(super) fn form(c: char) -> Option<u8> {
    let code = u32::from(c);
    let letter = |index: u32| u8::try_from(if index < 26 { index + 65 } else { index - 26 + 97 }).ok();
    match code {
        0xff01..=0xff5e => u8::try_from(code - 0xfee0).ok(),
        // Thirteen alphabets of 52 letters each.
        0x1_d400..=0x1_d6a3 => letter((code - 0x1_d400) % 52),
        0x1_d7ce..=0x1_d7ff => u8::try_from((code - 0x1_d7ce) % 10 + 48).ok(),
        0x251 => Some(b'a'),
        0x261 => Some(b'g'),
        _ => None,
    }
}

/// Is it a letter of a script that has twins of ASCII letters?
pub(super) fn is_foreign(c: char) -> bool {
    matches!(u32::from(c), 0x370..=0x52f | 0x531..=0x587)
}

/// A word that holds letters of Greek, Cyrillic or Armenian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// Its letters in ASCII, when every letter has a twin there and some are ASCII already; or when
    /// none is, but it stands where a host name goes on in ASCII.
    pub(super) ascii: Option<String>,
    /// It has no ASCII letter of its own.
    pub(super) whole: bool,
}

/// Bytes of a word before its first foreign letter that are looked at.
const BEFORE: usize = 64;

/// The word around the foreign letter at `at`. Characters before `from` belong to another one.
pub(super) fn word(text: &str, from: usize, at: usize) -> Word {
    let bytes = text.as_bytes();
    let mut start = at;
    while start > from && at - start < BEFORE && bytes.get(start - 1).copied().is_some_and(is_word) {
        start -= 1;
    }
    // The letter after a backslash is an escape: `\nСлово`.
    if start < at && start > from && bytes.get(start - 1) == Some(&b'\\') {
        start += 1;
    }
    let tail = text.get(at..).unwrap_or_default();
    let length = tail.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && !is_foreign(c)).unwrap_or(tail.len());
    let range = start..at + length;
    let letters = text.get(range.clone()).unwrap_or_default();
    let whole = !letters.bytes().any(|byte| byte.is_ascii_alphabetic());
    let ascii = if letters.len() > 256 || whole && !in_host(text, &range) { None } else { imitated(letters, whole) };
    Word { range, ascii, whole }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Does a host name go on after the word, in ASCII?
fn in_host(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default().as_bytes();
    let domain = matches!(after, [b'.', a, b, ..] if a.is_ascii_lowercase() && b.is_ascii_lowercase());
    domain && (before.ends_with("//") || before.ends_with('@') || before.ends_with("www."))
}

/// The ASCII word that the letters look like.
fn imitated(letters: &str, whole: bool) -> Option<String> {
    let mut word = String::with_capacity(letters.len());
    let (mut count, mut last) = (0, ' ');
    let mut chars = letters.chars().peekable();
    let mut pending = false;
    while let Some(c) = chars.next() {
        let ascii = match twin(c) {
            Some(Twin::Same(ascii)) => ascii,
            Some(Twin::Inside(ascii)) => {
                // A run of them counts as one: what stands before and after the run decides.
                if !pending && !last.is_ascii_lowercase() {
                    return None;
                }
                let next = chars.peek().copied()?;
                pending = matches!(twin(next), Some(Twin::Inside(_)));
                if !pending && !next.is_ascii_lowercase() && twin(next).is_none() {
                    return None;
                }
                ascii
            }
            None if c.is_ascii() => u8::try_from(c).ok()?,
            None => return None,
        };
        count += usize::from(ascii.is_ascii_alphabetic());
        word.push(char::from(ascii));
        last = if c.is_ascii() { c } else { char::from(ascii) };
    }
    (count >= 3 && (whole || !is_inflected(letters))).then_some(word)
}

/// An acronym with an ending, as Russian writes `SMSка`, or the units and shapes of two ASCII capitals.
fn is_inflected(letters: &str) -> bool {
    let stem = letters.trim_end_matches(|c: char| !c.is_ascii());
    let ending = letters.get(stem.len()..).unwrap_or_default();
    stem.len() >= 2
        && stem.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && ending.chars().all(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(text: &str) -> Option<String> {
        let at = text.char_indices().find(|(_, c)| is_foreign(*c))?.0;
        word(text, 0, at).ascii
    }

    #[test]
    fn words_of_two_scripts_imitate() {
        assert_eq!(ascii("pip install rеquests").as_deref(), Some("requests"));
        assert_eq!(ascii("gοοgle").as_deref(), Some("google"));
        assert_eq!(ascii("pαypal").as_deref(), Some("paypal"));
        assert_eq!(ascii("раураl").as_deref(), Some("paypal"));
        assert_eq!(ascii("https://арр.com").as_deref(), Some("app"));
    }

    #[test]
    fn honest_words_do_not() {
        for text in [
            "10 μs",
            "Δx",
            "β-carotene",
            "ΔG",
            "Cα",
            "NFκB",
            "TNFα",
            "PPARγ",
            "Xβ",
            "kΩ",
            "νmax",
            "ηB/ηA",
            "σz",
            "hν",
            "привет",
            "\\nМені",
            "[A-Za-zА-Яа-я]",
            "SMSка",
            "email-ы",
            "0-9а-яA",
            "сор",
            "и/или",
            "μm2",
            "αSMA",
            "HIF1α",
            "ρmax",
            "μΑ",
        ] {
            assert_eq!(ascii(text), None, "{text}");
        }
    }
}
