//! Private keys in the repository.

use crate::model::ignored::is_ignored;
use crate::model::places::dir_of;
use crate::rule::prelude::*;

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
        why: "With the key anyone can sign a skill that every keyring trusting it will accept.",
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
        ],
        good: &[
            Example::files(&[(
                "keys/signing-key-a1.pem",
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
            )]),
            Example::files(&[("keys/tls.pem", concat!("-----BEGIN PRIVATE", " KEY-----\nMIIEvQIBADANBgkq\n"))]),
        ],
        check: Check::Document(&[DocumentKind::KeyFile], signing_key),
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

fn is_signing_key(document: &Document) -> bool {
    document.path.ends_with("skill-signing.key") || document.text().contains(ED25519)
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
        report.at(place, "the file holds a private key in PEM form");
    }
}

fn signing_key(document: &Document, project: &Project, report: &mut Report) {
    if project.live || document.sample || !is_signing_key(document) {
        return;
    }
    if let Some(place) = begin_line(document).filter(|_| !is_ignored(project, &document.path)) {
        report.at(place, "the file holds a private signing key");
    }
}
