//! The records of installers: what `.clawhub/lock.json` and `.clawhub/origin.json` say about a skill, and
//! whether they say the same.

use crate::model::ignored::is_ignored;
use crate::model::provenance::{entry, is_read, lock, origin, place_of_skill, readable, registry, subject};
use crate::path::{dir_of, join};
use crate::rule::prelude::*;

const ORIGINS: &[DocumentKind] = &[DocumentKind::SkillOrigin];

const LOCK: (&str, &str) = (
    ".clawhub/lock.json",
    r#"{ "version": 1, "skills": { "tides": { "version": "1.0.0", "installedAt": 1770681600000 } } }"#,
);
const ORIGIN: (&str, &str) = (
    "skills/tides/.clawhub/origin.json",
    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "tides", "installedVersion": "1.0.0", "installedAt": 1770681600000 }"#,
);
const SKILL: (&str, &str) = ("skills/tides/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n");

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.provenance.drift",
        summary: "The two records of an installed skill contradict each other",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[345, 353],
        why: "OpenClaw believes what is recorded of a skill only when the lock file of the workspace and the record in the \
              skill's directory agree. Where they differ, one of them was edited or belongs to another version, and \
              nothing says any more which files were installed.",
        remedy: "Find out which of the two was changed, then install the skill again: that writes both.",
        bad: &[
            Example::files(&[
                LOCK,
                (
                    "skills/tides/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "tides", "installedVersion": «"1.0.1"», "installedAt": 1770681600000 }"#,
                ),
                SKILL,
            ]),
            Example::files(&[
                (
                    ".clawhub/lock.json",
                    r#"{ "version": 1, "skills": { "tides": { "version": "1.0.0", "installedAt": 1, "registry": "https://clawhub.ai/", "ownerHandle": "ann",
                        "artifact": { "kind": "archive", "sha256": "aa", "integrity": "b" }, "fileTreeSha256": "c" } } }"#,
                ),
                (
                    "skills/tides/.clawhub/origin.json",
                    r#"«{» "version": 1, "registry": "https://clawhub.ai", "slug": "tides", "ownerHandle": «"bob"», "installedVersion": "1.0.0", "installedAt": «2»,
                        "artifact": { "kind": "archive", "sha256": «"ab"», "integrity": "b" } }"#,
                ),
                SKILL,
            ]),
            Example::files(&[
                (
                    ".clawhub/lock.json",
                    r#"{ "version": 1, "skills": { "other": { "version": "1.0.0", "installedAt": 1 } } }"#,
                ),
                (
                    "skills/tides/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": «"other"», "installedVersion": "1.0.0", "installedAt": 1 }"#,
                ),
                SKILL,
            ]),
            Example::files(&[
                LOCK,
                (
                    "skills/tides/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": «"tides"», "installedVersion": "1.0.0", "installedAt": 1770681600000 }"#,
                ),
                (
                    "skills/tides/.openclaw/source-origin.json",
                    r#"{ "version": 1, "source": "path", "spec": "./x", "slug": "tides", "installedAt": 1 }"#,
                ),
                SKILL,
            ]),
        ],
        good: &[
            Example::files(&[LOCK, ORIGIN, SKILL]),
            // The registry's own command line writes another time into the lock file when it updates a skill.
            Example::files(&[
                (
                    ".clawdhub/lock.json",
                    r#"{ "version": 1, "skills": { "tides": { "version": "1.0.0", "installedAt": 2, "registry": "https://clawhub.ai/" } } }"#,
                ),
                (
                    "skills/tides/.clawdhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "tides", "installedVersion": "1.0.0", "installedAt": 1 }"#,
                ),
                SKILL,
            ]),
            Example::files(&[(".clawhub/lock.json", "{ \"version\": 2 }"), ORIGIN, SKILL]),
        ],
        check: Check::Document(ORIGINS, drift),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.provenance.untracked",
        summary: "An installed skill is in no lock file",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[353],
        why: "OpenClaw takes such a record for invalid: the skill was copied here, or its entry was removed. It is not \
              updated, and nothing outside of its own directory says what it should be.",
        remedy: "Install the skill into this workspace, or remove its .clawhub directory and keep it as your own.",
        bad: &[
            Example::files(&[
                (".clawhub/lock.json", r#"{ "version": 1, "skills": {} }"#),
                (
                    "skills/tides/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": «"tides"», "installedVersion": "1.0.0", "installedAt": 1 }"#,
                ),
                SKILL,
            ]),
            Example::files(&[
                (
                    "pack/tides/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": «"tides"», "installedVersion": "1.0.0", "installedAt": 1 }"#,
                ),
                ("pack/tides/SKILL.md", "---\nname: tides\ndescription: Tells the tides\n---\n"),
            ]),
        ],
        good: &[
            Example::files(&[LOCK, ORIGIN, SKILL]),
            Example::files(&[(".gitignore", ".clawhub/\n"), ORIGIN, SKILL]),
            Example::files(&[(".clawhub/lock.json", "[]"), ORIGIN, SKILL]),
        ],
        check: Check::Document(ORIGINS, untracked),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.provenance.orphaned",
        summary: "The lock file names a skill that is not there as it was installed",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[353],
        why: "The next update of all skills installs it again, or overwrites the files that stand in its place now.",
        remedy: "Uninstall the skill, or install it again.",
        bad: &[
            Example::files(&[
                (
                    ".clawhub/lock.json",
                    r#"{ "version": 1, "skills": { «"gone"»: { "version": "1.0.0", "installedAt": 1 }, "tides": { "version": "1.0.0", "installedAt": 1770681600000 } } }"#,
                ),
                ORIGIN,
                SKILL,
            ]),
            Example::files(&[
                (
                    ".clawhub/lock.json",
                    r#"{ "version": 1, "skills": { «"tides"»: { "version": "1.0.0", "installedAt": 1770681600000 } } }"#,
                ),
                SKILL,
            ]),
        ],
        good: &[
            Example::files(&[LOCK, ORIGIN, SKILL]),
            // A repository that keeps the lock file alone, or ignores what it installs.
            Example::files(&[LOCK, ("README.md", "")]),
            Example::files(&[
                LOCK,
                (".gitignore", "skills/tides/\n"),
                ("skills/own/SKILL.md", "---\nname: own\n---\n"),
            ]),
            Example::files(&[LOCK, (".gitignore", "skills/**/.clawhub/\n"), SKILL]),
            Example::files(&[
                LOCK,
                (
                    "lib/tides/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "tides", "installedVersion": "1.0.0", "installedAt": 1 }"#,
                ),
                ("skills/own/SKILL.md", "---\nname: own\n---\n"),
            ]),
        ],
        check: Check::Document(&[DocumentKind::SkillLock], orphaned),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.provenance.no_digest",
        summary: "The records of installed skills pin no content",
        severity: Severity::Info,
        hygiene: true,
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[353],
        why: "An older installer wrote down the version only. Whether the files are those of that version nobody can tell \
              from the repository.",
        remedy: "Install the skills again with a current OpenClaw, which records fileTreeSha256.",
        bad: &[Example::files(&[
            (
                ".clawhub/lock.json",
                r#"{ "version": 1, "skills": { «"tides"»: { "version": "1.0.0", "installedAt": 1770681600000 } } }"#,
            ),
            ORIGIN,
            SKILL,
        ])],
        good: &[
            Example::files(&[(
                ".clawhub/lock.json",
                r#"{ "version": 1, "skills": { "tides": { "version": "1.0.0", "installedAt": 1, "fileTreeSha256": "sha256:0" } } }"#,
            )]),
            Example::files(&[(".clawhub/lock.json", r#"{ "version": 1, "skills": {} }"#)]),
        ],
        check: Check::Document(&[DocumentKind::SkillLock], no_digest),
        ..Rule::DEFAULT
    },
];

/// Where both records say the same: the key of the skill's own record, and that of the lock file.
const FIELDS: [(&str, &str); 13] = [
    ("installedVersion", "version"),
    ("installedAt", "installedAt"),
    ("registry", "registry"),
    ("ownerHandle", "ownerHandle"),
    ("requestedReference", "requestedReference"),
    ("trustState", "trustState"),
    ("sourceUrl", "sourceUrl"),
    ("artifact.kind", "artifact.kind"),
    ("artifact.sha256", "artifact.sha256"),
    ("artifact.integrity", "artifact.integrity"),
    ("skillFile.path", "skillFile.path"),
    ("skillFile.sha256", "skillFile.sha256"),
    ("fileTreeSha256", "fileTreeSha256"),
];

fn drift(document: &Document, project: &Project, report: &mut Report) {
    let Some(own) = readable(document).filter(|_| !document.sample && is_read(project, document)) else { return };
    let skill = subject(document);
    let slug = own.get("slug");
    let Some(name) = slug.str() else { return };
    if let Some(other) = project.document(&join(skill, ".openclaw/source-origin.json")) {
        let place = Place::span(other.span(0..0));
        report
            .at(slug.place(), "the directory has two records: of ClawHub, and of a source that replaced it")
            .related(&place, "the other record");
    }
    let dir = project.tree.dir_name(skill);
    if !dir.is_empty() && dir != name {
        report.at(slug.place(), format!("the record is of \"{name}\", but the directory is called \"{dir}\""));
    }
    let Some(lock) = lock(project, skill) else { return };
    let Some(locked) = entry(lock, name) else { return };
    // Only an installer that records digests writes both at one time.
    let exact = own.get("fileTreeSha256").exists() || own.get("artifact").exists();
    for (key, lock_key) in FIELDS {
        let (here, there) = (own.at(key), locked.at(lock_key));
        let (one, other) = (compared(key, &here), compared(key, &there));
        let implied = key == "registry" && !there.exists();
        let time = key == "installedAt";
        if one == other || implied || time && !exact {
            continue;
        }
        let lock_path = &lock.path;
        let message = match (&one, &other) {
            (None, _) => format!("{key} is missing, but stands in {lock_path}"),
            (_, None) => format!("{key} is missing in {lock_path}"),
            (Some(one), Some(other)) if key == "installedVersion" => {
                format!("{key} is \"{one}\", in {lock_path} it is \"{other}\"")
            }
            _ => format!("{key} is another than in {lock_path}"),
        };
        let said = report.at(here.place(), message);
        let said = if time { said.severity(Severity::Info) } else { said };
        said.related(&there.place(), "what the lock file says");
    }
}

/// A field as OpenClaw compares it; none when it says nothing.
fn compared(key: &str, found: &Found<'_>) -> Option<String> {
    if let Some(number) = found.number() {
        return Some(number.to_string());
    }
    let text = found.str().map(str::trim).filter(|text| !text.is_empty())?;
    Some(match key {
        "registry" => registry(text).to_owned(),
        "ownerHandle" => text.to_lowercase(),
        _ => text.to_owned(),
    })
}

fn untracked(document: &Document, project: &Project, report: &mut Report) {
    let Some(own) = readable(document).filter(|_| !document.sample && is_read(project, document)) else { return };
    let skill = subject(document);
    let slug = own.get("slug");
    let Some(name) = slug.str().filter(|_| !is_ignored(project, &document.path)) else { return };
    // Of a skill that is scanned alone nobody knows what lies around it.
    let around = dir_of(dir_of(skill));
    if skill.is_empty() || project.tree.get(around).is_none() {
        return;
    }
    let lock = lock(project, skill);
    if lock.is_some_and(|lock| readable(lock).is_none() || entry(lock, name).is_some()) {
        return;
    }
    if let Some(lock) = lock.filter(|lock| place_of_skill(subject(lock), name) == skill) {
        report.at(slug.place(), format!("{} does not name \"{name}\"", lock.path));
    } else {
        let message = format!("no lock file above {skill} names \"{name}\"");
        report.at(slug.place(), message).severity(Severity::Info);
    }
}

/// The skills of a lock file, as OpenClaw would read them.
fn locked<'a>(document: &'a Document, project: &Project) -> Vec<(&'a str, Found<'a>)> {
    let root = readable(document).filter(|_| !document.sample && is_read(project, document));
    root.map(|root| root.get("skills").entries().filter(|(_, entry)| entry.is_map()).collect()).unwrap_or_default()
}

