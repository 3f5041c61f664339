//! What a walk over one configuration found so far, and how much of it is kept.

use crate::finding::{Fix, Place, Severity};
use crate::model::config::{Config, Issue, IssueKind};
use crate::model::dialect::Dialect;

/// Issues that refuse the file, and as many that do not, which are kept. Nobody reads more, and a file
/// may be made to have a million.
pub(super) const MOST_ISSUES: usize = 1_000;

/// What a release says about a configuration.
#[derive(Debug, Default)]
pub struct Validation {
    /// Everything it would refuse, and advice about keys that it accepts and ignores.
    pub issues: Vec<Issue>,
    /// How many more there are.
    pub left_out: usize,
}

/// A walk over one configuration and what it found so far.
#[derive(Debug)]
pub struct Walk<'c> {
    /// The configuration.
    pub config: &'c Config,
    /// What it is written for.
    pub dialect: Dialect,
    pub(super) issues: Vec<Issue>,
    /// How many of them refuse the file.
    refusals: usize,
    pub(super) left_out: usize,
    /// Was there room for what was noted last?
    kept: bool,
}

impl<'c> Walk<'c> {
    pub(super) const fn new(config: &'c Config) -> Self {
        Self { config, dialect: config.dialect, issues: Vec::new(), refusals: 0, left_out: 0, kept: false }
    }

    pub(super) fn finish(self) -> Validation {
        Validation { issues: self.issues, left_out: self.left_out }
    }

    /// Notes a refusal that no migration mends.
    pub(super) fn refuse(&mut self, kind: IssueKind, place: Place, message: String) {
        self.note(kind, place, message, Severity::Critical, true);
    }

    /// Notes something the release accepts although it will not do what was meant.
    pub(super) fn advise(&mut self, kind: IssueKind, place: Place, message: String, severity: Severity) {
        self.note(kind, place, message, severity, false);
    }

    pub(super) fn note(&mut self, kind: IssueKind, place: Place, message: String, severity: Severity, refused: bool) {
        self.kept = !self.is_full(refused);
        if !self.kept {
            self.left_out += 1;
            return;
        }
        self.refusals += usize::from(refused);
        let path = place.key_path.clone();
        self.issues.push(Issue { kind, path, place, message, severity, refused, related: Vec::new(), fix: None });
    }

    /// Adds more places to what was noted last.
    pub(super) fn relate(&mut self, mut places: Vec<(Place, String)>) {
        places.truncate(MOST_ISSUES);
        if let Some(issue) = self.issues.last_mut().filter(|_| self.kept) {
            issue.related = places;
        }
    }

    /// Offers an edit for what was noted last.
    pub(super) fn mend(&mut self, fix: Option<Fix>) {
        if let Some(issue) = self.issues.last_mut().filter(|_| self.kept) {
            issue.fix = fix;
        }
    }

    /// Is there no room for another issue of this weight?
    pub(super) const fn is_full(&self, refused: bool) -> bool {
        let kept = if refused { self.refusals } else { self.issues.len() - self.refusals };
        kept >= MOST_ISSUES
    }

    /// Has a refusal been noted so far? Later checks of the real loader run only when there is none.
    pub(super) const fn is_refused(&self) -> bool {
        self.refusals > 0
    }

    /// The version to name in messages.
    pub(super) const fn version(&self) -> &'static str {
        self.dialect.version()
    }
}
