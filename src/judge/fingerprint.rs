//! Our own fingerprint of a finding: equal as long as it is the same finding.
//!
//! It is made of the rule, the file, the logical place (array items by their name, not their index),
//! the text that decided, and a number where all of these are equal. Line, column, message,
//! severity and the version of this tool are not in it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::finding::{Finding, Location};
use crate::model::value::{Kind, Value};

/// Everything of a fingerprint but the number among equals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity([String; 4]);

impl Identity {
    /// `root` is the tree that the finding's key path leads into, `evidence` the text of its token.
    pub(super) fn of(finding: &Finding, location: &Location, root: Option<&Value>, evidence: &str) -> Self {
        // The token of an absent key is only its nearest neighbour.
        let evidence = if finding.place.missing { Cow::Borrowed("") } else { normalised(evidence) };
        Self([
            finding.id.to_string(),
            location.path.to_string(),
            pointer(root, &finding.place.key_path),
            digest(&evidence),
        ])
    }

    fn fingerprint(&self, ordinal: usize) -> String {
        let mut hash = Sha256::new();
        hash.update("clawsift/v1");
        for part in self.0.iter().chain([&ordinal.to_string()]) {
            hash.update([0]);
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}

/// Numbers equal identities in document order and hashes them. Findings at the very same token
/// share a number: judging makes one of them.
pub(super) fn fingerprints(found: &[(Identity, (u64, u32))]) -> Vec<String> {
    let mut places: BTreeMap<&Identity, BTreeSet<(u64, u32)>> = BTreeMap::new();
    for (identity, at) in found {
        places.entry(identity).or_default().insert(*at);
    }
    let ranked = places.into_iter().map(|(identity, places)| (identity, places.into_iter().zip(0..).collect()));
    let ranked: BTreeMap<&Identity, BTreeMap<(u64, u32), usize>> = ranked.collect();
    let ordinal = |identity, at| ranked.get(identity).and_then(|places| places.get(at)).copied().unwrap_or(0);
    found.iter().map(|(identity, at)| identity.fingerprint(ordinal(identity, at))).collect()
}

/// The token without its quotes, runs of blanks as one.
fn normalised(evidence: &str) -> Cow<'_, str> {
    let mut text = evidence.trim();
    for quote in ['"', '\''] {
        text = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)).unwrap_or(text);
    }
    if text.contains(char::is_whitespace) {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// A dotted key path as a JSON pointer (RFC 6901) whose array items are named by what they are.
fn pointer(root: Option<&Value>, key_path: &str) -> String {
    let mut out = String::new();
    let (mut here, mut rest) = (root, key_path);
    while !rest.is_empty() {
        let (name, next, tail) = step(here, rest);
        out.push('/');
        out.push_str(&name.replace('~', "~0").replace('/', "~1"));
        (here, rest) = (next, tail);
    }
    out
}

/// The first segment of `rest` as it stands in `here`: its name, what is there, and what follows.
pub(super) fn step<'v, 'p>(here: Option<&'v Value>, rest: &'p str) -> (Cow<'p, str>, Option<&'v Value>, &'p str) {
    let (segment, tail) = rest.split_once('.').unwrap_or((rest, ""));
    match here.map(|value| &value.kind) {
        Some(Kind::Map(map)) => {
            // A key may itself hold dots: the longest one that fits is meant.
            let ends = rest.match_indices('.').map(|(at, _)| at).chain([rest.len()]);
            let fits = ends.filter_map(|end| Some((end, map.get(rest.get(..end).filter(|key| !key.is_empty())?)?)));
            let Some((end, entry)) = fits.last() else { return (Cow::Borrowed(segment), None, tail) };
            let name = rest.get(..end).unwrap_or(segment);
            (Cow::Borrowed(name), Some(&entry.value), rest.get(end + 1..).unwrap_or_default())
        }
        Some(Kind::List(items)) => {
            let item = segment.parse::<usize>().ok().and_then(|index| items.get(index));
            (item.and_then(item_name).map_or(Cow::Borrowed(segment), Cow::Owned), item, tail)
        }
        _ => (Cow::Borrowed(segment), None, tail),
    }
}

/// What an array item is called: its `id` or `name`, or itself when it is a scalar.
fn item_name(item: &Value) -> Option<String> {
    match &item.kind {
        Kind::Map(map) => {
            let named = ["id", "name"].iter().find_map(|key| match &map.get(key)?.value.kind {
                Kind::String(text) if !text.text.is_empty() => Some(&text.text),
                _ => None,
            });
            named.map(|name| format!("[{name}]"))
        }
        // It may be a secret; nobody needs to read it here.
        Kind::String(text) => Some(format!("={}", digest(&text.text))),
        Kind::Number(number) => Some(format!("={number}")),
        Kind::Bool(value) => Some(format!("={value}")),
        Kind::Null | Kind::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::{Entry, EnvUse, Map, Text};
    use crate::source::{FileId, Span};

    const NOWHERE: Span = Span::file_start(FileId(0));

    fn text(text: &str) -> Value {
        Value::new(NOWHERE, Kind::String(Text { text: text.into(), env: EnvUse::None }))
    }

    fn map(members: Vec<(&str, Value)>) -> Value {
        let entry = |(key, value): (&str, Value)| Entry { key: key.into(), key_span: NOWHERE, value };
        Value::new(NOWHERE, Kind::Map(Map::new(members.into_iter().map(entry).collect())))
    }

    fn list(items: Vec<Value>) -> Value {
        Value::new(NOWHERE, Kind::List(items))
    }

    #[test]
    fn pointers_name_items_by_what_they_are() {
        let agent = |id| map(vec![("id", text(id)), ("tools", map(vec![]))]);
        let allow = list(vec![text("a"), map(vec![("x", text("y"))])]);
        let root = map(vec![("agents", list(vec![agent("main"), agent("ops")])), ("allow", allow)]);
        assert_eq!(pointer(Some(&root), "agents.1.tools.deny"), "/agents/[ops]/tools/deny");
        assert_eq!(pointer(Some(&root), "allow.0"), format!("/allow/={}", digest("a")));
        assert_eq!(pointer(Some(&root), "allow.1.x"), "/allow/1/x", "nothing but its index names it");
        assert_eq!(pointer(Some(&root), ""), "");
        assert_eq!(pointer(None, "a.0.b/c"), "/a/0/b~1c");
    }

    #[test]
    fn keys_may_hold_dots() {
        let root = map(vec![("a", map(vec![])), ("a.b", map(vec![("c.d", text("x"))]))]);
        assert_eq!(pointer(Some(&root), "a.b.c.d"), "/a.b/c.d");
        assert_eq!(pointer(Some(&root), "a.x.y"), "/a/x/y");
    }

    #[test]
    fn quotes_and_blanks_do_not_matter_and_text_does() {
        assert_eq!(normalised("\"lan\""), normalised("'lan'"));
        assert_eq!(normalised(" a\n\t b "), "a b");
        assert_ne!(normalised("'lan'"), normalised("'LAN'"));
    }

    #[test]
    fn equal_findings_are_told_apart_in_document_order() {
        let identity = |evidence: &str| Identity(["r", "p", "/a", evidence].map(str::to_owned));
        let all =
            [(identity("x"), (40, 1)), (identity("x"), (10, 1)), (identity("y"), (20, 1)), (identity("x"), (40, 1))];
        let prints = fingerprints(&all);
        assert_eq!(prints[0], identity("x").fingerprint(1));
        assert_eq!(prints[1], identity("x").fingerprint(0));
        assert_eq!(prints[2], identity("y").fingerprint(0));
        assert_eq!(prints[3], prints[0], "one token, one finding");
        assert!(prints.iter().all(|print| print.len() == 64));
    }
}
