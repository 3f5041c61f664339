//! The long way: a line through the reader, whatever it looks like.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::{Digest, FIELDS, KINDS, Remark, SEVERITIES, What, time};
use crate::syntax::ecma::{Json, Member, Refusal, date, is_space};

/// A hash as it stands in an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// 64 lower-case hexadecimal digits.
    Digest(Digest),
    /// Another text, or an array: the verifier tells it from a hash without stumbling.
    Other,
    /// Missing, or of a type that the verifier stumbles over.
    None,
}

impl Name {
    /// The digest that it is.
    #[must_use]
    pub const fn digest(&self) -> Option<Digest> {
        if let Self::Digest(digest) = self { Some(*digest) } else { None }
    }
}

/// What a walk needs to know of an entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The hash that its content gives.
    pub hash: Digest,
    /// The hash that it claims.
    pub stored: Name,
    /// The hash of the entry before, as it claims.
    pub prev: Name,
    /// The sequence number, when it is a whole number.
    pub seq: Option<f64>,
    /// The time in packed form, when that can be told without knowing the place.
    pub time: Option<u64>,
    /// What else there is to say.
    pub remarks: Vec<Remark>,
}

/// A line that was read whole: for whoever wants more than the walk does.
#[derive(Debug)]
pub struct Parsed<'a> {
    /// The text, with U+FFFD for what is no UTF-8.
    pub text: Cow<'a, str>,
    /// The value.
    pub json: Json,
}

