//! Anchors of audit logs: what somebody has seen of a log against what there is.

use super::audit_lines::{anchor, entry};
use crate::model::audit_log::Anchor;
use crate::model::places::{dir_of, join};
use crate::rule::prelude::*;

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
        bad: &[Example::files(&[(
            "logs/audit.log.anchor.json",
            r#"{
  "kind": "clawsift-audit-anchor",
  "version": 1,
  "file": «"audit.log"»,
  "entries": 2,
  "headSeq": 2,
  "headHash": "c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48",
  "headTs": "2026-02-10T15:00:02.000Z",
  "bytes": 632,
  "sha256Prefix": "2015fbe070dc67f2b869db6871e29a58e7babc037fcb4574784990298cb3f0c3",
  "firstPrevHash": "0000000000000000000000000000000000000000000000000000000000000000"
}
"#,
        )])],
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
            (
                "audit.log.anchor.json",
                r#"«»{
  "kind": "clawsift-audit-anchor",
  "version": 2,
  "file": "audit.log",
  "entries": 2,
  "headSeq": 2,
  "headHash": "c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48",
  "headTs": "2026-02-10T15:00:02.000Z",
  "bytes": 632,
  "sha256Prefix": "2015fbe070dc67f2b869db6871e29a58e7babc037fcb4574784990298cb3f0c3",
  "firstPrevHash": "0000000000000000000000000000000000000000000000000000000000000000"
}
"#,
            ),
        ])],
        good: &[Example::files(&[
            ("audit.log", concat!(entry!(1), "\n", entry!(2), "\n")),
            ("audit.log.anchor.json", anchor!()),
        ])],
        check: Check::Document(&[DocumentKind::LogAnchor], anchor_invalid),
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
