//! `log anchor`: writes down what a log is.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Done, Trouble, log_or_default, shown, unreadable};
use crate::cli::log::{Anchor as Args, TextOrJson};
use crate::judge::exit;
use crate::load::audit_log::{self, Place, Request};
use crate::model::audit_log::anchor::SUFFIX;
use crate::model::audit_log::{Anchor, Digest, Expect};
use crate::report::escape;

/// Largest anchor that is read, in bytes.
const MAX_ANCHOR: u64 = 64 << 10;

/// The anchor that lies beside a log.
pub(super) fn beside(log: &Path) -> PathBuf {
    log.with_file_name(name_of(log) + SUFFIX)
}

/// The name of a log without its directory.
pub(super) fn name_of(log: &Path) -> String {
    log.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads an anchor.
pub(super) fn read(path: &Path) -> Result<Anchor, String> {
    let bytes = crate::load::read(path, MAX_ANCHOR)?;
    Anchor::parse(&String::from_utf8_lossy(&bytes))
}

/// Writes an anchor: all of it or nothing.
pub(super) fn write(path: &Path, anchor: &Anchor) -> Result<(), Trouble> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    let written = std::fs::write(&beside, anchor.to_json()).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| Trouble::Usage(format!("{}: {}", shown(path), crate::load::io_reason(&error))))
}

/// Makes an anchor of a log that is intact.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Done, Trouble> {
    let log = log_or_default(args.file.as_ref())?;
    let path = args.output.clone().unwrap_or_else(|| beside(&log));
    // What was anchored before must still be there, or the new anchor would cover up what happened since.
    let old = match path.exists().then(|| read(&path)) {
        Some(Err(reason)) if !args.force => return Ok(refused(&path, &reason)),
        Some(Ok(old)) if !args.force => Some(old),
        _ => None,
    };
    let prev = args.prev_hash.as_ref().and_then(|text| Digest::parse(text.as_bytes()));
    let expect = Expect { prev, ..Expect::default() };
    let place = Place::Disk(log.clone());
    if let Some(old) = old {
        let request = Request { expect, anchor: Some((old, shown(&path))), whole: false };
        match audit_log::walk(&place, &shown(&log), &request) {
            Err(reason) => return Ok(cannot(&log, &reason)),
            Ok(walked) if !walked.log.is_intact() => {
                return Ok(refused(
                    &log,
                    "is not intact, or not what the old anchor has seen: see clawsift log verify",
                ));
            }
            Ok(_) => {}
        }
    }
    let request = Request { expect, anchor: None, whole: true };
    let walked = match audit_log::walk(&place, &shown(&log), &request) {
        Err(reason) => return Ok(cannot(&log, &reason)),
        Ok(walked) => walked,
    };
    // Where the chain begins is for the anchor to say from now on; everything else must be right.
    let begun = walked.log.events.iter().all(|event| !event.fault.breaks() || event.fault.is_missing_head());
    if !begun || walked.log.unreadable > 0 || !walked.log.incomplete.is_empty() {
        return Ok(refused(&log, "is not intact: see clawsift log verify"));
    }
    let anchor = match Anchor::of(&walked.log, &name_of(&log)) {
        Ok(anchor) => anchor,
        Err(reason) => return Ok(refused(&log, &reason)),
    };
    write(&path, &anchor)?;
    if args.json || args.format == TextOrJson::Json {
        out.write_all(anchor.to_json().as_bytes())?;
    } else {
        let written = escape::path(&shown(&path)).into_owned();
        writeln!(out, "{written}: {} entries, {} bytes, head {}", anchor.entries, anchor.bytes, anchor.head_hash)?;
    }
    Ok(Done::with(exit::CLEAN))
}

fn refused(path: &Path, reason: &str) -> Done {
    Done::with(exit::FINDINGS).note(format!("{}: {reason}; no anchor was written", shown(path)))
}

fn cannot(path: &Path, reason: &str) -> Done {
    Done::with(unreadable(path)).note(format!("{}: {reason}", shown(path)))
}
