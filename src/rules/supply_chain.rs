//! Which release runs, and whether anybody chose it.

use crate::config;
use crate::model::advisory::{self, Version};
use crate::model::installs::{Pin, installs};
use crate::rule::prelude::*;

const KINDS: &[DocumentKind] = &[
    DocumentKind::PackageJson,
    DocumentKind::Compose,
    DocumentKind::Dockerfile,
    DocumentKind::Script,
    DocumentKind::ServiceUnit,
];

/// Days after which a release is old news.
const OLD_AFTER: i64 = 30;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "config.openclaw_unpinned",
        summary: "OpenClaw is installed without a fixed version",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Deps,
        cwe: &[829, 1357],
        why: "Every build or restart takes whatever was published last: a broken or hijacked release goes live unseen, and \
              nobody can tell which version a configuration was checked against.",
        remedy: "Name an exact version, such as openclaw@2026.9.6, and update it on purpose.",
        bad: &[
            Example::files(&[(
                "Dockerfile",
                "FROM node:22\nRUN npm install -g «openclaw@latest» && npm cache clean --force\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "ARG OPENCLAW_VERSION=latest\nFROM node:22\nRUN npm i -g \"«openclaw@${OPENCLAW_VERSION}»\"\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "FROM node:22\nARG OPENCLAW_REF=main\nRUN git clone --depth 1 --branch \"«${OPENCLAW_REF}»\" \\\n    https://github.com/openclaw/openclaw.git .\n",
            )]),
            Example::files(&[("install.sh", "curl -fsSL «https://openclaw.ai/install.sh» | bash\n")]),
            Example::files(&[("scripts/setup.sh", "set -e\nsudo npm install -g «openclaw»\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  gateway:\n    image: «ghcr.io/openclaw/openclaw:latest»\n",
            )]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  gateway:\n    image: «${OPENCLAW_IMAGE:-ghcr.io/openclaw/openclaw}»\n",
            )]),
            Example::files(&[("package.json", r#"{ "name": "a", "dependencies": { "openclaw": «"^2026.4.1"» } }"#)]),
            Example::files(&[("Dockerfile", "FROM «ghcr.io/openclaw/openclaw:main» AS base\n")]),
        ],
        good: &[
            Example::files(&[(
                "Dockerfile",
                "ARG OPENCLAW_VERSION=2026.9.6\nFROM node:22\nRUN npm i -g openclaw@${OPENCLAW_VERSION}\n",
            )]),
            Example::files(&[("Dockerfile", "FROM ghcr.io/openclaw/openclaw:latest@sha256:0123\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  gateway:\n    image: openclaw:local\n    build: .\n  db:\n    image: postgres:latest\n",
            )]),
            Example::files(&[
                ("package.json", r#"{ "name": "a", "dependencies": { "openclaw": "^2026.4.1" } }"#),
                ("package-lock.json", "{}"),
            ]),
            Example::files(&[("package.json", r#"{ "name": "a", "peerDependencies": { "openclaw": ">=2026.4.1" } }"#)]),
            Example::files(&[(
                "install.sh",
                "curl -fsSL https://openclaw.ai/install.sh | bash -s -- --version 2026.9.6\ngit clone -b v2026.9.6 https://github.com/openclaw/openclaw\n",
            )]),
            Example::files(&[(
                "run.sh",
                "# npm i -g openclaw\necho \"run npm install -g openclaw@latest\"\nnpm uninstall -g openclaw\nopenclaw gateway\n",
            )]),
        ],
        check: Check::Document(KINDS, unpinned),
        ..Rule::DEFAULT
    },
    Rule {
        id: "config.openclaw_outdated",
        summary: "The installed OpenClaw release is old or has known vulnerabilities",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        scope: Scope::Deps,
        cwe: &[1104, 1395],
        why: "Published advisories tell an attacker what to try against this very version.",
        remedy: "Update to a current release and check the configuration against it.",
        links: &["https://github.com/openclaw/openclaw/security/advisories"],
        bad: &[
            Example::files(&[("Dockerfile", "FROM node:22\nRUN npm install -g «openclaw@2026.2.1»\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  gateway:\n    image: «ghcr.io/openclaw/openclaw:2026.4.9-slim»\n",
            )]),
            Example::files(&[("package.json", r#"{ "dependencies": { "openclaw": «"2026.6.1"» } }"#)]),
            config!(r#"{ meta: { lastTouchedVersion: «"2026.3.2"» }, gateway: {} }"#),
        ],
        good: &[
            Example::files(&[("Dockerfile", "FROM node:22\nRUN npm install -g openclaw@2026.9.6\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  gateway:\n    image: ghcr.io/openclaw/openclaw:2026.8.20\n",
            )]),
            config!(r#"{ meta: { lastTouchedVersion: "2026.9.6" }, gateway: {} }"#),
            config!(r#"{ meta: { lastTouchedVersion: "2027.1.1" }, gateway: {} }"#),
        ],
        check: Check::Both(outdated_config, KINDS, outdated_install),
        ..Rule::DEFAULT
    },
];

fn unpinned(document: &Document, project: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    for install in installs(document, project) {
        if install.pin == Pin::Floating {
            report.at(install.place, "takes whichever OpenClaw release is newest at that moment");
        }
    }
}

fn outdated_install(document: &Document, project: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    for install in installs(document, project) {
        if let Pin::Exact(version) = install.pin
            && let Some((severity, reason)) = judgement(version)
        {
            let title = format!("Write {} or a newer release", crate::model::dialect::Release::NEWEST.as_str());
            let said = report.at(install.place, format!("this release {reason}")).severity(severity);
            said.fix(Safety::Manual, title, []);
        }
    }
}

/// The last writer is only the oldest that can be running, so this is a hint.
fn outdated_config(config: &Config, report: &mut Report) {
    let touched = config.at("meta.lastTouchedVersion");
    let Some((_, reason)) = touched.str().and_then(Version::parse).and_then(judgement) else { return };
    report
        .at(touched.place(), format!("the configuration was last written by a release that {reason}"))
        .severity(Severity::Info)
        .confidence(Confidence::Medium);
}

/// How bad it is to run a version, and why; `None` when it is fine.
fn judgement(version: Version) -> Option<(Severity, String)> {
    let advisories = advisory::affecting(version);
    let days = version.days_behind();
    let Some(worst) = advisories.first() else {
        return (days > OLD_AFTER)
            .then(|| (Severity::Info, format!("is {days} days older than the newest release we know")));
    };
    let severity = match worst.severity {
        "critical" => Severity::Critical,
        "high" | "medium" => Severity::Warn,
        _ => Severity::Info,
    };
    let count = advisories.len();
    let noun = if count == 1 { "advisory" } else { "advisories" };
    let reason = format!("has {count} published {noun}, the worst {} ({})", worst.severity, worst.id);
    Some((severity, reason))
}
