//! Whose ignores and suppressions count: the operator's own, not those of a stranger's skill or plugin, and
//! with a trusted commit only those that stand in it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use memchr::memmem;

use crate::check::{Checked, Plan};
use crate::diagnostic::{Diagnostic, Level};
use crate::discover::Target;
use crate::disk;
use crate::finding::Settled;
use crate::git::Commit;
use crate::judge::ignores::{Ignores, Known, Reader, Reading, Standing, Text};
use crate::judge::settle::{self, Unit};
use crate::judge::suppress::{self, Split};
use crate::kind::{DocumentKind, UnitKind};
use crate::model::Config;
use crate::model::document::Document;
use crate::model::project::Project;
use crate::model::skill::{Skill, SkillFile};
use crate::model::value::Found;
use crate::options::Options;
use crate::path::{dir_of, join};
use crate::rules;
use crate::source::{FileId, Source};
use crate::syntax::comment::{Notation, comments};
use crate::syntax::zone::Language;
use crate::syntax::{Node, NodeKind, ignore, json5};

/// What decides whose word counts in a run.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    reader: Option<Reader<'a>>,
    pub(super) plan: &'a Plan,
    project: &'a Project,
    options: &'a Options,
    /// Everything that could find something is checked.
    whole: bool,
    /// The directories of skills; those of plugins, found when first asked.
    skills: BTreeSet<&'a str>,
    plugins: OnceLock<BTreeSet<String>>,
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Own,
    LocalSkill,
    Skill,
    Plugin,
}

impl<'a> Ground<'a> {
    /// The ground of a run; `partial` when only changes are checked.
    pub(super) fn new(
        plan: &'a Plan,
        project: &'a Project,
        targets: &'a [Target],
        partial: bool,
        options: &'a Options,
    ) -> Self {
        let roots = options.roots().unwrap_or_default();
        let whole = !partial && options.stdin.is_none() && roots.contains(&project.tree.base);
        let skill = |target: &'a Target| match target {
            Target::Unit { root, kind: UnitKind::Skill, .. } => Some(root.as_str()),
            _ => None,
        };
        let skills = targets.iter().filter_map(skill).collect();
        let reader = Reader::new(plan, options, whole);
        Self { reader, plan, project, options, whole, skills, plugins: OnceLock::new() }
    }

    /// Whose a file is: that of the nearest skill or plugin around it.
    fn side(&self, path: &str) -> Side {
        let tree = &self.project.tree;
        let above = std::iter::successors(Some(dir_of(path)), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
        for dir in std::iter::once(path).chain(above) {
            let is_manifest = |name| tree.on_disk(&join(dir, name)).symlink_metadata().is_ok();
            let skill =
                self.skills.contains(dir) || dir != path && (is_manifest("SKILL.md") || is_manifest("skill.md"));
            if !skill && !self.is_plugin(dir) {
                continue;
            }
            return match skill {
                _ if self.options.trust_in_tree || self.options.settings.is_local(dir) => Side::LocalSkill,
                true => Side::Skill,
                false => Side::Plugin,
            };
        }
        Side::Own
    }

    /// Is it the directory of a plugin, other than the repository itself?
    fn is_plugin(&self, dir: &str) -> bool {
        !dir.is_empty() && self.plugins.get_or_init(|| self.project.plugin_roots()).contains(dir)
    }

    /// A text with its ignores; none when it has none, or when somebody else speaks of them.
    fn text<'t>(
        &self,
        source: &'t Source,
        file: FileId,
        notation: Notation,
        troubles: &mut Vec<Diagnostic>,
    ) -> Option<Text<'t>> {
        memmem::find(&source.bytes, ignore::MARK.as_bytes())?;
        let text = source.text()?;
        let side = self.side(&source.path);
        let standing = match (side, &self.options.trusted) {
            // The rules about skills tell of it.
            (Side::Skill, _) => return None,
            (Side::Plugin, _) => Standing::Foreign("an ignore inside a plugin is not honoured".to_owned()),
            (_, Some(commit)) => Standing::Base {
                known: before(commit, &source.path, troubles).map_or_else(Known::default, |before| {
                    let comments = comments(notation, &before);
                    Known::of(&Source::new(source.path.clone(), before.into_bytes()), comments)
                }),
                message: format!(
                    "the ignore does not stand over this line in this file of {}",
                    commit.reference.escape_debug()
                ),
                in_skill: side == Side::LocalSkill,
            },
            (Side::LocalSkill, None) => Standing::LocalSkill,
            (Side::Own, None) => Standing::Own,
        };
        Some(Text { source, file, comments: comments(notation, text), standing })
    }

    fn read(&self, texts: Vec<Text<'_>>, troubles: &mut Vec<Diagnostic>) -> Reading {
        let Some(reader) = self.reader.as_ref().filter(|_| !texts.is_empty()) else { return Reading::default() };
        let reading = reader.read(texts);
        let cut = |path: &String| Diagnostic {
            path: path.clone(),
            level: Level::Error,
            message: "only the first ignores of the file are read: it names more than 1,000 ids in them".to_owned(),
        };
        troubles.extend(reading.cut.iter().map(cut));
        reading
    }

    /// The ignores of a configuration and of the files that it includes.
    pub(super) fn of_config(&self, config: &Config, troubles: &mut Vec<Diagnostic>) -> Reading {
        let files = config.sources.iter().zip(0..).map(|(source, index)| (source, FileId(index)));
        let texts = files.filter_map(|(source, file)| self.wanted()?.text(source, file, Notation::Json5, troubles));
        let texts = texts.collect();
        self.read(texts, troubles)
    }

    /// The ignores of a side file.
    pub(super) fn of_document(&self, document: &Document, troubles: &mut Vec<Diagnostic>) -> Reading {
        let notation = notation(document);
        let text =
            notation.and_then(|notation| self.wanted()?.text(&document.source, document.file, notation, troubles));
        self.read(text.into_iter().collect(), troubles)
    }

    /// The ignores of a skill of the operator's own, or of another text for an agent.
    pub(super) fn of_unit(&self, skill: &Skill, troubles: &mut Vec<Diagnostic>) -> Reading {
        if skill.kind == UnitKind::Plugin {
            return Reading::default();
        }
        let notation = |file: &SkillFile| match file.language {
            Language::Markdown => Some(Notation::Markdown),
            _ => Notation::of(&file.path, file.text()),
        };
        let texts =
            skill.files.iter().filter_map(|file| self.wanted()?.text(&file.source, file.id, notation(file)?, troubles));
        let texts = texts.collect();
        self.read(texts, troubles)
    }

    /// Does a run look at ignores at all?
    fn wanted(&self) -> Option<&Self> {
        self.reader.is_some().then_some(self)
    }

    /// Do the ignores in a skill's own files count?
    pub(super) fn honours(&self, root: &str) -> bool {
        self.options.trust_in_tree || self.options.settings.is_local(root)
    }

    /// The findings of a configuration without those that it suppresses itself.
    pub(super) fn suppressed(&self, config: &Config, checked: &mut Checked, troubles: &mut Vec<Diagnostic>) -> Split {
        let findings = std::mem::take(&mut checked.findings);
        if self.options.no_ignores {
            return Split { kept: findings, ..Split::default() };
        }
        let known = RefCell::new(BTreeMap::new());
        let mut distrust = |entry: &Found<'_>| self.distrust(config, entry, &known, troubles);
        let decided = |id: &str| {
            let rule = rules::find(id).filter(|rule| self.plan.wants(rule));
            self.whole && config.resolved && rule.is_some_and(|rule| checked.ran.contains(rule.id))
        };
        let mut split = suppress::upstream(config, findings, &mut distrust, &decided);
        split.remarks.retain(|remark| self.plan.wants(remark.rule));
        split
    }

    /// Why an entry of a configuration's suppressions does not count.
    fn distrust(
        &self,
        config: &Config,
        entry: &Found<'_>,
        known: &RefCell<BTreeMap<FileId, Vec<[String; 4]>>>,
        troubles: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let file = entry.span().file;
        let path = config.sources.get(file).map(|source| &*source.path).unwrap_or_default();
        match self.side(path) {
            Side::Skill => return Some("a suppression inside a skill is not honoured".to_owned()),
            Side::Plugin => return Some("a suppression inside a plugin is not honoured".to_owned()),
            Side::Own | Side::LocalSkill => {}
        }
        let commit = self.options.trusted.as_deref()?;
        let mut files = known.borrow_mut();
        let known = files.entry(file).or_insert_with(|| {
            let text = before(commit, path, troubles);
            let parsed = text.and_then(|text| json5::parse(FileId(0), &text).ok());
            let mut entries = Vec::new();
            if let Some(document) = parsed {
                collect(&document.root, &mut entries);
            }
            entries
        });
        let member = |name| entry.get(name).text().map(|text| text.text.to_string()).unwrap_or_default();
        let wanted = ENTRY.map(member);
        match known.iter().position(|known| *known == wanted) {
            Some(at) => {
                known.swap_remove(at);
                None
            }
            None => Some(format!("the suppression does not stand in this file of {}", commit.reference.escape_debug())),
        }
    }
}