impl<'a> Parsed<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// Why it is no JSON, with its place in the bytes of the line.
    pub fn read(line: &'a [u8]) -> Result<Self, Refusal> {
        let text = String::from_utf8_lossy(line);
        match Json::parse(&text) {
            Ok(json) => Ok(Self { text, json }),
            Err(refusal) => Err(Refusal { at: original(line, refusal.at), ..refusal }),
        }
    }

    /// The same with white space after it, which counts only in the middle of a file.
    ///
    /// # Errors
    /// Why it is no JSON even so.
    pub fn padded(line: &'a [u8]) -> Result<Self, Refusal> {
        Self::read(line).or_else(|_| {
            let text = String::from_utf8_lossy(line);
            let json = Json::parse(text.trim_end_matches(is_space))?;
            Ok(Self { text, json })
        })
    }

    /// The name that JavaScript gives to the value of a field when it is used as a key.
    #[must_use]
    pub fn word(&self, field: &str) -> String {
        let Some(member) = self.json.get(field) else { return "undefined".to_owned() };
        if self.json.first_byte(member) == b'{' {
            return "[object Object]".to_owned();
        }
        self.json.text(member).unwrap_or_else(|| String::from_utf8_lossy(&self.json.value(member)).into_owned())
    }

    /// The sequence number.
    #[must_use]
    pub fn seq(&self) -> Option<f64> {
        let seq = self.json.scalar(self.json.get("seq")?)?;
        std::str::from_utf8(seq).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The text of a field, when it is one.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        self.json.text(self.json.get(name)?)
    }

    /// The hash in a field.
    #[must_use]
    pub fn name(&self, field: &str) -> Name {
        let Some(member) = self.json.get(field) else { return Name::None };
        match self.json.first_byte(member) {
            b'"' => {
                let text = self.json.scalar(member).and_then(|text| text.strip_prefix(b"\"")?.strip_suffix(b"\""));
                text.and_then(Digest::parse).map_or(Name::Other, Name::Digest)
            }
            b'[' => Name::Other,
            _ => Name::None,
        }
    }

    /// Where the value of a member stands in the bytes of the line.
    #[must_use]
    pub fn place(&self, line: &[u8], member: &Member) -> Range<usize> {
        let at = member.value_at();
        match self.text {
            Cow::Borrowed(_) => at,
            Cow::Owned(_) => original(line, at.start)..original(line, at.end),
        }
    }

    /// The hash that the content gives.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let mut hasher = Sha256::new();
        self.write_hashed(&mut |bytes| hasher.update(bytes));
        hasher.update(b"}");
        Digest(hasher.finalize().into())
    }

    /// Hands the text that is hashed to `sink`, all but the closing brace.
    fn write_hashed(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(b"{");
        let mut first = true;
        for member in FIELDS.iter().filter_map(|field| self.json.get(field)) {
            if !first {
                sink(b",");
            }
            first = false;
            self.json.write_member(member, sink);
        }
    }

    /// The entry, with remarks about this line.
    #[must_use]
    pub fn entry(&self, line: &[u8]) -> Entry {
        let mut remarks = Vec::new();
        let seq = self.seq();
        let time = self.remarks(&mut remarks);
        if line.len() != self.text.len() || matches!(self.text, Cow::Owned(_)) {
            for remark in &mut remarks {
                remark.at = original(line, remark.at.start)..original(line, remark.at.end);
            }
            let wrong = line.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
            remarks.push(Remark { what: What::NotUtf8, at: wrong..wrong + 1 });
        }
        let (stored, prev) = (self.name("hash"), self.name("prevHash"));
        Entry { hash: self.hash(), stored, prev, seq, time, remarks }
    }

    fn remarks(&self, out: &mut Vec<Remark>) -> Option<u64> {
        let whole = 0..self.text.len().min(1);
        if !self.json.is_object() {
            let export = self.text.trim_start().starts_with('[') && self.text.contains("\"prevHash\"");
            out.push(Remark { what: if export { What::Export } else { What::NotAnObject }, at: whole });
            return None;
        }
        self.fields(&whole, out);
        let known = |key: &[u8]| FIELDS.iter().chain(&["hash"]).any(|field| field.as_bytes() == key);
        let unknown = self.json.members().filter(|member| !known(self.json.key(member)));
        let few = unknown.take(MOST_UNKNOWN);
        out.extend(few.map(|member| Remark { what: What::UnknownField, at: member.key_at() }));
        let odd = &self.json.oddities;
        out.extend(odd.duplicates.iter().map(|at| Remark { what: What::DuplicateKey, at: at.clone() }));
        out.extend(odd.lossy.iter().map(|at| Remark { what: What::LossyNumber, at: at.clone() }));
        if odd.depth > DEEP {
            out.push(Remark { what: What::Deep, at: whole.clone() });
        }
        let (time, remark) = self.time();
        out.extend(remark);
        // What was said explains the spelling.
        let explained =
            |remark: &Remark| matches!(remark.what, What::UnknownField | What::DuplicateKey | What::LossyNumber);
        if !out.iter().any(explained) {
            out.extend(self.form());
        }
        time
    }

    fn fields(&self, whole: &Range<usize>, out: &mut Vec<Remark>) {
        for (index, name) in FIELDS.iter().enumerate().take(9) {
            let index = u8::try_from(index).unwrap_or(u8::MAX);
            let Some(member) = self.json.get(name) else {
                if index <= 5 {
                    out.push(Remark { what: What::Missing(index), at: whole.clone() });
                }
                continue;
            };
            let first = self.json.first_byte(member);
            let right = match index {
                0 => self.seq().is_some_and(|seq| (1.0..=SAFE).contains(&seq) && seq.fract() == 0.0),
                5 => first == b'{',
                _ => first == b'"',
            };
            if !right {
                out.push(Remark { what: What::WrongType(index), at: member.value_at() });
                continue;
            }
            let known: &[&str] = match index {
                2 => &KINDS,
                3 => &SEVERITIES,
                _ => continue,
            };
            if !self.json.text(member).is_some_and(|word| known.contains(&&*word)) {
                let what = if index == 2 { What::UnknownType } else { What::UnknownSeverity };
                out.push(Remark { what, at: member.value_at() });
            }
        }
    }

    /// The time in packed form.
    fn time(&self) -> (Option<u64>, Option<Remark>) {
        let of_text = |member: &Member| Some((member.value_at(), self.json.text(member)?));
        let Some((at, text)) = self.json.get("ts").and_then(of_text) else { return (None, None) };
        if let Some(packed) = text.as_bytes().first_chunk::<24>().filter(|_| text.len() == 24).and_then(time::packed) {
            return (Some(packed), None);
        }
        let Some(civil) = date::parse(&text) else { return (None, Some(Remark { what: What::NoTime, at })) };
        let packed = civil.fixed().and_then(time::pack);
        (packed, Some(Remark { what: What::OtherTime, at }))
    }

    /// How the line differs from what the logger would have written.
    fn form(&self) -> Option<Remark> {
        let text = self.text.trim_end_matches('\r');
        let end = self.text.len();
        if text.len() < end {
            return Some(Remark { what: What::CarriageReturn, at: text.len()..end });
        }
        let mut own = Vec::with_capacity(end);
        self.write_hashed(&mut |bytes| own.extend_from_slice(bytes));
        if let Some(hash) = self.json.get("hash") {
            own.extend_from_slice(if own.len() > 1 { b"," } else { b"" });
            self.json.write_member(hash, &mut |bytes| own.extend_from_slice(bytes));
        }
        own.push(b'}');
        if own == text.as_bytes() {
            return None;
        }
        let at = own.iter().zip(text.as_bytes()).take_while(|(one, other)| one == other).count();
        let place = |name: &str| self.json.get(name).map(|member| member.key_at().start);
        let places: Vec<usize> = FIELDS.iter().chain(&["hash"]).filter_map(|name| place(name)).collect();
        let member = self.json.members().find(|member| member.key_at().contains(&at));
        if let (false, Some(member)) = (places.is_sorted(), member) {
            return Some(Remark { what: What::FieldOrder, at: member.key_at() });
        }
        let at = (0..=at.min(end.saturating_sub(1))).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Some(Remark { what: What::Spelling, at: at..at + width })
    }
}

