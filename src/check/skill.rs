//! Every rule about skills on one skill, and what the findings mean together.

use std::collections::BTreeSet;

use super::{Checked, Plan, run};
use crate::finding::{Confidence, Finding, Severity};
use crate::model::skill::{FileRole, Skill, SkillFile, UnitKind};
use crate::rule::{Check, Hit, Report, Rule};
use crate::scan::{Reading, Scanner};
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
            let mut told = Report::new(rule);
            run(rule, hit.place(), checked, |inner| {
                (text.hit)(hit, inner);
                told = std::mem::replace(inner, Report::new(rule));
            });
            if let Some((_, steps)) = &hit.decoded {
                told.begin_with(&format!("hidden as {steps}: "));
            }
            report.take(told);
        };
        scanner.scan(skill, file, &wanted, &mut tell);
        second_reading(skill, file, scanner, &wanted, &mut tell);
    }
    for (index, report) in reports.into_iter().enumerate() {
        let Some(rule) = rules.get(index).filter(|_| wanted.get(index) == Some(&true)) else { continue };
        if report.left_out() > 0 {
            checked.left_out.push((rule, report.left_out()));
        }
        checked.findings.extend(report.into_findings());
        checked.ran.push(rule);
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
) {
    for layer in file.folded().into_iter().chain(file.decoded()) {
        let steps = layer.steps();
        let reading = Reading { layer, origin: &steps };
        let folded = layer.origin == Origin::Folded;
        // A run of an encoding is one place: a rule says once what is wrong with it.
        let mut said = BTreeSet::new();
        scanner.scan_reading(skill, file, reading, wanted, &mut |index, hit| {
            let same = || file.text().get(layer.map.original(hit.range.clone())) == Some(hit.matched());
            let elsewhere = || scanner.rules().nth(index).is_some_and(|rule| !text_zones(rule).has(hit.zone.kind));
            // What reads the same in the file was found there, in the zones of the rule.
            if folded && (same() || elsewhere()) || !folded && !said.insert(index) {
                return;
            }
            tell(index, hit);
        });
    }
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
    let mut raised = Vec::new();
    for at in &signs {
        let Some(one) = findings.get(*at).filter(|one| in_script(one)) else { continue };
        let beside = signs.iter().filter_map(|other| findings.get(*other)).find(|other| {
            let same_file = other.place.span.file == one.place.span.file;
            let reached = || {
                let to = skill.by_id(one.place.span.file).map(|file| file.id);
                skill.references().iter().any(|link| link.span.file == other.place.span.file && link.to == to)
            };
            // Two rules about one call are one sign.
            let apart = other.place.span != one.place.span;
            apart && group(other) != group(one) && (same_file || reached())
        });
        if let Some(other) = beside {
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
