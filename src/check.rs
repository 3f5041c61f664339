//! The fourth stage: every rule on every subject, in parallel, and yet the same bytes every time.

mod skill;

pub use skill::skill;

use std::collections::BTreeSet;

use crate::finding::{Finding, Place};
use crate::model::Config;
use crate::model::audit_log::AuditLog;
use crate::model::document::Document;
use crate::model::project::Project;
use crate::options::Options;
use crate::rule::{Check, Profile, Report, Rule, selects};
use crate::rules;
use crate::scan::Scanner;
use crate::source::{FileId, Span};
use crate::work::{self, Stopped};

/// What the rules said about one subject.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings, in table order.
    pub findings: Vec<Finding>,
    /// The ids of rules that ran, whether they said something or not.
    pub ran: BTreeSet<&'static str>,
    /// Rules that had more to say than is kept, and how much more.
    pub left_out: Vec<(&'static Rule, usize)>,
    /// Rules that were stopped before they were done.
    pub stopped: Vec<&'static Rule>,
    /// Text rules that were not tried any more in a file, after so many matches there.
    pub unread: Vec<(FileId, &'static Rule)>,
    /// The steps that all rules took together.
    taken: u64,
}

/// Steps from value to value that one rule may take for one subject: a second's work.
const STEPS_OF_A_RULE: u64 = 5_000_000;
/// Steps that all rules together may take for one subject.
const STEPS_OF_A_SUBJECT: u64 = 100_000_000;

/// The rules of one run, chosen once.
#[derive(Debug, Default)]
pub struct Plan {
    configs: Vec<&'static Rule>,
    documents: Vec<&'static Rule>,
    projects: Vec<&'static Rule>,
    skills: Vec<&'static Rule>,
    plugins: Vec<&'static Rule>,
    words: Vec<&'static Rule>,
    logs: Vec<&'static Rule>,
    scanner: Option<Scanner>,
    /// The ids of all of them, and of those that no function here decides.
    wanted: BTreeSet<&'static str>,
}

impl Plan {
    /// The rules that `--select`, `--ignore`, `--scope` and the profile leave.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let mut plan = Self::default();
        let mut words = Vec::new();
        for rule in rules::all().filter(|rule| is_wanted(rule, options)) {
            plan.wanted.insert(rule.id);
            match rule.check {
                Check::Config(_) | Check::Loading(_) => plan.configs.push(rule),
                Check::Document(..) => plan.documents.push(rule),
                Check::Both(..) => {
                    plan.configs.push(rule);
                    plan.documents.push(rule);
                }
                Check::Project(_) => plan.projects.push(rule),
                Check::Skill(_) | Check::Unit(_) => plan.skills.push(rule),
                Check::Text(_) => words.push(rule),
                Check::Plugin(_) => plan.plugins.push(rule),
                Check::Log(_) => plan.logs.push(rule),
                Check::None => {}
            }
        }
        plan.words = words;
        plan
    }

    /// Is this rule asked for?
    #[must_use]
    pub fn wants(&self, rule: &Rule) -> bool {
        self.wanted.contains(rule.id)
    }

    /// Is there a rule about skills at all?
    #[must_use]
    pub fn wants_skills(&self) -> bool {
        !self.skills.is_empty() || !self.words.is_empty()
    }

    /// Is there a rule about the source of plugins?
    #[must_use]
    pub fn wants_plugins(&self) -> bool {
        !self.plugins.is_empty()
    }

    /// Is there a rule about audit logs?
    #[must_use]
    pub fn wants_logs(&self) -> bool {
        !self.logs.is_empty()
    }

    /// Gets ready for skills: `much` text is to come.
    pub fn prepare(&mut self, much: bool) {
        self.scanner = Some(Scanner::new(self.words.iter().copied(), much));
    }
}

/// Do `--select`, `--ignore`, `--scope` and the profile leave this rule?
#[must_use]
pub fn is_wanted(rule: &Rule, options: &Options) -> bool {
    let named = |list: &[String]| list.iter().any(|prefix| selects(prefix, rule));
    rule.profiles.has(options.wanted.profile)
        && (options.select.is_empty() || named(&options.select))
        && !named(&options.ignore)
        && (!rule.deep || options.deep || options.wanted.profile != Profile::Upstream)
        && (options.scopes.is_empty() || options.scopes.contains(&rule.scope))
}

/// Runs every rule about configurations on one of them.
#[must_use]
pub fn config(config: &Config, plan: &Plan) -> Checked {
    let mut checked = Checked::default();
    let ready = config.resolved && (config.is_valid() || !config.upstream());
    for rule in &plan.configs {
        let check = match rule.check {
            Check::Config(check) | Check::Both(check, ..) if ready => check,
            Check::Loading(check) => check,
            _ => continue,
        };
        if rule.applies(config.profile, config.dialect) {
            run(rule, config.whole(), &mut checked, |report| check(config, report));
        }
    }
    checked
}

/// Runs every rule about side files on one of them.
#[must_use]
pub fn document(document: &Document, project: &Project, plan: &Plan) -> Checked {
    let mut checked = Checked::default();
    for rule in &plan.documents {
        let (Check::Document(kinds, check) | Check::Both(_, kinds, check)) = rule.check else { continue };
        if kinds.contains(&document.kind) {
            let place = Place::span(document.span(0..0));
            run(rule, place, &mut checked, |report| check(document, project, report));
        }
    }
    checked
}

/// Runs every rule about audit logs on one of them.
#[must_use]
pub fn log(log: &AuditLog, plan: &Plan) -> Checked {
    let mut checked = Checked::default();
    let whole = Place::span(Span::file_start(FileId(0)));
    for rule in &plan.logs {
        let Check::Log(check) = rule.check else { continue };
        run(rule, whole.clone(), &mut checked, |report| check(log, report));
    }
    checked
}

/// Runs every rule about the repository as a whole.
#[must_use]
pub fn project(project: &Project, plan: &Plan) -> Checked {
    let mut checked = Checked::default();
    let Some(place) = project.tree.entries.first().and_then(|entry| project.place_of(&entry.path)) else {
        return checked;
    };
    for rule in &plan.projects {
        let Check::Project(check) = rule.check else { continue };
        run(rule, place.clone(), &mut checked, |report| check(project, report));
    }
    checked
}

/// Runs one rule; a panic becomes a finding of its own and the others still run.
fn run(rule: &'static Rule, whole: Place, checked: &mut Checked, check: impl FnOnce(&mut Report)) {
    let mut report = Report::new(rule);
    guarded(rule, whole, checked, || check(&mut report));
    done(rule, report, checked);
}

/// Runs what a rule does at one place, under its limits.
fn guarded(rule: &'static Rule, whole: Place, checked: &mut Checked, check: impl FnOnce()) {
    let most = STEPS_OF_A_RULE.min(STEPS_OF_A_SUBJECT.saturating_sub(checked.taken));
    let (result, taken) = work::limited(most, check);
    checked.taken += taken;
    if let Err(Stopped::UsedUp) = result {
        checked.stopped.push(rule);
    }
    if let Err(Stopped::Panicked(_)) = result {
        let mut broken = Report::new(&rules::INTERNAL_ERROR);
        broken.at(whole, format!("the rule {} failed; please report this as a bug", rule.id));
        checked.findings.extend(broken.into_findings());
    }
}

/// Takes what a rule said about one subject.
fn done(rule: &'static Rule, report: Report, checked: &mut Checked) {
    if report.left_out() > 0 {
        checked.left_out.push((rule, report.left_out()));
    }
    checked.findings.extend(report.into_findings());
    checked.ran.insert(rule.id);
}
