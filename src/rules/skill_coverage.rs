//! Which files of a skill a signature covers, and which of them are not as they were signed.

use crate::model::skill::{DifferenceKind, State};
use crate::rule::prelude::*;
use crate::signature::manifest;

/// What these rules have in common.
const BASE: Rule = Rule {
    severity: Severity::Critical,
    profiles: Profiles::OURS,
    scope: Scope::Signatures,
    steady: true,
    cwe: &[353],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.signature.scripts_not_covered",
        summary: "A skill has files that its signature does not cover",
        severity: Severity::Info,
        why: "A signature of ClosedClaw covers SKILL.md and nothing else: the scripts that it runs can be changed, and it still fits.",
        remedy: "Sign a list of all files with `clawsift skill sign --manifest`.",
        bad: &[signed!("full", concat!("«»", signature!(signed_body!())), "run.sh" => "sort -n\n")],
        good: &[
            signed!("full", signature!(signed_body!())),
            listed!("run.sh" => "sort -n\n"),
            Example::files(&[
                ("trusted-keys.json", keyring!("full")),
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/run.sh", "sort -n\n"),
            ]),
        ],
        check: Check::Skill(not_covered),
        ..BASE
    },
    Rule {
        id: "skills.signature.manifest_malformed",
        summary: "A list of files is not written as such a list is",
        why: "A list that cannot be read vouches for nothing.",
        remedy: "Write it again with `clawsift skill sign --manifest`.",
        bad: &[
            signed!("full", signature!(signed_body!()), "SKILL.manifest" => "«»files: all\n"),
            signed!("full", signature!(signed_body!()), "run.sh" => "sort -n\n", "SKILL.manifest" => list!("«709d0c34c5689e0ba1aaf22e222e3ef773c402e7332630568dbb2a81b54b3f37»", "", "run.sh"), "SKILL.manifest.sig" => signature!(
                "smlDVKLTT8z1ZJnNqMSBjsvzrVr8dqZXIotXHn3zYbusgrJ3LC0LUB6fA3lN3td10ZRA2I2ABYKQZs9P97c0BA=="
            )),
        ],
        good: &[listed!("run.sh" => "sort -n\n")],
        check: Check::Skill(malformed),
        ..BASE
    },
    Rule {
        id: "skills.signature.manifest_unsigned",
        summary: "A list of files is not signed",
        why: "Whoever changes a file can change an unsigned list, too.",
        remedy: "Sign it with `clawsift skill sign --manifest`, or remove it.",
        bad: &[signed!("full", signature!(signed_body!()), "run.sh" => "sort -n\n", "SKILL.manifest" => concat!(
            "«»",
            list!()
        ))],
        good: &[listed!("run.sh" => "sort -n\n")],
        check: Check::Skill(unsigned),
        ..BASE
    },
    Rule {
        id: "skills.signature.manifest_expired",
        summary: "A list of files has expired",
        why: "Its signer vouches for the skill only until that time.",
        remedy: "Get the present version of the skill, or read it and sign it again.",
        bad: &[
            signed!("full", signature!(signed_body!()), "run.sh" => "sort -n\n", "SKILL.manifest" => list!("b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68", "Expires: «never»\n", "run.sh"), "SKILL.manifest.sig" => signature!("6syyLyY1nSOQp8gMcTnUpkqcEvrYr752B8BgEzC7/plbYTEPMjZLgpcBD6kNNsathGzdJSc4Qh+NDwgtMC7gBA==")),
        ],
        good: &[listed!("run.sh" => "sort -n\n")],
        check: Check::Skill(expired),
        ..BASE
    },
    Rule {
        id: "skills.signature.file_changed",
        summary: "A file of a skill was changed after it was signed",
        why: "What the agent reads or runs is not what somebody vouched for.",
        remedy: "Compare the file with the signed version, and sign the skill again only after reading it. Where only line endings changed, switch the conversion off in .gitattributes.",
        bad: &[listed!("run.sh" => "«»sort -n | tee /tmp/x\n"), listed!("run.sh" => "«»sort -n\r\n")],
        good: &[listed!("run.sh" => "sort -n\n")],
        check: Check::Skill(changed),
        ..BASE
    },
    Rule {
        id: "skills.signature.file_extra",
        summary: "A file was added to a skill after it was signed",
        why: "Nobody vouched for the file, yet the agent finds it among those of the skill.",
        remedy: "Remove the file, or read it and sign the skill again.",
        bad: &[
            listed!("run.sh" => "sort -n\n", "more.sh" => "«»date\n"),
            listed!("run.sh" => "sort -n\n", "inner/run.sig" => "«»date\n"),
        ],
        good: &[listed!("run.sh" => "sort -n\n")],
        check: Check::Skill(extra),
        ..BASE
    },
    Rule {
        id: "skills.signature.file_missing",
        summary: "A file of a skill was removed after it was signed",
        why: "A skill without one of its files does something else than what was signed, such as working without a check.",
        remedy: "Restore the file, or sign the skill again.",
        bad: &[listed!(list!("b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68", "", "«run.sh»"),)],
        good: &[listed!("run.sh" => "sort -n\n")],
        check: Check::Skill(missing),
        ..BASE
    },
    Rule {
        id: "skills.signature.mode_changed",
        summary: "The mode of a file of a skill was changed after it was signed",
        severity: Severity::Warn,
        why: "A file that becomes executable can be run where it was only read.",
        remedy: "Restore the mode, or sign the skill again.",
        bad: &[listed!("run.sh" => "«»sort -n\n").with_modes(&[("skills/demo/run.sh", 0o755)])],
        good: &[listed!("run.sh" => "sort -n\n").with_modes(&[])],
        check: Check::Skill(mode),
        ..BASE
    },
];

