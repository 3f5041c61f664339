//! `--format text`: for people. Findings by file, each with the line it points at, then what could
//! not be checked, then one line that says what was checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Padding, Renderer, Snippet, Title};

use super::{Style, escape, help_uri, why, word};
use crate::diagnostic;
use crate::finding::{Excerpt, Location, Safety, Settled, SettledFix, Severity};
use crate::judge::skills::SkillFacts;
use crate::judge::suppress::Suppressed;
use crate::judge::{Input, Verdict};

/// Widest excerpt, in columns; the same everywhere, so that a report does not depend on the window.
const WIDTH: usize = 120;

/// Places beside a finding's own that are shown unless more is asked for.
const PLACES: usize = 3;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, style: &Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    findings(verdict, style, out)?;
    if style.verbose {
        for input in &verdict.inputs {
            writeln!(out, "{}", provenance(input))?;
        }
    }
    if !style.quiet {
        for line in skills(verdict, *style) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}", summary(verdict))?;
    }
    match &verdict.drift {
        Some(drift) => write!(out, "\n{}", super::posture::text(drift)),
        None => Ok(()),
    }
}

/// Writes the findings, and what could not be checked.
///
/// # Errors
/// When `out` cannot be written.
pub fn findings(verdict: &Verdict, style: &Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    let links = style.color && style.terminal;
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH).hyperlink(links);
    let mut explained = BTreeSet::new();
    for finding in &verdict.shown {
        let groups = groups(finding, explained.insert(finding.rule.id), *style);
        writeln!(out, "{}\n", renderer.render(&groups).trim_start_matches('\n'))?;
    }
    for one in verdict.suppressed.iter().filter(|one| style.lists(one)) {
        writeln!(out, "{}\n", renderer.render(&hidden(one, *style)).trim_start_matches('\n'))?;
    }
    for diagnostic in verdict.diagnostics.iter().filter(|diagnostic| style.says(diagnostic.level)) {
        let level = match diagnostic.level {
            diagnostic::Level::Error => Level::ERROR.with_name("not checked"),
            diagnostic::Level::Warning => Level::WARNING,
            diagnostic::Level::Note => Level::NOTE,
        };
        let text = format!("{}: {}", escape::path(&diagnostic.path), escape::line(&diagnostic.message));
        writeln!(out, "{}", renderer.render(&[Group::with_title(level.primary_title(text))]))?;
    }
    Ok(())
}

/// Skills that are named one by one unless more is asked for.
const SKILLS: usize = 20;

/// The skills that must not be installed as they are; with `-v` every skill with its verdict.
fn skills(verdict: &Verdict, style: Style<'_>) -> Vec<String> {
    let told = |skill: &&SkillFacts| style.verbose || skill.worst == Some(Severity::Critical);
    let chosen: Vec<&SkillFacts> = verdict.skills.iter().filter(told).collect();
    let most = if style.verbose { usize::MAX } else { SKILLS };
    let mut worst: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let severities: BTreeMap<&str, Option<Severity>> =
        chosen.iter().take(most).map(|skill| (&*skill.path, skill.worst)).collect();
    for one in &verdict.shown {
        let Some(path) = one.skill.as_deref() else { continue };
        if severities.get(path) == Some(&Some(one.severity)) {
            worst.entry(path).or_default().insert(one.rule.summary);
        }
    }
    let none = BTreeSet::new();
    let line = |skill: &&SkillFacts| skill_line(skill, worst.get(&*skill.path).unwrap_or(&none));
    let mut lines: Vec<String> = chosen.iter().take(most).map(line).collect();
    if let Some(more) = chosen.len().checked_sub(most).filter(|more| *more > 0) {
        lines.push(format!("{more} more skills with critical findings (-v lists them)"));
    }
    lines
}

/// One skill: its verdict, and what is worst about it.
fn skill_line(skill: &SkillFacts, worst: &BTreeSet<&str>) -> String {
    let path = if skill.path.is_empty() { "." } else { &skill.path };
    let mut line = format!("skill {}: {}", escape::path(path), skill.verdict());
    if skill.worst >= Some(Severity::Warn) {
        let few: Vec<&str> = worst.iter().take(3).copied().collect();
        let _ = write!(line, " ({}{})", few.join("; "), if worst.len() > few.len() { "; …" } else { "" });
    }
    line
}

