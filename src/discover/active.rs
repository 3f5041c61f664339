//! Which configuration of a live state directory its gateway reads.

use std::collections::BTreeSet;

use super::Target;

/// Leaves of the configurations in live state directories only the one that a gateway would read.
pub(super) fn keep_active(targets: &mut Vec<Target>, state_dirs: &[String]) {
    let candidates: BTreeSet<String> = targets.iter().filter_map(config_path).map(str::to_owned).collect();
    let beside = |dir: &String, name: &str| if dir.is_empty() { String::from(name) } else { format!("{dir}/{name}") };
    let active =
        |dir: &String| ACTIVE_NAMES.into_iter().map(|name| beside(dir, name)).find(|path| candidates.contains(path));
    let active: BTreeSet<String> = state_dirs.iter().filter_map(active).collect();
    targets.retain_mut(|target| match target {
        Target::Config { path, named, .. } => {
            *named |= active.contains(path);
            *named
        }
        Target::Document { .. } | Target::Unit { .. } | Target::Log { .. } => true,
    });
}

/// The path of a configuration among the targets.
pub(super) fn config_path(target: &Target) -> Option<&str> {
    match target {
        Target::Config { path, .. } => Some(path),
        Target::Document { .. } | Target::Unit { .. } | Target::Log { .. } => None,
    }
}

/// The names of a configuration in a state directory, as the loaders look for them: the present one
/// first, then those of former names of the product and of its fork.
const ACTIVE_NAMES: [&str; 6] =
    ["openclaw.json", "clawdbot.json", "moltbot.json", "moldbot.json", "closedclaw.json", "ClosedClaw.json"];
