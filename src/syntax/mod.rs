//! Parsers that keep the place of everything they read. All of them yield the same [`Node`] tree.

pub mod base64;
pub mod ecma;
pub mod json;
pub mod json5;
pub mod json5_edit;

use crate::source::Span;

/// A parsed value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The token: quotes, brackets and braces included.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// The JSON data model; every parser maps onto it.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as JavaScript reads it: IEEE 754 double, rounded.
    Number(f64),
    /// A string after escapes. A lone surrogate is U+FFFD.
    String(Box<str>),
    /// An array.
    List(Vec<Node>),
    /// An object, members in file order, duplicates kept.
    Map(Vec<Member>),
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key after escapes.
    pub key: Box<str>,
    /// The key token, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A comment with its delimiters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `//`, `/*`, `#` or `<!--` to the end; a line comment excludes the line ending.
    pub span: Span,
}

/// What a parser read.
#[derive(Debug)]
pub struct Document {
    /// The root value.
    pub root: Node,
    /// All comments in file order.
    pub comments: Vec<Comment>,
    /// How many values it holds, the root counted.
    pub values: usize,
}

/// Why a parser stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The narrowest offending token, or the empty span at the end of the file.
    pub span: Span,
    /// One sentence without full stop that says what was expected and what stood there.
    pub message: String,
    /// A second place that explains the first, such as the bracket that was never closed.
    pub related: Option<(Span, String)>,
}

pub mod archive;
pub mod comment;
pub mod dotenv;
pub mod frontmatter;
pub mod ignore;
pub mod magic;
pub mod markdown;
pub mod pickle;
pub mod script;
pub mod yaml;
pub mod zone;
