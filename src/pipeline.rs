//! The stages in their order: what one run of `check` is.

mod accepted;
mod changes;
mod context;
pub mod fixing;
mod ignores;
mod limits;
mod loading;
pub(crate) mod logs;
mod stores;
mod survey;
mod trusted;
mod units;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use changes::Changes;
use ignores::Ground;
use limits::left_out;
use loading::{include_roots, load_configs, load_documents, with_renamed};
pub use units::{Opened, open as open_skill};

use crate::check::{self, Checked, Plan};
use crate::diagnostic::{Diagnostic, Level};
use crate::digest;
use crate::discover::{self, Discovery, Tree};
use crate::finding::{Finding, Location, Settled};
use crate::judge::ignores::Reading;
use crate::judge::settle::{self, Settlement, Unit, masked};
use crate::judge::suppress::{By, Split, Suppressed};
use crate::judge::{self, Evidence, Input, Verdict};
use crate::kind::{DocumentKind, Role};
use crate::load::{self, Loaded, Outcome};
use crate::model::config::Wanted;
use crate::model::document::{Content, Document};
use crate::model::project::Project;
use crate::model::value::Value;
use crate::model::{Config, provenance, secrets};
use crate::options::{Options, Survey};
use crate::path;
use crate::rule::Profile;
use crate::source::{FileId, Owner, Sources, Span};

/// Runs every stage.
///
/// # Errors
/// A usage error in words: a named path does not exist, or the threads could not be started.
pub fn run(options: &Options) -> Result<Verdict, String> {
    let discovery = discover::discover(&options.request()?);
    let changed = match (&options.changed_since, &options.changed_files) {
        (Some(reference), _) => Some(Changes::since(&discovery, reference)?),
        (None, Some(files)) => Some(Changes::named(files.clone())),
        (None, None) => None,
    };
    // More threads than this only take time to start.
    let threads = options.threads.unwrap_or(0).min(256);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| format!("cannot start worker threads: {error}"))?;
    let seen = accepted::seen(&discovery, options);
    let mut evidence = pool.install(|| collect(discovery, changed.as_ref(), options));
    evidence.seen = seen;
    evidence.diagnostics.extend(options.notices.iter().cloned());
    Ok(judge::judge(evidence, options))
}

/// Reads one configuration alone, and its root file as it was written.
///
/// # Errors
/// The path and the reason: it cannot be read.
pub fn open(file: &Path, wanted: &Wanted) -> Result<(Config, Option<Value>), String> {
    let shown = file.display();
    let full = std::path::absolute(file).map_err(|error| format!("{shown}: {error}"))?;
    let full = path::lexical(&full);
    let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tree = Tree { base: full.parent().map(Path::to_path_buf).unwrap_or_default(), ..Tree::default() };
    let loaded = match load::config(&tree, &name, Role::Live, true, &include_roots(wanted)) {
        Outcome::Config(loaded) => *loaded,
        Outcome::Other => return Err(format!("{shown}: not a configuration")),
        Outcome::Unreadable(trouble) => return Err(format!("{shown}: {}", trouble.message)),
    };
    let (dotenv, _) = load::document(&tree, ".env", DocumentKind::DotEnv, false, 0);
    let project = Project { tree, documents: vec![dotenv], configs: vec![name], ..Project::default() };
    let written = loaded.root().map(Value::from);
    Ok((Config::new(loaded, wanted, &Arc::new(project)), written))
}

