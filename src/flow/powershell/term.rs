//! Expressions of PowerShell: variables, strings, members, methods, tables.

use std::ops::Range;

use super::super::value::Value;
use super::super::{Recipient, SinkKind, SinkPart, SourceKind, record::Sending, words};
use super::PowerShell;

impl PowerShell<'_, '_> {
    /// Terms side by side: what is added is put together, of the others it may be any.
    pub(super) fn terms(&mut self, span: Range<usize>) -> Value {
        let mut out: Option<Value> = None;
        let mut at = span.start;
        let mut adds = false;
        if !self.enter() {
            return Value::default();
        }
        while at < span.end && self.rec.fuel.take(out.as_ref().map_or(1, Value::size)) {
            match self.bytes()[at] {
                b'+' => {
                    adds = true;
                    at += 1;
                }
                b',' | b' ' | b'\t' | b'\r' | b'\n' | b'-' | b'=' | b';' => at += 1,
                _ => {
                    let (value, next) = self.term(at, span.end);
                    at = next.max(at + 1);
                    out = Some(match out {
                        None => value,
                        Some(known) if adds => known.concat(&value),
                        Some(mut known) => {
                            known.join(value);
                            known
                        }
                    });
                    adds = false;
                }
            }
        }
        self.depth -= 1;
        out.unwrap_or_default()
    }

    /// A value and the members that are taken from it; the byte after it.
    pub(super) fn term(&mut self, at: usize, end: usize) -> (Value, usize) {
        let bytes = self.bytes();
        let (mut value, mut next) = self.operand(at, end);
        // A cast is followed by what it casts, which is none.
        if bytes[at] == b'[' && next < end && matches!(bytes[next], b'(' | b'$' | b'"' | b'\'') {
            return self.term(next, end);
        }
        while self.rec.fuel.take(1) {
            let colons = self.slice(&(next..end)).starts_with("::");
            if colons || next + 1 < end && bytes[next] == b'.' && bytes[next + 1].is_ascii_alphabetic() {
                (value, next) = self.member(value, at, next + if colons { 2 } else { 1 }, end);
            } else if next < end && bytes[next] == b'[' && bytes[at] != b'[' {
                next = self.skip(next, end);
                value = value.element();
            } else {
                break;
            }
        }
        (value, next)
    }

    /// What a term begins with, and the byte after it.
    fn operand(&mut self, at: usize, end: usize) -> (Value, usize) {
        let bytes = self.bytes();
        let after = self.skip(at, end);
        let inner = at + 1..after.saturating_sub(1).max(at + 1);
        let next = bytes.get(at + 1).copied().filter(|_| at + 1 < end);
        match (bytes[at], next) {
            (b'\'', _) => (Value::text(self.slice(&inner)), after),
            (b'"', _) => (self.interpolated(inner), after),
            (b'@', Some(quote @ (b'"' | b'\''))) => {
                let inner = at + 2..after.saturating_sub(3).max(at + 2);
                (if quote == b'"' { self.interpolated(inner) } else { Value::text(self.slice(&inner)) }, after)
            }
            (b'@' | b'$', Some(open @ (b'{' | b'('))) if bytes[at] == b'@' || open == b'(' => {
                let after = self.skip(at + 1, end);
                let inner = at + 2..after.saturating_sub(1).max(at + 2);
                (if open == b'{' { self.table(inner) } else { self.block(inner) }, after)
            }
            (b'(' | b'{', _) => (self.block(inner), after),
            (b'[', _) => {
                // A type: what follows the two colons is a method of it.
                let name = self.slice(&inner).trim().to_ascii_lowercase();
                (Value::named(["[", &name, "]"].concat()), after)
            }
            (b'$', _) => self.variable(at, end),
            _ => {
                let stop = |b: &u8| {
                    b.is_ascii_whitespace() || matches!(b, b',' | b';' | b')' | b'}' | b'(' | b'|' | b'"' | b'\'')
                };
                let next = bytes[at..end].iter().position(stop).map_or(end, |found| at + found).max(at + 1);
                (Value::text(self.slice(&(at..next))), next)
            }
        }
    }

