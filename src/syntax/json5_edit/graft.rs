//! Members that are written to, or moved to, places that are not there yet.

use std::ops::Range;

use super::{Editor, Holder, TextEdit, key, range, whole, written};
use crate::source::Span;
use crate::syntax::{Member, Node, NodeKind};

/// Something that gets a place of its own below an object.
#[derive(Clone, Debug)]
pub struct Graft<'v> {
    /// The keys below the object, none of which is there yet; at least one.
    pub path: Vec<String>,
    /// What is planted.
    pub value: Planted<'v>,
}

/// What a [`Graft`] plants.
#[derive(Clone, Copy, Debug)]
pub enum Planted<'v> {
    /// A new value.
    Value(&'v serde_json::Value),
    /// A piece of JSON5 as it is written, from another file.
    Text(&'v str),
    /// The member of this text whose key's token this is; it leaves its old place.
    Member(Span),
}

/// A graft with the text of what it plants.
struct Ready {
    path: Vec<String>,
    text: String,
    /// The member that it was, when it stands in the same text.
    from: Option<Span>,
}

impl Editor<'_> {
    /// Plants some members below the object that begins at `object`; those of one missing parent share it.
    /// A member that stays in its object stays at its place there.
    #[must_use]
    pub fn graft(&self, object: Span, grafts: &[Graft<'_>]) -> Option<Vec<TextEdit>> {
        self.planted(self.node_at(object)?, grafts)
    }

    pub(super) fn planted(&self, object: &Node, grafts: &[Graft<'_>]) -> Option<Vec<TextEdit>> {
        let NodeKind::Map(members) = &object.kind else { return None };
        let quoted = self.quotes_keys(object);
        let mut groups: Vec<Vec<Ready>> = Vec::new();
        for graft in grafts {
            let ready = self.ready(graft, quoted)?;
            match groups
                .iter_mut()
                .find(|group| group.first().is_some_and(|one| one.path.first() == ready.path.first()))
            {
                Some(group) => group.push(ready),
                None => groups.push(vec![ready]),
            }
        }
        // Of the members that share a parent the first one that stands here stays where it is.
        let is_own = |at: &Span| members.iter().any(|member| member.key_span == *at);
        let stays = |group: &Vec<Ready>| group.iter().filter_map(|one| one.from).find(is_own);
        let staying: Vec<Span> = groups.iter().filter_map(stays).collect();
        let leaving: Vec<Span> =
            groups.iter().flatten().filter_map(|one| one.from).filter(|at| !staying.contains(at)).collect();
        let (mut edits, mut texts) = (Vec::new(), Vec::new());
        for group in &groups {
            let refs: Vec<(&[String], &str)> =
                group.iter().map(|one| (one.path.as_slice(), one.text.as_str())).collect();
            let text = inside(&refs, quoted)?;
            match stays(group) {
                Some(at) => edits.push(TextEdit { range: self.whole_at(at)?, text }),
                None => texts.push(text),
            }
        }
        edits.extend(self.cut(&leaving)?);
        if !texts.is_empty() {
            edits.extend(self.append(object, &members.iter().map(whole).collect::<Vec<_>>(), &texts)?);
        }
        Some(edits)
    }

    /// Removes members whose text stands elsewhere now, comments inside them included.
    #[must_use]
    pub fn cut(&self, all: &[Span]) -> Option<Vec<TextEdit>> {
        self.all_removed(all, false)
    }

    /// The value of a member as it is written, with the comments between it and its key.
    #[must_use]
    pub fn text_of(&self, at: Span) -> Option<String> {
        let member = self.member(at)?;
        let before = self.comments_in(&(member.key_span.end as usize..member.value.span.start as usize));
        Some(before + self.text.get(range(member.value.span))?)
    }

    fn ready(&self, graft: &Graft<'_>, quoted: bool) -> Option<Ready> {
        let (text, from) = match graft.value {
            Planted::Value(value) => (written(value, quoted), None),
            Planted::Text(text) => (text.to_owned(), None),
            Planted::Member(at) => (self.text_of(at)?, Some(at)),
        };
        Some(Ready { path: graft.path.clone(), text, from })
    }

    fn member(&self, at: Span) -> Option<&Member> {
        match self.holder(at)? {
            Holder::Member(members, index) => members.get(index),
            Holder::Item(..) => None,
        }
    }

    fn whole_at(&self, at: Span) -> Option<Range<usize>> {
        self.member(at).map(whole)
    }
}

/// The members of an object as text; a text with an empty path is the value itself.
fn inside(grafts: &[(&[String], &str)], quoted: bool) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for (path, _) in grafts {
        let name = path.first()?.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut members = Vec::new();
    for name in names {
        let of = grafts.iter().filter(|(path, _)| path.first().is_some_and(|first| first == name));
        let below: Vec<(&[String], &str)> = of.filter_map(|(path, text)| Some((path.get(1..)?, *text))).collect();
        let value = match below.as_slice() {
            [([], text)] => (*text).to_owned(),
            below => format!("{{ {} }}", inside(below, quoted)?),
        };
        members.push(format!("{}: {value}", key(name, quoted)));
    }
    Some(members.join(", "))
}
