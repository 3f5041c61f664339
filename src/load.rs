//! The second stage: read one target under limits, decode it and hand it to its parser.

pub mod audit_log;
pub mod blocks;
mod decode;
mod held;
mod includes;
mod inside;
mod installed;
mod links;
mod prefix;
mod skill;
mod whole;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use self::held::{held, listed};
use self::includes::{Includes, include_sites};
pub use self::includes::{MAX_INCLUDE, MAX_INCLUDE_DEPTH, MAX_INCLUDED, MAX_INCLUDED_BYTES};
pub use self::installed::{Expected, FileState, Installed, TreeState, installed};
pub use self::skill::{LoadedSkill, MAX_SKILL_FILES, is_nested, plugin, skill};
pub use self::whole::{Undigested, entries, tree_sha256};
use crate::diagnostic::{Diagnostic, Level};
use crate::discover::Tree;
use crate::disk::{self, IS_DIR, IS_SPECIAL, MAX_TEXT, too_large};
use crate::kind::{DocumentKind, Role};
use crate::model::document::{Content, Document};
use crate::model::value::Value;
use crate::source::{FileId, Source, Sources, Span};
use crate::syntax::{self, Node, NodeKind, SyntaxError};

/// A configuration root and every file it includes, parsed.
#[derive(Debug)]
pub struct Loaded {
    /// Relative path of the root file.
    pub path: String,
    /// The part it plays.
    pub role: Role,
    /// The texts; the root is file 0.
    pub sources: Sources,
    /// What each file held, by file id.
    pub parsed: Vec<Result<syntax::Document, SyntaxError>>,
    /// What each include string led to, by the span of that string.
    pub includes: BTreeMap<Span, Result<FileId, String>>,
    /// Real paths of the included files, so that they are not checked as roots.
    pub included_paths: Vec<PathBuf>,
    /// Paths in the tree of what is included but is not there, or may not be.
    pub missing_paths: Vec<String>,
    /// Bits of the included files, for a live state directory.
    pub include_modes: Vec<(FileId, u32)>,
    /// Bits of the existing files that a `logging.file` names, by that text, for a live state directory.
    pub log_modes: Vec<(Box<str>, u32)>,
}

impl Loaded {
    /// The root file.
    pub const ROOT: FileId = FileId(0);

    /// The parsed root, when it parsed.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        self.parsed.first()?.as_ref().ok().map(|document| &document.root)
    }
}

/// What a candidate turned out to be.
#[derive(Debug)]
pub enum Outcome {
    /// A configuration.
    Config(Box<Loaded>),
    /// Something else that bears such a name.
    Other,
    /// It could not be read; the reason is an error diagnostic.
    Unreadable(Diagnostic),
}

/// Reads a configuration candidate and its includes. `include_roots` are extra directories that the
/// operator allows includes from.
#[must_use]
pub fn config(tree: &Tree, path: &str, role: Role, named: bool, include_roots: &[PathBuf]) -> Outcome {
    let on_disk = tree.on_disk(path);
    let bytes = match fetch(tree, path, MAX_TEXT) {
        Ok(bytes) => bytes,
        Err(reason) => return Outcome::Unreadable(error(path, reason)),
    };
    let mut sources = Sources::default();
    let root = sources.add(Source::new(path, bytes));
    let parsed = parse(&sources, root);
    // A name that says nothing is here because a deployment file uses it as the configuration.
    let renamed = crate::classify::by_name(path).is_none();
    let canonical = named || renamed || crate::classify::is_config_name(path);
    match &parsed {
        Ok(document) if !named && !crate::classify::is_config(&document.root, canonical) => return Outcome::Other,
        Err(error) if !canonical && !looks_like_config(&sources, root) => {
            let at = sources.get(root).map_or(1, |source| source.point(error.span.start).line);
            let message =
                format!("not checked: not JSON5 (line {at}: {}), and not recognised as a configuration", error.message);
            return Outcome::Unreadable(Diagnostic { path: path.to_owned(), level: Level::Note, message });
        }
        _ => {}
    }
    let dir = on_disk.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut loader = Includes {
        tree,
        roots: std::iter::once(dir.clone()).chain(include_roots.iter().cloned()).collect(),
        loaded: Loaded {
            path: path.to_owned(),
            role,
            sources,
            parsed: Vec::new(),
            includes: BTreeMap::new(),
            included_paths: Vec::new(),
            missing_paths: Vec::new(),
            include_modes: Vec::new(),
            log_modes: Vec::new(),
        },
        chain: vec![on_disk.canonicalize().unwrap_or(on_disk)],
        bytes: 0,
        values: parsed.as_ref().map_or(0, |document| document.values),
    };
    let sites = parsed.as_ref().map(|document| include_sites(&document.root)).unwrap_or_default();
    loader.loaded.parsed.push(parsed);
    loader.follow(&sites, &dir);
    let mut done = loader.loaded;
    if tree.get(path).is_some_and(|entry| entry.mode.is_some()) {
        let roots = done.parsed.iter().filter_map(|parsed| Some(&parsed.as_ref().ok()?.root));
        done.log_modes = roots.filter_map(log_mode).collect();
    }
    Outcome::Config(Box::new(done))
}

fn member<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let NodeKind::Map(members) = &node.kind else { return None };
    members.iter().rfind(|member| &*member.key == key).map(|member| &member.value)
}

/// The bits of the file that `logging.file` names, `~` standing for the home directory. A relative
/// name depends on where the gateway was started: nothing is known of it.
fn log_mode(root: &Node) -> Option<(Box<str>, u32)> {
    let NodeKind::String(text) = &member(member(root, "logging")?, "file")?.kind else { return None };
    let path = match text.strip_prefix("~/") {
        Some(rest) => PathBuf::from(std::env::var_os("HOME")?).join(rest),
        None => PathBuf::from(text.trim()),
    };
    let meta = path.is_absolute().then(|| std::fs::metadata(&path).ok()).flatten()?;
    meta.is_file().then(|| crate::disk::mode_of(&path)).flatten().map(|mode| (text.clone(), mode))
}

