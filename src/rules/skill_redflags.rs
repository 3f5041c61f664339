//! The handbook's red flags: what makes a skill worth a closer look, and does not convict it.

use std::collections::BTreeMap;

use crate::facts::hosts::HostClass;
use crate::facts::path::credential_paths;
use crate::facts::{domain, url};
use crate::rule::prelude::*;
use crate::skill;
use crate::source::{last, line_around};
use crate::syntax::zone::zone_at;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.redflag.sensitive_path",
        summary: "A skill's script touches a place where credentials are kept",
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        red_flag: Some(1),
        cwe: &[522],
        owasp: &["AST03", "LLM02"],
        why: "Keys of other programs lie there. A skill that needs one asks for it; one that reads the place has all of them.",
        remedy: "Read the script; have the credential passed in a variable that the skill declares.",
        bad: &[
            skill!("Run it.\n", "scripts/a.py" => "import os\nkey = open(os.path.expanduser('~/«.ssh/id_rsa»')).read()\n"),
            skill!("Run it.\n", "scripts/a.sh" => "cat ~/«.aws/credentials» | sort\n"),
        ],
        good: &[
            skill!("Never read `~/.ssh/id_rsa`.\n", "scripts/a.sh" => "# not ~/.ssh/id_rsa\nsort a\n"),
            skill!("Run it.\n", "tests/a.sh" => "echo ok\n"),
            Example::files(&[
                (
                    "skills/ssh-hosts/SKILL.md",
                    "---\nname: ssh-hosts\ndescription: Lists the hosts of the SSH configuration\n---\nRun it.\n",
                ),
                ("skills/ssh-hosts/a.sh", "ls ~/.ssh/id_rsa\n"),
            ]),
        ],
        check: Check::Skill(sensitive_path),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.redflag.external_url",
        summary: "A skill leads to an address that says nothing about who is behind it",
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        confidence: Confidence::Medium,
        red_flag: Some(2),
        cwe: &[829],
        owasp: &["AST02"],
        why: "A bare address, a shortened link or a tunnel can lead anywhere tomorrow, and nobody stands for it.",
        remedy: "Name the real address of a service that can be looked up, or remove the link.",
        bad: &[
            skill!("See <«http://45.83.12.9/readme»>.\n"),
            skill!("Read https://«bit.ly»/3xYzAbC before you begin.\n"),
        ],
        good: &[
            skill!("See https://docs.python.org and http://127.0.0.1:8080 and http://192.0.2.7/x.\n"),
            skill!("Short links such as https://example.com/x are fine.\n"),
        ],
        check: Check::Skill(external_url),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.redflag.dynamic_code",
        summary: "A script runs code that it builds or reads at run time",
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        confidence: Confidence::Medium,
        red_flag: Some(2),
        cwe: &[95],
        owasp: &["AST02", "LLM05"],
        why: "What runs is not what was reviewed: whoever decides over the text decides over the machine.",
        remedy: "Call a function by its name, and parse data with a parser.",
        bad: &[
            skill!("Run it.\n", "a.py" => "def run(text):\n    «eval(»text)\n"),
            skill!("Run it.\n", "a.js" => "const f = «new Function(»'x', body)\n"),
            skill!("Run it.\n", "a.ps1" => "«Invoke-Expression» $text\n"),
        ],
        good: &[
            skill!("Run it.\n", "a.py" => "model.eval()\nre.compile(text)\neval('1 + 1')\ndef exec(text): pass\n"),
            skill!("Never use `eval(text)`.\n", "a.js" => "const found = /a/.exec(text)\n"),
            skill!("Run it.\n", "tests/test_a.py" => "exec(text)\n"),
        ],
        check: Check::Text(Text {
            zones: Zones::of(&[ZoneKind::Code]),
            prompts: false,
            hints: &["eval", "exec", "Function", "runIn", "pickle.loads", "marshal.loads", "Invoke-Expression", "iex"],
            pattern: DYNAMIC,
            window: Window::Line,
            hit: dynamic_code,
        }),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.content.unsafe_permissions",
        summary: "A skill lets everybody on the machine write to a file",
        profiles: Profiles::OURS,
        scope: Scope::Skills,
        cwe: &[732],
        why: "Whoever may write to a file that somebody else runs or reads decides what it does.",
        remedy: "Give the owner alone the right to write.",
        bad: &[
            skill!("Then:\n\n```sh\n«chmod -R 777» out\n```\n"),
            skill!("Run it.\n", "a.py" => "import os\n«os.chmod('out', 0o777)»\n"),
            skill!("Run it.\n", "a.sh" => "«chmod -R o+rw» /srv/data\n"),
        ],
        good: &[skill!("Never `chmod 777` anything.\n\n```sh\nchmod 755 run.sh\n```\n")],
        check: Check::Text(Text {
            zones: Zones::CODE,
            prompts: false,
            hints: &["777", "a+rwx", "o+w", "o+rw"],
            pattern: r"\bchmod\s+(?:-[a-z]+\s+)*(?:0?777\b|a\+rwx\b|(?:ugo|o)\+r?wx?\b)|\b(?:os\.|fs\.)?chmod(?:Sync)?\s*\([^)\n]{1,80},\s*0o?777\s*\)",
            window: Window::Line,
            hit: unsafe_permissions,
        }),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.content.suspicious_keyword",
        summary: "A skill speaks of malicious software",
        severity: Severity::Info,
        confidence: Confidence::Low,
        profiles: Profiles::STRICT,
        scope: Scope::Skills,
        hygiene: true,
        why: "Registries flag the word. Most skills that use it defend against the thing.",
        remedy: "Read what the skill does about it.",
        bad: &[skill!("A simple «keylogger» for your desk.\n")],
        good: &[skill!("Sort the table.\n")],
        check: Check::Skill(keyword),
        ..Rule::DEFAULT
    },
];

