//! The second stage: read one target under limits, decode it and hand it to its parser.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::discover::{self, Role, Tree};
use crate::finding::{Diagnostic, Level};
use crate::model::document::{Content, Document, DocumentKind};
use crate::model::value::Value;
use crate::source::{FileId, Source, Sources, Span};
use crate::syntax::{self, Node, NodeKind, SyntaxError};

/// Largest text file that is scanned, in bytes.
pub const MAX_TEXT: u64 = 16 << 20;
/// Largest included file, in bytes: the loader's own limit.
pub const MAX_INCLUDE: u64 = 2 << 20;
/// Deepest `$include` nesting: the loader's own limit.
pub const MAX_INCLUDE_DEPTH: usize = 10;
/// Longest include path, in bytes: the loader's own limit.
const MAX_INCLUDE_PATH: usize = 4096;

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
/// operator allows includes from; `keep_outside` stops an include from leaving the scanned tree.
#[must_use]
pub fn config(tree: &Tree, path: &str, role: Role, named: bool, include_roots: &[PathBuf]) -> Outcome {
    let on_disk = tree.on_disk(path);
    let bytes = match read(&on_disk, MAX_TEXT) {
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
            include_modes: Vec::new(),
            log_modes: Vec::new(),
        },
        chain: vec![on_disk.canonicalize().unwrap_or(on_disk)],
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
    meta.is_file().then(|| mode_of(&path)).flatten().map(|mode| (text.clone(), mode))
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

/// Every `$include` string under a node, with its text, in file order.
fn include_sites(node: &Node) -> Vec<(Span, Box<str>)> {
    let mut sites = Vec::new();
    collect_sites(node, &mut sites);
    sites
}

fn collect_sites(node: &Node, sites: &mut Vec<(Span, Box<str>)>) {
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| collect_sites(item, sites)),
        NodeKind::Map(members) => {
            for member in members {
                match &member.value.kind {
                    NodeKind::String(path) if &*member.key == "$include" => {
                        sites.push((member.value.span, path.clone()));
                    }
                    NodeKind::List(items) if &*member.key == "$include" => {
                        sites.extend(items.iter().filter_map(|item| match &item.kind {
                            NodeKind::String(path) => Some((item.span, path.clone())),
                            _ => None,
                        }));
                    }
                    _ => collect_sites(&member.value, sites),
                }
            }
        }
        _ => {}
    }
}

struct Includes<'a> {
    tree: &'a Tree,
    roots: Vec<PathBuf>,
    loaded: Loaded,
    chain: Vec<PathBuf>,
}

