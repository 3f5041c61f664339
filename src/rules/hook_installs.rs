//! Hook packages that the configuration of older releases records as installed.

use crate::config;
use crate::model::npm_spec::is_pinned;
use crate::rule::prelude::*;
use crate::secret::quotable;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "hooks.installs_unpinned_npm_specs",
        summary: "A hook package is installed from npm without an exact version",
        versions: Versions::range(V2026_2, V2026_5),
        cwe: &[1357],
        why: "The next install takes whatever version is newest then, and hooks run inside the gateway.",
        remedy: "Install the package again with an exact version, such as name@1.2.3.",
        bad: &[
            config!(r#"{ hooks: { internal: { installs: { a: { source: "npm", spec: «"@acme/hooks"» } } } } }"#).on(V2026_5),
            config!(r#"{ hooks: { internal: { installs: { a: { source: "npm", spec: «"acme-hooks@^1.2.3"» } } } } }"#).on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ hooks: { internal: { installs: { a: { source: "npm", spec: "@acme/hooks@v1.2.3-rc.1+b" }, b: { source: "npm" } } } } }"#
            )
            .on(V2026_5),
            config!(r#"{ hooks: { internal: { installs: { a: { source: "path", spec: "./hooks" } } } } }"#).on(V2026_5),
        ],
        check: Check::Config(unpinned),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.installs_missing_integrity",
        summary: "A hook package from npm is recorded without a checksum",
        versions: Versions::range(V2026_2, V2026_5),
        cwe: &[353],
        why: "Without a checksum nobody can tell whether the installed files are the ones that were reviewed.",
        remedy: "Install the package again so that its integrity is recorded.",
        bad: &[config!(
            r#"{ hooks: { internal: { installs: { «a»: { source: "npm", spec: "acme-hooks@1.2.3" }, «b»: { source: "npm", integrity: " " } } } } }"#
        )
        .on(V2026_5)],
        good: &[
            config!(r#"{ hooks: { internal: { installs: { a: { source: "npm", integrity: "sha512-AAAA" } } } } }"#).on(V2026_5),
            config!(r#"{ hooks: { internal: { installs: { a: { source: "archive" } } } } }"#).on(V2026_2),
        ],
        check: Check::Config(missing_integrity),
        ..Rule::DEFAULT
    },
    Rule {
        id: "hooks.installs_version_drift",
        summary: "A hook package on disk has another version than its record",
        versions: Versions::range(V2026_2, V2026_5),
        cwe: &[353],
        why: "The files were changed after the install, so the record says nothing about what runs.",
        remedy: "Install the package again, or restore the recorded version.",
        bad: &[Example::files(&[
            (
                ".openclaw/openclaw.json",
                r#"{ hooks: { internal: { installs: { «acme»: { source: "npm", resolvedVersion: "1.2.3", version: "1.3.0" } } } } }"#,
            ),
            (".openclaw/hooks/acme/package.json", r#"{ "name": "acme", "version": "1.3.0" }"#),
        ])
        .on(V2026_5)],
        good: &[
            Example::files(&[
                (
                    ".openclaw/openclaw.json",
                    r#"{ hooks: { internal: { installs: { acme: { source: "npm", version: "1.3.0" } } } } }"#,
                ),
                (".openclaw/hooks/acme/package.json", r#"{ "name": "acme", "version": "1.3.0" }"#),
            ])
            .on(V2026_5),
            config!(r#"{ hooks: { internal: { installs: { acme: { source: "npm", version: "1.3.0" } } } } }"#).on(V2026_5),
        ],
        check: Check::Config(version_drift),
        ..Rule::DEFAULT
    },
];

/// The records of packages that came from npm.
fn from_npm(config: &Config) -> impl Iterator<Item = (&str, Found<'_>)> {
    let installs = config.at("hooks.internal.installs");
    installs.entries().filter(|(_, record)| record.get("source").is("npm"))
}

fn unpinned(config: &Config, report: &mut Report) {
    let hits = from_npm(config).filter_map(|(id, record)| {
        let spec = record.get("spec");
        let text = spec.str().map(str::trim).filter(|text| config.upstream() || !text.is_empty())?;
        let fix = pin(&spec, &record);
        (!is_pinned(text)).then(|| (spec.place(), format!("hook package \"{id}\" has no exact version"), fix))
    });
    report.several_with(config, Severity::Warn, hits);
}

/// Names the version that was installed, when the record knows it.
pub(super) fn pin(spec: &Found<'_>, record: &Found<'_>) -> Option<Fix> {
    let text = spec.str()?.trim();
    let version = record.get("resolvedVersion").str().map(str::trim).filter(|version| is_version(version))?;
    let name = match text.get(1..)?.find('@') {
        Some(at) => text.get(..at + 1)?,
        None => text,
    };
    // An address has no place for a version.
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@/._~-".contains(&byte)) {
        return None;
    }
    let pinned = format!("{name}@{version}");
    Some(Fix::new(Safety::Safe, format!("Set {} to \"{pinned}\"", spec.path()), [spec.set(pinned)]))
}

/// Is it one exact version?
fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(plain) && is_pinned(&format!("x@{text}"))
}

fn missing_integrity(config: &Config, report: &mut Report) {
    let blank = |found: Found<'_>| found.text().is_none_or(|text| text.text.trim().is_empty());
    let hits = from_npm(config)
        .filter(|(_, record)| blank(record.get("integrity")))
        .map(|(id, record)| (record.key_place(), format!("hook package \"{id}\" has no integrity")));
    report.several(config, Severity::Warn, hits);
}

fn version_drift(config: &Config, report: &mut Report) {
    let hits = from_npm(config).filter_map(|(id, record)| {
        let recorded = record.get("resolvedVersion").str().or_else(|| record.get("version").str())?;
        let installed = installed_version(config, id)?;
        let message = format!("hook package \"{id}\" is recorded as {recorded} and installed as {installed}");
        let title = format!("Install {id} again, or set its resolvedVersion to \"{}\"", quotable(installed, 40));
        let fix = Some(Fix::new(Safety::Manual, title, []));
        (recorded != installed).then(|| (record.key_place(), message, fix))
    });
    report.several_with(config, Severity::Warn, hits);
}

/// The version in the package's own manifest, in one of the two places where it may lie.
fn installed_version<'a>(config: &'a Config, id: &str) -> Option<&'a str> {
    let manifest = |dir: &str| config.project.document(&config.beside(&format!("{dir}/{id}/package.json")));
    let document = manifest("hooks").or_else(|| manifest("extensions"))?;
    document.root()?.get("version").str()
}
