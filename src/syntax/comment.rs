//! Where the comments of a text are, whatever it is written in.
//!
//! Only what surely is one counts: a text that does not parse has none, and neither has a language whose
//! strings are not known well enough.

use std::ops::Range;

use super::zone::{Language, ZoneKind};
use super::{frontmatter, json5, markdown, script, yaml};
use crate::source::FileId;

/// How the comments of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `//` and `/* */`.
    Json5,
    /// `#`, in its first document.
    Yaml,
    /// `<!-- -->` outside of code, and `#` in the frontmatter.
    Markdown,
    /// `#` at the start of a line or after a value.
    DotEnv,
    /// `#` at the start of a line, here-documents left out.
    Lines,
    /// As the language has them.
    Script(Language),
}

impl Notation {
    /// The notation of a file by its path and, where the name says nothing, its first line; none when we
    /// cannot tell its comments from its texts.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match (script::language(path, text.lines().next().unwrap_or_default()), extension) {
            (Language::Markdown, _) => Some(Self::Markdown),
            (_, "json" | "json5" | "jsonc") => Some(Self::Json5),
            (_, "yaml" | "yml") => Some(Self::Yaml),
            (_, "env") => Some(Self::DotEnv),
            _ if name.starts_with(".env.") => Some(Self::DotEnv),
            // Its strings may run over lines.
            (_, "toml") => (!text.contains("\"\"\"") && !text.contains("'''")).then_some(Self::Lines),
            (_, "ini" | "cfg" | "conf" | "properties" | "service" | "dockerfile") => Some(Self::Lines),
            _ if matches!(&*name, "dockerfile" | "containerfile" | ".npmrc" | ".editorconfig" | ".gitattributes") => {
                Some(Self::Lines)
            }
            _ if name.starts_with("dockerfile.") => Some(Self::Lines),
            (language @ (Language::Shell | Language::Python | Language::JavaScript | Language::PowerShell), _) => {
                Some(Self::Script(language))
            }
            _ => None,
        }
    }
}

/// The comments of a text with their delimiters, in order.
#[must_use]
pub fn comments(notation: Notation, text: &str) -> Vec<Range<usize>> {
    match notation {
        Notation::Json5 => spans(json5::parse(FileId(0), text).map(|document| document.comments).unwrap_or_default()),
        Notation::Yaml => spans(yaml::parse(FileId(0), text).map(|document| document.comments).unwrap_or_default()),
        Notation::Markdown => of_markdown(text),
        Notation::DotEnv => of_dotenv(text),
        Notation::Lines => of_lines(text),
        Notation::Script(language) => {
            let pieces = script::pieces(language, text).into_iter();
            let comments = pieces.filter(|piece| piece.kind == script::PieceKind::Comment);
            // A Python docstring is a string to Python.
            let is_real = |range: &Range<usize>| {
                text.get(range.clone()).is_some_and(|text| text.starts_with(['#', '/']) || text.starts_with("<#"))
            };
            comments.map(|piece| piece.start..piece.end).filter(is_real).collect()
        }
    }
}

fn spans(comments: Vec<super::Comment>) -> Vec<Range<usize>> {
    comments.into_iter().map(|comment| comment.span.start as usize..comment.span.end as usize).collect()
}

fn of_markdown(text: &str) -> Vec<Range<usize>> {
    let block = frontmatter::parse(FileId(0), text);
    let body = block.as_ref().map_or(0, |block| block.range.end);
    let mut found = spans(block.and_then(|block| block.tree.ok()).map(|tree| tree.comments).unwrap_or_default());
    let zones = markdown::parse(text, body).zones.into_iter().filter(|zone| zone.kind == ZoneKind::HtmlComment);
    found.extend(
        zones.map(|zone| zone.start as usize..zone.end as usize).filter(|range| {
            text.get(range.clone()).is_some_and(|text| text.starts_with("<!--") && text.ends_with("-->"))
        }),
    );
    found
}

