//! Turns the fix that a rule offers into edits of the files that hold the values.

mod lines;
mod yaml;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::fingerprint::step;
use super::settle::{Unit, location_of, masked};
use crate::discover::EntryKind;
use crate::finding::{Change, Edit, Finding, Fix, Mode, Safety, SettledFix};
use crate::model::value::Value as Written;
use crate::rule::Repair;
use crate::source::{FileId, Source, Span, offset};
use crate::syntax::json5_edit::{Editor, Graft, Planted, TextEdit};
use crate::syntax::{Document, json5};

/// Changes that one fix makes at most: each looks through what holds its value, and nobody writes more.
const MOST_CHANGES: usize = 100;

/// The files that were edited, each parsed once.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    json5: RefCell<BTreeMap<FileId, Option<Rc<Document>>>>,
    yaml: RefCell<BTreeMap<FileId, Option<Rc<Document>>>>,
}

/// What gets a place below a value that is written: the value's token, and the keys below it.
struct Plant<'c> {
    near: Span,
    path: Vec<String>,
    value: Value<'c>,
}

enum Value<'c> {
    New(Cow<'c, Json>),
    Moved(Span),
}

impl Repairs {
    /// The fix of a finding as edits; none when nobody offers one, or when the text does not allow it.
    pub(super) fn fix(&self, unit: &Unit<'_>, finding: &Finding) -> Option<SettledFix> {
        let fix = match &finding.fix {
            Some(fix) => fix.clone(),
            None => usual(finding)?,
        };
        // What to do by hand may be said of anybody's file.
        if fix.safety != Safety::Manual && !unit.fixable {
            return None;
        }
        let mut settled =
            SettledFix { title: masked(fix.title), safety: fix.safety, edits: Vec::new(), modes: Vec::new() };
        if fix.safety != Safety::Manual {
            for change in &fix.changes {
                if let Change::Mode { path, keep } = change {
                    settled.modes.push(Mode { path: Arc::from(path.as_str()), keep: *keep });
                }
            }
            settled.edits = self.edits(unit, &fix.changes)?;
            settled.edits.dedup();
            let edited = settled.edits.iter().map(|edit| &edit.at.path);
            if edited.chain(settled.modes.iter().map(|mode| &mode.path)).any(|path| unit.project.is_closed(path)) {
                return None;
            }
            if settled.edits.is_empty() && settled.modes.is_empty() {
                return None;
            }
            // Neither git nor we write through a link: what to do is still said.
            if settled.edits.iter().any(|edit| is_link(unit, &edit.at.path)) {
                return Some(SettledFix { safety: Safety::Manual, edits: Vec::new(), modes: Vec::new(), ..settled });
            }
        }
        Some(settled)
    }

    fn edits(&self, unit: &Unit<'_>, changes: &[Change]) -> Option<Vec<Edit>> {
        let (mut edits, mut plants) = (Vec::new(), Vec::new());
        let mut gone: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
        let searches = changes.iter().filter(|change| !matches!(change, Change::Mode { .. } | Change::Text { .. }));
        if searches.count() > MOST_CHANGES {
            return None;
        }
        for change in changes {
            match change {
                Change::Set { path, value } => {
                    let (near, path) = nearest(unit.root?, path);
                    if path.is_empty() {
                        edits.extend(self.in_place(unit, &Change::Replace { at: near.span, value: value.clone() })?);
                    } else {
                        plants.push(Plant { near: near.span, path, value: Value::New(Cow::Borrowed(value)) });
                    }
                }
                Change::Push { path, value } => {
                    let (near, path) = nearest(unit.root?, path);
                    if path.is_empty() {
                        edits.extend(self.with(unit, near.span, &|editor| editor.push(near.span, value))?);
                    } else {
                        let value = Value::New(Cow::Owned(Json::from(vec![value.clone()])));
                        plants.push(Plant { near: near.span, path, value });
                    }
                }
                Change::Move { at, path } => {
                    let (near, path) = nearest(unit.root?, path);
                    if path.is_empty() {
                        return None;
                    }
                    plants.push(Plant { near: near.span, path, value: Value::Moved(*at) });
                }
                Change::Lines { path, lines } => edits.extend(lines::added(unit, path, lines)?),
                Change::Mode { .. } => {}
                Change::Remove { at } if !yaml::holds(unit, *at) => gone.entry(at.file).or_default().push(*at),
                change => edits.extend(self.in_place(unit, change)?),
            }
        }
        edits.extend(self.planted(unit, &plants)?);
        for all in gone.values() {
            let removals = self.with(unit, *all.first()?, &|editor| editor.remove_all(all))?;
            // What leaves with a larger piece needs no removal of its own.
            let inside = |edit: &Edit, large: &Edit| {
                edit.text.is_empty()
                    && edit.at.path == large.at.path
                    && large.range().start <= edit.range().start
                    && edit.range().end <= large.range().end
            };
            let removals: Vec<Edit> =
                removals.into_iter().filter(|one| !edits.iter().any(|large| inside(one, large))).collect();
            edits.retain(|edit| !removals.iter().any(|large| inside(edit, large)));
            edits.extend(removals);
        }
        Some(edits)
    }

