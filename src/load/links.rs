//! Where the symbolic links of a skill lead.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::model::skill::{Leads, SkillFile};
use crate::path::lexical;

/// Links that are followed one after another, as on Linux.
const MOST_LINKS: usize = 40;

/// Where a link at `path` leads by its text alone; what is inside may still be nowhere.
pub(super) fn leads(path: &str, target: &str) -> Leads {
    let drive = target.as_bytes().get(1) == Some(&b':');
    if target.starts_with(['/', '\\', '~']) || drive {
        return Leads::Absolute;
    }
    let (mut depth, mut above) = (path.split('/').count() - 1, 0);
    for part in target.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if depth == 0 => above += 1,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    if above > 0 { Leads::Above(above) } else { Leads::Inside }
}

/// Finds the links that lead to nothing in the skill, or round in a circle.
pub(super) fn settle_links(files: &mut [SkillFile]) {
    let links: BTreeMap<String, String> = files
        .iter()
        .filter_map(|file| {
            Some((file.path.to_string(), file.link.as_ref().filter(|link| link.leads == Leads::Inside)?))
        })
        .map(|(path, link)| {
            let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
            let target = lexical(&Path::new(dir).join(&link.target)).to_string_lossy().replace('\\', "/");
            (path, target)
        })
        .collect();
    let paths: BTreeSet<&str> = files.iter().map(|file| &*file.path).collect();
    let linked: BTreeSet<&str> = files.iter().filter(|file| file.link.is_some()).map(|file| &*file.path).collect();
    let is_there = |path: &str| {
        let inside = format!("{path}/");
        path.is_empty()
            || paths.contains(path)
            || path.match_indices('/').any(|(at, _)| path.get(..at).is_some_and(|dir| linked.contains(dir)))
            || paths.range(&*inside..).next().is_some_and(|one| one.starts_with(&inside))
    };
    let nowhere: BTreeSet<String> = links
        .keys()
        .filter(|path| {
            let mut at = path.as_str();
            for _ in 0..MOST_LINKS {
                match links.get(at) {
                    Some(next) => at = next,
                    None => return !is_there(at),
                }
            }
            true
        })
        .cloned()
        .collect();
    for file in files {
        if let Some(link) = file.link.as_mut().filter(|_| nowhere.contains(&*file.path)) {
            link.leads = Leads::Nowhere;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::skill::Link;
    use crate::source::{FileId, Source};

    #[test]
    fn links_leave_by_their_text() {
        assert_eq!(leads("a", "../b"), Leads::Above(1));
        assert_eq!(leads("x/a", "../../../b"), Leads::Above(2));
        assert_eq!(leads("x/a", "/etc/passwd"), Leads::Absolute);
        assert_eq!(leads("x/a", "../b"), Leads::Inside);
        assert_eq!(leads("a", "./b/../c"), Leads::Inside);
    }

    #[test]
    fn links_lead_nowhere_by_what_is_there() {
        let link = |path: &str, target: &str| {
            let mut file = SkillFile::new(path, FileId(0), Source::new(path, []), false);
            file.link = Some(Link { target: target.to_owned(), leads: leads(path, target) });
            file
        };
        let file = SkillFile::new("d/f", FileId(0), Source::new("d/f", []), false);
        let mut files = vec![
            file,
            link("a", "b"),
            link("b", "a"),
            link("gone", "x"),
            link("dir", "d"),
            link("far", "dir"),
            link("d/up", "../d/f"),
        ];
        settle_links(&mut files);
        let nowhere = files.iter().filter(|file| file.link.as_ref().is_some_and(|link| link.leads == Leads::Nowhere));
        assert_eq!(nowhere.map(|file| &*file.path).collect::<Vec<_>>(), ["a", "b", "gone"]);
    }
}
