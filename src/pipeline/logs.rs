//! Audit logs: walk over the chain, check, settle, drop.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::changes::Changes;
use super::{left_out, settled, unit};
use crate::check::{self, Checked, Plan};
use crate::diagnostic::{Diagnostic, Level};
use crate::discover::{EntryKind, Target};
use crate::judge::ignores::Reading;
use crate::judge::settle::Unit;
use crate::judge::{Evidence, Input};
use crate::kind::DocumentKind;
use crate::load::audit_log::{self, Place, Request, Walked};
use crate::model::audit_log::{Anchor, AuditLog, Expect, time};
use crate::model::project::Project;
use crate::model::secrets;
use crate::options::Options;
use crate::path::{dir_of, join};
use crate::source::Span;

/// How far a clock may be ahead of ours, in milliseconds.
const SKEW: i64 = 3_600_000;

/// The logs to check: those that look like one, and those that an anchor speaks of, whatever they look like.
pub(super) fn paths(targets: &[Target], project: &Project) -> BTreeSet<String> {
    let mut paths: BTreeSet<String> = targets
        .iter()
        .filter_map(|target| if let Target::Log { path } = target { Some(path.clone()) } else { None })
        .collect();
    let is_file = |path: &String| project.tree.get(path).is_some_and(|entry| entry.kind == EntryKind::File);
    paths.extend(anchors(project).map(|(path, ..)| path).filter(is_file));
    paths
}

/// The anchors of a project: the path of the log, the anchor and its own path.
fn anchors(project: &Project) -> impl Iterator<Item = (String, Anchor, &str)> {
    let documents = project.of_kind(DocumentKind::LogAnchor).filter(|document| !document.sample);
    documents.filter_map(|document| {
        let anchor = Anchor::parse(document.text()).ok()?;
        Some((join(dir_of(&document.path), &anchor.file), anchor, document.path.as_str()))
    })
}

/// Does a change touch a log or its anchor?
pub(super) fn concerns(changed: &Changes, path: &str, project: &Project) -> bool {
    changed.file(path) || anchors(project).any(|(log, _, anchor)| log == path && changed.file(anchor))
}

/// The time from which on an entry is dated in the future, in packed form.
#[must_use]
pub(crate) fn horizon(now: i64) -> Option<u64> {
    time::pack(now.saturating_add(SKEW))
}

pub(super) fn check(path: &str, project: &Arc<Project>, plan: &Plan, options: &Options) -> Evidence {
    let anchor = anchors(project).find(|(log, ..)| log == path).map(|(_, anchor, from)| (anchor, from.to_owned()));
    let expect = Expect { now: options.now.and_then(|now| horizon(now.as_millisecond())), ..Expect::default() };
    let request = Request { expect, anchor, whole: false };
    let place = match project.tree.memory.get(path) {
        Some(file) => Place::Memory(Arc::clone(&file.bytes)),
        None => Place::Disk(project.tree.on_disk(path)),
    };
    match audit_log::walk(&place, path, &request) {
        Ok(walked) => judge(&walked, project, plan, options),
        Err(message) => {
            let trouble = Diagnostic { path: path.to_owned(), level: Level::Error, message };
            Evidence { diagnostics: vec![trouble], ..Evidence::default() }
        }
    }
}

/// Every rule about logs on one that was read.
pub(crate) fn judge(walked: &Walked, project: &Project, plan: &Plan, options: &Options) -> Evidence {
    let log = &walked.log;
    let checked = check::log(log, plan);
    let secrets = hidden(log, &checked);
    let mut diagnostics = left_out(&log.path, &checked);
    let say = |level, message: &String| Diagnostic { path: log.path.clone(), level, message: message.clone() };
    diagnostics.extend(log.incomplete.iter().map(|message| say(Level::Error, message)));
    diagnostics.extend(walked.note.iter().map(|message| say(Level::Note, message)));
    let input = Input {
        path: log.path.clone(),
        kind: "audit-log",
        dialect: None,
        reason: String::new(),
        valid: log.unreadable == 0,
        complete: log.unreadable == 0 && log.incomplete.is_empty(),
        size: log.size,
        sha256: String::new(),
    };
    let unit: Unit<'_> = unit(&log.pieces, project, &secrets, options);
    Evidence { diagnostics, inputs: vec![input], ..settled(checked, Reading::default(), &unit) }
}

/// The tokens near the findings that no excerpt may show.
fn hidden(log: &AuditLog, checked: &Checked) -> Vec<Span> {
    let places = checked.findings.iter().map(|finding| finding.place.span);
    let near = |place: Span| {
        let text = log.pieces.get(place.file).and_then(|source| source.text()).unwrap_or_default();
        secrets::spans_near(place.file, text, place)
    };
    places.flat_map(near).collect()
}
