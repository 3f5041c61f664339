//! The commands of PowerShell.

use std::collections::HashMap;
use std::ops::Range;

use super::super::record::Sending;
use super::super::value::{HOLE, Value, clip};
use super::super::{ActKind, SinkKind, SinkPart, SourceKind, command};
use super::PowerShell;

/// The arguments of a command: those with a name, lower case, and the others.
#[derive(Default)]
struct Given {
    named: Vec<(String, Value)>,
    list: Vec<Value>,
}

impl Given {
    /// The argument with one of these names, or the one at this place.
    fn get(&self, names: &[&str], place: usize) -> Value {
        self.option(names).or_else(|| self.list.get(place)).cloned().unwrap_or_default()
    }

    fn option(&self, names: &[&str]) -> Option<&Value> {
        self.named.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value)
    }
}

impl PowerShell<'_, '_> {
    pub(super) fn command(&mut self, span: &Range<usize>, input: &Value) -> Value {
        let mut start = span.start;
        while start < span.end && matches!(self.bytes()[start], b'&' | b' ') {
            start += 1;
        }
        if self.slice(&(start..span.end)).starts_with(". ") {
            start += 2;
        }
        let span = self.trim(&(start..span.end));
        if span.is_empty() {
            return Value::default();
        }
        let first = self.bytes()[span.start];
        if matches!(first, b'$' | b'(' | b'{') {
            // A block or a text that is called.
            let (value, _) = self.term(span.start, span.end);
            if first != b'{' && value.is_tainted() {
                self.rec.exec("&", &value, &span);
            }
            return value;
        }
        let name_end = if matches!(first, b'"' | b'\'') {
            self.skip(span.start, span.end)
        } else {
            span.start + self.first_word(&span).len().max(1)
        };
        let name = command::base_name(self.slice(&(span.start..name_end)).trim_matches(['"', '\'']));
        let given = self.arguments(name_end.min(span.end)..span.end);
        if let Some(body) = self.functions.get(&name).cloned() {
            return self.invoke(&name, body, &given);
        }
        self.cmdlet(&name, &given, input, &span)
    }

    /// Runs a function of the script.
    fn invoke(&mut self, name: &str, body: Range<usize>, given: &Given) -> Value {
        let text = self.slice(&body);
        let head = text.to_ascii_lowercase().find("param").filter(|at| text[..*at].trim().is_empty());
        let mut params: Vec<String> = Vec::new();
        if let Some(open) = head.and_then(|at| text[at..].find('(').map(|found| body.start + at + found)) {
            let close = self.closing(open, body.end);
            for part in self.split(&(open + 1..close.saturating_sub(1).max(open + 1)), b",", false) {
                let part = self.slice(&part);
                let name = part.rsplit('$').next().unwrap_or_default();
                params.push(
                    name.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                        .next()
                        .unwrap_or_default()
                        .to_ascii_lowercase(),
                );
            }
        }
        let outer = self.scopes.len();
        self.scopes.push(HashMap::new());
        for (place, param) in params.iter().enumerate() {
            let value = given.get(&[param], place);
            self.set(param.clone(), value);
        }
        // A function that calls itself is run once.
        let function = self.functions.remove(name);
        let out = self.block(body);
        self.functions.extend(function.map(|body| (name.to_owned(), body)));
        self.scopes.truncate(outer);
        out
    }

