//! `clawsift.json5`: what a repository decides once for everybody.
//!
//! The file is read twice: by our own parser, which knows where every key stands, for unknown keys
//! and ids; and by `json5` into the typed [`Settings`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use crate::disk;
use crate::facts::extra::Tables;
use crate::finding::Severity;
use crate::model::secrets;
use crate::rule::Profile;
use crate::source::{FileId, Source, Span};
use crate::syntax::{self, Member, Node, NodeKind};
use crate::{rules, secret};

/// Where the file is looked for, relative to the repository root.
pub const NAMES: [&str; 2] = ["clawsift.json5", ".github/clawsift.json5"];

/// Largest settings file, in bytes.
pub const MAX_SIZE: u64 = 1 << 20;

/// The settings file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// `$schema`, for editors.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// The release that reads the configurations: `auto` or a version.
    pub target_version: Option<String>,
    /// The product that reads them: `auto`, `openclaw`, `closedclaw` or `handbook`.
    pub dialect: Option<String>,
    /// Whose judgement.
    pub profile: Option<Profile>,
    /// Rules or id prefixes to run; empty for all.
    pub select: Vec<String>,
    /// Rules or id prefixes to leave out.
    pub ignore: Vec<String>,
    /// Severities by rule or id prefix; `off` hides.
    pub severity: BTreeMap<String, Choice>,
    /// The same for some files only; the last match wins.
    pub overrides: Vec<Override>,
    /// Globs of paths that are not looked at.
    pub exclude: Vec<String>,
    /// Hosts that are not worth a finding.
    pub trusted_hosts: Vec<String>,
    /// Variables that the deployment sets; their values stay unknown.
    pub assume_env: Vec<String>,
    /// What makes the exit code 1: a severity or `never`.
    pub fail_on: Option<String>,
    /// Globs of the directories of skills that are the operator's own.
    pub local_skills: Vec<String>,
    /// Skills that somebody has read and accepts as they are.
    pub reviewed_skills: Vec<Reviewed>,
    /// Facts beside the built-in tables.
    pub tables: Tables,
    /// `local_skills`, compiled when first asked.
    #[serde(skip)]
    local: OnceLock<GlobSet>,
}

/// A skill that somebody has read, bound to what it was then.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reviewed {
    /// Relative path of its directory.
    pub skill: String,
    /// The digest of its files then: `sha256:` and 64 hex digits, as reports give it.
    pub digest: String,
    /// Who read it and why it is accepted.
    pub reason: String,
}

/// Severities for the files that match.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// Globs of repository-relative paths.
    pub files: Vec<String>,
    /// Severities by rule or id prefix; `off` hides.
    pub severity: BTreeMap<String, Choice>,
    /// The globs, compiled when first asked.
    #[serde(skip)]
    set: OnceLock<GlobSet>,
}

impl Override {
    fn covers(&self, path: &str) -> bool {
        // Every glob was compiled once while the file was checked, so this cannot fail.
        self.set.get_or_init(|| globs(&self.files).unwrap_or_else(|_| GlobSet::empty())).is_match(path)
    }
}

/// A severity or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Do not report.
    Off,
    /// Report as info.
    Info,
    /// Report as a warning.
    Warn,
    /// Report as critical.
    Critical,
}

impl Choice {
    /// The severity; none for `off`.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warn => Some(Severity::Warn),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

/// Why the settings cannot be used: a message with the place and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub String);

impl Settings {
    /// Reads the named file, or the repository's own when there is one.
    ///
    /// # Errors
    /// When the file cannot be read or says something that this version does not know.
    pub fn find(base: &Path, named: Option<&Path>) -> Result<(Self, Option<PathBuf>), SettingsError> {
        let own = || NAMES.iter().map(|name| base.join(name)).find(|path| path.symlink_metadata().is_ok());
        let Some(path) = named.map(Path::to_path_buf).or_else(own) else { return Ok((Self::default(), None)) };
        let shown = path.strip_prefix(base).unwrap_or(&path).display().to_string();
        let bytes = disk::read(&path, MAX_SIZE).map_err(|reason| SettingsError(format!("{shown}: {reason}")))?;
        Self::read(&Source::new(shown, bytes)).map(|settings| (settings, Some(path)))
    }

    /// Reads a settings text.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(source: &Source) -> Result<Self, SettingsError> {
        let file = FileId(0);
        let Some(text) = source.text() else { return Err(SettingsError(format!("{}: not UTF-8", source.path))) };
        let document = syntax::json5::parse(file, text).map_err(|error| at(source, error.span, &error.message))?;
        check(source, &document.root)?;
        json5::from_str(text).map_err(|error| SettingsError(format!("{}: {error}", source.path)))
    }