/// Files that are named beside a finding.
const NAMED: usize = 5;

fn not_covered(skill: &Skill, report: &mut Report) {
    let signing = skill.signing();
    let required = skill.project.trust.flags.require_manifest;
    let covered = skill.covering().is_some_and(crate::model::skill::Covering::is_trusted);
    // Without a signature of its own there is nothing that could be taken for more than it is.
    if skill.partial || covered || !(signing.is_good() || required) || skill.covering().is_some() && !required {
        return;
    }
    let main = skill.main_file().map(|file| &*file.path);
    let list = main.unwrap_or("SKILL.md");
    let others = skill.files.iter().filter(|file| Some(&*file.path) != main && !manifest::is_exempt(&file.path, list));
    let mut others: Vec<&SkillFile> = others.collect();
    // What runs is worth more words than what is read.
    others.sort_by_key(|file| (!file.is_script(), !file.executable));
    let Some(place) = signing.at.map(Place::span).or_else(|| Some(skill.whole())) else { return };
    let message = match others.len() {
        0 if !required => return,
        0 => "no signed list covers the files of the skill".to_owned(),
        1 => "1 more file of the skill is not covered".to_owned(),
        count => format!("{count} more files of the skill are not covered"),
    };
    let mut said = report.at(place, message);
    if required {
        said = said.severity(Severity::Critical);
    }
    for file in others.into_iter().take(NAMED) {
        said = said.related(&file.place(0..0), "not covered");
    }
}

fn malformed(skill: &Skill, report: &mut Report) {
    let Some(covering) = skill.covering() else { return };
    match &covering.manifest {
        Err(malformed) => {
            report.at(Place::span(covering.span(&malformed.at)), malformed.message.clone());
        }
        Ok(manifest) => {
            let other = covering.signing.envelope().is_some_and(|envelope| envelope.key_id != manifest.key_id);
            if other {
                let place = Place::span(covering.span(&manifest.key_id_at));
                report.at(place, "the list names another key than the one that signs it");
            }
        }
    }
}

fn unsigned(skill: &Skill, report: &mut Report) {
    if let Some(covering) = skill.covering().filter(|covering| covering.signing.state == State::Absent) {
        report.at(Place::span(covering.span(&(0..0))), "there is no SKILL.manifest.sig beside the list");
    }
}

fn expired(skill: &Skill, report: &mut Report) {
    let Some(covering) = skill.covering().filter(|covering| covering.is_trusted()) else { return };
    let Ok(manifest) = &covering.manifest else { return };
    let Some(expires) = &manifest.expires else { return };
    let place = Place::span(covering.span(&manifest.expires_at));
    match (expires.parse::<jiff::Timestamp>(), skill.project.now) {
        (Err(_), _) => {
            report.at(place, "Expires is no time in RFC 3339");
        }
        (Ok(time), Some(now)) if time < now => {
            report.at(place, format!("the list expired at {expires}"));
        }
        _ => {}
    }
}

/// Says something of every file that differs from the list in some way.
fn of_files(skill: &Skill, report: &mut Report, message: impl Fn(DifferenceKind) -> Option<(Severity, &'static str)>) {
    let Some(covering) = skill.covering() else { return };
    for difference in &covering.differences {
        let Some((severity, words)) = message(difference.kind) else { continue };
        let said = report.at(Place::span(difference.at), format!("{} {words}", difference.path)).severity(severity);
        if let Some(listed) = difference.listed {
            said.related(&Place::span(listed), "as it was signed");
        }
    }
}

fn changed(skill: &Skill, report: &mut Report) {
    of_files(skill, report, |kind| match kind {
        DifferenceKind::Changed { line_endings: true } => Some((
            Severity::Warn,
            "differs from what was signed in its line endings alone: `-text` in .gitattributes keeps them",
        )),
        DifferenceKind::Changed { line_endings: false } => Some((Severity::Critical, "is not what was signed")),
        DifferenceKind::NoFile => {
            Some((Severity::Critical, "was signed as a file, and is now a link or cannot be read"))
        }
        _ => None,
    });
}

fn extra(skill: &Skill, report: &mut Report) {
    of_files(skill, report, |kind| {
        (kind == DifferenceKind::Extra).then_some((Severity::Critical, "is not in the signed list"))
    });
}

fn missing(skill: &Skill, report: &mut Report) {
    of_files(skill, report, |kind| {
        (kind == DifferenceKind::Missing).then_some((Severity::Critical, "is in the signed list, and not there"))
    });
}

fn mode(skill: &Skill, report: &mut Report) {
    of_files(skill, report, |kind| match kind {
        DifferenceKind::Mode { executable: true } => Some((Severity::Warn, "was not executable when it was signed")),
        DifferenceKind::Mode { executable: false } => Some((Severity::Warn, "was executable when it was signed")),
        _ => None,
    });
}
