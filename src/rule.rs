//! How a rule is written. Read this first, then any file in `rules/`.
//!
//! A rule is one [`Rule`] literal and at most one function, both in one file of `rules/`. The literal
//! is the only source for `explain`, the rule list, SARIF's rules and `docs/rules.md`.

use std::borrow::Cow;

use crate::finding::{Confidence, Finding, Place, Related, Severity};
use crate::model::Config;
use crate::model::dialect::{Dialect, Versions};
use crate::model::document::{Document, DocumentKind};
use crate::model::project::Project;

/// What rule files import.
pub mod prelude {
    pub use super::{Check, Example, Profiles, Report, Rule, Scope};
    pub use crate::finding::{Confidence, Place, Severity};
    pub use crate::model::Config;
    pub use crate::model::dialect::Release::{V2026_2, V2026_5, V2026_9};
    pub use crate::model::dialect::{Dialect, Release, Versions};
    pub use crate::model::document::{Document, DocumentKind};
    pub use crate::model::project::Project;
    pub use crate::model::value::Found;
}

/// One check with everything anybody may ask about it.
#[derive(Debug)]
pub struct Rule {
    /// Dotted, lower-case, upstream's own id where upstream has the check. A `*` stands for a part
    /// that each finding fills in (`channels.*.dm.open`).
    pub id: &'static str,
    /// What is wrong, as a sentence without full stop: the title of every finding.
    pub summary: &'static str,
    /// The severity when nothing makes it better or worse; for rules with several, the worst.
    pub severity: Severity,
    /// The lower severity that the `regular` profile gives it, when upstream's is noise.
    pub regular: Option<Severity>,
    /// How sure the check is by nature.
    pub confidence: Confidence,
    /// The profiles that run it.
    pub profiles: Profiles,
    /// The dialects in which upstream's own audit gives this finding (`--profile upstream` obeys
    /// it), or for our own rules the dialects it makes sense for.
    pub versions: Versions,
    /// The dialects for which the `regular` and `strict` profiles run it, when wider than `versions`.
    pub also: Option<Versions>,
    /// What `--scope` calls it.
    pub scope: Scope,
    /// A property of the setup rather than a weakness: carries no security-severity.
    pub hygiene: bool,
    /// A source calls it "high": the security-severity number is 8.0 whatever the word.
    pub high: bool,
    /// What can happen, in one to three sentences.
    pub why: &'static str,
    /// What to do, beginning with a verb.
    pub remedy: &'static str,
    /// Where to read more.
    pub links: &'static [&'static str],
    /// CWE numbers.
    pub cwe: &'static [u16],
    /// Inputs that must fire this rule, exactly at their marked token.
    pub bad: &'static [Example],
    /// Inputs that must not fire this rule.
    pub good: &'static [Example],
    /// What it looks at and the function that decides.
    pub check: Check,
}

impl Rule {
    /// The usual values, for `..Rule::DEFAULT` in a literal.
    pub const DEFAULT: Self = Self {
        id: "",
        summary: "",
        severity: Severity::Warn,
        regular: None,
        confidence: Confidence::High,
        profiles: Profiles::ALL,
        versions: Versions::ALL,
        also: None,
        scope: Scope::Config,
        hygiene: false,
        high: false,
        why: "",
        remedy: "",
        links: &[],
        cwe: &[],
        bad: &[],
        good: &[],
        check: Check::None,
    };

    /// First segment of the id: the family it is listed under.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.id.split_once(['.', '/']).map_or(self.id, |(family, _)| family)
    }

    /// SARIF's `security-severity`: a fixed number per rule; none for hygiene.
    #[must_use]
    pub const fn security_severity(&self) -> Option<&'static str> {
        if self.hygiene {
            return None;
        }
        Some(match (self.severity, self.high) {
            (Severity::Critical, false) => "9.5",
            (Severity::Critical | Severity::Warn, true) => "8.0",
            (Severity::Warn, false) => "5.5",
            (Severity::Info, _) => "2.0",
        })
    }

    /// Does the rule belong to a profile and a dialect?
    #[must_use]
    pub fn applies(&self, profile: Profile, dialect: Dialect) -> bool {
        let versions = match profile {
            Profile::Upstream => self.versions,
            Profile::Regular | Profile::Strict => self.also.unwrap_or(self.versions),
        };
        self.profiles.has(profile) && versions.contains(dialect)
    }

    /// Is `id` this rule's id, with any `*` filled in?
    #[must_use]
    pub fn matches(&self, id: &str) -> bool {
        fills(self.id, id)
    }
}

