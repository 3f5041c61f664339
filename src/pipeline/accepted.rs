//! What became of the files that a baseline speaks of: only what a run looked for can be gone.

use crate::check;
use crate::classify;
use crate::discover::{Discovery, EntryKind, Target, relative};
use crate::judge::baseline::Seen;
use crate::options::Options;
use crate::rules;

/// What became of the file of each entry of the baseline.
pub(super) fn seen(discovery: &Discovery, options: &Options) -> Vec<Seen> {
    let Some(baseline) = &options.baseline else { return Vec::new() };
    let tree = &discovery.tree;
    let roots = options.roots().unwrap_or_default();
    let dirs: Vec<String> = roots.iter().filter(|root| root.is_dir()).map(|root| relative(&tree.base, root)).collect();
    let whole = options.changed_since.is_none() && options.changed_files.is_none();
    let units = discovery.targets.iter().filter_map(|target| match target {
        Target::Unit { root, .. } => Some(root.as_str()),
        _ => None,
    });
    let units: std::collections::BTreeSet<&str> = units.collect();
    let is_target = |path: &str| {
        discovery.targets.iter().any(|target| match target {
            Target::Config { path: own, .. } | Target::Document { path: own, .. } | Target::Log { path: own } => {
                own == path
            }
            Target::Unit { main, .. } => main == path,
        })
    };
    let one = |entry: &crate::baseline::Entry| {
        let path = entry.path.as_str();
        // A rule that is gone finds nothing any more.
        let asked = rules::find(&entry.rule).is_none_or(|rule| check::is_wanted(rule, options));
        let outside = path.split('/').any(|part| part == "..");
        let gone = !outside && !tree.holds(path);
        let within = |dir: &String| dir.is_empty() || below(path, dir);
        let looked = if gone {
            dirs.iter().any(within) && !is_excluded(path, options)
        } else {
            let whole_skill =
                |root: &str| units.contains(root) && tree.get(root).is_some_and(|entry| entry.kind == EntryKind::Dir);
            // Examples are passed over unless they are named.
            let passed_over = || classify::is_sample(path) && !is_target(path);
            tree.get(path).is_some() && entry.skill.as_deref().map_or_else(|| !passed_over(), whole_skill)
        };
        Seen { gone, looked: whole && asked && looked }
    };
    baseline.entries.iter().map(one).collect()
}

/// Does a path lie in a directory?
fn below(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// Would the walk pass over this path, were it there?
fn is_excluded(path: &str, options: &Options) -> bool {
    let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    above.chain([path]).any(|path| options.excludes.is_match(path))
}