/// Does a text that does not parse have the keys of a configuration all the same?
fn looks_like_config(sources: &Sources, file: FileId) -> bool {
    sources.get(file).and_then(Source::text).is_some_and(crate::classify::names_config_keys)
}

fn parse(sources: &Sources, file: FileId) -> Result<syntax::Document, SyntaxError> {
    let Some(source) = sources.get(file) else { return Err(not_utf8(&Source::new("", []), file)) };
    source.text().map_or_else(|| Err(not_utf8(source, file)), |text| syntax::json5::parse(file, text))
}

fn not_utf8(source: &Source, file: FileId) -> SyntaxError {
    let at = std::str::from_utf8(&source.bytes).err().map_or(0, |error| error.valid_up_to());
    let start = crate::source::offset(at);
    SyntaxError {
        span: Span { file, start, end: start.saturating_add(1) },
        message: "expected UTF-8 text, found a byte that is not".to_owned(),
        related: None,
    }
}

/// Reads a side file, the project's document number `index`, and parses it as its kind asks.
#[must_use]
pub fn document(
    tree: &Tree,
    path: &str,
    kind: DocumentKind,
    sample: bool,
    index: usize,
) -> (Document, Option<Diagnostic>) {
    let (bytes, trouble) = match fetch(tree, path, MAX_TEXT) {
        Ok(bytes) => (bytes, None),
        Err(reason) => (Arc::from([]), Some(error(path, reason))),
    };
    let file = FileId::document(index);
    let source = Source::new(path, bytes);
    let content = match (&trouble, kind) {
        (None, DocumentKind::Keyring) => Content::Text,
        (None, _) => content(&source, file, kind),
        // Whoever keeps a directory or a device under that name has no keyring, and nothing was left unread.
        (Some(trouble), DocumentKind::Keyring) if trouble.message == IS_DIR || trouble.message == IS_SPECIAL => {
            Content::NoFile(trouble.message.clone())
        }
        (Some(_), _) => Content::Opaque,
    };
    let trouble = trouble.filter(|_| !matches!(content, Content::NoFile(_)));
    let plain_json = OnceLock::new();
    (Document { kind, path: path.to_owned(), source, file, content, sample, plain_json }, trouble)
}

fn content(source: &Source, file: FileId, kind: DocumentKind) -> Content {
    use DocumentKind as Kind;
    let Some(text) = source.text() else { return Content::Opaque };
    let tree = match kind {
        Kind::DotEnv => return Content::Env(syntax::dotenv::parse(file, text)),
        Kind::Compose => syntax::yaml::parse(file, text),
        Kind::ExecApprovals
        | Kind::CronJobs
        | Kind::McpJson
        | Kind::Mcporter
        | Kind::PackageJson
        | Kind::AuthProfiles
        | Kind::ModelsJson
        | Kind::DeviceIdentity
        | Kind::Credentials
        | Kind::ConfigBackup
        | Kind::PluginManifest
        | Kind::SkillLock
        | Kind::SkillOrigin
        | Kind::SourceOrigin
        | Kind::Policy
        | Kind::EncryptedStore
        | Kind::StoreBackup
        | Kind::ClaudeSettings
        | Kind::LogAnchor => syntax::json5::parse(file, text),
        Kind::Dockerfile
        | Kind::ServiceUnit
        | Kind::ReverseProxy
        | Kind::Script
        | Kind::KeyFile
        | Kind::Keyring
        | Kind::Log
        | Kind::GitIgnore
        | Kind::AnchorSignature => return Content::Text,
    };
    match tree {
        Ok(document) => Content::Tree(Value::from(&document.root)),
        Err(error) => Content::Broken(error),
    }
}

/// The bytes of an entry of the tree, wherever they come from.
fn fetch(tree: &Tree, path: &str, limit: u64) -> Result<Arc<[u8]>, String> {
    match tree.memory.get(path) {
        Some(file) if file.bytes.len() as u64 > limit => Err(too_large(limit)),
        Some(file) => Ok(Arc::clone(&file.bytes)),
        None => disk::read(&tree.on_disk(path), limit),
    }
}

/// An entry of the tree, read once: its first bytes say how much of it may be read. Also its bits.
fn fetch_by_head<'a>(
    tree: &'a Tree,
    path: &str,
    limit: &dyn Fn(&[u8]) -> u64,
) -> Result<(Cow<'a, [u8]>, Option<u32>), String> {
    let Some(file) = tree.memory.get(path) else {
        return disk::read_by_head(&tree.on_disk(path), limit).map(|(bytes, mode)| (Cow::Owned(bytes), mode));
    };
    let head = file.bytes.get(..syntax::magic::HEAD.min(file.bytes.len())).unwrap_or_default();
    let most = limit(head);
    if file.bytes.len() as u64 > most { Err(too_large(most)) } else { Ok((Cow::Borrowed(&file.bytes), file.mode)) }
}

/// The first bytes of an entry of the tree, wherever they come from; none when it cannot be read.
#[must_use]
pub fn peek(tree: &Tree, path: &str) -> Vec<u8> {
    match tree.memory.get(path) {
        Some(file) => file.bytes.get(..syntax::magic::HEAD.min(file.bytes.len())).unwrap_or_default().to_vec(),
        None => disk::head(&tree.on_disk(path)).unwrap_or_default(),
    }
}

fn error(path: &str, message: String) -> Diagnostic {
    Diagnostic { path: path.to_owned(), level: Level::Error, message }
}