/// Is `id` the `pattern` with something in the place of every `*`?
fn fills(pattern: &str, id: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == id };
    let Some(rest) = id.strip_prefix(head).filter(|rest| !rest.is_empty()) else { return false };
    let ends = rest.char_indices().map(|(at, _)| at).skip(1).chain([rest.len()]);
    ends.into_iter().any(|at| rest.get(at..).is_some_and(|rest| fills(tail, rest)))
}

/// Whose judgement a run wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Exactly what `openclaw security audit` of the target version says.
    Upstream,
    /// Ours: upstream's noise lowered, our own rules on.
    Regular,
    /// Everything on, the handbook's posture rules included.
    Strict,
}

/// A set of [`Profile`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profiles(u8);

impl Profiles {
    /// All three: an upstream check that we agree with.
    pub const ALL: Self = Self(0b111);
    /// `regular` and `strict`: a rule of our own.
    pub const OURS: Self = Self(0b110);
    /// `strict` alone: posture advice.
    pub const STRICT: Self = Self(0b100);
    /// `upstream` alone: noise we do not repeat.
    pub const UPSTREAM: Self = Self(0b001);

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is `profile` in the set?
    #[must_use]
    pub const fn has(self, profile: Profile) -> bool {
        self.0 & (1 << profile as u8) != 0
    }
}

/// What `--scope` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Scope {
    /// Configuration values.
    Config,
    /// Files of a live state directory: modes, links.
    Permissions,
    /// Credentials in checked-in files.
    Secrets,
    /// Deployment files, pins, lock files.
    Deps,
    /// Skills and plugins.
    Skills,
    /// Audit logs.
    Logs,
    /// Signatures and keyrings.
    Signatures,
    /// Network exposure of deployment files.
    Network,
}

/// An input of a rule's examples.
#[derive(Debug)]
pub struct Example {
    /// Files by repository-relative path. In a bad example the token that must be reported stands
    /// between `«` and `»` (removed before parsing); an empty `«»` marks a file's start. The path `/`
    /// is the directory itself; `$STATE` in a text is its absolute path.
    pub files: &'static [(&'static str, &'static str)],
    /// The dialect it is checked for.
    pub dialect: Dialect,
    /// Environment variables, as with `--use-env`; none means that variables are unknown.
    pub env: Option<&'static [(&'static str, &'static str)]>,
    /// File modes of a live state directory (`--state-dir`), by path.
    pub modes: Option<&'static [(&'static str, u32)]>,
}

impl Example {
    const BASE: Self =
        Self { files: &[], dialect: Dialect::openclaw(crate::model::dialect::Release::NEWEST), env: None, modes: None };

    /// Several files.
    #[must_use]
    pub const fn files(files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files, ..Self::BASE }
    }

    /// The same for another release.
    #[must_use]
    pub const fn on(self, release: crate::model::dialect::Release) -> Self {
        Self { dialect: Dialect::openclaw(release), ..self }
    }

    /// The same for ClosedClaw.
    #[must_use]
    pub const fn on_closedclaw(self) -> Self {
        Self { dialect: Dialect::CLOSEDCLAW, ..self }
    }

    /// The same with a known environment.
    #[must_use]
    pub const fn with_env(self, env: &'static [(&'static str, &'static str)]) -> Self {
        Self { env: Some(env), ..self }
    }

    /// The same as a live state directory with these modes.
    #[must_use]
    pub const fn with_modes(self, modes: &'static [(&'static str, u32)]) -> Self {
        Self { modes: Some(modes), ..self }
    }
}

