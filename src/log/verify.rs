//! `log verify`: both verdicts about a log, and the findings of the rules about it.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::anchored::Attestation;
use super::{Done, Trouble, anchored, clock, log_or_default, shown, unreadable, verify_export, worse};
use crate::check::Plan;
use crate::cli::log::{FileKind, TextOrJson, Verify};
use crate::judge::{self, Verdict, exit};
use crate::load::audit_log::{self, Place, Request, Walked};
use crate::model::audit_log::{Anchor, AuditLog, Digest, Expect};
use crate::model::project::Project;
use crate::options::Options;
use crate::pipeline::logs;
use crate::report::{Format, Style, escape, json, render};
use crate::rule::Scope;

/// Verifies one file after the other.
pub(super) fn run(args: &Verify, out: &mut dyn Write) -> Result<Done, Trouble> {
    let mut files = args.files.clone();
    if files.is_empty() {
        files.push(log_or_default(None)?);
    }
    if files.len() > 1 && (args.anchor.is_some() || args.prev_hash.is_some()) {
        return Err(Trouble::Usage("--anchor and --prev-hash are about one log: name one".to_owned()));
    }
    let threads = args.jobs.unwrap_or(0).min(256);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Trouble::Usage(format!("cannot start worker threads: {error}")))?;
    let mut done = Done::with(exit::CLEAN);
    let mut documents = Vec::new();
    for path in &files {
        let one = pool.install(|| verify(path, args))?;
        done.code = worse(done.code, one.code);
        done.notes.extend(one.notes);
        documents.push(one.document);
        if !wants_json(args) {
            out.write_all(one.text.as_bytes())?;
        }
    }
    if wants_json(args) {
        let document = if documents.len() == 1 { documents.remove(0) } else { Value::Array(documents) };
        writeln!(out, "{}", escape::json(format!("{document:#}")))?;
    }
    Ok(done)
}

fn wants_json(args: &Verify) -> bool {
    args.json || args.format == TextOrJson::Json
}

/// What is said of one file.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) code: u8,
    pub(super) document: Value,
    pub(super) text: String,
    pub(super) notes: Vec<String>,
}

impl Said {
    /// A file that cannot be read.
    pub(super) fn unreadable(path: &Path, format: &str, message: &str) -> Self {
        let shown = shown(path);
        let document = json!({"file": shown, "format": format, "integrityOk": false, "error": message});
        let text = format!("{}: {}\n", escape::path(&shown), escape::line(message));
        Self { code: unreadable(path), document, text, notes: Vec::new() }
    }
}

fn verify(path: &Path, args: &Verify) -> Result<Said, Trouble> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let by_name = match extension.as_deref() {
        Some("json") => FileKind::Json,
        Some("csv") => FileKind::Csv,
        _ => FileKind::Jsonl,
    };
    match args.kind.unwrap_or(by_name) {
        FileKind::Jsonl => chain(path, args),
        FileKind::Json => Ok(verify_export::json(path)),
        FileKind::Csv => Ok(verify_export::csv(path, args.against.as_deref())),
    }
}

fn chain(path: &Path, args: &Verify) -> Result<Said, Trouble> {
    let anchor_path = args.anchor.clone().unwrap_or_else(|| anchored::beside(path));
    let wanted = args.anchor.is_some() || !args.no_anchor && anchor_path.exists();
    let anchor = match wanted.then(|| anchored::read(&anchor_path)) {
        Some(Err(reason)) => return Ok(Said::unreadable(&anchor_path, "anchor", &reason)),
        Some(Ok(anchor)) => Some(anchor),
        None => None,
    };
    let expect = Expect {
        prev: args.prev_hash.as_ref().and_then(|text| Digest::parse(text.as_bytes())),
        now: logs::horizon(args.now.unwrap_or_else(clock)),
        hashes: args.hashes,
        anchored: None,
    };
    let request = Request { expect, anchor: anchor.map(|anchor| (anchor, shown(&anchor_path))), whole: false };
    let walked = match audit_log::walk(&Place::Disk(path.to_path_buf()), &shown(path), &request) {
        Ok(walked) => walked,
        Err(message) => {
            let mut said = Said::unreadable(path, "jsonl", &message);
            // ClosedClaw takes a log that is not there for a whole one; it raises over a directory.
            let ok = (said.code == exit::NOTHING).then_some(true);
            let real = json!({"ok": ok, "entries": 0, "failureSeq": null, "failureKind": null, "failureLine": null});
            if let Some(object) = said.document.as_object_mut() {
                object.insert("entries".to_owned(), 0.into());
                object.insert("closedclaw".to_owned(), real);
            }
            return Ok(said);
        }
    };
    let mut said = say(&walked);
    if wanted {
        attest(&mut said, &anchored::attestation(&anchor_path, args.keyring.as_deref()));
    }
    if args.update_anchor && said.code == exit::CLEAN {
        said.notes.push(update(path, &anchor_path)?);
    } else if args.update_anchor {
        said.notes.push(format!("{}: not updated", shown(&anchor_path)));
    }
    Ok(said)
}

fn update(path: &Path, anchor_path: &Path) -> Result<String, Trouble> {
    let request = Request { whole: true, ..Request::default() };
    let walked = audit_log::walk(&Place::Disk(path.to_path_buf()), &shown(path), &request).map_err(Trouble::Usage)?;
    // It may have grown since it was verified.
    if !anchored::is_sound(&walked.log) {
        return Ok(format!("{}: not updated", shown(anchor_path)));
    }
    let anchor = Anchor::of(&walked.log, &anchored::name_of(path)).map_err(Trouble::Usage)?;
    if anchored::signature_of(anchor_path).exists() {
        return Ok(format!("{}: is signed, and was not written: see clawsift log anchor --key", shown(anchor_path)));
    }
    anchored::write(anchor_path, &anchor, None)?;
    Ok(format!("{}: written", shown(anchor_path)))
}

