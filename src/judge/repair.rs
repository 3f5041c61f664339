//! Turns the fix that a rule offers into edits of the files that hold the values.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use serde_json::Value as Json;

use super::fingerprint::step;
use super::settle::{Unit, location_of};
use crate::finding::{Change, Edit, Finding, Fix, Safety, SettledFix};
use crate::model::value::Value;
use crate::rule::Repair;
use crate::source::{FileId, Source, Span, offset};
use crate::syntax::json5_edit::{Editor, TextEdit};
use crate::syntax::{Document, json5};

/// The files that were edited, each parsed once.
#[derive(Debug, Default)]
pub(super) struct Repairs(RefCell<BTreeMap<FileId, Option<Rc<Document>>>>);

impl Repairs {
    /// The fix of a finding as edits; none when nobody offers one, or when the text does not allow it.
    pub(super) fn fix(&self, unit: &Unit<'_>, finding: &Finding) -> Option<SettledFix> {
        let fix = match &finding.fix {
            Some(fix) => fix.clone(),
            None => usual(finding)?,
        };
        let mut edits: Vec<Edit> = Vec::new();
        if fix.safety != Safety::Manual {
            for change in &fix.changes {
                edits.extend(self.edits(unit, change)?);
            }
            edits.dedup();
            if edits.is_empty() {
                return None;
            }
        }
        Some(SettledFix { title: fix.title, safety: fix.safety, edits })
    }

    fn edits(&self, unit: &Unit<'_>, change: &Change) -> Option<Vec<Edit>> {
        let at = |span: Span, edit: &dyn Fn(&Editor<'_>) -> Option<Vec<TextEdit>>| {
            let source = unit.project.source(unit.sources, span.file);
            let document = self.document(span.file, &source)?;
            Some(of(&source, span.file, edit(&Editor::new(source.text()?, &document))?))
        };
        match change {
            Change::Remove { at: span } => at(*span, &|editor| editor.remove(*span)),
            Change::Replace { at: span, value } => {
                // What the environment gives is decided there.
                let source = unit.project.source(unit.sources, span.file);
                if source.slice(span.start, span.end).contains("${") {
                    return None;
                }
                at(*span, &|editor| editor.replace(*span, value))
            }
            Change::Rename { at: span, name } => at(*span, &|editor| editor.rename(*span, name)),
            Change::Text { at: span, text } => {
                let source = unit.project.source(unit.sources, span.file);
                let range = span.start as usize..span.end as usize;
                let old = source.text()?.get(range.clone())?;
                (old != text).then(|| of(&source, span.file, vec![TextEdit { range, text: text.clone() }]))
            }
            Change::Set { path, value } => {
                let (near, rest) = nearest(unit.root?, path);
                let rest: Vec<&str> = rest.iter().map(|key| &**key).collect();
                at(near.span, &|editor| {
                    if rest.is_empty() { editor.replace(near.span, value) } else { editor.set(near.span, &rest, value) }
                })
            }
            Change::Push { path, value } => {
                let (near, rest) = nearest(unit.root?, path);
                let rest: Vec<&str> = rest.iter().map(|key| &**key).collect();
                let list = Json::from(vec![value.clone()]);
                at(near.span, &|editor| {
                    if rest.is_empty() { editor.push(near.span, value) } else { editor.set(near.span, &rest, &list) }
                })
            }
        }
    }

    fn document(&self, file: FileId, source: &Source) -> Option<Rc<Document>> {
        let mut known = self.0.borrow_mut();
        let parsed = || json5::parse(file, source.text()?).ok().map(Rc::new);
        known.entry(file).or_insert_with(parsed).clone()
    }
}

fn of(source: &Source, file: FileId, edits: Vec<TextEdit>) -> Vec<Edit> {
    let place = |range: &Range<usize>| Span { file, start: offset(range.start), end: offset(range.end) };
    edits.into_iter().map(|edit| Edit { at: location_of(source, place(&edit.range)), text: edit.text }).collect()
}

/// The edit that the rule's literal describes.
fn usual(finding: &Finding) -> Option<Fix> {
    let place = &finding.place;
    let json = |text: &str| serde_json::from_str::<Json>(text).ok();
    let short = place.key_path.as_str();
    let (safety, title, changes) = match finding.rule.repair {
        Repair::None => return None,
        Repair::Remove(_) if place.missing => return None,
        Repair::Remove(safety) => (safety, format!("Remove {short}"), vec![Change::Remove { at: place.span }]),
        Repair::Write(safety, text) => {
            let value = json(text)?;
            let change = if place.missing {
                Change::Set { path: place.key_path.clone(), value }
            } else {
                Change::Replace { at: place.span, value }
            };
            (safety, format!("Set {short} to {text}"), vec![change])
        }
        Repair::Set(safety, all) => {
            let words: Vec<_> = all.iter().map(|(path, text)| format!("{path} to {text}")).collect();
            let change =
                |(path, text): &(&str, &str)| Some(Change::Set { path: (*path).to_owned(), value: json(text)? });
            (safety, format!("Set {}", words.join(", ")), all.iter().map(change).collect::<Option<Vec<_>>>()?)
        }
    };
    Some(Fix { title, safety, changes })
}

/// The deepest value that is written on a dotted key path, and the keys that are missing below it.
fn nearest<'v>(root: &'v Value, path: &str) -> (&'v Value, Vec<String>) {
    let (mut here, mut rest) = (root, path);
    while !rest.is_empty() {
        let (_, next, tail) = step(Some(here), rest);
        let Some(next) = next else { break };
        (here, rest) = (next, tail);
    }
    (here, rest.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect())
}
