//! One resolved configuration and everything a rule may ask about it.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::dialect::{Dialect, Product, Release};
use super::document::Document;
use super::env::{self, Env, Missing};
use super::include::{self, Broken, Duplicate};
use super::project::Project;
use super::secrets::{self, Leak};
use super::tool_policy::ToolPolicy;
use super::value::{Found, Kind, Map, Value};
use super::{blanks, detect, schema};
use crate::finding::{Fix, Place, Severity};
use crate::kind::Role;
use crate::load::Loaded;
use crate::rule::{MOST_FINDINGS, Profile};
use crate::source::{FileId, Sources, Span};
use crate::syntax::{self, SyntaxError};
use crate::work::{self, Stopped};

/// Why the loader or the schema refuses a configuration, or would like to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Which of the seven rules about loading reports it.
    pub kind: IssueKind,
    /// Dotted key path, empty for the file as a whole.
    pub path: String,
    /// Where.
    pub place: Place,
    /// One sentence without full stop.
    pub message: String,
    /// A better or worse severity than the rule's usual, such as `warn` for a key that a migration moves.
    pub severity: Severity,
    /// True when the release really refuses the file for this; false for advice.
    pub refused: bool,
    /// More places of the same trouble.
    pub related: Vec<(Place, String)>,
    /// The edit that helps.
    pub fix: Option<Fix>,
}

/// The seven kinds of refusal, one rule each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueKind {
    /// `config.parse_error`
    ParseError,
    /// `config.include_error`
    IncludeError,
    /// `config.missing_variable`
    MissingVariable,
    /// `config.unknown_key`
    UnknownKey,
    /// `config.invalid_type`
    InvalidType,
    /// `config.invalid_value`
    InvalidValue,
    /// `config.conflict`
    Conflict,
}

/// Steps from value to value that the check of keys and values may take.
const STEPS_OF_VALIDATION: u64 = 20_000_000;

/// A resolved configuration root.
#[derive(Debug)]
pub struct Config {
    /// Relative path of the root file.
    pub path: String,
    /// The directory of the root file, relative; its presumed state directory.
    pub dir: String,
    /// The part it plays.
    pub role: Role,
    /// Its texts.
    pub sources: Sources,
    /// The root file in `sources`.
    pub file: FileId,
    /// The resolved value: after includes and substitution, before runtime defaults.
    pub root: Value,
    /// False when the root file did not parse or an include is broken: `root` is then not what a
    /// gateway would see.
    pub resolved: bool,
    /// What it is written for.
    pub dialect: Dialect,
    /// Why we think so, for `-v` and reports.
    pub dialect_reason: String,
    /// Whose judgement is asked.
    pub profile: Profile,
    /// Everything that the loader refuses, and advice about keys.
    pub issues: Vec<Issue>,
    /// How many more issues there are than are kept.
    pub issues_left_out: usize,
    /// Keys written twice.
    pub duplicates: Vec<Duplicate>,
    /// Arrays that a merge appended to: `(included, own)`.
    pub concatenated: Vec<(Span, Span)>,
    /// The environment it is judged in.
    pub env: Env,
    /// The repository around it.
    pub project: Arc<Project>,
    /// Permission bits of included files, in a live state directory.
    pub include_modes: Vec<(FileId, u32)>,
    /// Permission bits of the files that a written `logging.file` names, in a live state directory.
    pub log_modes: Vec<(Box<str>, u32)>,
    /// What each file holds as it was written, by file.
    pub parsed: Vec<Result<syntax::Document, SyntaxError>>,
    /// The secrets among the values, found when first asked for.
    leaks: OnceCell<Vec<Leak>>,
    /// Tool policies by the key of their agent, each made when first asked for.
    pub(super) policies: RefCell<BTreeMap<Option<Span>, Rc<ToolPolicy>>>,
    /// Members that a release reads under another name than the newest: old path by new path.
    pub(super) renames: &'static [(&'static str, &'static str)],
}