fn collect(discovery: Discovery, changed: Option<&Changes>, options: &Options) -> Evidence {
    let Discovery { tree, mut targets, diagnostics } = discovery;
    let around = context::around(&tree, &targets, options);
    let named = trusted::target(&tree, &mut targets, &around, options);
    let mut evidence = Evidence { diagnostics, ..Evidence::default() };
    options.meter.total.store(targets.len(), Ordering::Relaxed);
    let targets = stores::with_stores(targets, &tree);
    let documents = load_documents(&tree, &targets, &mut evidence.diagnostics);
    let targets = with_renamed(targets, &tree, &documents, options);
    let mut configs = load_configs(&tree, &targets, options, &mut evidence.diagnostics);
    if let Some(changed) = changed {
        configs.retain(|loaded| changed.config(loaded));
        evidence.diagnostics.extend(changed.note());
        evidence.unchanged = true;
    }
    let trust = trusted::base(named, &configs, around, options);
    let project = Arc::new(Project {
        trust,
        now: options.now,
        configs: configs.iter().map(|loaded| loaded.path.clone()).collect(),
        closed_skills: units::closed(&targets, &tree, options),
        tree,
        documents,
        live: options.state_dir,
        upstream: options.wanted.profile == Profile::Upstream,
        trusted_hosts: options.settings.trusted_hosts.clone(),
        tables: options.settings.tables.clone(),
        ..Project::default()
    });
    let surveys = options.survey != Survey::No;
    let mut plan = if options.survey == Survey::Only { Plan::default() } else { Plan::new(options) };
    let plugins = if plan.wants_plugins() { units::plugins(&project) } else { Vec::new() };
    let skills = targets.iter().filter(|_| plan.wants_skills() || surveys);
    let mut units: Vec<_> = skills.chain(&plugins).filter_map(units::of).collect();
    if plan.wants_skills() {
        plan.prepare(units.len() > units::MANY);
    }
    let roots = units::roots(&units);
    let ground = Ground::new(&plan, &project, &targets, changed.is_some(), options);
    units.retain(|unit| changed.is_none_or(|changed| changed.unit(unit.root)));
    let done = |part| {
        options.meter.done.fetch_add(1, Ordering::Relaxed);
        part
    };
    let configs = configs.into_par_iter().map(|loaded| {
        let path = loaded.path.clone();
        done(isolated(&path, || check_config(loaded, &project, &ground, options)))
    });
    let documents = project.documents.par_iter();
    // What a record says is judged with the lock file that tracks it.
    let lock = |document: &Document| {
        let origin = document.kind == DocumentKind::SkillOrigin;
        origin.then(|| provenance::lock(&project, provenance::subject(document))).flatten()
    };
    let differs = |changed: &Changes, document: &Document| {
        changed.file(&document.path) || lock(document).is_some_and(|lock| changed.file(&lock.path))
    };
    // A keyring outside of what is scanned is asked, and checked only for those who ask about it.
    let is_in_scan = |document: &&Document| {
        document.kind != DocumentKind::Keyring || options.keyrings_too || project.tree.get(&document.path).is_some()
    };
    let documents = documents.filter(is_in_scan);
    let documents = documents.filter(|document| changed.is_none_or(|changed| differs(changed, document)));
    let documents = documents
        .map(|document| done(isolated(&document.path, || check_document(document, &project, &ground, options))));
    let units = units
        .into_par_iter()
        .map(|unit| done(isolated(unit.root, || units::check(&unit, &roots, &project, &ground, options))));
    // One chain, so that no thread waits for the last configuration before the first skill.
    let parts = configs.chain(documents).chain(units);
    let parts = parts.fold(Evidence::default, Evidence::with).reduce(Evidence::default, Evidence::with);
    let logs = if plan.wants_logs() { logs::paths(&targets, &project) } else { BTreeSet::new() };
    let logs = logs.iter().filter(|path| changed.is_none_or(|changed| logs::concerns(changed, path, &project)));
    // One after the other: each is worked on by all threads.
    let logs = logs.map(|path| done(isolated(path, || logs::check(path, &project, &plan, options))));
    let logs = logs.fold(Evidence::default(), Evidence::with);
    let mut whole = check_project(&project, &plan, options);
    if let Some(changed) = changed {
        // Of two skills with one name either may be the new one.
        let concerns = |location: &Location| changed.file(&location.path);
        let related = |finding: &Settled| finding.related.iter().any(|other| concerns(&other.location));
        whole.findings.retain(|finding| concerns(&finding.location) || related(finding));
    }
    let around = if surveys { survey::project(&project, &roots) } else { Evidence::default() };
    evidence.with(parts).with(logs).with(whole).with(around)
}

/// Checks one file; when that panics the other files are still checked.
fn isolated(path: &str, check: impl FnOnce() -> Evidence) -> Evidence {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
        let message = "not checked: an internal error; please report this as a bug".to_owned();
        let trouble = Diagnostic { path: path.to_owned(), level: Level::Error, message };
        Evidence { diagnostics: vec![trouble], internal: true, ..Evidence::default() }
    })
}

fn check_config(loaded: Loaded, project: &Arc<Project>, ground: &Ground<'_>, options: &Options) -> Evidence {
    let config = Config::new(loaded, &options.wanted, project);
    let mut checked = check::config(&config, ground.plan);
    let mut diagnostics = left_out(&config.path, &checked);
    let reading = ground.of_config(&config, &mut diagnostics);
    let secrets = hidden(checked.findings.iter().chain(reading.findings()), Some(&config), project);
    let home = Some(Arc::from(&*config.path));
    let unit = Unit { root: Some(&config.root), home, ..unit(&config.sources, project, &secrets, options) };
    let bytes = config.sources.get(config.file).map(|source| &*source.bytes).unwrap_or_default();
    let input = Input {
        path: config.path.clone(),
        kind: "config",
        dialect: Some(Input::dialect_of(config.dialect)),
        reason: config.dialect_reason.clone(),
        valid: config.is_valid(),
        complete: config.resolved,
        size: bytes.len() as u64,
        sha256: digest::hex(&Sha256::digest(bytes)),
    };
    let Split { kept, taken, remarks } = ground.suppressed(&config, &mut checked, &mut diagnostics);
    let (taken, reasons): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
    let suppressed = settle::settle(taken, &unit).findings.into_iter().zip(reasons);
    checked.findings = kept;
    checked.findings.extend(remarks);
    if config.issues_left_out > 0 {
        let message = format!("{} more keys and values are wrong than are listed", config.issues_left_out);
        diagnostics.push(Diagnostic { path: config.path.clone(), level: Level::Error, message });
    }
    let evidence = Evidence {
        diagnostics,
        suppressed: suppressed.map(by_configuration).collect(),
        inputs: vec![input],
        ..settled(checked, reading, &unit)
    };
    let survey = if options.survey == Survey::No { Evidence::default() } else { survey::config(&config) };
    evidence.with(survey)
}