    /// The member of a value whose name begins at `start`, and the byte after it.
    fn member(&mut self, value: Value, at: usize, start: usize, end: usize) -> (Value, usize) {
        let bytes = self.bytes();
        let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let stop = start + bytes[start.min(end)..end].iter().take_while(|b| word(b)).count();
        let name = self.slice(&(start..stop)).to_ascii_lowercase();
        if stop < end && bytes[stop] == b'(' {
            let after = self.skip(stop, end);
            let mut args = Vec::new();
            for part in self.split(&(stop + 1..after.saturating_sub(1).max(stop + 1)), b",", false) {
                let part = self.trim(&part);
                args.push(self.terms(part));
            }
            return (self.method(&value, &name, &args, at..after), after);
        }
        let entry = match value.field(&name) {
            Some(entry) => entry.clone(),
            None if matches!(name.as_str(), "fullname" | "path" | "content") => value,
            None => Value { taints: value.taints, path: value.path, ..Value::default() },
        };
        (entry, stop)
    }

    /// `$name`, `$env:NAME`, `${name}`.
    pub(super) fn variable(&mut self, at: usize, end: usize) -> (Value, usize) {
        let bytes = self.bytes();
        let braced = bytes.get(at + 1) == Some(&b'{');
        let start = at + 1 + usize::from(braced);
        let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':');
        let mut stop = bytes[start.min(end)..end].iter().position(|b| !word(b)).map_or(end, |found| start + found);
        while stop > start && bytes[stop - 1] == b':' {
            stop -= 1;
        }
        let next = (stop + usize::from(braced)).clamp(at + 1, end);
        let name = self.slice(&(start.min(stop)..stop)).to_ascii_lowercase();
        let range = at..next;
        let value = match name.strip_prefix("env:") {
            Some(name) => self.rec.variable(&name.to_ascii_uppercase(), &range),
            None if name == "home" => Value::text("~"),
            None => {
                let name = name.trim_start_matches("script:").trim_start_matches("global:");
                self.lookup(name).cloned().unwrap_or_default()
            }
        };
        (value, next)
    }

    fn interpolated(&mut self, span: Range<usize>) -> Value {
        let bytes = self.bytes();
        let mut out = Value::text("");
        let mut literal = span.start;
        let mut at = span.start;
        while at < span.end && self.rec.fuel.take(out.size()) {
            let next = bytes.get(at + 1).copied().filter(|_| at + 1 < span.end);
            let value =
                bytes[at] == b'$' && next.is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'(' | b'{' | b'_'));
            if !value {
                at += 1 + usize::from(bytes[at] == b'`');
                continue;
            }
            out = out.concat(&Value::text(self.slice(&(literal..at))));
            let (part, after) = if next == Some(b'(') {
                let after = self.skip(at + 1, span.end);
                (self.block(at + 2..after.saturating_sub(1).max(at + 2)), after)
            } else {
                self.variable(at, span.end)
            };
            out = out.concat(&Value { texts: part.texts_or_hole(), ..part });
            at = after.max(at + 1);
            literal = at;
        }
        out.concat(&Value::text(self.slice(&(literal.min(span.end)..span.end))))
    }

    fn table(&mut self, span: Range<usize>) -> Value {
        let mut out = Value::default();
        for part in self.split(&span, b";\n", true) {
            let text = self.slice(&part);
            let Some(at) = text.find('=') else { continue };
            let key = text[..at].trim().trim_matches(['"', '\'']).to_owned();
            let value = self.pipeline(part.start + at + 1..part.end);
            out.set_field(&key, value, false);
        }
        out
    }

    fn method(&mut self, owner: &Value, name: &str, args: &[Value], range: Range<usize>) -> Value {
        let first = args.first().cloned().unwrap_or_default();
        let second = args.get(1).cloned().unwrap_or_default();
        let path = owner.path.as_deref().unwrap_or_default();
        match name {
            "downloadstring" | "downloaddata" | "getstringasync" | "getasync" | "getbytearrayasync"
            | "downloadfile" => {
                let response = self.request(name, &first, Vec::new(), &range);
                if name == "downloadfile" {
                    self.rec.write(name, &second, &response, &range);
                }
                response
            }
            "uploadstring" | "uploaddata" | "uploadvalues" | "postasync" | "putasync" | "uploadfile" => {
                let mut data = args.last().map(Value::content).unwrap_or_default();
                if name == "uploadfile" {
                    data.join(self.rec.read(args.last().unwrap_or(&second), &range));
                }
                self.request(name, &first, vec![(SinkPart::Body, data)], &range)
            }
            "readalltext" | "readallbytes" | "readalllines" | "openread" => self.rec.read(&first, &range),
            "writealltext" | "writeallbytes" | "writealllines" | "appendalltext" => {
                self.rec.write(name, &first, &second, &range);
                Value::default()
            }
            "tobase64string" => self.rec.encode(&first, &range),
            "frombase64string" | "decompress" => {
                let mut value = self.rec.origin(SourceKind::DecodedText, &range, name);
                value.join(first.content());
                value
            }
            "getenvironmentvariable" => match first.first_text() {
                Some(variable) => self.rec.variable(&variable.to_ascii_uppercase(), &range),
                None => Value::default(),
            },
            "getenvironmentvariables" => self.rec.origin(SourceKind::WholeEnvironment, &range, name),
            "create" | "load" | "invokescript"
                if path.contains("scriptblock") || path.contains("assembly") || name == "invokescript" =>
            {
                self.rec.exec(path, &first, &range);
                Value::default()
            }
            "write" if path.contains("tcp") || path.contains("stream") => {
                let parts = vec![(SinkPart::Body, first.content())];
                let to = Value::default();
                self.rec.send(&Sending { kind: SinkKind::Socket, call: name, range, to: &to, parts, timeout: None });
                Value::default()
            }
            "gethostaddresses" | "gethostentry" => {
                self.rec.ask(name, &first, &range);
                Value::default()
            }
            "getstring" | "getbytes" | "unescape" | "escapedatastring" | "urlencode" => first.content(),
            "getfolderpath" => Value::text("~/Documents"),
            "length" | "contains" | "exists" | "startswith" | "endswith" | "computehash" => Value::default(),
            "replace" | "trim" | "tolower" | "tostring" | "substring" | "split" | "toupper" => owner.clone(),
            "new" => Value::named(path.trim_matches(['[', ']'])),
            _ => {
                let mut out = owner.content();
                for value in args {
                    out.join(value.content());
                }
                out.path.clone_from(&owner.path);
                out
            }
        }
    }

    /// A request; its answer.
    pub(super) fn request(
        &mut self,
        call: &str,
        to: &Value,
        parts: Vec<(SinkPart, Value)>,
        range: &Range<usize>,
    ) -> Value {
        self.rec.send(&Sending { kind: SinkKind::Http, call, range: range.clone(), to, parts, timeout: None });
        let host = to.texts.iter().find_map(|text| words::host(text)).unwrap_or_default();
        self.rec.origin(SourceKind::HttpResponse, range, &host)
    }

    /// Mail addresses that are written into the call.
    pub(super) fn recipient(&mut self, field: &str, value: &Value, range: &Range<usize>) {
        if let Some(address) = value.first_text().and_then(|text| words::mail_address(text)) {
            let recipient = Recipient {
                address: address.to_owned(),
                range: range.clone(),
                field: field.to_owned(),
                fallback: false,
            };
            self.rec.found().recipients.push(recipient);
        }
    }
}
