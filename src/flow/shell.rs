//! Shell scripts: commands, pipes and redirections in the order they are written.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memchr;

use super::command::{self, base_name};
use super::record::{Recorder, Sending};
use super::value::{HOLE, Value};
use super::{Silence, SinkKind, SinkPart, SourceKind, Step};
use crate::syntax::script::heredoc_word;
use crate::syntax::zone::Language;

mod word;

/// Substitutions and functions inside each other deeper than this are not followed.
const DEEPEST: usize = 12;

pub(super) fn run(rec: &mut Recorder, text: &str) {
    let mut shell = Shell::new(rec, text, None, Vec::new());
    shell.script(0..text.len(), &Value::default());
}

/// A command line that stands in another script: unknown parts of it are `holes`, one by one when there
/// are as many as unknown parts, and all findings are at `place`.
pub(super) fn line(rec: &mut Recorder, text: &str, holes: &Value, place: &Range<usize>) -> Value {
    let count = text.matches(HOLE).count();
    let each = if count == holes.taints.len() && count > 1 {
        holes.taints.iter().map(|taint| Value { taints: vec![taint.clone()], ..Value::default() }).collect()
    } else {
        vec![holes.clone(); count.min(50)]
    };
    let mut shell = Shell::new(rec, text, Some(place.clone()), each);
    shell.script(0..text.len(), &Value::default())
}

/// A word of a command.
struct Word {
    value: Value,
    range: Range<usize>,
    /// What it says, when that stands in the text in one piece.
    literal: Option<Range<usize>>,
}

/// A redirection.
enum Redirect {
    In(Value),
    Out(Value),
}

struct Shell<'r, 't> {
    rec: &'r mut Recorder,
    text: &'t str,
    place: Option<Range<usize>>,
    holes: Vec<Value>,
    hole: usize,
    variables: HashMap<String, Value>,
    functions: HashMap<String, Range<usize>>,
    depth: usize,
    fuel: usize,
    /// Where the here-documents of the line at hand end.
    heredocs_end: usize,
    /// The body of the here-document that is the input of the command at hand.
    body: Option<Range<usize>>,
}

/// What a block or a pipe has gathered so far.
#[derive(Default)]
struct Frame {
    output: Value,
    input: Value,
    /// Whether it is a loop, whose input is for `read`.
    loops: bool,
}

impl<'r, 't> Shell<'r, 't> {
    fn new(rec: &'r mut Recorder, text: &'t str, place: Option<Range<usize>>, holes: Vec<Value>) -> Self {
        let fuel = 40 * text.len() + 10_000;
        Self {
            rec,
            text,
            place,
            holes,
            hole: 0,
            variables: HashMap::new(),
            functions: HashMap::new(),
            depth: 0,
            fuel,
            heredocs_end: 0,
            body: None,
        }
    }

    fn place(&self, range: Range<usize>) -> Range<usize> {
        self.place.clone().unwrap_or(range)
    }

    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Runs a part of the script with an input and gives its output.
    fn script(&mut self, span: Range<usize>, input: &Value) -> Value {
        if self.depth > DEEPEST || self.fuel < span.len() {
            return Value::default();
        }
        self.fuel -= span.len();
        self.depth += 1;
        let heredocs = std::mem::replace(&mut self.heredocs_end, 0);
        let mut runner =
            Runner { frames: vec![Frame { input: input.clone(), ..Frame::default() }], ..Runner::default() };
        let mut at = span.start;
        while at < span.end {
            at = runner.step(self, at, span.end).max(at + 1);
        }
        runner.end(self, Separator::End);
        self.heredocs_end = heredocs;
        self.depth -= 1;
        let mut out = Value::default();
        let single = runner.frames.len() == 1 && runner.frames[0].output.texts.len() == 1;
        for frame in runner.frames {
            out.join(frame.output);
        }
        if !single {
            out.texts.truncate(1);
        }
        out
    }

