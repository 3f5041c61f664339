//! Where installed skills came from.

use crate::facts::domain::is_within;
use crate::facts::hosts::{HostClass, HostSet};
use crate::facts::url::Url;
use crate::model::provenance::{UNSCANNED, is_read, origin, place_of_skill, readable, registry, subject};
use crate::rule::prelude::*;

const RECORDS: &[DocumentKind] = &[DocumentKind::SkillOrigin, DocumentKind::SkillLock];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.provenance.unscanned",
        summary: "An installed skill was never scanned by the registry",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[829, 1357],
        why: "ClawHub only passed the skill on from another index: nobody looked at it before it was installed.",
        remedy: "Read the skill as you would read code from a stranger, or install one that the registry has scanned.",
        bad: &[
            Example::files(&[(
                "skills/a/.clawhub/origin.json",
                r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "a", "installedVersion": "1", "installedAt": 1,
                    "requestedReference": "skills-sh:o/r/a", "trustState": «"not-scanned-by-clawhub"» }"#,
            )]),
            Example::files(&[(
                ".clawhub/lock.json",
                r#"{ "version": 1, "skills": { "a": { "version": "1", "installedAt": 1, "trustState": «"not-scanned-by-clawhub"» } } }"#,
            )]),
        ],
        good: &[
            Example::files(&[(
                "skills/a/.clawhub/origin.json",
                r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "a", "installedVersion": "1", "installedAt": 1 }"#,
            )]),
            // An older record that OpenClaw does not look at.
            Example::files(&[
                (
                    "skills/a/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "a", "installedVersion": "1", "installedAt": 1 }"#,
                ),
                ("skills/a/.clawdhub/origin.json", r#"{ "version": 1, "trustState": "not-scanned-by-clawhub" }"#),
            ]),
        ],
        check: Check::Document(RECORDS, unscanned),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.provenance.unknown_registry",
        summary: "A skill was installed from another registry than ClawHub",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        confidence: Confidence::Medium,
        cwe: &[829, 1357],
        why: "OpenClaw asks the recorded registry for updates of the skill and for its verdict on it. Whoever runs that \
              server decides what is installed next.",
        remedy: "If the registry is your own, add its host to trustedHosts in the settings. Otherwise install the skill again \
                 from ClawHub.",
        bad: &[
            Example::files(&[(
                "skills/a/.clawhub/origin.json",
                r#"{ "version": 1, "registry": «"https://clawhub-mirror.net"», "slug": "a", "installedVersion": "1", "installedAt": 1 }"#,
            )]),
            Example::files(&[(
                "skills/a/.clawhub/origin.json",
                r#"{ "version": 1, "registry": «"http://clawhub.ai"», "slug": "a", "installedVersion": "1", "installedAt": 1 }"#,
            )]),
            Example::files(&[(
                ".clawhub/lock.json",
                r#"{ "version": 1, "skills": { "a": { "version": "1", "installedAt": 1, "registry": «"mirror"» } } }"#,
            )]),
        ],
        good: &[
            Example::files(&[
                (
                    "skills/a/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": " https://clawhub.ai/ ", "slug": "a", "installedVersion": "1", "installedAt": 1 }"#,
                ),
                (
                    ".clawhub/lock.json",
                    r#"{ "version": 1, "skills": { "a": { "version": "1", "installedAt": 1, "registry": "https://www.clawhub.ai" }, "b": { "version": "1" } } }"#,
                ),
            ]),
            Example::files(&[
                ("clawsift.json5", "{ trustedHosts: ['skills.corp.dev'] }"),
                (
                    "skills/a/.clawhub/origin.json",
                    r#"{ "version": 1, "registry": "https://skills.corp.dev/x", "slug": "a", "installedVersion": "1", "installedAt": 1 }"#,
                ),
            ]),
        ],
        check: Check::Document(RECORDS, unknown_registry),
        ..Rule::DEFAULT
    },
    Rule {
        id: "skills.provenance.source_unpinned",
        summary: "Nothing tells which commit a skill was installed from",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[494, 829],
        why: "A branch moves, and a transport without encryption or checks delivers what somebody on the way wants.",
        remedy: "Install the skill again from an https address with a full commit, such as git:owner/repo@<commit>.",
        bad: &[
            Example::files(&[(
                "skills/a/.openclaw/source-origin.json",
                r#"{ "version": 1, "source": "git", "spec": "git:o/r@main", "slug": "a", "installedAt": 1,
                    "git": { "url": "https://github.com/o/r.git", "ref": "main", "commit": «"main"» } }"#,
            )]),
            Example::files(&[(
                "skills/a/.openclaw/source-origin.json",
                r#"{ "version": 1, "source": «"git"», "spec": "git:o/r", "slug": "a", "installedAt": 1 }"#,
            )]),
            Example::files(&[(
                "skills/a/.openclaw/source-origin.json",
                r#"{ "version": 1, "source": "git", "spec": "git:o/r", "slug": "a", "installedAt": 1,
                    "git": { "url": «"http://git.corp.dev/r.git"», "commit": "0123456789012345678901234567890123456789" } }"#,
            )]),
        ],
        good: &[
            Example::files(&[(
                "skills/a/.openclaw/source-origin.json",
                r#"{ "version": 1, "source": "git", "spec": "git:o/r@main", "slug": "a", "installedAt": 1,
                    "git": { "url": "git@github.com:o/r.git", "ref": "main", "commit": "0123456789012345678901234567890123456789" } }"#,
            )]),
            Example::files(&[(
                "skills/a/.openclaw/source-origin.json",
                r#"{ "version": 1, "source": "path", "spec": "./a", "slug": "a", "installedAt": 1 }"#,
            )]),
        ],
        check: Check::Document(&[DocumentKind::SourceOrigin], source_unpinned),
        ..Rule::DEFAULT
    },
];

