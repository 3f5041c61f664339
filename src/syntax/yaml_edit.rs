//! Edits of YAML text that leave everything else as it is. What cannot be done without writing other
//! lines again is not done.

use std::ops::Range;

use super::json5_edit::TextEdit;
use super::{Comment, Member, Node, NodeKind};
use crate::source::Span;

/// A text and what was read from it.
#[derive(Clone, Copy, Debug)]
pub struct YamlEditor<'a> {
    text: &'a str,
    root: &'a Node,
    comments: &'a [Comment],
}

/// A member or item in what holds it.
#[derive(Clone, Copy)]
struct Spot<'a> {
    holder: &'a Node,
    index: usize,
    /// The key of the holder, when it has one.
    key: Option<Span>,
}

impl<'a> YamlEditor<'a> {
    /// An editor of `text`, of which `root` was read.
    #[must_use]
    pub const fn new(text: &'a str, root: &'a Node, comments: &'a [Comment]) -> Self {
        Self { text, root, comments }
    }

    /// Writes another scalar in the place of the one whose token, or whose key's token, is `at`, in its
    /// quotes.
    #[must_use]
    pub fn replace(&self, at: Span, value: &serde_json::Value) -> Option<Vec<TextEdit>> {
        let spot = self.spot(at)?;
        let old = spot.value()?;
        if is_container(old) || value.is_array() || value.is_object() {
            return None;
        }
        let range = range(old.span);
        let token = self.text.get(range.clone())?;
        let text = match (value.as_str(), token.chars().next()?) {
            (Some(word), '\'') if !word.contains(['\'', '\n']) => format!("'{word}'"),
            (Some(word), first) if first != '"' && is_plain(word) => word.to_owned(),
            _ => value.to_string(),
        };
        (token != text && !token.contains('\n')).then(|| vec![TextEdit { range, text }])
    }

    /// Gives a member another name.
    #[must_use]
    pub fn rename(&self, at: Span, name: &str) -> Option<Vec<TextEdit>> {
        let spot = self.spot(at)?;
        let members = spot.members()?;
        let old = self.text.get(range(at))?;
        let taken = members.iter().any(|member| &*member.key == name);
        if taken || !is_plain(name) || members.get(spot.index)?.key_span != at {
            return None;
        }
        let text = match old.chars().next()? {
            quote @ ('"' | '\'') => format!("{quote}{name}{quote}"),
            _ => name.to_owned(),
        };
        Some(vec![TextEdit { range: range(at), text }])
    }

    /// Removes the member or item whose token, or whose key's token, is `at`. Comments stay.
    #[must_use]
    pub fn remove(&self, at: Span) -> Option<Vec<TextEdit>> {
        let spot = self.spot(at)?;
        let tokens = spot.tokens();
        let own = tokens.get(spot.index)?.clone();
        let open = self.text.as_bytes().get(spot.holder.span.start as usize)?;
        if matches!(open, b'[' | b'{') {
            let next = tokens.get(spot.index + 1).map(|next| own.start..next.start);
            let before = || Some(tokens.get(spot.index.checked_sub(1)?)?.end..own.end);
            let range = next.or_else(before).unwrap_or(own);
            let free = !self.comments.iter().any(|one| range.contains(&(one.span.start as usize)));
            return free.then(|| vec![TextEdit { range, text: String::new() }]);
        }
        self.remove_line(&spot, &own, tokens.len() == 1)
    }

    /// Removes an item or member that has its lines for itself.
    fn remove_line(&self, spot: &Spot<'_>, own: &Range<usize>, is_only: bool) -> Option<Vec<TextEdit>> {
        let start = self.text.get(..own.start)?.rfind('\n').map_or(0, |feed| feed + 1);
        let lead = self.text.get(start..own.start)?;
        let in_list = matches!(spot.holder.kind, NodeKind::List(_));
        let indent = if in_list { lead.trim_end().strip_suffix('-')? } else { lead };
        let value = self.text.get(own.clone())?;
        // A block of several lines ends where its readers say, not where a search would find an end.
        if !indent.trim().is_empty() || value.contains('\n') || value.starts_with(['|', '>']) {
            return None;
        }
        let end = self.text.get(own.end..)?.find('\n').map_or(self.text.len(), |feed| own.end + feed + 1);
        let rest = self.text.get(own.end..end)?;
        let comment = self.comments.iter().find(|one| (own.end..end).contains(&(one.span.start as usize)));
        if comment.is_none() && !rest.trim().is_empty() {
            return None;
        }
        let kept = comment.map_or_else(String::new, |_| format!("{indent}{}", rest.trim_start()));
        let mut edits = vec![TextEdit { range: start..end, text: kept }];
        if is_only {
            // What is left is an empty list or mapping, not nothing.
            let key = spot.key?;
            let colon = key.end as usize + self.text.get(key.end as usize..start)?.find(':')? + 1;
            let empty = if in_list { " []" } else { " {}" };
            edits.insert(0, TextEdit { range: colon..colon, text: empty.to_owned() });
        }
        Some(edits)
    }

