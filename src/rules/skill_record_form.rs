//! Records of installers that OpenClaw cannot use: it ignores them, or refuses to update the skill.

use crate::digest::integrity::Integrity;
use crate::model::provenance::{SKILLS_SH, UNSCANNED, is_read, is_sha256, tree_digest};
use crate::rule::prelude::*;

const KINDS: &[DocumentKind] = &[DocumentKind::SkillLock, DocumentKind::SkillOrigin, DocumentKind::SourceOrigin];

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "skills.provenance.malformed",
    summary: "A record of an installed skill cannot be used",
    profiles: Profiles::OURS,
    scope: Scope::Deps,
    cwe: &[345, 353],
    why: "OpenClaw reads such a record as if it were not there, or calls it invalid: the skill is not verified any more, \
          and a digest that is written wrongly is equal to nothing.",
    remedy: "Restore the file from git's history, or install the skill again.",
    bad: &[
        Example::files(&[(".clawhub/lock.json", r#"{ "version": «2», "skills": {} }"#)]),
        Example::files(&[(".clawhub/lock.json", r#"{ "version": 1, «"skills"»: [] }"#)]),
        Example::files(&[(".clawhub/lock.json", "«{»\n  // ours\n  \"version\": 1, \"skills\": {} }")]),
        Example::files(&[(
            ".clawhub/lock.json",
            r#"{ "version": 1, "skills": { «"../../etc"»: { "version": "1" }, "a": «7» } }"#,
        )]),
        Example::files(&[(
            "skills/a/.clawhub/origin.json",
            r#"{ "version": 1, "registry": «" "», "slug": "a", "installedVersion": «1», "installedAt": «"now"» }"#,
        )]),
        Example::files(&[(
            "skills/a/.clawhub/origin.json",
            r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "a", "installedVersion": "1", "installedAt": 1, "ownerHandle": «"a b"»,
                "artifact": { "kind": «"zip"», "sha256": «"00"», "integrity": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
                "skillFile": { "path": «"../SKILL.md"», "sha256": «"A000000000000000000000000000000000000000000000000000000000000000"» },
                "fileTreeSha256": «"0000000000000000000000000000000000000000000000000000000000000000"», "trustState": «"not-scanned-by-clawhub"» }"#,
        )]),
        Example::files(&[(
            "skills/a/.clawhub/origin.json",
            r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "a", "installedVersion": "1", "installedAt": 1,
                "requestedReference": «"skills-sh:o/r/b"», "trustState": «"fine"», "artifact": { "kind": "archive",
                "sha256": "0000000000000000000000000000000000000000000000000000000000000001", "integrity": «"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="» } }"#,
        )]),
        Example::files(&[(
            "skills/a/.openclaw/source-origin.json",
            r#"«{» "version": 1, "source": «"web"», "slug": "a", "installedAt": 1 }"#,
        )]),
    ],
    good: &[
        Example::files(&[
            (
                ".clawhub/lock.json",
                r#"{ "version": 1, "skills": { "a": { "version": "1", "installedAt": 1, "pinned": true } } }"#,
            ),
            (
                "skills/a/.clawhub/origin.json",
                r#"{ "version": 1, "registry": "https://clawhub.ai", "slug": "a", "installedVersion": "1", "installedAt": 1, "ownerHandle": "a-b",
                    "requestedReference": "skills-sh:o/r/a", "trustState": "not-scanned-by-clawhub",
                    "artifact": { "kind": "clawpack", "sha256": "0000000000000000000000000000000000000000000000000000000000000000", "integrity": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
                    "skillFile": { "path": "SKILL.md", "sha256": "0000000000000000000000000000000000000000000000000000000000000000" },
                    "fileTreeSha256": "sha256:0000000000000000000000000000000000000000000000000000000000000000" }"#,
            ),
            (
                "skills/a/.openclaw/source-origin.json",
                r#"{ "version": 1, "source": "path", "spec": "./a", "slug": "a", "installedAt": 1 }"#,
            ),
        ]),
        // The older directory is looked at only where the other is missing.
        Example::files(&[
            (".clawhub/lock.json", r#"{ "version": 1, "skills": {} }"#),
            (".clawdhub/lock.json", r#"{ "version": 3 }"#),
        ]),
        Example::files(&[("tests/fixtures/.clawhub/lock.json", r#"{ "version": 3 }"#)]),
    ],
    check: Check::Document(KINDS, malformed),
    ..Rule::DEFAULT
}];

/// The names that a manifest may have.
const MANIFESTS: [&str; 4] = ["SKILL.md", "skill.md", "skills.md", "SKILL.MD"];

fn malformed(document: &Document, project: &Project, report: &mut Report) {
    let read = document.kind == DocumentKind::SourceOrigin || is_read(project, document);
    let Some(root) = document.root().filter(|_| !document.sample && read) else { return };
    if !document.is_plain_json() {
        report.at(root.place(), "it is JSON5, and OpenClaw reads plain JSON only");
    }
    if root.get("version").number() != Some(1.0) {
        report.at(root.get("version").place(), "version is not the number 1, the only one that OpenClaw reads");
        return;
    }
    match document.kind {
        DocumentKind::SkillLock => of_lock(&root, report),
        DocumentKind::SkillOrigin => of_origin(&root, report),
        _ => of_source(&root, report),
    }
}

fn of_lock(root: &Found<'_>, report: &mut Report) {
    let skills = root.get("skills");
    if !skills.is_map() {
        report.at(skills.place(), "skills is no object that names the installed skills");
        return;
    }
    for (slug, entry) in skills.entries() {
        if slug.is_empty() || slug.contains(['/', '\\']) || slug.contains("..") {
            report.at(entry.key_place(), "the name leads out of the directory of skills");
        } else if entry.is_map() {
            digests(&entry, report);
        } else {
            report.at(entry.place(), format!("what is recorded of \"{slug}\" is no object"));
        }
    }
}

fn of_origin(root: &Found<'_>, report: &mut Report) {
    texts(root, &["registry", "slug", "installedVersion"], report);
    time(root, report);
    let owner = root.get("ownerHandle");
    if owner.str().is_some_and(|text| !text.trim().is_empty() && !is_handle(&text.trim().to_lowercase())) {
        report.at(owner.place(), "ownerHandle is no name that the registry gives");
    }
    let (reference, trust) = (root.get("requestedReference"), root.get("trustState"));
    match reference.str().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => {
            let parts: Vec<&str> = text.strip_prefix(SKILLS_SH).unwrap_or_default().split('/').collect();
            let fits = parts.len() == 3 && parts.iter().all(|part| !part.is_empty());
            if !fits || parts.last().copied() != root.get("slug").str() {
                report.at(
                    reference.place(),
                    format!("requestedReference is not {SKILLS_SH} with owner, repository and slug"),
                );
            }
            if trust.str().map(str::trim) != Some(UNSCANNED) {
                report.at(trust.place(), "trustState does not fit a skill that was not scanned");
            }
        }
        None if trust.exists() => {
            report.at(trust.place(), "trustState stands here without a requestedReference");
        }
        None => {}
    }
    digests(root, report);
}

fn of_source(root: &Found<'_>, report: &mut Report) {
    texts(root, &["spec", "slug"], report);
    time(root, report);
    let source = root.get("source");
    if !source.is("path") && !source.is("git") {
        report.at(source.place(), "source is neither git nor path");
    }
}

fn texts<'a>(root: &Found<'a>, keys: &[&'a str], report: &mut Report) {
    for key in keys {
        let found = root.get(key);
        if found.str().is_none_or(|text| text.trim().is_empty()) {
            report.at(found.place(), format!("{key} is no text"));
        }
    }
}

fn time(root: &Found<'_>, report: &mut Report) {
    let time = root.get("installedAt");
    if time.number().is_none() {
        report.at(time.place(), "installedAt is no number of milliseconds");
    }
}

/// A name of a publisher: 1 to 40 small letters, digits and inner signs.
fn is_handle(text: &str) -> bool {
    let sign = |byte: u8| matches!(byte, b'.' | b'_' | b'-');
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| plain(*byte));
    let bytes = text.as_bytes();
    bytes.len() <= 40
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| plain(*byte) || sign(*byte))
}

/// Digests that can be equal to none.
fn digests(record: &Found<'_>, report: &mut Report) {
    let artifact = record.get("artifact");
    if artifact.is_map() {
        let kind = artifact.get("kind");
        if !kind.is("archive") && !kind.is("clawpack") {
            report.at(kind.place(), "artifact.kind is neither archive nor clawpack");
        }
        let (sha256, integrity) = (artifact.get("sha256"), artifact.get("integrity"));
        let hex = sha256.str().filter(|text| is_sha256(text));
        let parsed = integrity.str().and_then(Integrity::parse).filter(|one| one.algorithm == "sha256");
        if hex.is_none() {
            report.at(sha256.place(), "artifact.sha256 is not 64 digits of lower-case hexadecimal");
        }
        match (hex, parsed) {
            (_, None) => {
                report.at(integrity.place(), "artifact.integrity is not sha256- with the base64 of 32 bytes");
            }
            (Some(hex), Some(one)) if crate::digest::hex(&one.bytes) != hex => {
                report
                    .at(integrity.place(), "artifact.integrity is another digest than artifact.sha256")
                    .related(&sha256.place(), "the other digest");
            }
            _ => {}
        }
    }
    let file = record.get("skillFile");
    if file.is_map() {
        let (path, sha256) = (file.get("path"), file.get("sha256"));
        if path.str().is_none_or(|path| !MANIFESTS.contains(&path)) {
            report.at(path.place(), "skillFile.path is no manifest");
        }
        if sha256.str().is_none_or(|text| !is_sha256(text)) {
            report.at(sha256.place(), "skillFile.sha256 is not 64 digits of lower-case hexadecimal");
        }
    }
    let tree = record.get("fileTreeSha256");
    if tree.exists() && tree_digest(&tree).is_none() {
        report.at(tree.place(), "fileTreeSha256 is not sha256: with 64 digits of lower-case hexadecimal");
    }
}
