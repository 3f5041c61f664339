//! Private keys in the repository.

use crate::model::ignored::{is_ignored, leave_out};
use crate::model::state::narrowed;
use crate::path::dir_of;
use crate::rule::prelude::*;
use crate::signature::key::{Container, is_private};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.tls.private_key_committed",
        summary: "A private key is checked in beside the gateway's configuration",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[321, 540],
        why: "Whoever has the key can pose as the gateway and read what its clients send, tokens included.",
        remedy: "Remove the file from git, issue a new key and certificate, and keep the key outside the repository.",
        bad: &[
            Example::files(&[
                ("openclaw.json", r#"{ gateway: { tls: { enabled: true, keyPath: "tls/server.key" } } }"#),
                (
                    "tls/server.key",
                    concat!("«-----BEGIN RSA PRIVATE", " KEY-----»\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"),
                ),
            ]),
            Example::files(&[
                ("config/openclaw.json", "{ gateway: { port: 18789 } }"),
                (
                    "config/cert.pem",
                    concat!(
                        "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n«-----BEGIN PRIVATE",
                        " KEY-----»\nMIIEvQIBADANBgkq\n"
                    ),
                ),
            ]),
        ],
        good: &[
            Example::files(&[
                ("openclaw.json", "{ gateway: { port: 18789 } }"),
                ("cert.pem", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n"),
                ("public.pem", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"),
                ("tests/server.key", concat!("-----BEGIN PRIVATE", " KEY-----\nMIIEvQIBADANBgkq\n")),
            ]),
            Example::files(&[("server.key", concat!("-----BEGIN PRIVATE", " KEY-----\nMIIEvQIBADANBgkq\n"))]),
        ],
        check: Check::Document(&[DocumentKind::KeyFile], private_key),
        ..Rule::DEFAULT
    },
    Rule {
        id: "keyring.private_key_committed",
        summary: "A private signing key is checked in",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Signatures,
        cwe: &[321, 540],
        why: "With the key anyone can sign a skill that every keyring trusting it will accept. In a keyring it stands where the public key belongs, and ClosedClaw works with it all the same.",
        remedy: "Remove the key from git, revoke it in every keyring, and sign with a new one kept outside the repository.",
        bad: &[
            Example::files(&[("skill-signing.key", concat!("«-----BEGIN PRIVATE", " KEY-----»\nMIIEvQIBADANBgkq\n"))]),
            Example::files(&[(
                "keys/signing-key-a1.pem",
                concat!(
                    "«-----BEGIN PRIVATE",
                    " KEY-----»\nMC4CAQAwBQYDK2VwBCIEIPretendThisIsAKeyOfThirtyTwoBytesXXXX\n"
                ),
            )]),
            Example::files(&[(
                "id_ed25519",
                concat!(
                    "«-----BEGIN OPENSSH PRIVATE",
                    " KEY-----»\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQ==\n",
                    "-----END OPENSSH PRIVATE KEY-----\n"
                ),
            )]),
            Example::files(&[(
                "trusted-keys.json",
                concat!(
                    "{\"version\":1,\"keys\":{\"a\":{\"publicKeyPem\":«\"-----BEGIN PRIVATE",
                    " KEY-----\\nMC4CAQAwBQYDK2VwBCIEIIGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGB\\n-----END PRIVATE KEY-----\\n\"»}}}"
                ),
            )]),
        ],
        good: &[
            Example::files(&[(
                "keys/signing-key-a1.pem",
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
            )]),
            Example::files(&[("keys/tls.pem", concat!("-----BEGIN PRIVATE", " KEY-----\nMIIEvQIBADANBgkq\n"))]),
        ],
        check: Check::Document(&[DocumentKind::KeyFile, DocumentKind::Keyring], signing_key),
        ..Rule::DEFAULT
    },
    Rule {
        id: "keyring.private_key_readable",
        summary: "Others on the machine can read a private signing key",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Whoever reads the key signs skills in its owner's name.",
        remedy: "Run chmod 600 on the file; if strangers have an account on the machine, revoke the key.",
        bad: &[Example::files(&[
            ("openclaw.json", "{}"),
            ("keys/skill-signing.key", concat!("«»-----BEGIN PRIVATE", " KEY-----\nMIIEvQIBADANBgkq\n")),
        ])
        .with_modes(&[("keys/skill-signing.key", 0o640)])],
        good: &[Example::files(&[
            ("openclaw.json", "{}"),
            ("keys/skill-signing.key", concat!("-----BEGIN PRIVATE", " KEY-----\nMIIEvQIBADANBgkq\n")),
        ])
        .with_modes(&[])],
        check: Check::Document(&[DocumentKind::KeyFile], readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "keyring.perms_writable",
        summary: "Others on the machine can change the keyring",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Whoever writes there adds a key of their own, and every skill that they sign is accepted.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", "{}"), ("trusted-keys.json", "«»{\"version\":1,\"keys\":{}}")])
            .with_modes(&[("trusted-keys.json", 0o660)])],
        good: &[Example::files(&[("openclaw.json", "{}"), ("trusted-keys.json", "{\"version\":1,\"keys\":{}}")])
            .with_modes(&[("trusted-keys.json", 0o644)])],
        check: Check::Document(&[DocumentKind::Keyring], writable),
        ..Rule::DEFAULT
    },
];

