//! The chain of an audit log: what was changed, removed or begun anew since it was written.

use super::audit_lines::{anchor, entry, log};
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "audit_log.chain_broken",
        summary: "An audit log was changed after it was written",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345, 353],
        why: "Each entry is hashed together with the hash of the one before. An entry whose hash does not fit, or that \
              follows none that is there, was changed, moved or put in by something other than the logger, or others \
              were taken out.",
        remedy: "Compare the log with a copy from elsewhere, and find out who could write to it.",
        bad: &[
            log!(
                entry!(1),
                r#"{"seq":2,"ts":"2026-02-10T15:00:02.000Z","type":"tool_exec","severity":"info","summary":"step two","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6","hash":«"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"»}"#,
                entry!(3)
            ),
            log!(
                entry!(1),
                r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"step 3","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":«"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"»,"hash":"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da"}"#,
                entry!(4)
            ),
            log!(
                entry!(1),
                r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"step 3","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":«"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"»,"hash":"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da"}"#,
                entry!(2)
            ),
            log!(
                entry!(1),
                entry!(2),
                r#"{"seq":2,"ts":"2026-02-10T15:00:02.000Z","type":"tool_exec","severity":"info","summary":"step 2","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":«"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"»,"hash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"}"#,
                entry!(3)
            ),
            log!(
                entry!(1),
                r#"«{»"seq":2,"ts":"2026-02-10T15:00:02.000Z","type":"tool_exec","severity":"info","summary":"step 2","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"}"#,
                entry!(3)
            ),
        ],
        good: &[log!(entry!(1), entry!(2), entry!(3)), log!(entry!(2), entry!(3)), log!(entry!(1), entry!(again 1))],
        check: Check::Log(chain_broken),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.forked",
        summary: "Two chains in an audit log begin at the same entry",
        severity: Severity::Warn,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345],
        why: "Two processes that append to one log, such as the gateway and the command line, each go on from the entry \
              they saw last. ClosedClaw's verifier refuses such a log, and an entry that somebody put in looks the same.",
        remedy: "Let one process write the log, and look at the entries of the shorter chain.",
        bad: &[
            log!(
                entry!(1),
                entry!(2),
                entry!(3),
                r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"other writer","details":{"tool":"bash","result":"success"},"actor":"cli:configure","prevHash":«"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"»,"hash":"9d6833c6b5a19cabbba2fae0bcc615ff1e5d409900ebab5445f5ac2549a50019"}"#
            ),
            log!(
                entry!(1),
                r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"started again","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":«"0000000000000000000000000000000000000000000000000000000000000000"»,"hash":"7cbd7d94898fca1e5a5a35047335c54e4204202408ce34e8585b8f4fca4e0bc8"}"#,
                entry!(2)
            ),
        ],
        good: &[log!(entry!(1), entry!(2), entry!(3)), log!(entry!(1), entry!(2), entry!(2))],
        check: Check::Log(forked),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.restarted",
        summary: "A new chain begins in the middle of an audit log",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345],
        why: "The logger begins anew when it cannot read the last line. Nothing links the entries before with those \
              after, so entries may be missing between them, and ClosedClaw's verifier refuses the file.",
        remedy: "Keep the part before apart from the part after, and anchor both.",
        bad: &[log!(
            entry!(1),
            entry!(2),
            r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"started again","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":«"0000000000000000000000000000000000000000000000000000000000000000"»,"hash":"7cbd7d94898fca1e5a5a35047335c54e4204202408ce34e8585b8f4fca4e0bc8"}"#
        )],
        good: &[log!(entry!(1), entry!(2), entry!(3)), log!(entry!(2), entry!(3))],
        check: Check::Log(restarted),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.missing_head",
        summary: "An audit log begins in the middle of a chain",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[353],
        why: "What came before is in another file, as after a rotation, or was cut off: the file itself cannot tell.",
        remedy: "Give the hash it has to follow with --prev-hash, or commit an anchor of the file before it.",
        bad: &[log!(
            r#"{"seq":2,"ts":"2026-02-10T15:00:02.000Z","type":"tool_exec","severity":"info","summary":"step 2","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":«"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"»,"hash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"}"#,
            entry!(3)
        )],
        good: &[
            log!(entry!(1), entry!(2)),
            Example::files(&[
                (
                    "audit.log",
                    concat!(
                        r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"step 3","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48","hash":"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da"}"#,
                        "\n",
                        r#"{"seq":4,"ts":"2026-02-10T15:00:04.000Z","type":"tool_exec","severity":"info","summary":"step 4","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da","hash":"4c8dd579361c61fe0fa3df11b07283f818ce670ada6a30b529322bf8ac4c73bb"}"#,
                        "\n"
                    ),
                ),
                ("audit.log.anchor.json", anchor!()),
            ]),
        ],
        check: Check::Log(missing_head),
        ..Rule::DEFAULT
    },
];

fn chain_broken(log: &AuditLog, report: &mut Report) {
    for event in &log.events {
        let severity = match &event.fault {
            Fault::AfterUnreadable { .. } => Severity::Warn,
            _ => Severity::Critical,
        };
        let message = match &event.fault {
            Fault::Altered { hash_alone: true } => {
                "the hash of this entry was changed: its content gives the hash that the next entry follows".to_owned()
            }
            Fault::Altered { hash_alone: false } => "the content of this entry does not give its hash".to_owned(),
            Fault::NoHash => "the entry has no hash".to_owned(),
            Fault::NoLink => "the entry does not say which one it follows".to_owned(),
            Fault::Removed { after, count } => {
                let many = match count {
                    Some(1) => "1 entry is".to_owned(),
                    Some(count) => format!("{count} entries are"),
                    None => "entries are".to_owned(),
                };
                format!("{many} missing between the one on line {after} and this")
            }
            Fault::Replaced { before } => {
                format!("the entry on line {before} is not the one that this was written after")
            }
            Fault::Misplaced { follows } => {
                format!("the entry stands before the one that it follows, on line {follows}")
            }
            Fault::Repeated { of } => format!("the entry on line {of} stands here again"),
            Fault::AfterUnreadable { line } => {
                format!("the entry cannot be linked with those before line {line}, which cannot be read")
            }
            Fault::WrongStart => "the first entry does not follow the hash that was asked for".to_owned(),
            _ => continue,
        };
        report.at(event.place(), with_more(message, event.more)).severity(severity);
    }
}

/// Says how many more there are.
pub(super) fn with_more(message: String, more: u64) -> String {
    match more {
        0 => message,
        1 => format!("{message}; and 1 more"),
        more => format!("{message}; and {more} more"),
    }
}

fn forked(log: &AuditLog, report: &mut Report) {
    for event in &log.events {
        let Fault::Forked { from } = event.fault else { continue };
        let message = match from {
            Some(line) => format!("another entry follows the one on line {line}, too"),
            None => "another chain begins while the first one goes on".to_owned(),
        };
        report.at(event.place(), with_more(message, event.more));
    }
}

fn restarted(log: &AuditLog, report: &mut Report) {
    for event in log.events(|fault| *fault == Fault::Restarted) {
        report.at(event.place(), with_more("a new chain begins here".to_owned(), event.more));
    }
}

fn missing_head(log: &AuditLog, report: &mut Report) {
    for event in log.events(|fault| *fault == Fault::MissingHead) {
        report.at(event.place(), "the first entry follows one that is not in the file");
    }
}