    fn set(&mut self, name: &str, mut value: Value, range: Range<usize>, add: bool) {
        if !value.taints.is_empty() {
            value.step(&Step { range: self.place(range), what: format!("assigned to `{name}`") });
        }
        match self.variables.get_mut(name) {
            Some(known) if add && known.is_path("Array()") => {
                let count = known.fields.as_ref().map_or(0, |fields| fields.len());
                for (at, (_, value)) in value.fields.iter().flat_map(|fields| fields.iter()).enumerate() {
                    known.set_field(&(count + at).to_string(), value.clone(), false);
                }
            }
            Some(known) if add => known.join(value),
            _ => {
                self.variables.insert(name.to_owned(), value);
            }
        }
    }

    /// Runs one command.
    fn command(&mut self, words: Vec<Word>, input: Value, redirects: Vec<Redirect>, range: &Range<usize>) -> Value {
        let mut input = input;
        let mut outs = Vec::new();
        for redirect in redirects {
            match redirect {
                Redirect::In(value) => input = value,
                Redirect::Out(path) => outs.push(path),
            }
        }
        let body = self.body.take();
        let mut output = self.simple(words, &input, body, range, 0);
        for path in outs {
            let text = path.first_text().cloned().unwrap_or_else(|| "\u{1}".into());
            if let Some(rest) = text.strip_prefix("/dev/tcp/").or_else(|| text.strip_prefix("/dev/udp/")) {
                let to = Value::text(&["tcp://", rest].concat());
                let parts = vec![(SinkPart::Body, output.content())];
                self.rec.send(&Sending {
                    kind: SinkKind::Socket,
                    call: "/dev/tcp",
                    range: range.clone(),
                    to: &to,
                    parts,
                    timeout: None,
                });
            } else if !text.starts_with("/dev/") {
                self.rec.write(">", &path, &output, range);
            }
            output = Value::default();
        }
        output
    }

