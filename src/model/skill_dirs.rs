//! Where a configuration takes skills from, and which lie there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::config::Config;
use super::places::is_workspace;
use crate::discover::{EntryKind, Tree};
use crate::finding::Place;
use crate::path::{dir_of, join};

/// A skill that a configuration finds.
#[derive(Clone, Debug)]
pub struct PlacedSkill {
    /// The name of its directory, which is usually the skill's.
    pub name: String,
    /// Its manifest.
    pub place: Place,
}

/// The `SKILL.md` files below the `skills` directory of a workspace, as upstream looks for them.
#[derive(Debug, Default)]
pub struct Walk {
    /// Their paths; links too.
    pub manifests: Vec<String>,
    /// It stopped before it had seen everything.
    pub truncated: bool,
}

/// Manifests of one workspace that upstream looks at.
const MOST_MANIFESTS: usize = 2_000;
/// Directories of one workspace that it looks into.
const MOST_DIRS: usize = 20 * MOST_MANIFESTS;

impl Config {
    /// The workspaces of its agents that lie in the scanned tree, by path. What is written as the product's
    /// own directory at home (`~/.openclaw/…`) stands beside the configuration.
    #[must_use]
    pub fn workspace_dirs(&self) -> BTreeSet<String> {
        let agents = self.agents();
        let written = agents.iter().filter_map(|agent| self.workspace(Some(agent))).chain(self.workspace(None));
        let mut dirs: BTreeSet<String> = written.filter_map(|found| self.in_tree(found.str()?)).collect();
        dirs.insert(self.beside("workspace"));
        dirs.extend(agents.iter().map(|agent| self.beside(&format!("workspace-{}", agent.id))));
        let tree = &self.project.tree;
        dirs.retain(|dir| tree.get(dir).is_some_and(|entry| entry.kind == EntryKind::Dir));
        dirs
    }

    /// The skills that it finds: its own, those of its workspaces and of `skills.load.extraDirs`.
    #[must_use]
    pub fn placed_skills(&self) -> Vec<PlacedSkill> {
        let mut roots: BTreeSet<String> = self.workspace_dirs().iter().map(|dir| join(dir, "skills")).collect();
        roots.insert(self.beside("skills"));
        // A repository that is a workspace keeps its configuration in a directory of it.
        let around = dir_of(&self.dir);
        if !self.dir.is_empty() && is_workspace(&self.project, around) {
            roots.insert(join(around, "skills"));
        }
        roots.extend(self.at("skills.load.extraDirs").strings().filter_map(|(path, _)| self.in_tree(path)));
        let manifests: BTreeSet<String> =
            roots.iter().flat_map(|root| walk(&self.project.tree, root, MOST_MANIFESTS, MOST_DIRS).manifests).collect();
        let placed = |path: &String| {
            let name = dir_of(path).rsplit('/').next().unwrap_or_default();
            Some(PlacedSkill { name: name.to_owned(), place: self.project.place_of(path)? })
        };
        manifests.iter().filter_map(placed).collect()
    }

    /// What upstream sees of the skills of one workspace.
    #[must_use]
    pub fn skill_walk(&self, workspace: &str) -> Walk {
        walk(&self.project.tree, &join(workspace, "skills"), MOST_MANIFESTS, MOST_DIRS)
    }

    /// The path in the tree that a written directory means, when it means one.
    fn in_tree(&self, written: &str) -> Option<String> {
        let path = written.trim().trim_end_matches('/');
        let home = ["~/.openclaw", "$HOME/.openclaw", "~/.clawdbot", "~/.closedclaw"];
        if let Some(rest) = home.iter().find_map(|home| path.strip_prefix(home)) {
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            return Some(if rest.is_empty() { self.dir.clone() } else { self.beside(rest) });
        }
        let path = std::path::Path::new(path);
        let base = &self.project.tree.base;
        let full = if path.is_absolute() { path.to_owned() } else { base.join(&self.dir).join(path) };
        let full = crate::path::lexical(&full);
        full.starts_with(base).then(|| crate::discover::relative(base, &full))
    }
}

/// Upstream's walk: breadth first, hidden entries and dependencies passed over.
fn walk(tree: &Tree, root: &str, most_manifests: usize, most_dirs: usize) -> Walk {
    let mut children: BTreeMap<&str, Vec<(&str, &EntryKind)>> = BTreeMap::new();
    for entry in tree.under(root) {
        children.entry(dir_of(&entry.path)).or_default().push((&entry.path, &entry.kind));
    }
    let mut found = Walk::default();
    let mut queue = VecDeque::from([root]);
    let mut visits = 0;
    while found.manifests.len() < most_manifests && visits < most_dirs {
        let Some(dir) = queue.pop_front() else { break };
        visits += 1;
        for (path, kind) in children.get(dir).into_iter().flatten() {
            let name = path.rsplit('/').next().unwrap_or_default();
            match kind {
                _ if name.starts_with('.') || name == "node_modules" => {}
                EntryKind::Dir => queue.push_back(path),
                EntryKind::File | EntryKind::Link { .. } if name == "SKILL.md" => {
                    found.manifests.push((*path).to_owned());
                }
                _ => {}
            }
        }
    }
    found.truncated = !queue.is_empty();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Entry;

    fn tree(paths: &[&str]) -> Tree {
        let entry = |path: &str, kind| Entry { path: path.into(), kind, mode: None, executable: false };
        let mut entries: Vec<Entry> = paths.iter().map(|path| entry(path, EntryKind::File)).collect();
        let dirs: BTreeSet<&str> =
            paths.iter().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect();
        entries.extend(dirs.into_iter().map(|path| entry(path, EntryKind::Dir)));
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Tree { entries, ..Tree::default() }
    }

    #[test]
    fn the_walk_is_upstreams() {
        let tree =
            tree(&["s/b/SKILL.md", "s/a/x/SKILL.md", "s/.c/SKILL.md", "s/node_modules/SKILL.md", "s/a/skill.md"]);
        let walk = |manifests, dirs| super::walk(&tree, "s", manifests, dirs);
        assert_eq!(walk(9, 9).manifests, ["s/b/SKILL.md", "s/a/x/SKILL.md"]);
        assert!(!walk(9, 9).truncated && walk(9, 2).truncated && walk(1, 9).truncated && !walk(2, 9).truncated);
        assert!(super::walk(&tree, "t", 9, 9).manifests.is_empty());
    }
}
