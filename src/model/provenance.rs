//! What installers write down about skills: `.clawhub/lock.json` in a workspace, `.clawhub/origin.json`
//! in each skill. OpenClaw believes a record only when both agree.

use super::document::Document;
use super::project::Project;
use super::value::Found;
use crate::kind::DocumentKind;
use crate::path::{dir_of, join};

/// The directories of records, in the order in which OpenClaw looks; the second is an older name.
const DIRS: [&str; 2] = [".clawhub", ".clawdhub"];

/// What OpenClaw writes as the trust state of a skill that its registry only passes on.
pub const UNSCANNED: &str = "not-scanned-by-clawhub";
/// How a reference begins that stands for such a skill.
pub const SKILLS_SH: &str = "skills-sh:";
/// The registry that installers use unless told otherwise.
pub const REGISTRY: &str = "https://clawhub.ai";

/// The directory that a record speaks about: that of the skill, or the workspace.
#[must_use]
pub fn subject(record: &Document) -> &str {
    dir_of(dir_of(&record.path))
}

/// The record that OpenClaw would read in a directory: the first that exists, also when it is broken.
#[must_use]
pub fn record<'a>(project: &'a Project, dir: &str, name: &str) -> Option<&'a Document> {
    DIRS.iter().find_map(|records| project.document(&join(dir, &format!("{records}/{name}"))))
}

/// Is this the record that OpenClaw reads, and not one that the other directory's hides?
#[must_use]
pub fn is_read(project: &Project, document: &Document) -> bool {
    let name = document.path.rsplit('/').next().unwrap_or_default();
    record(project, subject(document), name).is_none_or(|first| first.path == document.path)
}

/// The record in a skill's own directory.
#[must_use]
pub fn origin<'a>(project: &'a Project, skill: &str) -> Option<&'a Document> {
    record(project, skill, "origin.json").filter(|document| document.kind == DocumentKind::SkillOrigin)
}

/// The lock file of the nearest directory above a skill that has one.
#[must_use]
pub fn lock<'a>(project: &'a Project, skill: &str) -> Option<&'a Document> {
    let above = std::iter::successors(Some(skill), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
    let found = above.skip(1).find_map(|dir| record(project, dir, "lock.json"));
    found.filter(|document| document.kind == DocumentKind::SkillLock)
}

/// A record that can be read as one: version 1, and plain JSON as OpenClaw wants it.
#[must_use]
pub fn readable(document: &Document) -> Option<Found<'_>> {
    document.root().filter(|root| root.get("version").number() == Some(1.0) && document.is_plain_json())
}

/// What a lock file says about a skill.
#[must_use]
pub fn entry<'a>(lock: &'a Document, slug: &'a str) -> Option<Found<'a>> {
    readable(lock).map(|root| root.get("skills").get(slug)).filter(Found::is_map)
}

/// Where an installer puts a skill.
#[must_use]
pub fn place_of_skill(workspace: &str, slug: &str) -> String {
    join(workspace, &format!("skills/{slug}"))
}

/// A registry as records are compared: without blanks around it and without slashes at its end.
#[must_use]
pub fn registry(written: &str) -> &str {
    let trimmed = written.trim();
    Some(trimmed.trim_end_matches('/')).filter(|rest| !rest.is_empty()).unwrap_or(trimmed)
}

/// Is it 64 digits of lower-case hexadecimal, as OpenClaw writes and compares SHA-256?
#[must_use]
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// The digest of a whole tree, when it is written as OpenClaw writes it.
#[must_use]
pub fn tree_digest<'a>(found: &Found<'a>) -> Option<&'a str> {
    found.str().filter(|text| text.strip_prefix("sha256:").is_some_and(is_sha256))
}

/// What the records of an installed skill say about its files, and where.
#[derive(Clone, Debug)]
pub struct Recorded<'a> {
    /// `skillFile`: the manifest's name and its SHA-256.
    pub skill_file: Option<(&'a str, &'a str, Found<'a>)>,
    /// `fileTreeSha256`
    pub tree: Option<(&'a str, Found<'a>)>,
}

/// What the record in a skill's directory says about its files; of what it does not say, what the lock
/// file says.
#[must_use]
pub fn recorded<'a>(project: &'a Project, skill: &'a str) -> Recorded<'a> {
    let origin = origin(project, skill).and_then(readable);
    let slug = origin.as_ref().and_then(|origin| origin.get("slug").str());
    let slug = slug.unwrap_or_else(|| skill.rsplit('/').next().unwrap_or_default());
    let locked = lock(project, skill).and_then(|lock| entry(lock, slug));
    let records: Vec<Found<'a>> = origin.into_iter().chain(locked).collect();
    let skill_file = records.iter().find_map(|record| {
        let file = record.get("skillFile");
        let sha256 = file.get("sha256");
        Some((file.get("path").str()?, sha256.str().filter(|text| is_sha256(text))?, sha256))
    });
    let mut trees = records.iter().map(|record| record.get("fileTreeSha256"));
    let tree = trees.find_map(|found| Some((tree_digest(&found)?, found)));
    Recorded { skill_file, tree }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_compared_without_their_slashes() {
        for (written, compared) in [(" https://clawhub.ai// ", "https://clawhub.ai"), ("/", "/"), ("", "")] {
            assert_eq!(registry(written), compared);
        }
    }
}