/// Unknown fields of one entry that are named.
const MOST_UNKNOWN: usize = 4;

/// The largest whole number that a double tells from its neighbours.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// Depth from which on Node 20 may fail where Node 26 does not.
const DEEP: usize = 999;

/// The byte of a line that a byte of its decoded text comes from.
fn original(line: &[u8], at: usize) -> usize {
    let (mut decoded, mut read) = (0, 0);
    for chunk in line.utf8_chunks() {
        let valid = chunk.valid().len();
        if at <= decoded + valid {
            return read + (at - decoded);
        }
        decoded += valid;
        read += valid;
        if !chunk.invalid().is_empty() {
            decoded += char::REPLACEMENT_CHARACTER.len_utf8();
            read += chunk.invalid().len();
        }
    }
    read.min(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remarks(line: &str) -> Vec<(What, String)> {
        let entry = Parsed::read(line.as_bytes()).unwrap().entry(line.as_bytes());
        entry.remarks.into_iter().map(|remark| (remark.what, line[remark.at].to_owned())).collect()
    }

    const TAIL: &str = r#""type":"tool_exec","severity":"info","summary":"s","details":{},"prevHash":"p","hash":"h"}"#;

    #[test]
    fn a_plain_entry_needs_no_remark() {
        assert_eq!(remarks(&format!(r#"{{"seq":1,"ts":"2026-02-10T15:00:00.000Z",{TAIL}"#)), []);
    }

    #[test]
    fn remarks_name_their_token() {
        let said = |head: &str| remarks(&format!("{{{head},{TAIL}"));
        let ts = r#""ts":"2026-02-10T15:00:00.000Z""#;
        assert_eq!(said(&format!(r#""seq":"1",{ts}"#)), [(What::WrongType(0), "\"1\"".to_owned())]);
        assert_eq!(said(&format!(r#""seq":1.0,{ts}"#)), [(What::Spelling, ".".to_owned())]);
        assert_eq!(said(&format!(r#"{ts},"seq":1"#)), [(What::FieldOrder, "\"ts\"".to_owned())]);
        assert_eq!(said(&format!(r#""seq":1,{ts},"Ts":0"#)), [(What::UnknownField, "\"Ts\"".to_owned())]);
        assert_eq!(said(&format!(r#""seq":2,"seq":1,{ts}"#)), [(What::DuplicateKey, "\"seq\"".to_owned())]);
        assert_eq!(said(r#""seq":1,"ts":"10 Feb 2026""#), [(What::OtherTime, "\"10 Feb 2026\"".to_owned())]);
        assert_eq!(said(r#""seq":1,"ts":"soon""#), [(What::NoTime, "\"soon\"".to_owned())]);
        assert_eq!(said(r#""seq":1"#), [(What::Missing(1), "{".to_owned())]);
    }

    #[test]
    fn places_are_those_of_the_bytes() {
        let line = b"{\"a\":\"\xff\xff\",\"seq\":tru}";
        let at = Parsed::read(line).unwrap_err().at;
        assert_eq!(&line[at..], b"tru}");
    }
}
