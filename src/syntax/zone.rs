//! The parts of a text by what they are to a reader: prose, code, comment, table, frontmatter.
//!
//! Most false alarms of a text scan come from judging prose as code and code as prose. So every text
//! is cut into zones first, and each text rule names the zones it is about.

/// A language whose code is read more closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// sh, bash, zsh and relatives; console sessions.
    Shell,
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// `PowerShell`.
    PowerShell,
    /// Windows batch files.
    Batch,
    /// Another programming language: text rules apply, flow analysis does not.
    Other,
    /// Data: JSON, YAML, TOML, CSV and the like.
    Data,
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
}

impl Language {
    /// Is it something that a machine runs?
    #[must_use]
    pub const fn is_code(self) -> bool {
        matches!(self, Self::Shell | Self::Python | Self::JavaScript | Self::PowerShell | Self::Batch | Self::Other)
    }

    /// The language that the info string of a fence names: `bash`, `py`, `{.js}`.
    #[must_use]
    pub fn of_fence(info: &str) -> Option<Self> {
        let word = info.trim().trim_start_matches(['{', '.', '`']);
        let word = word.split(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | '{' | ':')).next()?;
        Some(match word.to_ascii_lowercase().as_str() {
            "" => return None,
            "sh" | "bash" | "zsh" | "shell" | "console" | "fish" | "ksh" | "shell-session" | "shellsession"
            | "terminal" | "dash" => Self::Shell,
            "py" | "python" | "python3" | "py3" | "pycon" | "ipython" => Self::Python,
            "js" | "javascript" | "ts" | "typescript" | "jsx" | "tsx" | "mjs" | "cjs" | "node" => Self::JavaScript,
            "powershell" | "ps1" | "pwsh" | "ps" => Self::PowerShell,
            "bat" | "cmd" | "batch" | "dos" => Self::Batch,
            "json" | "json5" | "jsonc" | "yaml" | "yml" | "toml" | "xml" | "csv" | "ini" | "env" | "dotenv" => {
                Self::Data
            }
            "text" | "txt" | "plain" | "plaintext" | "output" | "log" => Self::Text,
            "md" | "markdown" | "mdx" => Self::Markdown,
            _ => Self::Other,
        })
    }
}

/// What a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ZoneKind {
    /// The YAML block at the top of a Markdown file.
    Frontmatter,
    /// A paragraph or list item.
    Prose,
    /// A heading.
    Heading,
    /// A cell of a table.
    Table,
    /// Text inside a block quote.
    Quote,
    /// `code` inside a line.
    InlineCode,
    /// A fenced or indented code block.
    Fence,
    /// An HTML comment, or a Markdown comment (`[//]: # (…)`): not shown to a reader.
    HtmlComment,
    /// Raw HTML.
    Html,
    /// Code of a script.
    Code,
    /// A comment of a script.
    Comment,
    /// A string literal of a script.
    Str,
    /// A string of a data file.
    DataString,
    /// Everything else in a data file.
    Data,
}

/// A set of [`ZoneKind`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zones(u16);

impl Zones {
    /// These kinds.
    #[must_use]
    pub const fn of(kinds: &[ZoneKind]) -> Self {
        let mut set = 0;
        let mut at = 0;
        while at < kinds.len() {
            set |= 1 << kinds[at] as u8;
            at += 1;
        }
        Self(set)
    }

    /// Every kind.
    pub const ALL: Self = Self(u16::MAX);
    /// Code and strings of scripts: what a machine runs.
    pub const SCRIPT: Self = Self::of(&[ZoneKind::Code, ZoneKind::Str]);
    /// Scripts and code blocks of Markdown.
    pub const CODE: Self = Self::of(&[ZoneKind::Code, ZoneKind::Str, ZoneKind::Fence]);
    /// Scripts, code blocks and inline code: every place a command is written in.
    pub const COMMANDS: Self = Self::of(&[ZoneKind::Code, ZoneKind::Str, ZoneKind::Fence, ZoneKind::InlineCode]);
    /// What addresses the reader in words.
    pub const PROSE: Self = Self::of(&[
        ZoneKind::Prose,
        ZoneKind::Heading,
        ZoneKind::HtmlComment,
        ZoneKind::Frontmatter,
        ZoneKind::DataString,
    ]);
    /// What a text may quote in: everything of a page but its frontmatter.
    pub const QUOTING: Self = Self::of(&[
        ZoneKind::Prose,
        ZoneKind::Heading,
        ZoneKind::Table,
        ZoneKind::Quote,
        ZoneKind::InlineCode,
        ZoneKind::Fence,
        ZoneKind::HtmlComment,
        ZoneKind::Html,
    ]);
    /// What a reader of the rendered page does not see.
    pub const HIDDEN: Self = Self::of(&[ZoneKind::HtmlComment, ZoneKind::Html]);

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is `kind` in the set?
    #[must_use]
    pub const fn has(self, kind: ZoneKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// What it is.
    pub kind: ZoneKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The language of code; `Text` for words.
    pub language: Language,
    /// First byte of the block it belongs to: paragraph, list item, table cell, code block, comment.
    pub block_start: u32,
    /// One past the last byte of that block.
    pub block_end: u32,
}

impl Zone {
    /// A zone that is its own block.
    #[must_use]
    pub const fn block(kind: ZoneKind, start: u32, end: u32, language: Language) -> Self {
        Self { kind, start, end, language, block_start: start, block_end: end }
    }

    /// Is it code of a language that a machine runs?
    #[must_use]
    pub const fn is_code(&self) -> bool {
        matches!(self.kind, ZoneKind::Code | ZoneKind::Str)
            || matches!(self.kind, ZoneKind::Fence) && self.language.is_code()
    }
}

/// The zone that holds a byte; zones are sorted and do not overlap.
#[must_use]
pub fn zone_at(zones: &[Zone], at: u32) -> Option<&Zone> {
    let index = zones.partition_point(|zone| zone.end <= at);
    zones.get(index).filter(|zone| zone.start <= at)
}
