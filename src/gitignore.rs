//! `--gitignore`: honour ignore files, which a security check does not do unless asked.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The ignore files of a tree, read as the walk reaches their directories.
#[derive(Debug)]
pub struct Matcher {
    base: PathBuf,
    known: HashMap<PathBuf, Gitignore>,
}

impl Matcher {
    /// A matcher for everything below `base`.
    #[must_use]
    pub fn new(base: &Path) -> Self {
        Self { base: base.to_owned(), known: HashMap::new() }
    }

    /// Does the nearest ignore file that has an opinion ignore `path`?
    pub fn is_ignored(&mut self, path: &Path, is_dir: bool) -> bool {
        let dirs: Vec<PathBuf> =
            path.ancestors().skip(1).take_while(|dir| dir.starts_with(&self.base)).map(Path::to_path_buf).collect();
        for dir in dirs {
            let file = self.known.entry(dir.clone()).or_insert_with(|| {
                let mut builder = GitignoreBuilder::new(&dir);
                // A broken line in an ignore file ignores nothing; the rest of the file still counts.
                drop(builder.add(dir.join(".gitignore")));
                builder.build().unwrap_or_else(|_| Gitignore::empty())
            });
            let verdict = file.matched(path, is_dir);
            if !verdict.is_none() {
                return verdict.is_ignore();
            }
        }
        false
    }
}
