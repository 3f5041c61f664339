//! `--gitignore`: honour ignore files, which a security check does not do unless asked.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::disk;

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
                // What cannot be read ignores nothing: a link, a directory or a FIFO least of all. A broken
                // line ignores nothing either; the rest of the file still counts.
                for line in text(&dir.join(".gitignore")).unwrap_or_default().lines() {
                    drop(builder.add_line(None, line));
                }
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

/// The text of a regular file.
fn text(path: &Path) -> Option<String> {
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    let bytes = is_file.then(|| disk::read(path, disk::MAX_TEXT).ok()).flatten()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
