//! How a rule is written. Read this first, then any file in `rules/`.
//!
//! A rule is one [`Rule`] literal and at most one function, both in one file of `rules/`. The literal
//! is the only source for `explain`, the rule list, SARIF's rules and `docs/rules.md`.

mod directive;
mod directive_words;
mod example;
mod phrase;
mod report;
mod running;
mod running_words;
mod text;

pub use directive::Directive;
pub use example::Example;
pub use phrase::Phrase;
pub use report::{MOST_FINDINGS, MOST_RELATED, Report, Said};
pub use text::{Hit, Text, Window};

use crate::finding::{Confidence, Safety, Severity};
use crate::kind::DocumentKind;
use crate::model::Config;
use crate::model::audit_log::AuditLog;
use crate::model::dialect::{Dialect, Versions};
use crate::model::document::Document;
use crate::model::project::Project;
use crate::model::skill::Skill;

/// What rule files import.
pub mod prelude {
    pub use super::{Check, Directive, Example, Hit, Phrase, Profiles, Repair, Report, Rule, Scope, Text, Window};
    pub use crate::finding::{Change, Confidence, Fix, Place, Safety, Severity};
    pub use crate::kind::DocumentKind;
    pub use crate::kind::UnitKind;
    pub use crate::model::Config;
    pub use crate::model::audit_log::{AuditLog, Fault, What};
    pub use crate::model::dialect::Release::{V2026_2, V2026_5, V2026_9};
    pub use crate::model::dialect::{Dialect, Release, Versions};
    pub use crate::model::document::Document;
    pub use crate::model::project::Project;
    pub use crate::model::skill::{FileRole, Skill, SkillFile};
    pub use crate::model::value::Found;
    pub use crate::syntax::zone::{Language, Zone, ZoneKind, Zones};
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
    /// A sign that convicts nobody alone: at most a warning unless another of a different group stands
    /// beside it.
    pub weak: bool,
    /// What it finds means the same wherever it stands: tests and skills about security are not spared.
    pub steady: bool,
    /// Upstream gives it with `--deep` alone; in the other profiles every scan is deep.
    pub deep: bool,
    /// Counted up when the rule comes to find more than before: what it finds is newly checked then, and not
    /// new to a baseline that was made with the old one.
    pub revision: u8,
    /// The level of the handbook's list of red flags that it belongs to: 1 reject, 2 investigate, 3 monitor.
    pub red_flag: Option<u8>,
    /// What can happen, in one to three sentences.
    pub why: &'static str,
    /// What to do, beginning with a verb.
    pub remedy: &'static str,
    /// The edit that makes a finding go away, unless the function offers another.
    pub repair: Repair,
    /// Where to read more.
    pub links: &'static [&'static str],
    /// CWE numbers.
    pub cwe: &'static [u16],
    /// Techniques of MITRE ATLAS (`AML.T0051`).
    pub atlas: &'static [&'static str],
    /// Entries of OWASP's lists for language models (`LLM01`) and agent skills (`AST01`).
    pub owasp: &'static [&'static str],
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
        weak: false,
        steady: false,
        deep: false,
        revision: 1,
        red_flag: None,
        why: "",
        remedy: "",
        repair: Repair::None,
        links: &[],
        cwe: &[],
        atlas: &[],
        owasp: &[],
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

/// The usual edit of a rule. Values are written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// None: the function offers one, or a person has to think.
    None,
    /// What the finding points at goes.
    Remove(Safety),
    /// What the finding points at gets this value; when it is not written it is made.
    Write(Safety, &'static str),
    /// These dotted key paths of the configuration get these values.
    Set(Safety, &'static [(&'static str, &'static str)]),
}

/// Does an id or id prefix of the user name this rule? `gateway` names `gateway.bind_no_auth`.
#[must_use]
pub fn selects(prefix: &str, rule: &Rule) -> bool {
    let prefix = prefix.trim_end_matches(".*").trim_end_matches('.');
    rule.matches(prefix) || rule.id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['.', '/']))
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
    /// A skill as a whole.
    Skill(fn(&Skill, &mut Report)),
    /// A skill, or another text that an agent obeys: a unit of one file without a manifest.
    Unit(fn(&Skill, &mut Report)),
    /// Words in a skill's files.
    Text(Text),
    /// The source of an installed plugin.
    Plugin(fn(&Skill, &mut Report)),
    /// An audit log after the walk over its chain.
    Log(fn(&AuditLog, &mut Report)),
    /// Raised by the program itself, not by a check of the table.
    None,
}