    /// Is the skill in this directory the operator's own?
    #[must_use]
    pub fn is_local(&self, root: &str) -> bool {
        self.local.get_or_init(|| globs(&self.local_skills).unwrap_or_else(|_| GlobSet::empty())).is_match(root)
    }

    /// What somebody said about the skill in this directory after reading it.
    #[must_use]
    pub fn review_of(&self, root: &str) -> Option<&Reviewed> {
        self.reviewed_skills.iter().rfind(|one| one.skill.trim_end_matches('/') == root)
    }

    /// What the settings say about a rule in a file; the most specific id wins, overrides over all.
    #[must_use]
    pub fn severity_for(&self, rule: &crate::rule::Rule, id: &str, path: &str) -> Option<Choice> {
        let specific = |map: &BTreeMap<String, Choice>| {
            let named = map.iter().filter(|(prefix, _)| prefix.as_str() == id || crate::rule::selects(prefix, rule));
            named.max_by_key(|(prefix, _)| prefix.len()).map(|(_, choice)| *choice)
        };
        let mut matching = self.overrides.iter().rev().filter(|one| one.covers(path));
        matching.find_map(|one| specific(&one.severity)).or_else(|| specific(&self.severity))
    }
}

/// Compiles globs; a pattern that ends in `/` covers everything below.
///
/// # Errors
/// The pattern that is no glob, and why.
pub fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let below = pattern.strip_suffix('/').map(|dir| format!("{dir}/**"));
        let glob = Glob::new(below.as_deref().unwrap_or(pattern)).map_err(|error| error.to_string())?;
        builder.add(glob);
    }
    builder.build().map_err(|error| error.to_string())
}

/// What may stand at a place of the file.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Words(&'static [&'static str]),
    Texts,
    Globs,
    Ids,
    Severities,
    Overrides,
    Reviews,
    Tables,
}

const ROOT: &[(&str, Shape)] = &[
    ("$schema", Shape::Text),
    ("targetVersion", Shape::Words(&["auto", "2026.2.24", "2026.5.12", "2026.9.6"])),
    ("dialect", Shape::Words(&["auto", "openclaw", "closedclaw", "handbook"])),
    ("profile", Shape::Words(&["regular", "strict", "upstream"])),
    ("select", Shape::Ids),
    ("ignore", Shape::Ids),
    ("severity", Shape::Severities),
    ("overrides", Shape::Overrides),
    ("exclude", Shape::Globs),
    ("trustedHosts", Shape::Texts),
    ("assumeEnv", Shape::Texts),
    ("failOn", Shape::Words(&["critical", "warn", "info", "never"])),
    ("localSkills", Shape::Globs),
    ("reviewedSkills", Shape::Reviews),
    ("tables", Shape::Tables),
];
const REVIEW: &[(&str, Shape)] = &[("skill", Shape::Text), ("digest", Shape::Text), ("reason", Shape::Text)];
const TABLES: &[(&str, Shape)] = &[
    ("installers", Shape::Texts),
    ("paste", Shape::Texts),
    ("capture", Shape::Texts),
    ("freeHosting", Shape::Texts),
    ("shorteners", Shape::Texts),
    ("apiHosts", Shape::Texts),
    ("skillNames", Shape::Texts),
];
const OVERRIDE: &[(&str, Shape)] = &[("files", Shape::Globs), ("severity", Shape::Severities)];
const CHOICES: &[&str] = &["off", "info", "warn", "critical"];

fn check(source: &Source, root: &Node) -> Result<(), SettingsError> {
    object(source, root, ROOT)
}

fn object(source: &Source, node: &Node, keys: &[(&'static str, Shape)]) -> Result<(), SettingsError> {
    let mut seen: Vec<&str> = Vec::new();
    for member in members(source, node)? {
        let Some((name, shape)) = keys.iter().find(|(name, _)| **name == *member.key) else {
            let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
            return Err(at(source, member.key_span, &unknown("key", &member.key, &names)));
        };
        if seen.contains(name) {
            return Err(at(source, member.key_span, &format!("the key `{name}` is written twice")));
        }
        seen.push(name);
        value(source, &member.value, *shape)?;
    }
    Ok(())
}

fn value(source: &Source, node: &Node, shape: Shape) -> Result<(), SettingsError> {
    match shape {
        Shape::Text => text(source, node).map(drop),
        Shape::Words(words) => word(source, node, words),
        Shape::Texts => items(source, node)?.iter().try_for_each(|item| text(source, item).map(drop)),
        Shape::Ids => items(source, node)?.iter().try_for_each(|item| id(source, item.span, text(source, item)?)),
        Shape::Globs => items(source, node)?.iter().try_for_each(|item| {
            let pattern = text(source, item)?.to_owned();
            globs(&[pattern]).map(drop).map_err(|reason| at(source, item.span, &reason))
        }),
        Shape::Severities => members(source, node)?.iter().try_for_each(|member| {
            id(source, member.key_span, &member.key)?;
            word(source, &member.value, CHOICES)
        }),
        Shape::Overrides => items(source, node)?.iter().try_for_each(|item| {
            complete(source, item, "an override", OVERRIDE)?;
            object(source, item, OVERRIDE)
        }),
        Shape::Reviews => items(source, node)?.iter().try_for_each(|item| {
            complete(source, item, "a reviewed skill", REVIEW)?;
            object(source, item, REVIEW)
        }),
        Shape::Tables => object(source, node, TABLES),
    }
}

/// Are all keys there?
fn complete(source: &Source, item: &Node, what: &str, keys: &[(&str, Shape)]) -> Result<(), SettingsError> {
    let written = members(source, item)?;
    let missing = keys.iter().find(|(name, _)| !written.iter().any(|member| *member.key == **name));
    missing.map_or(Ok(()), |(name, _)| Err(at(source, item.span, &format!("{what} needs the key `{name}`"))))
}

fn members<'a>(source: &Source, node: &'a Node) -> Result<&'a [Member], SettingsError> {
    let NodeKind::Map(members) = &node.kind else { return Err(at(source, node.span, "expected an object")) };
    Ok(members)
}

