//! What git ignores, by the `.gitignore` files of the repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::document::Document;
use super::project::Project;
use crate::discover::EntryKind;
use crate::finding::{Change, Fix, Safety};
use crate::kind::DocumentKind;
use crate::path::dir_of;

/// Would git leave this file out? Then it most likely lies only on this disk, unless it was added
/// before the pattern was.
#[must_use]
pub fn is_ignored(project: &Project, path: &str) -> bool {
    matches(&ignore_files(project, dir_of(path)), path)
}

/// Makes git leave a file out from now on: a line in the nearest ignore file, or in a new one.
#[must_use]
pub fn leave_out(project: &Project, path: &str) -> Option<Fix> {
    let (file, dir) = ignore_file(project, dir_of(path))?;
    let below = path.get(if dir.is_empty() { 0 } else { dir.len() + 1 }..)?;
    let line = format!("/{}", escaped(below)?);
    let title = format!("Add {line} to {file}; `git rm --cached` takes what is there out of git");
    Some(Fix::new(Safety::Safe, title, [Change::Lines { path: file, lines: vec![line] }]))
}

/// Makes git leave out what fits a pattern below a directory.
#[must_use]
pub fn leave_out_all(project: &Project, state: &str, patterns: &[&str]) -> Option<Fix> {
    let (file, dir) = ignore_file(project, state)?;
    let below = state.get(dir.len()..)?.trim_start_matches('/');
    let prefix = if below.is_empty() { String::new() } else { format!("/{}/", escaped(below)?) };
    let lines: Vec<String> = patterns.iter().map(|pattern| format!("{prefix}{pattern}")).collect();
    let title = format!("Add {} to {file}; `git rm --cached` takes what is there out of git", lines.join(", "));
    Some(Fix::new(Safety::Safe, title, [Change::Lines { path: file, lines }]))
}

/// The ignore file that is nearest to a directory, or the one to make at the top of what was scanned; with
/// its directory.
fn ignore_file(project: &Project, dir: &str) -> Option<(String, String)> {
    if let Some((path, _)) = ignore_files(project, dir).first() {
        return Some((path.clone(), dir_of(path).to_owned()));
    }
    let above = std::iter::successors(Some(dir), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
    let top = above.filter(|dir| project.tree.get(dir).is_some_and(|entry| entry.kind == EntryKind::Dir)).last()?;
    let path = if top.is_empty() { ".gitignore".to_owned() } else { format!("{top}/.gitignore") };
    Some((path, top.to_owned()))
}

/// A path as a pattern that fits it alone; none when no line can hold it.
fn escaped(path: &str) -> Option<String> {
    if path.contains(['\n', '\r']) || path.ends_with(' ') {
        return None;
    }
    let mut out = String::new();
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    Some(out)
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
