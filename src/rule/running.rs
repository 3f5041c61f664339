//! Does a command in code run, or is it only spoken of?
//!
//! Scripts print the commands that a user may want, look for them in other texts, and list them in
//! comments. None of that runs anything.

use super::{Hit, running_words as words};
use crate::finding::Severity;
use crate::source::{floor, last};
use crate::syntax::zone::{Language, ZoneKind};

impl Hit<'_> {
    /// Does a machine that runs the code run the match: is it neither a comment nor words that the code
    /// prints, compares, looks for or only keeps?
    #[must_use]
    pub fn is_run(&self) -> bool {
        self.use_of_match() == Use::Run
    }

    /// Is it a comment, or words that the code prints, compares or looks for?
    #[must_use]
    pub fn is_said(&self) -> bool {
        self.use_of_match() == Use::Said
    }

    fn use_of_match(&self) -> Use {
        if matches!(self.zone.kind, ZoneKind::Comment | ZoneKind::HtmlComment) {
            return Use::Said;
        }
        if self.decoded.is_some() {
            return Use::Run;
        }
        if !self.in_code() {
            return Use::Kept;
        }
        let block = (self.zone.block_start as usize).max(self.range.start.saturating_sub(2048));
        let literal = self.zone.kind == ZoneKind::Str;
        let before = self.text.get(floor(self.text, block)..self.range.start).unwrap_or_default();
        let before = if literal { before } else { self.line_before() };
        let statement = Statement { block: self.block(), before, line: self.line_before(), after: self.after(400) };
        used(self.zone.language, literal, &statement)
    }

    /// Is it in code or a string of code, and not in a comment?
    #[must_use]
    pub fn is_code(&self) -> bool {
        let comment = matches!(self.zone.kind, ZoneKind::Comment | ZoneKind::HtmlComment);
        self.in_code() && !comment && !open_at_end(self.zone.language, self.line_before()).1
    }

    /// The severity of what is no step but shown as an attack or as a mistake: somebody may follow it
    /// all the same.
    #[must_use]
    pub fn unless_warned_of(&self, severity: Severity) -> Severity {
        if self.is_warned_of() { severity.min(Severity::Warn) } else { severity }
    }

    /// The line of the match up to the match; of a very long one its end.
    fn line_before(&self) -> &str {
        let before = self.before(1000);
        before.rsplit('\n').next().unwrap_or(before)
    }

    /// Do the words around a code block say that it shows what not to do, or what an attack looks like?
    #[must_use]
    pub fn is_warned_of(&self) -> bool {
        // What had to be decoded first is shown to nobody.
        if self.in_script() || self.decoded.is_some() {
            return false;
        }
        let start = (self.zone.block_start as usize).min(self.range.start);
        let lead = last(self.text.get(..start).unwrap_or_default(), 240);
        // A blank line between two paragraphs: only the last one introduces the block.
        let lead = lead.trim_end().trim_end_matches('`');
        let near = lead.rsplit("\n\n").take(2).collect::<Vec<_>>().join("\n");
        // In the block its comments speak, those of the same group of lines.
        let inside = self.text.get(start..self.range.start).map_or("", |block| last(block, 500));
        let inside = inside.rsplit_once('\n').map_or("", |(above, _)| above).rsplit("\n\n").next().unwrap_or_default();
        let is_comment =
            |line: &&str| ["#", "//", "--", "::", "REM "].iter().any(|mark| line.trim_start().starts_with(mark));
        let comments: Vec<&str> = inside.lines().filter(is_comment).collect();
        let text = [near.as_str(), &comments.join("\n"), self.line()].join("\n");
        // A host may call itself anything.
        let text: Vec<&str> =
            text.split_whitespace().filter(|word| *word == "//" || !word.contains("//") && !is_host(word)).collect();
        words::warns(&text.join(" "))
    }
}

/// A word such as `evil.h.dev` or `user@h.dev`.
fn is_host(word: &str) -> bool {
    let name = word.trim_matches(|c: char| !c.is_alphanumeric());
    name.contains('.')
        && name.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// What code does with a text in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// It runs it.
    Run,
    /// It prints it, compares it, looks for it; or it is a comment.
    Said,
    /// A string of which nothing tells what becomes of it.
    Kept,
}

/// The code around a text.
struct Statement<'a> {
    /// The whole statement.
    block: &'a str,
    /// Of that, what stands before the text.
    before: &'a str,
    /// The line up to the text.
    line: &'a str,
    /// What follows.
    after: &'a str,
}

/// What becomes of a text in a statement?
fn used(language: Language, literal: bool, statement: &Statement<'_>) -> Use {
    let Statement { block, before, line, after } = *statement;
    let (quote, comment) = open_at_end(language, line);
    if comment {
        return Use::Said;
    }
    if quote.is_none() && !literal {
        return Use::Run;
    }
    let shell = matches!(language, Language::Shell | Language::Batch | Language::PowerShell);
    // The call decides, and not what somebody has called a variable.
    if !shell && let Some((call, arguments)) = words::open_call(before) {
        let command = arguments.split_once(['"', '\'', '`']).map_or("", |(_, command)| command);
        if words::looks_for_its_text(call) {
            return Use::Said;
        }
        if words::runs_its_text(call) && !words::shows(last_command(command)) {
            return Use::Run;
        }
    }
    let head = if literal && quote.is_none() { block } else { line };
    let statement = match language {
        Language::Shell | Language::Other => last_command(head),
        _ => head,
    };
    // In a shell the program says it, and its arguments may be any words.
    let says = if language == Language::Shell { words::says_in_shell(statement) } else { words::says(statement) };
    let does = words::runs(statement) || !says && literal && block.len() <= 400 && words::runs(block);
    if does && !says {
        return Use::Run;
    }
    // What is printed into a shell or a file runs all the same.
    let rest = after.lines().next().unwrap_or_default();
    let rest = quote.and_then(|quote| rest.split_once(quote)).map_or("", |(_, rest)| rest).trim_start();
    let piped = rest.starts_with("| ") && ["sh", "crontab", "tee"].iter().any(|word| rest.contains(word));
    let written = rest.starts_with('>') && !rest.starts_with(">&2") && !rest.starts_with(">/dev");
    match says {
        _ if language == Language::Shell && (piped || written) => Use::Run,
        true => Use::Said,
        false => Use::Kept,
    }
}

