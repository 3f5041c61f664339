//! Skills and other texts for an agent, one at a time: load, check, settle, drop.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::ignores::Ground;
use super::{left_out, settled, survey, unit};
use crate::check;
use crate::diagnostic::{Diagnostic, Level};
use crate::discover::{self, Discovery, EntryKind, Target, Tree};
use crate::facts::{domain, url};
use crate::finding::{FileFacts, Finding};
use crate::judge::settle::{Unit, masked};
use crate::judge::skills::{SignatureFacts, Signed, SkillFacts};
use crate::judge::suppress::{By, Suppressed};
use crate::judge::{Evidence, Input};
use crate::kind::UnitKind;
use crate::load::{self, Expected, Installed};
use crate::model::dialect::{Dialect, Product, Release};
use crate::model::project::Project;
use crate::model::skill::{Covering, FileRole, Held, Skill, SkillFile};
use crate::model::{provenance, secrets};
use crate::options::{Options, Survey};
use crate::scan::MOST_HITS;
use crate::source::{Owner, Span};

/// Units from which on the faster automaton is worth the time to build it.
pub(super) const MANY: usize = 50;

/// A unit to check.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnitTarget<'a> {
    pub(super) root: &'a str,
    main: &'a str,
    kind: UnitKind,
}

/// The unit that a target names.
pub(super) fn of(target: &Target) -> Option<UnitTarget<'_>> {
    match target {
        Target::Unit { root, main, kind } => Some(UnitTarget { root, main, kind: *kind }),
        Target::Config { .. } | Target::Document { .. } | Target::Log { .. } => None,
    }
}

/// The plugins whose source is to be read.
pub(super) fn plugins(project: &Project) -> Vec<Target> {
    let target = |root: String| Target::Unit { main: root.clone(), root, kind: UnitKind::Plugin };
    project.plugin_roots().into_iter().map(target).collect()
}

/// The directories of the skills that nobody but their authors may edit: those that the settings do not call
/// local, and those that are signed.
pub(super) fn closed(targets: &[Target], tree: &Tree, options: &Options) -> BTreeSet<String> {
    let skills = targets.iter().filter_map(of).filter(|unit| unit.kind == UnitKind::Skill);
    let is_closed = |unit: &UnitTarget<'_>| {
        !options.settings.is_local(unit.root) || tree.get(&format!("{}.sig", unit.main)).is_some()
    };
    skills.filter(is_closed).map(|unit| unit.root.to_owned()).collect()
}

