//! Single entries of an audit log: what their hashes say nothing of.

use super::audit_lines::{entry, log};
use super::audit_log::with_more;
use crate::model::audit_log::FIELDS;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "audit_log.seq_gap",
        summary: "Sequence numbers or times of an audit log are out of order",
        severity: Severity::Warn,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345],
        why: "The chain does not cover what was left out before an entry was hashed. A number is also lost when the logger \
              fails to write an entry, and clocks are set back.",
        remedy: "Find out what the missing numbers were about.",
        bad: &[
            log!(
                entry!(1),
                entry!(2),
                r#"{"seq":«5»,"ts":"2026-02-10T15:00:05.000Z","type":"tool_exec","severity":"info","summary":"step 5","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48","hash":"5c825a642efe19c647a8d78c1a93f0ac176ba873436f07acd7d0f59e7d918ff5"}"#
            ),
            log!(
                entry!(1),
                entry!(2),
                r#"{"seq":3,"ts":«"2026-02-10T14:00:00.000Z"»,"type":"tool_exec","severity":"info","summary":"step 3","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48","hash":"37f0d30983418daa70a97595fbfab95adef2199d735e67c5dee91abdc6ff3c88"}"#
            ),
        ],
        good: &[log!(entry!(1), entry!(2), entry!(3)), log!(entry!(3), entry!(4)), log!(entry!(1), entry!(again 1))],
        check: Check::Log(order),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.malformed",
        summary: "A line of an audit log is no entry that the logger writes",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345],
        why: "ClosedClaw reads nothing of a log in which one line is no JSON. Of an entry without the usual fields, or with \
              words it does not know, its commands show nothing or the wrong thing.",
        remedy: "Compare the line with a copy from elsewhere; if a write was interrupted, move the line out of the log.",
        bad: &[
            log!(entry!(1), "«o»ops", entry!(2)),
            log!(
                r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":«"tool_run"»,"severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"ba94e49f346ca5d86eb1ccaa22bf72c651595307ed27f215a4d0bbce392cf2c9"}"#
            ),
            log!(entry!(1), "«4»2"),
            log!(
                r#"{"seq":«"1"»,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"}"#
            ),
        ],
        good: &[log!(entry!(1), entry!(2)), log!(entry!(1), "", entry!(2))],
        check: Check::Log(malformed),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.unhashed_field",
        summary: "An entry of an audit log has a field that its hash does not cover",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[353],
        why: "The logger writes eleven fields and hashes ten of them. Anything else may be added, changed or removed \
              without breaking the chain.",
        remedy: "Do not believe the field, and find out who added it.",
        bad: &[log!(
            r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6",«"Summary"»:"x"}"#
        )],
        good: &[log!(entry!(1))],
        check: Check::Log(unhashed),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.duplicate_key",
        summary: "An entry of an audit log has the same key twice",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[436],
        why: "The hash covers the last value alone. Tools and readers that take the first one see what nobody logged.",
        remedy: "Do not believe the first value, and find out who added it.",
        bad: &[log!(
            r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{«"command"»:"ls","command":"curl"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"b7bd8c5c7777bd120eb10c01a1a1cdbc90406a72b96ddfe7c1ae032c983c44aa"}"#
        )],
        good: &[log!(
            r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"command":"curl"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"b7bd8c5c7777bd120eb10c01a1a1cdbc90406a72b96ddfe7c1ae032c983c44aa"}"#
        )],
        check: Check::Log(duplicate),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.lossy_value",
        summary: "A value in an audit log may have been another one",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[681],
        why: "The hash is made of what JavaScript holds. Several long numbers become the same one, those too large become \
              null, and bytes that are no UTF-8 become U+FFFD, so any of them may be written without breaking the chain.",
        remedy: "Write large numbers as texts, and compare the entry with a copy from elsewhere.",
        bad: &[log!(
            r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"id":«9007199254740993»},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"f67757cb0754694c7478ccc29db623525bdd01b1c2961448680f74ff2286dfbd"}"#
        )],
        good: &[log!(
            r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"id":9007199254740992},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"f67757cb0754694c7478ccc29db623525bdd01b1c2961448680f74ff2286dfbd"}"#
        )],
        check: Check::Log(lossy),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.future_time",
        summary: "An entry of an audit log is dated in the future",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        cwe: &[345],
        why: "A filter by time does not find it, and a clock that was set wrong hides when things happened.",
        remedy: "Find out which clock the entry was written by.",
        bad: &[log!(
            r#"{"seq":1,"ts":«"2199-01-01T00:00:00.000Z"»,"type":"tool_exec","severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"2c695e952d0ff49ce2979e0c65bc49952bb0a14514dd85f87a5e190e8dd7664c"}"#
        )],
        good: &[log!(entry!(1))],
        check: Check::Log(future),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.no_final_newline",
        summary: "The last line of an audit log has no end",
        severity: Severity::Warn,
        hygiene: true,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        why: "The logger writes the next entry onto the same line, and from then on ClosedClaw cannot read the log.",
        remedy: "Append a newline while the gateway does not run.",
        bad: &[Example::files(&[("audit.log", concat!(entry!(1), "«»"))])],
        good: &[log!(entry!(1))],
        check: Check::Log(no_final_newline),
        ..Rule::DEFAULT
    },
    Rule {
        id: "audit_log.rewritten",
        summary: "An audit log went through a program that is not the logger",
        severity: Severity::Info,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        scope: Scope::Logs,
        why: "The entries still hash to the same, but they are not written as the logger writes them. An editor or a \
              conversion of line endings does that; so does whoever wants to change what the hash does not cover.",
        remedy: "Mark logs as binary in .gitattributes, and keep them out of formatters.",
        bad: &[
            log!(
                r#"{"seq":1,« »"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"}"#
            ),
            log!(
                r#"{"seq":1«e»0,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"}"#
            ),
            Example::files(&[("audit.log", concat!(entry!(1), "«\r»\n"))]),
        ],
        good: &[
            log!(entry!(1), entry!(2)),
            log!(
                r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"id":9007199254740992},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"f67757cb0754694c7478ccc29db623525bdd01b1c2961448680f74ff2286dfbd"}"#
            ),
        ],
        check: Check::Log(rewritten),
        ..Rule::DEFAULT
    },
];

