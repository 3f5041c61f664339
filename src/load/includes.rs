//! Follows `$include` under the loader's own limits, and a few of ours where it has none.

use std::path::{Path, PathBuf};

use super::{Loaded, fetch, parse};
use crate::discover::{self, Tree};
use crate::disk::{io_reason, mode_of, read};
use crate::path::lexical;
use crate::source::{FileId, Source, Span};
use crate::syntax::json5::MAX_VALUES;
use crate::syntax::{Node, NodeKind};

/// Largest included file, in bytes: the loader's own limit.
pub const MAX_INCLUDE: u64 = 2 << 20;
/// Deepest `$include` nesting: the loader's own limit.
pub const MAX_INCLUDE_DEPTH: usize = 10;
/// Most files that one configuration may include, each counted as often as it is: ten levels of files
/// that each include the next one twenty times would else be read for days.
pub const MAX_INCLUDED: usize = 1_000;
/// Most bytes of all included files of one configuration together.
pub const MAX_INCLUDED_BYTES: usize = 16 << 20;
/// Longest include path, in bytes: the loader's own limit.
const MAX_INCLUDE_PATH: usize = 4096;

/// Every `$include` string under a node, with its text, in file order.
pub(super) fn include_sites(node: &Node) -> Vec<(Span, Box<str>)> {
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

/// A configuration whose includes are being read.
pub(super) struct Includes<'a> {
    pub(super) tree: &'a Tree,
    /// The directories that includes may come from.
    pub(super) roots: Vec<PathBuf>,
    pub(super) loaded: Loaded,
    /// The files that are being read, outermost first.
    pub(super) chain: Vec<PathBuf>,
    /// Bytes of the included files so far.
    pub(super) bytes: usize,
    /// Values in all files so far.
    pub(super) values: usize,
}

impl Includes<'_> {
    pub(super) fn follow(&mut self, sites: &[(Span, Box<str>)], dir: &Path) {
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
        if self.loaded.included_paths.len() >= MAX_INCLUDED {
            return Err(format!("the configuration includes more than {MAX_INCLUDED} files"));
        }
        let real = self.confine(text, dir).inspect_err(|_| {
            let wanted = lexical(&dir.join(text));
            self.loaded.missing_paths.push(self.shown(&wanted));
        })?;
        if self.chain.contains(&real) {
            return Err("includes itself in a cycle".to_owned());
        }
        let bytes = match self.in_memory(&real) {
            Some(path) => fetch(self.tree, &path, MAX_INCLUDE)?,
            None => read(&real, MAX_INCLUDE)?,
        };
        self.bytes += bytes.len();
        if self.bytes > MAX_INCLUDED_BYTES {
            let most = MAX_INCLUDED_BYTES >> 20;
            return Err(format!("the configuration includes more than {most} MiB"));
        }
        let shown = self.shown(&real);
        let file = self.loaded.sources.add_included(Source::new(shown, bytes), at);
        let parsed = parse(&self.loaded.sources, file);
        self.values += parsed.as_ref().map_or(0, |document| document.values);
        if self.values > MAX_VALUES {
            self.loaded.parsed.push(parsed);
            return Err(format!("the configuration has more than {MAX_VALUES} values with what it includes"));
        }
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
        if self.tree.memory.get(&*self.loaded.path).is_some_and(|file| !file.stands_in) {
            // What lies in an archive is known by its names alone.
            return match (inside(&wanted), self.in_memory(&wanted)) {
                (false, _) => Err("leaves the directory of the configuration".to_owned()),
                (true, None) => Err("does not exist".to_owned()),
                (true, Some(_)) => Ok(wanted),
            };
        }
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

    /// The path in the tree of a file that does not come from disk.
    fn in_memory(&self, path: &Path) -> Option<String> {
        let path = discover::relative(&self.tree.base, path);
        self.tree.memory.contains_key(&*path).then_some(path)
    }

    fn shown(&self, real: &Path) -> String {
        if let Some(path) = self.in_memory(real) {
            return path;
        }
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
