//! Our own fingerprint of a finding: equal as long as it is the same finding.
//!
//! It is made of the rule, the file, the logical place (array items by their name, not their index),
//! the text that decided, and a number where all of these are equal. Line, column, message,
//! severity and the version of this tool are not in it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::finding::{Finding, Identity};
use crate::model::schema::moved::{Fate, newest_fate};
use crate::model::value::{Kind, Value};

/// Hex digits of the digest of a secret: enough to tell most of them apart, too few to find one by trying.
const SECRET_DIGITS: usize = 4;

/// What a finding is made of, before it is numbered among its equals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Parts {
    id: String,
    path: Arc<str>,
    anchor: String,
    evidence: String,
    secret: bool,
}

/// What of a finding's surroundings tells which one it is.
pub(super) struct Told<'a> {
    /// The file that the finding is about.
    pub(super) path: Arc<str>,
    /// The tree that its key path leads into.
    pub(super) root: Option<&'a Value>,
    /// The text of its token.
    pub(super) evidence: &'a str,
    /// That text holds a secret.
    pub(super) is_secret: bool,
}

impl Parts {
    pub(super) fn of(finding: &Finding, told: &Told<'_>) -> Self {
        // The token of an absent key is only its nearest neighbour.
        let evidence = if finding.place.missing { Cow::Borrowed("") } else { normalised(told.evidence) };
        let mut evidence = digest(&evidence);
        if told.is_secret {
            evidence.truncate(SECRET_DIGITS);
        }
        Self {
            id: finding.id.to_string(),
            path: Arc::clone(&told.path),
            anchor: pointer(told.root, &finding.place.key_path),
            evidence,
            secret: told.is_secret,
        }
    }

    /// `ordinal` counts equal parts, `at_place` those that differ in their evidence at most.
    fn identity(&self, ordinal: usize, at_place: usize) -> Identity {
        let Self { id, path, anchor, evidence, secret } = self;
        let (ordinal, at_place) = (ordinal.to_string(), at_place.to_string());
        Identity {
            path: Arc::clone(path),
            anchor: anchor.clone(),
            fingerprint: joined(&["clawsift/v1", id, path, anchor, evidence, &ordinal]),
            content: joined(&["clawsift/content", id, anchor, evidence, &ordinal]),
            place: joined(&["clawsift/anchor", id, path, anchor, &at_place]),
            secret: *secret,
        }
    }

    fn without_evidence(&self) -> Self {
        Self { evidence: String::new(), secret: false, ..self.clone() }
    }
}

/// The digest of some texts with NUL between them.
fn joined(parts: &[&str]) -> String {
    digest(&parts.join("\0"))
}

/// Where something stands in its file: offset and length.
type At = (u64, u32);

/// Numbers equals in document order. Findings at the very same token share a number: judging makes one of
/// them.
pub(super) fn identities(found: &[(Parts, At)]) -> Vec<Identity> {
    let at_place: Vec<(Parts, At)> = found.iter().map(|(parts, at)| (parts.without_evidence(), *at)).collect();
    let numbers = ordinals(found).into_iter().zip(ordinals(&at_place));
    found.iter().zip(numbers).map(|((parts, _), (ordinal, at_place))| parts.identity(ordinal, at_place)).collect()
}

fn ordinals(found: &[(Parts, At)]) -> Vec<usize> {
    let mut places: BTreeMap<&Parts, BTreeSet<At>> = BTreeMap::new();
    for (parts, at) in found {
        places.entry(parts).or_default().insert(*at);
    }
    let ranked = places.into_iter().map(|(parts, places)| (parts, places.into_iter().zip(0..).collect()));
    let ranked: BTreeMap<&Parts, BTreeMap<At, usize>> = ranked.collect();
    let ordinal = |parts, at| ranked.get(parts).and_then(|places| places.get(at)).copied().unwrap_or(0);
    found.iter().map(|(parts, at)| ordinal(parts, at)).collect()
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

/// A dotted key path as a JSON pointer (RFC 6901) whose array items are named by what they are, in the
/// spelling of the newest release: upgrading a configuration makes no finding a new one.
fn pointer(root: Option<&Value>, key_path: &str) -> String {
    let mut names = Vec::new();
    let (mut here, mut rest) = (root, key_path);
    while !rest.is_empty() {
        let (name, next, tail) = step(here, rest);
        names.push(name.into_owned());
        (here, rest) = (next, tail);
    }
    let mut out = String::new();
    for name in newest(names) {
        out.push('/');
        out.push_str(&name.replace('~', "~0").replace('/', "~1"));
    }
    out
}

/// Where a value went that has another place since.
fn newest(names: Vec<String>) -> Vec<String> {
    // The table is about dotted paths.
    let plain = !names.iter().any(|name| name.is_empty() || name.contains('.'));
    let moved = plain.then(|| newest_fate(&names.join("."))).flatten();
    let Some(Fate::Moved(to)) = moved else { return names };
    let mut names: Vec<String> = to.split('.').map(str::to_owned).collect();
    // What was an item with an id is a member of that name.
    if let [agents, entries, agent, ..] = names.as_mut_slice()
        && (agents.as_str(), entries.as_str()) == ("agents", "entries")
        && let Some(id) = agent.strip_prefix('[').and_then(|id| id.strip_suffix(']'))
    {
        *agent = id.to_owned();
    }
    names
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
        Kind::String(text) => Some(format!("={}", digest(&text.text).get(..SECRET_DIGITS).unwrap_or_default())),
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
        assert_eq!(pointer(Some(&root), "allow.0"), format!("/allow/={}", &digest("a")[..4]));
        assert_eq!(pointer(Some(&root), "allow.1.x"), "/allow/1/x", "nothing but its index names it");
        assert_eq!(pointer(Some(&root), ""), "");
        assert_eq!(pointer(None, "a.0.b/c"), "/a/0/b~1c");
    }

    #[test]
    fn a_moved_key_keeps_its_pointer() {
        let agent = |id| map(vec![("id", text(id)), ("tools", map(vec![]))]);
        let list = map(vec![("agents", map(vec![("list", list(vec![agent("main"), agent("ops")]))]))]);
        assert_eq!(pointer(Some(&list), "agents.list.1.tools.deny"), "/agents/entries/ops/tools/deny");
        let entries = map(vec![("agents", map(vec![("entries", map(vec![("ops", map(vec![]))]))]))]);
        assert_eq!(pointer(Some(&entries), "agents.entries.ops.tools.deny"), "/agents/entries/ops/tools/deny");
        assert_eq!(pointer(None, "gateway.nodes.allowCommands"), "/gateway/nodes/commands/allow");
        assert_eq!(pointer(None, "gateway.nodes.commands.allow"), "/gateway/nodes/commands/allow");
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
        let parts = |evidence: &str| Parts {
            id: "r".to_owned(),
            path: "p".into(),
            anchor: "/a".to_owned(),
            evidence: evidence.to_owned(),
            secret: false,
        };
        let all = [(parts("x"), (40, 1)), (parts("x"), (10, 1)), (parts("y"), (20, 1)), (parts("x"), (40, 1))];
        let found = identities(&all);
        assert_eq!(found[0], parts("x").identity(1, 2));
        assert_eq!(found[1], parts("x").identity(0, 0));
        assert_eq!(found[2], parts("y").identity(0, 1));
        assert_eq!(found[3], found[0], "one token, one finding");
        let hashes = found.iter().flat_map(|one| [&one.fingerprint, &one.content, &one.place]);
        assert!(hashes.into_iter().all(|hash| hash.len() == 64));
    }
}
