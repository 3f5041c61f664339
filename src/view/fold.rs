//! The text as a machine or a model takes it: look-alikes made ASCII, invisible characters removed.

use super::letters::{form, is_foreign, word};
use super::map::Folding;
use super::signs::{flag_tags, is_bidi, is_selector, is_tag, is_zero_width, next_foreign};
use super::{Layer, Origin};

/// Pieces of one layer. A text with more of them is not read further, and the layer says so.
const MOST_PIECES: usize = 200_000;

/// The text with look-alike letters, full-width forms and letters of mathematics as ASCII, with unusual
/// spaces as spaces, and without zero-width, bidirectional, tag and variation characters; nothing when
/// that changes nothing that a rule could see. What emoji and other scripts need stays.
#[must_use]
pub fn folded(text: &str) -> Option<Layer> {
    let bytes = text.as_bytes();
    let mut folding = Folding::default();
    let mut matters = false;
    let mut cut = false;
    let mut at = 0;
    while let Some(next) = next_foreign(bytes, at) {
        if folding.pieces() > MOST_PIECES {
            cut = true;
            break;
        }
        let rest = text.get(next..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        let width = c.len_utf8();
        at = next + width;
        if c == '\u{1f3f4}' {
            at += flag_tags(rest.get(width..).unwrap_or_default());
            continue;
        }
        if is_foreign(c) {
            let word = word(text, folding.taken(), next);
            at = word.range.end.max(at);
            if let Some(ascii) = word.ascii {
                matters = true;
                folding.copy(text.get(folding.taken()..word.range.start).unwrap_or_default());
                let letters = text.get(word.range).unwrap_or_default();
                for (letter, plain) in letters.chars().zip(ascii.bytes()) {
                    folding.replace(letter.len_utf8(), plain);
                }
            }
            continue;
        }
        let Some(change) = change(text, next, c) else { continue };
        folding.copy(text.get(folding.taken()..next).unwrap_or_default());
        match change {
            Change::Into(ascii) => folding.replace(width, ascii),
            Change::Space => folding.replace(width, b' '),
            Change::Remove => folding.remove(width),
        }
        matters |= change != Change::Space || is_between(bytes, next, at);
    }
    if !matters && !cut {
        return None;
    }
    folding.copy(text.get(folding.taken()..).unwrap_or_default());
    let (folded, map) = folding.finish();
    let origin = Origin::Folded;
    Some(Layer { text: folded, map, origin, chain: vec![origin], outer: 0..text.len(), deeper: cut })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Into(u8),
    Space,
    Remove,
}

/// What becomes of the character `c` at `at`.
fn change(text: &str, at: usize, c: char) -> Option<Change> {
    let bytes = text.as_bytes();
    let end = at + c.len_utf8();
    match c {
        // A byte order mark, and what a keycap needs: `1️⃣`.
        '\u{feff}' if at == 0 => None,
        '\u{fe0f}' if text.get(end..).is_some_and(|rest| rest.starts_with('\u{20e3}')) => None,
        // Emoji and Persian join with these, never beside ASCII letters on both sides.
        '\u{200c}' | '\u{200d}' => {
            let beside = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii);
            (beside(at.checked_sub(1).and_then(|at| bytes.get(at))) || beside(bytes.get(end))).then_some(Change::Remove)
        }
        _ if is_selector(c) => {
            let base = text.get(..at).and_then(|before| before.chars().next_back());
            base.is_none_or(|base| base.is_ascii() || is_selector(base)).then_some(Change::Remove)
        }
        _ if is_zero_width(c) || is_bidi(c) || is_tag(c) => Some(Change::Remove),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{ffa0}' => Some(Change::Remove),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(Change::Space),
        _ => form(c).map(Change::Into),
    }
}

/// Does it stand between two visible ASCII characters?
fn is_between(bytes: &[u8], start: usize, end: usize) -> bool {
    let graphic = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    graphic(start.checked_sub(1).and_then(|at| bytes.get(at))) && graphic(bytes.get(end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fold(text: &str) -> Option<String> {
        folded(text).map(|layer| layer.text)
    }

    #[test]
    fn what_deceives_is_undone() {
        assert_eq!(fold("cu\u{200b}rl ｘ | ｓｈ").as_deref(), Some("curl x | sh"));
        assert_eq!(fold("pip install rеquests").as_deref(), Some("pip install requests"));
        assert_eq!(fold("rm\u{a0}-rf").as_deref(), Some("rm -rf"));
        assert_eq!(fold("𝐢𝐠𝐧𝐨𝐫𝐞 𝟏").as_deref(), Some("ignore 1"));
        assert_eq!(fold("a\u{e0041}\u{e0042}b").as_deref(), Some("ab"));
        assert_eq!(fold("user\u{202e}nimda").as_deref(), Some("usernimda"));
    }

    #[test]
    fn ordinary_texts_have_no_layer() {
        for text in [
            "plain",
            "\u{feff}plain",
            "❤\u{fe0f} 1\u{fe0f}\u{20e3} 👩\u{200d}💻",
            "Überraschung « bien\u{a0}»",
            "привет, мир: 10 μs of Δx, NFκB",
            "می\u{200c}خواهم",
        ] {
            assert_eq!(fold(text), None, "{text}");
        }
    }

    #[test]
    fn places_lead_back() {
        let text = "é cu\u{200b}\u{200b}rl ｘ rеq end";
        let layer = folded(text).unwrap();
        assert_eq!(layer.text, "é curl x req end");
        let back = |word: &str| {
            let at = layer.text.find(word).unwrap();
            &text[layer.map.original(at..at + word.len())]
        };
        assert_eq!(back("curl"), "cu\u{200b}\u{200b}rl");
        assert_eq!(back("rl"), "rl");
        assert_eq!(back("cu"), "cu");
        assert_eq!(back("x"), "ｘ");
        assert_eq!(back("req"), "rеq");
        assert_eq!(back("end"), "end");
        assert_eq!(layer.map.original(0..layer.text.len()), 0..text.len());
        let verbatim = |word: &str| {
            let at = layer.text.find(word).unwrap();
            layer.map.is_verbatim(at..at + word.len())
        };
        assert!(verbatim("é ") && verbatim("cu") && verbatim("rl") && verbatim(" end"));
        assert!(!verbatim("curl") && !verbatim("x") && !verbatim("l x") && !verbatim("req"));
        assert_eq!(layer.map.original(900..910), text.len()..text.len());
    }

    proptest! {
        #[test]
        fn places_stay_in_bounds(text in "([a-c /.]|[\u{200b}-\u{200d}]|[а-яα-ω]|[\u{ff41}-\u{ff45}]|[é😀\u{fe0f}\u{a0}\u{e0041}𝐚\u{1f3f4}]){0,60}", cut in 0_usize..80, length in 0_usize..80) {
            if let Some(layer) = folded(&text) {
                let range = layer.map.original(cut..cut + length);
                prop_assert!(range.start <= range.end && range.end <= text.len());
                let mut last = 0;
                let bounds = layer.text.char_indices().map(|(at, _)| at).chain([layer.text.len()]).collect::<Vec<_>>();
                for pair in bounds.windows(2) {
                    let range = layer.map.original(pair[0]..pair[1]);
                    prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
                    prop_assert!(range.start >= last && range.end > range.start);
                    last = range.start;
                    let rest = &layer.text[pair[0]..pair[1]];
                    prop_assert!(!rest.is_ascii() || text[range.clone()].chars().count() == 1);
                }
            }
        }
    }
}
