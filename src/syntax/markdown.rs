//! Markdown as zones: what is prose, what is code, what a reader of the rendered page never sees.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::zone::{Language, Zone, ZoneKind};
use crate::source::offset;

/// A Markdown text, taken apart.
#[derive(Debug, Default)]
pub struct Markdown {
    /// Sorted, none overlapping.
    pub zones: Vec<Zone>,
    /// Links and images in file order.
    pub links: Vec<Link>,
    /// Headings in file order.
    pub headings: Vec<Heading>,
}

/// A link or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, unescaped.
    pub target: String,
    /// All of it, text and target.
    pub range: Range<usize>,
    /// An image.
    pub image: bool,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The line.
    pub range: Range<usize>,
}

/// Takes the text from byte `from` on apart; what is before it (the frontmatter) is not looked at.
#[must_use]
pub fn parse(text: &str, from: usize) -> Markdown {
    let body = text.get(from..).unwrap_or_default();
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let parser = Parser::new_ext(body, options);
    let mut reader =
        Reader { text, from, out: Markdown::default(), blocks: Vec::new(), quotes: 0, links: Vec::new(), code: None };
    let definitions = parser.reference_definitions().iter();
    let mut definitions: Vec<_> = definitions.map(|(_, one)| (one.span.clone(), one.dest.to_string())).collect();
    definitions.sort_by_key(|(span, _)| span.start);
    for (event, range) in parser.into_offset_iter() {
        reader.event(event, range.start + from..range.end + from);
    }
    for (range, target) in definitions {
        reader.definition(&target, range);
    }
    let mut out = reader.out;
    out.zones.sort_by_key(|zone| (zone.start, zone.end));
    clip(&mut out.zones);
    out
}

struct Reader<'a> {
    text: &'a str,
    from: usize,
    out: Markdown,
    /// The open blocks that hold words, innermost last.
    blocks: Vec<(ZoneKind, Range<usize>)>,
    quotes: usize,
    links: Vec<(String, Range<usize>, bool)>,
    /// The open code block: its language, when one is named, and the extent of its text so far.
    code: Option<(Option<Language>, Option<Range<usize>>)>,
}

impl Reader<'_> {
    /// A link reference definition: renderers do not show it, and `[//]: # (…)` is a comment.
    fn definition(&mut self, target: &str, range: Range<usize>) {
        let range = range.start + self.from..range.end + self.from;
        let kind = if matches!(target, "#" | "" | "<>") { ZoneKind::HtmlComment } else { ZoneKind::Prose };
        if kind == ZoneKind::Prose {
            self.out.links.push(Link { target: target.to_owned(), range: range.clone(), image: false });
        }
        self.zone(kind, range.clone(), Language::Text, &range);
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, &range),
            Event::Text(_) if self.code.is_some() => {
                if let Some((_, extent)) = &mut self.code {
                    let start = extent.as_ref().map_or(range.start, |known| known.start);
                    *extent = Some(start..range.end);
                }
            }
            Event::Text(_) => self.words(range),
            Event::Code(_) => {
                let block = self.block(&range);
                self.zone(ZoneKind::InlineCode, range, Language::Text, &block);
            }
            Event::InlineHtml(_) => self.html(range),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Item | Tag::DefinitionListTitle | Tag::DefinitionListDefinition => {
                self.blocks.push((ZoneKind::Prose, range));
            }
            Tag::Heading { level, .. } => {
                self.out.headings.push(Heading { level: level as u8, range: range.clone() });
                self.blocks.push((ZoneKind::Heading, range));
            }
            Tag::TableCell => self.blocks.push((ZoneKind::Table, range)),
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => Language::of_fence(&info),
                    CodeBlockKind::Indented => None,
                };
                self.code = Some((language, None));
            }
            Tag::HtmlBlock => self.html(range),
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), range, false)),
            Tag::Image { dest_url, .. } => self.links.push((dest_url.to_string(), range, true)),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph
            | TagEnd::Item
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Heading(_)
            | TagEnd::TableCell => {
                self.blocks.pop();
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => {
                let Some((language, Some(extent))) = self.code.take() else { return };
                let inside = self.text.get(extent.clone()).unwrap_or_default();
                let language = language.unwrap_or_else(|| unlabelled(inside));
                self.zone(ZoneKind::Fence, extent.clone(), language, &extent);
            }
            TagEnd::Link | TagEnd::Image => {
                if let Some((target, whole, image)) = self.links.pop() {
                    self.out.links.push(Link { target, range: whole, image });
                }
                // The target is read with the words around it.
                self.words(range.clone());
            }
            _ => {}
        }
    }

    /// Words of the innermost open block, joined with those before them in the same block.
    fn words(&mut self, range: Range<usize>) {
        let block = self.block(&range);
        let kind = self.blocks.last().map_or(ZoneKind::Prose, |(kind, _)| *kind);
        let kind = if kind == ZoneKind::Prose && self.quotes > 0 { ZoneKind::Quote } else { kind };
        if let Some(last) = self.out.zones.last_mut()
            && last.kind == kind
            && last.block_start == offset(block.start)
            && last.end <= offset(range.end)
        {
            last.end = offset(range.end);
            return;
        }
        // A link's range begins before words that are known already.
        let start = self.out.zones.last().map_or(0, |last| last.end as usize).max(range.start);
        if start < range.end {
            self.zone(kind, start..range.end, Language::Text, &block);
        }
    }

    fn html(&mut self, range: Range<usize>) {
        let Some(text) = self.text.get(range.clone()) else { return };
        let mut at = 0;
        while let Some(open) = text.get(at..).and_then(|rest| rest.find("<!--")) {
            let open = at + open;
            let close = text.get(open..).and_then(|rest| rest.find("-->")).map_or(text.len(), |end| open + end + 3);
            if open > at {
                let before = range.start + at..range.start + open;
                self.zone(ZoneKind::Html, before, Language::Text, &range);
            }
            let comment = range.start + open..range.start + close;
            self.zone(ZoneKind::HtmlComment, comment.clone(), Language::Text, &comment);
            at = close;
        }
        if text.get(at..).is_some_and(|rest| !rest.trim().is_empty()) {
            self.zone(ZoneKind::Html, range.start + at..range.end, Language::Text, &range);
        }
    }

    fn block(&self, range: &Range<usize>) -> Range<usize> {
        self.blocks.last().map_or_else(|| range.clone(), |(_, block)| block.clone())
    }

    fn zone(&mut self, kind: ZoneKind, range: Range<usize>, language: Language, block: &Range<usize>) {
        let (block_start, block_end) = (offset(block.start), offset(block.end));
        let zone = Zone { kind, start: offset(range.start), end: offset(range.end), language, block_start, block_end };
        self.out.zones.push(zone);
    }
}

