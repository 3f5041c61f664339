//! Stores that ClosedClaw encrypted: how strong the encryption is, and what lies beside them.

use serde_json::Value as Json;

use crate::model::ignored::{is_ignored, leave_out};
use crate::rule::prelude::*;
use crate::secret::base64;

/// Every kind of file that may turn out to be an encrypted store.
const STORES: &[DocumentKind] = &[
    DocumentKind::EncryptedStore,
    DocumentKind::Credentials,
    DocumentKind::CronJobs,
    DocumentKind::AuthProfiles,
    DocumentKind::ModelsJson,
    DocumentKind::DeviceIdentity,
    DocumentKind::ExecApprovals,
    DocumentKind::ConfigBackup,
];

/// Least memory of Argon2id in KiB and least iterations (OWASP's password storage cheat sheet).
const LEAST_MEMORY: u64 = 19_456;
const LEAST_ITERATIONS: u64 = 2;
/// Bytes of a key of `XChaCha20-Poly1305`, of its nonce, of its tag, and of a salt at least.
const KEY: u64 = 32;
const NONCE: usize = 24;
const TAG: usize = 16;
const LEAST_SALT: usize = 16;
/// Days after which a key is called old.
const OLD: i64 = 365;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "credentials.weak_key_derivation",
        summary: "The passphrase of an encrypted store is easy to guess from the file",
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[916],
        why: "Whoever has the file tries passphrases at the speed that the key derivation allows. With little memory and few \
              rounds that is millions a second. The parameters are not authenticated: the file itself names them.",
        remedy: "Encrypt the store again with Argon2id of at least 19456 KiB and two iterations; ClosedClaw's own default is \
                 65536 KiB and three.",
        bad: &[
            Example::files(&[(
                "state/sessions.json",
                r#"{ "$encrypted": true, "version": 1, "algorithm": "xchacha20-poly1305", "kdf": "argon2id",
                    "kdfParams": «"eyJtZW1vcnkiOjgsIml0ZXJhdGlvbnMiOjEsInBhcmFsbGVsaXNtIjoxLCJrZXlMZW5ndGgiOjMyfQ=="»,
                    "salt": «"1OhTBaGqzR0="», "nonce": "oiMUTyUwCWlGCmhRUueUK9xGw/o7mh2h",
                    "ciphertext": "utEEaFgHWOkAnN9WFHiITJkTFfgYv5t9Fxgjmg==" }"#,
            )]),
            Example::files(&[(
                "cron/jobs.json",
                r#"{ "$encrypted": true, "version": 1, "algorithm": "xchacha20-poly1305", "kdf": "argon2id",
                    "kdfParams": «"eyJtZW1vcnkiOjY1NTM2LCJpdGVyYXRpb25zIjozLCJwYXJhbGxlbGlzbSI6NCwia2V5TGVuZ3RoIjoxNn0="»,
                    "salt": "RDjPoegVPyUfg+GCSmpxZAYZS0C+MzP9N8DofLArVas=", "nonce": "qGcbnzticTfgU1y+iCQkE9gUbJILMCu/",
                    "ciphertext": "utEEaFgHWOkAnN9WFHiITJkTFfgYv5t9Fxgjmg==" }"#,
            )]),
        ],
        good: &[
            Example::files(&[(
                "state/sessions.json",
                r#"{ "$encrypted": true, "version": 1, "algorithm": "xchacha20-poly1305", "kdf": "argon2id",
                    "kdfParams": "eyJtZW1vcnkiOjY1NTM2LCJpdGVyYXRpb25zIjozLCJwYXJhbGxlbGlzbSI6NCwia2V5TGVuZ3RoIjozMn0=",
                    "salt": "RDjPoegVPyUfg+GCSmpxZAYZS0C+MzP9N8DofLArVas=", "nonce": "qGcbnzticTfgU1y+iCQkE9gUbJILMCu/",
                    "ciphertext": "utEEaFgHWOkAnN9WFHiITJkTFfgYv5t9Fxgjmg==" }"#,
            )]),
            Example::files(&[("data.json", r#"{ "$encrypted": false, "kdfParams": "e30=", "salt": "AA==" }"#)]),
        ],
        check: Check::Document(STORES, weak),
        ..Rule::DEFAULT
    },
    Rule {
        id: "credentials.unknown_encryption",
        summary: "A store calls itself encrypted in a way that nothing reads",
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[327],
        why: "ClosedClaw reads XChaCha20-Poly1305 with a key by Argon2id, and nothing else. Such a file cannot be opened any \
              more, or it was written by a program of unknown strength.",
        remedy: "Find out what wrote the file, and encrypt the store again with ClosedClaw.",
        bad: &[
            Example::files(&[(
                "state/sessions.json",
                r#"{ "$encrypted": true, "version": «2», "algorithm": «"aes-128-ecb"», "kdf": «"md5"»,
                    "kdfParams": «"not json"», "salt": "RDjPoegVPyUfg+GCSmpxZA==", "nonce": «"qGcb"», "ciphertext": «"AA=="» }"#,
            )]),
            Example::files(&[("state/sessions.json", r#"{ «"$encrypted"»: true, "data": "AA==" }"#)]),
        ],
        good: &[Example::files(&[(
            "state/sessions.json",
            r#"{ "$encrypted": true, "version": 1, "algorithm": "xchacha20-poly1305", "kdf": "argon2id",
                "kdfParams": "eyJtZW1vcnkiOjgsIml0ZXJhdGlvbnMiOjEsInBhcmFsbGVsaXNtIjoxLCJrZXlMZW5ndGgiOjMyfQ==",
                "salt": "1OhTBaGqzR0=", "nonce": "oiMUTyUwCWlGCmhRUueUK9xGw/o7mh2h",
                "ciphertext": "utEEaFgHWOkAnN9WFHiITJkTFfgYv5t9Fxgjmg==" }"#,
        )])],
        check: Check::Document(STORES, unknown),
        ..Rule::DEFAULT
    },
    Rule {
        id: "credentials.plaintext_backup",
        summary: "A plain copy lies beside an encrypted store",
        severity: Severity::Critical,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        cwe: &[312, 540],
        why: "ClosedClaw leaves a .bak beside every store that it writes. One from before the encryption still holds \
              everything that the store hides.",
        remedy: "Remove the backup from git and from its history, and replace the credentials that it holds.",
        bad: &[
            Example::files(&[
                ("agents/main/sessions/sessions.json", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
                ("agents/main/sessions/sessions.json.bak", r#"«»{ "main": { "sessionId": "a" } }"#),
            ]),
            Example::files(&[
                ("cron/jobs.json", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
                ("cron/jobs.json.bak", "«»plain, but no JSON"),
            ]),
        ],
        good: &[
            Example::files(&[
                ("sessions.json", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
                ("sessions.json.bak", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
                ("cron/jobs.json", r#"{ "version": 1, "jobs": [] }"#),
                ("cron/jobs.json.bak", r#"{ "version": 1, "jobs": [] }"#),
            ]),
            Example::files(&[
                (".gitignore", "*.bak\n"),
                ("sessions.json", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
                ("sessions.json.bak", r#"{ "main": {} }"#),
            ]),
            Example::files(&[
                ("sessions.json", r#"{ "$encrypted": true, "ciphertext": "AA==" }"#),
                ("sessions.json.bak", " \n"),
            ]),
        ],
        check: Check::Document(&[DocumentKind::StoreBackup], plaintext_backup),
        ..Rule::DEFAULT
    },
    Rule {
        id: "credentials.key_age",
        summary: "The key of an encrypted store is old",
        severity: Severity::Info,
        hygiene: true,
        profiles: Profiles::OURS,
        scope: Scope::Secrets,
        why: "Every copy of the file that ever left this repository opens with the same passphrase. The age is that at --now, else at \
              SOURCE_DATE_EPOCH, else now.",
        remedy: "Choose a new passphrase and encrypt the store again.",
        bad: &[Example::files(&[(
            "state/sessions.json",
            r#"{ "$encrypted": true, "version": 1, "keyCreatedAt": «"2025-11-21T07:49:03.345Z"» }"#,
        )])],
        good: &[
            Example::files(&[(
                "state/sessions.json",
                r#"{ "$encrypted": true, "version": 1, "keyCreatedAt": "2026-11-21T07:49:03.345Z" }"#,
            )]),
            Example::files(&[("state/sessions.json", r#"{ "$encrypted": true, "keyCreatedAt": "last year" }"#)]),
        ],
        check: Check::Document(STORES, key_age),
        ..Rule::DEFAULT
    },
];

/// The envelope of a store; none when the file does not call itself encrypted.
fn envelope(document: &Document) -> Option<Found<'_>> {
    document.root().filter(|root| !document.sample && root.get("$encrypted").is_true())
}

/// The parameters of the key derivation: JSON in base64.
fn parameters(envelope: &Found<'_>) -> Option<Json> {
    let bytes = base64(envelope.get("kdfParams").str()?.trim())?;
    serde_json::from_slice(&bytes).ok().filter(Json::is_object)
}

fn weak(document: &Document, _: &Project, report: &mut Report) {
    let Some(envelope) = envelope(document) else { return };
    // What is no Argon2id has other parameters, and a rule of its own.
    if let Some(parameters) = parameters(&envelope).filter(|_| envelope.get("kdf").is("argon2id")) {
        let number = |key: &str| parameters.get(key).and_then(Json::as_u64);
        let mut faults = Vec::new();
        if number("memory").is_none_or(|memory| memory < LEAST_MEMORY) {
            faults.push(format!("memory is below {LEAST_MEMORY} KiB"));
        }
        if number("iterations").is_none_or(|rounds| rounds < LEAST_ITERATIONS) {
            faults.push(format!("iterations are fewer than {LEAST_ITERATIONS}"));
        }
        if number("keyLength") != Some(KEY) {
            faults.push(format!("the key has not {KEY} bytes"));
        }
        if !faults.is_empty() {
            report.at(envelope.get("kdfParams").place(), format!("kdfParams: {}", faults.join(", ")));
        }
    }
    let salt = envelope.get("salt");
    if salt.str().and_then(base64).is_some_and(|bytes| bytes.len() < LEAST_SALT) {
        report.at(salt.place(), format!("salt has fewer than {LEAST_SALT} bytes"));
    }
}

fn unknown(document: &Document, _: &Project, report: &mut Report) {
    let Some(envelope) = envelope(document) else { return };
    let texts = ["algorithm", "kdf", "kdfParams", "salt", "nonce", "ciphertext"];
    let missing: Vec<&str> = texts.into_iter().filter(|key| !envelope.get(key).exists()).collect();
    if !missing.is_empty() {
        let message = format!("{} is missing", missing.join(", "));
        report.at(envelope.get("$encrypted").key_place(), message);
        return;
    }
    let is = |key: &'static str, expected: &str| envelope.get(key).is(expected);
    let size = |key: &'static str| envelope.get(key).str().and_then(base64).map(|bytes| bytes.len());
    let faults = [
        ("version", envelope.get("version").number() != Some(1.0), "is not 1"),
        ("algorithm", !is("algorithm", "xchacha20-poly1305"), "is not xchacha20-poly1305"),
        ("kdf", !is("kdf", "argon2id"), "is not argon2id"),
        ("kdfParams", parameters(&envelope).is_none(), "holds no parameters"),
        ("salt", size("salt").is_none(), "is no base64"),
        ("nonce", size("nonce") != Some(NONCE), "has not 24 bytes"),
        ("ciphertext", size("ciphertext").is_none_or(|size| size < TAG), "is too short to be authenticated"),
    ];
    for (key, wrong, how) in faults {
        if wrong {
            report.at(envelope.get(key).place(), format!("{key} {how}"));
        }
    }
}

fn plaintext_backup(document: &Document, project: &Project, report: &mut Report) {
    let encrypted = document.is_encrypted();
    let blank = document.source.bytes.iter().all(u8::is_ascii_whitespace);
    if document.sample || encrypted || blank || !project.live && is_ignored(project, &document.path) {
        return;
    }
    let store = document.path.trim_end_matches(".bak");
    let mut said = report.at(Place::span(document.span(0..0)), format!("{store} is encrypted, this copy of it is not"));
    if !project.live {
        said = said.maybe(leave_out(project, &document.path));
    }
    if let Some(place) = project.place_of(store) {
        said.related(&place, "the encrypted store");
    }
}

fn key_age(document: &Document, project: &Project, report: &mut Report) {
    let (Some(envelope), Some(now)) = (envelope(document), project.now) else { return };
    let created = envelope.get("keyCreatedAt");
    let Some(time) = created.str().and_then(|text| text.trim().parse::<jiff::Timestamp>().ok()) else { return };
    let days = now.duration_since(time).as_hours() / 24;
    if days > OLD {
        report.at(created.place(), format!("the key was made {days} days ago"));
    }
}
