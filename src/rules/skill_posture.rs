//! What the handbook wants to be noted about a skill: how it is set up, when it reaches out, who made it.

use std::collections::BTreeSet;

use crate::facts::command::program;
use crate::facts::hosts::HostClass;
use crate::facts::url;
use crate::rule::prelude::*;
use crate::{manifest, skill};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.redflag.terminal_init_steps",
        summary: "A skill asks its user to run commands before it works",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        red_flag: Some(2),
        cwe: &[829],
        owasp: &["AST02"],
        why: "Steps that a person copies into a terminal run with all of that person's rights, past every limit of the agent.",
        remedy: "Read the commands before running them; a skill should declare what it needs in its install list.",
        bad: &[skill!("## Setup\n\nPaste this into your «terminal»:\n\n```sh\n./start\n```\n")],
        good: &[
            skill!("## Setup\n\n```sh\npip install requests==2.32.0\n```\n"),
            skill!("## Usage\n\nThe result is shown in your terminal.\n"),
        ],
        check: Check::Skill(terminal_steps),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.redflag.unprompted_network",
        summary: "A skill uses the network without being asked",
        severity: Severity::Info,
        confidence: Confidence::Low,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        red_flag: Some(3),
        owasp: &["AST03"],
        why: "What happens at every start or in the background is seen by nobody, and it is how a skill is told to change.",
        remedy: "Let the user start it.",
        bad: &[skill!("«At the start of every session, fetch» https://h.example.org/tips and show them.\n")],
        good: &[
            skill!("When asked, fetch https://h.example.org/tips and show them.\n"),
            skill!("Never fetch pages in the background.\n"),
        ],
        check: Check::Text(Text {
            zones: Zones::PROSE,
            prompts: true,
            hints: &[
                "every",
                "each",
                "background",
                "heartbeat",
                "on startup",
                "on load",
                "periodically",
                "hourly",
                "daily",
                "on start-up",
            ],
            pattern: UNPROMPTED,
            window: Window::Near(240),
            hit: unprompted,
        }),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.redflag.no_contact",
        summary: "A skill does not say who made it",
        severity: Severity::Info,
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        hygiene: true,
        red_flag: Some(2),
        why: "There is nobody to ask and nobody to blame.",
        remedy: "Name an author, a homepage or a repository.",
        bad: &[manifest!("---\nname: «demo»\ndescription: Sorts tables\n---\nSort the table.\n")],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nhomepage: https://sort.example.org\n---\nSort the table.\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\nmetadata: { author: Ann }\n---\nSort the table.\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\n---\nSort the table.\n",
                "README.md" => "Made at https://github.com/ann/sort\n",
            ),
        ],
        check: Check::Skill(no_contact),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.command_execution",
        summary: "A skill has commands run",
        severity: Severity::Info,
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        hygiene: true,
        why: "It is worth knowing which programs a skill starts before it is allowed to.",
        remedy: "Compare the programs with what the skill is for.",
        bad: &[skill!("Then:\n\n```sh\n«sort» a | uniq -c > b\n```\n")],
        good: &[skill!("Sort the table.\n\n```json\n{ \"sort\": true }\n```\n")],
        check: Check::Skill(commands),
        ..Rule::DEFAULT
    },
];

const UNPROMPTED: &str = r"(?:(?:at|on|in|during)\s+(?:the\s+start\s+of\s+)?(?:every|each)\s+(?:new\s+)?(?:session|start-?up|start|run|conversation|turn|heartbeat)|every\s+(?:\d+\s+)?(?:minutes?|hours?|days?)|in\s+the\s+background|on\s+(?:start-?up|load)|periodically|hourly|daily)[^.\n]{0,60}?\b(?:fetch|download|curl|post|upload|send|ping|request|sync|phone)\w*|\b(?:fetch|download|curl|upload|send|ping|sync)\w*\b[^.\n]{0,60}?(?:https?://|\burl\b|\bserver\b|\bendpoint\b|\bapi\b)[^.\n]{0,40}?\b(?:every\s+(?:session|\d+\s+(?:minutes|hours))|each\s+(?:session|turn)|in\s+the\s+background|periodically|on\s+every\s+(?:start|run|heartbeat))";

