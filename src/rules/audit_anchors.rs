//! Anchors of audit logs: what somebody has seen of a log against what there is.

use super::audit_lines::{anchor, anchor_keyring, attested, entry};
use crate::model::audit_log::Anchor;
use crate::model::audit_log::attested::{Attested, attested};
use crate::path::{dir_of, join};
use crate::rule::prelude::*;
use crate::signature::Envelope;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "audit_log.anchor_broken",
        summary: "An audit log is not what its anchor has seen",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345, 353],
        why: "A log that lost its end, or that was hashed anew from some entry on, is a whole chain again. Only what was \
              noted of it elsewhere tells.",
        remedy: "Compare the log with a copy from elsewhere. If the change was meant, write a new anchor with clawsift log anchor.",
        bad: &[
            Example::files(&[("audit.log", concat!("«»", entry!(1), "\n")), ("audit.log.anchor.json", anchor!())]),
            Example::files(&[
                (
                    "audit.log",
                    concat!(
                        entry!(1),
                        "\n",
                        r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"step 3","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48","hash":«"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da"»}"#,
                        "\n"
                    ),
                ),
                ("audit.log.anchor.json", anchor!()),
            ]),
            Example::files(&[
                ("audit.log", concat!("«» ", entry!(1), "\n", entry!(2), "\n")),
                ("audit.log.anchor.json", anchor!()),
            ]),
        ],
        good: &[
            Example::files(&[
                ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n", entry!(3), "\n")),
                ("audit.log.anchor.json", anchor!()),
            ]),
            Example::files(&[("audit.log", concat!(entry!(3), "\n")), ("audit.log.anchor.json", anchor!())]),
        ],
        check: Check::Log(anchor_broken),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.rotated",
        summary: "An audit log goes on where the anchored one ended",
        severity: Severity::Info,
        hygiene: true,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        why: "The entries that the anchor has seen are no longer in this file. A rotation does that.",
        remedy: "Keep the rotated file, verify it against the anchor, and write a new anchor of this one.",
        bad: &[Example::files(&[("audit.log", concat!("«»", entry!(3), "\n")), ("audit.log.anchor.json", anchor!())])],
        good: &[Example::files(&[
            ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n", entry!(3), "\n")),
            ("audit.log.anchor.json", anchor!()),
        ])],
        check: Check::Log(rotated),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.log_missing",
        summary: "An anchored audit log is gone",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[353],
        why: "ClosedClaw finds nothing wrong with a log that is not there.",
        remedy: "Bring the log back, or remove the anchor if the log was retired on purpose.",
        bad: &[Example::files(&[("logs/audit.log.anchor.json", anchor!("", "1", r#"«"audit.log"»"#))])],
        good: &[Example::files(&[
            ("logs/audit.log", concat!(entry!(1), "\n", entry!(2), "\n")),
            ("logs/audit.log.anchor.json", anchor!()),
        ])],
        check: Check::Document(&[DocumentKind::LogAnchor], log_missing),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.anchor_invalid",
        summary: "The anchor of an audit log cannot be used",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[353],
        why: "The log beside it is held to nothing, whatever the anchor was meant to say.",
        remedy: "Write the anchor anew with clawsift log anchor.",
        bad: &[Example::files(&[
            ("audit.log", concat!(entry!(1), "\n")),
            ("audit.log.anchor.json", anchor!("«»", "2", r#""audit.log""#)),
        ])],
        good: &[Example::files(&[
            ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n")),
            ("audit.log.anchor.json", anchor!()),
        ])],
        check: Check::Document(&[DocumentKind::LogAnchor], anchor_invalid),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.anchor_signature",
        summary: "The signature of an anchor does not hold",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345],
        why: "Whoever can write the log and its anchor can make them fit. A signature by a key that is kept elsewhere says who \
              has seen the log so.",
        remedy: "Find out who changed the anchor. To sign a new one, use clawsift log anchor --key.",
        bad: &[
            Example::files(&[
                ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n", entry!(3), "\n")),
                ("audit.log.anchor.json", concat!(anchor!(), " ")),
                (
                    "audit.log.anchor.json.sig",
                    r#"-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----
Algorithm: ed25519
Signer: Alice
Key-ID: 7599776c3085e3f9da0d13071eb0b4ab50fd2bf64c06dd92c2365af3a328eca3
Timestamp: 2026-02-10T15:00:05.000Z

«woVAJT6j6CnQIGeBFG97AwwosH0sw06KMUCOUVEgoFfGvgOo5ECAA/xBL6j51VVwCd5yW0GOCV5/PGKmiR81AQ==»
-----END CLOSEDCLAW SKILL SIGNATURE-----
"#,
                ),
                (".closedclaw/trusted-keys.json", anchor_keyring!()),
            ]),
            Example::files(&[
                ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n")),
                ("audit.log.anchor.json", anchor!()),
                (
                    "audit.log.anchor.json.sig",
                    r#"-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----
Algorithm: ed25519
Signer: Alice
Key-ID: «7599776c3085e3f9da0d13071eb0b4ab50fd2bf64c06dd92c2365af3a328eca3»
Timestamp: 2026-02-10T15:00:05.000Z

woVAJT6j6CnQIGeBFG97AwwosH0sw06KMUCOUVEgoFfGvgOo5ECAA/xBL6j51VVwCd5yW0GOCV5/PGKmiR81AQ==
-----END CLOSEDCLAW SKILL SIGNATURE-----
"#,
                ),
                (".closedclaw/trusted-keys.json", r#"{"version":1,"keys":{}}"#),
            ]),
            Example::files(&[
                ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n")),
                ("audit.log.anchor.json", anchor!()),
                ("audit.log.anchor.json.sig", "«signed by me»\n"),
            ]),
        ],
        good: &[Example::files(&[
            ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n", entry!(3), "\n")),
            ("audit.log.anchor.json", anchor!()),
            ("audit.log.anchor.json.sig", attested!()),
            (".closedclaw/trusted-keys.json", anchor_keyring!()),
        ])],
        check: Check::Document(&[DocumentKind::AnchorSignature], anchor_signature),
        ..Rule::DEFAULT
    },
];

fn anchor_broken(log: &AuditLog, report: &mut Report) {
    let from = &log.anchor_path;
    for event in &log.events {
        let message = match event.fault {
            Fault::Truncated { anchored, left } => {
                format!("{left} of the {anchored} entries that {from} has seen are left")
            }
            Fault::Rewritten { entry } => format!("entry {entry} is not the one that {from} has seen"),
            Fault::Respelled { line_ends: true } => {
                format!(
                    "since {from} was made, every line end was changed: `{} -text` in .gitattributes stops git from it",
                    log.path
                )
            }
            Fault::Respelled { line_ends: false } => {
                format!("the entries up to the one that {from} has seen hash to the same, but their bytes were changed")
            }
            _ => continue,
        };
        let harmless = event.fault == Fault::Respelled { line_ends: true };
        report.at(event.place(), message).severity(if harmless { Severity::Warn } else { Severity::Critical });
    }
}

fn rotated(log: &AuditLog, report: &mut Report) {
    for event in log.events(|fault| *fault == Fault::Rotated) {
        report.at(event.place(), format!("the first entry follows the last one that {} has seen", log.anchor_path));
    }
}

fn log_missing(document: &Document, project: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    let Ok(anchor) = Anchor::parse(document.text()) else { return };
    let path = join(dir_of(&document.path), &anchor.file);
    if project.tree.get(&path).is_none() {
        let place = document.root().map(|root| root.at("file").place());
        let place = place.unwrap_or_else(|| Place::span(document.span(0..0)));
        report.at(place, format!("{path} is not there"));
    }
}

fn anchor_invalid(document: &Document, _: &Project, report: &mut Report) {
    if let Err(reason) = Anchor::parse(document.text()) {
        report.at(Place::span(document.span(0..0)), reason);
    }
}

fn anchor_signature(document: &Document, project: &Project, report: &mut Report) {
    if document.sample {
        return;
    }
    let path = document.path.strip_suffix(".sig").unwrap_or_default();
    let Some(anchor) = project.document(path) else {
        let place = Place::span(document.span(0..0));
        report.at(place, format!("{path} is not there")).severity(Severity::Warn);
        return;
    };
    let envelope = match Envelope::parse(document.text()) {
        Ok(envelope) => envelope,
        Err(malformed) => {
            report.at(Place::span(document.span(malformed.at)), malformed.message);
            return;
        }
    };
    let key = envelope.header("key-id").map_or(0..0, |header| header.value_at.clone());
    let (at, message) = match attested(&anchor.source.bytes, &envelope, project.keyring_of(dir_of(path))) {
        Attested::Valid => return,
        Attested::Forged => (envelope.body_at.clone(), "the signature does not fit the anchor"),
        Attested::NoKeyring => (key, "there is no keyring to verify it with"),
        Attested::UnknownKey => (key, "the key is not in the keyring"),
        Attested::Untrusted => (key, "the keyring does not trust the key"),
        Attested::NoKey => (key, "what the keyring holds under this id is no Ed25519 key"),
    };
    let forged = at == envelope.body_at;
    let severity = if forged { Severity::Critical } else { Severity::Warn };
    report.at(Place::span(document.span(at)), message).severity(severity);
}
