//! What the Agent Skills format asks of a skill's files: their names, sizes and what they refer to.

use crate::model::skill::Leads;
use crate::rule::prelude::*;
use crate::syntax::zone::Zones;
use crate::{manifest, skill};

const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    scope: Scope::Skills,
    hygiene: true,
    links: &["https://agentskills.io/specification"],
    ..Rule::DEFAULT
};

/// A literal eight times.
macro_rules! eight {
    ($text:expr) => {
        concat!($text, $text, $text, $text, $text, $text, $text, $text)
    };
}

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.spec.manifest_unreadable",
        summary: "The SKILL.md is no plain text file",
        severity: Severity::Warn,
        hygiene: false,
        steady: true,
        cwe: &[436],
        owasp: &["AST04"],
        why: "Readers that take it for UTF-8 see nothing or something else, and behind a link may lie another text on every \
              machine.",
        remedy: "Save the file as UTF-8 in the skill's own directory.",
        bad: &[
            manifest!("«»---\nname: demo\0\n---\n"),
            Example::files(&[("skills/demo/SKILL.md", "«»link:other.md"), ("skills/demo/other.md", "# Other\n")]),
        ],
        good: &[skill!("Body\n"), manifest!("# Grüße\n")],
        check: Check::Skill(unreadable),
        ..BASE
    },
    Rule {
        id: "skills.spec.file_name_case",
        summary: "The manifest of a skill is not called SKILL.md",
        severity: Severity::Warn,
        why: "Where file names are told apart by case the skill is not found.",
        remedy: "Rename the file to `SKILL.md`.",
        bad: &[Example::files(&[("skills/demo/skill.md", "---\nname: «demo»\ndescription: Sorts\n---\nBody\n")])],
        good: &[skill!("Body\n", "docs/skill.md" => "# Other\n")],
        check: Check::Skill(case),
        ..BASE
    },
    Rule {
        id: "skills.spec.body_empty",
        summary: "A skill says nothing beyond its frontmatter",
        why: "An agent that loads the skill learns nothing from it.",
        remedy: "Write the instructions after the frontmatter.",
        bad: &[manifest!("---\nname: «demo»\ndescription: Sorts tables\n---\n\n")],
        good: &[skill!("Body\n")],
        check: Check::Skill(empty),
        ..BASE
    },
    Rule {
        id: "skills.spec.reference_deep",
        summary: "A file can be reached only through another file of the skill",
        profiles: Profiles::STRICT,
        confidence: Confidence::Medium,
        why: "Agents read what the manifest names, and seldom what that names in turn.",
        remedy: "Name the file in SKILL.md too.",
        bad: &[skill!(
            "See references/a.md.\n",
            "references/a.md" => "See «references/b.md» too.\n",
            "references/b.md" => "# B\n",
        )],
        good: &[skill!(
            "See references/a.md and references/b.md.\n",
            "references/a.md" => "See references/b.md too.\n",
            "references/b.md" => "# B\n",
        )],
        check: Check::Skill(deep),
        ..BASE
    },
    Rule {
        id: "skills.spec.absolute_user_path",
        summary: "A path of one person's machine stands in a skill",
        why: "The path exists nowhere else, and it tells the author's user name.",
        remedy: "Use `{baseDir}`, `~` or a path relative to the skill.",
        bad: &[
            skill!("Run `python «/Users/marta/»dev/sort.py`.\n"),
            skill!("Run it.\n", "a.py" => "open('«C:\\\\Users\\\\marta\\\\»x.txt')\n"),
        ],
        good: &[
            skill!(
                "Run `/Users/you/x`, `/home/user/x`, `/Users/<name>/x`, `/home/$USER/x`, `C:\\Users\\YourName\\x`.\n"
            ),
            skill!("GET /api/users/list/all and https://h.dev/home/about/us\n"),
        ],
        check: Check::Text(Text {
            zones: Zones::ALL,
            prompts: false,
            hints: &["/users/", "/home/", "\\users\\"],
            pattern: r"(?-i:/Users|/home)/([a-z][a-z0-9._-]{1,31})/|\b[C-Z]:\\{1,2}Users\\{1,2}([a-z][a-z0-9._-]{1,31})\\{1,2}",
            window: Window::Line,
            hit: user_path,
        }),
        ..BASE
    },
    Rule {
        id: "skills.spec.size",
        summary: "A skill is larger than agents and hosts can use",
        why: "The whole body goes into the prompt each time, OpenClaw does not load a manifest of more than 256 000 bytes, and \
              nobody reviews that much.",
        remedy: "Keep the body below 500 lines and move details to files that it names; keep at most 200 files, 1 MiB each, \
                 5 MiB together.",
        bad: &[Example::files(&[(
            "skills/demo/SKILL.md",
            concat!("---\nname: «demo»\ndescription: Sorts tables\n---\n", eight!(eight!(eight!("Sort.\n")))),
        )])],
        good: &[Example::files(&[
            ("skills/demo/SKILL.md", "---\nname: demo\ndescription: Sorts tables\n---\nBody\n"),
            ("skills/demo/table.md", eight!(eight!(eight!("Sort.\n")))),
        ])],
        check: Check::Skill(size),
        ..BASE
    },
];