fn terminal_steps(skill: &Skill, report: &mut Report) {
    let readme = |file: &SkillFile| file.path.eq_ignore_ascii_case("README.md");
    for file in skill.files.iter().filter(|file| file.role == FileRole::Manifest || readme(file)) {
        let text = file.text();
        for zone in file.zones().iter().filter(|zone| zone.kind == ZoneKind::Prose) {
            let Some(part) = text.get(zone.start as usize..zone.end as usize) else { continue };
            let lower = part.to_ascii_lowercase();
            let Some(at) = ["terminal", "command prompt", "powershell window"].iter().find_map(|word| {
                let at = lower.find(word)?;
                Some(at..at + word.len())
            }) else {
                continue;
            };
            let before = lower.get(..at.start).unwrap_or_default();
            let told = [
                "paste",
                "copy ",
                "open your ",
                "open a ",
                "open the ",
                "run this in",
                "run the following in",
                "run it in",
                "in your ",
            ];
            let ordered =
                ["paste", "copy", "run ", "open ", "execute", "type "].iter().any(|verb| before.contains(verb));
            if ordered && told.iter().any(|words| before.contains(words)) {
                let start = zone.start as usize;
                report.at(file.place(start + at.start..start + at.end), "sends its user to a terminal");
                return;
            }
        }
    }
}

fn unprompted(hit: &Hit<'_>, report: &mut Report) {
    if hit.is_torn() {
        return;
    }
    if hit.directive().is_order() {
        report.at(hit.place(), "reaches out by itself");
    }
}

/// Keys of the frontmatter that say who made it.
const KEYS: [&str; 12] = [
    "homepage",
    "author",
    "authors",
    "repository",
    "maintainer",
    "publisher",
    "metadata.author",
    "metadata.homepage",
    "metadata.repository",
    "metadata.openclaw.homepage",
    "metadata.clawdbot.homepage",
    "metadata.openclaw.author",
];

fn no_contact(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    let named = KEYS.iter().any(|key| manifest.at(key).exists());
    let plain = |file: &&SkillFile| {
        let name = file.file_name().to_ascii_lowercase();
        file.role == FileRole::Manifest
            || ["readme.md", "package.json", "license", "license.md", "_meta.json"].contains(&&*name)
    };
    let mut texts = skill.files.iter().filter(plain).map(SkillFile::text);
    if !named && !texts.any(|text| has_contact(skill, text)) {
        report.at(skill.whole(), "names no author, homepage, repository or address");
    }
}

/// Does a text hold a link to a home of source code or a mail address, or name an author?
fn has_contact(skill: &Skill, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = ["copyright", "\"author\"", "**author", "author:", "maintained by", "created by", "made by"];
    words.iter().any(|word| lower.contains(word))
        || url::find(text).any(|url| skill.host_class(&url) == HostClass::CodeHost && url.segments().count() >= 2)
        || text.split(|c: char| c.is_whitespace() || "<>()[]\"'`,;".contains(c)).any(is_mail_address)
}

fn is_mail_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
        !name.is_empty()
            && plain(name)
            && plain(host)
            && host.trim_end_matches('.').contains('.')
            && !host.starts_with("example.")
    })
}

/// Programs of one skill that a message lists.
const MOST_PROGRAMS: usize = 12;

fn commands(skill: &Skill, report: &mut Report) {
    let mut first = None;
    let mut programs = BTreeSet::new();
    for file in skill.files.iter().filter(|file| file.language == Language::Markdown) {
        for (language, base, script) in file.scripts() {
            if language != Language::Shell {
                continue;
            }
            let mut at = base;
            for line in script.split_inclusive('\n') {
                let word = first_word(line);
                if let Some(range) = word {
                    first.get_or_insert_with(|| file.place(at + range.start..at + range.end));
                    programs.insert(program(line.get(range).unwrap_or_default()));
                }
                at += line.len();
            }
        }
    }
    let Some(place) = first else { return };
    let count = programs.len();
    let mut list: Vec<String> = programs.into_iter().take(MOST_PROGRAMS).collect();
    if count > MOST_PROGRAMS {
        list.push(format!("{} more", count - MOST_PROGRAMS));
    }
    report.at(place, format!("runs {}", list.join(", ")));
}

/// The program at the start of a line of a shell block, a prompt aside.
fn first_word(line: &str) -> Option<std::ops::Range<usize>> {
    let body = line.trim_start_matches(['$', ' ', '\t']);
    let start = line.len() - body.len();
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || "._-/".contains(c))).unwrap_or(body.len());
    let word = body.get(..end)?;
    let next = body.get(end..)?.chars().next();
    let plain = word.starts_with(|c: char| c.is_ascii_lowercase()) && next.is_none_or(char::is_whitespace);
    (plain && word.len() > 1).then_some(start..start + end)
}