    fn simple(
        &mut self,
        mut words: Vec<Word>,
        input: &Value,
        body: Option<Range<usize>>,
        range: &Range<usize>,
        depth: usize,
    ) -> Value {
        let name =
            words.first().and_then(|word| word.value.first_text()).map(|text| base_name(text)).unwrap_or_default();
        if depth > 6 {
            return Value::default();
        }
        match name.as_str() {
            "command" | "type" | "which" | "hash"
                if words
                    .get(1)
                    .and_then(|word| word.value.first_text())
                    .is_some_and(|text| text.starts_with("-") || name != "command") =>
            {
                return Value::default();
            }
            "sudo" | "doas" | "nohup" | "time" | "exec" | "command" | "builtin" | "stdbuf" | "nice" | "timeout"
            | "gtimeout" | "watch" | "env" | "setsid" | "caffeinate" | "unbuffer" | "busybox" => {
                let mut rest = 1;
                while let Some(text) = words.get(rest).and_then(|word| word.value.first_text()) {
                    let option = text.starts_with('-') || text.bytes().next().is_some_and(|b| b.is_ascii_digit());
                    let user = rest > 1
                        && matches!(words[rest - 1].value.first_text().map(AsRef::as_ref), Some("-u" | "-k" | "-n"))
                        && name != "stdbuf";
                    if !(option || user || name == "env" && text.contains('=')) {
                        break;
                    }
                    rest += 1;
                }
                if rest < words.len() {
                    words.drain(..rest);
                    return self.simple(words, input, body, range, depth + 1);
                }
            }
            "xargs" | "parallel" => {
                let values = |word: &Word| word.value.first_text().is_some_and(|text| text.starts_with('-'));
                let mut rest = 1;
                while words.get(rest).is_some_and(values) {
                    let takes = matches!(
                        words[rest].value.first_text().map(AsRef::as_ref),
                        Some("-I" | "-n" | "-P" | "-d" | "-L")
                    );
                    rest += 1 + usize::from(takes);
                }
                words.drain(..rest.min(words.len()));
                if words.is_empty() {
                    return input.clone();
                }
                let marked = words.iter().position(|word| {
                    word.value.first_text().is_some_and(|text| text.contains("{}") || text.as_ref() == "%")
                });
                match marked {
                    Some(at) => {
                        let text =
                            words[at].value.first_text().map(|text| text.replace("{}", "\u{1}")).unwrap_or_default();
                        let whole = text == "\u{1}" || text == "%";
                        words[at].value =
                            if whole { input.clone() } else { Value { texts: vec![text.into()], ..input.clone() } };
                    }
                    None => words.push(Word { value: input.clone(), range: range.clone(), literal: None }),
                }
                return self.simple(words, &Value::default(), None, range, depth + 1);
            }
            "read" | "mapfile" | "readarray" => {
                let given = if input.taints.is_empty() && input.texts.is_empty() {
                    self.loop_input(range)
                } else {
                    input.clone()
                };
                let given = if given.taints.is_empty() && given.texts.is_empty() {
                    self.rec.origin(SourceKind::Input, range, "")
                } else {
                    given
                };
                for word in words.iter().skip(1) {
                    if let Some(name) =
                        word.value.first_text().filter(|text| !text.starts_with('-') && !text.contains(HOLE))
                    {
                        let (name, range) = (name.to_string(), word.range.clone());
                        self.set(&name, given.clone(), range, false);
                    }
                }
                return Value::default();
            }
            "export" | "local" | "declare" | "readonly" | "typeset" if words.len() > 1 => {
                // The words were taken as assignments when they were read.
                return Value::default();
            }
            "sh" | "bash" | "zsh" | "dash" | "ksh" | "python" | "python3" | "node" => self.inner(&name, &words, body),
            _ => {}
        }
        if let Some(function) = self.functions.get(&name).cloned().filter(|_| self.depth < 6) {
            for (at, word) in words.iter().enumerate().skip(1) {
                self.variables.insert(at.to_string(), word.value.clone());
            }
            let mut all = Value::default();
            words.iter().skip(1).for_each(|word| all.join(word.value.clone()));
            self.variables.insert("@".to_owned(), all.clone());
            self.variables.insert("*".to_owned(), all);
            let output = self.script(function, input);
            for at in 0..words.len() {
                self.variables.remove(&at.to_string());
            }
            return output;
        }
        let mut argv: Vec<Value> = Vec::new();
        for word in words {
            match word.value.fields.as_ref().filter(|_| word.value.is_path("Array()")) {
                Some(fields) => argv.extend(fields.iter().map(|(_, value)| value.clone())),
                None => argv.push(word.value),
            }
        }
        command::program(self.rec, &argv, input, range)
    }

    /// A script in an argument or in a here-document.
    fn inner(&mut self, name: &str, words: &[Word], body: Option<Range<usize>>) {
        let language = match name {
            "python" | "python3" => Language::Python,
            "node" => Language::JavaScript,
            _ => Language::Shell,
        };
        let flag = words
            .iter()
            .position(|word| word.value.first_text().is_some_and(|text| matches!(text.as_ref(), "-c" | "-e" | "-lc")));
        let script = flag.and_then(|at| words.get(at + 1)).and_then(|word| word.literal.clone());
        // A file as an argument is the script, and the here-document is what it reads.
        let reads = flag.is_none()
            && words.iter().skip(1).all(|word| word.value.first_text().is_some_and(|text| text.starts_with('-')));
        if let Some(range) = script.or(body.filter(|_| reads)) {
            // A shell reads its own argument where the program is run.
            if language == Language::Shell && flag.is_some() {
                return;
            }
            let text = self.text.get(range.clone()).unwrap_or_default();
            let whole = self.place.clone().unwrap_or_else(|| range.clone());
            let base = if self.place.is_some() { None } else { Some(range.start) };
            self.rec.inner(language, text, base, &whole);
        }
    }