    fn arguments(&mut self, span: Range<usize>) -> Given {
        let mut given = Given::default();
        let mut at = span.start;
        let mut name: Option<String> = None;
        while at < span.end && !self.rec.fuel.is_empty() {
            let byte = self.bytes()[at];
            if byte.is_ascii_whitespace() || matches!(byte, b',' | b'`') {
                at += 1;
                continue;
            }
            let rest = self.slice(&(at..span.end));
            let option = rest.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
            if let Some(option) = option {
                // A switch before had no value.
                given.named.extend(name.take().map(|name| (name, Value::default())));
                let end = option.find(|c: char| !c.is_ascii_alphanumeric()).map_or(span.end, |found| at + 1 + found);
                name = Some(self.slice(&(at + 1..end)).to_ascii_lowercase());
                at = end + usize::from(self.bytes().get(end) == Some(&b':'));
                continue;
            }
            if byte == b'>' {
                at += 1;
                continue;
            }
            let (mut value, mut next) = self.term(at, span.end);
            // `a + b`, `$dir\file`: what stands at once behind it belongs to it.
            while next < span.end
                && !self.bytes()[next].is_ascii_whitespace()
                && !matches!(self.bytes()[next], b',' | b';' | b')' | b'}')
            {
                let (part, after) = self.term(next, span.end);
                value = Value { texts: value.texts_or_hole(), ..value }
                    .concat(&Value { texts: part.texts_or_hole(), ..part });
                next = after.max(next + 1);
            }
            match name.take() {
                Some(name) => given.named.push((name, value)),
                None => given.list.push(value),
            }
            at = next.max(at + 1);
        }
        given.named.extend(name.map(|name| (name, Value::default())));
        given
    }

