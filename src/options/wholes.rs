//! What a named file is a part of: a script alone says little about its skill, an included file nothing about the
//! configuration that it becomes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Options;
use crate::classify::{self, Class};
use crate::discover::{self, Tree};
use crate::kind::Role;
use crate::load::{self, Outcome};

/// The roots of a walk: directories as they are, named files together with what they are a part of.
pub(super) fn of(roots: Vec<PathBuf>, base: &Path, options: &Options) -> Vec<PathBuf> {
    let mut known = Known { base, options, manifests: BTreeMap::new(), including: BTreeMap::new() };
    let mut all = Vec::with_capacity(roots.len());
    for root in roots {
        if options.state_dir || is_archive(&root) || root.is_dir() {
            all.push(root);
            continue;
        }
        let path = discover::relative(base, &root);
        let excluded = options.excludes.is_match(&path) || options.gitignore;
        if excluded && options.force_exclude {
            all.push(root);
            continue;
        }
        let whole = known.skill(&root).or_else(|| known.configuration(&root, &path));
        // Where the walk of the whole would pass over it, or take it for something else, the file stands for itself too.
        let alone = excluded || classify::by_name(&path).is_some() || classify::is_log_name(&path);
        let keep = whole.is_none() || alone;
        all.extend(whole);
        all.extend(keep.then_some(root));
    }
    all
}

fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    [".zip", ".skill", ".tar", ".tgz", ".tar.gz"].iter().any(|end| name.ends_with(end))
}

/// What was asked of the disk already.
struct Known<'a> {
    base: &'a Path,
    options: &'a Options,
    /// Has a directory a manifest?
    manifests: BTreeMap<PathBuf, bool>,
    /// The configurations of a directory, and the real paths of what they include.
    including: BTreeMap<PathBuf, Vec<(PathBuf, Vec<PathBuf>)>>,
}

impl Known<'_> {
    /// The directories above a file, up to the base.
    fn above(&self, file: &Path) -> Vec<PathBuf> {
        let above = file.ancestors().skip(1).take_while(|dir| dir.starts_with(self.base));
        above.map(Path::to_path_buf).collect()
    }

    /// The directory of the skill that a file lies in.
    fn skill(&mut self, file: &Path) -> Option<PathBuf> {
        self.above(file).into_iter().find(|dir| {
            *self.manifests.entry(dir.clone()).or_insert_with(|| {
                let mut names = dir.read_dir().into_iter().flatten().flatten();
                names.any(|entry| entry.file_name().eq_ignore_ascii_case("SKILL.md"))
            })
        })
    }

    /// The configuration that includes a file, when the name of the file promises nothing else.
    fn configuration(&mut self, file: &Path, path: &str) -> Option<PathBuf> {
        let says = classify::by_name(path).is_some() || classify::unit_kind(path).is_some();
        if says || classify::is_readable_alone(path) || classify::is_log_name(path) {
            return None;
        }
        let real = file.canonicalize().ok()?;
        self.above(file).into_iter().find_map(|dir| {
            if !self.including.contains_key(&dir) {
                let found = self.configurations(&dir);
                self.including.insert(dir.clone(), found);
            }
            let found = self.including.get(&dir)?.iter().find(|(_, included)| included.contains(&real));
            found.map(|(config, _)| config.clone())
        })
    }

    fn configurations(&self, dir: &Path) -> Vec<(PathBuf, Vec<PathBuf>)> {
        let entries = dir.read_dir().into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut files: Vec<PathBuf> = files.map(|entry| entry.path()).collect();
        files.sort();
        let tree = Tree { base: self.base.to_path_buf(), ..Tree::default() };
        let config = |file: PathBuf| {
            let path = discover::relative(self.base, &file);
            let Some(Class::Config(_)) = classify::by_name(&path) else { return None };
            match load::config(&tree, &path, Role::Live, false, &self.options.include_roots) {
                Outcome::Config(loaded) => Some((file, loaded.included_paths)),
                Outcome::Other | Outcome::Unreadable(_) => None,
            }
        };
        files.into_iter().filter_map(config).collect()
    }
}