impl Includes<'_> {
    fn follow(&mut self, sites: &[(Span, Box<str>)], dir: &Path) {
        for (span, text) in sites {
            let result = self.open(*span, text, dir);
            self.loaded.includes.insert(*span, result);
        }
    }

    /// Reads one included file and what it includes in turn.
    fn open(&mut self, at: Span, text: &str, dir: &Path) -> Result<FileId, String> {
        if self.chain.len() > MAX_INCLUDE_DEPTH {
            return Err(format!("includes nest deeper than {MAX_INCLUDE_DEPTH} levels"));
        }
        let real = self.confine(text, dir)?;
        if self.chain.contains(&real) {
            return Err("includes itself in a cycle".to_owned());
        }
        let bytes = read(&real, MAX_INCLUDE)?;
        let shown = self.shown(&real);
        let file = self.loaded.sources.add_included(Source::new(shown, bytes), at);
        let parsed = parse(&self.loaded.sources, file);
        let sites = parsed.as_ref().map(|document| include_sites(&document.root)).unwrap_or_default();
        self.loaded.parsed.push(parsed);
        self.loaded.included_paths.push(real.clone());
        if let Some(mode) = mode_of(&real) {
            self.loaded.include_modes.push((file, mode));
        }
        let next = real.parent().map(Path::to_path_buf).unwrap_or_default();
        self.chain.push(real);
        self.follow(&sites, &next);
        self.chain.pop();
        Ok(file)
    }

    /// The real path of an include, when the loader would accept it.
    fn confine(&self, text: &str, dir: &Path) -> Result<PathBuf, String> {
        if text.contains('\0') {
            return Err("the path holds a NUL character".to_owned());
        }
        if text.len() >= MAX_INCLUDE_PATH {
            return Err(format!("the path is longer than {MAX_INCLUDE_PATH} bytes"));
        }
        if text.is_empty() {
            return Err("the path is empty".to_owned());
        }
        let wanted = lexical(&dir.join(text));
        let inside = |path: &Path| self.roots.iter().any(|root| path.starts_with(root));
        let real_roots: Vec<PathBuf> = self.roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
        if !inside(&wanted) && !real_roots.iter().any(|root| wanted.starts_with(root)) {
            return Err("leaves the directory of the configuration".to_owned());
        }
        let meta = std::fs::symlink_metadata(&wanted).map_err(|error| io_reason(&error))?;
        let real = wanted.canonicalize().map_err(|error| io_reason(&error))?;
        if !real_roots.iter().any(|root| real.starts_with(root)) {
            return Err("is a symbolic link that leaves the directory of the configuration".to_owned());
        }
        let meta = if meta.is_symlink() { std::fs::metadata(&real).map_err(|error| io_reason(&error))? } else { meta };
        if !meta.is_file() {
            return Err("is not a regular file".to_owned());
        }
        if links(&meta) > 1 {
            return Err("is a hard link, which the loader refuses".to_owned());
        }
        Ok(real)
    }

    fn shown(&self, real: &Path) -> String {
        let base = self.tree.base.canonicalize().unwrap_or_else(|_| self.tree.base.clone());
        discover::relative(&base, real)
    }
}

#[cfg(unix)]
fn links(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(meta)
}

#[cfg(not(unix))]
fn links(_: &std::fs::Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_: &Path) -> Option<u32> {
    None
}

/// Removes `.` and `..` by the text alone.
#[must_use]
pub fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
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
    let (bytes, trouble) = match read(&tree.on_disk(path), MAX_TEXT) {
        Ok(bytes) => (bytes, None),
        Err(reason) => (Arc::from([]), Some(error(path, reason))),
    };
    let file = FileId::document(index);
    let source = Source::new(path, bytes);
    let content = if trouble.is_some() { Content::Opaque } else { content(&source, file, kind) };
    (Document { kind, path: path.to_owned(), source, file, content, sample }, trouble)
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
        | Kind::ClaudeSettings => syntax::json5::parse(file, text),
        Kind::Dockerfile
        | Kind::ServiceUnit
        | Kind::ReverseProxy
        | Kind::Script
        | Kind::KeyFile
        | Kind::Log
        | Kind::GitIgnore => return Content::Text,
    };
    match tree {
        Ok(document) => Content::Tree(Value::from(&document.root)),
        Err(error) => Content::Broken(error),
    }
}

/// Reads a regular file of at most `limit` bytes; never blocks on a FIFO or device.
///
/// # Errors
/// The reason in words.
pub fn read(path: &Path, limit: u64) -> Result<Arc<[u8]>, String> {
    let meta = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
    if meta.is_dir() {
        return Err("is a directory".to_owned());
    }
    if !meta.is_file() {
        return Err("is neither a file nor a directory: not opened".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|error| io_reason(&error))?;
    let size = usize::try_from(meta.len().min(limit)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size + 1);
    // One byte more than allowed tells a file that grew while it was read.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| io_reason(&error))?;
    if bytes.len() as u64 > limit {
        return Err(format!("larger than {} MiB: not scanned", limit >> 20));
    }
    Ok(bytes.into())
}

/// An I/O error in words that do not depend on the platform.
#[must_use]
pub fn io_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => "does not exist".to_owned(),
        Kind::PermissionDenied => "permission denied".to_owned(),
        Kind::IsADirectory => "is a directory".to_owned(),
        Kind::InvalidInput => "the path is not valid".to_owned(),
        _ if error.raw_os_error() == Some(40) => "too many levels of symbolic links".to_owned(),
        kind => kind.to_string(),
    }
}

fn error(path: &str, message: String) -> Diagnostic {
    Diagnostic { path: path.to_owned(), level: Level::Error, message }
}
