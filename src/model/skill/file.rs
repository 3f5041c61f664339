//! One file of a skill.

use std::sync::{Arc, OnceLock};

use super::Inside;
use crate::classify::is_test_dir;
use crate::finding::Place;
use crate::flow::{self, Analysis, Cut};
use crate::source::{FileId, Source, Span, offset};
use crate::syntax::frontmatter::{self, Frontmatter};
use crate::syntax::magic::FileKind;
use crate::syntax::markdown::{self, Markdown};
use crate::syntax::script;
use crate::syntax::zone::{Language, Zone, ZoneKind};
use crate::view::{self, Decoded, Layer, Unusual};

/// The part that a file plays in its skill (it changes how much what is found there means).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileRole {
    /// The `SKILL.md`, or the only file of a unit.
    Manifest,
    /// Another text that the agent may be sent to.
    Reference,
    /// A script.
    Script,
    /// Data, configuration, assets.
    Asset,
    /// Tests, fixtures, evaluations, vendored or minified code: nobody runs it on the skill's behalf.
    Test,
    /// Lock files, pictures as text, tables, schemas: only hidden characters matter there.
    Inert,
}

/// A symbolic link inside a skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// As written.
    pub target: String,
    /// Where that leads.
    pub leads: Leads,
}

/// Where a link leads, by its text and by what lies in its skill alone: whatever else is on the machine
/// changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To something in the skill.
    Inside,
    /// To nothing, or in a circle.
    Nowhere,
    /// To another place on the machine: it is absolute.
    Absolute,
    /// Out of the skill, so many directories above its root.
    Above(usize),
}

/// One file of a skill.
#[derive(Debug)]
pub struct SkillFile {
    /// Path below the skill's root.
    pub path: Box<str>,
    /// Its id: the index among the skill's files.
    pub id: FileId,
    /// Its text; empty when it is binary or was not read.
    pub source: Source,
    /// The part it plays.
    pub role: FileRole,
    /// What its text is written in.
    pub language: Language,
    /// Size on disk in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, 64 hex digits; empty when it was not read.
    pub sha256: String,
    /// It has an executable bit.
    pub executable: bool,
    /// Its permission bits, where somebody kept them.
    pub bits: Option<u32>,
    /// Its bytes as they are, of a file that signatures are about and whose text is not its bytes.
    pub raw: Option<Arc<[u8]>>,
    /// It is a link: nothing behind it was read.
    pub link: Option<Link>,
    /// It is no text.
    pub binary: bool,
    /// What it is by its first bytes, whatever its name says.
    pub kind: FileKind,
    /// What it holds beyond its text.
    pub inside: Inside,
    /// The block at its top, for Markdown.
    pub frontmatter: Option<Frontmatter>,
    markdown: OnceLock<Markdown>,
    zones: OnceLock<Vec<Zone>>,
    unusual: OnceLock<Unusual>,
    folded: OnceLock<Option<Layer>>,
    decoded: OnceLock<Decoded>,
    analyses: OnceLock<Vec<(usize, Analysis)>>,
}

impl SkillFile {
    /// A file that was read; `source` holds its text.
    #[must_use]
    pub fn new(path: &str, id: FileId, source: Source, main: bool) -> Self {
        let text = source.text().unwrap_or_default();
        let language = if main && !path.ends_with(".json") {
            Language::Markdown
        } else {
            script::language(path, text.lines().next().unwrap_or_default())
        };
        let frontmatter = (language == Language::Markdown).then(|| frontmatter::parse(id, text)).flatten();
        Self {
            path: path.into(),
            id,
            role: role(path, main, language),
            language,
            size: source.bytes.len() as u64,
            sha256: String::new(),
            executable: false,
            bits: None,
            raw: None,
            link: None,
            binary: false,
            kind: FileKind::Empty,
            inside: Inside::Nothing,
            frontmatter,
            source,
            markdown: OnceLock::new(),
            zones: OnceLock::new(),
            unusual: OnceLock::new(),
            folded: OnceLock::new(),
            decoded: OnceLock::new(),
            analyses: OnceLock::new(),
        }
    }

