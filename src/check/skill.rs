//! Every rule about skills on one skill, and what the findings mean together.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checked, Plan, done, guarded, run};
use crate::finding::{Confidence, Finding, Severity};
use crate::kind::UnitKind;
use crate::model::skill::{FileRole, Skill, SkillFile};
use crate::rule::{Check, Hit, Report, Rule};
use crate::scan::{Reading, Scanner};
use crate::source::FileId;
use crate::syntax::zone::{ZoneKind, Zones};
use crate::view::Origin;

/// Runs every rule about skills, prompts and definitions on one of them.
#[must_use]
pub fn skill(skill: &Skill, plan: &Plan) -> Checked {
    let mut checked = Checked::default();
    let is_plugin = skill.kind == UnitKind::Plugin;
    if !is_plugin {
        words(skill, plan, &mut checked);
    }
    for rule in if is_plugin { &plan.plugins } else { &plan.skills } {
        let check = match rule.check {
            Check::Skill(check) if skill.kind == UnitKind::Skill => check,
            Check::Unit(check) | Check::Plugin(check) => check,
            _ => continue,
        };
        if rule.applies(skill.profile, skill.dialect) {
            run(rule, skill.whole(), &mut checked, |report| check(skill, report));
        }
    }
    for finding in &mut checked.findings {
        in_context(skill, finding);
    }
    corroborate(skill, &mut checked.findings);
    checked
}

/// The text rules: one pass over each file.
fn words(skill: &Skill, plan: &Plan, checked: &mut Checked) {
    let Some(scanner) = &plan.scanner else { return };
    let rules: Vec<_> = scanner.rules().collect();
    let wanted: Vec<bool> = rules
        .iter()
        .map(|rule| {
            let here = skill.kind == UnitKind::Skill || matches!(rule.check, Check::Text(text) if text.prompts);
            here && rule.applies(skill.profile, skill.dialect)
        })
        .collect();
    let mut reports: Vec<Report> = rules.iter().map(|rule| Report::new(rule)).collect();
    for file in &skill.files {
        if file.role == FileRole::Inert || file.text().is_empty() {
            continue;
        }
        let wanted = |index: usize| wanted.get(index) == Some(&true);
        let mut tell = |index: usize, hit: &Hit<'_>| {
            let (Some(rule), Some(report)) = (rules.get(index), reports.get_mut(index)) else { return };
            let Check::Text(text) = rule.check else { return };
            let before = report.len();
            guarded(rule, hit.place(), checked, || (text.hit)(hit, report));
            if let Some((_, steps)) = &hit.decoded {
                report.begin_with(before, &format!("hidden as {steps}: "));
            }
        };
        let mut stopped = scanner.scan(skill, file, &wanted, &mut tell);
        stopped.extend(second_reading(skill, file, scanner, &wanted, &mut tell));
        checked.unread.extend(stopped.into_iter().filter_map(|index| Some((file.id, *rules.get(index)?))));
    }
    for (index, report) in reports.into_iter().enumerate() {
        if let Some(rule) = rules.get(index).filter(|_| wanted.get(index) == Some(&true)) {
            done(rule, report, checked);
        }
    }
}

