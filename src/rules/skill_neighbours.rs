//! Skills beside each other: names that are too much alike.

use std::collections::BTreeMap;

use crate::discover::EntryKind;
use crate::facts::name::is_slip;
use crate::path::dir_of;
use crate::rule::prelude::*;

const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    owasp: &["AST02"],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.install.slug_noise",
        summary: "Several skills differ only in a random end of their names",
        confidence: Confidence::Medium,
        cwe: &[451],
        why: "Whoever uploads the same skill again and again under such names wants one of them to be found, whatever becomes \
              of the others.",
        remedy: "Keep one of them, from a publisher you know.",
        bad: &[Example::files(&[
            ("skills/weather-x7k2q/SKILL.md", "---\nname: weather\ndescription: Weather\n---\nBody\n"),
            ("skills/weather-p9d1z/SKILL.md", "«»---\nname: weather\ndescription: Weather\n---\nBody\n"),
            ("skills/weather-qvtrk/SKILL.md", "---\nname: weather\ndescription: Weather\n---\nBody\n"),
        ])],
        good: &[
            Example::files(&[
                ("skills/azure-deploy/SKILL.md", "---\nname: azure-deploy\ndescription: Deploys\n---\nBody\n"),
                ("skills/azure-search/SKILL.md", "---\nname: azure-search\ndescription: Searches\n---\nBody\n"),
                ("skills/azure-script/SKILL.md", "---\nname: azure-script\ndescription: Scripts\n---\nBody\n"),
            ]),
            Example::files(&[
                ("skills/weather-v2/SKILL.md", "---\nname: weather\ndescription: Weather\n---\nBody\n"),
                ("skills/weather-2024/SKILL.md", "---\nname: weather\ndescription: Weather\n---\nBody\n"),
                ("skills/weather-2025/SKILL.md", "---\nname: weather\ndescription: Weather\n---\nBody\n"),
            ]),
        ],
        check: Check::Project(noise),
        ..BASE
    },
    Rule {
        id: "skills.meta.name_near",
        summary: "Two skills beside each other have names one slip apart",
        confidence: Confidence::Medium,
        cwe: &[451],
        why: "One of them may have been installed in the place of the other.",
        remedy: "Check where both come from, and remove the one you did not mean.",
        bad: &[Example::files(&[
            ("skills/invoice-collector/SKILL.md", "---\nname: invoice-collector\ndescription: Sorts\n---\nBody\n"),
            ("skills/invoice-collectro/SKILL.md", "«»---\nname: invoice-collectro\ndescription: Sorts\n---\nBody\n"),
        ])],
        good: &[Example::files(&[
            ("skills/invoice-collector/SKILL.md", "---\nname: invoice-collector\ndescription: Sorts\n---\nBody\n"),
            ("skills/invoice-collectors/SKILL.md", "---\nname: invoice-collectors\ndescription: Sorts\n---\nBody\n"),
            ("skills/invoice-collector2/SKILL.md", "---\nname: invoice-collector2\ndescription: Sorts\n---\nBody\n"),
        ])],
        check: Check::Project(near),
        ..BASE
    },
];

/// The manifests by the directory that holds their skills, each with the skill's name.
fn shelves(project: &Project) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut shelves: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for entry in &project.tree.entries {
        let root = dir_of(&entry.path);
        if entry.kind == EntryKind::File && entry.path.ends_with("/SKILL.md") && !root.is_empty() {
            let name = root.rsplit('/').next().unwrap_or(root);
            shelves.entry(dir_of(root)).or_default().push((name, &entry.path));
        }
    }
    shelves
}

/// Names that differ only in a random end from so many others are noise.
const FEW: usize = 3;

fn noise(project: &Project, report: &mut Report) {
    for skills in shelves(project).into_values() {
        let mut families: BTreeMap<(&str, usize), Vec<(&str, &str)>> = BTreeMap::new();
        for (name, path) in skills {
            let Some((stem, end)) = name.rsplit_once('-') else { continue };
            let plain = end.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            if (4..=12).contains(&end.len()) && plain && !stem.is_empty() {
                families.entry((stem, end.len())).or_default().push((end, path));
            }
        }
        for ((stem, _), members) in families {
            let random = members.iter().filter(|(end, _)| is_random(end)).count();
            if members.len() < FEW || random * 2 < members.len() {
                continue;
            }
            let count = members.len();
            let mut places = members.iter().filter_map(|(_, path)| project.place_of(path));
            let Some(first) = places.next() else { continue };
            let mut said = report.at(first, format!("{count} skills are called `{stem}` with a random end"));
            for place in places {
                said = said.related(&place, "another one");
            }
        }
    }
}

/// No word: letters around a digit, or four consonants on end.
fn is_random(end: &str) -> bool {
    let digits = end.bytes().filter(u8::is_ascii_digit).count();
    if digits == end.len() {
        return false;
    }
    let inner = end.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches(|c: char| c.is_ascii_digit());
    let consonants = end.split(|c: char| "aeiouy".contains(c) || c.is_ascii_digit()).map(str::len).max();
    !inner.is_empty() && digits > 0 || consonants >= Some(4)
}

fn near(project: &Project, report: &mut Report) {
    for skills in shelves(project).into_values() {
        // Two names one slip apart have a text in common that is one letter shorter than the longer one.
        let mut shorter: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
        // Numbers tell versions apart.
        let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
        for (name, path) in skills.into_iter().filter(|(name, _)| (8..=64).contains(&name.len()) && plain(name)) {
            let mut twin = None;
            for text in deletions(name) {
                let others = shorter.entry(text).or_default();
                twin = twin.or_else(|| others.iter().copied().find(|(other, _)| is_slip(name, other)));
                if others.len() < 8 {
                    others.push((name, path));
                }
            }
            let twin = twin.filter(|(other, _)| slipped_word(name, other).len() >= LONG_WORD);
            let places =
                twin.and_then(|(other, there)| Some((other, project.place_of(path)?, project.place_of(there)?)));
            if let Some((other, here, there)) = places {
                report.at(here, format!("`{name}` is one slip away from `{other}`")).related(&there, "the other");
            }
        }
    }
}

/// Short words are often one letter apart on purpose: `cto` and `cfo`, `xunit` and `nunit`.
const LONG_WORD: usize = 7;

/// The word of a name that another name has otherwise.
fn slipped_word<'a>(name: &'a str, other: &str) -> &'a str {
    let words = || name.split(['-', '_']);
    let odd = words().zip(other.split(['-', '_'])).find(|(a, b)| a != b).map(|(a, _)| a);
    odd.or_else(|| words().next_back()).unwrap_or(name)
}

/// A name, and the name without each of its letters.
fn deletions(name: &str) -> impl Iterator<Item = String> {
    let without = |at: usize| [name.get(..at), name.get(at + 1..)].into_iter().flatten().collect::<String>();
    std::iter::once(name.to_owned()).chain((0..name.len()).map(without))
}