    /// A change of something that is written.
    fn in_place(&self, unit: &Unit<'_>, change: &Change) -> Option<Vec<Edit>> {
        match change {
            Change::Remove { at } | Change::Replace { at, .. } | Change::Rename { at, .. }
                if yaml::holds(unit, *at) =>
            {
                let source = unit.project.source(unit.sources, at.file);
                let mut known = self.yaml.borrow_mut();
                let document = known.entry(at.file).or_insert_with(|| yaml::read(&source, at.file)).clone()?;
                Some(of(unit, &source, at.file, yaml::in_place(source.text()?, &document, change, *at)?))
            }
            Change::Replace { at, value } => {
                // What the environment gives is decided there.
                let source = unit.project.source(unit.sources, at.file);
                if source.slice(at.start, at.end).contains("${") {
                    return None;
                }
                self.with(unit, *at, &|editor| editor.replace(*at, value))
            }
            Change::Rename { at, name } => self.with(unit, *at, &|editor| editor.rename(*at, name)),
            Change::Text { at, text } => {
                let source = unit.project.source(unit.sources, at.file);
                let range = at.start as usize..at.end as usize;
                let old = source.text()?.get(range.clone())?;
                let edit = vec![TextEdit { range, text: text.clone() }];
                (old != text).then(|| of(unit, &source, at.file, edit))
            }
            Change::Remove { .. }
            | Change::Set { .. }
            | Change::Push { .. }
            | Change::Move { .. }
            | Change::Lines { .. }
            | Change::Mode { .. } => None,
        }
    }

    /// Everything that gets a new place. What comes to stand below one value is written at once.
    fn planted(&self, unit: &Unit<'_>, plants: &[Plant<'_>]) -> Option<Vec<Edit>> {
        let mut by_place: BTreeMap<Span, Vec<&Plant<'_>>> = BTreeMap::new();
        for plant in plants {
            by_place.entry(plant.near).or_default().push(plant);
        }
        let mut edits = Vec::new();
        for (near, plants) in by_place {
            let mut elsewhere = BTreeMap::new();
            for plant in &plants {
                if let Value::Moved(at) = plant.value
                    && at.file != near.file
                {
                    let source = unit.project.source(unit.sources, at.file);
                    let document = self.document(at.file, &source)?;
                    elsewhere.insert(at, Editor::new(source.text()?, &document).text_of(at)?);
                }
            }
            let mut by_file: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
            for at in elsewhere.keys() {
                by_file.entry(at.file).or_default().push(*at);
            }
            for all in by_file.values() {
                edits.extend(self.with(unit, *all.first()?, &|editor| editor.cut(all))?);
            }
            let mut grafts: Vec<Graft<'_>> = Vec::new();
            for plant in &plants {
                let value = match &plant.value {
                    Value::New(value) => Planted::Value(value),
                    Value::Moved(at) => elsewhere.get(at).map_or(Planted::Member(*at), |text| Planted::Text(text)),
                };
                grafts.push(Graft { path: plant.path.clone(), value });
            }
            edits.extend(self.with(unit, near, &|editor| editor.graft(near, &grafts))?);
        }
        Some(edits)
    }

    /// The edits of the JSON5 text that holds a token.
    fn with(
        &self,
        unit: &Unit<'_>,
        at: Span,
        edit: &dyn Fn(&Editor<'_>) -> Option<Vec<TextEdit>>,
    ) -> Option<Vec<Edit>> {
        let source = unit.project.source(unit.sources, at.file);
        let document = self.document(at.file, &source)?;
        Some(of(unit, &source, at.file, edit(&Editor::new(source.text()?, &document))?))
    }

    fn document(&self, file: FileId, source: &Source) -> Option<Rc<Document>> {
        let mut known = self.json5.borrow_mut();
        let parsed = || json5::parse(file, source.text()?).ok().map(Rc::new);
        known.entry(file).or_insert_with(parsed).clone()
    }
}

fn is_link(unit: &Unit<'_>, path: &str) -> bool {
    unit.project.tree.get(path).is_some_and(|entry| matches!(entry.kind, EntryKind::Link { .. }))
}

pub(super) fn of(unit: &Unit<'_>, source: &Source, file: FileId, edits: Vec<TextEdit>) -> Vec<Edit> {
    let edit = |edit: TextEdit| {
        let span = Span { file, start: offset(edit.range.start), end: offset(edit.range.end) };
        let covers = |secret: &Span| secret.file == file && secret.start < span.end && span.start < secret.end;
        let secrets = unit.secrets.iter().filter(|secret| covers(secret));
        let secrets = secrets.map(|secret| source.slice(secret.start, secret.end).into()).collect();
        Edit { at: location_of(source, span), text: edit.text, makes_file: false, secrets }
    };
    edits.into_iter().map(edit).collect()
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
fn nearest<'v>(root: &'v Written, path: &str) -> (&'v Written, Vec<String>) {
    let (mut here, mut rest) = (root, path);
    while !rest.is_empty() {
        let (_, next, tail) = step(Some(here), rest);
        let Some(next) = next else { break };
        (here, rest) = (next, tail);
    }
    (here, rest.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect())
}