/// The text rules over what a machine or a model makes of the file: look-alikes and invisible characters
/// undone, encodings decoded.
fn second_reading(
    skill: &Skill,
    file: &SkillFile,
    scanner: &Scanner,
    wanted: &dyn Fn(usize) -> bool,
    tell: &mut dyn FnMut(usize, &Hit<'_>),
) -> Vec<usize> {
    let mut stopped = Vec::new();
    for layer in file.folded().into_iter().chain(file.decoded()) {
        let steps = layer.steps();
        let reading = Reading { layer, origin: &steps };
        let folded = layer.origin == Origin::Folded;
        // A run of an encoding is one place: a rule says once what is wrong with it.
        let mut said = BTreeSet::new();
        stopped.extend(scanner.scan_reading(skill, file, reading, wanted, &mut |index, hit| {
            let same = || file.text().get(layer.map.original(hit.range.clone())) == Some(hit.matched());
            let elsewhere = || scanner.rules().nth(index).is_some_and(|rule| !text_zones(rule).has(hit.zone.kind));
            // What reads the same in the file was found there, in the zones of the rule.
            if folded && (same() || elsewhere()) || !folded && !said.insert(index) {
                return;
            }
            tell(index, hit);
        }));
    }
    stopped
}

const fn text_zones(rule: &Rule) -> Zones {
    match rule.check {
        Check::Text(text) => text.zones,
        _ => Zones::ALL,
    }
}

/// What stands in tests is run by nobody, and a skill about security quotes attacks: such findings stay,
/// but they do not convict. What is weak or unsure never convicts alone.
fn in_context(skill: &Skill, finding: &mut Finding) {
    let rule = finding.rule;
    let file = skill.by_id(finding.place.span.file);
    if !rule.steady {
        let test = file.is_some_and(|file| file.role == FileRole::Test);
        let zone = skill.zone(finding.place.span).map(|zone| zone.kind);
        // Binaries, settings and the frontmatter quote nothing.
        let words = zone.is_some_and(|kind| Zones::QUOTING.has(kind))
            || zone == Some(ZoneKind::DataString) && matches!(rule.check, Check::Text(_));
        if test {
            finding.severity = finding.severity.min(Severity::Warn);
        }
        if words && skill.is_about_security() {
            finding.severity = finding.severity.min(Severity::Warn);
            finding.confidence = Confidence::Low;
        }
    }
    if rule.weak || finding.confidence == Confidence::Low {
        finding.severity = finding.severity.min(Severity::Warn);
    }
}

/// Two weak signs of different groups, one of them in a script, make one strong one.
fn corroborate(skill: &Skill, findings: &mut [Finding]) {
    let group = |finding: &Finding| finding.rule.id.split('.').nth(1).unwrap_or_default();
    let in_script = |finding: &Finding| {
        let file = skill.by_id(finding.place.span.file);
        file.is_some_and(|file| file.role == FileRole::Script)
    };
    let weak = |finding: &Finding| {
        let test = skill.by_id(finding.place.span.file).is_some_and(|file| file.role == FileRole::Test);
        finding.rule.weak && finding.severity == Severity::Warn && finding.confidence >= Confidence::Medium && !test
    };
    let signs: Vec<usize> = (0..findings.len()).filter(|at| findings.get(*at).is_some_and(weak)).collect();
    if signs.len() < 2 {
        return;
    }
    // Of each file the first signs of each group at two places, and the files that name it.
    let mut firsts: BTreeMap<FileId, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for at in &signs {
        let Some(one) = findings.get(*at) else { continue };
        let known = firsts.entry(one.place.span.file).or_default().entry(group(one)).or_default();
        let same = |other: &usize| findings.get(*other).is_some_and(|other| other.place.span == one.place.span);
        if known.len() < 2 && !known.iter().any(same) {
            known.push(*at);
        }
    }
    let mut named_by: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
    for link in skill.references() {
        if let Some(to) = link.to.filter(|_| firsts.contains_key(&link.span.file)) {
            named_by.entry(to).or_default().insert(link.span.file);
        }
    }
    let mut raised = Vec::new();
    for at in &signs {
        let Some(one) = findings.get(*at).filter(|one| in_script(one)) else { continue };
        let file = one.place.span.file;
        let files = named_by.get(&file).into_iter().flatten().chain([&file]);
        let others = files.filter_map(|file| firsts.get(file)).flatten().filter(|(other, _)| **other != group(one));
        // Two rules about one call are one sign.
        let apart = |at: &&usize| findings.get(**at).is_some_and(|other| other.place.span != one.place.span);
        let beside = others.flat_map(|(_, signs)| signs).filter(apart).min();
        if let Some(other) = beside.and_then(|at| findings.get(*at)) {
            raised.push((*at, other.place.clone(), format!("together with {}: {}", other.id, other.message)));
        }
    }
    for (at, place, message) in raised {
        if let Some(finding) = findings.get_mut(at) {
            finding.severity = Severity::Critical;
            finding.related.push(crate::finding::Related { span: place.span, message });
        }
    }
}
