//! The arguments of `curl`, `wget` and `HTTPie`.

use std::ops::Range;

use super::super::record::{Recorder, Sending};
use super::super::value::{HOLE, Value};
use super::super::words::{host, likely_secret};
use super::super::{SinkKind, SinkPart, SourceKind};

/// Short options of curl that take a value.
const SHORT: &str = "AbcCdDeEFHKmoPQrtTuUwxXyYz";
/// Long options that take a value and say nothing of data.
#[rustfmt::skip]
const LONG: [&str; 48] = [
    "--request", "--output", "--max-time", "--connect-timeout", "--retry", "--retry-delay", "--proxy",
    "--cacert", "--cert", "--key", "--resolve", "--write-out", "--user-agent", "--limit-rate",
    "--range", "--cookie-jar", "--dump-header", "--config", "--interface", "--retry-max-time", "--max-redirs",
    "--output-document", "--timeout", "--tries", "--method", "--directory-prefix", "--proto", "--proto-default",
    "--proto-redir", "--tls-max", "--ciphers", "--noproxy", "--aws-sigv4", "--unix-socket", "--pinnedpubkey",
    "--capath", "--socks5", "--socks5-hostname", "--doh-url", "--max-filesize", "--speed-limit", "--speed-time",
    "--continue-at", "--connect-to", "--cert-type", "--key-type", "--pass", "--oauth2-bearer",
];

struct Request<'r> {
    rec: &'r mut Recorder,
    input: &'r Value,
    range: &'r Range<usize>,
    to: Option<Value>,
    parts: Vec<(SinkPart, Value)>,
    output: Option<Value>,
    timeout: Option<u32>,
    query: bool,
}

pub(super) fn request(rec: &mut Recorder, name: &str, args: &[Value], input: &Value, range: &Range<usize>) -> Value {
    let mut request =
        Request { rec, input, range, to: None, parts: Vec::new(), output: None, timeout: None, query: false };
    let friendly = matches!(name, "http" | "https" | "xh" | "httpie" | "curlie");
    let mut at = 0;
    while at < args.len() {
        let text = args[at].first_text().cloned().unwrap_or_else(|| "\u{1}".into());
        let next = args.get(at + 1).cloned().unwrap_or_default();
        at += 1;
        if let Some((option, _)) = text.split_once('=').filter(|(option, _)| option.starts_with("--")) {
            let value = tail(&args[at - 1], option.len() + 1);
            request.option(option, &value, name);
        } else if text.starts_with("--") {
            at += usize::from(request.option(&text, &next, name));
        } else if text.starts_with('-') && text.len() > 1 && !text.starts_with("-\u{1}") {
            at += usize::from(request.short(&text, &args[at - 1], &next, name));
        } else if request.to.is_none() && !(friendly && text.bytes().all(|b| b.is_ascii_uppercase())) {
            request.to = Some(args[at - 1].clone());
        } else if friendly {
            request.item(&text, &args[at - 1]);
        } else {
            // One more address; a word that is none was the value of an option before it.
            let address =
                |value: &Value| value.first_text().is_some_and(|text| text.contains("://") || text.contains(HOLE));
            if !request.to.as_ref().is_some_and(address) && address(&args[at - 1]) {
                request.to = Some(args[at - 1].clone());
            }
            request.parts.push((SinkPart::Url, args[at - 1].content()));
        }
    }
    request.send(name)
}

/// What is left of a word after its first bytes.
fn tail(value: &Value, skip: usize) -> Value {
    let texts = value.texts.iter().map(|text| text.get(skip..).unwrap_or_default().into()).collect();
    Value { texts, ..value.clone() }
}

