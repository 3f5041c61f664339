//! What is known of a value: where its content comes from and what it may look like.

use std::rc::Rc;

use super::{Source, SourceKind, Step};
use crate::work::looks;

mod fields;

pub(super) use fields::Fields;

/// Stands for an unknown part of a text.
pub(super) const HOLE: char = '\u{1}';
/// Stands for every entry of a folder.
pub(super) const ENTRY: char = '\u{2}';

/// More origins or texts than these are dropped.
const MOST_TAINTS: usize = 10;
const MOST_TEXTS: usize = 6;
const LONGEST_TEXT: usize = 2000;
const LONGEST_NAME: usize = 200;
/// A chain of more assignments is not followed.
const MOST_STEPS: u8 = 6;

/// A step and those before it.
#[derive(Debug)]
pub(super) struct Link {
    step: Step,
    before: Option<Rc<Link>>,
}

/// An origin of a value.
#[derive(Clone, Debug)]
pub(super) struct Taint {
    pub source: Rc<Source>,
    pub steps: Option<Rc<Link>>,
    pub count: u8,
    pub narrowed: Option<Rc<str>>,
    pub encoded: bool,
    pub encrypted: bool,
}

impl Taint {
    pub(super) fn new(source: Rc<Source>) -> Self {
        Self { source, steps: None, count: 0, narrowed: None, encoded: false, encrypted: false }
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut out: Vec<Step> = std::iter::successors(self.steps.as_deref(), |link| link.before.as_deref())
            .map(|link| link.step.clone())
            .collect();
        out.reverse();
        out
    }
}

