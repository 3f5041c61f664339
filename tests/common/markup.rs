//! A reader of HTML and XML as strict as a validator: what is not well-formed panics.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic, reason = "each test uses its part")]

/// A tag or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A start tag with its attributes, their entities resolved.
    Open(String, Vec<(String, String)>),
    /// An end tag.
    Close(String),
    /// Text, its entities resolved.
    Text(String),
}

/// Elements of HTML that have no end.
const VOID: [&str; 6] = ["meta", "input", "br", "wbr", "hr", "img"];

/// The pieces of a document. Every element must be closed in order.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        found.extend((!before.is_empty()).then(|| Piece::Text(plain(before))));
        if let Some(declaration) = after.strip_prefix('!').or_else(|| after.strip_prefix('?')) {
            let (declared, after) = declaration.split_once('>').unwrap();
            assert!(declared == "DOCTYPE html" || declared.starts_with("xml "), "unexpected <!{declared}>");
            rest = after;
            continue;
        }
        let (tag, after) = cut(after);
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}> closes another element");
            found.push(Piece::Close(name.to_owned()));
        } else {
            let alone = tag.ends_with('/');
            let (name, attributes) = element(tag.trim_end_matches('/'));
            found.push(Piece::Open(name.clone(), attributes));
            if alone {
                found.push(Piece::Close(name));
            } else if ["style", "script"].contains(&&*name) {
                let end = format!("</{name}>");
                let (raw, after) = after.split_once(&end).unwrap();
                found.extend([Piece::Text(raw.to_owned()), Piece::Close(name)]);
                rest = after;
                continue;
            } else if !VOID.contains(&&*name) {
                open.push(name);
            }
        }
        rest = after;
    }
    found.extend((!rest.is_empty()).then(|| Piece::Text(plain(rest))));
    assert!(open.is_empty(), "not closed: {open:?}");
    found
}

/// The inside of a tag and what follows it; a `>` in quotes does not end it.
fn cut(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '<' => panic!("`<` in a tag: {}", &text[..at]),
            '>' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    panic!("a tag without end: {text}")
}

fn element(tag: &str) -> (String, Vec<(String, String)>) {
    let (name, mut rest) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
    assert!(name.chars().all(|c| c.is_ascii_alphanumeric()) && !name.is_empty(), "no element: <{tag}>");
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        let (key, after) = rest.trim_start().split_once('=').unwrap_or((rest.trim(), "\"\""));
        // `hidden` and `open` have no value.
        if let Some((alone, _)) = key.split_once(' ') {
            attributes.push((alone.to_owned(), String::new()));
            rest = &rest.trim_start()[alone.len()..];
            continue;
        }
        assert!(key.chars().all(|c| c.is_ascii_alphabetic() || "-:".contains(c)), "no attribute: {key} in <{tag}>");
        let (value, after) = after.strip_prefix('"').unwrap().split_once('"').unwrap();
        attributes.push((key.to_owned(), plain(value)));
        rest = after;
    }
    (name.to_owned(), attributes)
}

/// Text with its entities resolved; a bare `&` is none.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out += before;
        let (entity, after) = after.split_once(';').unwrap_or_else(|| panic!("a bare `&` before {after}"));
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("unexpected entity {other}"),
        });
        rest = after;
    }
    let out = out + rest;
    let legal = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(out.chars().all(legal), "no character of XML in {out:?}");
    out
}

/// The tags alone, with the names of their attributes: what text must not change. Places where a line may
/// break depend on the text and mean nothing.
pub fn skeleton(pieces: &[Piece]) -> Vec<String> {
    let tags = pieces.iter().filter_map(|piece| match piece {
        Piece::Open(name, attributes) if name != "wbr" => {
            let names: Vec<&str> = attributes.iter().map(|(name, _)| &**name).collect();
            Some(format!("<{name} {}>", names.join(" ")))
        }
        Piece::Close(name) => Some(format!("</{name}>")),
        _ => None,
    });
    tags.collect()
}