/// The directories of all skills.
pub(super) fn roots(units: &[UnitTarget<'_>]) -> BTreeSet<String> {
    units.iter().filter(|unit| unit.kind == UnitKind::Skill).map(|unit| unit.root.to_owned()).collect()
}

/// A skill that was read alone, to be signed.
#[derive(Debug)]
pub struct Opened {
    /// Its files by path.
    pub files: Vec<SkillFile>,
    /// What else lies below it.
    pub held: Vec<Held>,
    /// Path of its manifest below it; none when the directory is no skill.
    pub main: Option<String>,
    /// What it calls itself.
    pub name: Option<String>,
    /// Files that git leaves out.
    pub ignored: Vec<String>,
}

/// Reads the skill in a directory.
///
/// # Errors
/// In words: something in it cannot be read.
pub fn open(dir: &Path) -> Result<Opened, String> {
    let mut options = Options::new(vec![dir.to_path_buf()]);
    let Discovery { tree, targets, diagnostics } = discover::discover(&options.request()?);
    options.gitignore = true;
    let seen = discover::discover(&options.request()?).tree;
    let full = options.roots()?.into_iter().next().unwrap_or_default();
    let root = discover::relative(&tree.base, &full);
    let units: Vec<_> = targets.iter().filter_map(of).collect();
    let own = units.iter().find(|unit| unit.root == root && unit.kind == UnitKind::Skill);
    let main = own.map_or("", |unit| unit.main);
    let loaded = load::skill(&tree, &root, main, UnitKind::Skill, &roots(&units));
    let mut troubles = diagnostics.iter().chain(&loaded.diagnostics);
    if let Some(trouble) = troubles.find(|trouble| trouble.level == Level::Error) {
        return Err(format!("{}: {}", trouble.path, trouble.message));
    }
    let held = load::held(&tree, &root, &loaded.files, &[]);
    let below = |path: &str| path.get(if root.is_empty() { 0 } else { root.len() + 1 }..).map(str::to_owned);
    let files = tree.under(&root).filter(|entry| entry.kind != EntryKind::Dir);
    let ignored = files.filter(|entry| seen.get(&entry.path).is_none()).filter_map(|entry| below(&entry.path));
    let ignored = ignored.collect();
    let main = own.and_then(|unit| below(unit.main));
    let manifest = loaded.files.iter().find(|file| Some(&*file.path) == main.as_deref());
    let name = manifest.and_then(|file| file.frontmatter.as_ref()?.string("name")).map(str::to_owned);
    Ok(Opened { files: loaded.files, held, main, name, ignored })
}

/// Checks one unit.
pub(super) fn check(
    target: &UnitTarget<'_>,
    roots: &BTreeSet<String>,
    project: &Arc<Project>,
    ground: &Ground<'_>,
    options: &Options,
) -> Evidence {
    let tree = &project.tree;
    let loaded = if target.kind == UnitKind::Plugin {
        load::plugin(tree, target.root, project.plugin_files(target.root))
    } else {
        load::skill(tree, target.root, target.main, target.kind, roots)
    };
    let mut diagnostics = loaded.diagnostics;
    let dialect = Dialect {
        release: options.wanted.release.unwrap_or(Release::NEWEST),
        product: options.wanted.product.unwrap_or(Product::OpenClaw),
    };
    let mut skill = Skill::new(target.kind, target.root.to_owned(), loaded.files, Arc::clone(project), dialect);
    let entry = project.tree.get(target.root);
    skill.partial = entry.is_none_or(|entry| entry.kind != EntryKind::Dir);
    skill.is_base = target.root.is_empty();
    skill.profile = options.wanted.profile;
    skill.local = options.settings.is_local(target.root);
    skill.honoured = ground.honours(target.root);
    let review = options.settings.review_of(target.root).filter(|_| target.kind == UnitKind::Skill);
    skill.reviewed = review.map(|review| review.digest.clone());
    if target.kind == UnitKind::Skill && !skill.partial {
        skill.installed = installed(target.root, project, &mut diagnostics);
    }
    let dirs = project.tree.under(target.root).filter(|entry| entry.kind == EntryKind::Dir);
    let dirs = dirs.filter(|dir| dir.path.ends_with("/.git") && !load::is_nested(target.root, &dir.path, roots));
    skill.unread_dirs = dirs.map(|dir| dir.path.to_string()).collect();
    if let Some(listed) = load::listed(&skill.files).filter(|_| target.kind == UnitKind::Skill) {
        skill.held = load::held(tree, target.root, &skill.files, &listed);
    }
    let checked = check::skill(&skill, ground.plan);
    // Before it is asked what was cut short.
    let survey = if options.survey == Survey::No { Evidence::default() } else { survey::unit(&skill) };
    diagnostics.extend(left_out(target.root, &checked));
    diagnostics.extend(checked.unread.iter().map(|(file, rule)| Diagnostic {
        path: skill.by_id(*file).map(|file| file.source.path.to_string()).unwrap_or_default(),
        level: Level::Error,
        message: format!("{}: only the first {MOST_HITS} matches in the file are looked at", rule.id),
    }));
    diagnostics.extend(skill.files.iter().filter_map(|file| cut(target.root, file)));
    let path: Arc<str> = Arc::from(target.root);
    let reading = ground.of_unit(&skill, &mut diagnostics);
    let secrets = hidden(&skill, checked.findings.iter().chain(reading.findings()));
    // Nothing is changed in what somebody else publishes.
    let closed = target.kind == UnitKind::Skill && project.closed_skills.contains(target.root);
    let fixable = !closed && (skill.local || target.kind == UnitKind::Prompt);
    let unit = unit(&skill.sources, project, &secrets, options);
    let unit = Unit { skill: Some(Arc::clone(&path)), files: &skill.files, fixable, ..unit };
    let input = Input {
        path: target.root.to_owned(),
        kind: target.kind.label(),
        dialect: None,
        reason: String::new(),
        valid: true,
        complete: true,
        size: skill.files.iter().map(|file| file.size).sum(),
        sha256: String::new(),
    };
    let facts = SkillFacts {
        path,
        name: skill.name().to_owned(),
        declared: declared(&skill),
        observed: sorted(skill.observed().into_iter().map(|capability| capability.word().to_owned())),
        hosts: hosts(&skill),
        commands: commands(&skill),
        files: skill.files.iter().map(|file| file.path.to_string()).collect(),
        tree_digest: skill.tree_digest().unwrap_or_default().to_owned(),
        signature: (target.kind == UnitKind::Skill && !skill.partial).then(|| signature(&skill)),
        ..SkillFacts::default()
    };
    let is_skill = target.kind == UnitKind::Skill;
    let mut evidence = Evidence {
        diagnostics,
        inputs: vec![input],
        skills: is_skill.then_some(facts).into_iter().collect(),
        ..settled(checked, reading, &unit)
    };
    if options.all_files {
        evidence.files.extend(files(&skill));
    }
    evidence = evidence.with(survey);
    // Whoever accepted exactly these files has seen what they hold.
    if let Some(review) = review.filter(|review| skill.tree_digest() == Some(review.digest.as_str())) {
        let reason = masked(format!("reviewed: {}", review.reason));
        let findings = std::mem::take(&mut evidence.findings).into_iter();
        evidence.suppressed.extend(findings.map(|finding| Suppressed {
            finding,
            by: By::Review,
            reason: reason.clone(),
            until: None,
        }));
    }
    evidence
}

/// Size and digest of all that was read of a unit.
fn files(skill: &Skill) -> impl Iterator<Item = FileFacts> {
    skill.files.iter().filter(|file| !file.sha256.is_empty()).map(|file| FileFacts {
        path: Arc::clone(&file.source.path),
        size: file.size,
        sha256: file.sha256.clone(),
    })
}

/// What became of a skill's files since an installer recorded them.
fn installed(root: &str, project: &Project, troubles: &mut Vec<Diagnostic>) -> Option<Installed> {
    let recorded = provenance::recorded(project, root);
    let expected = Expected {
        skill_file: recorded.skill_file.map(|(path, sha256, _)| (path, sha256)),
        tree: recorded.tree.map(|(digest, _)| digest),
    };
    if expected.skill_file.is_none() && expected.tree.is_none() {
        return None;
    }
    match load::installed(&project.tree, root, &expected) {
        Ok(found) => Some(found),
        Err(why) => {
            let message = format!("not compared with what was installed: {}", why.reason());
            troubles.push(Diagnostic { path: root.to_owned(), level: Level::Error, message });
            None
        }
    }
}

/// A script whose data flow was followed only in part.
fn cut(root: &str, file: &SkillFile) -> Option<Diagnostic> {
    let cut = file.cut()?;
    let path = if root.is_empty() { file.path.to_string() } else { format!("{root}/{}", file.path) };
    let message = format!("its data flow is followed only in part: {}", cut.words());
    Some(Diagnostic { path, level: Level::Error, message })
}

/// What the signature of a skill is worth.
fn signature(skill: &Skill) -> SignatureFacts {
    let signing = skill.signing();
    let as_signed = |covering: &Covering| covering.is_trusted() && covering.differences.is_empty();
    let keyring = skill.project.keyring_of(&skill.root).map(|keyring| skill.project.path_of(keyring).to_owned());
    SignatureFacts {
        present: signing.at.is_some(),
        written: signing.envelope().map(|envelope| Signed {
            signer: masked(envelope.signer.clone()),
            key_id: envelope.key_id.clone(),
            timestamp: envelope.timestamp.clone(),
        }),
        fits: signing.fits,
        trust: signing.trust.as_str(),
        class: signing.class,
        covered: skill.covering().map(as_signed),
        keyring,
    }
}

/// The capabilities that a skill declares, as words.
fn declared(skill: &Skill) -> Vec<String> {
    sorted(skill.declared().into_iter().flatten().map(|one| one.word.to_lowercase()))
}

fn sorted(words: impl Iterator<Item = String>) -> Vec<String> {
    words.collect::<BTreeSet<String>>().into_iter().collect()
}

/// The tokens near the findings that no excerpt may show.
fn hidden<'f>(skill: &Skill, findings: impl Iterator<Item = &'f Finding>) -> Vec<Span> {
    let places = findings.flat_map(|finding| {
        let beside = finding.related.iter().chain(&finding.steps).map(|one| one.span);
        std::iter::once(finding.place.span).chain(beside)
    });
    let mut spans = Vec::new();
    let mut seen: Option<Span> = None;
    let mut places: Vec<Span> = places.collect();
    places.sort_unstable();
    for place in places {
        // What was looked at for the place before covers its neighbours.
        let near = |last: Span| last.file == place.file && place.end <= last.start.saturating_add(512);
        if seen.is_some_and(near) {
            continue;
        }
        seen = Some(place);
        if let Some(file) = skill.by_id(place.file) {
            spans.extend(secrets::spans_near(file.id, file.text(), place));
        } else if let Owner::Document(index) = place.file.owner() {
            spans.extend(skill.project.documents.get(index).map(secrets::document_spans).unwrap_or_default());
        }
    }
    spans
}

/// Programs that are listed of one skill.
const MOST_COMMANDS: usize = 200;

/// The programs that a skill's scripts and code blocks run.
fn commands(skill: &Skill) -> Vec<String> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let analyses = skill.files.iter().filter(|file| file.role != FileRole::Inert).flat_map(SkillFile::analyses);
    for (name, _) in analyses.flat_map(|(_, analysis)| &analysis.commands) {
        if names.len() >= MOST_COMMANDS {
            break;
        }
        names.insert(name);
    }
    names.into_iter().map(str::to_owned).collect()
}

/// Hosts that are listed of one skill.
const MOST_HOSTS: usize = 200;

/// The hosts that a skill's texts name.
fn hosts(skill: &Skill) -> Vec<String> {
    let mut hosts = BTreeSet::new();
    for file in skill.files.iter().filter(|file| file.role != FileRole::Inert) {
        for url in url::find(file.text()) {
            if hosts.len() >= MOST_HOSTS {
                break;
            }
            if url.is_web() && !domain::is_placeholder_host(&url.host) {
                hosts.insert(url.host);
            }
        }
    }
    hosts.into_iter().collect()
}
