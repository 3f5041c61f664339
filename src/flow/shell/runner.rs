//! Reads a script sign by sign: words, pipes, blocks, redirections.

use memchr::memchr;

use super::super::value::Value;
use super::super::{Cut, Silence};
use super::{Frame, Redirect, Shell, Word};
use crate::syntax::script::heredoc_word;

/// Words of one command.
const MOST_WORDS: usize = 400;

/// What ends a command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Pipe,
    Background,
    Or,
    End,
}

/// The command that is being read.
#[derive(Default)]
pub(super) struct Runner {
    pub frames: Vec<Frame>,
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
    pub(super) fn step(&mut self, shell: &mut Shell, at: usize, end: usize) -> usize {
        let bytes = shell.bytes();
        let next = bytes.get(at + 1).copied().filter(|_| at + 1 < end);
        match bytes[at] {
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
                let silent = silences(shell.text.get(at + 2..end).unwrap_or_default());
                self.end(shell, if silent { Separator::Or } else { Separator::End });
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
                let (inner, close) = shell.group(at, end);
                if next == Some(b'(') {
                    return close;
                }
                let input = self.input(false);
                self.group = Some(shell.script(inner, &input));
                close
            }
            b'(' => self.function(shell, at, end),
            b' ' | b'\t' | b'\r' => at + 1,
            // The words before are a pattern of `case`.
            b')' => {
                self.words.clear();
                at + 1
            }
            b'<' | b'>' if next == Some(b'(') => self.word(shell, at, end),
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
            if self.each.is_none() && self.keyword(shell.text.get(at..next.min(end)).unwrap_or_default()) {
                return next;
            }
        }
        self.last = next;
        let declares = self.words.first().and_then(|word| word.value.first_text()).is_some_and(|text| {
            matches!(text.as_ref(), "export" | "local" | "declare" | "readonly" | "typeset" | "env" | "sudo")
        });
        if (self.words.is_empty() || declares)
            && let Some((name, add, skip)) = assignment(shell.text.get(at..next).unwrap_or_default())
        {
            let value = shell.assigned(at + skip, next, &word.value);
            let name = name.to_owned();
            shell.set(&name, value, at..at + name.len(), add);
            if self.words.is_empty() {
                return next;
            }
            word.value = Value::text(&[&name, "="].concat());
        }
        if self.words.len() < MOST_WORDS {
            self.words.push(word);
        } else {
            shell.rec.fuel.stop(Cut::Finds);
        }
        next
    }

    /// A word of the grammar where a command begins; whether it was one.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "then" | "do" | "else" | "elif" | "!" | "in" | "function" => true,
            "if" | "while" | "until" | "{" | "case" => {
                self.open(matches!(word, "while" | "until"));
                true
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
            _ => false,
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
            return shell.group(at, end).1;
        }
        let (body, close) = shell.block(place, end);
        if let Some(name) = self.words.pop().and_then(|word| word.value.first_text().cloned()) {
            shell.functions.insert(name.to_string(), body);
        }
        self.words.clear();
        close
    }

    /// The command is complete.
    pub(super) fn end(&mut self, shell: &mut Shell, separator: Separator) {
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
                value.join(if word.value.is_path("Array()") { word.value.element() } else { word.value });
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
