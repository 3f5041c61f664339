//! Finds the formats of the table in a value or in free text.
//!
//! No regex engine is involved. Every format begins with a fixed text or a run of one class, so bitmaps
//! from the first four bytes to candidate rows, computed by the compiler, are the whole prefilter:
//! nothing is built at start-up and text without secrets costs little more than a table look-up a byte.

use std::ops::Range;

use super::formats::Class::{Alnum, Word};
use super::formats::Part::{Any, Run, Text};
use super::formats::{FORMATS, Format, KNOWN, STARTS};
use super::placeholder::example;
use super::url::{find, passwords, tokens, until, window};
use super::{Certainty, Verdict, entropy};
use crate::syntax::base64::sextet;
use crate::work::looks;

const PEM_WINDOW: usize = 1 << 14;

/// The format that a whole value has, without its authentication scheme or surrounding space.
pub(super) fn whole(value: &str) -> Option<Verdict> {
    let verdict = |format, text| Verdict { format, certainty: certainty(format, text) };
    if let Some((end, id)) = at(value, 0) {
        return (end == value.len()).then(|| verdict(id, value));
    }
    if value.starts_with("-----BEGIN ") {
        return pem_blocks(value).first().map(|block| verdict("pem", &value[block.clone()]));
    }
    if value.starts_with('{') && value.contains("\"service_account\"") && !pem_blocks(value).is_empty() {
        return Some(verdict("google-service-account", value));
    }
    if value.contains("://") && !value.contains(char::is_whitespace) {
        return hits(value).into_iter().next().map(|(range, id)| verdict(id, &value[range]));
    }
    None
}

/// Every format inside free text: byte ranges, sorted, none overlapping.
pub(super) fn hits(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        let begins = STARTS[0][usize::from(b)] != 0 && starts_token(bytes, i);
        match begins.then(|| at(text, i)).flatten() {
            Some((end, id)) => {
                found.push((i..end, id));
                i = end;
            }
            None => i += 1,
        }
    }
    found.extend(pem_blocks(text).into_iter().map(|range| (range, "pem")));
    if find(text, 0, "://").is_some() {
        found.extend(passwords(text).into_iter().map(|range| (range, "url-password")));
        found.extend(tokens(text).into_iter().map(|range| (range, "url-token")));
    }
    // The sort is stable: of two that begin together the format of the table stays.
    found.sort_by_key(|(range, _)| range.start);
    let mut end = 0;
    found.retain(|(range, _)| {
        let free = range.start >= end;
        end = end.max(range.end);
        free
    });
    found
}

/// How sure a match of `id` is: some formats name keys that are public, capped or protected.
pub(super) fn certainty(id: &str, text: &str) -> Certainty {
    match id {
        // Supabase publishes its anon key to browsers.
        "jwt" if payload(text).is_some_and(|json| json.get("role").is_some_and(|role| role == "anon")) => {
            Certainty::Low
        }
        "pem" if text.contains("ENCRYPTED") => Certainty::Medium,
        "stripe" if text.contains("_test_") => Certainty::Medium,
        // `SK` and 32 hex digits is the identifier of a key pair; its secret half has no prefix.
        "twilio" | "url-token" => Certainty::Medium,
        "url-password" if text.len() < 20 => Certainty::Medium,
        _ => Certainty::High,
    }
}

/// The row that matches at byte `start`, and where the match ends.
fn at(text: &str, start: usize) -> Option<(usize, &'static str)> {
    let rest = text.as_bytes().get(start..)?;
    let mut rows = rows(rest);
    while rows != 0 {
        let format = FORMATS.get(rows.trailing_zeros() as usize)?;
        rows &= rows - 1;
        if let Some((body, end)) = format.matches(rest)
            && format.plausible(text.get(start..start + end)?, text.get(start + body..start + end)?)
        {
            return Some((start + end, format.id));
        }
    }
    None
}

/// The rows that may begin like this text.
fn rows(text: &[u8]) -> u128 {
    let mut rows = u128::MAX;
    for (table, byte) in STARTS.iter().zip(text) {
        rows &= table[usize::from(*byte)];
        if rows == 0 {
            break;
        }
    }
    if text.len() < KNOWN { 0 } else { rows }
}

