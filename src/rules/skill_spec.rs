//! What the Agent Skills format asks of a skill's frontmatter. Quality, not safety: a skill that breaks
//! these is not loaded, or not found when it is needed.

use crate::facts::distance;
use crate::model::value::Kind;
use crate::rule::prelude::*;
use crate::{manifest, skill};

const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    hygiene: true,
    links: &["https://agentskills.io/specification"],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.spec.frontmatter_missing",
        summary: "A skill has no frontmatter",
        severity: Severity::Warn,
        why: "Without a description no agent loads the skill, and nobody can tell what it is for.",
        remedy: "Begin the file with a block between two lines of `---` that holds `name` and `description`.",
        bad: &[manifest!("«»# Sorting\n\nSort the table.\n"), manifest!("«»")],
        good: &[skill!("# Sorting\n"), manifest!("---\ndescription: Sorts tables\n---\n")],
        check: Check::Skill(missing),
        ..BASE
    },
    Rule {
        id: "skills.spec.frontmatter_invalid",
        summary: "The frontmatter of a skill is no block of keys",
        severity: Severity::Warn,
        why: "The skill is not loaded, or readers guess where the block ends and take the body for a part of it.",
        remedy: "Close the block with a line of `---`, and write `key: value` lines in it.",
        bad: &[
            manifest!("«---»\nname: demo\ndescription: Sorts tables\n\n# Sorting\n"),
            manifest!("---\n«just words»\n---\nBody\n"),
        ],
        good: &[skill!("---\n"), manifest!("---\nname: demo\ndescription: a: b\n---\nBody\n")],
        check: Check::Skill(invalid),
        ..BASE
    },
    Rule {
        id: "skills.spec.name_invalid",
        summary: "The name of a skill is not of the allowed form",
        why: "The name is a command and a directory on other machines; other characters are refused or changed there.",
        remedy: "Use 1 to 64 lower-case letters and digits, in words joined by single hyphens.",
        bad: &[
            manifest!("---\nname: «Demo Skill»\ndescription: Sorts tables\n---\nBody\n"),
            manifest!("---\nname: «-demo--x»\ndescription: Sorts tables\n---\nBody\n"),
            manifest!("---\nname: «12»\ndescription: Sorts tables\n---\nBody\n"),
            manifest!("«---\ndescription: Sorts tables\n---\n»Body\n"),
        ],
        good: &[skill!("Body\n"), manifest!("---\nname: pdf2md-3\ndescription: Sorts tables\n---\nBody\n")],
        check: Check::Skill(name),
        ..BASE
    },
    Rule {
        id: "skills.spec.name_mismatch",
        summary: "The name of a skill is not that of its directory",
        profiles: Profiles::STRICT,
        why: "Some hosts load a skill only under the name of its directory, and a person looks for it there.",
        remedy: "Rename the directory or the skill.",
        bad: &[manifest!("---\nname: «sorter»\ndescription: Sorts tables\n---\nBody\n")],
        good: &[skill!("Body\n"), manifest!("---\ndescription: Sorts tables\n---\nBody\n")],
        check: Check::Skill(mismatch),
        ..BASE
    },
    Rule {
        id: "skills.spec.description_missing",
        summary: "A skill has no description",
        severity: Severity::Warn,
        why: "An agent chooses a skill by its description; OpenClaw does not load a skill without one.",
        remedy: "Say in `description` what the skill does and when to use it.",
        bad: &[
            manifest!("---\nname: «demo»\n---\nBody\n"),
            manifest!("---\nname: demo\ndescription: «\"\"»\n---\nBody\n"),
        ],
        good: &[skill!("Body\n"), manifest!("Body\n"), manifest!("---\nname: demo\ndescription: a: b\n---\nBody\n")],
        check: Check::Skill(description_missing),
        ..BASE
    },
    Rule {
        id: "skills.spec.description_invalid",
        summary: "The description of a skill is not of the allowed form",
        why: "Hosts refuse or cut it, and angle brackets may be taken for markup of the prompt around it.",
        remedy: "Write plain text of at most 1024 characters without `<` and `>`.",
        bad: &[
            manifest!("---\nname: demo\ndescription: «Sorts <table> elements»\n---\nBody\n"),
            manifest!("---\nname: demo\ndescription: «[»Sorts, tables]\n---\nBody\n"),
        ],
        good: &[skill!("A <b>bold</b> word\n"), manifest!("---\nname: demo\ndescription: Sorts a -> b\n---\nBody\n")],
        check: Check::Skill(description_invalid),
        ..BASE
    },
    Rule {
        id: "skills.spec.description_when",
        summary: "The description of a skill does not say when to use it",
        profiles: Profiles::STRICT,
        confidence: Confidence::Medium,
        why: "An agent that knows only what a skill does loads it too often or not at all.",
        remedy: "Add a sentence such as `Use when …`.",
        bad: &[manifest!("---\nname: demo\ndescription: «Sorts tables»\n---\nBody\n")],
        good: &[skill!("Body\n"), manifest!("---\nname: demo\ndescription: Use for long tables\n---\nBody\n")],
        check: Check::Skill(description_when),
        ..BASE
    },
    Rule {
        id: "skills.spec.field_invalid",
        summary: "A frontmatter key holds a value of the wrong type",
        why: "The value is ignored or the whole skill refused, depending on the reader.",
        remedy: "Write the value as the format says: text, a boolean, a mapping.",
        bad: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\nlicense: «[»MIT]\n---\nBody\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\nmetadata: «none»\n---\nBody\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\nuser-invocable: «maybe»\n---\nBody\n"),
            manifest!("---\nname: demo\ndescription: Sorts tables\nmetadata: {openclaw: «all»}\n---\nBody\n"),
        ],
        good: &[manifest!(
            "---\nname: demo\ndescription: Sorts tables\nlicense: MIT\nuser-invocable: \"true\"\nmetadata: {author: me}\n---\nBody\n"
        )],
        check: Check::Skill(fields),
        ..BASE
    },
    Rule {
        id: "skills.spec.unknown_key",
        summary: "A frontmatter key belongs to no known reader",
        profiles: Profiles::STRICT,
        why: "Strict readers refuse the skill, others ignore what the key says.",
        remedy: "Move it below `metadata`.",
        bad: &[manifest!("---\nname: demo\ndescription: Sorts tables\n«risk»: none\n---\nBody\n")],
        good: &[
            skill!("Body\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nhomepage: https://demo.dev\nallowed_tools: Read\n---\nBody\n"
            ),
        ],
        check: Check::Skill(unknown),
        ..BASE
    },
    Rule {
        id: "skills.spec.misspelt_key",
        summary: "A frontmatter key is misspelt",
        severity: Severity::Warn,
        why: "No reader knows the key, so what it says does not hold: a limit on tools is no limit.",
        remedy: "Write the key as the message says.",
        bad: &[
            manifest!("---\nname: demo\n«descripton»: Sorts tables\n---\nBody\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\n«allowed_tools»: Read\n«Metadata»: {a: b}\n---\nBody\n"
            ),
        ],
        good: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\ntags: [a]\ncommand_tool: read\n---\nBody\n"),
            skill!("descripton: x\n"),
        ],
        check: Check::Skill(misspelt),
        ..BASE
    },
];

