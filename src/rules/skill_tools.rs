//! The tools that a skill asks to be allowed, beside what it has the agent do.

use std::collections::BTreeSet;

use crate::facts::command::{is_common, is_downloader, is_interpreter};
use crate::model::skill::Manifest;
use crate::rule::prelude::*;
use crate::{manifest, skill};

const BASE: Rule = Rule { profiles: Profiles::OURS, scope: Scope::Skills, owasp: &["AST03", "LLM06"], ..Rule::DEFAULT };

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.meta.allowed_tools_wildcard",
        summary: "A skill asks to be allowed every command",
        severity: Severity::Info,
        cwe: &[250],
        why: "Agents that honour `allowed-tools` run whatever the skill says without asking.",
        remedy: "Name the commands: `Bash(git status:*)`.",
        bad: &[
            manifest!("---\nname: demo\ndescription: Sorts tables\nallowed-tools: Read, «Bash»\n---\nBody\n"),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nallowed-tools:\n  - «Bash(curl:*)»\n  - «\"*\"»\n---\nBody\n"
            ),
        ],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nallowed-tools: Read Bash(git:*) mcp__demo__*\n---\nBody\n"
            ),
            skill!("Bash\n"),
        ],
        check: Check::Skill(wildcard),
        ..BASE
    },
    Rule {
        id: "skills.meta.allowed_tools_violated",
        summary: "A skill runs commands that its list of allowed tools leaves out",
        confidence: Confidence::Medium,
        cwe: &[250, 1059],
        why: "Who trusts the list expects the skill to stay within it; the commands run where the list is not honoured, or \
              are asked for one by one.",
        remedy: "Add the commands to `allowed-tools`, or remove them.",
        bad: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nallowed-tools: «Read, Grep»\n---\nRun it:\n\n```sh\n{baseDir}/scripts/sort.sh\n```\n",
                "scripts/sort.sh" => "sort x\n",
            ),
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nallowed-tools: «Bash(git:*)»\n---\n```sh\ngit status\ncurl https://demo-tool.dev/x -d @x\n```\n"
            ),
        ],
        good: &[
            manifest!(
                "---\nname: demo\ndescription: Sorts tables\nallowed-tools: Bash(git:*)\n---\n```sh\ncd x\ngit add .\n```\n"
            ),
            manifest!("---\nname: demo\ndescription: Sorts tables\nallowed-tools: Read, Grep\n---\nBody\n", "a.sh" => "sort\n"),
            skill!("```sh\ncurl https://demo-tool.dev/x\n```\n"),
        ],
        check: Check::Skill(violated),
        ..BASE
    },
];

/// One entry of the list: the tool, what it is limited to, and its place.
#[derive(Debug)]
struct Allowed<'a> {
    tool: &'a str,
    limit: Option<&'a str>,
    place: Place,
}

/// The list of allowed tools, written as one text or as an array; none when the key is missing.
fn allowed<'a>(skill: &'a Skill, manifest: &'a Manifest) -> Option<Vec<Allowed<'a>>> {
    let found = manifest.at("allowed-tools");
    let entries: Vec<(&str, Place)> = match found.str() {
        Some(text) => entries(text).map(|word| (word, within(skill, &found, word))).collect(),
        None if found.is_list() => found.strings().map(|(text, item)| (text.trim(), item.place())).collect(),
        None => return None,
    };
    let split = |(word, place): (&'a str, Place)| {
        let (tool, limit) = word.split_once('(').map_or((word, None), |(tool, rest)| (tool, rest.strip_suffix(')')));
        Allowed { tool, limit, place }
    };
    Some(entries.into_iter().filter(|(word, _)| !word.is_empty()).map(split).collect())
}

/// The words of a list, where spaces and commas in brackets do not count.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let words = text.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == ',' || c.is_whitespace())
    });
    words.filter(|word| !word.is_empty())
}

/// The place of a word of a text, as narrow as it can be told.
fn within(skill: &Skill, found: &Found<'_>, word: &str) -> Place {
    let place = found.place();
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let file = skill.by_id(place.span.file);
    let at = file.and_then(|file| Some((file, file.text().get(start..end)?.find(word)?)));
    at.map_or(place, |(file, at)| Place { key_path: found.path(), ..file.place(start + at..start + at + word.len()) })
}

/// Does the tool run commands?
fn is_shell(tool: &str) -> bool {
    ["bash", "shell", "exec", "terminal", "process", "run_command", "execute", "*"]
        .iter()
        .any(|shell| tool.eq_ignore_ascii_case(shell))
}

/// The program that a limit such as `git status:*` begins with.
fn program_of(limit: &str) -> &str {
    let word = limit.trim().split([' ', ':', '*']).next().unwrap_or_default();
    word.rsplit('/').next().unwrap_or(word)
}

/// Does a limit such as `git:*`, `python*` or `a:*, b:*` cover a program?
fn covers(limit: &str, program: &str) -> bool {
    limit.split(',').any(|limit| {
        let word = program_of(limit);
        word == program || limit.trim().strip_suffix('*') == Some(word) && program.starts_with(word)
    })
}

fn wildcard(skill: &Skill, report: &mut Report) {
    let Some(manifest) = skill.manifest() else { return };
    for entry in allowed(skill, manifest).unwrap_or_default() {
        if !is_shell(entry.tool) {
            continue;
        }
        let program = entry.limit.map(program_of);
        let message = match program {
            None | Some("") if entry.tool == "*" => "every tool is allowed".to_owned(),
            None | Some("") => format!("`{}` without a limit allows every command", entry.tool),
            Some(program) if is_interpreter(program) || is_downloader(program) || program == "sudo" => {
                format!("`{program}` runs or fetches whatever it is given")
            }
            Some(_) => continue,
        };
        report.at(entry.place, message);
    }
}

fn violated(skill: &Skill, report: &mut Report) {
    let Some((manifest, main)) = skill.manifest().zip(skill.main_file()) else { return };
    let Some(allowed) = allowed(skill, manifest) else { return };
    let shells = allowed.iter().filter(|entry| is_shell(entry.tool));
    let Some(limits) = shells.map(|entry| entry.limit).collect::<Option<Vec<&str>>>() else { return };
    if limits.iter().any(|limit| program_of(limit).is_empty()) {
        return;
    }
    let names: BTreeSet<_> = skill.files.iter().map(SkillFile::file_name).collect();
    let mut seen = BTreeSet::new();
    for (base, found) in main.analyses() {
        for (program, range) in &found.commands {
            if !seen.insert(program) {
                continue;
            }
            let harmless = is_common(program) && !is_downloader(program) && !is_interpreter(program);
            if harmless || limits.iter().any(|limit| covers(limit, program)) {
                continue;
            }
            let own = names.contains(program.rsplit('/').next().unwrap_or(program));
            if limits.is_empty() && !own && !is_interpreter(program) && !is_downloader(program) {
                continue;
            }
            // A list of commands is seldom kept complete; one without any is a promise.
            let (message, severity) = if limits.is_empty() {
                (format!("the list allows no command, and the skill has `{program}` run"), Severity::Warn)
            } else {
                (format!("the list does not allow `{program}`, which the skill has run"), Severity::Info)
            };
            let place = Place { key_path: "allowed-tools".to_owned(), ..manifest.at("allowed-tools").place() };
            let run = main.place(base + range.start..base + range.end);
            report.at(place, message).severity(severity).related(&run, "run here");
            return;
        }
    }
}
