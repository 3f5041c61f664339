//! Fixes, round by round: each is tried on the files in memory and kept only when the same checks say
//! afterwards that its finding is gone and nothing else became worse.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fix::{Done, Fixed, Rewrite, plan};
use crate::load;
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
    let mut originals: BTreeMap<Arc<str>, Arc<[u8]>> = BTreeMap::new();
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
        let read = |path: &str| now.get(path).cloned().or_else(|| load::read(&base.join(path), load::MAX_TEXT).ok());
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
                originals.entry(rewrite.path).or_insert(rewrite.before);
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
    let file = |(path, before): (Arc<str>, Arc<[u8]>)| {
        let after = now.get(&*path).cloned().unwrap_or_else(|| Arc::clone(&before));
        Rewrite { path, before, after }
    };
    let files = originals.into_iter().map(file).filter(|file| file.before != file.after).collect();
    done.sort();
    refused.sort();
    Ok(Fixed { verdict: first, files, done, refused })
}