/// What is known of a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    /// Where its content comes from.
    pub taints: Vec<Taint>,
    /// What it may be as a text.
    pub texts: Vec<Rc<str>>,
    /// Its entries, when it is a container with named ones.
    pub fields: Option<Rc<Fields>>,
    /// The qualified name of a module, a function or the call that made it.
    pub path: Option<Rc<str>>,
    /// The function of this program that it is.
    pub function: Option<usize>,
    /// The class of this program that it is an instance of.
    pub class: Option<usize>,
    /// The variable of the environment that supplies it.
    pub variable: Option<Rc<str>>,
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self { texts: vec![clip(text)], ..Self::default() }
    }

    pub(super) fn named(path: impl Into<Rc<str>>) -> Self {
        Self { path: Some(path.into()), ..Self::default() }
    }

    pub(super) fn tainted(source: Rc<Source>) -> Self {
        Self { taints: vec![Taint::new(source)], ..Self::default() }
    }

    pub(super) fn with_path(mut self, path: &str) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The first thing that it can be as a text, holes included.
    pub(super) fn first_text(&self) -> Option<&Rc<str>> {
        self.texts.first()
    }

    /// The texts; one hole when nothing is known.
    pub(super) fn texts_or_hole(&self) -> Vec<Rc<str>> {
        if self.texts.is_empty() { vec![Rc::from("\u{1}")] } else { self.texts.clone() }
    }

    pub(super) fn is_path(&self, path: &str) -> bool {
        self.path.as_deref() == Some(path)
    }

    /// Whether it or anything in it has an origin.
    pub(super) fn is_tainted(&self) -> bool {
        !self.taints.is_empty() || self.fields.as_ref().is_some_and(|fields| fields.is_tainted())
    }

    /// The value and those in it, as a number.
    pub(super) fn weight(&self) -> usize {
        1 + self.fields.as_ref().map_or(0, |fields| fields.weight())
    }

    /// Steps for putting it together with something else.
    pub(super) fn size(&self) -> usize {
        1 + self.texts.iter().map(|text| text.len()).sum::<usize>() / 64
    }

    /// Containers inside each other: none for a value without entries.
    fn depth(&self) -> u8 {
        self.fields.as_ref().map_or(0, |fields| fields.depth())
    }

    /// The value without entries of its own, but with all their origins.
    fn flat(self) -> Self {
        Self { taints: self.all_taints(), fields: None, ..self }
    }

    /// Origins of the value and of everything in it.
    pub(super) fn all_taints(&self) -> Vec<Taint> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect(&self, out: &mut Vec<Taint>) {
        looks::add(1);
        for taint in &self.taints {
            add_taint(out, taint);
        }
        for (_, value) in self.fields.iter().filter(|fields| fields.is_tainted()).flat_map(|fields| fields.iter()) {
            value.collect(out);
        }
    }

    /// Every tainted entry with its name; the value itself has none.
    pub(super) fn leaves(&self) -> Vec<(Option<Rc<str>>, Taint)> {
        let mut out = Vec::new();
        self.collect_leaves(None, &mut out);
        out
    }

    fn collect_leaves(&self, name: Option<&Rc<str>>, out: &mut Vec<(Option<Rc<str>>, Taint)>) {
        if out.len() > 32 {
            return;
        }
        out.extend(self.taints.iter().map(|taint| (name.cloned(), taint.clone())));
        for (key, value) in self.fields.iter().flat_map(|fields| fields.iter()) {
            value.collect_leaves(Some(key), out);
        }
    }

    /// Only the origins: what a function gives that works on the content.
    pub(super) fn content(&self) -> Self {
        Self { taints: self.all_taints(), ..Self::default() }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.fields
            .iter()
            .flat_map(|fields| fields.iter())
            .find(|(key, _)| key.as_ref() == name)
            .map(|(_, value)| value)
    }

    pub(super) fn set_field(&mut self, name: &str, value: Self, join: bool) {
        Rc::make_mut(self.fields.get_or_insert_default()).set(name, value, join);
    }

    /// It may be this or that.
    pub(super) fn join(&mut self, other: Self) {
        for taint in &other.taints {
            add_taint(&mut self.taints, taint);
        }
        for text in other.texts {
            if self.texts.len() < MOST_TEXTS && !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
        if let Some(fields) = other.fields {
            if self.fields.is_none() {
                self.fields = Some(fields);
            } else {
                for (key, value) in fields.iter() {
                    self.set_field(key, value.clone(), true);
                }
            }
        }
        self.path = self.path.take().or(other.path);
        self.function = self.function.or(other.function);
        self.class = self.class.or(other.class);
        self.variable = self.variable.take().or(other.variable);
    }

    /// One text after the other.
    pub(super) fn concat(mut self, other: &Self) -> Self {
        let mut texts: Vec<Rc<str>> = Vec::new();
        if !(self.texts.is_empty() && other.texts.is_empty()) {
            let tails = other.texts_or_hole();
            for head in self.texts_or_hole() {
                for tail in &tails {
                    if texts.len() < MOST_TEXTS {
                        texts.push(clip(&[head.as_ref(), tail.as_ref()].concat()));
                    }
                }
            }
        }
        // A variable supplies an address when it stands where the host does.
        let leads = self.texts.iter().all(|text| text.is_empty() || text.ends_with("://") || text.ends_with('@'));
        self.variable = self.variable.take().or_else(|| other.variable.clone().filter(|_| leads));
        self.texts = texts;
        for taint in other.all_taints() {
            add_taint(&mut self.taints, &taint);
        }
        self.path = self.path.take().filter(|path| path.as_ref() == "Path()");
        self.fields = None;
        self
    }

    /// One element of a list, one value of a dictionary.
    pub(super) fn element(&self) -> Self {
        let mut out = Self { taints: self.taints.clone(), texts: self.texts.clone(), ..Self::default() };
        for (_, value) in self.fields.iter().flat_map(|fields| fields.iter()) {
            out.join(value.clone());
        }
        out
    }

    /// `+=`: texts grow, containers are filled.
    pub(super) fn concat_or_join(mut self, other: Self) -> Self {
        if self.fields.is_some() || other.fields.is_some() || self.texts.is_empty() || other.texts.is_empty() {
            self.join(other);
            return self;
        }
        self.concat(&other)
    }

    /// A text whose placeholders get values: `%s`, `{}`, `{name}`.
    pub(super) fn format_with(mut self, values: &Self) -> Self {
        let known = values.fields.is_none().then(|| values.first_text().cloned()).flatten();
        self.texts = self.texts.iter().map(|text| clip(&fill_placeholders(text, known.as_deref()))).collect();
        for taint in values.all_taints() {
            add_taint(&mut self.taints, &taint);
        }
        self.variable = self.variable.take().or_else(|| values.variable.clone());
        self
    }

    /// Another step on the way of everything in it; what has come too far is let go.
    pub(super) fn step(&mut self, step: &Step) {
        self.each_taint(&mut |taint| {
            taint.count += 1;
            taint.steps = Some(Rc::new(Link { step: step.clone(), before: taint.steps.take() }));
            taint.count <= MOST_STEPS
        });
    }

    /// Changes every origin; those for which `change` says no are dropped.
    pub(super) fn each_taint(&mut self, change: &mut impl FnMut(&mut Taint) -> bool) {
        looks::add(1);
        self.taints.retain_mut(|taint| change(taint));
        if let Some(fields) = self.fields.as_mut().filter(|fields| fields.is_tainted()) {
            Rc::make_mut(fields).each_taint(change);
        }
    }

    /// One entry of a file was picked by this key or pattern.
    pub(super) fn narrow(&mut self, key: &str) {
        if key.is_empty() || key.len() > 80 || key.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        for taint in &mut self.taints {
            let wanted = taint.source.kind.is_file() || taint.source.kind == SourceKind::WholeEnvironment;
            if wanted && taint.narrowed.as_ref().is_none_or(|known| known.len() < 120) {
                let known = taint.narrowed.take();
                taint.narrowed = Some(known.map_or_else(|| key.into(), |known| [&known, ".", key].concat().into()));
            }
        }
    }

    pub(super) fn encode(mut self) -> Self {
        self.each_taint(&mut |taint| {
            taint.encoded = true;
            true
        });
        self
    }

    pub(super) fn encrypt(mut self) -> Self {
        self.each_taint(&mut |taint| {
            taint.encrypted = true;
            true
        });
        self
    }

    /// Whether a source of this kind is in it.
    pub(super) fn comes_from(&self, kind: SourceKind) -> bool {
        self.all_taints().iter().any(|taint| taint.source.kind == kind)
    }
}

