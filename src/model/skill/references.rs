//! What the texts of a skill say about its other files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Skill, SkillFile};
use crate::source::{FileId, Span, offset};
use crate::syntax::markdown::Link;

/// A path in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it is written.
    pub span: Span,
    /// The path as it is meant, below the skill's root.
    pub path: String,
    /// The file, when there is one.
    pub to: Option<FileId>,
    /// It names the skill's own directory, or is the target of a link: nothing else can be meant.
    pub own: bool,
}

/// References that are kept of one skill.
const MOST: usize = 20_000;
/// Longest path.
const LONGEST: usize = 300;
/// Directories that a skill keeps its parts in: a path into one of them that leads nowhere is a mistake.
const PARTS: [&str; 6] = ["scripts/", "references/", "assets/", "resources/", "templates/", "bin/"];
/// What a skill's own directory is called in its texts.
const BASES: [&str; 6] = ["{baseDir}/", "${baseDir}/", "$SKILL_DIR/", "${SKILL_DIR}/", "${CLAUDE_SKILL_DIR}/", "./"];

/// What a byte is to a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Outside,
    Inside,
    /// Without one of these a word is no path.
    Separator,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Outside; 256];
    let mut byte = 0u8;
    loop {
        classes[byte as usize] = match byte {
            b'.' | b'/' => Class::Separator,
            // Letters of other alphabets are parts of names.
            0x80.. | b'_' | b'-' | b'{' | b'}' | b'$' | b'+' | b'@' => Class::Inside,
            _ if byte.is_ascii_alphanumeric() => Class::Inside,
            _ => Class::Outside,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// The files of a skill, by path and by name.
struct Paths<'a> {
    ids: BTreeMap<&'a str, FileId>,
    names: BTreeSet<&'a str>,
}

impl<'a> Paths<'a> {
    fn new(files: impl IntoIterator<Item = (&'a str, FileId)>) -> Self {
        let ids: BTreeMap<&str, FileId> = files.into_iter().collect();
        let names = ids.keys().filter_map(|path| path.rsplit('/').next()).collect();
        Self { ids, names }
    }

    /// May a path lead to one of the files, by its last part? Most words do not, and are not resolved.
    fn may_have(&self, path: &str) -> bool {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        matches!(last, "." | "..") || self.names.contains(last)
    }
}

pub(super) fn of(skill: &Skill) -> Vec<Reference> {
    let paths = Paths::new(skill.files.iter().map(|file| (&*file.path, file.id)));
    let mut out = Vec::new();
    for file in &skill.files {
        if file.text().is_empty() || file.role == super::FileRole::Inert {
            continue;
        }
        in_file(file, &paths, &mut out);
    }
    out
}

fn in_file(file: &SkillFile, paths: &Paths<'_>, out: &mut Vec<Reference>) {
    let dir = file.path.rsplit_once('/').map_or("", |(dir, _)| dir);
    let text = file.text();
    let mut links: Vec<_> = file.markdown().links.iter().filter_map(|link| target_of(text, link)).collect();
    links.sort_by_key(|link| link.start);
    let mut start = None;
    let mut path = false;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        let class = CLASSES[usize::from(byte)];
        path |= class == Class::Separator;
        match (class != Class::Outside, start) {
            (true, None) => {
                start = Some(at);
                path = class == Class::Separator;
            }
            (false, Some(from)) => {
                start = None;
                // Most words are no paths.
                if !std::mem::take(&mut path) {
                    continue;
                }
                let word = text.get(from..at).unwrap_or_default();
                let c = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
                let around = (text.get(..from).and_then(|before| before.chars().next_back()), c);
                let before = links.partition_point(|link| link.start <= from);
                let linked =
                    before.checked_sub(1).and_then(|at| links.get(at)).is_some_and(|link| link.contains(&from));
                let resolved = resolve(word, dir, paths, linked).filter(|(.., to)| *to != Some(file.id));
                if let Some((skip, path, to)) = resolved.filter(|(.., to)| to.is_some() || !is_pattern(word, around)) {
                    let (start, end) = (offset(from + skip), offset(from + word.trim_end_matches('.').len()));
                    let own = skip > 2 || linked;
                    out.push(Reference { span: Span { file: file.id, start, end: end.max(start) }, path, to, own });
                }
                if out.len() >= MOST {
                    return;
                }
            }
            _ => {}
        }
    }
}

/// Where the target of a link to a file is written.
fn target_of(text: &str, link: &Link) -> Option<Range<usize>> {
    let inside = text.get(link.range.clone()).filter(|_| !link.target.contains(':'))?;
    let at = link.range.start + inside.rfind("](")? + 2;
    Some(at..link.range.end)
}

/// Is a word a part of a pattern or of something to be filled in: `scripts/*.py`, `scripts/<name>.py`?
fn is_pattern(word: &str, around: (Option<char>, char)) -> bool {
    let open = |c: char| matches!(c, '*' | '<' | '>' | '[' | ']' | '{' | '}' | '$' | '%' | '~' | '\\' | '…' | ':');
    around.0.is_some_and(|c| open(c) && c != '[' && c != '>')
        || open(around.1) && !matches!(around.1, ']' | '<' | ':')
        || word.contains("...")
        || word.contains("{{")
}

/// The file that a word names, seen from a directory of the skill; also how many bytes of the word name
/// the skill's directory.
fn resolve(word: &str, dir: &str, paths: &Paths<'_>, linked: bool) -> Option<(usize, String, Option<FileId>)> {
    if word.len() > LONGEST || !word.contains('.') && !word.contains('/') {
        return None;
    }
    let based = BASES.iter().find_map(|base| word.strip_prefix(base));
    let bare = based.unwrap_or(word).trim_end_matches('.');
    let skip = word.len() - based.unwrap_or(word).len();
    if bare.is_empty() || bare.starts_with('/') || bare.contains("//") {
        return None;
    }
    if paths.may_have(bare) {
        let beside = join(dir, bare);
        let mut both = [beside.as_deref(), Some(bare)].into_iter().flatten();
        if let Some((path, id)) = both.find_map(|path| Some((path, *paths.ids.get(path)?))) {
            return Some((skip, path.to_owned(), Some(id)));
        }
    }
    let last = bare.rsplit('/').next().unwrap_or_default();
    let has_extension = last.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && (1..=5).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let into_a_part = PARTS.iter().any(|part| bare.starts_with(part)) && has_extension && !bare.contains(['{', '$']);
    // A link is relative to its own text; what leaves the skill is somebody else's.
    if linked && has_extension {
        return join(dir, bare).map(|path| (skip, path, None));
    }
    into_a_part.then(|| (skip, bare.to_owned(), None))
}

/// `path` seen from `dir`, `..` resolved; none when it leaves the skill.
fn join(dir: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_paths_when_a_file_is_there() {
        let paths = Paths::new([("scripts/run.py", FileId(1)), ("references/a.md", FileId(2))]);
        let to = |word: &str, dir: &str| resolve(word, dir, &paths, false).map(|(_, path, to)| (path, to));
        assert_eq!(to("scripts/run.py", ""), Some(("scripts/run.py".to_owned(), Some(FileId(1)))));
        assert_eq!(to("{baseDir}/scripts/run.py", ""), Some(("scripts/run.py".to_owned(), Some(FileId(1)))));
        assert_eq!(to("../scripts/run.py", "references"), Some(("scripts/run.py".to_owned(), Some(FileId(1)))));
        assert_eq!(to("a.md.", "references"), Some(("references/a.md".to_owned(), Some(FileId(2)))));
        assert_eq!(to("scripts/gone.py", ""), Some(("scripts/gone.py".to_owned(), None)));
        assert_eq!(to("e.g.", ""), None);
        assert_eq!(to("example.com/scripts", ""), None);
        assert_eq!(to("../../x.md", "references"), None);
        let linked = |word: &str, dir: &str| resolve(word, dir, &paths, true).map(|(_, path, to)| (path, to));
        assert_eq!(linked("FORMS.md", ""), Some(("FORMS.md".to_owned(), None)));
        assert_eq!(linked("../other/SKILL.md", ""), None);
    }

    #[test]
    fn what_is_to_be_filled_in_is_no_path() {
        assert!(is_pattern("scripts/", (None, '*')) && is_pattern("scripts/a.py", (Some('<'), ' ')));
        assert!(is_pattern("scripts/...", (None, ' ')) && is_pattern("{{dir}}/scripts/a.py", (None, ' ')));
        assert!(!is_pattern("scripts/a.py", (Some('`'), '`')) && !is_pattern("references/a.md", (Some('('), ')')));
    }
}
