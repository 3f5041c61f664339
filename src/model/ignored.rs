//! What git ignores, by the `.gitignore` files of the repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::document::{Document, DocumentKind};
use super::places::dir_of;
use super::project::Project;

/// Would git leave this file out? Then it most likely lies only on this disk, unless it was added
/// before the pattern was.
#[must_use]
pub fn is_ignored(project: &Project, path: &str) -> bool {
    matches(&ignore_files(project, dir_of(path)), path)
}

/// Every ignore file of the repository by its directory, compiled when one is first asked for.
#[derive(Debug, Default)]
pub struct IgnoreFiles(OnceLock<BTreeMap<String, (String, Gitignore)>>);

impl IgnoreFiles {
    fn of(&self, project: &Project) -> &BTreeMap<String, (String, Gitignore)> {
        self.0.get_or_init(|| {
            let all = project.of_kind(DocumentKind::GitIgnore);
            all.filter_map(|document| Some((dir_of(&document.path).to_owned(), compiled(document)?))).collect()
        })
    }
}

fn compiled(document: &Document) -> Option<(String, Gitignore)> {
    let mut builder = GitignoreBuilder::new(Path::new("/").join(dir_of(&document.path)));
    for line in document.text().lines() {
        // A line that git cannot read ignores nothing.
        let _ = builder.add_line(None, line);
    }
    Some((document.path.clone(), builder.build().ok()?))
}

/// The ignore files that have a say about a directory, nearest first.
#[must_use]
pub fn ignore_files<'a>(project: &'a Project, dir: &str) -> Vec<&'a (String, Gitignore)> {
    let all = project.ignored.of(project);
    let mut files = Vec::new();
    let mut here = Some(dir);
    while let Some(dir) = here {
        files.extend(all.get(dir));
        here = (!dir.is_empty()).then(|| dir_of(dir));
    }
    files
}

/// Do these files make git ignore a path? The nearest has the first say, and a directory that is
/// ignored hides what it holds.
#[must_use]
pub fn matches(files: &[&(String, Gitignore)], path: &str) -> bool {
    let full = Path::new("/").join(path);
    files
        .iter()
        .map(|(_, patterns)| patterns.matched_path_or_any_parents(&full, false))
        .find(|verdict| !verdict.is_none())
        .is_some_and(|verdict| verdict.is_ignore())
}