/// An example that is one `openclaw.json`.
#[macro_export]
#[doc(hidden)]
macro_rules! config {
    ($text:literal) => {
        $crate::rule::Example::files(&[("openclaw.json", $text)])
    };
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// A resolved configuration: called once for each configuration root that parsed.
    Config(fn(&Config, &mut Report)),
    /// A configuration, also one that did not parse: the rules about loading.
    Loading(fn(&Config, &mut Report)),
    /// A side file of one of these kinds (`.env`, compose file, `cron/jobs.json`, …).
    Document(&'static [DocumentKind], fn(&Document, &Project, &mut Report)),
    /// One question about configurations and about side files of some kinds.
    Both(fn(&Config, &mut Report), &'static [DocumentKind], fn(&Document, &Project, &mut Report)),
    /// The repository as a whole: which files are there.
    Project(fn(&Project, &mut Report)),
    /// Raised by the program itself, not by a check of the table.
    None,
}

/// Findings of one rule about one subject that are kept. Nobody reads more, and a file may be made to
/// have millions.
pub const MOST_FINDINGS: usize = 1_000;

/// Bytes of a message that are kept.
const LONGEST_MESSAGE: usize = 4096;

/// Second places of one finding that are kept.
pub const MOST_RELATED: usize = 20;

/// Collects what one rule says about one subject.
#[derive(Debug)]
pub struct Report {
    rule: &'static Rule,
    findings: Vec<Finding>,
    left_out: usize,
}

impl Report {
    /// An empty report of `rule`.
    #[must_use]
    pub const fn new(rule: &'static Rule) -> Self {
        Self { rule, findings: Vec::new(), left_out: 0 }
    }

    /// Adds a finding; the returned builder can still change it.
    pub fn at(&mut self, place: Place, message: impl Into<String>) -> Said<'_> {
        if self.findings.len() >= MOST_FINDINGS {
            self.left_out += 1;
            return Said(usize::MAX, &mut self.findings);
        }
        let mut message = message.into();
        // Reports show a quarter of this; the rest is for whoever looks for secrets in it.
        if message.len() > LONGEST_MESSAGE {
            let end = (0..=LONGEST_MESSAGE).rev().find(|at| message.is_char_boundary(*at));
            message.truncate(end.unwrap_or_default());
        }
        self.findings.push(Finding {
            rule: self.rule,
            id: Cow::Borrowed(self.rule.id),
            severity: self.rule.severity,
            confidence: self.rule.confidence,
            place,
            message,
            related: Vec::new(),
            unlisted: 0,
        });
        Said(self.findings.len() - 1, &mut self.findings)
    }

    /// Says the same of several places: ours is a finding for each, upstream's one for all of them.
    pub fn several(&mut self, config: &Config, severity: Severity, hits: impl IntoIterator<Item = (Place, String)>) {
        let mut hits = hits.into_iter();
        if !config.upstream() {
            for (place, message) in hits {
                self.at(place, message).severity(severity);
            }
            return;
        }
        let Some((place, message)) = hits.next() else { return };
        let mut said = self.at(place, message).severity(severity);
        for (place, message) in hits {
            said = said.related(&place, message);
        }
    }

    /// Says one thing that shows in several places once: at the first of them, with the others beside it.
    /// `more` says of one and of several what there is more of.
    pub fn gathered(&mut self, severity: Severity, more: [&str; 2], hits: impl IntoIterator<Item = (Place, String)>) {
        let mut hits: Vec<_> = hits.into_iter().collect();
        if hits.is_empty() {
            return;
        }
        let (place, message) = hits.remove(0);
        let [one, several] = more;
        let message = match hits.len() {
            0 => message,
            1 => format!("{message}; 1 more {one}"),
            count => format!("{message}; {count} more {several}"),
        };
        let mut said = self.at(place, message).severity(severity);
        for (place, message) in hits {
            said = said.related(&place, message);
        }
    }

    /// How many findings there were beyond [`MOST_FINDINGS`].
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// What was said.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// A finding that was just added.
#[derive(Debug)]
pub struct Said<'a>(usize, &'a mut Vec<Finding>);

impl Said<'_> {
    fn change(self, change: impl FnOnce(&mut Finding)) -> Self {
        if let Some(finding) = self.1.get_mut(self.0) {
            change(finding);
        }
        self
    }

    /// This occurrence is better or worse than the rule's usual.
    pub fn severity(self, severity: Severity) -> Self {
        self.change(|finding| finding.severity = severity)
    }

    /// This occurrence is less sure than the rule's usual.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.change(|finding| finding.confidence = confidence)
    }

    /// Fills the first `*` of the rule's id that is still open.
    pub fn part(self, part: &str) -> Self {
        self.change(|finding| finding.id = Cow::Owned(finding.id.replacen('*', part, 1)))
    }

    /// Adds a second place.
    ///
    /// Of a great many only the first are kept; how many more there are the finding's message says.
    pub fn related(self, place: &Place, message: impl Into<String>) -> Self {
        self.change(|finding| {
            if finding.related.len() < MOST_RELATED {
                finding.related.push(Related { span: place.span, message: message.into() });
            } else {
                finding.unlisted += 1;
            }
        })
    }
}