/// Adds what the signature of the anchor is worth.
fn attest(said: &mut Said, attestation: &Attestation) {
    if let Some(object) = said.document.as_object_mut() {
        let Attestation { word, signer, key_id, .. } = attestation;
        object.insert("anchorSignature".to_owned(), json!({"class": word, "signer": signer, "keyId": key_id}));
    }
    if attestation.word != "unsigned" || !attestation.holds {
        let _ = writeln!(said.text, "anchor signature: {}", attestation.word);
    }
    if !attestation.holds {
        said.code = worse(said.code, exit::FINDINGS);
        if let Some(intact) = said.document.get_mut("integrityOk") {
            *intact = false.into();
        }
    }
}

/// The rules about logs, as `check` runs them, on a log alone.
pub(super) fn judged(walked: &Walked) -> Verdict {
    let mut options = Options::new(Vec::new());
    options.scopes = vec![Scope::Logs];
    let plan = Plan::new(&options);
    judge::judge(logs::judge(walked, &Project::default(), &plan, &options), &options)
}

fn say(walked: &Walked) -> Said {
    let log = &walked.log;
    let verdict = judged(walked);
    let code = if !log.incomplete.is_empty() || log.unreadable > 0 {
        exit::INCOMPLETE
    } else if log.is_intact() {
        exit::CLEAN
    } else {
        exit::FINDINGS
    };
    let notes = walked.note.iter().map(|note| format!("{}: {note}", log.path)).collect();
    Said { code, document: document(log, &verdict), text: text(log, &verdict), notes }
}

fn document(log: &AuditLog, verdict: &Verdict) -> Value {
    let last = log.ends.as_ref().map(|(_, last)| last);
    let mut document = json!({
        "file": log.path,
        "format": "jsonl",
        "integrityOk": log.is_intact(),
        "entries": log.entries,
        "headSeq": last.and_then(|last| last.seq).map(number),
        "headHash": last.and_then(|last| last.hash).map(|hash| hash.to_string()),
        "headTs": last.and_then(|last| last.ts.clone()),
        "bytes": log.size,
        "closedclaw": real(log),
        "segments": log.segments.iter().map(|segment| json!({
            "firstLine": segment.first_line, "lastLine": segment.last_line, "kind": segment.kind,
        })).collect::<Vec<_>>(),
        "findings": verdict.shown.iter().map(json::finding).collect::<Vec<_>>(),
        "diagnostics": verdict.diagnostics.iter().map(|one| json!({
            "level": one.level.as_str(), "path": one.path, "message": one.message,
        })).collect::<Vec<_>>(),
    });
    if let Some(object) = document.as_object_mut() {
        if log.more_segments > 0 {
            object.insert("moreSegments".to_owned(), log.more_segments.into());
        }
        if log.anchor.is_some() {
            object.insert("anchor".to_owned(), log.anchor_path.clone().into());
        }
        if !log.computed.is_empty() {
            object.insert("computed".to_owned(), log.computed.iter().map(Digest::to_string).collect());
        }
    }
    document
}

/// What ClosedClaw's verifier answers.
fn real(log: &AuditLog) -> Value {
    let failure = log.real.failure.as_ref();
    let seq =
        failure.and_then(|failure| failure.seq.as_deref()).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut real = json!({
        "ok": log.real.ok,
        "entries": log.entries,
        "failureSeq": seq,
        "failureKind": failure.map(|failure| failure.kind),
        "failureLine": failure.map(|failure| failure.line),
    });
    if let (Some(object), Some(reason)) = (real.as_object_mut(), log.real.refusal) {
        object.insert("reason".to_owned(), reason.into());
    }
    real
}

/// A number as JSON writes it: whole ones without a fraction.
pub(super) fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return format!("{value:.0}").parse::<i64>().map_or(Value::Null, Value::from);
    }
    Value::from(value)
}

fn text(log: &AuditLog, verdict: &Verdict) -> String {
    let mut out = Vec::new();
    // A buffer takes everything.
    let _ = render(Format::Text, verdict, &Style { quiet: true, ..Style::default() }, &mut out);
    let mut text = String::from_utf8_lossy(&out).into_owned();
    let what = if log.is_intact() { "intact" } else { "not intact" };
    let entries = if log.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", log.entries) };
    let real = match (log.real.ok, &log.real.failure) {
        (Some(true), _) => "ClosedClaw's verifier agrees".to_owned(),
        (Some(false), Some(failure)) => format!("ClosedClaw's verifier stops at line {}", failure.line),
        (None, Some(failure)) => format!("ClosedClaw's verifier cannot read line {}", failure.line),
        _ => "ClosedClaw's verifier cannot read the file".to_owned(),
    };
    let real = if log.real.ok == Some(log.is_intact()) && log.is_intact() {
        real
    } else if log.real.ok == Some(true) {
        "ClosedClaw's verifier finds nothing wrong".to_owned()
    } else {
        real
    };
    let _ = writeln!(text, "{}: {what}, {entries}; {real}", escape::path(&log.path));
    for segment in log.segments.iter().filter(|_| log.segments.len() > 1) {
        let _ = writeln!(text, "  lines {}-{}: {}", segment.first_line, segment.last_line, segment.kind);
    }
    if log.more_segments > 0 {
        let _ = writeln!(text, "  and {} more stretches", log.more_segments);
    }
    if let Some(last) = log.ends.as_ref().and_then(|(_, last)| last.hash) {
        let _ = writeln!(text, "head: {last}");
    }
    text
}