    /// What is fed into the loop whose `done` follows: `done < file`, `done <<< "$x"`.
    fn loop_input(&mut self, range: &Range<usize>) -> Value {
        let from = if self.place.is_some() { 0 } else { range.end.min(self.text.len()) };
        let window = self.text.get(from..).unwrap_or_default();
        let mut end = window.len().min(4000);
        while !window.is_char_boundary(end) {
            end -= 1;
        }
        let Some(at) = window[..end].find("done <") else { return Value::default() };
        let mut place = from + at + "done ".len();
        let here = self.text[place..].starts_with("<<<");
        if !here && self.text[place..].starts_with("<<") {
            return Value::default();
        }
        place += if here { 3 } else { 1 };
        while self.bytes().get(place) == Some(&b' ') {
            place += 1;
        }
        // The words are read again when the loop ends.
        let hole = self.hole;
        let (word, _) = self.word(place, self.text.len());
        self.hole = hole;
        if here || word.value.is_path("Pipe()") { word.value } else { self.rec.read(&word.value, range) }
    }
}

/// What ends a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Pipe,
    Background,
    Or,
    End,
}

/// The command that is being read.
#[derive(Default)]
struct Runner {
    frames: Vec<Frame>,
    words: Vec<Word>,
    redirects: Vec<Redirect>,
    /// What comes through the pipe before.
    piped: Option<Value>,
    /// A group that has just ended: its output goes where the next sign says.
    group: Option<Value>,
    start: usize,
    last: usize,
    /// The name after `for`, while its words are read.
    each: Option<String>,
}

impl Runner {
    /// Reads one sign or word.
    fn step(&mut self, shell: &mut Shell, at: usize, end: usize) -> usize {
        let bytes = shell.bytes();
        let next = bytes.get(at + 1).copied().filter(|_| at + 1 < end);
        match bytes[at] {
            b' ' | b'\t' | b'\r' => at + 1,
            b'\\' if next == Some(b'\n') => at + 2,
            b'\\' if next == Some(b'\r') => at + 3,
            b'#' => memchr(b'\n', &bytes[at..end]).map_or(end, |found| at + found),
            b'\n' => {
                self.end(shell, Separator::End);
                let after = shell.heredocs_end.max(at + 1);
                shell.heredocs_end = 0;
                after
            }
            b';' => {
                self.end(shell, Separator::End);
                at + 1 + usize::from(next == Some(b';'))
            }
            b'|' if next == Some(b'|') => {
                self.end(shell, if silences(&shell.text[at + 2..end]) { Separator::Or } else { Separator::End });
                at + 2
            }
            b'|' => {
                self.end(shell, Separator::Pipe);
                at + 1 + usize::from(next == Some(b'&'))
            }
            b'&' if next == Some(b'&') => {
                self.end(shell, Separator::End);
                at + 2
            }
            b'&' if next == Some(b'>') => self.redirect(shell, at + 1, end),
            b'&' => {
                self.end(shell, Separator::Background);
                at + 1
            }
            b'(' if self.words.is_empty() => {
                let close = shell.group_end(at, end);
                if next == Some(b'(') {
                    return close;
                }
                let input = self.input(false);
                let output = shell.script(at + 1..close.saturating_sub(1).max(at + 1), &input);
                self.group = Some(output);
                close
            }
            b'(' => self.function(shell, at, end),
            b')' => at + 1,
            b'<' if next == Some(b'(') => self.word(shell, at, end),
            b'>' if next == Some(b'(') => self.word(shell, at, end),
            b'<' | b'>' => self.redirect(shell, at, end),
            b'0'..=b'9' if matches!(next, Some(b'>' | b'<')) && (at == 0 || matches!(bytes[at - 1], b' ' | b'\t')) => {
                let errors = bytes[at] != b'1' && bytes[at] != b'0';
                let after = self.redirect(shell, at + 1, end);
                if errors {
                    self.redirects.pop();
                }
                after
            }
            _ => self.word(shell, at, end),
        }
    }

