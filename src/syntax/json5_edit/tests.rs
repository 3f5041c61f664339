use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::source::{FileId, offset};
use crate::syntax::json5;

/// Runs an edit at the token `at` of a text.
fn edited(text: &str, at: &str, edit: impl Fn(&Editor<'_>, Span) -> Option<Vec<TextEdit>>) -> String {
    let document = json5::parse(FileId(0), text).expect("parses");
    let start = text.find(at).expect("stands there");
    let span = Span { file: FileId(0), start: offset(start), end: offset(start + at.len()) };
    let edits = edit(&Editor::new(text, &document), span).expect("can be done");
    let after = apply(text, &edits).expect("do not overlap");
    json5::parse(FileId(0), &after).unwrap_or_else(|error| panic!("{after}: {}", error.message));
    after
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone does not fit every lifetime")]
fn removed(text: &str, at: &str) -> String {
    edited(text, at, |editor, span| editor.remove(span))
}

fn set(text: &str, path: &[&str], value: &serde_json::Value) -> String {
    edited(text, "{", |editor, span| editor.set(span, path, value))
}

#[test]
fn a_member_goes_with_its_line_and_its_comma() {
    assert_eq!(removed("{\n  a: 1,\n  b: true,\n  c: 3\n}\n", "b"), "{\n  a: 1,\n  c: 3\n}\n");
    assert_eq!(removed("{\n  a: 1,\n  b: true\n}\n", "true"), "{\n  a: 1\n}\n");
    assert_eq!(removed("{ a: 1, b: 2, c: 3 }", "b"), "{ a: 1, c: 3 }");
    assert_eq!(removed("{ a: 1, b: 2 }", "b"), "{ a: 1 }");
    assert_eq!(removed("{\"a\":1,\"b\":{\"x\":1}}", "\"b\""), "{\"a\":1}");
    assert_eq!(removed("[ 'a', '*', 'b' ]", "'*'"), "[ 'a', 'b' ]");
    assert_eq!(removed("{ a: ['*'] }", "'*'"), "{ a: [] }");
    assert_eq!(removed("{\r\n\ta: 1,\r\n\tb: {\r\n\t\tc: 2,\r\n\t},\r\n}", "b"), "{\r\n\ta: 1,\r\n}");
}

#[test]
fn comments_stay_when_their_neighbour_goes() {
    assert_eq!(
        removed("{\n  // about b\n  b: true, // because\n  c: 3, /* x */\n}\n", "true"),
        "{\n  // about b\n  // because\n  c: 3, /* x */\n}\n"
    );
    assert_eq!(removed("{\n  a: 1, // one\n  b: 2 // two\n}", "2"), "{\n  a: 1 // one\n  // two\n}");
    assert_eq!(removed("{ a: 1 /* x */, b: 2 }", "1"), "{ /* x */ b: 2 }");
}

#[test]
fn a_member_is_added_in_the_style_of_its_neighbours() {
    assert_eq!(set("{}", &["a"], &json!(true)), "{ \"a\": true }");
    assert_eq!(set("{ x: {} }", &["a", "b"], &json!("c")), "{ x: {}, a: { b: \"c\" } }");
    assert_eq!(set("{ x: { y: 1 } }", &["x", "b"], &json!("c")), "{ x: { y: 1, b: \"c\" } }");
    assert_eq!(
        set("{\n  \"a\": 1 // one\n}\n", &["b", "c"], &json!(["d"])),
        "{\n  \"a\": 1, // one\n  \"b\": { \"c\": [\"d\"] }\n}\n"
    );
    assert_eq!(set("{\n  a: 1,\n  /* end */\n}", &["b"], &json!(2)), "{\n  a: 1,\n  b: 2,\n  /* end */\n}");
    assert_eq!(set("{\r\n  a: {\r\n  },\r\n}", &["a", "b"], &json!(2)), "{\r\n  a: {\r\n    b: 2\r\n  },\r\n}");
    assert_eq!(set("{\n  a: 1 }", &["b"], &json!(2)), "{\n  a: 1,\n  b: 2 }");
    assert_eq!(set("{ a: 1 }", &["a"], &json!(2)), "{ a: 2 }");
    assert_eq!(set("{ // note\n}", &["a"], &json!(2)), "{ // note\n  \"a\": 2\n}");
}

#[test]
fn items_are_added_and_keys_renamed() {
    let push = |text: &str, value: &serde_json::Value| edited(text, "[", |editor, span| editor.push(span, value));
    assert_eq!(push("{ deny: [] }", &json!("exec")), "{ deny: [\"exec\"] }");
    assert_eq!(push("{ deny: ['a'] }", &json!("exec")), "{ deny: ['a', \"exec\"] }");
    assert_eq!(push("{ deny: [\n  'a', // x\n] }", &json!("e")), "{ deny: [\n  'a', // x\n  \"e\",\n] }");
    let renamed = |text: &str, at: &str| edited(text, at, |editor, span| editor.rename(span, "timeoutSeconds"));
    assert_eq!(renamed("{ timeoutSec: 1 }", "timeoutSec"), "{ timeoutSeconds: 1 }");
    assert_eq!(renamed("{ 'timeoutSec': 1 }", "'timeoutSec'"), "{ 'timeoutSeconds': 1 }");
}

#[test]
fn what_is_there_is_not_written_again() {
    let text = "{ a: 1, timeoutSeconds: 2 }";
    let document = json5::parse(FileId(0), text).expect("parses");
    let editor = Editor::new(text, &document);
    let key = Span { file: FileId(0), start: 2, end: 3 };
    assert_eq!(editor.rename(key, "timeoutSeconds"), None);
    assert_eq!(editor.replace(key, &json!(1)), None);
    assert_eq!(editor.remove(Span { file: FileId(0), start: 3, end: 4 }), None);
}

fn grafted(text: &str, moves: &[(&str, &[&str])]) -> String {
    let document = json5::parse(FileId(0), text).expect("parses");
    let editor = Editor::new(text, &document);
    let NodeKind::Map(members) = &document.root.kind else { panic!("an object") };
    let graft = |(name, path): &(&str, &[&str])| Graft {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: Planted::Member(members.iter().find(|member| &*member.key == *name).expect("is there").key_span),
    };
    let grafts: Vec<_> = moves.iter().map(graft).collect();
    let edits = editor.graft(document.root.span, &grafts).expect("can be done");
    let after = apply(text, &edits).unwrap_or_else(|| panic!("{edits:?} overlap in {text}"));
    json5::parse(FileId(0), &after).unwrap_or_else(|error| panic!("{after}: {}", error.message));
    after
}

#[test]
fn a_member_moves_with_its_value_as_it_is_written() {
    assert_eq!(grafted("{ deny: ['a'] }", &[("deny", &["commands", "deny"])]), "{ commands: { deny: ['a'] } }");
    let both: [(&str, &[&str]); 2] = [("allow", &["c", "allow"]), ("deny", &["c", "deny"])];
    assert_eq!(
        grafted("{\n  deny: ['a'], // why\n  allow: [/* none */],\n}\n", &both),
        "{\n  // why\n  c: { allow: [/* none */], deny: ['a'] },\n}\n"
    );
    assert_eq!(grafted("{ a: 1, b: 2 }", &[("b", &["c"])]), "{ a: 1, c: 2 }");
}

#[test]
fn several_neighbours_go_together() {
    let gone = |text: &str, names: &[&str]| {
        let document = json5::parse(FileId(0), text).expect("parses");
        let NodeKind::Map(members) = &document.root.kind else { panic!("an object") };
        let named = |member: &&Member| names.contains(&&*member.key);
        let all: Vec<Span> = members.iter().filter(named).map(|member| member.key_span).collect();
        apply(text, &Editor::new(text, &document).remove_all(&all).expect("can be done")).expect("do not overlap")
    };
    assert_eq!(gone("{ a: 1, b: 2 }", &["a", "b"]), "{ }");
    assert_eq!(gone("{ a: 1, b: 2, c: 3 }", &["b", "c"]), "{ a: 1 }");
    assert_eq!(gone("{\n  a: 1,\n  b: 2, // b\n  c: 3\n}", &["a", "c"]), "{\n  b: 2 // b\n}");
}

/// A JSON5 object in some style, and the names of its members.
fn documents() -> impl Strategy<Value = (String, Vec<String>)> {
    let member = (
        proptest::sample::select(vec!["1", "true", "'x'", "\"y\"", "[1, 2]", "{ z: null }", "{\n    q: 1,\n  }"]),
        proptest::sample::select(vec!["", " /* c */"]),
        proptest::sample::select(vec!["\n  ", " ", "\r\n\t", "\n  // note\n  ", ""]),
        proptest::sample::select(vec!["", " // after\n  ", " /* d */ "]),
    );
    (proptest::collection::vec(member, 1..6), any::<bool>(), any::<bool>()).prop_map(|(members, quoted, trailing)| {
        let mut text = "{".to_owned();
        let mut names = Vec::new();
        let count = members.len();
        for (index, (value, inner, before, after)) in members.into_iter().enumerate() {
            let name = format!("key{index}");
            let shown = if quoted { format!("\"{name}\"") } else { name.clone() };
            let comma = if index + 1 < count || trailing { "," } else { "" };
            let _ = write!(text, "{before}{shown}: {value}{inner}{comma}{after}");
            names.push(name);
        }
        text.push('}');
        (text, names)
    })
}

fn value_of(text: &str) -> serde_json::Value {
    ::json5::from_str(text).expect("parses")
}

fn comments(text: &str) -> Vec<String> {
    let document = json5::parse(FileId(0), text).expect("parses");
    let shown = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or_default().trim_end().to_owned();
    document.comments.iter().map(|comment| shown(comment.span)).collect()
}

proptest! {
    #[test]
    fn removing_removes_one_member_and_no_comment((text, names) in documents(), pick in any::<prop::sample::Index>()) {
        let name = pick.get(&names);
        let quoted = format!("\"{name}\"");
        let after = removed(&text, if text.contains(&quoted) { &quoted } else { name });
        let mut wanted = value_of(&text);
        wanted.as_object_mut().expect("an object").remove(name);
        prop_assert_eq!(value_of(&after), wanted, "{}", after);
        prop_assert_eq!(comments(&after), comments(&text));
    }

    #[test]
    fn setting_changes_one_member_and_no_comment((text, names) in documents(), pick in any::<prop::sample::Index>(), new in any::<bool>()) {
        let name = if new { "other".to_owned() } else { pick.get(&names).clone() };
        let after = set(&text, &[&name], &json!({ "deep": [1, "two"] }));
        let mut wanted = value_of(&text);
        wanted.as_object_mut().expect("an object").insert(name, json!({ "deep": [1, "two"] }));
        prop_assert_eq!(value_of(&after), wanted, "{}", after);
        prop_assert_eq!(comments(&after), comments(&text));
    }
    #[test]
    fn moving_moves_members_and_no_comment(
        (text, names) in documents(),
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..4),
        deep in any::<bool>(),
    ) {
        let picked: std::collections::BTreeSet<&String> = picks.iter().map(|pick| pick.get(&names)).collect();
        let path = |name: &str| if deep { vec!["new".to_owned(), name.to_owned()] } else { vec![format!("new-{name}")] };
        let paths: Vec<(&str, Vec<String>)> = picked.iter().map(|name| (name.as_str(), path(name))).collect();
        let refs: Vec<(&str, Vec<&str>)> =
            paths.iter().map(|(name, path)| (*name, path.iter().map(String::as_str).collect())).collect();
        let after = grafted(&text, &refs.iter().map(|(name, path)| (*name, path.as_slice())).collect::<Vec<_>>());
        let mut wanted = value_of(&text);
        let root = wanted.as_object_mut().expect("an object");
        for (name, path) in &paths {
            let value = root.remove(*name).expect("is there");
            match path.as_slice() {
                [one] => drop(root.insert(one.clone(), value)),
                path => {
                    let new = root.entry("new").or_insert_with(|| json!({}));
                    new.as_object_mut().expect("an object").insert(path.last().expect("is there").clone(), value);
                }
            }
        }
        prop_assert_eq!(value_of(&after), wanted, "{}", after);
        let sorted = |text: &str| {
            let mut all = comments(text);
            all.sort();
            all
        };
        prop_assert_eq!(sorted(&after), sorted(&text));
    }

    #[test]
    fn renaming_changes_one_key_and_no_comment((text, names) in documents(), pick in any::<prop::sample::Index>()) {
        let name = pick.get(&names);
        let quoted = format!("\"{name}\"");
        let at = if text.contains(&quoted) { &quoted } else { name };
        let after = edited(&text, at, |editor, span| editor.rename(span, "other-name"));
        let mut wanted = value_of(&text);
        let root = wanted.as_object_mut().expect("an object");
        let value = root.remove(name).expect("is there");
        root.insert("other-name".to_owned(), value);
        prop_assert_eq!(value_of(&after), wanted, "{}", after);
        prop_assert_eq!(comments(&after), comments(&text));
    }

    #[test]
    fn removing_several_removes_them_and_no_comment(
        (text, names) in documents(),
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..5),
    ) {
        let picked: std::collections::BTreeSet<&String> = picks.iter().map(|pick| pick.get(&names)).collect();
        let document = json5::parse(FileId(0), &text).expect("parses");
        let NodeKind::Map(members) = &document.root.kind else { panic!("an object") };
        let goes = |member: &&Member| picked.iter().any(|name| **name == *member.key);
        let all: Vec<Span> = members.iter().filter(goes).map(|member| member.key_span).collect();
        let edits = Editor::new(&text, &document).remove_all(&all).expect("can be done");
        let after = apply(&text, &edits).expect("do not overlap");
        let mut wanted = value_of(&text);
        wanted.as_object_mut().expect("an object").retain(|name, _| !picked.contains(name));
        prop_assert_eq!(value_of(&after), wanted, "{}", after);
        prop_assert_eq!(comments(&after), comments(&text));
    }

    #[test]
    fn adding_items_adds_them_at_the_end(items in proptest::collection::vec("[a-z]{1,4}", 0..5), lines in any::<bool>(), trailing in any::<bool>()) {
        let glue = if lines { ", // c\n  " } else { ", " };
        let end = if trailing && !items.is_empty() { "," } else { "" };
        let shown: Vec<String> = items.iter().map(|item| format!("'{item}'")).collect();
        let start = if lines { "\n  " } else { "" };
        let text = format!("{{ a: [{start}{}{end}] }}", shown.join(glue));
        let after = edited(&text, "[", |editor, span| editor.push(span, &json!("new")));
        let mut wanted: Vec<serde_json::Value> = items.iter().map(|item| json!(item)).collect();
        wanted.push(json!("new"));
        prop_assert_eq!(value_of(&after), json!({ "a": wanted }), "{}", after);
        prop_assert_eq!(comments(&after), comments(&text));
    }
}