fn add_taint(taints: &mut Vec<Taint>, taint: &Taint) {
    let same = |known: &&mut Taint| known.source == taint.source && known.narrowed == taint.narrowed;
    let room = taints.len() < MOST_TAINTS;
    match taints.iter_mut().find(same) {
        Some(known) => {
            known.encoded |= taint.encoded;
            known.encrypted |= taint.encrypted;
            if taint.count < known.count {
                known.count = taint.count;
                known.steps.clone_from(&taint.steps);
            }
        }
        None if room => taints.push(taint.clone()),
        // The list is full: what is private stands before what anybody may read.
        None if taint.source.kind.is_private() => {
            if let Some(known) = taints.iter_mut().find(|known| !known.source.kind.is_private()) {
                *known = taint.clone();
            }
        }
        None => {}
    }
}

fn fill_placeholders(text: &str, known: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '{']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let length = if tail.starts_with('%') {
            tail.as_bytes().get(1).copied().filter(|b| matches!(b, b's' | b'd' | b'r')).map_or(0, |_| 2)
        } else {
            let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '!' | ':');
            tail.find('}').filter(|end| *end < 40 && tail[1..*end].chars().all(word)).map_or(0, |end| end + 1)
        };
        match known.filter(|_| length > 0) {
            Some(known) => out.push_str(known),
            None if length > 0 => out.push(HOLE),
            None => out.push_str(&tail[..1]),
        }
        rest = &tail[length.max(1)..];
    }
    out.push_str(rest);
    out
}

/// A text as far as it is kept.
pub(super) fn clip(text: &str) -> Rc<str> {
    head(text, LONGEST_TEXT).into()
}

/// A name as far as it is kept: it is copied wherever it is used.
pub(super) fn clip_name(name: &str) -> &str {
    head(name, LONGEST_NAME)
}

fn head(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A text with each `from` replaced, as far as it is kept.
pub(super) fn replaced(text: &str, from: &str, to: &str) -> Rc<str> {
    let mut out = String::new();
    for (at, part) in text.split(from).enumerate() {
        if out.len() > LONGEST_TEXT {
            break;
        }
        out.push_str(if at == 0 { "" } else { to });
        out.push_str(part);
    }
    clip(&out)
}
