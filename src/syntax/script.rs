//! The zones of a script, of a data file and of plain text: code, comments, strings.
//!
//! Lexers, not parsers: one pass, no tables of grammar, and a text that breaks off in the middle of a
//! string loses nothing but that string. A Python docstring is a comment here: it is read, never run.

use super::zone::{Language, Zone, ZoneKind};
use crate::source::offset;

mod data;
mod piece;
mod shell;

pub use piece::{Piece, PieceKind, pieces};
pub use shell::{heredoc_word, matching_parenthesis, quoted_end};

/// The language of a file by its path and, where the name says nothing, its first line.
#[must_use]
pub fn language(path: &str, first_line: &str) -> Language {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(stem, extension)| if stem.is_empty() { "" } else { extension });
    match extension {
        "sh" | "bash" | "zsh" | "ksh" | "dash" | "fish" | "command" | "bats" | "envrc" => Language::Shell,
        "py" | "pyw" | "pyi" => Language::Python,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => Language::JavaScript,
        "ps1" | "psm1" | "psd1" => Language::PowerShell,
        "bat" | "cmd" => Language::Batch,
        "json" | "json5" | "jsonc" | "jsonl" | "yaml" | "yml" | "toml" | "xml" | "svg" | "csv" | "tsv" | "xsd"
        | "lock" | "ini" | "cfg" | "conf" | "env" | "plist" | "properties" | "ipynb" | "html" | "htm" | "css"
        | "bib" => Language::Data,
        "md" | "mdc" | "mdx" | "markdown" => Language::Markdown,
        "txt" | "rst" | "text" | "log" | "adoc" | "org" => Language::Text,
        "rb" | "pl" | "pm" | "php" | "go" | "rs" | "swift" | "applescript" | "scpt" | "lua" | "java" | "kt" | "c"
        | "h" | "cc" | "cpp" | "hpp" | "cs" | "m" | "r" | "jl" | "sql" | "vbs" | "scala" | "dart" | "ex" | "exs"
        | "hs" | "groovy" | "gradle" | "tf" | "mk" | "awk" | "tcl" | "zig" | "nim" | "vue" | "svelte" => {
            Language::Other
        }
        _ => by_name(&name, first_line),
    }
}

fn by_name(name: &str, first_line: &str) -> Language {
    match name {
        "makefile" | "gnumakefile" | "dockerfile" | "containerfile" | "justfile" | "rakefile" | "gemfile"
        | "vagrantfile" | "brewfile" => return Language::Other,
        ".bashrc" | ".bash_profile" | ".profile" | ".zshrc" | ".zprofile" | ".zshenv" | ".envrc" => {
            return Language::Shell;
        }
        ".env" | ".npmrc" | ".gitignore" | ".gitattributes" | ".editorconfig" | ".gitmodules" => return Language::Data,
        _ if name.starts_with("dockerfile.") => return Language::Other,
        _ if name.starts_with(".env.") => return Language::Data,
        _ => {}
    }
    let Some(interpreter) = first_line.trim_start_matches('\u{feff}').strip_prefix("#!") else { return Language::Text };
    let mut words = interpreter.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| !matches!(*word, "env") && !word.starts_with('-') && !word.contains('='));
    let program = program.unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match program {
        "sh" | "bash" | "zsh" | "ksh" | "dash" | "ash" | "fish" | "bats" => Language::Shell,
        "python" | "pypy" | "uv" => Language::Python,
        "node" | "nodejs" | "deno" | "bun" | "tsx" | "ts-node" | "zx" => Language::JavaScript,
        "pwsh" | "powershell" => Language::PowerShell,
        _ => Language::Other,
    }
}

/// The zones of a text that is not Markdown: sorted, not overlapping, every byte that is not blank
/// in one of them.
#[must_use]
pub fn zones(language: Language, text: &str) -> Vec<Zone> {
    match language {
        Language::Data => data::zones(text),
        Language::Text | Language::Markdown => paragraphs(text),
        _ => code(language, text),
    }
}

