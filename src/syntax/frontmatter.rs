//! The YAML block at the top of a `SKILL.md`: where it is, what it says, and what readers of it would
//! not agree on.

pub mod lines;

use std::ops::Range;

use super::yaml::{self, Oddity};
use super::{Document, Node, NodeKind, SyntaxError};
use crate::source::{FileId, Span, offset};

/// Largest block, in bytes.
pub const MAX_SIZE: usize = 64 << 10;

/// The block as it was read.
#[derive(Debug)]
pub struct Frontmatter {
    /// The block with its two fences.
    pub range: Range<usize>,
    /// The YAML between the fences.
    pub yaml: Range<usize>,
    /// What it says.
    pub tree: Result<Document, SyntaxError>,
    /// What readers do not agree on.
    pub oddities: Vec<(Oddity, Span)>,
    /// Something stands before the opening fence: a byte order mark, spaces or empty lines.
    pub leading: bool,
    /// The closing fence is there.
    pub closed: bool,
}

impl Frontmatter {
    /// The value of a top-level key; of duplicates the last.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members().rfind(|member| &*member.key == key).map(|member| &member.value)
    }

    /// The top-level members in file order.
    pub fn members(&self) -> impl DoubleEndedIterator<Item = &super::Member> {
        let root = self.tree.as_ref().ok().map(|document| &document.root.kind);
        let members = match root {
            Some(NodeKind::Map(members)) => members.as_slice(),
            _ => &[],
        };
        members.iter()
    }

    /// The text of a top-level string.
    #[must_use]
    pub fn string(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Finds and reads the block; none when the text does not begin with one.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Option<Frontmatter> {
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let start = text.len() - body.len();
    let first = body.lines().next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let yaml_start = start + body.find('\n').map_or(body.len(), |at| at + 1);
    let mut at = yaml_start;
    let mut end = None;
    for line in text.get(yaml_start..)?.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            end = Some((at, at + line.len()));
            break;
        }
        at += line.len();
        if at - yaml_start > MAX_SIZE {
            break;
        }
    }
    let closed = end.is_some();
    // A block that is never closed is no block to most readers, and the whole file to some.
    let (yaml_end, block_end) = end.unwrap_or((yaml_start, yaml_start));
    let yaml = yaml_start..yaml_end;
    let (tree, oddities) = if closed {
        match yaml::parse_at(file, text.get(yaml.clone())?, yaml_start) {
            Ok((document, oddities)) => (Ok(document), oddities),
            Err(error) => (Err(error), Vec::new()),
        }
    } else {
        let span = Span { file, start: offset(start), end: offset(start + 3) };
        let message = format!("the block that begins here is not closed within {} KiB", MAX_SIZE >> 10);
        (Err(SyntaxError { span, message, related: None }), Vec::new())
    };
    Some(Frontmatter { range: start..block_end, yaml, tree, oddities, leading: start > 0, closed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Frontmatter {
        parse(FileId(0), text).unwrap_or_else(|| panic!("no block in {text:?}"))
    }

    #[test]
    fn a_block_is_found_and_its_values_have_places() {
        let text = "---\nname: demo\ndescription: >\n  Does\n  it\n---\nBody\n";
        let block = read(text);
        assert_eq!(block.string("name"), Some("demo"));
        assert_eq!(block.string("description"), Some("Does it\n"));
        let span = block.get("name").map(|node| node.span.start as usize..node.span.end as usize);
        assert_eq!(span.and_then(|range| text.get(range)), Some("demo"));
        assert_eq!(text.get(block.range.end..), Some("Body\n"));
        assert!(block.closed && !block.leading && block.oddities.is_empty());
    }

    #[test]
    fn what_readers_do_not_agree_on_is_listed() {
        let block = read("\u{feff}---\na: &x 1\nb: *x\na: !!str 2\n<<: {c: 1}\n---\n");
        let kinds: Vec<Oddity> = block.oddities.iter().map(|(kind, _)| *kind).collect();
        assert!(block.leading);
        assert_eq!(kinds, [Oddity::Anchor, Oddity::Alias, Oddity::Duplicate, Oddity::Tag, Oddity::Merge]);
    }

    #[test]
    fn no_block_is_no_block() {
        assert!(parse(FileId(0), "# Title\n---\na: 1\n---\n").is_none());
        assert!(parse(FileId(0), "").is_none());
        assert!(read("---\na: 1\n").tree.is_err());
        assert!(read(&format!("---\n{}", "a: 1\n".repeat(100_000))).tree.is_err());
        assert!(read("---\na: [\n---\n").tree.is_err());
    }
}