/// Whole lines, and what follows a value. A quoted value may run over lines.
fn of_dotenv(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut until = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if start < until {
            continue;
        }
        let kept = line.trim_end();
        let first = kept.len() - kept.trim_start_matches(['\u{feff}', ' ', '\t']).len();
        if kept.get(first..).is_some_and(|rest| rest.starts_with('#')) {
            found.push(start + first..start + kept.len());
            continue;
        }
        let Some(value) = kept.find('=').map(|equals| equals + 1) else { continue };
        let raw = kept.get(value..).unwrap_or_default();
        let value = start + value + (raw.len() - raw.trim_start().len());
        let quote = text.get(value..).and_then(|rest| rest.chars().next()).filter(|c| matches!(c, '"' | '\'' | '`'));
        let from = match quote {
            None => value.saturating_sub(1),
            Some(quote) => {
                let rest = text.get(value + 1..).unwrap_or_default();
                // Whatever is not closed is a text to the end.
                let close = rest.find(quote).map_or(text.len(), |close| value + 1 + close + 1);
                until = close;
                close
            }
        };
        let line_end = text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| from + end);
        let tail = text.get(from..line_end).unwrap_or_default().trim_end();
        let hash = tail.match_indices('#').map(|(hash, _)| hash).find(|hash| {
            tail.get(..*hash)
                .is_some_and(|before| before.ends_with([' ', '\t']) || before.is_empty() && quote.is_some())
        });
        found.extend(hash.map(|hash| from + hash..from + tail.len()));
    }
    found
}

fn of_lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut heredoc: Option<&str> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let kept = line.trim();
        if let Some(word) = heredoc {
            heredoc = heredoc.filter(|_| kept != word);
        } else if kept.starts_with('#') {
            let first = start + line.find('#').unwrap_or_default();
            found.push(first..first + kept.len());
        } else {
            let mut marks = line.match_indices("<<").map(|(mark, _)| start + mark);
            heredoc = marks.find_map(|mark| script::heredoc_word(text, mark)).map(|(word, ..)| word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(path: &str, text: &str) -> Vec<String> {
        let Some(notation) = Notation::of(path, text) else { return vec!["?".to_owned()] };
        comments(notation, text).into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn every_notation_has_its_comments_and_no_text() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("a.json5", "// one\n{ a: '// no' /* two */ }", &["// one", "/* two */"]),
            ("a.json", "{ // broken\n", &[]),
            ("a.yaml", "# one\na: 'x # no' # two\nb: |\n  # no\nc: x#no\n", &["# one", "# two"]),
            (
                "a.md",
                "---\na: b # one\n---\n<!-- two -->\n\n```\n<!-- no -->\n```\n`<!-- no -->` x <!-- three -->\n",
                &["# one", "<!-- two -->", "<!-- three -->"],
            ),
            (
                ".env",
                "# one\nA=b # two\nB=b#no\nC=\"# no\n# no\" # three\nD='x' #four\n",
                &["# one", "# two", "# three", "#four"],
            ),
            (".env.local", "A=\"open\n# no\n", &[]),
            ("Dockerfile", "# one\nRUN <<EOF\n# no\nEOF\n  # two\nRUN x # no\n", &["# one", "# two"]),
            ("a.toml", "# one\na = 'x # no'\n", &["# one"]),
            ("b.toml", "a = \"\"\"\n# no\n\"\"\"\n", &["?"]),
            ("a.sh", "# one\necho '# no' # two\ncat <<EOF\n# no\nEOF\n", &["# one", "# two"]),
            ("a.py", "'''# no'''\nx = '# no'  # one\n", &["# one"]),
            ("a.ts", "const a = '// no'; // one\n/* two */ const b = `// no`;\n", &["// one", "/* two */"]),
            ("a.ps1", "<# one #>\n$a = '# no' # two\n", &["<# one #>", "# two"]),
            ("a.rb", "# who knows\n", &["?"]),
        ];
        for (path, text, expected) in cases {
            assert_eq!(all(path, text), *expected, "{path}: {text}");
        }
    }
}