/// The last command of a line: what follows the last `;`, `&&`, `||` or `then`.
fn last_command(line: &str) -> &str {
    let mut start = 0;
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, ';' | '&' | '|' | '{' | '(') => start = at + 1,
            _ => {}
        }
    }
    line.get(start..).unwrap_or_default()
}

/// The quote that is open at the end of a line, and whether the end is in a comment.
fn open_at_end(language: Language, line: &str) -> (Option<char>, bool) {
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != Some('\'') {
            escaped = true;
        } else if let Some(open) = quote {
            if c == open {
                quote = None;
            }
        } else {
            let rest = line.get(at..).unwrap_or_default();
            let hash = c == '#' && before.is_whitespace();
            let mark = match language {
                Language::JavaScript => rest.starts_with("//") && before != ':' || rest.starts_with("/*"),
                Language::Batch => before.is_whitespace() && (rest.starts_with("::") || starts_with_rem(rest)),
                Language::Other => hash || rest.starts_with("//") && before != ':' || rest.starts_with("-- "),
                _ => hash,
            };
            if mark || at == first_word(line) && c == '*' && language == Language::JavaScript {
                return (None, true);
            }
            // An apostrophe inside a word is no quote.
            if matches!(c, '"' | '`') && (c != '`' || language == Language::JavaScript)
                || c == '\'' && !before.is_alphanumeric()
            {
                quote = Some(c);
            }
        }
        before = c;
    }
    (quote, false)
}

fn first_word(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn starts_with_rem(text: &str) -> bool {
    text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("rem "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(language: Language, line: &str, after: &str) -> bool {
        used(language, false, &Statement { block: line, before: line, line, after }) == Use::Run
    }

    #[test]
    fn commands_run_and_words_do_not() {
        for (language, line, after) in [
            (Language::Shell, "", ""),
            (Language::Shell, "  sudo ", ""),
            (Language::Shell, "x=1; ", ""),
            (Language::Shell, "bash -c \"", "\""),
            (Language::Shell, "echo \"", "curl x\" | sh"),
            (Language::Shell, "echo '", "* * * * * x' >> /etc/crontab"),
            (Language::Python, "os.system(\"", "\")"),
            (Language::Python, "subprocess.run('", "', shell=True)"),
            (Language::JavaScript, "execSync(`", "`)"),
            (Language::Python, "catalog_log = os.system(\"", "\")"),
            (Language::Python, "self.store.run([\"sh\", \"-c\", \"", "\"])"),
            (Language::JavaScript, "helper.core.execSync(\"", "\")"),
            (Language::Shell, "url=http://h.dev/#x ", ""),
            (Language::Shell, "tmux send-keys -t fix-78 sh -c \"", "\""),
            (Language::Python, "prefix = subprocess.run([\"sh\", \"-c\", \"", "\"])"),
            (Language::Python, "notebook = os.popen(f\"", "\")"),
            (Language::Python, "self.store.run(\"", "\")"),
            (Language::Python, "print(subprocess.check_output(\"", "\", shell=True))"),
            (Language::Python, "log_dir = helper.run(\"", "\")"),
            (Language::JavaScript, "const installMultiple = cp.exec('", "')"),
            (Language::Python, "multiple_cmd = \"", "\""),
            (Language::Shell, "tmux send-keys -t fix-7 \"sh -c '", "'\" Enter"),
            (Language::Shell, "essay_login=1 ssh box \"", "\""),
        ] {
            assert!(run(language, line, after), "{line}");
        }
        for (language, line, after) in [
            (Language::Shell, "# ", ""),
            (Language::Shell, "x  # or ", ""),
            (Language::Shell, "echo \"Install it: ", "\" >&2"),
            (Language::Shell, "command -v x || { error \"Run: ", "\"; exit 1; }"),
            (Language::Shell, "grep -q '", "' file"),
            (Language::Shell, "if ! sudo grep -q 'eval", "' file"),
            (Language::Shell, "HELP_TEXT=\"run: eval ", "\""),
            (Language::Python, "print(\"", "\")"),
            (Language::Python, "subprocess.run(cmd); print(\"", "\")"),
            (Language::JavaScript, "match = blocked.exec(\"", "\")"),
            (Language::Python, "# ", ""),
            (Language::JavaScript, "console.error(\"  ", "\")"),
            (Language::JavaScript, "// ", ""),
            (Language::JavaScript, " * ", ""),
            (Language::Batch, "REM ", ""),
            (Language::Python, "subprocess.run([\"grep\", \"-q\", \"", "\"])"),
            (Language::Python, "os.system(\"echo ", "\")"),
            (Language::Python, "run(print(\"", "\"))"),
            (Language::JavaScript, "const found = pattern.exec(\"", "\")"),
            (Language::JavaScript, "const found = /curl.*/.exec(\"", "\")"),
            (Language::JavaScript, "showHelpText(\"", "\")"),
            (Language::Python, "DANGEROUS_PATTERNS = [\"", "\"]"),
        ] {
            assert!(!run(language, line, after), "{line}");
        }
    }
}