/// The text of a file as the trusted commit has it.
fn before(commit: &Commit, path: &str, troubles: &mut Vec<Diagnostic>) -> Option<String> {
    match commit.read(path, disk::MAX_TEXT) {
        Ok(bytes) => bytes.and_then(|bytes| String::from_utf8(bytes).ok()),
        Err(message) => {
            troubles.push(Diagnostic { path: path.to_owned(), level: Level::Error, message });
            None
        }
    }
}

/// The members of a suppression.
const ENTRY: [&str; 4] = ["checkId", "titleIncludes", "detailIncludes", "reason"];

/// The suppressions in a text, wherever it keeps them: an included file may be any part of the whole.
fn collect(node: &Node, entries: &mut Vec<[String; 4]>) {
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| collect(item, entries)),
        NodeKind::Map(members) => {
            let member = |name: &str| {
                let found = members.iter().rfind(|member| &*member.key == name);
                match found.map(|member| &member.value.kind) {
                    Some(NodeKind::String(text)) => text.to_string(),
                    _ => String::new(),
                }
            };
            if members.iter().any(|member| &*member.key == ENTRY[0]) {
                entries.push(ENTRY.map(member));
            }
            for member in members {
                collect(&member.value, entries);
            }
        }
        _ => {}
    }
}

/// How the comments of a side file are written; none where we cannot tell them from texts.
fn notation(document: &Document) -> Option<Notation> {
    use DocumentKind as Kind;
    match document.kind {
        Kind::DotEnv => Some(Notation::DotEnv),
        Kind::Compose => Some(Notation::Yaml),
        Kind::Dockerfile | Kind::ServiceUnit | Kind::ReverseProxy | Kind::GitIgnore => Some(Notation::Lines),
        Kind::Script => Notation::of(&document.path, document.text()),
        Kind::KeyFile | Kind::Keyring | Kind::Log | Kind::AnchorSignature => None,
        _ => Some(Notation::Json5),
    }
}

/// What was read, settled.
pub(super) fn settled(reading: Reading, unit: &Unit<'_>) -> (Vec<Settled>, Ignores) {
    reading.settled(|findings| settle::settle(findings, unit))
}
