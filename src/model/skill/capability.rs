//! What a skill may do by its own declaration, and what its texts use.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Skill, SkillFile};
use crate::facts::tool::{Capability, Tier, Tool, tool};
use crate::finding::Place;
use crate::model::value::Found;
use crate::syntax::zone::{Language, ZoneKind};

/// A word of `metadata.openclaw.capabilities`.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What it means; none for a word that means nothing.
    pub capability: Option<Capability>,
    /// As written.
    pub word: String,
    /// Where.
    pub place: Place,
}

/// A tool that a text names as a tool.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Its name, as tables spell it.
    pub name: String,
    /// What it needs.
    pub tool: Tool,
    /// Where.
    pub place: Place,
    /// It is named in a list of tools that the skill wants, not in its text.
    pub listed: bool,
    /// It is written as code, in a text.
    pub code: bool,
}

/// Mentions of one skill that are kept.
const MOST: usize = 2_000;

impl Skill {
    /// The capabilities that the frontmatter declares, a list or words separated by commas; none when it
    /// has no such key.
    #[must_use]
    pub fn declared(&self) -> Option<Vec<Declared>> {
        let found = self.manifest()?.openclaw().get("capabilities");
        if !found.exists() {
            return None;
        }
        let one = |word: &str, found: &Found<'_>| Declared {
            capability: Capability::of_word(word),
            word: word.trim().to_owned(),
            place: found.place(),
        };
        Some(match found.str() {
            Some(text) => {
                text.split(',').filter(|word| !word.trim().is_empty()).map(|word| one(word, &found)).collect()
            }
            None => found.strings().map(|(word, item)| one(word, &item)).collect(),
        })
    }

    /// The tools that its frontmatter lists and that its Markdown names as tools, in file order.
    #[must_use]
    pub fn tool_mentions(&self) -> &[Mention] {
        self.mentions.get_or_init(|| {
            let mut mentions = self.listed_tools();
            for file in self.files.iter().filter(|file| file.language == Language::Markdown) {
                mentions.extend(in_text(file));
                if mentions.len() > MOST {
                    break;
                }
            }
            mentions
        })
    }

    fn listed_tools(&self) -> Vec<Mention> {
        let Some(manifest) = self.manifest() else { return Vec::new() };
        let list = manifest.at("allowed-tools");
        let words: Vec<(&str, Place)> = match list.str() {
            Some(text) => text.split([',', ' ']).map(|word| (word, list.place())).collect(),
            None => list.strings().map(|(word, item)| (word, item.place())).collect(),
        };
        let command = manifest.at("command-tool");
        let words = words.into_iter().chain(command.str().map(|word| (word, command.place())));
        let mention = |(word, place): (&str, Place)| {
            let name = word.split('(').next().unwrap_or_default().trim();
            Some(Mention { name: name.to_ascii_lowercase(), tool: tool(name)?, place, listed: true, code: false })
        };
        words.filter_map(mention).collect()
    }

    /// The first words of its manifest that speak of a capability, whoever they are about.
    #[must_use]
    pub fn words_about(&self, capability: Capability) -> Option<Place> {
        let file = self.main_file()?;
        let (_, pattern) = WORDS.iter().find(|(about, _)| *about == capability)?;
        let found = pattern.find_at(file.text(), file.body_start().min(file.text().len()))?;
        Some(file.place(found.range()))
    }

    /// The capabilities that its tools and scripts use, as far as its files show it.
    #[must_use]
    pub fn observed(&self) -> BTreeSet<Capability> {
        let gated = |mention: &Mention| match mention.tool.tier {
            Tier::Gated(capability) => Some(capability),
            Tier::Denied | Tier::Allowed => None,
        };
        let mut observed: BTreeSet<Capability> = self.tool_mentions().iter().filter_map(gated).collect();
        let scripts = || self.files.iter().flat_map(SkillFile::scripts);
        if scripts().next().is_some() {
            observed.insert(Capability::Shell);
        }
        if scripts().any(|(_, _, text)| text.contains("http://") || text.contains("https://")) {
            observed.insert(Capability::Network);
        }
        observed
    }
}

