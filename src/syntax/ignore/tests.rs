#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::syntax::comment::{Notation, comments};

fn all(text: &str) -> Vec<Result<Written, Fault>> {
    let comments = comments(Notation::Json5, text);
    comments.into_iter().flat_map(|comment| read(text, comment).collect::<Vec<_>>()).collect()
}

fn one(text: &str) -> Written {
    let mut all = all(text);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0).unwrap()
}

#[test]
fn all_of_it_is_read() {
    let text = "{} // clawsift: ignore[a.b, c] reason=\"said \\\"so\\\" \" until=2026-12-31\n";
    let read = one(text);
    assert_eq!(&text[read.head.clone()], "ignore[a.b, c]");
    assert_eq!(read.ids.iter().map(|id| &text[id.clone()]).collect::<Vec<_>>(), ["a.b", "c"]);
    assert_eq!(read.reason, "said \"so\"");
    assert_eq!(
        read.until.clone().map(|(day, at)| (day.to_string(), &text[at])),
        Some(("2026-12-31".to_owned(), "2026-12-31"))
    );
    let other = one("{} /* clawsift:ignore[a] until=2026-12-31 reason=\"x\"*/");
    assert_eq!((other.reason.as_str(), other.until.is_some()), ("x", true));
}

#[test]
fn what_is_only_spoken_of_is_none() {
    for text in [
        "{} // see clawsift: ignore[a] reason=\"x\"",
        "{} // clawsift: the linter of our choice",
        "{ a: '// clawsift: ignore[a] reason=\"x\"' }",
        "{} // clawsift",
    ] {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn lines_of_a_comment_have_one_each() {
    let text =
        "/*\n * Both are meant:\n * clawsift: ignore[a] reason=\"x\"\n * clawsift: ignore[b] reason=\"y\"\n */\n{}";
    let ids: Vec<_> = all(text).into_iter().map(|one| text[one.unwrap().ids[0].clone()].to_owned()).collect();
    assert_eq!(ids, ["a", "b"]);
}

#[test]
fn faults_are_told_at_their_token() {
    for (line, at) in [
        ("clawsift: ignore", "ignore"),
        ("clawsift: ignore gateway", "ignore"),
        ("clawsift: Ignore[a]", "Ignore"),
        ("clawsift: ignores[a]", "ignores"),
        ("clawsift: disable[a]", "disable"),
        ("clawsift: ignore[a", "["),
        ("clawsift: ignore[]", "[]"),
        ("clawsift: ignore[a,]", "[a,]"),
        ("clawsift: ignore[a] because", "because"),
        ("clawsift: ignore[a] reason=x", "reason=x"),
        ("clawsift: ignore[a] reason=\"x", "reason=\"x"),
        ("clawsift: ignore[a] reason=\"x\" reason=\"y\"", "reason"),
        ("clawsift: ignore[a] until=tomorrow", "tomorrow"),
        ("clawsift: ignore[a] until=2026-02-30", "2026-02-30"),
        ("clawsift: ignore[a] until=20261231", "20261231"),
        ("clawsift: ignore[a] reason=\"\u{202e}x\"", "\u{202e}"),
    ] {
        let text = format!("{{}} // {line}\n");
        let found = all(&text);
        let [Err(fault)] = found.as_slice() else { panic!("{line}: {found:?}") };
        assert_eq!(&text[fault.at.clone()], at, "{line}");
    }
    let long = format!("{{}} // clawsift: ignore[a] reason=\"{}\"", "x".repeat(501));
    assert!(matches!(all(&long).as_slice(), [Err(_)]));
    let longer = format!("{{}} // clawsift: ignore[a] reason=\"{}", "x".repeat(1 << 20));
    assert!(matches!(all(&longer).as_slice(), [Err(_)]));
}

#[test]
fn a_removal_leaves_the_rest() {
    let say = "clawsift: ignore[a] reason=\"x\"";
    for (before, after) in [
        ("{\n  // SAY\n  a: 1,\n}", "{\n  a: 1,\n}"),
        ("{\r\n  // SAY\r\n  a: 1,\r\n}", "{\r\n  a: 1,\r\n}"),
        ("{\n  a: 1, // SAY\n}", "{\n  a: 1,\n}"),
        ("{\r\n  a: 1, // SAY\r\n}", "{\r\n  a: 1,\r\n}"),
        ("{\n  /* SAY */ a: 1,\n}", "{\n  a: 1,\n}"),
        ("{ a: /* SAY */ 1 }", "{ a: 1 }"),
        ("{}\n// SAY", "{}\n"),
        ("{} // SAY", "{}"),
        ("\u{feff}// SAY\n{}", "\u{feff}{}"),
        ("{}\n/*\n * SAY\n */\n", "{}\n"),
        ("{}\n/*\n * Why\n * SAY\n * and more\n */\n", "{}\n/*\n * Why\n * and more\n */\n"),
        ("{} /* SAY\n and more */", "{} /* \n and more */"),
    ] {
        let text = before.replace("SAY", say);
        let mut left = text.clone();
        left.replace_range(one(&text).removal(&text), "");
        assert_eq!(left, after, "{before:?}");
    }
}

#[test]
fn a_removal_from_markdown_keeps_paragraphs_apart() {
    let remove = |text: &str| {
        let comment = comments(Notation::Markdown, text).remove(0);
        let written = read(text, comment).next().unwrap().unwrap();
        let mut left = text.to_owned();
        left.replace_range(written.removal(text), "");
        left
    };
    assert_eq!(remove("One.\n<!-- clawsift: ignore[a] reason=\"x\" -->\nTwo.\n"), "One.\n\nTwo.\n");
    assert_eq!(remove("One.\n\n<!-- clawsift: ignore[a] reason=\"x\" -->\nTwo.\n"), "One.\n\nTwo.\n");
}

#[test]
fn one_of_several_ids_goes_with_its_comma() {
    let text = "{} // clawsift: ignore[a, b ,c] reason=\"x\"";
    let without = |index: usize| {
        let mut left = text.to_owned();
        left.replace_range(one(text).without(text, index), "");
        left
    };
    assert_eq!(without(0), "{} // clawsift: ignore[b ,c] reason=\"x\"");
    assert_eq!(without(1), "{} // clawsift: ignore[a, c] reason=\"x\"");
    assert_eq!(without(2), "{} // clawsift: ignore[a, b] reason=\"x\"");
}
