//! Shell scripts: commands, pipes and redirections in the order they are written.

use std::collections::HashMap;
use std::ops::Range;

use super::command::{self, base_name};
use super::record::{Recorder, Sending};
use super::value::{HOLE, Value, clip_name};
use super::{Cut, SinkKind, SinkPart, SourceKind, Step};
use crate::syntax::zone::Language;

mod bounds;
mod runner;
mod word;

use runner::{Runner, Separator};

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
    if rec.lines >= DEEPEST {
        rec.fuel.stop(Cut::Depth);
        return Value::default();
    }
    rec.lines += 1;
    let mut shell = Shell::new(rec, text, Some(place.clone()), each);
    let out = shell.script(0..text.len(), &Value::default());
    rec.lines -= 1;
    out
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
    /// Arrays and parameters inside each other.
    nested: usize,
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
        Self {
            rec,
            text,
            place,
            holes,
            hole: 0,
            variables: HashMap::new(),
            functions: HashMap::new(),
            depth: 0,
            nested: 0,
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
        if self.depth > DEEPEST {
            self.rec.fuel.stop(Cut::Depth);
            return Value::default();
        }
        if !self.rec.fuel.take(span.len()) {
            return Value::default();
        }
        self.depth += 1;
        let heredocs = std::mem::replace(&mut self.heredocs_end, 0);
        let mut runner = Runner::default();
        runner.frames.push(Frame { input: input.clone(), ..Frame::default() });
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
            value.step(&Step { range: self.place(range), what: format!("assigned to `{}`", clip_name(name)) });
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
        // `$(<file)`
        let mut output = if words.is_empty() { input } else { self.simple(words, &input, body, range, 0) };
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

    #[expect(clippy::too_many_lines, reason = "a table")]
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
                    .is_some_and(|text| text.starts_with('-') || name != "command") =>
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