/// Keys of the format, of OpenClaw and of Claude Code.
const KNOWN: [&str; 28] = [
    "name",
    "description",
    "license",
    "compatibility",
    "metadata",
    "allowed-tools",
    "homepage",
    "user-invocable",
    "disable-model-invocation",
    "command-dispatch",
    "command-tool",
    "command-arg-mode",
    "argument-hint",
    "arguments",
    "disallowed-tools",
    "when_to_use",
    "model",
    "effort",
    "context",
    "agent",
    "hooks",
    "paths",
    "shell",
    "version",
    "author",
    "command_dispatch",
    "command_tool",
    "command_arg_mode",
];

/// Known keys whose misspelling changes something.
const MEANT: [&str; 11] = [
    "name",
    "description",
    "license",
    "compatibility",
    "metadata",
    "allowed-tools",
    "homepage",
    "user-invocable",
    "disable-model-invocation",
    "command-dispatch",
    "argument-hint",
];

fn missing(skill: &Skill, report: &mut Report) {
    let readable = skill.manifest().and_then(|manifest| skill.files.get(manifest.index)).filter(|file| !file.binary);
    if let Some(file) = readable.filter(|file| file.frontmatter.is_none()) {
        report.at(file.place(0..0), "the file does not begin with a line of `---`");
    }
}