/// What the records say of one skill each: that of a skill itself, and of a lock file the skills that have
/// no record of their own here.
fn records<'a>(document: &'a Document, project: &Project) -> Vec<Found<'a>> {
    let Some(root) = readable(document).filter(|_| !document.sample && is_read(project, document)) else {
        return Vec::new();
    };
    if document.kind == DocumentKind::SkillOrigin {
        return vec![root];
    }
    let workspace = subject(document);
    let alone = |slug: &str| origin(project, &place_of_skill(workspace, slug)).is_none();
    root.get("skills").entries().filter(|(slug, _)| alone(slug)).map(|(_, entry)| entry).collect()
}

fn unscanned(document: &Document, project: &Project, report: &mut Report) {
    for record in records(document, project) {
        let state = record.get("trustState");
        if state.str().is_some_and(|text| text.trim() == UNSCANNED) {
            report.at(state.place(), "the registry has not scanned this skill");
        }
    }
}

/// The names that the registry has and had.
const OWN: [&str; 4] = ["clawhub.ai", "clawhub.com", "clawdhub.com", "openclaw.ai"];

fn unknown_registry(document: &Document, project: &Project, report: &mut Report) {
    let trusted = HostSet::new(project.trusted_hosts.iter().map(String::as_str));
    for record in records(document, project) {
        let found = record.get("registry");
        let Some(text) = found.str().map(registry).filter(|text| !text.is_empty()) else { continue };
        let Some(url) = Url::parse(text).filter(Url::is_web) else {
            report.at(found.place(), "the registry is no web address");
            continue;
        };
        let known = OWN.iter().any(|own| is_within(&url.host, own)) || trusted.has(&url.host, url.path);
        let local = project.tables.classify(&project.trusted_hosts, &url) == HostClass::Local;
        if known && url.is_plain_http() {
            report.at(found.place(), "the registry is asked without encryption");
        } else if !known {
            let said = report.at(found.place(), format!("the registry {} is not known", url.host));
            if local {
                said.severity(Severity::Info);
            }
        }
    }
}

fn source_unpinned(document: &Document, _: &Project, report: &mut Report) {
    let Some(root) = readable(document).filter(|root| !document.sample && root.get("source").is("git")) else { return };
    let git = root.get("git");
    let (commit, address) = (git.get("commit"), git.get("url"));
    let full = |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !commit.str().is_some_and(|text| full(text.trim())) {
        let place = if commit.exists() { commit.place() } else { root.get("source").place() };
        report.at(place, "no full commit is recorded");
    }
    let scheme = address.str().and_then(|text| text.trim().split_once("://")).map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| ["http", "git", "ftp"].iter().any(|plain| scheme.eq_ignore_ascii_case(plain))) {
        report.at(address.place(), "the source is fetched without encryption");
    }
}
