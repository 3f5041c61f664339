//! The ignores of a text as they are read, with what is wrong with them.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;

use super::{Ignore, Ignores, Named};
use crate::check::Plan;
use crate::finding::{Change, Finding, Fix, Place, Safety, Settled};
use crate::judge::settle::{Settlement, location_of, masked};
use crate::judge::suppress::is_coverable;
use crate::options::Options;
use crate::rule::{Profile, Profiles, Report, Rule, Scope, selects};
use crate::rules;
use crate::settings::known_id;
use crate::source::{FileId, Source, Span, offset};
use crate::syntax::ignore::{self, Written};

/// Ids of all ignores of a file that are read: more than anybody writes by hand.
const MOST_IDS: usize = 1_000;
/// Unknown ids of a file for which the nearest known one is looked for.
const MOST_HINTS: usize = 20;

/// Reads ignores as a run wants them.
#[derive(Debug)]
pub struct Reader<'a> {
    plan: &'a Plan,
    options: &'a Options,
    /// Everything that could find something in a file is checked.
    whole: bool,
    /// The day in UTC; none when no clock is to be read.
    today: Option<Date>,
}

/// A text with its comments.
#[derive(Debug)]
pub struct Text<'a> {
    /// The text.
    pub source: &'a Source,
    /// Its id in the unit at hand.
    pub file: FileId,
    /// Its comments, in order.
    pub comments: Vec<Range<usize>>,
    /// Whose word they are.
    pub standing: Standing,
}

/// Whether the ignores of a text count.
#[derive(Clone, Debug)]
pub enum Standing {
    /// They do.
    Own,
    /// They do, but not about the signature of the skill that they are in.
    LocalSkill,
    /// They are a stranger's; with what is said of them.
    Foreign(String),
    /// Those do that stand in the trusted commit, too; with what is said of the others.
    Base {
        /// What stands there.
        known: Known,
        /// What is said.
        message: String,
        /// The text is that of a skill.
        in_skill: bool,
    },
}

/// The ignores of a text by all they say and what they say it about, each with how often that is.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<Key, usize>);

/// Ids, reason, last day, and the lines that it covers.
type Key = (Vec<String>, String, Option<Date>, String);

impl Known {
    /// Those in the comments of a text.
    #[must_use]
    pub fn of(source: &Source, comments: Vec<Range<usize>>) -> Self {
        let text = source.text().unwrap_or_default();
        let covered = covered(source, &comments);
        let mut known = Self::default();
        for written in comments.into_iter().flat_map(|comment| ignore::read(text, comment)).flatten() {
            *known.0.entry(key(text, &written, &covered)).or_default() += 1;
        }
        known
    }

    /// Is this one of them? Each counts once.
    fn take(&mut self, text: &str, written: &Written, covered: &BTreeMap<usize, String>) -> bool {
        let left = self.0.get_mut(&key(text, written, covered)).filter(|left| **left > 0);
        left.is_some_and(|left| {
            *left -= 1;
            true
        })
    }
}

fn key(text: &str, written: &Written, covered: &BTreeMap<usize, String>) -> Key {
    let ids = written.ids.iter().map(|id| text.get(id.clone()).unwrap_or_default().to_owned()).collect();
    let lines = covered.get(&written.comment.start).cloned().unwrap_or_default();
    (ids, written.reason.clone(), written.until.as_ref().map(|(day, _)| *day), lines)
}

/// What stands on the lines that the ignores of each comment cover, by where the comment begins.
fn covered(source: &Source, comments: &[Range<usize>]) -> BTreeMap<usize, String> {
    let text = source.text().unwrap_or_default();
    let with_ignore = comments.iter().filter(|comment| ignore::read(text, (*comment).clone()).next().is_some());
    let lines: Vec<(usize, Lines<'_>)> =
        with_ignore.map(|comment| (comment.start, Lines::of(source, comment))).collect();
    let below = lines.iter().filter(|(_, lines)| lines.alone).map(|(_, lines)| (lines.first, lines.last + 1));
    let about = about(&below.collect());
    let words = |lines: &Lines<'_>| match about.get(&lines.first).filter(|_| lines.alone) {
        Some(line) => {
            let (start, end) = source.line_range(*line);
            source.slice(start, end).trim().to_owned()
        }
        None => format!("{}\n{}", lines.before.trim(), lines.after.trim()),
    };
    lines.iter().map(|(start, lines)| (*start, words(lines))).collect()
}

/// What was read of some texts, before it is settled.
#[derive(Debug, Default)]
pub struct Reading {
    findings: Vec<Finding>,
    /// For each finding the ignore and its id that it is about, when it is said only if that covers nothing.
    roles: Vec<Option<(usize, usize)>>,
    ignores: Vec<Ignore>,
    /// The files of which not all ignores were read.
    pub cut: Vec<String>,
}