/// One zone per paragraph: lines between blank lines.
fn paragraphs(text: &str) -> Vec<Zone> {
    let mut out = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let kept = line.trim_end();
        if kept.trim_start().is_empty() {
            out.extend(open.take());
        } else {
            let start = open.map_or(at + (kept.len() - kept.trim_start().len()), |(start, _)| start);
            open = Some((start, at + kept.len()));
        }
        at += line.len();
    }
    out.extend(open);
    out.into_iter()
        .map(|(start, end)| Zone::block(ZoneKind::Prose, offset(start), offset(end), Language::Text))
        .collect()
}

/// Statements longer than this many lines are cut: an unclosed bracket is not a statement.
const LONGEST_STATEMENT: usize = 60;

fn code(language: Language, text: &str) -> Vec<Zone> {
    let mut builder = Builder { text, language, zones: Vec::new(), first: 0, depth: 0, lines: 0 };
    let mut at = 0;
    for piece in pieces(language, text) {
        builder.plain(at, piece.start);
        let kind = if piece.kind == PieceKind::Comment { ZoneKind::Comment } else { ZoneKind::Str };
        builder.push(kind, piece.start, piece.end);
        at = piece.end;
    }
    builder.plain(at, text.len());
    builder.finish(text.len());
    join_comments(text, &mut builder.zones);
    builder.zones
}

/// Collects zones and closes their blocks where a statement ends.
struct Builder<'a> {
    text: &'a str,
    language: Language,
    zones: Vec<Zone>,
    /// The first zone of the statement at hand.
    first: usize,
    /// Open parentheses and square brackets.
    depth: usize,
    lines: usize,
}

impl Builder<'_> {
    fn push(&mut self, kind: ZoneKind, start: usize, end: usize) {
        self.zones.push(Zone::block(kind, offset(start), offset(end), self.language));
    }

    /// Code between two pieces: a zone per line, a block per statement.
    fn plain(&mut self, start: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let mut line = start;
        for at in start..end {
            match bytes[at] {
                b'(' | b'[' => self.depth += 1,
                b')' | b']' => self.depth = self.depth.saturating_sub(1),
                b'\n' => {
                    self.line(line, at);
                    line = at + 1;
                    self.lines += 1;
                    let continued = at > 0 && bytes[at - 1] == b'\\';
                    if self.depth == 0 && !continued || self.lines > LONGEST_STATEMENT {
                        self.finish(at);
                    }
                }
                _ => {}
            }
        }
        self.line(line, end);
    }

    fn line(&mut self, start: usize, end: usize) {
        let line = self.text.get(start..end).unwrap_or_default();
        let kept = line.trim();
        if !kept.is_empty() {
            let start = start + (line.len() - line.trim_start().len());
            self.push(ZoneKind::Code, start, start + kept.len());
        }
    }

    /// The statement ends at `end`.
    fn finish(&mut self, end: usize) {
        let Some(open) = self.zones.get_mut(self.first..) else { return };
        let Some(start) = open.first().map(|zone| zone.start) else { return };
        for zone in open.iter_mut().filter(|zone| zone.kind != ZoneKind::Comment) {
            zone.block_start = start;
            zone.block_end = offset(end).max(zone.end);
        }
        self.first = self.zones.len();
        self.depth = 0;
        self.lines = 0;
    }
}

/// Comments on successive lines with nothing else are one text.
fn join_comments(text: &str, zones: &mut [Zone]) {
    let mut at = 0;
    while at < zones.len() {
        let mut end = at + 1;
        if zones[at].kind == ZoneKind::Comment {
            while end < zones.len() && zones[end].kind == ZoneKind::Comment {
                let between = text.get(zones[end - 1].end as usize..zones[end].start as usize).unwrap_or_default();
                if between.bytes().filter(|b| *b == b'\n').count() != 1 || !between.trim().is_empty() {
                    break;
                }
                end += 1;
            }
            let (start, stop) = (zones[at].start, zones[end - 1].end);
            for zone in &mut zones[at..end] {
                zone.block_start = start;
                zone.block_end = stop;
            }
        }
        at = end;
    }
}

#[cfg(test)]
mod tests;