    fn spot(&self, at: Span) -> Option<Spot<'a>> {
        let mut open = vec![(self.root, None)];
        while let Some((holder, key)) = open.pop() {
            match &holder.kind {
                NodeKind::Map(members) => {
                    let is = |member: &Member| member.key_span == at || is_token(at, &member.value);
                    if let Some(index) = members.iter().position(is) {
                        return Some(Spot { holder, index, key });
                    }
                    open.extend(members.iter().map(|member| (&member.value, Some(member.key_span))));
                }
                NodeKind::List(items) => {
                    if let Some(index) = items.iter().position(|item| is_token(at, item)) {
                        return Some(Spot { holder, index, key });
                    }
                    open.extend(items.iter().map(|item| (item, None)));
                }
                _ => {}
            }
        }
        None
    }
}

impl<'a> Spot<'a> {
    fn members(&self) -> Option<&'a [Member]> {
        match &self.holder.kind {
            NodeKind::Map(members) => Some(members),
            _ => None,
        }
    }

    fn value(&self) -> Option<&'a Node> {
        match &self.holder.kind {
            NodeKind::Map(members) => members.get(self.index).map(|member| &member.value),
            NodeKind::List(items) => items.get(self.index),
            _ => None,
        }
    }

    fn tokens(&self) -> Vec<Range<usize>> {
        match &self.holder.kind {
            NodeKind::Map(members) => {
                members.iter().map(|member| member.key_span.start as usize..member.value.span.end as usize).collect()
            }
            NodeKind::List(items) => items.iter().map(|item| range(item.span)).collect(),
            _ => Vec::new(),
        }
    }
}

const fn is_container(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Map(_) | NodeKind::List(_))
}

fn is_token(at: Span, node: &Node) -> bool {
    !is_container(node) && node.span == at
}

const fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Can it stand without quotes and still be this string?
fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.chars().all(plain)
        && !matches!(&*word.to_ascii_lowercase(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, offset};
    use crate::syntax::json5_edit::apply;
    use crate::syntax::yaml;

    fn edited(text: &str, at: &str, edit: impl Fn(&YamlEditor<'_>, Span) -> Option<Vec<TextEdit>>) -> Option<String> {
        let document = yaml::parse(FileId(0), text).expect("parses");
        let start = text.find(at).expect("stands there");
        let span = Span { file: FileId(0), start: offset(start), end: offset(start + at.len()) };
        let after = apply(text, &edit(&YamlEditor::new(text, &document.root, &document.comments), span)?)?;
        yaml::parse(FileId(0), &after).unwrap_or_else(|error| panic!("{after}: {}", error.message));
        Some(after)
    }

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone does not fit every lifetime")]
    fn removed(text: &str, at: &str) -> Option<String> {
        edited(text, at, |editor, span| editor.remove(span))
    }

    #[test]
    fn items_and_members_go_with_their_lines() {
        assert_eq!(removed("a:\n  - x # why\n  - y\n", "x").as_deref(), Some("a:\n  # why\n  - y\n"));
        assert_eq!(removed("a:\n  - x\nb: 1\n", "x").as_deref(), Some("a: []\nb: 1\n"));
        assert_eq!(removed("a: [x, y]\n", "y").as_deref(), Some("a: [x]\n"));
        assert_eq!(removed("a: [x, y]\n", "x").as_deref(), Some("a: [y]\n"));
        assert_eq!(removed("a: [x]\n", "x").as_deref(), Some("a: []\n"));
        assert_eq!(removed("s:\n  p: true\n  q: 1\n", "true").as_deref(), Some("s:\n  q: 1\n"));
        assert_eq!(
            removed("m: {\"o\": {\"c\": [\"x\", \"y\"]}}\n", "\"x\"").as_deref(),
            Some("m: {\"o\": {\"c\": [\"y\"]}}\n")
        );
    }

    #[test]
    fn what_is_not_plain_is_left() {
        assert_eq!(removed("- a: x\n  b: y\n", "x"), None);
        assert_eq!(removed("a: [x, # why\n  y]\n", "x"), None);
        assert_eq!(removed("a: >\n  text\nb: 1\n", ">\n  text\n"), None);
    }

    #[test]
    fn scalars_change_in_their_quotes() {
        let replaced = |text: &str, at: &str, word: &str| {
            edited(text, at, |editor, span| editor.replace(span, &serde_json::json!(word)))
        };
        assert_eq!(replaced("a: x # c\n", "x", "z").as_deref(), Some("a: z # c\n"));
        assert_eq!(replaced("a: 'x'\n", "'x'", "z").as_deref(), Some("a: 'z'\n"));
        assert_eq!(replaced("a: \"x\"\n", "\"x\"", "z").as_deref(), Some("a: \"z\"\n"));
        assert_eq!(replaced("a: x\n", "x", "no").as_deref(), Some("a: \"no\"\n"));
        let renamed = |text: &str, at: &str| edited(text, at, |editor, span| editor.rename(span, "b"));
        assert_eq!(renamed("a: x\n", "a").as_deref(), Some("b: x\n"));
        assert_eq!(renamed("a: x\nb: y\n", "a"), None);
    }
}
