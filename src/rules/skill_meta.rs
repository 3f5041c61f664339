//! What a skill says of itself, beside what lies in its directory.

use std::collections::BTreeSet;

use crate::rule::prelude::*;
use crate::skill;
use crate::source::last;

const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    owasp: &["AST04"],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.meta.dead_reference",
        summary: "A skill refers to a file that it does not have",
        hygiene: true,
        confidence: Confidence::Medium,
        why: "The agent stops there, or makes the file up.",
        remedy: "Add the file or remove the reference.",
        bad: &[
            skill!("Run `python «scripts/sort.py»`.\n", "scripts/other.py" => "print(1)\n"),
            skill!("See [FORMS.md](«FORMS.md»).\n"),
            skill!("Run `{baseDir}/«scripts/sort.py»`.\n"),
        ],
        good: &[
            skill!("Run `scripts/sort.py`, `scripts/*.py`, `scripts/<name>.py`.\n", "scripts/sort.py" => "print(1)\n"),
            skill!("Your project's `scripts/build.sh` runs first. See [docs](https://demo.dev/a.md).\n"),
            skill!("Save it to `assets/out.png`. For example `scripts/example.py`.\n", "assets/in.png" => "x"),
            skill!("```\nmy-skill/\n  scripts/tool.py\n```\n", "scripts/sort.py" => "print(1)\n"),
        ],
        check: Check::Skill(dead),
        ..BASE
    },
    Rule {
        id: "skills.meta.orphan_executable",
        summary: "A script of the skill is named by no other file",
        confidence: Confidence::Medium,
        weak: true,
        cwe: &[1164],
        why: "Nobody who reads the skill learns that the script exists or when it runs.",
        remedy: "Say in SKILL.md what the script is for, or remove it.",
        bad: &[Example::files(&[
            ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\nRun scripts/sort.py.\n"),
            ("skills/demo/scripts/sort.py", "print(1)\n"),
            ("skills/demo/scripts/collect.sh", "«»echo 1\n"),
        ])],
        good: &[skill!(
            "Run scripts/sort.py. Everything in `tools/` may be run.\n",
            "scripts/sort.py" => "from lib import helper\n",
            "scripts/lib/helper.py" => "print(1)\n",
            "scripts/__init__.py" => "",
            "tools/a.sh" => "echo 1\n",
            "tests/test_sort.py" => "print(1)\n",
        )],
        check: Check::Skill(orphan),
        ..BASE
    },
    Rule {
        id: "skills.meta.own_control_file",
        summary: "A skill brings its own orders for this program",
        steady: true,
        cwe: &[693],
        why: "Settings, baselines and remarks to ignore findings count only outside of skills; whoever puts them into a skill \
              wants it to pass unseen.",
        remedy: "Remove them, and write what is to be ignored into the settings of the repository.",
        bad: &[
            skill!("Body\n", "clawsift.json5" => "«»{ disable: ['skills'] }\n"),
            skill!("Run it.\n", "a.sh" => "echo 1 # «clawsift: ignore»[skills.exec]\n"),
        ],
        good: &[skill!("Check the skill with `clawsift check`. See clawsift: a linter.\n", "other.json5" => "{}\n")],
        check: Check::Skill(control),
        ..BASE
    },
];

/// Words before a path that say it is yet to be made, or only an example.
const MADE: [&str; 34] = [
    "save",
    "saved",
    "write",
    "writes",
    "create",
    "creates",
    "created",
    "generate",
    "generates",
    "output",
    "-o ",
    "> ",
    "export",
    "example",
    "e.g.",
    "such as",
    "might",
    "could",
    "would",
    "optional",
    "if present",
    "if it exists",
    "if exists",
    "your project",
    "your repo",
    "the project",
    "like ",
    "instance",
    "add ",
    "put ",
    "move ",
    "rename",
    "mkdir",
    "copy",
];

/// Parts of names that stand for any file.
const SAMPLE: [&str; 14] = [
    "example",
    "your",
    "my_",
    "my-",
    "foo",
    "bar.",
    "xxx",
    "name.",
    "file.",
    "script.py",
    "script.sh",
    "helper.py",
    "template.",
    "sample",
];

