//! The stages in their order: what one run of `check` is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::check;
use crate::discover::{self, Discovery, EntryKind, Target};
use crate::finding::Diagnostic;
use crate::judge::settle::{self, Unit};
use crate::judge::{self, Evidence, Input, Verdict};
use crate::load::{self, Loaded, Outcome};
use crate::model::Config;
use crate::model::document::{Content, Document};
use crate::model::project::Project;
use crate::options::Options;
use crate::source::Sources;

/// Runs every stage.
///
/// # Errors
/// A usage error in words: a named path does not exist, or the threads could not be started.
pub fn run(options: &Options) -> Result<Verdict, String> {
    let discovery = discover::discover(options)?;
    let threads = options.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| format!("cannot start worker threads: {error}"))?;
    let evidence = pool.install(|| collect(discovery, options));
    Ok(judge::judge(evidence, options))
}

fn collect(discovery: Discovery, options: &Options) -> Evidence {
    let Discovery { tree, targets, diagnostics } = discovery;
    let mut evidence = Evidence { diagnostics, ..Evidence::default() };
    let documents = load_documents(&tree, &targets, &mut evidence.diagnostics);
    let configs = load_configs(&tree, &targets, options, &mut evidence.diagnostics);
    let project = Arc::new(Project {
        configs: configs.iter().map(|loaded| loaded.path.clone()).collect(),
        tree,
        documents,
        live: options.state_dir,
        trusted_hosts: options.settings.trusted_hosts.clone(),
    });
    let parts: Vec<Evidence> = configs.into_par_iter().map(|loaded| check_config(loaded, &project, options)).collect();
    let sides: Vec<Evidence> =
        project.documents.par_iter().map(|document| check_document(document, &project, options)).collect();
    for part in parts.into_iter().chain(sides).chain([check_project(&project, options)]) {
        evidence.findings.extend(part.findings);
        evidence.inputs.extend(part.inputs);
        evidence.diagnostics.extend(part.diagnostics);
        evidence.ran.extend(part.ran);
    }
    evidence
}

fn load_documents(tree: &discover::Tree, targets: &[Target], troubles: &mut Vec<Diagnostic>) -> Vec<Document> {
    let wanted: Vec<_> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Document { path, kind, sample } => Some((path, *kind, *sample)),
            Target::Config { .. } => None,
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
fn load_configs(
    tree: &discover::Tree,
    targets: &[Target],
    options: &Options,
    troubles: &mut Vec<Diagnostic>,
) -> Vec<Loaded> {
    let outcomes: Vec<(Outcome, bool)> = targets
        .par_iter()
        .filter_map(|target| match target {
            Target::Config { path, role, named } => {
                Some((load::config(tree, path, *role, *named, &options.include_roots), *named))
            }
            Target::Document { .. } => None,
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
    let real = |path: &str| tree.on_disk(path).canonicalize().unwrap_or_default();
    loaded.retain(|(config, named)| *named || !included.contains::<Path>(&real(&config.path)));
    // A link and its target are one configuration; the target's own name is the one to show.
    let is_link = |path: &str| tree.get(path).is_some_and(|entry| matches!(entry.kind, EntryKind::Link { .. }));
    let files: BTreeSet<PathBuf> =
        loaded.iter().filter(|(config, _)| !is_link(&config.path)).map(|(config, _)| real(&config.path)).collect();
    loaded.retain(|(config, _)| !is_link(&config.path) || !files.contains(&real(&config.path)));
    loaded.into_iter().map(|(config, _)| config).collect()
}

fn check_config(loaded: Loaded, project: &Arc<Project>, options: &Options) -> Evidence {
    let config = Config::new(loaded, &options.wanted, project);
    let checked = check::config(&config, options);
    let unit = Unit { sources: &config.sources, project, secrets: &[], profile: options.wanted.profile };
    let bytes = config.sources.get(config.file).map(|source| &*source.bytes).unwrap_or_default();
    let input = Input {
        path: config.path.clone(),
        kind: "config",
        dialect: Some(Input::dialect_of(config.dialect)),
        reason: config.dialect_reason.clone(),
        valid: config.is_valid(),
        complete: config.resolved,
        size: bytes.len() as u64,
        sha256: settle::hex(&Sha256::digest(bytes)),
    };
    Evidence {
        findings: settle::settle(checked.findings, &unit),
        inputs: vec![input],
        diagnostics: Vec::new(),
        ran: checked.ran,
    }
}

fn check_document(document: &Document, project: &Project, options: &Options) -> Evidence {
    let checked = check::document(document, project, options);
    let sources = Sources::default();
    let unit = Unit { sources: &sources, project, secrets: &[], profile: options.wanted.profile };
    let bytes = &document.source.bytes;
    let input = Input {
        path: document.path.clone(),
        kind: document.kind.label(),
        dialect: None,
        reason: String::new(),
        valid: !matches!(document.content, Content::Broken(_)),
        complete: true,
        size: bytes.len() as u64,
        sha256: settle::hex(&Sha256::digest(bytes)),
    };
    let relevant = document.is_relevant() || !checked.findings.is_empty();
    Evidence {
        findings: settle::settle(checked.findings, &unit),
        inputs: relevant.then_some(input).into_iter().collect(),
        ran: checked.ran,
        ..Evidence::default()
    }
}

fn check_project(project: &Project, options: &Options) -> Evidence {
    let checked = check::project(project, options);
    let sources = Sources::default();
    let unit = Unit { sources: &sources, project, secrets: &[], profile: options.wanted.profile };
    Evidence { findings: settle::settle(checked.findings, &unit), ran: checked.ran, ..Evidence::default() }
}
