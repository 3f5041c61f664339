//! Facts about files whose content plays no part: where links lead, who may read and write.

use std::collections::BTreeSet;

use super::{Collected, Desk, MODE};
use crate::discover::{Entry, EntryKind};
use crate::model::project::Project;
use crate::source::Sources;

/// The links of the tree and, in a live state directory, the permissions of the files that are read.
/// `units` are the directories of skills, which tell of their own files.
#[must_use]
pub fn facts(project: &Project, units: &BTreeSet<String>) -> Collected {
    let sources = Sources::default();
    let mut desk = Desk::new("tree", "", project, &sources);
    let in_unit = |path: &str| {
        let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        above.into_iter().any(|dir| units.contains(dir))
    };
    for entry in project.tree.entries.iter().filter(|entry| !in_unit(&entry.path)) {
        if let EntryKind::Link { target, outside } = &entry.kind {
            let value = serde_json::json!({"outside": outside, "target": target});
            desk.of_file("file.link", &entry.path, value, &entry.path);
        } else if is_told(project, entry)
            && let Some(mode) = entry.mode
        {
            desk.of_file(MODE, &entry.path, format!("{:04o}", mode & 0o7777).into(), &entry.path);
        }
    }
    desk.collected
}

/// Sessions and caches come and go; what is configured stays.
fn is_told(project: &Project, entry: &Entry) -> bool {
    let path = &*entry.path;
    let shallow = entry.kind == EntryKind::Dir && path.matches('/').count() < 2;
    shallow || project.document(path).is_some() || project.configs.iter().any(|config| config == path)
}