fn dead(skill: &Skill, report: &mut Report) {
    // Skills about skills show what another skill may look like.
    let about_skills = skill.description().to_ascii_lowercase().contains("skill");
    if skill.partial || about_skills || skill.manifest().is_none() {
        return;
    }
    // A text that the manifest does not name is nobody's business but its author's.
    let main = skill.main_file().map(|file| file.id);
    let named: BTreeSet<_> =
        skill.references().iter().filter(|link| Some(link.span.file) == main).filter_map(|link| link.to).collect();
    let dirs: BTreeSet<_> = skill.files.iter().filter_map(|file| Some(file.path.split_once('/')?.0)).collect();
    let mut told = BTreeSet::new();
    let mut hits = Vec::new();
    for link in skill.references().iter().filter(|link| link.to.is_none()) {
        let Some(file) = skill.by_id(link.span.file) else { continue };
        let at = link.span.start as usize;
        let dir = link.path.split('/').next().unwrap_or_default();
        let has_dir = dirs.contains(dir);
        let read = Some(file.id) == main || file.role == FileRole::Reference && named.contains(&file.id);
        if !read || !(link.own || has_dir) {
            continue;
        }
        // A file of a skill inside this one is there, and not one of this one's.
        let there = if skill.root.is_empty() { link.path.clone() } else { format!("{}/{}", skill.root, link.path) };
        if link.path.ends_with("SKILL.md") || skill.project.tree.get(&there).is_some() {
            continue;
        }
        if is_listing(skill, file, at) || is_sample(&link.path) || is_made(file.text(), at) {
            continue;
        }
        if told.insert(link.path.clone()) {
            hits.push((Place::span(link.span), format!("the skill has no file `{}`", link.path)));
        }
    }
    report.gathered(Severity::Info, ["file is missing", "files are missing"], hits);
}

/// Does it stand in a picture of a directory or in data, not in a command or a sentence?
fn is_listing(skill: &Skill, file: &SkillFile, at: usize) -> bool {
    let zone = crate::syntax::zone::zone_at(file.zones(), crate::source::offset(at));
    let code = |zone: &Zone| zone.kind == ZoneKind::Fence && !zone.language.is_code();
    zone.is_none_or(|zone| code(zone) || zone.kind == ZoneKind::Data) || skill.kind != UnitKind::Skill
}

fn is_sample(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    SAMPLE.iter().any(|word| lower.contains(word))
}

/// Do the words before it on its line say that it is made, or an example?
fn is_made(text: &str, at: usize) -> bool {
    let before = last(text.get(..at).unwrap_or_default(), 160);
    let line = before.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase();
    MADE.iter().any(|word| line.contains(word))
}

/// Scripts that are looked for in the texts of one skill.
const MOST_LOOKED_FOR: usize = 100;

fn orphan(skill: &Skill, report: &mut Report) {
    if skill.partial || skill.manifest().is_none() {
        return;
    }
    let named: BTreeSet<_> = skill.references().iter().filter_map(|link| link.to).collect();
    let unnamed = skill.files.iter().filter(|file| file.role == FileRole::Script && !named.contains(&file.id));
    // Each of them is looked for in every text.
    for file in unnamed.take(MOST_LOOKED_FOR) {
        let stem = file.file_name().split('.').next().unwrap_or_default();
        let dir = file.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        let config = file.file_name().contains(".config.");
        let plumbing =
            config || ["__init__", "__main__", "index", "conftest", "setup", "Makefile", "Dockerfile"].contains(&stem);
        let mentioned = |other: &SkillFile| {
            let text = other.text();
            other.id != file.id && (text.contains(stem) || !dir.is_empty() && names_dir(text, dir))
        };
        if !plumbing && stem.len() > 1 && !skill.files.iter().any(mentioned) {
            report.at(file.place(0..0), "no other file of the skill names the script");
        }
    }
}

/// Does a text name a directory as a whole: `scripts/`, not `scripts/a.py`?
fn names_dir(text: &str, dir: &str) -> bool {
    text.match_indices(dir).any(|(at, _)| {
        let after = text.get(at + dir.len()..).and_then(|after| after.strip_prefix('/'));
        after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.')))
    })
}

/// Names of files that steer this program.
fn is_control(name: &str) -> bool {
    name.starts_with("clawsift.") || name.starts_with(".clawsift") || name == "clawsift-baseline.json"
}

fn control(skill: &Skill, report: &mut Report) {
    for file in &skill.files {
        if is_control(file.file_name()) {
            report.at(file.place(0..0), "settings of this program inside a skill are not honoured");
        }
        let text = if skill.honoured { "" } else { file.text() };
        for (at, word) in text.match_indices("clawsift") {
            let after = text.get(at + word.len()..).unwrap_or_default();
            let order = after.trim_start_matches([':', '-', ' ']);
            let verb =
                ["ignore", "disable", "allow", "suppress", "baseline"].iter().find(|verb| order.starts_with(**verb));
            let Some(verb) = verb.filter(|_| after.starts_with([':', '-'])) else { continue };
            let end = at + word.len() + (after.len() - order.len()) + verb.len();
            report.at(file.place(at..end), "a remark to ignore findings inside a skill is not honoured");
        }
    }
}