/// The words of OpenClaw's proposal for each capability, and ours where it has none.
static WORDS: LazyLock<Vec<(Capability, Regex)>> = LazyLock::new(|| {
    let rows = [
        (Capability::Shell, r"\b(?:exec|run\s+commands?|shell|terminal|bash|subprocess|child[ _]process)\b"),
        (
            Capability::Filesystem,
            r"\b(?:(?:write|edit|create|modify|delete)s?\s+(?:the\s+|a\s+)?files?|save\s+(?:it\s+)?to|fs_write)\b",
        ),
        (
            Capability::Network,
            r"\b(?:fetch\s+(?:the\s+|a\s+)?urls?|web_search|web_fetch|https?\s+requests?|outbound\s+requests?)\b",
        ),
        (Capability::Browser, r"\bbrowser\s+(?:tool|automation)\b|\bautomate\s+(?:the\s+|a\s+)?browser\b"),
        (
            Capability::Sessions,
            r"\b(?:spawn\s+(?:an?\s+)?agents?|sessions?_spawn|sessions?_send|sub-?agents?|cross[ -]session)\b",
        ),
        (
            Capability::Messaging,
            r"\b(?:send\s+(?:a\s+)?messages?\s+to|message\s+tool|post\s+to\s+(?:the\s+|a\s+)?channel)\b",
        ),
        (Capability::Scheduling, r"\b(?:cron|schedules?\s+(?:a\s+)?recurring|automations)\b"),
    ];
    let compiled = |(capability, pattern)| Some((capability, Regex::new(&format!("(?i-u:{pattern})")).ok()?));
    rows.into_iter().filter_map(compiled).collect()
});

/// A name beside the word that makes it a tool's: common words such as `write` mean a tool only so.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r#"(?-u:\b)([a-z][a-z_]{1,30})`?\s+tools?(?-u:\b)|(?-u:\b)tools?:?\s+`([a-z][a-z_]{1,30})`|"tool"\s*:\s*"([a-z][a-z_]{1,30})""#;
    Regex::new(pattern).ok()
});

fn in_text(file: &SkillFile) -> Vec<Mention> {
    let text = file.text();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut looked_at = 0;
    for zone in file.zones() {
        let range = zone.start as usize..zone.end as usize;
        let Some(part) = text.get(range.clone()) else { continue };
        if matches!(zone.kind, ZoneKind::Prose | ZoneKind::InlineCode | ZoneKind::Fence | ZoneKind::Table) {
            ranges.extend(distinct(part, range.start));
        }
        // The zones of a block are looked at together, once; an item's block holds those of its inner lists.
        let block = zone.block_start as usize..zone.block_end as usize;
        if !matches!(zone.kind, ZoneKind::Prose | ZoneKind::InlineCode | ZoneKind::Fence) || block.end <= looked_at {
            continue;
        }
        looked_at = block.end;
        let named = NAMED.as_ref().zip(text.get(block.clone()).filter(|part| part.contains("tool")));
        for found in named.iter().flat_map(|(pattern, part)| pattern.captures_iter(part)) {
            let name = (1..4).find_map(|group| found.get(group));
            ranges.extend(name.map(|name| block.start + name.start()..block.start + name.end()));
        }
    }
    ranges.sort_by_key(|range| range.start);
    ranges.dedup();
    let mention = |range: Range<usize>| {
        let name = text.get(range.clone())?;
        let code = text.get(..range.start)?.ends_with(['`', '"']);
        Some(Mention { name: name.to_owned(), tool: tool(name)?, place: file.place(range), listed: false, code })
    };
    ranges.into_iter().filter_map(mention).collect()
}

/// The words that can be nothing but a tool: `web_fetch`, `sessions_spawn`.
fn distinct(text: &str, base: usize) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut told = 0;
    // All of them have an underscore, and most words have none.
    memchr::memchr_iter(b'_', bytes)
        .filter_map(move |at| {
            if at < told {
                return None;
            }
            let start = at - bytes.get(..at)?.iter().rev().take_while(|byte| is_word(byte)).count();
            let end = at + bytes.get(at..)?.iter().take_while(|byte| is_word(byte)).count();
            told = end;
            Some(start..end)
        })
        .filter(move |range| text.get(range.clone()).is_some_and(|word| tool(word).is_some()))
        .map(move |range| base + range.start..base + range.end)
}