    fn input(&mut self, reads: bool) -> Value {
        let around = self.frames.last().filter(|frame| reads || !frame.loops);
        self.piped.take().unwrap_or_else(|| around.map(|frame| frame.input.clone()).unwrap_or_default())
    }

    fn open(&mut self, loops: bool) {
        let loops = loops || self.frames.last().is_some_and(|frame| frame.loops);
        let input = self.input(true);
        self.frames.push(Frame { input, loops, ..Frame::default() });
    }

    fn redirect(&mut self, shell: &mut Shell, at: usize, end: usize) -> usize {
        let bytes = shell.bytes();
        let rest = &bytes[at..end];
        if self.words.is_empty() {
            self.start = at;
        }
        if rest.starts_with(b"<<<") {
            let place = skip_blanks(bytes, at + 3, end);
            let (word, next) = shell.word(place, end);
            shell.body.clone_from(&word.literal);
            self.redirects.push(Redirect::In(word.value));
            return next;
        }
        if rest.starts_with(b"<<") {
            let Some((word, quoted, _, next)) = heredoc_word(shell.text, at) else { return at + 2 };
            if let Some(body) = shell.heredoc(at, word) {
                let value = if quoted { Value::text(&shell.text[body.clone()]) } else { shell.quoted(body.clone()) };
                shell.body = Some(body);
                self.redirects.push(Redirect::In(value));
            }
            return next;
        }
        let input = rest.first() == Some(&b'<');
        let mut place = at + 1;
        while place < end && matches!(bytes[place], b'>' | b'|') {
            place += 1;
        }
        if bytes.get(place) == Some(&b'&') {
            let number = bytes.get(place + 1).is_some_and(|b| b.is_ascii_digit() || *b == b'-');
            if number {
                // The other end is an open descriptor.
                self.redirects.push(Redirect::Out(Value::text("/dev/fd")));
                if !input {
                    self.redirects.pop();
                }
                return place + 2;
            }
            place += 1;
        }
        let place = skip_blanks(bytes, place, end);
        if place >= end || bytes[place] == b'\n' {
            return place;
        }
        let (word, next) = shell.word(place, end);
        let range = shell.place(at..next);
        if input {
            let value =
                if word.value.is_path("Pipe()") { word.value.content() } else { shell.rec.read(&word.value, &range) };
            self.redirects.push(Redirect::In(value));
        } else {
            self.redirects.push(Redirect::Out(word.value));
        }
        self.last = next;
        next
    }

    fn word(&mut self, shell: &mut Shell, at: usize, end: usize) -> usize {
        let (mut word, next) = shell.word(at, end);
        if self.words.is_empty() {
            self.start = at;
            if self.each.is_none() && self.keyword(shell, &shell.text[at..next.min(end)].to_owned()) {
                return next;
            }
        }
        self.last = next;
        let declares = self.words.first().and_then(|word| word.value.first_text()).is_some_and(|text| {
            matches!(text.as_ref(), "export" | "local" | "declare" | "readonly" | "typeset" | "env" | "sudo")
        });
        if self.words.is_empty() || declares {
            if let Some((name, add, skip)) = assignment(&shell.text[at..next]) {
                let value = shell.assigned(at + skip, next, &word.value);
                let name = name.to_owned();
                shell.set(&name, value, at..at + name.len(), add);
                if self.words.is_empty() {
                    return next;
                }
                word.value = Value::text(&[&name, "="].concat());
            }
        }
        if self.words.len() < 400 {
            self.words.push(word);
        }
        next
    }

    /// A word of the grammar where a command begins; whether it was one.
    fn keyword(&mut self, shell: &mut Shell, word: &str) -> bool {
        match word {
            "then" | "do" | "else" | "elif" | "!" | "in" => true,
            "if" | "while" | "until" | "{" | "case" => {
                self.open(matches!(word, "while" | "until"));
                word != "case" || {
                    self.words.clear();
                    true
                }
            }
            "for" | "select" => {
                self.open(true);
                self.each = Some(String::new());
                true
            }
            "}" | "fi" | "done" | "esac" => {
                if self.frames.len() > 1 {
                    let frame = self.frames.pop().unwrap_or_default();
                    self.group = Some(frame.output);
                }
                true
            }
            "function" => true,
            _ => {
                let _ = shell;
                false
            }
        }
    }

