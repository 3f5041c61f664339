//! Characters that are not seen, and what a run of them can spell.

/// Where the next byte outside ASCII is.
pub(super) fn next_foreign(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for chunk in bytes.get(from..)?.chunks(64) {
        if !chunk.is_ascii() {
            return chunk.iter().position(|byte| !byte.is_ascii()).map(|inside| at + inside);
        }
        at += chunk.len();
    }
    None
}

/// Is it one of the characters without width that join, part or do nothing?
pub(super) const fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}')
}

/// Is it a control of the bidirectional algorithm that changes the order of others?
pub(super) const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Is it a tag character?
pub(super) const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0001}'..='\u{e007f}')
}

/// Is it a variation selector?
pub(super) const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The length of the run of such characters at the start of a text, in bytes.
pub(super) fn run(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

/// The bytes of the tags that make a black flag the flag of a region, at the start of the text after
/// the flag: two letters of the country, at most three of the region, the end tag.
pub(super) fn flag_tags(text: &str) -> usize {
    let end = run(text, is_tag);
    let tags = text.get(..end).unwrap_or_default();
    let plain = tag_text(tags);
    let region = tags.ends_with('\u{e007f}')
        && (3..=5).contains(&plain.len())
        && plain.bytes().enumerate().all(|(at, byte)| byte.is_ascii_lowercase() || at >= 2 && byte.is_ascii_digit());
    if region { end } else { 0 }
}

/// The ASCII text of tag characters; the begin and end tags say nothing.
pub(super) fn tag_text(tags: &str) -> String {
    let plain =
        |c: char| u8::try_from(u32::from(c).wrapping_sub(0xe_0000)).ok().filter(|byte| (32..127).contains(byte));
    tags.chars().filter_map(plain).map(char::from).collect()
}

/// The bytes that variation selectors carry: each one is a byte.
pub(super) fn selector_bytes(run: &str) -> Vec<u8> {
    let byte = |c: char| match u32::from(c) {
        code @ 0xfe00..=0xfe0f => u8::try_from(code - 0xfe00).ok(),
        code => u8::try_from(code.wrapping_sub(0xe_0100).wrapping_add(16)).ok(),
    };
    run.chars().filter_map(byte).collect()
}

/// The text that two kinds of zero-width characters spell in bits, eight a byte, either way round.
pub(super) fn bits_text(run: &str) -> Option<String> {
    let zero = run.chars().next()?;
    let one = run.chars().find(|c| *c != zero)?;
    let count = run.chars().count();
    if count < 16 || !count.is_multiple_of(8) || run.chars().any(|c| c != zero && c != one) {
        return None;
    }
    let spell = |one: char| {
        let mut text = String::with_capacity(count / 8);
        let mut byte = 0_u8;
        for (at, c) in run.chars().enumerate() {
            byte = byte << 1 | u8::from(c == one);
            if at % 8 == 7 {
                text.push(char::from(byte));
                byte = 0;
            }
        }
        text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')).then_some(text)
    };
    spell(one).or_else(|| spell(zero))
}
