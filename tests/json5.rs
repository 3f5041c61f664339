//! The JSON5 parser against npm `json5` 2.2.3 (recorded answers), against the `json5` crate (generated documents) and
//! against our own promises: exact spans, useful errors, a nesting limit.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test stops by panicking, and says so")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use clawsift::source::{FileId, Span};
use clawsift::syntax::json5::{MAX_DEPTH, parse};
use clawsift::syntax::{Document, Node, NodeKind, SyntaxError};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

fn read(text: &str) -> Result<Document, SyntaxError> {
    parse(FileId(0), text)
}

fn valid(text: &str) -> Document {
    read(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn string(text: &str) -> String {
    match valid(text).root.kind {
        NodeKind::String(value) => value.into(),
        other => panic!("{text:?} is {other:?}"),
    }
}

fn number(text: &str) -> f64 {
    match valid(text).root.kind {
        NodeKind::Number(value) => value,
        other => panic!("{text:?} is {other:?}"),
    }
}

// 1. The official cases with the answers of npm json5 2.2.3

/// Third-party data, so it is read where it lies and never copied.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/json5-cases.json");

/// The spelling of values in the recorded answers: sorted keys, the last duplicate wins, numbers by `toExponential`.
fn canon(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Number(value) if value.is_nan() => "NaN".to_owned(),
        NodeKind::Number(value) if value.is_infinite() => format!("{}Infinity", if *value < 0.0 { "-" } else { "" }),
        NodeKind::Number(value) if *value == 0.0 && value.is_sign_negative() => "-0".to_owned(),
        NodeKind::Number(value) => {
            let text = format!("{value:e}");
            format!("n{}", if text.contains("e-") { text } else { text.replace('e', "e+") })
        }
        NodeKind::String(value) => format!("s{}", quoted(value)),
        NodeKind::List(items) => format!("[{}]", items.iter().map(canon).collect::<Vec<_>>().join(",")),
        NodeKind::Map(members) => {
            let last =
                members.iter().map(|m| (m.key.encode_utf16().collect::<Vec<_>>(), m)).collect::<BTreeMap<_, _>>();
            let members = last.values().map(|m| format!("{}:{}", quoted(&m.key), canon(&m.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}

/// `JSON.stringify` escapes exactly the surrogates that are alone; ours are U+FFFD by then.
fn without_lone_surrogates(canon: &str) -> String {
    let mut out = String::new();
    let mut rest = canon;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        let lone = escape.strip_prefix("\\ud").is_some_and(|digits| digits.starts_with(|c| c >= '8'));
        out.push_str(&rest[..at]);
        out.push_str(if lone { "\u{fffd}" } else { &escape[..2] });
        rest = &escape[if lone { 6 } else { 2 }..];
    }
    out + rest
}

#[test]
fn answers_like_the_reference() {
    let Ok(cases) = std::fs::read_to_string(CASES) else {
        println!("skipped: {CASES} is absent");
        return;
    };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&cases).expect("the cases are JSON");
    let mut differences = String::new();
    for case in &cases {
        let ours = read(case["text"].as_str().expect("a text")).ok().map(|document| canon(&document.root));
        let theirs = case["canon"].as_str().map(without_lone_surrogates);
        assert_eq!(case["ok"] == true, theirs.is_some(), "{}", case["name"]);
        if ours != theirs {
            writeln!(differences, "{}: ours {ours:?}, theirs {theirs:?}", case["name"]).expect("memory");
        }
    }
    assert!(cases.len() >= 176, "only {} cases", cases.len());
    assert_eq!(differences, "");
}

// 2. Generated documents against the `json5` crate

/// A value with everything `serde_json::Value` would drop: NaN, infinities, duplicate keys. Minus zero is zero.
#[derive(Debug, PartialEq)]
enum Plain {
    Null,
    Bool(bool),
    Number(u64),
    String(String),
    List(Vec<Plain>),
    Map(Vec<(String, Plain)>),
}

impl Plain {
    fn number(value: f64) -> Self {
        Self::Number(if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() })
    }
}

impl From<&Node> for Plain {
    fn from(node: &Node) -> Self {
        match &node.kind {
            NodeKind::Null => Self::Null,
            NodeKind::Bool(value) => Self::Bool(*value),
            NodeKind::Number(value) => Self::number(*value),
            NodeKind::String(value) => Self::String(value.to_string()),
            NodeKind::List(items) => Self::List(items.iter().map(Self::from).collect()),
            NodeKind::Map(members) => {
                Self::Map(members.iter().map(|m| (m.key.to_string(), Self::from(&m.value))).collect())
            }
        }
    }
}

struct PlainVisitor;

#[allow(clippy::cast_precision_loss, reason = "rounding is what is compared")]
impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Plain;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<Plain, E> {
        Ok(Plain::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Plain, E> {
        Ok(Plain::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Plain, E> {
        Ok(Plain::number(value as f64))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Plain, E> {
        Ok(Plain::number(value as f64))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Plain, E> {
        Ok(Plain::number(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Plain, E> {
        Ok(Plain::String(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Plain, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Plain::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plain, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Plain::Map(members))
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor)
    }
}

/// Where the crate itself leaves the reference: half surrogate pairs, and hexadecimal numbers beyond 128 bits.
fn crate_may_differ(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("\\ud").any(|(at, _)| lower[at + 3..].starts_with(|c| c >= '8'))
        || lower.split(|c: char| !c.is_ascii_hexdigit() && c != 'x').any(|run| run.len() > 32)
}

/// What must hold for any text whatsoever.
fn check(text: &str) -> Result<(), TestCaseError> {
    let ours = read(text);
    match &ours {
        Ok(document) => check_spans(text, document)?,
        Err(error) => check_error(text, error)?,
    }
    if text.matches(['[', '{']).count() > MAX_DEPTH {
        return Ok(());
    }
    let ours = ours.ok().map(|document| Plain::from(&document.root));
    let theirs = json5::from_str::<Plain>(text).ok();
    if ours.is_some() != theirs.is_some() && crate_may_differ(text) {
        return Ok(());
    }
    prop_assert_eq!(ours, theirs, "{:?}", text);
    Ok(())
}

fn check_spans(text: &str, document: &Document) -> Result<(), TestCaseError> {
    let mut end = 0;
    for comment in &document.comments {
        let token = &text[range(comment.span)];
        prop_assert!(comment.span.start >= end, "comments in file order in {:?}", text);
        prop_assert!(token.starts_with("//") || token.starts_with("/*") && token.ends_with("*/"), "{:?}", token);
        end = comment.span.end;
    }
    let mut nodes = vec![&document.root];
    while let Some(node) = nodes.pop() {
        let token = &text[range(node.span)];
        let again = valid(token);
        prop_assert_eq!(Plain::from(&again.root), Plain::from(node));
        prop_assert_eq!(range(again.root.span), 0..token.len(), "{:?} is the whole token", token);
        match &node.kind {
            NodeKind::List(items) => nodes.extend(items),
            NodeKind::Map(members) => nodes.extend(members.iter().map(|m| &m.value)),
            _ => {}
        }
    }
    Ok(())
}

fn check_error(text: &str, error: &SyntaxError) -> Result<(), TestCaseError> {
    for span in [Some(error.span), error.related.as_ref().map(|r| r.0)].into_iter().flatten() {
        prop_assert!(text.get(range(span)).is_some(), "{:?} in {:?}", span, text);
    }
    let at = range(error.span);
    prop_assert!(!at.is_empty() || at.end == text.len(), "only the end of the file is an empty place: {:?}", error);
    prop_assert!(error.message.starts_with("expected ") && !error.message.ends_with('.'), "{}", error.message);
    prop_assert!(error.message.chars().count() < 400 && !error.message.contains(char::is_control), "{}", error.message);
    Ok(())
}

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(from).prop_map(str::to_owned)
}

fn joined(part: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(part, 0..=most).prop_map(|parts| parts.concat())
}

fn blank() -> impl Strategy<Value = String> {
    let blanks: &[&str] =
        &[" ", "\n", "\t", "\r\n", "\r", "\u{b}", "\u{c}", "\u{a0}", "\u{feff}", "\u{2028}", "\u{3000}"];
    let comments: &[&str] =
        &["//\n", "// \u{e9}\u{2028}", "/**/", "/* / * '\" */", "/***/", "//]\r\n", "/*\n//*/", "//€x\r"];
    joined(prop_oneof![4 => pick(blanks), 1 => pick(comments)], 2)
}

fn number_text() -> impl Strategy<Value = String> {
    let size = prop_oneof![
        "0|[1-9][0-9]{0,30}",
        "(0|[1-9][0-9]{0,20})\\.[0-9]{0,25}",
        "\\.[0-9]{1,25}",
        "(0|[1-9][0-9]{0,3}|[1-9]\\.[0-9]{0,20}|\\.[0-9]{1,9})[eE][+-]?[0-9]{1,4}",
        "0[xX][0-9a-fA-F]{1,30}",
        "Infinity|NaN",
    ];
    ("[+-]?", size).prop_map(|(sign, size)| sign + &size)
}

fn string_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => "[a-z ]{0,8}",
        1 => "[^'\"\\\\\n\r]{0,3}",
        1 => pick(&["\\n", "\\b", "\\f", "\\r", "\\t", "\\v", "\\'", "\\\"", "\\\\", "\\/", "\\q", "\\€", "\\0;"]),
        1 => pick(&["\\\n", "\\\r\n", "\\\r", "\\\u{2028}", "\\\u{2029}", "\u{2028}", "\u{feff}", "\u{0}"]),
        1 => "\\\\x[0-9a-fA-F]{2}|\\\\u[0-9a-cA-C][0-9a-fA-F]{3}|\\\\u[eEfF][0-9a-fA-F]{3}",
        1 => "\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}",
    ];
    (joined(part, 5), any::<bool>()).prop_map(|(inside, double)| {
        let (quote, other) = if double { ("\"", "'") } else { ("'", "\"") };
        format!("{quote}{inside}{other}{quote}")
    })
}

fn key_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z_$][a-zA-Z0-9_$]{0,6}",
        1 => joined(pick(&["a", "é", "Σ", "\\u0061", "\\u00e9", "_", "ℵ", "𝒳"]), 4).prop_map(|rest| format!("k{rest}\u{200d}")),
        1 => joined(pick(&["é", "\\u03A3", "\\u005f", "𝒳", "\\u0024", "ⅷ"]), 2).prop_map(|rest| format!("\\u0061{rest}1")),
        1 => pick(&["null", "true", "Infinity", "NaN", "__proto__", "while", "é", "ünïcode"]),
        2 => string_text(),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![pick(&["null", "true", "false"]), number_text(), string_text()];
    let value = leaf.prop_recursive(6, 40, 6, |value| {
        let item = (blank(), value.clone(), blank()).prop_map(|(a, value, b)| a + &value + &b).boxed();
        let member =
            (blank(), key_text(), blank(), item.clone()).prop_map(|(a, key, b, item)| a + &key + &b + ":" + &item);
        prop_oneof![bracketed("[", item, "]"), bracketed("{", member, "}")]
    });
    (blank(), value, blank()).prop_map(|(a, value, b)| a + &value + &b)
}

fn bracketed(
    open: &'static str,
    part: impl Strategy<Value = String>,
    close: &'static str,
) -> impl Strategy<Value = String> {
    (proptest::collection::vec(part, 0..6), any::<bool>(), blank()).prop_map(move |(parts, trailing, blank)| {
        let comma = if trailing && !parts.is_empty() { "," } else { "" };
        format!("{open}{}{comma}{blank}{close}", parts.join(","))
    })
}

/// Deletes, repeats or replaces a few characters.
fn mutated() -> impl Strategy<Value = String> {
    const WEEDS: &[&str] = &[
        "", "", "", "[", "]", "{", "}", ",", ":", "'", "\"", "\\", "/", "*", "#", "\n", "\r", "\u{2028}", "0", "1",
        "x", "e", ".", "-", "+", "u", "d", "\u{feff}", "\u{301}", "\u{202e}", "\0", "é", "💥", "//", "/*", "*/", "\\u",
        "\\uD83D",
    ];
    let change = (any::<proptest::sample::Index>(), 0..3_usize, pick(WEEDS));
    (document(), proptest::collection::vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, removed, weed) in changes {
            let at = place.index(chars.len() + 1);
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, weed.chars());
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_documents_agree(text in document()) {
        prop_assert!(read(&text).is_ok(), "{:?}: {:?}", text, read(&text));
        check(&text)?;
    }

    #[test]
    fn mutated_documents_agree(text in mutated()) {
        check(&text)?;
    }

    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), "[\\[\\]{},:'\"\\\\/*#0-9a-fxuINn.+ \n\r\u{2028}é-]{0,40}"]) {
        check(&text)?;
    }
}

// 3. Our own promises

#[test]
fn spans_are_the_tokens() {
    let text = "\u{feff}// head\r\n{ 'a b' : [1, -0x1F,], /* in */ \"é\": 'x\\'y', k\\u0061: { }, n: null } // tail";
    let document = valid(text);
    let token = |span| &text[range(span)];
    let comments: Vec<_> = document.comments.iter().map(|c| token(c.span)).collect();
    assert_eq!(comments, ["// head", "/* in */", "// tail"]);
    assert_eq!(token(document.root.span), &text[text.find('{').unwrap()..=text.rfind('}').unwrap()]);
    let NodeKind::Map(members) = &document.root.kind else { panic!("a map") };
    let keys: Vec<_> = members.iter().map(|m| (&*m.key, token(m.key_span))).collect();
    assert_eq!(keys, [("a b", "'a b'"), ("é", "\"é\""), ("ka", "k\\u0061"), ("n", "n")]);
    let values: Vec<_> = members.iter().map(|m| token(m.value.span)).collect();
    assert_eq!(values, ["[1, -0x1F,]", "'x\\'y'", "{ }", "null"]);
    let NodeKind::List(items) = &members[0].value.kind else { panic!("a list") };
    assert_eq!(items.iter().map(|item| token(item.span)).collect::<Vec<_>>(), ["1", "-0x1F"]);
}

#[test]
fn duplicate_keys_stay_in_file_order() {
    let document = valid("{a:1,'b':2,\"a\":3,\\u0061:4}");
    let NodeKind::Map(members) = document.root.kind else { panic!("a map") };
    assert_eq!(members.iter().map(|m| &*m.key).collect::<Vec<_>>(), ["a", "b", "a", "a"]);
    assert_eq!(members[3].value.kind, NodeKind::Number(4.0));
}

#[test]
fn comments_end_where_javascript_ends_them() {
    for end in ["\n", "\r", "\r\n", "\u{2028}", "\u{2029}", ""] {
        let text = format!("1//\u{2027}é{end}");
        let comments = valid(&text).comments;
        assert_eq!(comments.iter().map(|c| &text[range(c.span)]).collect::<Vec<_>>(), ["//\u{2027}é"], "{end:?}");
    }
    assert_eq!(valid("/*/ 1 */ 2 /***/").comments.len(), 2);
}

#[test]
fn white_space_is_json5s() {
    for blank in
        "\t\n\u{b}\u{c}\r \u{a0}\u{1680}\u{2000}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}".chars()
    {
        valid(&format!("{blank}[{blank}1{blank},{blank}{{{blank}a{blank}:{blank}1{blank}}}{blank}]{blank}"));
    }
    for other in ["\u{85}", "\u{180e}", "\u{200b}", "\u{2060}", "\0", "\u{1f}"] {
        assert!(read(&format!("{other}1")).is_err(), "{other:?}");
    }
}

#[test]
fn strings_are_javascripts() {
    for (text, value) in [
        ("'\\uD83D\\uDE00'", "😀"),
        ("'\\uD83D\\\n\\uDE00'", "😀"),
        ("'\\uD83D\\uD83D\\uDE00'", "\u{fffd}😀"),
        ("'\\uD83D'", "\u{fffd}"),
        ("'\\uDE00\\uD83Dx'", "\u{fffd}\u{fffd}x"),
        ("'\\uD83D\\n\\uDE00'", "\u{fffd}\n\u{fffd}"),
        ("'\\0\\x00\\u0000a\\0'", "\0\0\0a\0"),
        ("'\\A\\'\\\"\\\\\\/\\é\\💥'", "A'\"\\/é💥"),
        ("'a\\\r\n\\\r\\\n\\\u{2028}\\\u{2029}b'", "ab"),
        ("'\t\u{1}\u{2028}\u{2029}\u{7f}'", "\t\u{1}\u{2028}\u{2029}\u{7f}"),
        ("\"'\"", "'"),
        ("''", ""),
    ] {
        assert_eq!(string(text), value, "{text:?}");
    }
}

#[test]
#[allow(clippy::float_cmp, reason = "exactness is the point")]
fn numbers_round_like_javascript() {
    for (text, value) in [
        ("1e1000", f64::INFINITY),
        ("-1e99999999999999999999", f64::NEG_INFINITY),
        ("0e99999999999999999999", 0.0),
        ("4.9e-324", 5e-324),
        ("2.4703282292062327e-324", 0.0),
        ("-0", -0.0),
        ("-0x0", -0.0),
        ("-.0", -0.0),
        ("9007199254740993", 9_007_199_254_740_992.0),
        ("0x20000000000001", 9_007_199_254_740_992.0),
        ("0x20000000000003", 9_007_199_254_740_996.0),
        ("0x100000000000008", 72_057_594_037_927_936.0),
        ("0x1000000000000080", 1_152_921_504_606_846_976.0),
        ("0x1000000000000180", 1_152_921_504_606_847_488.0),
        ("0x10000000000000800000000", 3.094_850_098_213_451e26),
        ("0x10000000000000800000001", 3.094_850_098_213_451_4e26),
        ("0x00000000000000000000000000000000000000000000001", 1.0),
    ] {
        assert_eq!(number(text).to_bits(), value.to_bits(), "{text}: {}", number(text));
    }
    assert_eq!(number(&format!("0x{}", "F".repeat(255))), 16_f64.powi(255));
    assert_eq!(number(&format!("0x{}", "F".repeat(256))), f64::INFINITY);
    assert_eq!(number(&format!("-0x1{}", "0".repeat(1_000_000))), f64::NEG_INFINITY);
    assert!(number("-NaN").is_nan());
}

/// `«…»` marks the place of the error, `‹…›` the related place.
fn unmarked(text: &str) -> (String, Range<usize>, Option<Range<usize>>) {
    let mut plain = String::new();
    let mut marks = BTreeMap::new();
    for c in text.chars() {
        if "«»‹›".contains(c) {
            marks.insert(c, plain.len());
        } else {
            plain.push(c);
        }
    }
    let related = marks.get(&'‹').map(|&start| start..marks[&'›']);
    (plain, marks[&'«']..marks[&'»'], related)
}

const ERRORS: &[(&str, &str)] = &[
    ("«»", "expected a value, found the end of the file"),
    (" // only\n«»", "expected a value, found the end of the file"),
    ("«#» x\n1", "expected a value, found `#`, which starts no comment in JSON5"),
    ("«undefined»", "expected a value, found `undefined`"),
    ("«True»", "expected a value, found `True`"),
    ("«tr\u{443}e»", "expected a value, found `tr\u{443}e`"),
    ("«`»a`", "expected a value, found ```"),
    ("1 «2»", "expected the end of the file after the value, found `2`"),
    ("{} «}»", "expected the end of the file after the value, found `}`"),
    ("[1 «2»]", "expected `,` or `]` after the value, found `2`"),
    ("[1, «,»2]", "expected a value or `]`, found `,`"),
    ("{«,»}", "expected a key or `}`, found `,`"),
    ("{«10twenty»: 1}", "expected a key or `}`, found `10twenty`"),
    ("{a: 1, «#» x\n}", "expected a key or `}`, found `#`, which starts no comment in JSON5"),
    ("{ port: 80 «:» 1 }", "expected `,` or `}` after the value of \"port\", found `:`"),
    ("{ port: 80 «'hunter2\\x41'» }", "expected `,` or `}` after the value of \"port\", found a string"),
    ("{ port: 80 «'»hunter2 }", "expected `,` or `}` after the value of \"port\", found `'`"),
    ("{ port: «,» }", "expected a value for \"port\", found `,`"),
    ("{ port «=» 80 }", "expected `:` after the key \"port\", found `=`"),
    ("{ a«-b»: 1 }", "expected `:` after the key \"a\", found `-b`"),
    ("{ a«💥»: 1 }", "expected `:` after the key \"a\", found `💥`"),
    ("{ a«\u{1f}»: 1 }", "expected `:` after the key \"a\", found `\\u{1f}`"),
    ("{ \"\u{202e}evil\\n\" «1» }", "expected `:` after the key \"\\u{202e}evil\\n\", found `1`"),
    ("{ aaaaaaaaaabbbbbbbbbbc «1» }", "expected `:` after the key \"…\", found `1`"),
    ("[«aaaaaaaaaabbbbbbbbbbc»]", "expected a value or `]`, found a word of 21 characters"),
    ("{ token: «hunter2»’ }", "expected a value for \"token\", found a word of 7 characters"),
    ("[«017»]", "expected a number without leading zero, found `017`"),
    ("[«-08.5»]", "expected a number without leading zero, found `-08.5`"),
    ("[«1e2.3»]", "expected a number, found `1e2.3`"),
    ("[«0x»]", "expected a number, found `0x`"),
    ("[«.»]", "expected a number, found `.`"),
    ("[«-» 1]", "expected a number, found `-`"),
    ("[«--1»]", "expected a number, found `--1`"),
    ("{ a: ‹[›1, 2«»", "expected `,` or `]` after the value, found the end of the file"),
    ("‹{› a: [1, 2]«»", "expected `,` or `}` after the value of \"a\", found the end of the file"),
    ("‹{› a:«»", "expected a value for \"a\", found the end of the file"),
    ("‹{› a«»", "expected `:` after the key \"a\", found the end of the file"),
    ("‹{›«»", "expected a key or `}`, found the end of the file"),
    ("{ a: ‹[›1«}»", "expected `,` or `]` after the value, found `}`"),
    ("[‹{›a: 1«]»", "expected `,` or `}` after the value of \"a\", found `]`"),
    ("[‹'›abc«\n»']", "expected the closing `'` of the string, found the end of the line"),
    ("[‹\"›abc«\r\n»\"]", "expected the closing `\"` of the string, found the end of the line"),
    ("[‹\"›abc']«»", "expected the closing `\"` of the string, found the end of the file"),
    ("[‹\"›abc\\«»", "expected the closing `\"` of the string, found the end of the file"),
    ("['«\\x4»g']", "expected 2 hexadecimal digits after `\\x`, found 1"),
    ("['«\\u»']", "expected 4 hexadecimal digits after `\\u`, found 0"),
    ("['«\\1»']", "expected an escape such as `\\n` or `\\x41`, found `\\1`"),
    ("['«\\00»']", "expected an escape such as `\\n` or `\\x41`, found `\\00`"),
    ("{a«\\u0020»b: 1}", "expected a letter in the key without quotes, found `\\u0020`"),
    ("{«\\u0031»: 1}", "expected a letter in the key without quotes, found `\\u0031`"),
    ("{a«\\uD83D»\\uDE00: 1}", "expected a letter in the key without quotes, found `\\uD83D`"),
    ("{a«\\»x41: 1}", "expected `\\u` and 4 hexadecimal digits in the key, found `\\`"),
    ("[1 «/» 2]", "expected `//` or `/*`, found `/`"),
    ("[1 ‹/*› 2]«»", "expected the closing `*/` of the comment, found the end of the file"),
    ("‹/*›/«»", "expected the closing `*/` of the comment, found the end of the file"),
];

#[test]
fn errors_point_at_the_narrowest_token() {
    for (marked, message) in ERRORS {
        let (text, place, related) = unmarked(marked);
        let error = read(&text).expect_err(marked);
        assert_eq!(error.message, *message, "{marked}");
        assert_eq!(range(error.span), place, "{marked}");
        assert_eq!(error.related.map(|(span, _)| range(span)), related, "{marked}");
    }
}

#[test]
fn an_unclosed_bracket_is_named() {
    let (place, message) = read("{ a: [1,").expect_err("unclosed").related.expect("the bracket");
    assert_eq!((range(place), message.as_str()), (5..6, "this `[` is not closed"));
}

/// A small stack, so that recursion which ignores the limit is found out.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(test).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn nesting_stops_at_the_limit() {
    on_small_stack(|| {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("[{a:", "}]")] {
            let levels = open.matches(['[', '{']).count();
            let nested = |depth: usize| open.repeat(depth / levels) + "[]" + &close.repeat(depth / levels);
            assert!(read(&nested(MAX_DEPTH - levels)).is_ok(), "{open}");
            let error = read(&nested(MAX_DEPTH)).expect_err(open);
            assert_eq!(range(error.span).start, open.len() * MAX_DEPTH / levels, "{open}");
            let error = read(&open.repeat(100_000)).expect_err(open);
            assert_eq!(error.message, "expected at most 256 nested brackets, found one more");
        }
    });
    assert!(read(&format!("[{}]", "[],".repeat(100_000))).is_ok(), "only what is open counts");
}

#[test]
#[allow(clippy::float_cmp, reason = "exactness is the point")]
fn long_tokens_are_fine() {
    let long = "aé".repeat(1 << 19);
    assert_eq!(string(&format!("'{long}'")), long);
    assert_eq!(string(&format!("'\\n{long}'")), format!("\n{long}"));
    assert_eq!(string(&format!("'{}'", "\\n".repeat(1 << 20))), "\n".repeat(1 << 20));
    assert_eq!(valid(&format!("1{}", "/**/".repeat(1 << 18))).comments.len(), 1 << 18);
    assert_eq!(number(&format!("1.{}", "0".repeat(1 << 20))), 1.0);
    assert_eq!(range(read(&"x".repeat(1 << 20)).expect_err("a word").span), 0..1 << 20);
}

#[test]
fn crlf_files_keep_their_offsets() {
    let text = "{\r\n  a: 'x\\\r\ny',\r\n  b: 2,\r\n}\r\n";
    let NodeKind::Map(members) = valid(text).root.kind else { panic!("a map") };
    assert_eq!(members[0].value.kind, NodeKind::String("xy".into()));
    assert_eq!(&text[range(members[1].key_span)], "b");
}
