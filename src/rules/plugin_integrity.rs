//! What the `package.json` of a plugin says about the package that is installed for it.

use crate::digest::integrity::Integrity;
use crate::model::npm_spec::is_pinned;
use crate::rule::prelude::*;

const PACKAGE: &[DocumentKind] = &[DocumentKind::PackageJson];

/// The table. Records of installed plugins in a configuration have rules of their own.
pub const RULES: &[Rule] = &[
    Rule {
        id: "plugins.manifest_npm_unpinned",
        summary: "A plugin is installed in whatever version is newest",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[1357],
        why: "openclaw.install.npmSpec is what onboarding and repair install. Without an exact version that is whatever was \
              published last.",
        remedy: "Name an exact version (name@1.2.3) and set openclaw.install.expectedIntegrity.",
        links: &["https://docs.openclaw.ai/plugins/manifest"],
        bad: &[
            Example::files(&[(
                "package.json",
                r#"{ "name": "p", "openclaw": { "install": { "npmSpec": «"@acme/p@latest"» } } }"#,
            )]),
            Example::files(&[("x/package.json", r#"{ "openclaw": { "install": { "npmSpec": «"p"» } } }"#)]),
        ],
        good: &[
            Example::files(&[("package.json", r#"{ "openclaw": { "install": { "npmSpec": "@acme/p@1.2.3" } } }"#)]),
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "localPath": "./p", "npmSpec": " " } } }"#,
            )]),
        ],
        check: Check::Document(PACKAGE, unpinned),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.manifest_missing_integrity",
        summary: "A plugin's package is installed without an integrity hash",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[353, 494],
        why: "Nothing tells whether the package that the registry delivers is the one that was reviewed.",
        remedy: "Set openclaw.install.expectedIntegrity to what npm view <spec> dist.integrity prints.",
        links: &["https://docs.openclaw.ai/plugins/manifest"],
        bad: &[
            Example::files(&[("package.json", r#"{ "openclaw": { "install": { "npmSpec": «"p@1.2.3"» } } }"#)]),
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "npmSpec": "p@1.2.3", "expectedIntegrity": «" "» } } }"#,
            )]),
        ],
        good: &[
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "npmSpec": "p@1.2.3", "expectedIntegrity": "sha512-x" } } }"#,
            )]),
            // A hash for a version that moves would break the next installation.
            Example::files(&[("package.json", r#"{ "openclaw": { "install": { "npmSpec": "p" } } }"#)]),
            Example::files(&[("package.json", r#"{ "dependencies": { "openclaw": "1.0.0" } }"#)]),
        ],
        check: Check::Document(PACKAGE, missing),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.manifest_integrity_invalid",
        summary: "The integrity hash of a plugin's package can match nothing",
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[353],
        why: "OpenClaw compares the hash with what npm delivers. One that is cut, of an unknown kind or without a package to \
              compare makes every installation fail, or is not looked at.",
        remedy: "Copy what npm view <spec> dist.integrity prints: sha512- and 88 characters of base64.",
        bad: &[
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "npmSpec": "p@1.2.3", "expectedIntegrity": «"sha512-AAAA"» } } }"#,
            )]),
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "npmSpec": "p@1.2.3", "expectedIntegrity": «"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="» } } }"#,
            )]),
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "localPath": "./p", "expectedIntegrity": «"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="» } } }"#,
            )]),
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "npmSpec": "p@1.2.3", "expectedIntegrity": «7» } } }"#,
            )]),
        ],
        good: &[
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "npmSpec": "p@1.2.3", "expectedIntegrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" } } }"#,
            )]),
            Example::files(&[(
                "package.json",
                r#"{ "openclaw": { "install": { "clawhubSpec": "clawhub:p@1.0.0", "expectedIntegrity": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" } } }"#,
            )]),
        ],
        check: Check::Document(PACKAGE, invalid),
        ..Rule::DEFAULT
    },
];

/// `openclaw.install`, of a package that is no example.
fn install(document: &Document) -> Option<Found<'_>> {
    document.root().filter(|_| !document.sample).map(|root| root.get("openclaw").get("install")).filter(Found::is_map)
}

/// A string that says something.
fn written<'a>(found: &Found<'a>) -> Option<&'a str> {
    found.str().map(str::trim).filter(|text| !text.is_empty())
}

fn unpinned(document: &Document, _: &Project, report: &mut Report) {
    let Some(spec) = install(document).map(|install| install.get("npmSpec")) else { return };
    if written(&spec).is_some_and(|text| !is_pinned(text)) {
        report.at(spec.place(), "the package has no exact version");
    }
}

fn missing(document: &Document, _: &Project, report: &mut Report) {
    let Some(install) = install(document) else { return };
    let (spec, integrity) = (install.get("npmSpec"), install.get("expectedIntegrity"));
    let blank = !integrity.exists() || integrity.str().is_some_and(|text| text.trim().is_empty());
    if blank && written(&spec).is_some_and(is_pinned) {
        let place = if integrity.exists() { integrity.place() } else { spec.place() };
        report.at(place, "no integrity hash stands beside the package");
    }
}

fn invalid(document: &Document, _: &Project, report: &mut Report) {
    let Some(install) = install(document) else { return };
    let integrity = install.get("expectedIntegrity");
    if integrity.exists() && integrity.str().is_none() {
        report.at(integrity.place(), "the hash is no text");
        return;
    }
    let Some(text) = written(&integrity) else { return };
    let hashes: Vec<_> = text.split_whitespace().map(Integrity::parse).collect();
    let message = if hashes.iter().any(Option::is_none) {
        "the hash is none that npm gives"
    } else if hashes.iter().flatten().all(Integrity::is_weak) {
        "SHA-1 can be made to fit another package"
    } else if written(&install.get("npmSpec")).is_none() && written(&install.get("clawhubSpec")).is_none() {
        "no package stands beside the hash"
    } else {
        return;
    };
    report.at(integrity.place(), message);
}
