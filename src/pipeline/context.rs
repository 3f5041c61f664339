//! The repository around a scan of a part of it: its keyrings, and the policies of its configurations.

use std::path::PathBuf;

use crate::classify::{self, Class};
use crate::discover::{self, EntryKind, Target, Tree};
use crate::kind::{Role, UnitKind};
use crate::load::{self, Outcome};
use crate::model::gate::Policy;
use crate::options::Options;
use crate::path::{dir_of, join};

/// Most entries of the repository that are looked at.
const MAX_ENTRIES: usize = 1_000_000;

/// What the repository says about trust beyond what is scanned.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Paths of keyrings.
    pub(super) keyrings: Vec<String>,
    /// Policies by the directory of their configuration.
    pub(super) policies: Vec<(String, Policy)>,
}

/// Looks for keyrings and configurations in the rest of the repository, when whole skills of it are scanned.
pub(super) fn around(tree: &Tree, targets: &[Target], options: &Options) -> Context {
    let is_dir = |root: &str| root.is_empty() || tree.get(root).is_some_and(|entry| entry.kind == EntryKind::Dir);
    let is_skill = |target: &Target| matches!(target, Target::Unit { root, kind: UnitKind::Skill, .. } if is_dir(root));
    let roots = options.roots().unwrap_or_default();
    let part = !options.state_dir && !roots.contains(&tree.base) && tree.base.join(".git").exists();
    let mut context = Context::default();
    if !part || !targets.iter().any(is_skill) {
        return context;
    }
    let walk = walkdir::WalkDir::new(&tree.base).follow_links(false).max_depth(discover::MAX_DEPTH).sort_by_file_name();
    let kept = |entry: &walkdir::DirEntry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || !discover::skipped_dir(&entry.file_name().to_string_lossy())
    };
    let files =
        walk.into_iter().filter_entry(kept).flatten().take(MAX_ENTRIES).filter(|entry| entry.file_type().is_file());
    for entry in files {
        let name = entry.file_name().to_string_lossy();
        let config = || classify::by_name(&name) == Some(Class::Config(Role::Live)) || name == "config.json5";
        if !classify::is_keyring_name(&name) && !config() {
            continue;
        }
        let path = discover::relative(&tree.base, entry.path());
        if tree.get(&path).is_some() || classify::is_sample(&path) || options.excludes.is_match(&path) {
            continue;
        }
        if classify::is_keyring_name(&path) {
            if !is_in_skill(tree, &path) {
                context.keyrings.push(path);
            }
        } else if classify::by_name(&path) == Some(Class::Config(Role::Live)) {
            context.policies.extend(policy(tree, &path, &options.include_roots));
        }
    }
    context
}

/// The policy of a configuration outside of what is scanned. What else it says is no matter here.
fn policy(tree: &Tree, path: &str, include_roots: &[PathBuf]) -> Option<(String, Policy)> {
    let Outcome::Config(loaded) = load::config(tree, path, Role::Live, false, include_roots) else { return None };
    Some((dir_of(path).to_owned(), super::trusted::policy(&loaded)?))
}

/// Does a file on disk lie in a skill?
fn is_in_skill(tree: &Tree, path: &str) -> bool {
    let above = std::iter::successors(Some(dir_of(path)), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
    above.into_iter().any(|dir| tree.on_disk(&join(dir, "SKILL.md")).symlink_metadata().is_ok())
}