impl Format {
    /// Start of the body (behind the fixed prefix) and end of a match at the start of `text`.
    fn matches(&self, text: &[u8]) -> Option<(usize, usize)> {
        let (mut end, mut body, mut tail) = (0, None, Alnum);
        for part in self.parts {
            let rest = text.get(end..)?;
            match part {
                Text(fixed) => end += rest.starts_with(fixed.as_bytes()).then_some(fixed.len())?,
                Any(fixed) => {
                    end += fixed.iter().find(|fixed| rest.starts_with(fixed.as_bytes()))?.len();
                }
                Run(class, least, most) => {
                    let length = rest.iter().take(*most).take_while(|b| class.has(**b)).count();
                    looks::add(length);
                    if length < *least {
                        return None;
                    }
                    tail = *class;
                    body = body.or(Some(end));
                    end += length;
                }
            }
        }
        // A longer token of the same alphabet is something else.
        let open = text.get(end).is_some_and(|b| tail.has(*b) || Word.has(*b) && *b != b'-');
        (!open).then_some((body?, end))
    }

    /// The conditions beyond the shape.
    fn plausible(&self, whole: &str, body: &str) -> bool {
        let digit = body.bytes().any(|b| b.is_ascii_digit());
        let dense = if self.strict { digit && entropy(body) >= 3.5 } else { entropy(body) >= 2.8 };
        dense && !example(whole) && self.decodes(whole, body)
    }

    /// Formats without a telling prefix must prove themselves by what they encode.
    fn decodes(&self, whole: &str, body: &str) -> bool {
        match self.id {
            "discord-bot" => {
                let id = whole.split('.').next().and_then(base64);
                id.is_some_and(|id| (15..=21).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
            }
            "telegram" => {
                let key = body.split(':').nth(1).unwrap_or_default();
                let mixed = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
                key.starts_with("AA") || mixed.iter().all(|is| key.as_bytes().iter().any(is)) && entropy(key) >= 4.0
            }
            "zai" => {
                let key = body.split('.').nth(1).unwrap_or_default();
                key.bytes().any(|b| b.is_ascii_digit()) && entropy(key) >= 3.0
            }
            "jwt" => {
                let header = whole.split('.').next().and_then(json);
                let signed = header.is_some_and(|header| header.get("alg").is_some_and(|alg| alg != "none"));
                // `sub: 1234567890` is the sample of jwt.io.
                signed && payload(whole).is_none_or(|body| body.get("sub").is_none_or(|sub| sub != "1234567890"))
            }
            _ => true,
        }
    }
}

/// Whether a key can begin here: not in the middle of a word, yet behind an escape (`\nsk-…`) and
/// in Telegram's `/bot<token>/` addresses.
fn starts_token(bytes: &[u8], i: usize) -> bool {
    let back = |by: usize| i.checked_sub(by).and_then(|at| bytes.get(at)).copied().unwrap_or_default();
    let before = back(1);
    if !Word.has(before) {
        return true;
    }
    let escape = matches!(before, b'n' | b'r' | b't') && back(2) == b'\\';
    escape
        || before == b't'
            && bytes.get(i).is_some_and(u8::is_ascii_digit)
            && bytes.get(..i).is_some_and(|before| before.ends_with(b"/bot"))
}

/// PEM private keys from BEGIN to END (or to the end of the text), with real line breaks or `\n`.
fn pem_blocks(text: &str) -> Vec<Range<usize>> {
    const KINDS: [&str; 7] = ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP "];
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some(start) = find(text, from, "-----BEGIN ") {
        from = start + "-----BEGIN ".len();
        // The window keeps a file full of BEGIN lines from being read again for each of them.
        let window = window(text, from, PEM_WINDOW);
        let Some(body) = KINDS.iter().find_map(|kind| {
            let rest = window.strip_prefix(kind)?.strip_prefix("PRIVATE KEY")?;
            rest.strip_prefix(" BLOCK").unwrap_or(rest).strip_prefix("-----")
        }) else {
            continue;
        };
        let begin = from + window.len() - body.len();
        let (inner, closed) = if let Some((inner, _)) = body.split_once("-----END ") {
            (inner, true)
        } else {
            looks::add(body.len());
            (until(body, |c| matches!(c, '"' | '\'' | '`')), false)
        };
        looks::add(inner.len());
        let mut end = begin + inner.len();
        from = end;
        // The smallest real key, Ed25519, has 64 characters; less, or an ellipsis, is a sample.
        let size = inner.bytes().filter(|b| Alnum.has(*b)).count();
        if size < 56 || inner.contains("...") || inner.contains("xxxxxxxx") {
            continue;
        }
        if closed {
            let last = end + "-----END ".len();
            end = find(text, last, "-----").map_or(text.len(), |at| at + "-----".len());
            from = end;
        }
        blocks.push(start..end);
    }
    blocks
}

fn payload(jwt: &str) -> Option<serde_json::Value> {
    jwt.split('.').nth(1).and_then(json)
}

fn json(encoded: &str) -> Option<serde_json::Value> {
    serde_json::from_slice(&base64(encoded)?).ok()
}

/// Base64 of either alphabet, with or without padding.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for b in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(sextet(b)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::secret::formats::{Class, label};

