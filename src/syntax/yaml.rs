//! YAML (compose files, frontmatter) as the common tree. Aliases are never expanded: an alias reads
//! as `null`, so a bomb stays as small as its text.

use granit_parser::{Event, Parser, ScalarStyle};

use super::json5::{MAX_PATH, MAX_VALUES};
use super::{Comment, Document, Member, Node, NodeKind, SyntaxError};
use crate::source::{FileId, Span, offset};

/// Deepest nesting.
pub const MAX_DEPTH: usize = 64;

/// An open collection.
struct Open {
    start: u32,
    frame: Frame,
}

enum Frame {
    List(Vec<Node>),
    Map(Vec<Member>, Option<(Box<str>, Span)>),
}

/// Something that readers of YAML do not agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// `*name`: another value stands here.
    Alias,
    /// `&name` on a value.
    Anchor,
    /// `!tag` or `!!type` on a value.
    Tag,
    /// A merge key `<<`.
    Merge,
    /// A key that the same mapping has already.
    Duplicate,
}

/// Reads the first document of a YAML text.
///
/// # Errors
/// The first syntax error, or a nesting deeper than [`MAX_DEPTH`].
pub fn parse(file: FileId, text: &str) -> Result<Document, SyntaxError> {
    parse_at(file, text, 0).map(|(document, _)| document)
}

/// Reads the first document of a YAML text that begins at byte `base` of its file, and lists what
/// readers do not agree on.
///
/// # Errors
/// The first syntax error, or a nesting deeper than [`MAX_DEPTH`].
pub fn parse_at(file: FileId, text: &str, base: usize) -> Result<(Document, Vec<(Oddity, Span)>), SyntaxError> {
    let mut builder = Builder { file, open: Vec::new(), root: None, values: 0, oddities: Vec::new() };
    let mut comments = Vec::new();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let at = offset(base + error.marker().byte_offset().unwrap_or(text.len()));
            SyntaxError { span: Span { file, start: at, end: at }, message: error.info(), related: None }
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        let span = Span { file, start: offset(base + range.start), end: offset(base + range.end) };
        match event {
            Event::Comment(..) => comments.push(Comment { span }),
            Event::DocumentEnd => break,
            event => builder.event(event, span)?,
        }
    }
    let root = builder.root.unwrap_or(Node { span: Span::file_start(file), kind: NodeKind::Null });
    Ok((Document { root, comments, values: builder.values }, builder.oddities))
}

struct Builder {
    file: FileId,
    open: Vec<Open>,
    root: Option<Node>,
    values: usize,
    oddities: Vec<(Oddity, Span)>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            let message = format!("more than {MAX_VALUES} values in a file");
            return Err(SyntaxError { span, message, related: None });
        }
        self.note(&event, span);
        match event {
            Event::Scalar(text, style, ..) => self.add(Node { span, kind: scalar(&text, style) }, &text),
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.add(Node { span, kind: NodeKind::Null }, ""),
            Event::SequenceStart(..) => return self.start(span, Frame::List(Vec::new())),
            Event::MappingStart(..) => return self.start(span, Frame::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            _ => {}
        }
        Ok(())
    }

    /// Keeps what readers do not agree on; of a great many only the first.
    fn note(&mut self, event: &Event<'_>, span: Span) {
        const MOST: usize = 100;
        let (anchor, tag) = match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => return self.odd(Oddity::Alias, span, MOST),
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(_, anchor, tag)
            | Event::MappingStart(_, anchor, tag) => (*anchor, tag.is_some()),
            _ => return,
        };
        if anchor != 0 {
            self.odd(Oddity::Anchor, span, MOST);
        }
        if tag {
            self.odd(Oddity::Tag, span, MOST);
        }
    }

    fn odd(&mut self, oddity: Oddity, span: Span, most: usize) {
        if self.oddities.len() < most {
            self.oddities.push((oddity, span));
        }
    }

    fn start(&mut self, span: Span, frame: Frame) -> Result<(), SyntaxError> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(SyntaxError { span, message, related: None });
        }
        let key = |open: &Open| match &open.frame {
            Frame::Map(_, Some((key, _))) => key.len(),
            _ => 0,
        };
        if self.open.iter().map(key).sum::<usize>() > MAX_PATH {
            let message = format!("keys of more than {MAX_PATH} bytes on the way to a value");
            return Err(SyntaxError { span, message, related: None });
        }
        self.open.push(Open { start: span.start, frame });
        Ok(())
    }

    fn end(&mut self, span: Span) {
        let Some(Open { start, frame }) = self.open.pop() else { return };
        let kind = match frame {
            Frame::List(items) => NodeKind::List(items),
            Frame::Map(members, _) => NodeKind::Map(members),
        };
        let span = Span { file: self.file, start, end: span.end.max(start) };
        self.add(Node { span, kind }, "");
    }

    fn add(&mut self, node: Node, key: &str) {
        if let Some(Frame::Map(members, None)) = self.open.last().map(|open| &open.frame) {
            // Frontmatter is small; in a large file a duplicate key is not worth a search.
            let repeated = members.len() < 200 && members.iter().any(|member| &*member.key == key);
            let oddity = if key == "<<" { Some(Oddity::Merge) } else { repeated.then_some(Oddity::Duplicate) };
            if let Some(oddity) = oddity {
                self.odd(oddity, node.span, 100);
            }
        }
        match self.open.last_mut().map(|open| &mut open.frame) {
            None => self.root = Some(node),
            Some(Frame::List(items)) => items.push(node),
            Some(Frame::Map(members, pending)) => match pending.take() {
                None => *pending = Some((key.into(), node.span)),
                Some((key, key_span)) => members.push(Member { key, key_span, value: node }),
            },
        }
    }
}

/// The core schema's reading of a scalar.
fn scalar(text: &str, style: ScalarStyle) -> NodeKind {
    if style != ScalarStyle::Plain {
        return NodeKind::String(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        _ if text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) => {
            text.parse().map_or_else(|_| NodeKind::String(text.into()), NodeKind::Number)
        }
        _ => NodeKind::String(text.into()),
    }
}