impl Reading {
    /// What may be said, for whoever has to know which places it shows.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Settles it: what is said in any case, and the ignores that count.
    #[must_use]
    pub fn settled(mut self, settle: impl FnOnce(Vec<Finding>) -> Settlement) -> (Vec<Settled>, Ignores) {
        if self.findings.is_empty() {
            return (Vec::new(), Ignores { list: self.ignores, files: Vec::new() });
        }
        let Settlement { findings, files } = settle(self.findings);
        let mut said = Vec::new();
        for (finding, role) in findings.into_iter().zip(self.roles) {
            let Some((index, id)) = role else {
                said.push(finding);
                continue;
            };
            if let Some(named) = self.ignores.get_mut(index).and_then(|ignore| ignore.ids.get_mut(id)) {
                named.unused = Some(finding);
            }
        }
        (said, Ignores { list: self.ignores, files })
    }

    fn say(&mut self, finding: Option<Finding>, role: Option<(usize, usize)>) {
        if let Some(finding) = finding {
            self.findings.push(finding);
            self.roles.push(role);
        }
    }
}

impl<'a> Reader<'a> {
    /// A reader for a run; `whole` when everything that could find something is checked. None when nothing
    /// is to be ignored: upstream knows no comments, so its answer does not depend on them.
    #[must_use]
    pub fn new(plan: &'a Plan, options: &'a Options, whole: bool) -> Option<Self> {
        let wanted = !options.no_ignores && options.wanted.profile != Profile::Upstream;
        wanted.then_some(Self { plan, options, whole, today: options.today() })
    }

    /// Reads the ignores of some texts.
    #[must_use]
    pub fn read(&self, texts: Vec<Text<'_>>) -> Reading {
        let mut reading = Reading::default();
        for text in texts {
            self.text(text, &mut reading);
        }
        reading
    }

    fn text(&self, mut of: Text<'_>, reading: &mut Reading) {
        let text = of.source.text().unwrap_or_default();
        let (mut ids, mut hints) = (0, 0);
        // Lines that ignores stand on alone, with the line that they are about.
        let mut below: BTreeMap<u32, u32> = BTreeMap::new();
        let first = reading.ignores.len();
        let covered = match &of.standing {
            Standing::Base { .. } => covered(of.source, &of.comments),
            _ => BTreeMap::new(),
        };
        for comment in std::mem::take(&mut of.comments) {
            let lines = Lines::of(of.source, &comment);
            for one in ignore::read(text, comment) {
                lines.alone.then(|| below.insert(lines.first, lines.last + 1));
                let written = match one {
                    Ok(written) => written,
                    Err(fault) => {
                        reading.say(self.finding("ignore.malformed", &of, fault.at, fault.message, None), None);
                        continue;
                    }
                };
                ids += written.ids.len();
                if ids > MOST_IDS {
                    reading.cut.push(of.source.path.to_string());
                    return stack(&below, reading.ignores.get_mut(first..));
                }
                if self.counts(&mut of, &written, &covered, reading) {
                    self.ignore(&of, &written, &lines, &mut hints, reading);
                }
            }
        }
        stack(&below, reading.ignores.get_mut(first..));
    }

    /// Does this one count? What does not is said.
    fn counts(
        &self,
        of: &mut Text<'_>,
        written: &Written,
        covered: &BTreeMap<usize, String>,
        reading: &mut Reading,
    ) -> bool {
        let text = of.source.text().unwrap_or_default();
        let distrust = match &mut of.standing {
            Standing::Foreign(message) => Some(message.clone()),
            Standing::Base { known, message, .. } => (!known.take(text, written, covered)).then(|| message.clone()),
            Standing::Own | Standing::LocalSkill => None,
        };
        let (id, at, message, fix) = match distrust {
            Some(message) => ("ignore.not_trusted", written.whole.clone(), message, None),
            None if written.reason.is_empty() => {
                ("ignore.missing_reason", written.head.clone(), "the ignore gives no reason".to_owned(), None)
            }
            None => match &written.until {
                Some((until, at)) if self.today.is_some_and(|today| today > *until) => {
                    let fix = remove(of, written.removal(text), "Remove the ignore".to_owned(), Safety::Unsafe);
                    ("ignore.expired", at.clone(), format!("the ignore held until {until}"), Some(fix))
                }
                _ => return true,
            },
        };
        reading.say(self.finding(id, of, at, &message, fix), None);
        false
    }