/// How the base64 of every Ed25519 key in PKCS#8 begins.
const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEI";

/// The BEGIN line of the first private key in a file.
fn begin_line(document: &Document) -> Option<Place> {
    let (range, _) = document.lines().find(|(_, line)| {
        let line = line.trim();
        line.starts_with("-----BEGIN ")
            && (line.ends_with("PRIVATE KEY-----") || line.ends_with("PRIVATE KEY BLOCK-----"))
    })?;
    Some(Place::span(document.span(range)))
}

/// Is it a key that signs skills, by its name or by what it is?
fn is_signing_key(document: &Document) -> bool {
    is_named_so(&document.path) || document.text().contains(ED25519) || is_private(document.text())
}

fn is_named_so(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "skill-signing.key" || name.starts_with("signing-key-") && name.ends_with(".pem")
}

fn private_key(document: &Document, project: &Project, report: &mut Report) {
    let below = |config: &String| {
        let dir = dir_of(config);
        dir.is_empty() || document.path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
    };
    if project.live || document.sample || is_signing_key(document) || !project.configs.iter().any(below) {
        return;
    }
    if let Some(place) = begin_line(document).filter(|_| !is_ignored(project, &document.path)) {
        report.at(place, "the file holds a private key in PEM form").maybe(leave_out(project, &document.path));
    }
}

fn signing_key(document: &Document, project: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    if let Some(keyring) = project.keyring(document.file) {
        // Whether committed or not, it does not belong there.
        for key in &keyring.keys {
            if key.key.as_ref().is_ok_and(|found| found.container == Container::Private) {
                let at = Place::span(key.at("publicKeyPem"));
                report.at(at, "publicKeyPem holds a private key");
            }
        }
        return;
    }
    if project.live || !is_signing_key(document) {
        return;
    }
    if let Some(place) = begin_line(document).filter(|_| !is_ignored(project, &document.path)) {
        report.at(place, "the file holds a private signing key").maybe(leave_out(project, &document.path));
    }
}

/// Says something of a file of a live state directory with any of some permission bits.
fn with_bits(document: &Document, project: &Project, report: &mut Report, bits: u32, words: &str) {
    let mode = project.tree.get(&document.path).and_then(|entry| entry.mode).filter(|_| project.live);
    if let Some(mode) = mode.filter(|mode| mode & bits != 0 && mode & 0o777 != 0o777) {
        let place = Place::span(document.span(0..0));
        let fix = narrowed(&document.path, false);
        report.at(place, format!("mode {:03o} lets others {words}", mode & 0o777)).maybe(Some(fix));
    }
}

fn readable(document: &Document, project: &Project, report: &mut Report) {
    if is_signing_key(document) && begin_line(document).is_some() {
        with_bits(document, project, report, 0o044, "read the key");
    }
}

fn writable(document: &Document, project: &Project, report: &mut Report) {
    with_bits(document, project, report, 0o022, "add keys");
}
