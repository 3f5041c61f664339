//! A skill as rules see it: the manifest, the text of every file in its zones, and the inventory.
//!
//! The same shape serves other text that an agent obeys (`AGENTS.md`, commands, MCP definitions): a
//! unit of one file without a manifest.

mod capability;
mod covering;
mod file;
mod inside;
mod manifest;
mod party;
mod references;
mod signing;

use std::sync::{Arc, OnceLock};

pub use capability::{Declared, Mention};
pub use covering::{Covering, Difference, DifferenceKind, Held, is_executable};
pub use file::{FileRole, Leads, Link, SkillFile};
pub use inside::{Inside, Packed};
pub use manifest::{Manifest, listed};
pub use references::Reference;
pub use signing::{KeyState, Reason, Signing, State};

use crate::digest::{DigestEntry, DigestKind};
use crate::facts::hosts::HostClass;
use crate::facts::purpose;
use crate::facts::url::Url;
use crate::finding::Place;
use crate::kind::UnitKind;
use crate::load::Installed;
use crate::model::dialect::Dialect;
use crate::model::project::Project;
use crate::rule::Profile;
use crate::signature;
use crate::source::{FileId, Owner, Sources, Span};
use crate::syntax::zone::{Zone, zone_at};

/// A skill, or another text that an agent obeys.
#[derive(Debug)]
pub struct Skill {
    /// What it is.
    pub kind: UnitKind,
    /// Repository-relative path of its directory, empty for the base itself; of a unit that is one
    /// file, the path of that file.
    pub root: String,
    /// Its files by path; a file's [`FileId`] is its index here.
    pub files: Vec<SkillFile>,
    /// The same texts, for reports.
    pub sources: Sources,
    /// Only a part of the directory was read, because single files were named.
    pub partial: bool,
    /// It is the repository itself: a `.git` beside its manifest is the repository's.
    pub is_base: bool,
    /// Directories below its root that were not read: `.git`.
    pub unread_dirs: Vec<String>,
    /// Files below its root that are not its own, when a list of all files asks for them.
    pub held: Vec<Held>,
    /// The settings call it first-party.
    pub local: bool,
    /// The ignores in its files count.
    pub honoured: bool,
    /// What became of its files since an installer recorded them; none when nothing was recorded.
    pub installed: Option<Installed>,
    /// The digest it had when somebody read and accepted it.
    pub reviewed: Option<String>,
    /// The product and version that load it.
    pub dialect: Dialect,
    /// Whose judgement is asked.
    pub profile: Profile,
    /// The repository around it.
    pub project: Arc<Project>,
    manifest: Option<Manifest>,
    references: OnceLock<Vec<Reference>>,
    mentions: OnceLock<Vec<Mention>>,
    security: OnceLock<bool>,
    homes: OnceLock<Vec<String>>,
    programs: OnceLock<Vec<String>>,
    digest: OnceLock<Option<String>>,
    signing: OnceLock<Signing>,
    covering: OnceLock<Option<Covering>>,
}

impl Skill {
    /// A unit of these files.
    #[must_use]
    pub fn new(kind: UnitKind, root: String, files: Vec<SkillFile>, project: Arc<Project>, dialect: Dialect) -> Self {
        let mut sources = Sources::default();
        for file in &files {
            sources.add(file.source.clone());
        }
        let manifest = Manifest::of(kind, &files);
        Self {
            kind,
            root,
            files,
            sources,
            partial: false,
            is_base: false,
            unread_dirs: Vec::new(),
            held: Vec::new(),
            local: false,
            honoured: false,
            installed: None,
            reviewed: None,
            dialect,
            profile: Profile::Regular,
            project,
            manifest,
            references: OnceLock::new(),
            mentions: OnceLock::new(),
            security: OnceLock::new(),
            homes: OnceLock::new(),
            programs: OnceLock::new(),
            digest: OnceLock::new(),
            signing: OnceLock::new(),
            covering: OnceLock::new(),
        }
    }

    /// The manifest, for a skill.
    #[must_use]
    pub const fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The file that holds the manifest; of a unit without one, its first file.
    #[must_use]
    pub fn main_file(&self) -> Option<&SkillFile> {
        self.manifest.as_ref().map_or_else(|| self.files.first(), |manifest| self.files.get(manifest.index))
    }

