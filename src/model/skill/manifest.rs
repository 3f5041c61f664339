//! What a `SKILL.md` declares about the skill.

use super::SkillFile;
use crate::finding::Place;
use crate::kind::UnitKind;
use crate::model::value::{Found, Value};
use crate::source::Span;
use crate::syntax::frontmatter::Frontmatter;
use crate::syntax::zone::Language;
use crate::syntax::{NodeKind, SyntaxError, json5};

/// The declarations of a skill.
#[derive(Debug)]
pub struct Manifest {
    /// The index of its file among the skill's.
    pub index: usize,
    /// The whole frontmatter as one value; null when there is none or it could not be read.
    pub root: Value,
    /// `metadata` when it is written as JSON5 inside a string: its value, or why it cannot be read.
    pub embedded: Option<Result<Value, SyntaxError>>,
    name: Option<String>,
}

impl Manifest {
    pub(super) fn of(kind: UnitKind, files: &[SkillFile]) -> Option<Self> {
        if kind != UnitKind::Skill {
            return None;
        }
        let exact = files.iter().position(|file| &*file.path == "SKILL.md");
        let other = || files.iter().position(|file| file.path.eq_ignore_ascii_case("SKILL.md"));
        let index = exact.or_else(other).unwrap_or(0);
        let file = files.get(index).filter(|file| file.language == Language::Markdown && file.link.is_none())?;
        let block = file.frontmatter.as_ref();
        let tree = block.and_then(|block| block.tree.as_ref().ok());
        let root = tree.map_or_else(|| Value::from(&nothing(file)), |document| Value::from(&document.root));
        let name = block.and_then(|block| block.string("name")).map(|name| name.trim().to_owned());
        let name = name.filter(|name| !name.is_empty());
        Some(Self { index, root, embedded: block.and_then(|block| embedded(block, file)), name })
    }

    /// The name, when one is written.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A value of the frontmatter by its dotted path; `metadata` is read through when it is JSON5 text.
    #[must_use]
    pub fn at(&self, path: &'static str) -> Found<'_> {
        let mut keys = path.split('.').peekable();
        let embedded = self.embedded.as_ref().and_then(|value| value.as_ref().ok());
        let start = match embedded {
            Some(value) if keys.peek() == Some(&"metadata") => {
                keys.next();
                value.found()
            }
            _ => self.root.found(),
        };
        keys.fold(start, |found, key| found.get(key))
    }

    /// The block of the product: `metadata.openclaw`, else its former names.
    #[must_use]
    pub fn openclaw(&self) -> Found<'_> {
        let names = ["metadata.openclaw", "metadata.clawdbot", "metadata.moltbot", "metadata.clawdis"];
        let first = names.into_iter().map(|path| self.at(path)).find(Found::exists);
        first.unwrap_or_else(|| self.at("metadata.openclaw"))
    }
}

/// A list as OpenClaw reads it, each entry with its place: an array of strings, or words between commas.
#[must_use]
pub fn listed<'a>(found: &Found<'a>) -> Vec<(&'a str, Place)> {
    if let Some(text) = found.str() {
        return text.split(',').map(|word| (word.trim(), found.place())).filter(|(word, _)| !word.is_empty()).collect();
    }
    found.strings().map(|(text, item)| (text.trim(), item.place())).filter(|(word, _)| !word.is_empty()).collect()
}

fn nothing(file: &SkillFile) -> crate::syntax::Node {
    crate::syntax::Node { span: Span::file_start(file.id), kind: NodeKind::Null }
}

/// `metadata: { "openclaw": … }` on one line is YAML too; a quoted or folded string of JSON5 is not.
fn embedded(block: &Frontmatter, file: &SkillFile) -> Option<Result<Value, SyntaxError>> {
    let node = block.get("metadata")?;
    let NodeKind::String(text) = &node.kind else { return None };
    if !text.trim_start().starts_with('{') {
        return None;
    }
    // The places inside a YAML string are those of the text only where nothing is escaped or folded.
    let written = file.text().get(node.span.start as usize..node.span.end as usize).unwrap_or_default();
    let inside = written.find(&**text).map(|at| node.span.start as usize + at);
    let parsed = json5::parse(file.id, text).map(|document| Value::from(&document.root));
    Some(match (parsed, inside) {
        (Ok(mut value), Some(base)) => {
            value.shift(crate::source::offset(base));
            Ok(value)
        }
        (Ok(mut value), None) => {
            value.place_at(node.span);
            Ok(value)
        }
        (Err(error), base) => {
            let span = base.map_or(node.span, |base| Span {
                start: error.span.start.saturating_add(crate::source::offset(base)),
                end: error.span.end.saturating_add(crate::source::offset(base)),
                ..error.span
            });
            Err(SyntaxError { span, ..error })
        }
    })
}