fn unreadable(skill: &Skill, report: &mut Report) {
    let Some(file) = skill.files.iter().find(|file| file.path.eq_ignore_ascii_case("SKILL.md")) else { return };
    let start = file.place(0..0);
    if let Some(link) = &file.link {
        let message = format!("the file is a link to `{}`", crate::secret::quotable(&link.target, 80));
        let inside = link.leads == Leads::Inside;
        report.at(start, message).severity(if inside { Severity::Info } else { Severity::Warn });
    } else if file.binary {
        report.at(start, "the file is not text");
    } else if file.size != file.text().len() as u64 {
        report.at(start, "the file is UTF-16, and most readers take it for UTF-8");
    }
}

fn case(skill: &Skill, report: &mut Report) {
    let Some(file) = skill.main_file().filter(|_| skill.manifest().is_some()) else { return };
    if file.path.eq_ignore_ascii_case("SKILL.md") && &*file.path != "SKILL.md" {
        report.at(skill.whole(), format!("the file is called `{}`, and only `SKILL.md` is read", file.path));
    }
}

fn empty(skill: &Skill, report: &mut Report) {
    let Some(file) = skill.main_file().filter(|_| skill.manifest().is_some()) else { return };
    let closed = file.frontmatter.as_ref().is_some_and(|block| block.closed);
    if closed && file.text().get(file.body_start()..).is_some_and(|body| body.trim().is_empty()) {
        report.at(skill.whole(), "nothing follows the frontmatter");
    }
}

fn deep(skill: &Skill, report: &mut Report) {
    let Some(main) = skill.main_file().filter(|_| skill.manifest().is_some()) else { return };
    let mut told = std::collections::BTreeSet::new();
    let named: std::collections::BTreeSet<_> =
        skill.references().iter().filter(|link| link.span.file == main.id).filter_map(|link| link.to).collect();
    for link in skill.references() {
        let Some(to) = link.to.filter(|to| *to != main.id && !named.contains(to)) else { continue };
        let role = |id| skill.by_id(id).map(|file| file.role);
        if role(to) == Some(FileRole::Reference) && role(link.span.file) == Some(FileRole::Reference) && told.insert(to)
        {
            report.at(Place::span(link.span), format!("SKILL.md does not name `{}`", link.path));
        }
    }
}

/// Names that stand for any user.
const ANYBODY: [&str; 33] = [
    "you",
    "your",
    "yourname",
    "your-name",
    "your_name",
    "yourusername",
    "your-username",
    "your_username",
    "user",
    "username",
    "user_name",
    "user-name",
    "youruser",
    "your-user",
    "your_user",
    "users",
    "name",
    "me",
    "myuser",
    "someone",
    "ubuntu",
    "node",
    "runner",
    "linuxbrew",
    "vscode",
    "app",
    "agent",
    "admin",
    "shared",
    "public",
    "projects",
    "dev",
    "pi",
];

fn user_path(hit: &Hit<'_>, report: &mut Report) {
    let user = hit.group(1).or_else(|| hit.group(2)).unwrap_or_default().to_ascii_lowercase();
    // What goes on before is the path of a URL or a longer path.
    let goes_on = hit.before(1).ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '}'));
    if !goes_on && !ANYBODY.contains(&user.as_str()) && hit.file.role != FileRole::Test {
        report.at(hit.place(), "the path exists on one person's machine only");
    }
}

fn size(skill: &Skill, report: &mut Report) {
    let Some(main) = skill.main_file().filter(|_| skill.manifest().is_some()) else { return };
    let lines = main.text().get(main.body_start()..).map_or(0, |body| body.lines().count());
    let total: u64 = skill.files.iter().map(|file| file.size).sum();
    let big = skill.files.iter().find(|file| file.size > 1 << 20);
    if main.size > 256_000 {
        let message = format!("SKILL.md has {} bytes, and OpenClaw loads at most 256000", main.size);
        report.at(skill.whole(), message).severity(Severity::Warn);
    } else if lines > 500 {
        report.at(skill.whole(), format!("the body of SKILL.md has {lines} lines"));
    }
    if skill.files.len() > 200 {
        report.at(skill.whole(), format!("the skill has {} files", skill.files.len()));
    } else if total > 5 << 20 {
        report.at(skill.whole(), format!("the skill has {} MiB", total >> 20));
    } else if let Some(file) = big {
        report.at(file.place(0..0), format!("the file has {} KiB", file.size >> 10));
    }
}
