//! Archives: those that a skill brings, and the one that it comes in.

use super::skill_files::{files, is_aside};
use crate::model::skill::{Inside, Packed};
use crate::rule::prelude::*;
use crate::skill;
use crate::syntax::magic::mismatch;

/// A packed skill with an entry that leads out of it.
const OUTSIDE: &str = "«»PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\x10\0\0\0\x08\0\0\0SKILL.md---\nname: a\n---\nPK\
    \x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x04\0\0\0../xxPK\x01\x02\x14\0\x14\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\x10\0\0\0\x10\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0SKILL.mdPK\x01\x02\x14\
    \0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\x006\0\0\0../xPK\x05\
    \x06\0\0\0\0\x02\0\x02\0h\0\0\0Y\0\0\0\0\0";
/// A packed skill.
const INSIDE: &str = "PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\x10\0\0\0\x08\0\0\0SKILL.md---\nname: a\n---\nPK\
    \x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x03\0\0\0./xxPK\x01\x02\x14\0\x14\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\x10\0\0\0\x10\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0SKILL.mdPK\x01\x02\x14\0\
    \x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\x006\0\0\0./xPK\x05\x06\
    \0\0\0\0\x02\0\x02\0g\0\0\0X\0\0\0\0\0";

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.file.archive_nested",
        summary: "A skill brings an archive",
        severity: Severity::Critical,
        high: true,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[506, 829],
        atlas: &["AML.T0010", "AML.T0074"],
        owasp: &["AST01", "AST02", "AST08"],
        why: "What is packed is not read by whoever reviews the skill. An encrypted archive, one that holds programs, \
              and one whose names lead out of it have hardly another purpose than to be overlooked.",
        remedy: "Ship the files themselves, unpacked.",
        bad: &[
            skill!("Unpack `data.zip`.\n", "data.zip" => "«»PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            skill!("Unpack it.\n", "data.rar" => "«»Rar!\x1a\x07\0"),
        ],
        good: &[skill!("Fill in.\n", "form.docx" => "PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")],
        check: Check::Skill(archive_nested),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.file.archive_deceptive",
        summary: "The archive that a skill comes in deceives whoever unpacks it",
        severity: Severity::Critical,
        confidence: Confidence::High,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        steady: true,
        cwe: &[22, 451],
        atlas: &["AML.T0010", "AML.T0074"],
        owasp: &["AST01", "AST02"],
        why: "A name that leads out of the archive overwrites files elsewhere, names that stand twice or that two headers \
              spell differently give two programs two different skills, and what is encrypted nobody reviews.",
        remedy: "Do not unpack it; ask for the files as they are, or pack them anew.",
        bad: &[Example::files(&[("skills/demo.skill", OUTSIDE)])],
        good: &[Example::files(&[("skills/demo.skill", INSIDE)])],
        check: Check::Skill(archive_deceptive),
        ..Rule::DEFAULT
    },
];

fn archive_nested(skill: &Skill, report: &mut Report) {
    for file in files(skill) {
        let Inside::Archive(packed) = &file.inside else { continue };
        let Some((severity, what)) = judged(packed) else { continue };
        // A name that promises something else is the worse finding.
        if mismatch(&file.path, file.kind).is_some() && severity != Severity::Critical {
            continue;
        }
        let severity = if is_aside(file) { severity.min(Severity::Warn) } else { severity };
        let message = format!("{} is {}{what}", file.path, file.kind.label());
        report.at(file.place(0..0), message).severity(severity);
    }
}

fn judged(packed: &Packed) -> Option<(Severity, String)> {
    if packed.encrypted {
        return Some((Severity::Critical, " that takes a password to read".to_owned()));
    }
    if let Some(name) = &packed.outside {
        return Some((Severity::Critical, format!(" with an entry that leads out of it: {name}")));
    }
    if let Some((name, kind)) = &packed.program {
        return Some((Severity::Critical, format!(" with {} in it: {name}", kind.label())));
    }
    if let Some(name) = &packed.disguised {
        return Some((Severity::Critical, format!(" that names one entry in two ways: {name}")));
    }
    if packed.single {
        return None;
    }
    let what = packed.entries.map_or_else(
        || ", which cannot be looked into".to_owned(),
        |count| match count {
            1 => " of one entry".to_owned(),
            count => format!(" of {count} entries"),
        },
    );
    Some((Severity::Warn, what))
}

fn archive_deceptive(skill: &Skill, report: &mut Report) {
    let tree = &skill.project.tree;
    let Some((path, listing)) = tree.archive_of(&skill.root) else { return };
    let Some(place) = skill.project.place_of(path) else { return };
    let mut say = |severity: Severity, name: Option<&String>, what: &str| {
        if let Some(name) = name {
            report.at(place.clone(), format!("{path}: {name} {what}")).severity(severity);
        }
    };
    say(Severity::Critical, listing.outside.first(), "leads out of the archive");
    say(Severity::Critical, listing.disguised.first(), "is named differently in its two headers");
    say(Severity::Warn, listing.twice.first(), "stands twice");
    say(Severity::Critical, listing.locked.as_ref(), "is encrypted");
}