impl Request<'_> {
    /// `-d data`, `-ddata`, `-sSLo file`; whether the next word is taken.
    fn short(&mut self, text: &str, word: &Value, next: &Value, name: &str) -> bool {
        let wget = name == "wget";
        for (at, flag) in text.char_indices().skip(1) {
            if flag == 'G' && !wget {
                self.query = true;
            }
            let takes = if wget { "OoUPtTQ".contains(flag) } else { SHORT.contains(flag) };
            if takes {
                let rest = tail(word, at + flag.len_utf8());
                let attached = rest.first_text().is_some_and(|rest| !rest.is_empty());
                let value = if attached { &rest } else { next };
                let option = match (flag, wget) {
                    ('d', false) => "--data",
                    ('F', false) => "--form",
                    ('T', false) => "--upload-file",
                    ('H', false) => "--header",
                    ('u' | 'U', false) => "--user",
                    ('b', false) => "--cookie",
                    ('e', false) => "--referer",
                    ('A', false) | ('U', true) => "--user-agent",
                    ('o', false) | ('O', true) => "--output",
                    ('m', false) | ('T', true) => "--max-time",
                    _ => "--request",
                };
                self.option(option, value, name);
                return !attached;
            }
        }
        false
    }

    /// A long option; whether it takes the next word.
    fn option(&mut self, option: &str, value: &Value, name: &str) -> bool {
        match option {
            "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--data-urlencode" | "--json" | "--form"
            | "--form-string" | "--post-data" | "--body-data" => {
                self.body(value, option == "--data-raw" || option == "--form-string");
            }
            "--post-file" | "--body-file" | "--upload-file" => {
                let stdin = value.first_text().is_some_and(|text| matches!(text.as_ref(), "-" | "."));
                let content = if stdin { self.input.clone() } else { self.rec.read(value, self.range) };
                self.parts.push((SinkPart::File, content.content()));
            }
            "--oauth2-bearer" | "--header" | "--cookie" | "--referer" | "--user-agent" | "--user" => {
                let key = match option {
                    "--header" => {
                        value.first_text().and_then(|text| text.split_once(':')).map(|(key, _)| key.trim().to_owned())
                    }
                    _ => Some(option.trim_start_matches('-').to_owned()),
                };
                self.parts.push((SinkPart::Header, named(key, value)));
            }
            "--url" => self.to = Some(value.clone()),
            "--output" | "--output-document" => self.output = Some(value.clone()),
            "--max-time" | "--timeout" => {
                self.timeout = value.first_text().and_then(|text| text.split('.').next()?.parse().ok());
            }
            "--get" => {
                self.query = true;
                return false;
            }
            "--connect-timeout" => {}
            _ => return LONG.contains(&option) && !(name == "wget" && option == "--method"),
        }
        true
    }

    /// `data`, `@file`, `@-`, `name=value`, `name=@file`.
    fn body(&mut self, value: &Value, raw: bool) {
        let text = value.first_text().cloned().unwrap_or_else(|| "\u{1}".into());
        let file = if raw {
            None
        } else {
            text.strip_prefix('@').map(|_| 1).or_else(|| text.find("=@").or_else(|| text.find("=<")).map(|at| at + 2))
        };
        let content = match file {
            Some(skip) => {
                let path = tail(value, skip);
                // `file;type=text/plain`
                let texts = path.texts.iter().map(|text| text.split(';').next().unwrap_or_default().into()).collect();
                let path = Value { texts, ..path };
                if path.first_text().is_some_and(|text| text.as_ref() == "-") {
                    self.input.content()
                } else if path.is_path("Pipe()") {
                    path.content()
                } else {
                    self.rec.read(&path, self.range)
                }
            }
            None => value.content(),
        };
        let key = text.split_once("=@").map(|(key, _)| key.to_owned()).or_else(|| field_before_hole(&text));
        let part = if self.query { SinkPart::Url } else { SinkPart::Body };
        self.parts.push((part, named(key, &content)));
    }

    /// An item of `HTTPie`: `name=value`, `name:value`, `name@file`.
    fn item(&mut self, text: &str, value: &Value) {
        let Some(at) = text.find(['=', ':', '@']) else { return };
        let key = Some(text[..at].to_owned());
        match text.as_bytes()[at] {
            b'@' => {
                let content = self.rec.read(&tail(value, at + 1), self.range);
                self.parts.push((SinkPart::Body, named(key, &content)));
            }
            b':' => self.parts.push((SinkPart::Header, named(key, value))),
            _ => self.parts.push((SinkPart::Body, named(key, value))),
        }
    }

    fn send(self, name: &str) -> Value {
        let mut to = self.to.unwrap_or_default();
        // A host without a scheme is one to curl.
        to.texts = to
            .texts
            .iter()
            .map(|text| {
                if text.contains("://") || text.starts_with(HOLE) {
                    text.clone()
                } else {
                    ["http://", text].concat().into()
                }
            })
            .collect();
        let sending = Sending {
            kind: SinkKind::Http,
            call: name,
            range: self.range.clone(),
            to: &to,
            parts: self.parts,
            timeout: self.timeout,
        };
        self.rec.send(&sending);
        let shown = to.first_text().and_then(|text| host(text)).unwrap_or_default();
        let response = self.rec.origin(SourceKind::HttpResponse, self.range, &shown);
        match self.output.filter(|path| path.first_text().is_none_or(|text| text.as_ref() != "-")) {
            Some(path) if path.first_text().is_some_and(|text| text.as_ref() == "/dev/null") => Value::default(),
            Some(path) => {
                self.rec.write(name, &path, &response, self.range);
                Value::default()
            }
            None => response,
        }
    }
}

/// A value under the name of a field.
fn named(key: Option<String>, value: &Value) -> Value {
    let mut out = Value::default();
    match key.filter(|key| !key.is_empty() && key.len() < 80 && !key.contains(HOLE)) {
        Some(key) => out.set_field(&key, value.content(), false),
        None => out.join(value.content()),
    }
    out
}

/// The name before the first unknown part: `token=`, `{"token":"`.
pub(in super::super) fn field_before_hole(text: &str) -> Option<String> {
    let mut parts: Vec<&str> = text.split(HOLE).collect();
    parts.pop();
    let names = parts.iter().filter_map(|before| {
        let before = before.trim_end_matches([' ', '"', '\'', ':', '=', '\\', '$', '{', '(']);
        let start = before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-')).len();
        before.get(start..).filter(|name| !name.is_empty())
    });
    likely_secret(names)
}