    fn ignore(&self, of: &Text<'_>, written: &Written, lines: &Lines<'_>, hints: &mut usize, reading: &mut Reading) {
        let text = of.source.text().unwrap_or_default();
        let index = reading.ignores.len();
        let line = of.source.point(offset(written.whole.start)).line;
        let mut covered = vec![lines.first, line, lines.last];
        covered.extend(lines.alone.then(|| lines.last + 1));
        let mut ids = Vec::new();
        let mut pending = Vec::new();
        for (place, at) in written.ids.iter().enumerate() {
            let id = text.get(at.clone()).unwrap_or_default();
            let title = if written.ids.len() == 1 { "Remove the ignore" } else { "Remove the id from the ignore" };
            let fix = remove(of, written.without(text, place), title.to_owned(), Safety::Safe);
            match known(id, hints) {
                Err(message) => {
                    pending.push((self.finding("ignore.unknown_id", of, at.clone(), &message, Some(fix)), None));
                }
                Ok(id) => {
                    let message = format!("no finding of {id} begins on a line that it covers");
                    let unused =
                        self.decides(&id).then(|| self.finding("ignore.unused", of, at.clone(), &message, Some(fix)));
                    pending.push((unused.flatten(), Some((index, ids.len()))));
                    ids.push(Named { id, unused: None });
                }
            }
        }
        let in_skill = matches!(of.standing, Standing::LocalSkill | Standing::Base { in_skill: true, .. });
        let until = written.until.as_ref().map(|(day, _)| *day);
        let location = location_of(of.source, span(of.file, &written.whole));
        let reason = masked(written.reason.clone());
        reading.ignores.push(Ignore { location, lines: covered, ids, reason, until, in_skill });
        for (finding, role) in pending {
            reading.say(finding, role);
        }
    }

    /// Does it mean something when this run finds nothing by an id?
    fn decides(&self, id: &str) -> bool {
        let asked = |rule: &Rule| {
            let live = rule.scope != Scope::Permissions || self.options.state_dir;
            rule.profiles == Profiles::UPSTREAM || live && self.plan.wants(rule)
        };
        self.whole && rules::all().filter(|rule| selects(id, rule)).all(asked)
    }

    fn finding(&self, id: &str, of: &Text<'_>, at: Range<usize>, message: &str, fix: Option<Fix>) -> Option<Finding> {
        let rule = rules::find(id).filter(|rule| self.plan.wants(rule))?;
        let mut report = Report::new(rule);
        report.at(Place::span(span(of.file, &at)), message);
        let mut finding = report.into_findings().pop()?;
        finding.fix = fix;
        Some(finding)
    }
}

/// The id as it is compared.
fn known(id: &str, hints: &mut usize) -> Result<String, String> {
    const LONGEST: usize = 100;
    let plain = id.trim_end_matches(".*").trim_end_matches('.');
    if !rules::all().any(|rule| selects(plain, rule)) {
        *hints += 1;
        let near = id.len() <= LONGEST && *hints <= MOST_HINTS;
        let unknown = || "there is no rule of this name".to_owned();
        return Err(if near { known_id(id).err().unwrap_or_else(unknown) } else { unknown() });
    }
    if !rules::all().any(|rule| selects(plain, rule) && is_coverable(rule.id)) {
        return Err(format!("no ignore covers {plain}"));
    }
    Ok(plain.to_owned())
}

/// The line that each comment is about which stands alone, by its first line: of those that stand one under the
/// other what is under the last.
fn about(below: &BTreeMap<u32, u32>) -> BTreeMap<u32, u32> {
    let mut about: BTreeMap<u32, u32> = BTreeMap::new();
    for (line, next) in below.iter().rev() {
        about.insert(*line, about.get(next).copied().unwrap_or(*next));
    }
    about
}

/// Leads ignores to the line that they are about.
fn stack(below: &BTreeMap<u32, u32>, ignores: Option<&mut [Ignore]>) {
    let about = about(below);
    for ignore in ignores.into_iter().flatten() {
        let Some(line) = ignore.lines.last_mut() else { continue };
        *line = about.get(line).copied().unwrap_or(*line);
    }
}

fn remove(of: &Text<'_>, range: Range<usize>, title: String, safety: Safety) -> Fix {
    Fix { title, safety, changes: vec![Change::Text { at: span(of.file, &range), text: String::new() }] }
}

fn span(file: FileId, range: &Range<usize>) -> Span {
    Span { file, start: offset(range.start), end: offset(range.end) }
}

/// The lines of a comment.
struct Lines<'a> {
    first: u32,
    last: u32,
    /// What else stands on them.
    before: &'a str,
    after: &'a str,
    /// Nothing does.
    alone: bool,
}

impl<'a> Lines<'a> {
    fn of(source: &'a Source, comment: &Range<usize>) -> Self {
        let (start, end) = (offset(comment.start), offset(comment.end));
        let first = source.point(start).line;
        let last = source.point(end.saturating_sub(1).max(start)).line;
        let before = source.slice(source.line_range(first).0, start);
        let after = source.slice(end, source.line_range(last).1.max(end));
        let alone = before.trim_start_matches('\u{feff}').trim().is_empty() && after.trim().is_empty();
        Self { first, last, before, after, alone }
    }
}
