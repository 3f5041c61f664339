//! What a rule says is collected here.

use crate::source::floor;
use std::borrow::Cow;

use super::Rule;
use crate::finding::{Change, Confidence, Finding, Fix, Place, Related, Safety, Severity};
use crate::model::Config;

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
            message.truncate(floor(&message, LONGEST_MESSAGE));
        }
        self.findings.push(Finding {
            rule: self.rule,
            id: Cow::Borrowed(self.rule.id),
            severity: self.rule.severity,
            confidence: self.rule.confidence,
            place,
            message,
            related: Vec::new(),
            steps: Vec::new(),
            unlisted: 0,
            fix: None,
        });
        Said(self.findings.len() - 1, &mut self.findings)
    }

    /// Says the same of several places: ours is a finding for each, upstream's one for all of them.
    pub fn several(&mut self, config: &Config, severity: Severity, hits: impl IntoIterator<Item = (Place, String)>) {
        self.several_with(config, severity, hits.into_iter().map(|(place, message)| (place, message, None)));
    }

    /// As [`Report::several`], each place with an edit that helps there.
    pub fn several_with(
        &mut self,
        config: &Config,
        severity: Severity,
        hits: impl IntoIterator<Item = (Place, String, Option<Fix>)>,
    ) {
        let mut hits = hits.into_iter();
        if !config.upstream() {
            for (place, message, fix) in hits {
                self.at(place, message).severity(severity).maybe(fix);
            }
            return;
        }
        let Some((place, message, fix)) = hits.next() else { return };
        let mut said = self.at(place, message).severity(severity);
        let mut fixes = vec![fix];
        for (place, message, fix) in hits {
            said = said.related(&place, message);
            fixes.push(fix);
        }
        said.maybe(Fix::all(fixes));
    }

    /// Says one thing that shows in several places once: at the first of them, with the others beside it.
    /// `more` says of one and of several what there is more of.
    pub fn gathered(&mut self, severity: Severity, more: [&str; 2], hits: impl IntoIterator<Item = (Place, String)>) {
        self.gathered_with(severity, more, hits.into_iter().map(|(place, message)| (place, message, None)));
    }

    /// As [`Report::gathered`], each place with an edit that helps there.
    pub fn gathered_with(
        &mut self,
        severity: Severity,
        more: [&str; 2],
        hits: impl IntoIterator<Item = (Place, String, Option<Fix>)>,
    ) {
        let mut hits: Vec<_> = hits.into_iter().collect();
        if hits.is_empty() {
            return;
        }
        let (place, message, fix) = hits.remove(0);
        let mut fixes = vec![fix];
        let [one, several] = more;
        let message = match hits.len() {
            0 => message,
            1 => format!("{message}; 1 more {one}"),
            count => format!("{message}; {count} more {several}"),
        };
        let mut said = self.at(place, message).severity(severity);
        for (place, message, fix) in hits {
            said = said.related(&place, message);
            fixes.push(fix);
        }
        said.maybe(Fix::all(fixes));
    }

    /// How many findings are kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.findings.len()
    }

    /// Is nothing kept?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Begins the messages from this one on with some words.
    pub fn begin_with(&mut self, from: usize, words: &str) {
        for finding in self.findings.iter_mut().skip(from) {
            finding.message = format!("{words}{}", finding.message);
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

    /// Adds a step of the way that something takes through the text, in order.
    pub fn step(self, place: &Place, message: impl Into<String>) -> Self {
        self.change(|finding| {
            if finding.steps.len() < MOST_RELATED {
                finding.steps.push(Related { span: place.span, message: message.into() });
            }
        })
    }

    /// Offers an edit that makes this occurrence go away, instead of the rule's usual one.
    pub fn fix(self, safety: Safety, title: impl Into<String>, changes: impl IntoIterator<Item = Change>) -> Self {
        let fix = Fix { title: title.into(), safety, changes: changes.into_iter().collect() };
        self.change(|finding| finding.fix = Some(fix))
    }

    /// Offers an edit when there is one.
    pub fn maybe(self, fix: Option<Fix>) -> Self {
        self.change(|finding| finding.fix = fix.or(finding.fix.take()))
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