    /// Its text; empty when it has none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text().unwrap_or_default()
    }

    /// Its bytes as they are, of a text or of a file that signatures are about.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(&self.source.bytes)
    }

    /// Was all of it read?
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.bytes().len() as u64 == self.size && !self.sha256.is_empty()
    }

    /// Its structure, for Markdown; empty for others.
    #[must_use]
    pub fn markdown(&self) -> &Markdown {
        self.markdown.get_or_init(|| match (self.language, &self.frontmatter) {
            (Language::Markdown, block) => {
                let mut markdown = markdown::parse(self.text(), self.body_start());
                markdown.zones.splice(..0, block.as_ref().map(manifest_zones).unwrap_or_default());
                markdown.zones.shrink_to_fit();
                markdown
            }
            _ => Markdown::default(),
        })
    }

    /// Its zones, sorted, none overlapping.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        match self.language {
            Language::Markdown => &self.markdown().zones,
            language => self.zones.get_or_init(|| {
                let mut zones = script::zones(language, self.text());
                // A text may be made of nothing but their ends.
                zones.shrink_to_fit();
                zones
            }),
        }
    }

    /// Where it has characters that deceive the eye.
    #[must_use]
    pub fn unusual(&self) -> &Unusual {
        self.unusual.get_or_init(|| view::unusual(self.text()))
    }

    /// Its text without what deceives the eye, when that is another text.
    #[must_use]
    pub fn folded(&self) -> Option<&Layer> {
        self.folded.get_or_init(|| view::folded(self.text())).as_ref()
    }

    /// What stands behind the encodings in it.
    #[must_use]
    pub fn decoded(&self) -> &[Layer] {
        &self.behind().layers
    }

    /// The first byte of what the second reading left out, because there is too much that deceives or is
    /// encoded.
    #[must_use]
    pub fn unread(&self) -> Option<usize> {
        let marks = self.unusual().marks.last().filter(|_| self.unusual().left_out > 0).map(|mark| mark.range.start);
        let folded = self.folded().filter(|layer| layer.deeper).map(|_| 0);
        self.behind().cut.or(marks).or(folded)
    }

    fn behind(&self) -> &Decoded {
        self.decoded.get_or_init(|| view::decoded(self.text(), self.unusual()))
    }

    /// First byte after the frontmatter.
    #[must_use]
    pub fn body_start(&self) -> usize {
        self.frontmatter.as_ref().map_or(0, |block| block.range.end)
    }

    /// A place in this file.
    #[must_use]
    pub fn place(&self, range: std::ops::Range<usize>) -> Place {
        Place::span(Span { file: self.id, start: offset(range.start), end: offset(range.end) })
    }

    /// A script that a machine runs, by its language.
    #[must_use]
    pub const fn is_script(&self) -> bool {
        self.language.is_code()
    }

    /// The scripts in it: all of a script, or the code blocks of a Markdown text in a language that a
    /// machine runs, each with its first byte. Those in tests are among them.
    pub fn scripts(&self) -> impl Iterator<Item = (Language, usize, &str)> {
        let whole = self.is_script().then(|| (self.language, 0, self.text()));
        let fences = (self.language == Language::Markdown).then(|| {
            self.zones().iter().filter(|zone| zone.kind == ZoneKind::Fence && zone.language.is_code()).filter_map(
                |zone| {
                    Some((zone.language, zone.start as usize, self.text().get(zone.start as usize..zone.end as usize)?))
                },
            )
        });
        whole.into_iter().chain(fences.into_iter().flatten())
    }

    /// What each of its scripts does, with the byte at which the script begins: the ranges count from there.
    #[must_use]
    pub fn analyses(&self) -> &[(usize, Analysis)] {
        self.analyses.get_or_init(|| {
            self.scripts().map(|(language, base, text)| (base, flow::analyse(language, text))).collect()
        })
    }

    /// What the analysis of one of its scripts was cut short by. Nothing, if no rule asked for it.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        self.analyses.get().into_iter().flatten().find_map(|(_, found)| found.cut)
    }

    /// The name without its directories.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A zone for each string of the frontmatter, and for `metadata` one of data.
fn manifest_zones(block: &Frontmatter) -> Vec<Zone> {
    if block.tree.is_err() {
        let (start, end) = (offset(block.range.start), offset(block.range.end));
        return if start < end {
            vec![Zone::block(ZoneKind::Frontmatter, start, end, Language::Text)]
        } else {
            Vec::new()
        };
    }
    let mut zones: Vec<Zone> = Vec::new();
    for member in block.members() {
        let start = member.value.span.start.max(zones.last().map_or(0, |zone| zone.end));
        let kind = if &*member.key == "metadata" { ZoneKind::Data } else { ZoneKind::Frontmatter };
        if start < member.value.span.end {
            zones.push(Zone::block(kind, start, member.value.span.end, Language::Text));
        }
    }
    zones
}

fn role(path: &str, main: bool, language: Language) -> FileRole {
    if main {
        return FileRole::Manifest;
    }
    let lower = path.to_ascii_lowercase();
    let (dirs, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let inert = ["lock", "svg", "csv", "tsv", "xsd", "map", "sum", "bib", "tex", "sty", "bst"];
    if inert.contains(&extension) || ["package-lock.json", "pnpm-lock.yaml", "npm-shrinkwrap.json"].contains(&name) {
        return FileRole::Inert;
    }
    let test_dir = |dir: &str| is_test_dir(dir) || dir == "node_modules";
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let test_name = stem.ends_with(".test")
        || stem.ends_with(".spec")
        || stem.ends_with(".min")
        || language.is_code() && (stem.starts_with("test_") || stem.ends_with("_test"));
    if dirs.split('/').any(test_dir) || test_name {
        return FileRole::Test;
    }
    match language {
        Language::Markdown | Language::Text => FileRole::Reference,
        Language::Data => FileRole::Asset,
        _ => FileRole::Script,
    }
}