    /// Invents a token of a row's shape: least lengths, every class used evenly.
    fn invent(format: &Format, seed: u32) -> String {
        let mut state = seed;
        let mut random = |class: Class| loop {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let byte = u8::try_from(state >> 24).unwrap_or_default() & 0x7f;
            if class.has(byte) && byte != b'-' && byte != b'=' {
                break char::from(byte);
            }
        };
        let mut token = String::new();
        for part in format.parts {
            match part {
                Text(text) => token += text,
                Any(texts) => token += texts[0],
                Run(class, least, _) => token.extend((0..(*least).max(1)).map(|_| random(*class))),
            }
        }
        // What a format encodes cannot be left to chance.
        let sure = |text: &str, tail: &str| [text, tail].concat();
        match format.id {
            "discord-bot" => sure("MTEwMzQ1Njc4OTIzNDU2Nzg5", ".GhT4xQ.") + &token[token.len() - 27..],
            "telegram" => sure("7012345986:", "AA") + &token[token.len() - 33..],
            "jwt" => sure("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiJ1c2VyLTQyIn0.") + &token[token.len() - 10..],
            _ => token,
        }
    }

    #[test]
    fn every_format_is_found_whole_and_in_text() {
        for (i, format) in FORMATS.iter().enumerate() {
            // A body of the least length may by chance lack a digit; a few of these are enough.
            let tokens: Vec<String> = (0..40).map(|n| invent(format, n * 7919 + 17)).collect();
            let known = |token: &&String| whole(token).is_some_and(|verdict| verdict.format == format.id);
            assert!(tokens.iter().filter(known).count() >= 25, "row {i} {}", format.id);
            let Some(token) = tokens.iter().find(known) else { continue };
            for (before, after) in [("KEY=", "\n"), ("say \"", "\" now"), ("\\n", "."), ("密钥", "，")] {
                let text = [before, token.as_str(), after].concat();
                let expected = vec![(before.len()..before.len() + token.len(), format.id)];
                assert_eq!(hits(&text), expected, "row {i} {}", format.id);
            }
            let glued = ["word", token.as_str()].concat();
            let webhook = format.id.ends_with("webhook");
            assert!(webhook || hits(&glued).iter().all(|(range, _)| range.start > 0), "{}", format.id);
            let longer = [token.as_str(), "_"].concat();
            assert!(whole(&longer).is_none_or(|_| longer.len() > token.len()), "{}", format.id);
            assert!(!label(format.id).contains("a secret"), "{}", format.id);
        }
    }