fn order(log: &AuditLog, report: &mut Report) {
    for event in &log.events {
        let message = match event.fault {
            Fault::Sequence { expected, found } => format!("seq is {found} where {expected} is next"),
            Fault::Backwards => "the entry is dated before the one that it follows".to_owned(),
            _ => continue,
        };
        report.at(event.place(), with_more(message, event.more));
    }
}

fn malformed(log: &AuditLog, report: &mut Report) {
    for event in &log.events {
        let message = match &event.fault {
            Fault::Unreadable { glued: true, .. } => {
                "several entries stand on this line: the newline between them is missing".to_owned()
            }
            Fault::Unreadable { torn: true, .. } => "the last line was not written to its end".to_owned(),
            Fault::Unreadable { reason, .. } => format!("the line is no JSON: {reason}"),
            Fault::Remark(what) => match said(*what) {
                Some(message) => message,
                None => continue,
            },
            _ => continue,
        };
        report.at(event.place(), with_more(message, event.more));
    }
}

fn said(what: What) -> Option<String> {
    let name = |index: u8| FIELDS.get(usize::from(index)).copied().unwrap_or_default();
    Some(match what {
        What::NotAnObject => "the line is JSON, but no entry".to_owned(),
        What::Export => "the line is a JSON export, not an entry of a log".to_owned(),
        What::Missing(index) => format!("the entry has no {}", name(index)),
        What::WrongType(0) => "seq is not a whole number above zero".to_owned(),
        What::WrongType(5) => "details is not an object".to_owned(),
        What::WrongType(index) => format!("{} is not a text", name(index)),
        What::UnknownType => "type is none that the logger knows".to_owned(),
        What::UnknownSeverity => "severity is none that the logger knows".to_owned(),
        What::NoTime => "ts is no time".to_owned(),
        What::Deep => "the entry is nested so deeply that older versions of Node cannot verify it".to_owned(),
        _ => return None,
    })
}

/// One message for every remark of a kind.
fn all(log: &AuditLog, report: &mut Report, wanted: What, message: &str) {
    for event in log.events(|fault| *fault == Fault::Remark(wanted)) {
        report.at(event.place(), with_more(message.to_owned(), event.more));
    }
}

fn unhashed(log: &AuditLog, report: &mut Report) {
    all(log, report, What::UnknownField, "the field is not hashed");
}

fn duplicate(log: &AuditLog, report: &mut Report) {
    all(log, report, What::DuplicateKey, "the key stands again further on, and only the last value is hashed");
}

fn lossy(log: &AuditLog, report: &mut Report) {
    all(log, report, What::LossyNumber, "JavaScript holds another number than is written");
    all(log, report, What::NotUtf8, "the bytes are not UTF-8, and the hash is that of U+FFFD in their place");
}

fn future(log: &AuditLog, report: &mut Report) {
    for event in log.events(|fault| *fault == Fault::Future) {
        report.at(event.place(), with_more("ts is in the future".to_owned(), event.more));
    }
}

fn no_final_newline(log: &AuditLog, report: &mut Report) {
    for event in log.events(|fault| *fault == Fault::NoFinalNewline) {
        report.at(event.place(), format!("line {} has no newline", event.line));
    }
}

fn rewritten(log: &AuditLog, report: &mut Report) {
    for event in &log.events {
        let message = match event.fault {
            Fault::Remark(What::CarriageReturn) => "the line ends with a carriage return",
            Fault::Remark(What::FieldOrder) => "the fields stand in another order than the logger writes them in",
            Fault::Remark(What::Spelling) => "the line is not spelt as the logger spells it",
            Fault::Remark(What::Padding) => "white space follows the entry",
            Fault::Remark(What::OtherTime) => "ts is not in the form that the logger writes",
            Fault::ByteOrderMark => "the file begins with a byte order mark",
            _ => continue,
        };
        report.at(event.place(), with_more(message.to_owned(), event.more));
    }
}