/// One finding: itself with its remedy, then every place that explains it.
fn groups<'a>(finding: &'a Settled, first_of_rule: bool, style: Style<'_>) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Critical => Level::ERROR,
        Severity::Warn => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let uri = help_uri(finding.rule);
    let title = level.clone().with_name(finding.severity.as_str()).primary_title(finding.rule.summary);
    let title = title.id(escape::line(&finding.id)).id_url(uri.clone());
    let mut main = excerpt(level, &finding.excerpt, &finding.message, style);
    // What is to be done by hand is said once, as the remedy is.
    let told = |fix: &&SettledFix| first_of_rule || fix.safety != Safety::Manual;
    let fix = finding.fix.as_ref().filter(told);
    if first_of_rule || fix.is_some() || finding.baseline_note.is_some() {
        main = main.element(Padding);
    }
    if let Some(note) = &finding.baseline_note {
        main = main.element(Level::NOTE.message(escape::line(note)));
    }
    if let Some(fix) = fix {
        main = main.element(Level::HELP.with_name("fix").message(fix_line(fix)));
    }
    if style.verbose && !finding.identity.fingerprint.is_empty() {
        let id = finding.identity.fingerprint.get(..12).unwrap_or_default();
        main = main.element(Padding).element(Level::NOTE.with_name("fingerprint").message(id));
    }
    if first_of_rule {
        let help = Level::HELP.message(finding.rule.remedy);
        main = main.element(help).element(Level::HELP.with_name("docs").message(uri));
    }
    // Only the first group of a report closes its origin with a bar, and nothing shall follow there.
    let mut groups = vec![Group::with_level(Level::NOTE), origin(title, &finding.location), main];
    for (step, number) in finding.steps.iter().zip(1..) {
        let title = format!("step {number}: {}", escape::line(&step.message));
        groups.push(origin(Level::NOTE.secondary_title(title), &step.location));
        if !step.excerpt.text.is_empty() {
            groups.push(excerpt(Level::NOTE, &step.excerpt, "", style));
        }
    }
    // One more place would be hidden by a line as long as itself.
    let few = style.verbose || finding.related.len() <= PLACES + 1;
    let shown = if few { finding.related.len() } else { PLACES };
    for related in finding.related.iter().take(shown) {
        let title = Level::NOTE.secondary_title(escape::line(&related.message));
        groups.push(origin(title, &related.location));
        if !related.excerpt.text.is_empty() {
            groups.push(excerpt(Level::NOTE, &related.excerpt, "", style));
        }
    }
    if !few {
        let rest = format!("{} more places (-v shows them)", finding.related.len() - shown);
        groups.push(Group::with_title(Level::NOTE.secondary_title(rest)));
    }
    groups
}

/// A finding that does not count, and why.
fn hidden<'a>(suppressed: &'a Suppressed, style: Style<'_>) -> Vec<Group<'a>> {
    let finding = &suppressed.finding;
    let level = Level::NOTE.with_name(format!("{} {}", word(suppressed), finding.severity.as_str()));
    let title = level.primary_title(finding.rule.summary);
    let title = title.id(escape::line(&finding.id)).id_url(help_uri(finding.rule));
    let reason = Level::NOTE.with_name(word(suppressed)).message(why(suppressed));
    let main = excerpt(Level::NOTE, &finding.excerpt, &finding.message, style).element(Padding).element(reason);
    vec![Group::with_level(Level::NOTE), origin(title, &finding.location), main]
}

/// What can be done about a finding, and who does it.
fn fix_line(fix: &SettledFix) -> String {
    let title = escape::line(&fix.title);
    match fix.safety {
        Safety::Safe => format!("{title} (--fix)"),
        Safety::Unsafe => format!("{title} (--fix=all)"),
        Safety::Manual => format!("{title} (by hand)"),
    }
}

/// A title and where it points. The renderer would count characters of the excerpt for it, which
/// may begin in the middle of a line.
fn origin<'a>(title: Title<'a>, at: &'a Location) -> Group<'a> {
    let (line, column) = (at.start.line as usize, at.start.column as usize);
    Group::with_title(title).element(Origin::path(escape::path(&at.path)).line(line).char_column(column))
}

