//! The repository around the configurations: which files are there and what the side files say.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::discover::Tree;
use crate::facts::extra::Tables;
use crate::finding::Place;
use crate::kind::DocumentKind;
use crate::model::document::Document;
use crate::model::evidence::{self, Pinned};
use crate::model::ignored::IgnoreFiles;
use crate::model::trust::TrustBase;
use crate::path::dir_of;
use crate::source::{FileId, Owner, Source, Sources, Span};

/// Everything but the configurations.
#[derive(Debug, Default)]
pub struct Project {
    /// All entries.
    pub tree: Tree,
    /// The side files, by path.
    pub documents: Vec<Document>,
    /// Relative paths of the configuration roots.
    pub configs: Vec<String>,
    /// The tree is a live state directory: permission bits mean something.
    pub live: bool,
    /// Upstream's exact answer is wanted rather than ours.
    pub upstream: bool,
    /// The directories of skills that are not to be edited: somebody else's, and signed ones.
    pub closed_skills: BTreeSet<String>,
    /// Hosts that the settings call trusted.
    pub trusted_hosts: Vec<String>,
    /// Facts that the settings add to the tables.
    pub tables: Tables,
    /// The versions that side files pin, found when a configuration first asks.
    pub pinned: OnceLock<Vec<Pinned>>,
    /// What its ignore files say.
    pub ignored: IgnoreFiles,
    /// Whose signatures count.
    pub trust: TrustBase,
    /// The time that lapsed signatures are measured by; none when no clock is to be read.
    pub now: Option<jiff::Timestamp>,
}

impl Project {
    /// The versions that side files pin.
    pub fn pins(&self) -> &[Pinned] {
        self.pinned.get_or_init(|| evidence::pins(self))
    }

    /// The side files of one kind.
    pub fn of_kind(&self, kind: DocumentKind) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(move |document| document.kind == kind)
    }

    /// The side file at exactly this path.
    #[must_use]
    pub fn document(&self, path: &str) -> Option<&Document> {
        let at = self.documents.binary_search_by(|document| document.path.as_str().cmp(path)).ok()?;
        self.documents.get(at)
    }

    /// A place for a finding about a path as a whole, whether its content was read or not.
    #[must_use]
    pub fn place_of(&self, path: &str) -> Option<Place> {
        if let Ok(index) = self.documents.binary_search_by(|document| document.path.as_str().cmp(path)) {
            return Some(Place::span(Span::file_start(FileId::document(index))));
        }
        let index = self.tree.entries.binary_search_by(|entry| (*entry.path).cmp(path)).ok()?;
        Some(Place::span(Span::file_start(FileId::entry(index))))
    }

    /// Does a file belong to a skill that is not to be edited?
    #[must_use]
    pub fn is_closed(&self, path: &str) -> bool {
        let above = std::iter::successors(Some(dir_of(path)), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
        above.take_while(|dir| !dir.is_empty()).any(|dir| self.closed_skills.contains(dir))
    }

    /// The text behind any file id that a finding about `unit` may carry.
    #[must_use]
    pub fn source<'a>(&'a self, unit: &'a Sources, file: FileId) -> Cow<'a, Source> {
        let found = match file.owner() {
            Owner::Unit(_) => unit.get(file),
            Owner::Document(index) => self.documents.get(index).map(|document| &document.source),
            Owner::Entry(index) => {
                let path = self.tree.entries.get(index).map_or("", |entry| &entry.path);
                return Cow::Owned(Source::new(path, []));
            }
        };
        found.map_or_else(|| Cow::Owned(Source::new("", [])), Cow::Borrowed)
    }
}