    #[test]
    fn near_misses_stay_silent() {
        let body = "q7Rt2Vx9".repeat(20);
        for text in [
            "sk-learn-is-a-toolkit-for-machine-learning",
            "sk-ant-this-is-not-a-key-but-a-slug-of-words",
            "the sk-proj-ects-of-this-year-are-listed-below",
            "task-ant-colony-optimisation-with-many-words",
            "d41d8cd98f00b204e9800998ecf8427e.chunk.js",
            "2026-05-12T10:20:30:some-kebab-case-slug-of-35-chars-aa",
            "12345678:some-kebab-case-slug-of-35-charrrrr",
            "agent:main:telegram:group:-1001234567890",
            "https://user:pass@host/x https://postgres:postgres@db:5432/app",
            "https://bob:${PASSWORD}@host https://bob:<password>@host http://a:b@example.com",
            "https://host/list?pageToken=q7Rt2Vx9q7Rt2Vx9Kd&token=${TOKEN}",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq7Rt2Vx9q7Rt2Vx9q7Rt2V\n-----END PUBLIC KEY-----",
            "-----BEGIN PRIVATE KEY-----",
            "",
        ] {
            assert_eq!(hits(text), vec![], "{text}");
        }
        // A header that is no JSON, and a signature algorithm of none.
        assert_eq!(hits(&["eyJ", &body, ".eyJ", &body, ".", &body].concat()), vec![]);
        assert_eq!(hits(&["eyJhbGciOiJub25lIn0", ".eyJzdWIiOiJ4In0.", &body].concat()), vec![]);
        // A Discord shape whose first part is no number.
        assert_eq!(hits(&["Mq7Rt2Vx9q7Rt2Vx9q7Rt2Vx", ".GhT4xQ.", &body[..27]].concat()), vec![]);
    }

    #[test]
    fn ranges_are_exact() {
        let line = "q7Rt2Vx9Kd3mZp5Wq7Rt2Vx9Kd3mZp5Wq7Rt2Vx9Kd3mZp5Wq7Rt2Vx9Kd3mZp5W";
        let pem = ["-----BEGIN RSA PRIVATE", " KEY-----\n", line, "\n-----END RSA PRIVATE KEY-----"].concat();
        assert_eq!(hits(&["x ", &pem, " y"].concat()), vec![(2..2 + pem.len(), "pem")]);
        let open = ["-----BEGIN PRIVATE", " KEY-----\\n", line].concat();
        assert_eq!(hits(&[&open, "\" }"].concat()), vec![(0..open.len(), "pem")]);
        assert_eq!(hits("http://bob:s3cr-t9@proxy:8080/"), vec![(11..18, "url-password")]);
        assert_eq!(hits("redis://:q7Rt2Vx9Kd@cache"), vec![(9..19, "url-password")]);
        let url = "wss://cdp.host/x?a=1&token=q7Rt2Vx9Kd3mZp5W#top";
        assert_eq!(hits(url), vec![(27..43, "url-token")]);
        let bot = ["https://api.telegram.org/bot", "7012345986:", "AA", &line[..33], "/getMe"].concat();
        assert_eq!(hits(&bot), vec![(28..74, "telegram")]);
    }

    #[test]
    fn any_mixture_of_fragments_gives_sound_ranges() {
        let key = ["sk-", "proj-q7Rt2Vx9Kd3mZp5WbN8sLf4Y"].concat();
        #[rustfmt::skip]
        let parts = [
            "-----BEGIN ", "PRIVATE KEY-----", "-----END ", "://", "a", ":p9w@", "@", "?token=", "é", "密", "\\n", "=", " ",
            "q7Rt2Vx9Kd3mZp5WbN8sLf4Y", &key, "eyJ", ".eyJ", "/bot", "7012345986:AA", "{\"service_account\"", "M", ".",
        ];
        for i in 0..parts.len().pow(3) {
            let pick = |power| parts[i / parts.len().pow(power) % parts.len()];
            let text = [pick(0), pick(1), pick(2), "é", pick(1)].concat();
            let mut end = 0;
            for (range, _) in hits(&text) {
                assert!(range.start >= end && text.get(range.clone()).is_some_and(|found| !found.is_empty()));
                end = range.end;
            }
            let _ = whole(&text);
        }
    }

    #[test]
    fn hostile_text_is_read_in_linear_time() {
        for part in [
            "-----BEGIN PRIVATE KEY-----\"",
            "a://",
            "a://b:c@?token=",
            "ops_eyJ/",
            "eyJ.eyJ.",
            "ya29.",
            "1//0",
            "12345678:",
        ] {
            // Larger than every window, so that a window that is missing shows.
            let looks = |size: usize| looks::of(|| drop(hits(&part.repeat(size / part.len()))));
            let (once, twice) = (looks(1 << 16), looks(1 << 17));
            assert!(twice <= once * 5 / 2, "{part}: {once} looks, then {twice} at twice the length");
        }
    }
}