    #[expect(clippy::too_many_lines, reason = "a table")]
    fn cmdlet(&mut self, name: &str, given: &Given, input: &Value, span: &Range<usize>) -> Value {
        match name {
            "get-content" | "gc" | "cat" | "type" => self.rec.read(&given.get(&["path", "literalpath"], 0), span),
            "invoke-webrequest" | "iwr" | "curl" | "wget" | "invoke-restmethod" | "irm"
                if !given.list.iter().any(|value| value.first_text().is_some_and(|text| text.starts_with("--"))) =>
            {
                self.web(name, given, input, span)
            }
            "start-bitstransfer" => {
                let response = self.request(name, &given.get(&["source"], 0), Vec::new(), span);
                self.rec.write(name, &given.get(&["destination"], 1), &response, span);
                Value::default()
            }
            "invoke-expression" | "iex" => {
                let code = given.option(&["command"]).or_else(|| given.list.first()).unwrap_or(input).clone();
                self.rec.command("iex", span);
                self.rec.exec("iex", &code, span);
                Value::default()
            }
            "powershell" | "pwsh" => {
                let encoded = given.option(&["encodedcommand", "enc", "e", "ec"]);
                let code =
                    given.option(&["command", "c"]).or(encoded).or_else(|| given.list.first()).unwrap_or(input).clone();
                self.rec.command(name, span);
                let code = match encoded {
                    Some(_) => {
                        let mut value = self.rec.origin(SourceKind::DecodedText, span, "-EncodedCommand");
                        value.join(code.content());
                        value
                    }
                    None => code,
                };
                self.rec.exec(name, &code, span);
                Value::default()
            }
            "get-childitem" | "gci" | "dir" | "ls" => {
                let path = given.get(&["path", "literalpath"], 0);
                if path.first_text().is_some_and(|text| text.to_ascii_lowercase().starts_with("env:")) {
                    return self.rec.origin(SourceKind::WholeEnvironment, span, "env:");
                }
                let texts = path
                    .texts
                    .iter()
                    .map(|text| clip(&[text.trim_end_matches(['/', '\\']), "/\u{2}"].concat()))
                    .collect();
                Value { texts, ..Value::default() }
            }
            "set-content" | "out-file" | "add-content" | "sc" | "ac" | "tee-object" => {
                let path = given.get(&["path", "filepath", "literalpath"], 0);
                let value = given.option(&["value"]).or_else(|| given.list.get(1)).unwrap_or(input).clone();
                self.rec.write(name, &path, &value, span);
                Value::default()
            }
            "copy-item" | "cp" | "copy" | "move-item" | "compress-archive" => {
                let from = given.get(&["path", "literalpath"], 0);
                let content = if from.texts.is_empty() { input.content() } else { self.rec.read(&from, span) };
                self.rec.write(name, &given.get(&["destination", "destinationpath"], 1), &content, span);
                Value::default()
            }
            "remove-item" | "del" | "rm" | "ri" | "erase" => {
                self.rec.act(ActKind::Remove, span);
                Value::default()
            }
            "send-mailmessage" => {
                for field in ["to", "cc", "bcc"] {
                    if let Some(value) = given.option(&[field]).cloned() {
                        self.recipient(field, &value, span);
                    }
                }
                let mut body = Value::default();
                given.named.iter().for_each(|(_, value)| body.join(value.content()));
                if let Some(file) = given.option(&["attachments"]) {
                    body.join(self.rec.read(file, span));
                }
                let parts = vec![(SinkPart::Body, body)];
                let to = given.option(&["smtpserver"]).cloned().unwrap_or_default();
                self.rec.send(&Sending {
                    kind: SinkKind::Mail,
                    call: name,
                    range: span.clone(),
                    to: &to,
                    parts,
                    timeout: None,
                });
                Value::default()
            }
            "resolve-dnsname" | "nslookup" | "test-connection" | "ping" => {
                self.rec.ask(name, &given.get(&["name", "computername"], 0), span);
                self.rec.origin(SourceKind::DnsAnswer, span, "")
            }
            "get-clipboard" => self.rec.origin(SourceKind::Clipboard, span, ""),
            "new-object" => {
                let made =
                    given.get(&["typename"], 0).first_text().map(|text| text.to_ascii_lowercase()).unwrap_or_default();
                Value::named(made.as_str())
            }
            "join-path" => {
                let left = given.get(&["path"], 0);
                let right = given.get(&["childpath"], 1);
                Value { texts: left.texts_or_hole(), ..left }.concat(&Value::text("/")).concat(&right)
            }
            "foreach-object" | "%" | "where-object" | "?" | "select-object" | "out-string" | "convertto-json"
            | "convertfrom-json" | "sort-object" | "format-list" | "select-string" | "convertto-csv" | "foreach"
            | "where" => {
                let mut out = input.clone();
                given.list.iter().for_each(|value| out.join(value.content()));
                if matches!(name, "select-string" | "where-object" | "?")
                    && let Some(key) = given.get(&["pattern"], 0).first_text().filter(|text| !text.contains(HOLE))
                {
                    out.narrow(&key.clone());
                }
                out
            }
            "write-output" | "echo" | "write" => given.list.first().cloned().unwrap_or_else(|| input.clone()),
            "write-host" | "test-path" | "out-null" | "start-sleep" | "new-item" | "set-location" | "import-module"
            | "measure-object" => Value::default(),
            _ if name.contains('-') => {
                let mut out = input.content();
                given.list.iter().for_each(|value| out.join(value.content()));
                out
            }
            _ => {
                let mut argv = vec![Value::text(name)];
                for (option, value) in &given.named {
                    argv.push(Value::text(&["-", option].concat()));
                    if !value.texts.is_empty() || !value.taints.is_empty() {
                        argv.push(value.clone());
                    }
                }
                argv.extend(given.list.iter().cloned());
                command::program(self.rec, &argv, input, span)
            }
        }
    }

    /// `Invoke-WebRequest`, `Invoke-RestMethod`.
    fn web(&mut self, name: &str, given: &Given, input: &Value, span: &Range<usize>) -> Value {
        let to = given.get(&["uri", "url"], 0);
        let mut parts = Vec::new();
        if let Some(body) = given.option(&["body", "form", "d"]) {
            parts.push((SinkPart::Body, body.clone()));
        } else if input.is_tainted() {
            parts.push((SinkPart::Body, input.content()));
        }
        if let Some(file) = given.option(&["infile"]) {
            parts.push((SinkPart::File, self.rec.read(file, span)));
        }
        parts.extend(given.option(&["headers", "h", "credential"]).map(|headers| (SinkPart::Header, headers.clone())));
        self.rec.command(name, span);
        let response = self.request(name, &to, parts, span);
        match given.option(&["outfile", "o"]) {
            Some(path) => {
                self.rec.write(name, path, &response, span);
                Value::default()
            }
            None => response,
        }
    }
}
