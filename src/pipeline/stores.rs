//! Stores of credentials and state that only their content gives away.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::classify::{is_example_name, is_sample, may_be_store, store_kind};
use crate::discover::{Entry, EntryKind, Target, Tree};
use crate::kind::DocumentKind;
use crate::load;
use crate::path::dir_of;

/// Adds the stores among the files that no name told, and the backups beside stores. What lies in a skill
/// is read with the skill.
pub(super) fn with_stores(mut targets: Vec<Target>, tree: &Tree) -> Vec<Target> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut roots: BTreeSet<&str> = BTreeSet::new();
    for target in &targets {
        match target {
            Target::Config { path, .. } | Target::Document { path, .. } | Target::Log { path } => {
                known.insert(path);
            }
            Target::Unit { root, .. } => _ = roots.insert(root),
        }
    }
    // A unit that is the repository itself hides nothing of it.
    let in_unit = |path: &str| {
        let above = std::iter::successors(Some(path), |path| (!path.is_empty()).then(|| dir_of(path)));
        above.take_while(|dir| !dir.is_empty()).any(|dir| roots.contains(dir))
    };
    let is_wanted = |entry: &&Entry| entry.kind == EntryKind::File && may_be_store(&entry.path);
    let wanted: Vec<&Entry> = tree.entries.iter().filter(is_wanted).filter(|entry| !in_unit(&entry.path)).collect();
    let kind = |path: &str| store_kind(&load::peek(tree, path));
    let found: Vec<Target> = wanted
        .into_par_iter()
        .filter(|entry| !known.contains(&*entry.path))
        .filter_map(|entry| {
            let path = &*entry.path;
            let store = path.strip_suffix(".bak").filter(|store| tree.get(store).is_some());
            let encrypted = Some(DocumentKind::EncryptedStore);
            let kind = if store.is_some_and(|store| kind(store) == encrypted) {
                DocumentKind::StoreBackup
            } else {
                kind(path)?
            };
            let sample = is_sample(path) || is_example_name(path);
            Some(Target::Document { path: path.to_owned(), kind, sample })
        })
        .collect();
    targets.extend(found);
    targets.sort();
    targets
}