/// What the model needs to know beside the files.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose judgement is asked.
    pub profile: Profile,
    /// `--target-version` or the settings file; none for `auto`.
    pub release: Option<Release>,
    /// `--dialect` or the settings file; none for `auto`.
    pub product: Option<Product>,
    /// Where the two came from, in words, when they were given.
    pub reason: String,
    /// The environment.
    pub env: Env,
}

impl Config {
    /// Puts a loaded configuration together.
    #[must_use]
    pub fn new(loaded: Loaded, wanted: &Wanted, project: &Arc<Project>) -> Self {
        let (value, notes) = include::resolve(&loaded);
        let resolved = value.is_some() && notes.broken.is_empty();
        let empty = || Value::new(Span::file_start(Loaded::ROOT), Kind::Map(Map::default()));
        let root = value.unwrap_or_else(empty);
        let detected = detect::detect(&root, &loaded.path, wanted, project);
        let dir = loaded.path.rsplit_once('/').map_or_else(String::new, |(dir, _)| dir.to_owned());
        let mut config = Self {
            path: loaded.path,
            dir,
            role: loaded.role,
            sources: loaded.sources,
            file: Loaded::ROOT,
            root,
            resolved,
            dialect: detected.dialect,
            dialect_reason: detected.reason,
            profile: wanted.profile,
            issues: notes.broken.iter().map(broken_issue).collect(),
            issues_left_out: 0,
            duplicates: notes.duplicates,
            concatenated: notes.concatenated,
            env: wanted.env.clone(),
            project: Arc::clone(project),
            include_modes: loaded.include_modes,
            parsed: loaded.parsed,
            leaks: OnceCell::new(),
            policies: RefCell::default(),
            log_modes: loaded.log_modes,
            renames: schema::renames(detected.dialect),
        };
        if config.resolved {
            config.substitute();
            if config.has_blanks() {
                blanks::leave(&mut config.root);
            }
            match work::limited(STEPS_OF_VALIDATION, || config.validated(detected.neighbour)).0 {
                Ok((issues, left_out)) => {
                    config.issues.extend(issues);
                    config.issues_left_out += left_out;
                }
                Err(Stopped::UsedUp) => config.issues_left_out += 1,
                Err(Stopped::Panicked(reason)) => std::panic::resume_unwind(reason),
            }
        }
        config.issues.sort_by(|a, b| (a.place.span, a.kind, &a.path).cmp(&(b.place.span, b.kind, &b.path)));
        config
    }

    fn validated(&mut self, neighbour: Option<Release>) -> (Vec<Issue>, usize) {
        let schema::Validation { issues, left_out } = schema::validate(self);
        let issues = match neighbour {
            Some(other) => self.agreed(issues, other),
            None => issues,
        };
        (issues, left_out)
    }

    /// What two releases say alike: of a version between them only that is sure.
    fn agreed(&mut self, found: Vec<Issue>, other: Release) -> Vec<Issue> {
        let own = std::mem::replace(&mut self.dialect.release, other);
        let others: BTreeSet<Span> = schema::validate(self).issues.into_iter().map(|issue| issue.place.span).collect();
        self.dialect.release = own;
        found.into_iter().filter(|issue| others.contains(&issue.place.span)).collect()
    }

    /// Substitutes `${NAME}` from the environment, the state directory's `.env`, then the variables
    /// that the configuration itself declares.
    fn substitute(&mut self) {
        let declared = self.declared_variables();
        let project = Arc::clone(&self.project);
        let dotenv = project.document(&self.beside(".env")).map(Document::env).unwrap_or_default();
        // Of two lines for one name the last counts, so it has to come first here.
        for line in dotenv.iter().rev() {
            self.env.add_default(&line.name, &line.value);
        }
        for (name, value) in declared {
            self.env.add_declared(&name, &value);
        }
        let missing = env::substitute(&mut self.root, &self.env, self.dialect.product);
        if self.env.is_known() {
            let refused = self.dialect.release == Release::V2026_2;
            self.issues_left_out += missing.len().saturating_sub(MOST_FINDINGS);
            let missing = missing.into_iter().take(MOST_FINDINGS);
            self.issues.extend(missing.map(|missing| missing_issue(missing, refused)));
        }
    }

