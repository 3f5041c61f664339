//! Frontmatter that readers do not agree on: what a person or a registry reads is not what runs.

use std::ops::Range;

use crate::model::skill::Manifest;
use crate::rule::prelude::*;
use crate::source::{Span, offset};
use crate::syntax::frontmatter::lines::Line;
use crate::syntax::frontmatter::{Frontmatter, lines};
use crate::syntax::yaml::{self, Oddity};
use crate::syntax::{Member, NodeKind, SyntaxError};
use crate::{manifest, skill};

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "skills.oc.parse_divergence",
    summary: "Readers of the frontmatter do not agree on what it says",
    severity: Severity::Critical,
    high: true,
    confidence: Confidence::High,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    steady: true,
    cwe: &[436],
    owasp: &["AST04"],
    why: "OpenClaw, other agents, registries and people read the block in different ways: as YAML, line by line, or not \
          at all. Whoever writes for one of them shows the others something else.",
    remedy: "Write every key once, each value as plain YAML that also reads well line by line, between two lines of \
             `---` of which the first is the first line of the file.",
    links: &["https://agentskills.io/specification"],
    bad: &[
        manifest!("---\nname: demo\ndescription: Sorts tables\n«description»: Runs whatever it is given\n---\nBody\n"),
        manifest!("---\nname: demo\nbase: &a Sorts tables\ndescription: «*a»\n---\nBody\n"),
        manifest!("---\nname: demo\nrun: «!!python/object/apply:os.getcwd» []\ndescription: Sorts tables\n---\nBody\n"),
        manifest!("---\nname: demo\ndescription: \"Sorts\n«metadata»: {a: 1}\n tables\"\n---\nBody\n"),
        manifest!("---\nname: demo\ndescription: «Sorts tables: by date»\n---\nBody\n"),
        manifest!("---\nname: demo\ndescription: Sorts tables\ntags: «»[a\n---\nBody\n"),
        manifest!("«\u{feff}»---\nname: demo\ndescription: Sorts tables\n---\nBody\n"),
        manifest!(
            "---\nname: demo\ndescription: Sorts tables\n---\n\n---\n«name: other»\ndescription: Sorts all\n---\n"
        ),
        manifest!("---\nname: demo\ndescription: Sorts tables\n«...»\nmetadata: {\"openclaw\": {}}\n---\nBody\n"),
        manifest!("---\nname: demo\ndescription: Sorts tables\nmetadata: '{\"openclaw\": «»'\n---\nBody\n"),
    ],
    good: &[
        skill!("Body\n\n---\n\nMore: text\n\n---\nname: not a block\n"),
        manifest!("---\nname: demo\ndescription: Sorts tables\n---\n\n---\n\n# Title\n\n---\n"),
        manifest!(
            "---\nname: \"demo\" # as in the title\ndescription: >-\n  Sorts tables:\n  name: by name\n---\nBody\n"
        ),
        manifest!(
            "---\nname: demo\ndescription: Sorts tables\nmetadata:\n  {\n    \"openclaw\": { \"emoji\": \"x\", },\n  }\n---\nBody\n"
        ),
        manifest!("---\nname: demo\ndescription: 'Sorts tables: by date'\nmetadata: '{\"openclaw\": {}}'\n---\nBody\n"),
        manifest!("# Title\n\nNo block at all.\n"),
    ],
    check: Check::Skill(divergence),
    ..Rule::DEFAULT
}];

/// The keys that decide what a skill is: whoever reads them otherwise has another skill before him.
const DECIDING: [&str; 3] = ["name", "description", "metadata"];

fn divergence(skill: &Skill, report: &mut Report) {
    let Some(file) = skill.main_file() else { return };
    let Some(block) = &file.frontmatter else { return };
    opening(file, block, report);
    if !block.closed {
        return;
    }
    ending(file, block, report);
    second_block(file, block, report);
    match &block.tree {
        Ok(_) => {
            oddities(file, block, report);
            hidden_lines(file, block, report);
            embedded(skill.manifest(), report);
        }
        Err(error) => refused(file, block, error, report),
    }
}

/// What stands before the first line.
fn opening(file: &SkillFile, block: &Frontmatter, report: &mut Report) {
    let before = file.text().get(..block.range.start).unwrap_or_default();
    if before.is_empty() {
        return;
    }
    let message = if before == "\u{feff}" {
        "a byte order mark stands before the frontmatter: older releases and other readers see no frontmatter"
    } else {
        "spaces or empty lines stand before the frontmatter: OpenClaw sees none, tolerant readers see one"
    };
    report.at(file.place(0..block.range.start), message).severity(Severity::Warn);
}

