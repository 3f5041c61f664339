//! `--gitignore`: honour ignore files, which a security check does not do unless asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::disk;
use crate::path::relative;

/// What an ignore file is called.
pub const NAME: &str = ".gitignore";

/// The ignore files of a commit, which count instead of those that lie in the tree.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    /// Their texts, by path.
    pub texts: BTreeMap<String, String>,
    /// What is said of one that is another in the tree.
    pub message: String,
}

/// The ignore files of a tree, read as the walk reaches their directories.
#[derive(Debug)]
pub struct Matcher<'a> {
    base: PathBuf,
    trusted: Option<&'a Trusted>,
    /// Files of the tree that are not what counts, by path.
    pub differing: BTreeSet<String>,
    known: HashMap<PathBuf, Gitignore>,
}

impl<'a> Matcher<'a> {
    /// A matcher for everything below `base`.
    #[must_use]
    pub fn new(base: &Path, trusted: Option<&'a Trusted>) -> Self {
        Self { base: base.to_owned(), trusted, differing: BTreeSet::new(), known: HashMap::new() }
    }

    /// Does the nearest ignore file that has an opinion ignore `path`?
    pub fn is_ignored(&mut self, path: &Path, is_dir: bool) -> bool {
        let dirs: Vec<PathBuf> =
            path.ancestors().skip(1).take_while(|dir| dir.starts_with(&self.base)).map(Path::to_path_buf).collect();
        for dir in dirs {
            if !self.known.contains_key(&dir) {
                let text = self.text(&dir);
                let mut builder = GitignoreBuilder::new(&dir);
                // A broken line ignores nothing; the rest of the file still counts.
                for line in text.lines() {
                    drop(builder.add_line(None, line));
                }
                self.known.insert(dir.clone(), builder.build().unwrap_or_else(|_| Gitignore::empty()));
            }
            let Some(file) = self.known.get(&dir) else { continue };
            let verdict = file.matched(path, is_dir);
            if !verdict.is_none() {
                return verdict.is_ignore();
            }
        }
        false
    }

    /// The text that counts for a directory. What cannot be read ignores nothing: a link, a directory or a FIFO
    /// least of all.
    fn text(&mut self, dir: &Path) -> String {
        let path = dir.join(NAME);
        let here = text(&path).unwrap_or_default();
        let Some(trusted) = self.trusted else { return here };
        let name = relative(&self.base, &path);
        let known = trusted.texts.get(&name).cloned().unwrap_or_default();
        if known != here {
            self.differing.insert(name);
        }
        known
    }
}

/// The text of a regular file.
fn text(path: &Path) -> Option<String> {
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    let bytes = is_file.then(|| disk::read(path, disk::MAX_TEXT).ok()).flatten()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