/// The line with a caret, when the text is known.
fn excerpt<'a>(level: Level<'a>, excerpt: &Excerpt, label: &'a str, style: Style<'_>) -> Group<'a> {
    let group = Group::with_level(level);
    let label = escape::line(label);
    if excerpt.text.is_empty() {
        return if label.is_empty() { group } else { group.element(Level::NOTE.message(label)) };
    }
    let (mut text, (mut start, mut end)) = escape::source(&excerpt.text, excerpt.token);
    if excerpt.cut_before {
        text.insert(0, '…');
        (start, end) = (start + '…'.len_utf8(), end + '…'.len_utf8());
    }
    if excerpt.cut_after {
        text.push('…');
    }
    let label = (!label.is_empty()).then_some(label);
    let caret = AnnotationKind::Primary.span(start..end).label(label);
    let snippet = Snippet::source(text).line_start(excerpt.first_line as usize).fold(!style.verbose);
    group.element(snippet.annotation(caret))
}

/// Why an input was taken for what it is.
fn provenance(input: &Input) -> String {
    let path = escape::path(&input.path);
    let Some(dialect) = input.dialect else { return format!("{path}: {}", input.kind) };
    let valid = if input.valid { "" } else { ", which would refuse it" };
    match &*input.reason {
        "" => format!("{path}: {}{valid}", target(dialect)),
        reason => format!("{path}: {} ({}){valid}", target(dialect), escape::line(reason)),
    }
}

fn target((product, version): (&str, &str)) -> String {
    let product = match product {
        "openclaw" => "OpenClaw",
        "closedclaw" => "ClosedClaw",
        _ => return "the handbook's dialect".to_owned(),
    };
    format!("{product} {version}")
}

/// What was checked and what came out.
#[must_use]
pub fn summary(verdict: &Verdict) -> String {
    let configs = verdict.inputs.iter().filter(|input| input.dialect.is_some()).count();
    let skills = verdict.skills.len();
    let others = verdict.inputs.len() - configs - skills;
    let other = if configs + skills == 0 { "file" } else { "other file" };
    let parts = [(skills, "skill"), (configs, "configuration"), (others, other)];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    let mut text = match parts.as_slice() {
        [] if verdict.unchanged && verdict.incomplete() == 0 => return "nothing to check has changed".to_owned(),
        [] => return "nothing to check was found".to_owned() + &incomplete(verdict),
        [only] => format!("checked {only}"),
        [first @ .., last] => format!("checked {} and {last}", first.join(", ")),
    };
    let targets: BTreeSet<String> = verdict.inputs.iter().filter_map(|input| input.dialect.map(target)).collect();
    if !targets.is_empty() {
        let _ = write!(text, " against {}", enumerated(&targets));
    }
    let counts: Vec<String> = [Severity::Critical, Severity::Warn, Severity::Info]
        .into_iter()
        .map(|severity| (verdict.count(severity), severity.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let left_out = verdict.baseline.as_ref().is_some_and(|outcome| outcome.left_out);
    let known = if left_out { "baselined and left out" } else { "baselined" };
    let hidden = [(verdict.baselined(), known), (verdict.count_suppressed(), "suppressed")];
    let hidden: Vec<String> =
        hidden.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let hidden = if hidden.is_empty() { String::new() } else { format!(" ({})", hidden.join(", ")) };
    format!("{text}: {counts}{hidden}{}{}", fixable(verdict), incomplete(verdict))
}

/// How many findings an edit helps.
fn fixable(verdict: &Verdict) -> String {
    let of =
        |safety| verdict.shown.iter().filter(|one| one.fix.as_ref().is_some_and(|fix| fix.safety == safety)).count();
    match (of(Safety::Safe), of(Safety::Unsafe)) {
        (0, 0) => String::new(),
        (safe, 0) => format!("; --fix mends {safe}"),
        (0, more) => format!("; --fix=all mends {more}"),
        (safe, more) => format!("; --fix mends {safe}, --fix=all {}", safe + more),
    }
}

/// `OpenClaw 2026.2.24, 2026.5.12 and 2026.9.6`: a product is named once.
fn enumerated(targets: &BTreeSet<String>) -> String {
    let mut text = String::new();
    let mut product = "";
    for (index, target) in targets.iter().enumerate() {
        let (name, version) = target.split_once(' ').unwrap_or((target, ""));
        let glue = match index {
            0 => "",
            _ if index + 1 == targets.len() => " and ",
            _ => ", ",
        };
        text += glue;
        text += if name == product { version } else { target };
        product = name;
    }
    text
}

fn incomplete(verdict: &Verdict) -> String {
    match verdict.incomplete() {
        0 => String::new(),
        count => format!("; incomplete: {} not checked", counted(count, "input")),
    }
}

pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A sentence that begins one.
pub(super) fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
