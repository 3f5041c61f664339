//! Commands that write a baseline.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Scanned;
use crate::baseline::{self, Baseline, Entry, Known};
use crate::cli::{Create, Prune, Update};
use crate::disk;
use crate::done::Done;
use crate::finding::Settled;
use crate::judge::baseline::{entry_of, is_guarded};
use crate::judge::exit;
use crate::judge::settle::masked;
use crate::report::escape;
use crate::rule::selects;
use crate::rules::INTERNAL_ERROR;
use crate::writing::{self, Secrecy};

/// First digits of a fingerprint that are enough to name it.
const SHORTEST_ID: usize = 8;

pub(super) fn create(create: &Create) -> Result<Done, String> {
    let scanned = Scanned::new(&create.scan, create.output.as_deref(), false)?;
    let is_there = scanned.path.symlink_metadata().is_ok();
    if is_there && !create.force {
        return Err(format!("{} (--force replaces it)", writing::already(&scanned.path)));
    }
    if let Some(refusal) = scanned.refusal() {
        return Ok(refusal);
    }
    // Reasons are work: what is accepted still keeps the one it had.
    let before = if is_there { previous(&scanned)? } else { BTreeMap::new() };
    let mut guarded = Vec::new();
    let mut entries = Vec::new();
    for finding in &scanned.verdict.shown {
        let is_guarded = is_guarded(finding);
        if is_guarded && !create.accept_critical {
            guarded.push(finding);
            continue;
        }
        let own = entry_of(finding);
        let old = before.get(&own.id);
        let reason = create.reason.clone().map(masked).or_else(|| old.and_then(|old| old.reason.clone()));
        let until = create.until.or_else(|| old.and_then(|old| old.until));
        entries.push(Entry { accept_critical: is_guarded, reason, until, ..own });
    }
    let baseline = Baseline::new(entries, Some(Known::now()));
    let text = baseline.text();
    if is_there {
        scanned.write(&baseline)?;
    } else {
        writing::create(&scanned.path, text.as_bytes(), Secrecy::Public)?;
    }
    let path = scanned.path.display().to_string();
    let mut out = format!("{}: {}\n", escape::line(&path), counted(baseline.entries.len(), "finding"));
    if let Some(first) = guarded.first() {
        let count = counted(guarded.len(), "critical finding");
        let _ = writeln!(out, "{count} not taken in without --accept-critical, among them {}", named(first));
    }
    Ok(Done { code: exit::CLEAN, text: out, notes: Vec::new() })
}

/// The entries of a baseline that is about to be replaced.
fn previous(scanned: &Scanned) -> Result<BTreeMap<String, Entry>, String> {
    let shown = scanned.path.display().to_string();
    let bytes = disk::read(&scanned.path, baseline::MAX_SIZE).map_err(|why| format!("{shown}: {why}"))?;
    // What is broken is replaced, too: --force was asked for.
    let before = baseline::read(&shown, &bytes).unwrap_or_default();
    Ok(before.entries.into_iter().map(|entry| (entry.id.clone(), entry)).collect())
}

pub(super) fn update(update: &Update, in_ci: bool) -> Result<Done, String> {
    let reason = masked(update.reason.trim().to_owned());
    if reason.is_empty() {
        return Err("--reason: expected a reason".to_owned());
    }
    let scanned = Scanned::new(&update.scan, update.baseline.as_deref(), true)?;
    let before = scanned.known()?;
    let chosen = chosen(update, &scanned.verdict.shown)?;
    let today = scanned.options.today();
    if let (Some(until), Some(today)) = (update.until, today)
        && until < today
    {
        return Err(format!("--until {until}: is over already"));
    }
    let mut refused = Vec::new();
    let mut added: BTreeMap<String, Entry> = BTreeMap::new();
    for finding in chosen {
        let is_guarded = is_guarded(finding);
        if is_guarded && !update.accept_critical {
            refused.push(named(finding));
            continue;
        }
        let reason = Some(reason.clone());
        let entry = Entry { accept_critical: is_guarded, reason, until: update.until, ..entry_of(finding) };
        added.insert(entry.id.clone(), entry);
    }
    if let Some(first) = refused.first() {
        let more = if refused.len() > 1 { format!(" and {} more", refused.len() - 1) } else { String::new() };
        return Err(format!("{first}{more}: not accepted without --accept-critical"));
    }
    // One that has lapsed is accepted anew.
    let kept = before.entries.iter().filter(|entry| !added.contains_key(&entry.id)).cloned();
    let after = Baseline::new(kept.chain(added.values().cloned()).collect(), before.rules.clone());
    written(&scanned, before, &after, update.dry_run, in_ci)
}

/// The findings that are to be accepted.
fn chosen<'a>(update: &Update, shown: &'a [Settled]) -> Result<Vec<&'a Settled>, String> {
    let mut chosen = Vec::new();
    for id in &update.accept {
        if id.len() < SHORTEST_ID {
            return Err(format!("--accept {}: at least {SHORTEST_ID} digits are needed", id.escape_debug()));
        }
        let found: Vec<&Settled> =
            shown.iter().filter(|one| one.identity.fingerprint.starts_with(id.as_str())).collect();
        let Some(first) = found.first() else {
            return Err(format!(
                "--accept {}: no new finding has this fingerprint (`check -v` shows them)",
                id.escape_debug()
            ));
        };
        if found.iter().any(|one| one.identity.fingerprint != first.identity.fingerprint) {
            return Err(format!("--accept {}: several findings begin so", id.escape_debug()));
        }
        chosen.extend(found);
    }
    for prefix in &update.accept_rule {
        let before = chosen.len();
        chosen.extend(
            shown
                .iter()
                .filter(|one| one.rule.id != INTERNAL_ERROR.id && (selects(prefix, one.rule) || *one.id == **prefix)),
        );
        if chosen.len() == before {
            return Err(format!("--accept-rule {}: it has no new finding", prefix.escape_debug()));
        }
    }
    Ok(chosen)
}

pub(super) fn prune(prune: &Prune) -> Result<Done, String> {
    let scanned = Scanned::new(&prune.scan, prune.baseline.as_deref(), true)?;
    let before = scanned.known()?;
    // Where everything is gone that there was, there is nothing to check, and no doubt about it.
    if let Some(refusal) = scanned.refusal() {
        return Ok(refusal);
    }
    let outcome = scanned.verdict.baseline.clone().unwrap_or_default();
    let moved: BTreeMap<usize, Entry> = outcome.moved.into_iter().collect();
    let kept = before.entries.iter().enumerate().filter(|(index, _)| !outcome.stale.contains(index));
    let kept = kept.map(|(index, entry)| moved.get(&index).unwrap_or(entry).clone());
    let after = Baseline::new(kept.collect(), before.rules.clone());
    written(&scanned, before, &after, prune.dry_run, false)
}

/// Writes the change, unless only the diff was asked for.
fn written(scanned: &Scanned, before: &Baseline, after: &Baseline, dry: bool, in_ci: bool) -> Result<Done, String> {
    let text = scanned.diff(before, after);
    let mut notes = Vec::new();
    if before == after {
        notes.push("nothing to change".to_owned());
    } else if in_ci {
        notes.push("nobody accepts anything in CI: commit the change that is shown".to_owned());
        return Ok(Done { code: exit::USAGE, text, notes });
    } else if !dry {
        scanned.write(after)?;
    }
    Ok(Done { code: exit::CLEAN, text, notes })
}

/// A finding in a few words.
fn named(finding: &Settled) -> String {
    let at = &finding.location;
    format!("{}:{}: {}", escape::path(&at.path), at.start.line, escape::line(&finding.id))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
