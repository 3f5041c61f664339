//! `log stats`: counts; with `--verify` the chain is really verified.

use std::fmt::Write as _;
use std::io::Write;

use serde_json::{Map, Value, json};

use super::{Done, Trouble, anchored, log_or_default, shown, unreadable};
use crate::cli::log::{Stats as Args, TextOrJson};
use crate::judge::exit;
use crate::load::audit_log::{self, Place, Request};
use crate::model::audit_log::AuditLog;
use crate::report::escape;

/// Counts the entries of a log.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Done, Trouble> {
    let path = log_or_default(args.file.as_ref().or(args.log.as_ref()))?;
    let anchor_path = anchored::beside(&path);
    let mut request = Request::default();
    if args.verify && anchor_path.exists() {
        match anchored::read(&anchor_path) {
            Ok(anchor) => request.anchor = Some((anchor, shown(&anchor_path))),
            Err(reason) => return Ok(Done::with(exit::INCOMPLETE).note(format!("{}: {reason}", shown(&anchor_path)))),
        }
    }
    let walked = match audit_log::walk(&Place::Disk(path.clone()), &shown(&path), &request) {
        Ok(walked) => walked,
        Err(reason) => return Ok(Done::with(unreadable(&path)).note(format!("{}: {reason}", shown(&path)))),
    };
    let log = &walked.log;
    if args.json || args.format == TextOrJson::Json {
        writeln!(out, "{}", escape::json(format!("{:#}", document(log))))?;
    } else {
        out.write_all(text(log).as_bytes())?;
    }
    let mut done = Done::with(exit::CLEAN);
    if log.unreadable > 0 || !log.incomplete.is_empty() {
        done = Done::with(exit::INCOMPLETE).note(format!("{}: a part of the log cannot be read", log.path));
    } else if args.verify && !log.is_intact() {
        done.code = exit::FINDINGS;
    }
    Ok(done)
}

fn document(log: &AuditLog) -> Value {
    let counts = |counts: Vec<(String, u64)>| {
        counts.into_iter().map(|(word, count)| (word, Value::from(count))).collect::<Map<_, _>>()
    };
    let mut document = json!({"totalEntries": log.entries, "fileSizeBytes": log.size});
    let Some(object) = document.as_object_mut() else { return document };
    if let Some((first, last)) = &log.ends {
        object.insert("firstEntry".to_owned(), first.ts.clone().into());
        object.insert("lastEntry".to_owned(), last.ts.clone().into());
    }
    object.insert("byType".to_owned(), counts(log.stats.by_type()).into());
    object.insert("bySeverity".to_owned(), counts(log.stats.by_severity()).into());
    object.insert("integrityOk".to_owned(), log.is_intact().into());
    document
}

fn text(log: &AuditLog) -> String {
    let mut text = String::from("Audit Log Statistics\n\n");
    let time = |ts: &Option<String>| {
        let ts = ts.clone().unwrap_or_default();
        escape::line(&ts.get(..19).map_or_else(|| ts.clone(), |ts| ts.replace('T', " "))).into_owned()
    };
    let _ = writeln!(text, "Log path: {}", escape::path(&log.path));
    let _ = writeln!(text, "Total entries: {}", log.entries);
    let _ = writeln!(text, "File size: {}", size(log.size));
    if let Some((first, last)) = &log.ends {
        let _ = writeln!(text, "First entry: {}\nLast entry: {}", time(&first.ts), time(&last.ts));
    }
    let mut kinds = log.stats.by_type();
    // The sort keeps the order of their first entries among equals.
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut severities = log.stats.by_severity();
    let rank = |word: &str| ["critical", "error", "warn", "info"].iter().position(|known| *known == word).unwrap_or(9);
    severities.sort_by_key(|(word, _)| rank(word));
    for (title, counts) in [("By Event Type", kinds), ("By Severity", severities)] {
        if !counts.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        for (word, count) in counts {
            let _ = writeln!(text, "  {:<20} {count}", escape::line(&word));
        }
    }
    let verdict = if log.is_intact() { "OK" } else { "FAILED (see clawsift log verify)" };
    let _ = writeln!(text, "\nIntegrity check: {verdict}");
    text
}

fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    let kib = bytes as f64 / 1024.0;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{kib:.1} KB"),
        _ => format!("{:.1} MB", kib / 1024.0),
    }
}