/// Readers differ in which line ends the block.
fn ending(file: &SkillFile, block: &Frontmatter, report: &mut Report) {
    let text = file.text();
    let yaml = text.get(block.yaml.clone()).unwrap_or_default();
    let mut at = block.yaml.start;
    for line in yaml.split_inclusive('\n') {
        let rest = text.get(at..block.yaml.end).unwrap_or_default();
        if line.starts_with("---") {
            if has_deciding(rest) {
                let message = "this line ends the frontmatter for older releases of OpenClaw, and what follows is lost";
                report.at(file.place(at..at + line.trim_end().len()), message);
            }
            return;
        }
        at += line.len();
    }
    let fence = text.get(block.yaml.end..block.range.end).unwrap_or_default();
    if fence.trim_end() != "..." {
        return;
    }
    let place = file.place(block.yaml.end..block.yaml.end + 3);
    let after = text.get(block.range.end..).unwrap_or_default();
    let to_next = after.find("\n---").map_or("", |end| after.get(..end).unwrap_or_default());
    let message = "`...` ends the frontmatter for readers of YAML, and OpenClaw reads on to the next `---`";
    let severity = if has_deciding(to_next) { Severity::Critical } else { Severity::Warn };
    report.at(place, message).severity(severity);
}

fn has_deciding(text: &str) -> bool {
    lines::read(text).iter().any(|line| DECIDING.contains(&line.key))
}

/// A block right after the block: nobody reads it as one, but people may.
fn second_block(file: &SkillFile, block: &Frontmatter, report: &mut Report) {
    let body = file.text().get(block.range.end..).unwrap_or_default();
    let start = block.range.end + (body.len() - body.trim_start().len());
    let Some(inner) = body.trim_start().strip_prefix("---\n") else { return };
    let Some(inner) = inner.find("\n---").and_then(|end| inner.get(..end)) else { return };
    let first = |key: &str| block.string(key).map(str::trim);
    let other = lines::read(inner)
        .into_iter()
        .find(|line| DECIDING.contains(&line.key) && line.key != "description" && first(line.key) != Some(line.value));
    if let Some(line) = other {
        let place = file.place(start + 4 + line.at.start..start + 4 + line.rest.end);
        let message = format!("a second block says another `{}`, which no reader of the first one sees", line.key);
        report.at(place, message).severity(Severity::Warn);
    }
}

/// What YAML allows and readers treat differently.
fn oddities(file: &SkillFile, block: &Frontmatter, report: &mut Report) {
    let written = |range: Range<u32>| file.text().get(range.start as usize..range.end as usize).unwrap_or_default();
    let value = |member: &Member| written(member.value.span.start..member.value.span.end).trim();
    let mut told = Vec::new();
    let mut deciding = Vec::new();
    for member in block.members().filter(|member| DECIDING.contains(&&*member.key)) {
        let first = block.members().find(|other| other.key == member.key);
        if value(member).starts_with('*') && member.value.kind == NodeKind::Null {
            let message = format!("`{}` is an alias: line readers see only its name", member.key);
            deciding.push((Place::span(member.value.span), message));
            told.push(member.value.span);
        } else if first.is_some_and(|first| value(first) != value(member)) {
            let message = format!("`{}` is written twice: some readers take the first, some the last", member.key);
            deciding.push((Place::span(member.key_span), message));
            told.push(member.key_span);
        }
    }
    report.gathered(Severity::Critical, ["place", "places"], deciding);
    for (odd, message, severity) in ODDITIES {
        let spans = block.oddities.iter().filter(|(oddity, _)| oddity == odd).map(|(_, span)| *span);
        let spans = spans.filter(|span| !told.contains(span));
        let hits = spans.map(|span| {
            let range = if *odd == Oddity::Tag { tag(file.text(), span) } else { span.start..span.end };
            let place = Place::span(Span { start: range.start, end: range.end, ..span });
            (place, builds_objects(written(range)))
        });
        let (building, others): (Vec<_>, Vec<_>) = hits.partition(|(_, builds)| *builds);
        let building = building.into_iter().map(|(place, _)| {
            (place, "a tag asks readers that are not careful to build an object of a program".to_owned())
        });
        report.gathered(Severity::Critical, ["tag", "tags"], building);
        let others = others.into_iter().map(|(place, _)| (place, (*message).to_owned()));
        report.gathered(*severity, ["place", "places"], others);
    }
}

/// What is odd wherever it stands.
const ODDITIES: &[(Oddity, &str, Severity)] = &[
    (
        Oddity::Duplicate,
        "a key is written twice: some readers take the first, some the last, some refuse the block",
        Severity::Warn,
    ),
    (
        Oddity::Alias,
        "an alias stands for text that is written elsewhere: line readers see only its name",
        Severity::Warn,
    ),
    (Oddity::Merge, "a merge key: some readers take its members in, some do not", Severity::Warn),
    (Oddity::Tag, "a tag changes what the value is for some readers", Severity::Info),
];