    /// Is it a template, whose blanks somebody fills in? Upstream knows no such thing.
    #[must_use]
    pub fn has_blanks(&self) -> bool {
        self.role == Role::Template && !self.upstream()
    }

    /// The variables of `env`: flat ones, which 2026.9 no longer reads, win over those of `env.vars`.
    /// One that is blank, or itself refers to a variable, is none: they are read before substitution.
    fn declared_variables(&self) -> Vec<(String, String)> {
        let env = self.root.found().get("env");
        let vars = env.get("vars");
        let flat = env.entries().filter(|_| self.dialect.release < Release::V2026_9);
        let text = |(name, found): (&str, Found<'_>)| {
            let text = &found.text()?.text;
            let plain = !text.trim().is_empty() && env::names(text, self.dialect.product).is_empty();
            plain.then(|| (name.to_owned(), text.to_string()))
        };
        flat.chain(vars.entries()).filter_map(text).collect()
    }

    /// What stands at a dotted path of the newest release; an old spelling of it counts.
    #[must_use]
    pub fn at<'a>(&'a self, path: &'a str) -> Found<'a> {
        let found = self.root().at(path);
        if found.exists() {
            return found;
        }
        let old = self.renames.iter().find(|(_, new)| *new == path);
        old.map(|(old, _)| self.root().at(old)).filter(Found::exists).unwrap_or(found)
    }

    /// Every secret that is written as a value.
    #[must_use]
    pub fn leaks(&self) -> &[Leak] {
        self.leaks.get_or_init(|| secrets::leaks(&self.root))
    }

    /// The root object.
    #[must_use]
    pub fn root(&self) -> Found<'_> {
        self.root.found()
    }

    /// Would the release refuse to start with it?
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.issues.iter().any(|issue| issue.refused)
    }

    /// Is upstream's exact answer wanted rather than ours?
    #[must_use]
    pub const fn upstream(&self) -> bool {
        matches!(self.profile, Profile::Upstream)
    }

    /// Is the target at least this release of OpenClaw? ClosedClaw forked from 2026.2.
    #[must_use]
    pub fn since(&self, release: Release) -> bool {
        self.dialect.release >= release
    }

    /// A place for findings about the file as a whole: its first byte.
    #[must_use]
    pub fn whole(&self) -> Place {
        Place::span(self.root.token())
    }

    /// Relative path of a file beside the configuration (in its presumed state directory).
    #[must_use]
    pub fn beside(&self, path: &str) -> String {
        if self.dir.is_empty() { path.to_owned() } else { format!("{}/{path}", self.dir) }
    }
}

fn broken_issue(broken: &Broken) -> Issue {
    let (kind, span, message, related) = match broken {
        Broken::Syntax(error) => {
            let related = error.related.iter().map(|(span, text)| (Place::span(*span), text.clone())).collect();
            (IssueKind::ParseError, error.span, error.message.clone(), related)
        }
        Broken::Include(span, reason) => (IssueKind::IncludeError, *span, reason.clone(), Vec::new()),
    };
    Issue {
        kind,
        path: String::new(),
        place: Place::span(span),
        message,
        severity: Severity::Critical,
        refused: true,
        related,
        fix: None,
    }
}

/// 2026.2 refuses the file for it; later releases keep the text and warn.
fn missing_issue(missing: Missing, refused: bool) -> Issue {
    Issue {
        kind: IssueKind::MissingVariable,
        place: Place { span: missing.span, key_path: missing.path.clone(), missing: false },
        path: missing.path,
        message: format!("the variable {} is not set", missing.name),
        severity: if refused { Severity::Critical } else { Severity::Warn },
        refused,
        related: Vec::new(),
        fix: None,
    }
}