    /// The name of its directory, or of its only file.
    #[must_use]
    pub fn dir_name(&self) -> &str {
        self.project.tree.dir_name(&self.root)
    }

    /// What it calls itself, else the name of its directory.
    #[must_use]
    pub fn name(&self) -> &str {
        self.manifest.as_ref().and_then(Manifest::name).unwrap_or_else(|| self.dir_name())
    }

    /// What it says it does; empty when it says nothing.
    #[must_use]
    pub fn description(&self) -> &str {
        let Some(manifest) = &self.manifest else { return "" };
        self.files.get(manifest.index).and_then(|file| file.frontmatter.as_ref()?.string("description")).unwrap_or("")
    }

    /// The file at exactly this path below the root.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&SkillFile> {
        let at = self.files.binary_search_by(|file| (*file.path).cmp(path)).ok()?;
        self.files.get(at)
    }

    /// The file behind an id.
    #[must_use]
    pub fn by_id(&self, id: FileId) -> Option<&SkillFile> {
        match id.owner() {
            Owner::Unit(index) => self.files.get(index),
            Owner::Document(_) | Owner::Entry(_) => None,
        }
    }

    /// The zone that a place lies in.
    #[must_use]
    pub fn zone(&self, span: Span) -> Option<&Zone> {
        zone_at(self.by_id(span.file)?.zones(), span.start)
    }

    /// A place for what is wrong with the skill as a whole: its name, else the start of its manifest.
    #[must_use]
    pub fn whole(&self) -> Place {
        let file = self.main_file();
        let name = file.and_then(|file| Some(file.frontmatter.as_ref()?.get("name")?.span));
        Place::span(name.unwrap_or_else(|| Span::file_start(file.map_or(FileId(0), |file| file.id))))
    }

    /// Is it about security work, by what it calls itself: does it quote attacks to find or teach them?
    #[must_use]
    pub fn is_about_security(&self) -> bool {
        *self.security.get_or_init(|| purpose::is_security_subject(self.name(), self.description()))
    }

    /// The digest of its files as OpenClaw makes it; none when it holds links or special files.
    #[must_use]
    pub fn tree_digest(&self) -> Option<&str> {
        let digest = || {
            let entry = |file: &SkillFile| DigestEntry {
                path: file.path.to_string(),
                kind: match (&file.link, file.sha256.as_str()) {
                    (Some(_), _) => DigestKind::Link,
                    (None, "") => DigestKind::Special,
                    (None, hash) => DigestKind::File(hash.to_owned()),
                },
            };
            let entries: Vec<DigestEntry> = self.files.iter().map(entry).collect();
            crate::digest::file_tree_sha256(&entries).ok()
        };
        self.digest.get_or_init(digest).as_deref()
    }

    /// The signature of its manifest.
    #[must_use]
    pub fn signing(&self) -> &Signing {
        self.signing.get_or_init(|| {
            let (path, bytes) = self.main_file().map_or(("SKILL.md", &[][..]), |file| (&*file.path, file.bytes()));
            Signing::beside(self, path, &signature::covered(bytes))
        })
    }

    /// The signed list of all its files, when it has one.
    #[must_use]
    pub fn covering(&self) -> Option<&Covering> {
        self.covering.get_or_init(|| Covering::of(self)).as_ref()
    }

    /// What kind of place a URL leads to, by the tables and the settings.
    #[must_use]
    pub fn host_class(&self, url: &Url) -> HostClass {
        self.project.tables.classify(&self.project.trusted_hosts, url)
    }

    /// What its texts say about its other files, in file order.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        self.references.get_or_init(|| references::of(self))
    }

    /// The first place in the manifest, else in another file, that names a file of the skill.
    #[must_use]
    pub fn mention_of(&self, file: &SkillFile) -> Option<Place> {
        let own = self.main_file().map(|main| main.id);
        let mut to = self.references().iter().filter(|reference| reference.to == Some(file.id));
        let first = to.clone().find(|reference| Some(reference.span.file) == own).or_else(|| to.next());
        first.map(|reference| Place::span(reference.span))
    }
}