fn invalid(skill: &Skill, report: &mut Report) {
    let Some(file) = skill.main_file() else { return };
    let Some(block) = &file.frontmatter else { return };
    if !block.closed {
        if let Err(error) = &block.tree {
            report.at(Place::span(error.span), error.message.clone());
        }
        return;
    }
    let Some(root) = skill.manifest().map(|manifest| &manifest.root).filter(|_| block.tree.is_ok()) else { return };
    if !root.found().is_map() {
        let what = root.type_name();
        let span = if root.found().value().is_some_and(|value| value.span.start < value.span.end) {
            root.token()
        } else {
            skill.whole().span
        };
        report.at(Place::span(span), format!("the block is {what}, not a mapping of keys"));
    }
}

/// The frontmatter, when it could be read: what is wrong with one that could not is said elsewhere.
fn keys<'a>(skill: &'a Skill, key: &'static str) -> Option<Found<'a>> {
    let manifest = skill.manifest()?;
    manifest.root.as_map()?;
    Some(manifest.at(key))
}

fn name(skill: &Skill, report: &mut Report) {
    let Some(found) = keys(skill, "name") else { return };
    let Some(name) = found.str() else {
        let whole = skill.main_file().and_then(|file| Some(file.place(file.frontmatter.as_ref()?.range.clone())));
        let place = if found.exists() { Some(found.place()) } else { whole };
        let what = if found.exists() { "the name is not text" } else { "the skill has no name" };
        if let Some(place) = place {
            report.at(place, what);
        }
        return;
    };
    let words = name
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    let message = match name.chars().count() {
        0 => "the name is empty".to_owned(),
        count if count > 64 => format!("the name has {count} characters, and 64 are allowed"),
        _ if !words => "the name is not of lower-case letters, digits and single hyphens".to_owned(),
        _ => return,
    };
    report.at(found.place(), message);
}

fn mismatch(skill: &Skill, report: &mut Report) {
    let Some(found) = keys(skill, "name") else { return };
    let dir = skill.dir_name();
    if found.str().is_some_and(|name| !dir.is_empty() && name.trim() != dir) {
        let title = format!("Set the name to {dir}");
        report.at(found.place(), format!("the directory is called `{dir}`")).fix(
            Safety::Unsafe,
            title,
            [found.set(dir)],
        );
    }
}

fn description_missing(skill: &Skill, report: &mut Report) {
    let Some(found) = keys(skill, "description") else { return };
    let misspelt = || {
        skill
            .manifest()
            .is_some_and(|manifest| manifest.root.found().entries().any(|(key, _)| meant(key) == Some("description")))
    };
    if !found.exists() && !misspelt() {
        report.at(skill.whole(), "the frontmatter has no `description`");
    } else if found.str().is_some_and(|text| text.trim().is_empty()) || is_null(skill, &found) {
        report.at(found.place(), "the description is empty");
    }
}

/// Nothing is written: an alias reads as null too.
fn is_null(skill: &Skill, found: &Found<'_>) -> bool {
    let null = found.value().filter(|value| value.kind == Kind::Null);
    let span = null.map(|value| value.span);
    span.is_some_and(|span| {
        !skill.sources.get(span.file).is_some_and(|file| file.slice(span.start, span.end).starts_with('*'))
    })
}