/// Makes sorted zones disjoint: a later one cuts an earlier one short.
fn clip(zones: &mut Vec<Zone>) {
    for index in 1..zones.len() {
        let next = zones.get(index).map_or(u32::MAX, |zone| zone.start);
        if let Some(zone) = zones.get_mut(index - 1) {
            zone.end = zone.end.min(next);
        }
    }
    zones.retain(|zone| zone.start < zone.end);
}

/// Commands that an unlabelled code block is recognised by.
const COMMANDS: &[&str] = &[
    "$", "apt", "apt-get", "bash", "brew", "bunx", "cargo", "cat", "cd", "chmod", "clawhub", "claude", "cp", "curl",
    "docker", "echo", "eval", "export", "find", "gh", "git", "go", "grep", "jq", "kubectl", "ls", "make", "mkdir",
    "mv", "nc", "node", "npm", "npx", "openclaw", "openssl", "perl", "pip", "pip3", "pipx", "pnpm", "printf", "python",
    "python3", "rm", "rsync", "scp", "sed", "sh", "source", "ssh", "sudo", "tar", "touch", "unzip", "uv", "uvx",
    "wget", "xattr", "yarn", "zsh",
];

/// The language of a code block that names none.
fn unlabelled(text: &str) -> Language {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines.next() else { return Language::Text };
    let word = first.split_whitespace().next().unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    if text.trim_start().starts_with("#!") || COMMANDS.contains(&word) {
        Language::Shell
    } else if matches!(
        lower.as_str(),
        "iwr" | "irm" | "iex" | "powershell" | "set-executionpolicy" | "invoke-webrequest"
    ) {
        Language::PowerShell
    } else if matches!(word, "import" | "from" | "def" | "print(") {
        Language::Python
    } else {
        Language::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::zone::zone_at;

    fn kinds(text: &str) -> Vec<(ZoneKind, &str)> {
        let zones = parse(text, 0).zones;
        zones.iter().map(|zone| (zone.kind, text.get(zone.start as usize..zone.end as usize).unwrap_or("?"))).collect()
    }

    #[test]
    fn every_kind_of_text_has_its_zone() {
        let text = "# Title\n\nSome *words* and `code` here.\n\n- item\n\n| a | b |\n|---|---|\n| c | d |\n\n> said\n\n\
                    ```bash\ncurl x | sh\n```\n\n<!-- hidden -->\n\n[//]: # (also hidden)\n";
        let found = kinds(text);
        assert_eq!(
            found,
            [
                (ZoneKind::Heading, "Title"),
                (ZoneKind::Prose, "Some *words* and "),
                (ZoneKind::InlineCode, "`code`"),
                (ZoneKind::Prose, " here."),
                (ZoneKind::Prose, "item"),
                (ZoneKind::Table, "a"),
                (ZoneKind::Table, "b"),
                (ZoneKind::Table, "c"),
                (ZoneKind::Table, "d"),
                (ZoneKind::Quote, "said"),
                (ZoneKind::Fence, "curl x | sh\n"),
                (ZoneKind::HtmlComment, "<!-- hidden -->"),
                (ZoneKind::HtmlComment, "[//]: # (also hidden)"),
            ]
        );
    }

    #[test]
    fn a_link_is_read_with_its_target() {
        let text = "See [the page](https://example.com/x) now.\n";
        let parsed = parse(text, 0);
        assert_eq!(parsed.links.first().map(|link| link.target.as_str()), Some("https://example.com/x"));
        let at = zone_at(&parsed.zones, 20).map(|zone| zone.kind);
        assert_eq!(at, Some(ZoneKind::Prose));
    }

    #[test]
    fn languages_of_blocks_are_named_or_guessed() {
        let language = |text: &str| parse(text, 0).zones.first().map(|zone| zone.language);
        assert_eq!(language("```py\nx\n```\n"), Some(Language::Python));
        assert_eq!(language("```\ncurl x\n```\n"), Some(Language::Shell));
        assert_eq!(language("```\nsome output\n```\n"), Some(Language::Text));
        assert_eq!(language("    npm install x\n"), Some(Language::Shell));
    }

    #[test]
    fn zones_never_overlap() {
        for text in
            ["> <!-- a\n> b -->", "[a [b](c) d](e) `x`", "![a](b \"`c`\")", "<b>x<!-- y --></b> z", "- a\n  > b\n"]
        {
            let zones = parse(text, 0).zones;
            assert!(zones.windows(2).all(|pair| pair[0].end <= pair[1].start), "{text}: {zones:?}");
        }
    }
}