fn orphaned(document: &Document, project: &Project, report: &mut Report) {
    let workspace = subject(document);
    let skills = join(workspace, "skills");
    if project.tree.get(&skills).is_none() {
        return;
    }
    let entries = locked(document, project);
    let elsewhere = installed_below(project, workspace);
    for (slug, entry) in entries {
        let dir = place_of_skill(workspace, slug);
        let records = [".clawhub/origin.json", ".clawdhub/origin.json"].map(|name| join(&dir, name));
        let ignored = is_ignored(project, &dir) || records.iter().any(|record| is_ignored(project, record));
        // A name that leads elsewhere is malformed, and nothing is looked for there.
        let leads_out = slug.is_empty() || slug.contains(['/', '\\']) || slug.contains("..");
        if leads_out || ignored || elsewhere.binary_search(&slug).is_ok() {
            continue;
        }
        if !project.tree.holds(&dir) {
            report.at(entry.key_place(), format!("{dir} is not there"));
        } else if !records.iter().any(|record| project.tree.holds(record)) {
            report
                .at(entry.key_place(), format!("{dir} has no record of its own, so OpenClaw does not trust this one"))
                .severity(Severity::Warn);
        }
    }
}

/// What the records of skills in a workspace call them, wherever they lie.
fn installed_below<'a>(project: &'a Project, workspace: &str) -> Vec<&'a str> {
    let inside = |path: &str| workspace.is_empty() || path.strip_prefix(workspace).is_some_and(|p| p.starts_with('/'));
    let origins = project.of_kind(DocumentKind::SkillOrigin).filter(|document| inside(dir_of(&document.path)));
    let mut slugs: Vec<&str> = origins.filter_map(|origin| readable(origin)?.get("slug").str()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    slugs
}

fn no_digest(document: &Document, project: &Project, report: &mut Report) {
    let workspace = subject(document);
    let pinned = |slug: &str, entry: &Found<'_>| {
        let own = origin(project, &place_of_skill(workspace, slug)).and_then(readable);
        entry.get("fileTreeSha256").exists() || own.is_some_and(|own| own.get("fileTreeSha256").exists())
    };
    let hits = locked(document, project).into_iter().filter(|(slug, entry)| !pinned(slug, entry));
    let hits =
        hits.map(|(slug, entry)| (entry.key_place(), format!("no digest of the files of \"{slug}\" is recorded")));
    report.gathered(Severity::Info, ["skill has none", "skills have none"], hits);
}