const DYNAMIC: &str = r#"\b(?:eval|exec)\s*\(\s*[a-z_$({\[]|\bnew\s+Function\s*\(|\bvm\.runIn\w+\s*\(|\b(?:pickle|marshal)\.loads\s*\(|\bInvoke-Expression\b|\biex\s+[$(]|(?:^|[;&|]\s*)eval\s+["']?\$[{a-z@]"#;

/// One finding for each kind of place: where a script names it, or a text has it read.
fn sensitive_path(skill: &Skill, report: &mut Report) {
    let mut classes: BTreeMap<&str, (Vec<Place>, &str)> = BTreeMap::new();
    let purpose = format!("{} {}", skill.name(), skill.description()).to_ascii_lowercase();
    for file in skill.files.iter().filter(|file| !matches!(file.role, FileRole::Inert | FileRole::Test)) {
        for (range, class) in credential_paths(file.text()) {
            // What a skill is for is no surprise in it.
            let named = class.name.split('-').next().is_some_and(|word| purpose.contains(word));
            if !named && is_used(file, &range) {
                classes.entry(class.name).or_insert_with(|| (Vec::new(), class.holds)).0.push(file.place(range));
            }
        }
    }
    for (places, holds) in classes.into_values() {
        let hits = places.into_iter().map(|place| (place, format!("this path holds {holds}")));
        report.gathered(Severity::Warn, ["place", "places"], hits);
    }
}

/// Is the path in a script that runs, or does the text have it read?
fn is_used(file: &SkillFile, path: &std::ops::Range<usize>) -> bool {
    let Some(zone) = zone_at(file.zones(), crate::source::offset(path.start)) else { return false };
    if matches!(zone.kind, ZoneKind::Code | ZoneKind::Str) {
        return true;
    }
    if !matches!(zone.kind, ZoneKind::Prose | ZoneKind::Fence | ZoneKind::InlineCode | ZoneKind::HtmlComment) {
        return false;
    }
    let text = file.text();
    let line = line_around(text, path.start);
    let before = text.get(line.start..path.start).unwrap_or_default().to_ascii_lowercase();
    let near = last(&before, 40);
    let reads = near.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| READS.contains(&word));
    reads && !DENIED.iter().any(|word| before.contains(word))
}

/// Words that have something read.
const READS: [&str; 14] = [
    "cat", "read", "open", "load", "copy", "collect", "extract", "dump", "head", "less", "base64", "tar", "zip",
    "steal",
];
/// Words that forbid it, or speak of it.
const DENIED: [&str; 10] =
    ["never", "not ", "don't", "avoid", "detect", "attack", "block", "deny", "denied", "malicious"];

fn external_url(skill: &Skill, report: &mut Report) {
    let mut unknown = Vec::new();
    for file in skill.files.iter().filter(|file| !matches!(file.role, FileRole::Inert | FileRole::Test)) {
        let text = file.text();
        for url in url::find(text).filter(url::Url::is_web) {
            let class = skill.host_class(&url);
            let what = match class {
                HostClass::Address => "a bare address",
                HostClass::Shortener => "a shortened link",
                HostClass::Tunnel => "a tunnel to somebody's own machine",
                _ if domain::is_punycode(&url.host) => "a name in other letters than it shows",
                HostClass::Unknown => {
                    unknown.push((
                        file.place(url.host_range.clone()),
                        format!("{} is a domain that nothing is known of", url.host),
                    ));
                    continue;
                }
                _ => continue,
            };
            let range = if class == HostClass::Address { url.range.clone() } else { url.host_range.clone() };
            report.at(file.place(range), format!("{} is {what}", url.host));
        }
    }
    if skill.profile == crate::rule::Profile::Strict {
        report.gathered(Severity::Info, ["such link", "such links"], unknown);
    }
}

fn dynamic_code(hit: &Hit<'_>, report: &mut Report) {
    let before = hit.before(24);
    let defined = before.trim_end().ends_with("def") || before.trim_end().ends_with("function");
    // A method of that name is another thing, and in quotes it is a word.
    let other = before.ends_with(['.', '\'', '"', '`', '_', '-', '$']);
    if !hit.in_script() || defined || other {
        return;
    }
    let call = hit.matched();
    let start = call.find(|c: char| c.is_ascii_alphabetic()).unwrap_or_default();
    let end = call.find('(').map_or(call.len(), |at| at + 1).max(start);
    let end = if call.to_ascii_lowercase().starts_with("invoke") { call.len() } else { end };
    let name = call.get(start..end).unwrap_or_default().trim_end_matches('(').trim();
    let range = hit.range.start + start..hit.range.start + end;
    report.at(hit.place_of(range), format!("{name} runs text as code"));
}

fn unsafe_permissions(hit: &Hit<'_>, report: &mut Report) {
    report.at(hit.place(), "everybody may write to it");
}

fn keyword(skill: &Skill, report: &mut Report) {
    const WORDS: [&str; 4] = ["malware", "stealer", "phish", "keylogger"];
    let Some(file) = skill.main_file() else { return };
    let lower = file.text().to_ascii_lowercase();
    let first = WORDS.iter().filter_map(|word| Some((lower.find(word)?, *word))).min();
    if let Some((at, word)) = first {
        report.at(file.place(at..at + word.len()), format!("speaks of \"{word}\""));
    }
}
