//! The writer: the canonical text in the order that its members are in.

use super::{Json, Member, Piece};

/// Something to write.
#[derive(Clone, Copy)]
enum Part {
    Raw(Piece),
    Sign(u8),
}

impl Json {
    /// What `JSON.stringify` gives.
    #[must_use]
    pub fn stringify(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.raw.len());
        let whole = Piece { start: 0, end: crate::source::offset(self.raw.len()) };
        self.write(whole, &mut |bytes| out.extend_from_slice(bytes));
        out
    }

    /// Hands the canonical text of a member's value to `sink`, in pieces.
    pub fn write_value(&self, member: &Member, sink: &mut dyn FnMut(&[u8])) {
        self.write(Piece { start: member.key_end + 1, end: member.whole.end }, sink);
    }

    /// Hands the canonical text of a member to `sink`: key, colon and value.
    pub fn write_member(&self, member: &Member, sink: &mut dyn FnMut(&[u8])) {
        self.write(member.whole, sink);
    }

    fn write(&self, whole: Piece, sink: &mut dyn FnMut(&[u8])) {
        if self.moved.is_empty() {
            sink(self.raw.get(whole.start as usize..whole.end as usize).unwrap_or_default());
            return;
        }
        // The last is written next.
        let mut parts = vec![Part::Raw(whole)];
        while let Some(part) = parts.pop() {
            let piece = match part {
                Part::Raw(piece) => piece,
                Part::Sign(sign) => {
                    sink(&[sign]);
                    continue;
                }
            };
            let next = self.moved.partition_point(|moved| moved.object.start < piece.start);
            let Some(moved) = self.moved.get(next).filter(|moved| moved.object.start < piece.end) else {
                sink(self.raw.get(piece.start as usize..piece.end as usize).unwrap_or_default());
                continue;
            };
            sink(self.raw.get(piece.start as usize..moved.object.start as usize).unwrap_or_default());
            if moved.object.end < piece.end {
                parts.push(Part::Raw(Piece { start: moved.object.end, end: piece.end }));
            }
            parts.push(Part::Sign(b'}'));
            let members = self.order.get(moved.first as usize..moved.last as usize).unwrap_or_default();
            for (index, member) in members.iter().enumerate().rev() {
                parts.push(Part::Raw(*member));
                parts.push(Part::Sign(if index == 0 { b'{' } else { b',' }));
            }
        }
    }
}

/// Levels that are indented: without end the blanks would outgrow a text that is nothing but depth.
const DEEPEST: usize = 100;

/// Canonical text as `JSON.stringify(value, null, 2)` lays it out; `margin` blanks begin every further line.
pub fn pretty(canonical: &[u8], margin: usize, out: &mut Vec<u8>) {
    let mut depth = 0_usize;
    let mut at = 0;
    let line = |depth: usize, out: &mut Vec<u8>| {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', margin + 2 * depth.min(DEEPEST)));
    };
    while let Some(byte) = canonical.get(at).copied() {
        at += 1;
        match byte {
            b'"' => {
                out.push(b'"');
                let mut escaped = false;
                for byte in canonical.get(at..).unwrap_or_default() {
                    at += 1;
                    out.push(*byte);
                    match byte {
                        b'"' if !escaped => break,
                        b'\\' => escaped = !escaped,
                        _ => escaped = false,
                    }
                }
            }
            b'{' | b'[' => {
                out.push(byte);
                if let Some(end @ (b'}' | b']')) = canonical.get(at) {
                    out.push(*end);
                    at += 1;
                } else {
                    depth += 1;
                    line(depth, out);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                line(depth, out);
                out.push(byte);
            }
            b',' => {
                out.push(b',');
                line(depth, out);
            }
            b':' => out.extend_from_slice(b": "),
            byte => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pretty_text_is_that_of_stringify() {
        let mut out = Vec::new();
        pretty(br#"{"a":[],"b":{"c":"x,{\"y\\"},"d":[1,{"e":{}}]}"#, 2, &mut out);
        let want = "{\n    \"a\": [],\n    \"b\": {\n      \"c\": \"x,{\\\"y\\\\\"\n    },\n    \"d\": [\n      1,\n      {\n        \"e\": {}\n      }\n    ]\n  }";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