    /// `name() { … }`.
    fn function(&mut self, shell: &mut Shell, at: usize, end: usize) -> usize {
        let bytes = shell.bytes();
        let mut place = at + 1;
        while place < end && matches!(bytes[place], b')' | b' ' | b'\n' | b'\t') {
            place += 1;
        }
        if bytes.get(at + 1) != Some(&b')') || bytes.get(place) != Some(&b'{') {
            return shell.group_end(at, end);
        }
        let close = shell.brace_end(place, end);
        if let Some(name) = self.words.pop().and_then(|word| word.value.first_text().cloned()) {
            shell.functions.insert(name.to_string(), place + 1..close.saturating_sub(1).max(place + 1));
        }
        self.words.clear();
        close
    }

    /// The command is complete.
    fn end(&mut self, shell: &mut Shell, separator: Separator) {
        let words = std::mem::take(&mut self.words);
        let redirects = std::mem::take(&mut self.redirects);
        let range = shell.place(self.start..self.last.max(self.start));
        if let Some(each) = self.each.take() {
            if each.is_empty() && words.is_empty() {
                self.each = Some(each);
                return;
            }
            let mut names = words.into_iter();
            let name = names.next().and_then(|word| word.value.first_text().cloned());
            let mut value = Value::default();
            names.skip(1).for_each(|word| {
                value.join(if word.value.is_path("Array()") { word.value.element() } else { word.value })
            });
            if let Some(name) = name {
                shell.set(&name, value, range, false);
            }
            return;
        }
        let silence = match separator {
            Separator::Background => Some(Silence::Background),
            Separator::Or => Some(Silence::SwallowedError),
            _ => None,
        };
        shell.rec.silent.extend(silence);
        let group = self.group.take();
        let mut output = Value::default();
        if let Some(group) = group {
            output = group;
            for redirect in redirects {
                if let Redirect::Out(path) = redirect {
                    if path.first_text().is_none_or(|text| !text.starts_with("/dev/")) {
                        shell.rec.write(">", &path, &output, &range);
                    }
                    output = Value::default();
                }
            }
        } else if !words.is_empty() || !redirects.is_empty() {
            let reads = words
                .first()
                .and_then(|word| word.value.first_text())
                .is_some_and(|text| matches!(text.as_ref(), "read" | "mapfile" | "readarray"));
            let input = self.input(reads);
            shell.rec.unused = shell.depth == 1 && separator != Separator::Pipe;
            output = shell.command(words, input, redirects, &range);
        }
        if silence.is_some() {
            shell.rec.silent.pop();
        }
        shell.body = None;
        if separator == Separator::Pipe {
            self.piped = Some(output);
        } else {
            self.piped = None;
            if let Some(frame) = self.frames.last_mut() {
                frame.output.join(output);
            }
        }
    }
}

/// `|| true`, `|| :`.
fn silences(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with("true") || rest.starts_with(':')
}

fn skip_blanks(bytes: &[u8], mut at: usize, end: usize) -> usize {
    while at < end && matches!(bytes[at], b' ' | b'\t') {
        at += 1;
    }
    at
}

/// `NAME=`, `NAME+=` at the start of a word: the name, whether it adds, and the bytes of it all.
fn assignment(word: &str) -> Option<(&str, bool, usize)> {
    let at = word.find('=')?;
    let add = word[..at].ends_with('+');
    let name = word[..at].trim_end_matches('+');
    let name = name.split('[').next().unwrap_or(name);
    let first = name.bytes().next()?;
    let good =
        (first.is_ascii_alphabetic() || first == b'_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    good.then_some((name, add, at + 1))
}
