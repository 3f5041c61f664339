//! Fixes, round by round: each is tried on the files in memory and kept only when the same checks say
//! afterwards that its finding is gone and nothing else became worse.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::disk;
use crate::finding::Safety;
use crate::fix::{Action, Done, Fixed, Rewrite, plan};
use crate::judge::Verdict;
use crate::options::Options;

/// Runs at most: every refused fix costs one, and a file can be made to have any number of them.
const MOST_RUNS: usize = 100;

/// Checks, and fixes what can be fixed: only what is safe, or all that an edit can do.
///
/// # Errors
/// As [`super::run`].
pub fn fix(options: &Options, all: bool) -> Result<Fixed, String> {
    let first = super::run(options)?;
    let base = options.base(&options.roots()?);
    let mut options = options.clone();
    let mut originals: BTreeMap<Arc<str>, Rewrite> = BTreeMap::new();
    let mut now: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    let (mut done, mut refused, mut out) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut next = None;
    let mut most = usize::MAX;
    for _ in 0..MOST_RUNS {
        let verdict = next.as_ref().unwrap_or(&first);
        let chosen = plan::choose(verdict, all, &out, most);
        if chosen.fixes.is_empty() {
            break;
        }
        let read = |path: &str| now.get(path).cloned().or_else(|| disk::read(&base.join(path), disk::MAX_TEXT).ok());
        let told = |(finding, fix): &(&crate::finding::Settled, &crate::finding::SettledFix)| Done {
            path: finding.location.path.to_string(),
            id: finding.id.to_string(),
            title: fix.title.clone(),
        };
        let rewrites = chosen.rewrites(&read);
        let mut changed = now.clone();
        for rewrite in rewrites.iter().flatten() {
            changed.insert(rewrite.path.to_string(), Arc::clone(&rewrite.after));
        }
        options.overlay = Arc::new(changed.clone());
        let after = super::run(&options)?;
        if rewrites.is_ok() && !chosen.made_worse(verdict, &after) {
            for rewrite in rewrites.into_iter().flatten() {
                let secrets = rewrite.secrets.clone();
                let file = originals.entry(Arc::clone(&rewrite.path)).or_insert(rewrite);
                file.secrets.extend(secrets);
            }
            done.extend(chosen.fixes.iter().map(told));
            now = changed;
            next = Some(after);
            most = usize::MAX;
        } else if let [one] = chosen.fixes.as_slice() {
            refused.push(told(one));
            out.insert(one.0.identity.fingerprint.clone());
        } else {
            // One of them is to blame: fewer at a time.
            most = chosen.fixes.len() / 2;
        }
    }
    let file = |(path, mut file): (Arc<str>, Rewrite)| {
        file.after = now.get(&*path).cloned().unwrap_or_else(|| Arc::clone(&file.before));
        file
    };
    let files = originals.into_iter().map(file).filter(|file| file.before != file.after).collect();
    let actions = actions(&first, all);
    done.sort();
    refused.sort();
    Ok(Fixed { verdict: first, files, actions, done, refused })
}

/// The permission bits that fixes ask for: of several wishes for one path only the bits that all of them leave.
/// Taking bits away needs no trial.
fn actions(verdict: &Verdict, all: bool) -> Vec<Action> {
    let mut by_path: BTreeMap<&str, Action> = BTreeMap::new();
    for finding in &verdict.shown {
        let Some(fix) = &finding.fix else { continue };
        if fix.safety != Safety::Safe && !(all && fix.safety == Safety::Unsafe) {
            continue;
        }
        for mode in &fix.modes {
            let action = || Action { path: mode.path.to_string(), keep: mode.keep, id: finding.id.to_string() };
            by_path.entry(&mode.path).or_insert_with(action).keep &= mode.keep;
        }
    }
    by_path.into_values().collect()
}
