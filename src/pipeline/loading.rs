//! Reads the files that the targets name.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::classify;
use crate::diagnostic::Diagnostic;
use crate::discover::{self, EntryKind, Target};
use crate::kind::Role;
use crate::load::{self, Loaded, Outcome};
use crate::model::config::Wanted;
use crate::model::dialect::Release;
use crate::model::document::Document;
use crate::options::Options;
use crate::path;

/// Adds configurations that a deployment file mounts, copies or names under a name of their own.
pub(super) fn with_renamed(
    mut targets: Vec<Target>,
    tree: &discover::Tree,
    documents: &[Document],
    options: &Options,
) -> Vec<Target> {
    if options.state_dir {
        return targets;
    }
    let mut found = BTreeSet::new();
    for document in documents.iter().filter(|document| !document.sample) {
        let dir = document.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        for word in classify::config_words(document.text()) {
            let below = word.trim_start_matches("./");
            let beside = if dir.is_empty() { below.to_owned() } else { format!("{dir}/{below}") };
            let known = [beside, below.to_owned()];
            let file = known.into_iter().find(|path| tree.get(path).is_some_and(|e| e.kind == EntryKind::File));
            found.extend(file.filter(|path| classify::by_name(path).is_none()));
        }
    }
    targets.extend(found.into_iter().map(|path| Target::Config { path, role: Role::Live, named: false }));
    targets
}

pub(super) fn load_documents(
    tree: &discover::Tree,
    targets: &[Target],
    troubles: &mut Vec<Diagnostic>,
) -> Vec<Document> {
    let wanted: Vec<_> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Document { path, kind, sample } => Some((path, *kind, *sample)),
            Target::Config { .. } | Target::Unit { .. } | Target::Log { .. } => None,
        })
        .collect();
    let read: Vec<_> = wanted
        .par_iter()
        .enumerate()
        .map(|(index, (path, kind, sample))| load::document(tree, path, *kind, *sample, index))
        .collect();
    let mut documents = Vec::with_capacity(read.len());
    for (document, trouble) in read {
        troubles.extend(trouble.or_else(|| document.trouble()));
        documents.push(document);
    }
    documents
}

/// Reads every candidate; what another one includes is a fragment of that one, not a root.
pub(super) fn load_configs(
    tree: &discover::Tree,
    targets: &[Target],
    options: &Options,
    troubles: &mut Vec<Diagnostic>,
) -> Vec<Loaded> {
    let mut roots = options.include_roots.clone();
    roots.extend(include_roots(&options.wanted));
    let outcomes: Vec<(Outcome, bool)> = targets
        .par_iter()
        .filter_map(|target| match target {
            Target::Config { path, role, named } => Some((load::config(tree, path, *role, *named, &roots), *named)),
            Target::Document { .. } | Target::Unit { .. } | Target::Log { .. } => None,
        })
        .collect();
    let mut loaded = Vec::new();
    for (outcome, named) in outcomes {
        match outcome {
            Outcome::Config(config) => loaded.push((*config, named)),
            Outcome::Unreadable(trouble) => troubles.push(trouble),
            Outcome::Other => {}
        }
    }
    let included: BTreeSet<PathBuf> =
        loaded.iter().flat_map(|(config, _)| config.included_paths.iter().cloned()).collect();
    let real = |config: &Loaded| {
        let path = tree.on_disk(&config.path);
        path.canonicalize().unwrap_or(path)
    };
    let mut loaded: Vec<_> = loaded.into_iter().map(|(config, named)| (real(&config), config, named)).collect();
    loaded.retain(|(real, _, named)| *named || !included.contains(real));
    // A link and its target are one configuration; the target's own name is the one to show.
    let is_link = |path: &str| tree.get(path).is_some_and(|entry| matches!(entry.kind, EntryKind::Link { .. }));
    let files: BTreeSet<PathBuf> =
        loaded.iter().filter(|(_, config, _)| !is_link(&config.path)).map(|(real, ..)| real.clone()).collect();
    loaded.retain(|(real, config, _)| !is_link(&config.path) || !files.contains(real));
    loaded.into_iter().map(|(_, config, _)| config).collect()
}

/// The directories that `OPENCLAW_INCLUDE_ROOTS` allows includes from: since 2026.5, and only when the
/// environment is known.
pub(super) fn include_roots(wanted: &Wanted) -> Vec<PathBuf> {
    if wanted.release.is_some_and(|release| release < Release::V2026_5) {
        return Vec::new();
    }
    let roots = wanted.env.get("OPENCLAW_INCLUDE_ROOTS").unwrap_or_default();
    std::env::split_paths(roots).filter(|root| root.is_absolute()).map(|root| path::lexical(&root)).collect()
}