fn description_invalid(skill: &Skill, report: &mut Report) {
    let Some(found) = keys(skill, "description").filter(Found::truthy) else { return };
    let Some(text) = found.str() else {
        let place =
            Place { span: found.value().map_or(found.span(), crate::model::value::Value::token), ..found.place() };
        report.at(place, "the description is not text");
        return;
    };
    let count = text.trim().chars().count();
    if count > 1024 {
        report.at(found.place(), format!("the description has {count} characters, and 1024 are allowed"));
    } else if has_markup(text) {
        report.at(found.place(), "the description holds `<…>`, which may be taken for markup");
    }
}

/// An element: `<` followed by a name or a slash, and a `>` after it.
fn has_markup(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let after = text.get(at + 1..).unwrap_or_default();
        after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && after.contains('>')
    })
}

fn description_when(skill: &Skill, report: &mut Report) {
    let Some(found) = keys(skill, "description") else { return };
    let Some(text) = found.str().filter(|text| !text.trim().is_empty() && text.is_ascii()) else { return };
    let lower = text.to_ascii_lowercase();
    let says = ["when", "use ", "used ", "trigger", "if ", "before ", "after ", "during ", "whenever", "invoke"];
    if !says.iter().any(|word| lower.contains(word)) {
        report.at(found.place(), "the description does not say when to use the skill");
    }
}

fn fields(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let token = |found: &Found<'_>| Place {
        span: found.value().map_or(found.span(), crate::model::value::Value::token),
        ..found.place()
    };
    for key in ["license", "compatibility", "homepage"] {
        let found = manifest.at(key);
        if found.is_list() || found.is_map() {
            report.at(token(&found), format!("`{key}` is not text"));
        } else if key == "compatibility" && found.str().is_some_and(|text| text.chars().count() > 500) {
            report.at(token(&found), "`compatibility` has more than 500 characters");
        }
    }
    for key in ["user-invocable", "disable-model-invocation"] {
        let found = manifest.at(key);
        let words = ["true", "false", "yes", "no", "on", "off", "1", "0"];
        let read = found.str().is_some_and(|text| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word)));
        if found.exists() && found.bool().is_none() && found.number().is_none() && !read {
            report.at(token(&found), format!("`{key}` is neither `true` nor `false`"));
        }
    }
    for key in ["metadata", "metadata.openclaw", "metadata.clawdbot"] {
        let found = manifest.at(key);
        let text = key == "metadata" && manifest.embedded.is_some();
        if found.truthy() && !found.is_map() && !text {
            report.at(token(&found), format!("`{key}` is not a mapping"));
        }
    }
}

/// The known key that an unknown one was meant to be.
fn meant(key: &str) -> Option<&'static str> {
    if KNOWN.contains(&key) {
        return None;
    }
    let near = |known: &&&str| distance(key, known, if known.len() < 6 { 1 } else { 2 }).is_some();
    MEANT.iter().filter(near).min_by_key(|known| distance(key, known, 2)).copied()
}

fn unknown(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    for (key, found) in manifest.root.found().entries() {
        if !KNOWN.contains(&key) && meant(key).is_none() {
            let shown = crate::secret::quotable(key, 40);
            report.at(
                found.key_place(),
                format!("`{shown}` is a key of neither the format nor OpenClaw nor Claude Code"),
            );
        }
    }
}

fn misspelt(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    for (key, found) in manifest.root.found().entries() {
        if let Some(known) = meant(key).filter(|known| !manifest.at(known).exists()) {
            let shown = crate::secret::quotable(key, 40);
            let change = Change::Rename { at: found.key_place().span, name: known.to_owned() };
            let title = format!("Rename it to {known}");
            // Which tools a skill may use is not granted by a guess.
            let safety = if known == "allowed-tools" { Safety::Manual } else { Safety::Unsafe };
            report.at(found.key_place(), format!("`{shown}` is probably meant to be `{known}`")).fix(
                safety,
                title,
                [change],
            );
        }
    }
}