fn items<'a>(source: &Source, node: &'a Node) -> Result<&'a [Node], SettingsError> {
    let NodeKind::List(items) = &node.kind else { return Err(at(source, node.span, "expected an array")) };
    Ok(items)
}

fn text<'a>(source: &Source, node: &'a Node) -> Result<&'a str, SettingsError> {
    let NodeKind::String(text) = &node.kind else { return Err(at(source, node.span, "expected a string")) };
    Ok(text)
}

fn word(source: &Source, node: &Node, words: &[&'static str]) -> Result<(), SettingsError> {
    let found = text(source, node)?;
    if words.contains(&found) {
        return Ok(());
    }
    Err(at(source, node.span, &unknown("value", found, words)))
}

fn id(source: &Source, span: Span, id: &str) -> Result<(), SettingsError> {
    known_id(id).map_err(|message| at(source, span, &message))
}

/// Is `id` a rule or a prefix of rules?
///
/// # Errors
/// A sentence with the nearest ids.
pub fn known_id(id: &str) -> Result<(), String> {
    if rules::all().any(|rule| crate::rule::selects(id, rule)) {
        return Ok(());
    }
    let ids: Vec<&str> = rules::all().map(|rule| rule.id).collect();
    Err(unknown("rule", id, &ids))
}

/// A sentence about a word that is not known, with the nearest known ones.
#[must_use]
pub fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    let near = similar::get_close_matches(word, known, 2, 0.6);
    let listed = if known.len() <= 12 { known.to_vec() } else { Vec::new() };
    let quote = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let hint = match (near.is_empty(), listed.is_empty()) {
        (false, _) => format!("; did you mean {}?", quote(&near).replace(", ", " or ")),
        (true, false) => format!("; known are {}", quote(&listed)),
        (true, true) => String::new(),
    };
    let shown: String = if secret::recognise(word).is_some() { String::new() } else { word.chars().take(60).collect() };
    let more = if shown.len() < word.len() { "…" } else { "" };
    format!("unknown {what} `{}{more}`{hint}", shown.escape_debug())
}

/// A message with its place and the line it is about, as far as it is short and holds no secret: the
/// file may be any file that somebody named by mistake.
fn at(source: &Source, span: Span, message: &str) -> SettingsError {
    /// Characters of a line that are shown.
    const WIDTH: usize = 160;
    let from = source.point(span.start);
    let message = format!("{}:{}:{}: {message}", source.path, from.line, from.column);
    let (start, end) = source.line_range(from.line);
    let line = source.slice(start, end);
    if line.chars().nth(WIDTH).is_some()
        || !secret::find_in_text(line).is_empty()
        || secrets::assignments(line).iter().any(is_secret)
    {
        return SettingsError(message);
    }
    let number = from.line.to_string();
    let pad = " ".repeat(number.len());
    let before: String = line
        .char_indices()
        .take_while(|(at, _)| *at < (span.start - start) as usize)
        .map(|(_, c)| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let size = source.slice(span.start, span.end.min(end)).chars().count().max(1);
    let shown: String = line
        .chars()
        .map(|c| if c.is_ascii_graphic() || c.is_alphanumeric() || matches!(c, ' ' | '\t') { c } else { '\u{fffd}' })
        .collect();
    SettingsError(format!("{message}\n{pad} |\n{number} | {shown}\n{pad} | {before}{}", "^".repeat(size)))
}

fn is_secret(one: &secrets::Assignment<'_>) -> bool {
    secret::judge(one.name, one.name, one.value).is_some()
}
