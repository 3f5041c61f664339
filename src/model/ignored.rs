//! What git ignores, by the `.gitignore` files of the repository.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::places::{dir_of, join};
use super::project::Project;

/// Would git leave this file out? Then it most likely lies only on this disk, unless it was added
/// before the pattern was.
#[must_use]
pub fn is_ignored(project: &Project, path: &str) -> bool {
    matches(&ignore_files(project, dir_of(path)), path)
}

/// The ignore files that have a say about a directory, nearest first.
#[must_use]
pub fn ignore_files(project: &Project, dir: &str) -> Vec<(String, Gitignore)> {
    let mut files = Vec::new();
    let mut here = Some(dir);
    while let Some(dir) = here {
        let path = join(dir, ".gitignore");
        if let Some(document) = project.document(&path) {
            let mut builder = GitignoreBuilder::new(Path::new("/").join(dir));
            for line in document.text().lines() {
                // A line that git cannot read ignores nothing.
                let _ = builder.add_line(None, line);
            }
            files.extend(builder.build().ok().map(|patterns| (path, patterns)));
        }
        here = (!dir.is_empty()).then(|| dir_of(dir));
    }
    files
}

/// Do these files make git ignore a path? The nearest has the first say, and a directory that is
/// ignored hides what it holds.
#[must_use]
pub fn matches(files: &[(String, Gitignore)], path: &str) -> bool {
    let full = Path::new("/").join(path);
    files
        .iter()
        .map(|(_, patterns)| patterns.matched_path_or_any_parents(&full, false))
        .find(|verdict| !verdict.is_none())
        .is_some_and(|verdict| verdict.is_ignore())
}