/// A finding that its own configuration suppresses.
fn by_configuration((finding, reason): (Settled, String)) -> Suppressed {
    Suppressed { finding, by: By::Configuration, reason: masked(reason), until: None }
}

fn check_document(document: &Document, project: &Project, ground: &Ground<'_>, options: &Options) -> Evidence {
    let checked = check::document(document, project, ground.plan);
    let mut diagnostics = left_out(&document.path, &checked);
    let reading = ground.of_document(document, &mut diagnostics);
    let sources = Sources::default();
    let root = if let Content::Tree(value) = &document.content { Some(value) } else { None };
    let secrets = hidden(checked.findings.iter().chain(reading.findings()), None, project);
    let unit = Unit { root, ..unit(&sources, project, &secrets, options) };
    let bytes = &document.source.bytes;
    let input = Input {
        path: document.path.clone(),
        kind: document.kind.label(),
        dialect: None,
        reason: String::new(),
        valid: !matches!(document.content, Content::Broken(_)) && project.is_sound(document),
        complete: true,
        size: bytes.len() as u64,
        sha256: digest::hex(&Sha256::digest(bytes)),
    };
    let relevant = document.is_relevant() || !checked.findings.is_empty();
    let survey = if options.survey == Survey::No { Evidence::default() } else { survey::document(document, project) };
    let inputs = relevant.then_some(input).into_iter().collect();
    Evidence { inputs, diagnostics, ..settled(checked, reading, &unit) }.with(survey)
}

fn check_project(project: &Project, plan: &Plan, options: &Options) -> Evidence {
    let checked = check::project(project, plan);
    let sources = Sources::default();
    let secrets = hidden(&checked.findings, None, project);
    let diagnostics = left_out("", &checked);
    Evidence { diagnostics, ..settled(checked, Reading::default(), &unit(&sources, project, &secrets, options)) }
}

/// The tokens that no excerpt of some findings may show: of the configuration at hand, and of the
/// side files that they point into.
fn hidden<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    config: Option<&Config>,
    project: &Project,
) -> Vec<Span> {
    let places =
        |finding: &'f Finding| std::iter::once(finding.place.span).chain(finding.related.iter().map(|one| one.span));
    let files: BTreeSet<FileId> = findings.into_iter().flat_map(places).map(|span| span.file).collect();
    if files.is_empty() {
        return Vec::new();
    }
    let documents = files.into_iter().filter_map(|file| match file.owner() {
        Owner::Document(index) => project.documents.get(index),
        Owner::Unit(_) | Owner::Entry(_) => None,
    });
    documents.flat_map(secrets::document_spans).chain(config.into_iter().flat_map(secrets::spans)).collect()
}

fn unit<'a>(sources: &'a Sources, project: &'a Project, secrets: &'a [Span], options: &Options) -> Unit<'a> {
    let profile = options.wanted.profile;
    let for_sarif = options.line_hashes;
    Unit {
        sources,
        project,
        skill: None,
        files: &[],
        root: None,
        home: None,
        secrets,
        fixable: true,
        profile,
        for_sarif,
    }
}

fn settled(checked: Checked, reading: Reading, unit: &Unit<'_>) -> Evidence {
    let Settlement { mut findings, mut files } = settle::settle(checked.findings, unit);
    let (said, ignores) = ignores::settled(reading, unit);
    if !said.is_empty() {
        findings.extend(said);
        files.extend(ignores.files.iter().cloned());
    }
    Evidence { findings, ignores, files, ran: checked.ran, ..Evidence::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_kept_to_its_file() {
        let evidence = isolated("broken/openclaw.json", || std::panic::resume_unwind(Box::new("a bug")));
        assert!(evidence.internal);
        assert_eq!(evidence.diagnostics.first().map(|one| one.path.as_str()), Some("broken/openclaw.json"));
        let verdict = judge::judge(evidence, &Options::new(Vec::new()));
        assert_eq!(verdict.exit_code, judge::exit::INTERNAL);
    }
}