/// The tag of a value: the last word before it on its line that begins with `!`.
fn tag(text: &str, value: Span) -> Range<u32> {
    let end = value.start as usize;
    let line = text.get(..end).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before = text.get(line..end).unwrap_or_default();
    let Some(at) = before.rfind(" !") else { return value.start..value.end };
    let from = line + at + 1;
    let word = text.get(from..end).unwrap_or_default().split_whitespace().next().unwrap_or_default();
    offset(from)..offset(from + word.len())
}

fn builds_objects(tagged: &str) -> bool {
    ["!!python/", "!!js/", "!ruby/", "!!java", "!!perl/"].iter().any(|tag| tagged.contains(tag))
}

/// Lines that a line reader takes for a key and YAML for a part of another value.
fn hidden_lines(file: &SkillFile, block: &Frontmatter, report: &mut Report) {
    let yaml = file.text().get(block.yaml.clone()).unwrap_or_default();
    for line in lines::read(yaml).into_iter().filter(|line| DECIDING.contains(&line.key)) {
        let at = offset(block.yaml.start + line.at.start);
        let is_key = block.members().any(|member| member.key_span.start == at);
        if !is_key && block.string(line.key).map(str::trim) != Some(line.value) {
            let place = file.place(block.yaml.start + line.at.start..block.yaml.start + line.at.end);
            report.at(place, format!("`{}` is a part of another value in YAML, and a key line by line", line.key));
            return;
        }
    }
}

/// Metadata that is written as text and cannot be read as such.
fn embedded(manifest: Option<&Manifest>, report: &mut Report) {
    let Some(Err(error)) = manifest.and_then(|manifest| manifest.embedded.as_ref()) else { return };
    let message = format!("`metadata` is not JSON5, so OpenClaw reads none of it: {}", error.message);
    report.at(Place::span(error.span), message).severity(Severity::Warn);
}

/// YAML that cannot be read: the line reader stands in for it.
fn refused(file: &SkillFile, block: &Frontmatter, error: &SyntaxError, report: &mut Report) {
    let yaml = file.text().get(block.yaml.clone()).unwrap_or_default();
    let base = block.yaml.start;
    let lines = lines::read(yaml);
    let twice = lines.iter().enumerate().find(|(at, line)| {
        DECIDING.contains(&line.key)
            && lines.iter().take(*at).any(|first| first.key == line.key && first.value != line.value)
    });
    if let Some((_, line)) = twice {
        let message = format!("YAML refuses the block, and line by line `{}` is said twice", line.key);
        report.at(file.place(base + line.at.start..base + line.at.end), message);
        return;
    }
    if let Some(line) = quoted_key(yaml, &lines) {
        let message = format!("`{}` is a part of a quoted value for some readers, and a key line by line", line.key);
        report.at(file.place(base + line.at.start..base + line.at.end), message);
        return;
    }
    // The newest release puts the description in quotes and tries again.
    if let Some(line) = lines.iter().find(|line| line.key == "description" && !line.rest.is_empty()) {
        let quoted = serde_json::to_string(line.value).unwrap_or_default();
        let (head, tail) = (yaml.get(..line.rest.start), yaml.get(line.rest.end..));
        let healed = format!("{}{quoted}{}", head.unwrap_or_default(), tail.unwrap_or_default());
        if yaml::parse(file.id, &healed).is_ok() {
            let place = file.place(base + line.rest.start..base + line.rest.end);
            let message =
                "YAML refuses the description without quotes: readers other than OpenClaw may not load the skill";
            report.at(place, message).severity(Severity::Info);
            return;
        }
    }
    let message = format!("YAML refuses the block, and only some readers take it line by line: {}", error.message);
    report.at(Place::span(error.span), message).severity(Severity::Warn);
}

/// A deciding key between an opening quote and the line that closes it: not all readers of YAML refuse that.
fn quoted_key<'a>(yaml: &str, lines: &'a [Line<'a>]) -> Option<&'a Line<'a>> {
    // Honest blocks have a handful of lines.
    lines.iter().enumerate().take(200).find_map(|(at, first)| {
        let written = yaml.get(first.rest.clone())?;
        let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        if written.matches(quote).count() != 1 {
            return None;
        }
        let inside = lines.get(at + 1..)?.iter().find(|line| DECIDING.contains(&line.key))?;
        let closed = yaml.get(inside.at.start..)?.lines().any(|line| line.trim_end().ends_with(quote));
        closed.then_some(inside)
    })
}
