//! `log anchor`: writes down what a log is.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Done, Trouble, log_or_default, shown, unreadable};
use crate::classify::ANCHOR_SUFFIX;
use crate::cli::log::{Anchor as Args, TextOrJson};
use crate::judge::exit;
use crate::keys;
use crate::load::audit_log::{self, Place, Request};
use crate::model::audit_log::attested::{Attested, attested, message};
use crate::model::audit_log::{Anchor, AuditLog, Digest, Expect};
use crate::model::keyring::Keyring;
use crate::report::escape;
use crate::signature::{self, Envelope};
use crate::signing;
use crate::source::FileId;
use crate::writing::{self, Secrecy};

/// Largest anchor that is read, in bytes.
const MAX_ANCHOR: u64 = 64 << 10;

/// Largest keyring that is read, in bytes.
const MAX_KEYRING: u64 = 16 << 20;

/// The anchor that lies beside a log.
pub(super) fn beside(log: &Path) -> PathBuf {
    log.with_file_name(name_of(log) + ANCHOR_SUFFIX)
}

/// The name of a log without its directory.
pub(super) fn name_of(log: &Path) -> String {
    log.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads an anchor.
pub(super) fn read(path: &Path) -> Result<Anchor, String> {
    let bytes = crate::disk::read(path, MAX_ANCHOR)?;
    Anchor::parse(&String::from_utf8_lossy(&bytes))
}

/// May a log be anchored? Where its chain begins is for the anchor to say from now on; everything else must be right.
pub(super) fn is_sound(log: &AuditLog) -> bool {
    let begun = log.events.iter().all(|event| !event.fault.breaks() || event.fault.is_missing_head());
    begun && log.unreadable == 0 && log.incomplete.is_empty()
}

/// The signature beside an anchor.
pub(super) fn signature_of(anchor: &Path) -> PathBuf {
    let mut name = anchor.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// Writes an anchor and its signature, when there is one.
pub(super) fn write(path: &Path, anchor: &Anchor, signed: Option<&str>) -> Result<(), Trouble> {
    writing::replace(path, anchor.to_json().as_bytes(), Secrecy::Public).map_err(Trouble::Usage)?;
    let Some(signed) = signed else { return Ok(()) };
    writing::replace(&signature_of(path), signed.as_bytes(), Secrecy::Public).map_err(Trouble::Usage)
}

/// What the signature of an anchor is worth, in the order of questions: is there one, can it be read, does it hold.
pub(super) fn attestation(path: &Path, named: Option<&Path>) -> Attestation {
    let signature = signature_of(path);
    if !signature.exists() {
        return Attestation { word: "unsigned", signer: None, key_id: None, holds: named.is_none() };
    }
    let malformed = Attestation { word: "malformed", signer: None, key_id: None, holds: false };
    let (Ok(text), Ok(anchor)) = (crate::disk::read(&signature, MAX_ANCHOR), crate::disk::read(path, MAX_ANCHOR))
    else {
        return malformed;
    };
    let Ok(envelope) = Envelope::parse(&String::from_utf8_lossy(&text)) else { return malformed };
    let keyring = named.map(Path::to_path_buf).or_else(keys::default_path);
    let keyring = keyring.and_then(|path| crate::disk::read(&path, MAX_KEYRING).ok());
    let keyring = keyring.map(|bytes| Keyring::read(FileId(0), &bytes));
    let worth = attested(&anchor, &envelope, keyring.as_ref());
    Attestation {
        word: worth.as_str(),
        // Without a keyring that somebody named only what is wrong for certain counts.
        holds: worth == Attested::Valid || named.is_none() && worth != Attested::Forged,
        signer: Some(envelope.signer),
        key_id: Some(envelope.key_id),
    }
}

/// What is said of the signature of an anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attestation {
    /// One word.
    pub(super) word: &'static str,
    /// Who says to have signed.
    pub(super) signer: Option<String>,
    /// With which key.
    pub(super) key_id: Option<String>,
    /// May the anchor be believed?
    pub(super) holds: bool,
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
    if !is_sound(&walked.log) {
        return Ok(refused(&log, "is not intact: see clawsift log verify"));
    }
    let anchor = match Anchor::of(&walked.log, &name_of(&log)) {
        Ok(anchor) => anchor,
        Err(reason) => return Ok(refused(&log, &reason)),
    };
    let signed = match &args.key {
        Some(key) => Some(signed(&anchor, key, args.signer.as_deref()).map_err(Trouble::Usage)?),
        None if signature_of(&path).exists() => {
            let reason = "is signed: name the key to sign the new anchor with (--key), or remove the signature";
            return Ok(refused(&path, reason));
        }
        None => None,
    };
    write(&path, &anchor, signed.as_deref())?;
    if args.json || args.format == TextOrJson::Json {
        out.write_all(anchor.to_json().as_bytes())?;
    } else {
        let written = escape::path(&shown(&path)).into_owned();
        writeln!(out, "{written}: {} entries, {} bytes, head {}", anchor.entries, anchor.bytes, anchor.head_hash)?;
    }
    Ok(Done::with(exit::CLEAN))
}

fn signed(anchor: &Anchor, key: &Path, signer: Option<&str>) -> Result<String, String> {
    let (key, _) = signing::signing_key(Some(key))?;
    let timestamp = format!("{:.3}", jiff::Timestamp::now());
    signature::sign(&message(anchor.to_json().as_bytes()), &key, &signing::signer(signer), &timestamp)
}

fn refused(path: &Path, reason: &str) -> Done {
    Done::with(exit::FINDINGS).note(format!("{}: {reason}; no anchor was written", shown(path)))
}

fn cannot(path: &Path, reason: &str) -> Done {
    Done::with(unreadable(path)).note(format!("{}: {reason}", shown(path)))
}
