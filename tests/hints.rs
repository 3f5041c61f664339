//! Every match of a text rule's pattern holds one of the rule's hints: the scanner tries a pattern only
//! where a hint stands, so a match without one would never be found.
//!
//! This is decided, not sampled. The states of the pattern are walked side by side with those of the
//! automaton that looks for the hints; a walk that ends in a match and met no hint is a word that the
//! rule describes and the scanner passes over. One is shown.
//!
//! Left out are blanks that nobody types (form feeds, vertical tabs) and letters of old prints that Unicode
//! counts as another case of those of today (`ſ` and `s`). A window of one line has no
//! line feed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeSet, HashMap, VecDeque};

use aho_corasick::automaton::Automaton;
use aho_corasick::{Anchored, dfa::DFA};
use clawsift::rule::{Check, Window};
use clawsift::rules;
use clawsift::scan::parse;
use rayon::prelude::*;
use regex_automata::nfa::thompson::{Compiler, Config, NFA, State, WhichCaptures};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

#[test]
fn every_match_of_a_text_rule_holds_a_hint() {
    let rules: Vec<_> = rules::all().collect();
    let wrong = rules.par_iter().filter_map(|rule| {
        let Check::Text(text) = rule.check else { return None };
        let never: &[u8] = if text.window == Window::Line { b"\x0b\x0c\r\n" } else { b"\x0b\x0c" };
        let word = match_without_hint(text.pattern, &text.spellings(), never)?;
        Some(format!("{}: {:?}", rule.id, String::from_utf8_lossy(&word)))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "matches that are never tried:\n{}", wrong.join("\n"));
}

#[test]
fn a_missing_hint_is_noticed() {
    let word = |pattern, hints: &[&str]| {
        let hints: Vec<String> = hints.iter().map(|hint| (*hint).to_owned()).collect();
        match_without_hint(pattern, &hints, &[]).map(|word| String::from_utf8(word).unwrap())
    };
    assert_eq!(word(r"\b(?:curl|wget)\s", &["curl", "wget"]), None);
    assert_eq!(word(r"\b(?:curl|wget|iwr)\b", &["curl", "wget"]).as_deref(), Some("iwr"));
    assert_eq!(word(r"for\s*\(", &["for(", "for ("]).map(|word| word.len()), Some(5));
    assert_eq!(word(r"a.{2}b.{0,80}c", &["b", "c"]), None);
    // Between two letters of a word there is no edge of a word; an edge is one or the other.
    assert_eq!(word(r"ab\bc|d\B ef|secret", &["secret"]), None);
    assert_eq!(word(r"^x\s*$\n\by", &["q"]).as_deref(), Some("x\ny"));
    assert_eq!(word(r"(?-i:SOUL)", &["soul"]), None);
    assert_eq!(word(r"(?i:soul)", &["SOUL"]), None);
}

/// What stands beside a place, as far as `^`, `$` and `\b` ask: bits, so that several are possible.
const WORD: u8 = 1;
const FEED: u8 = 2;
const OTHER: u8 = 4;

const fn kind(byte: u8) -> u8 {
    match byte {
        b'\n' => FEED,
        byte if byte.is_ascii_alphanumeric() || byte == b'_' => WORD,
        _ => OTHER,
    }
}

/// A place in both automata: the pattern's state, the state of the search for hints, what stands before,
/// and what may follow.
type Step = (StateID, aho_corasick::automaton::StateID, u8, u8);

/// A short word that the pattern matches and that holds none of the hints.
fn match_without_hint(pattern: &str, hints: &[String], never: &[u8]) -> Option<Vec<u8>> {
    let search = DFA::builder().ascii_case_insensitive(true).build(hints).unwrap();
    let config = Config::new().utf8(false).which_captures(WhichCaptures::None);
    let nfa = Compiler::new().configure(config).build_from_hir(&plain(&parse(pattern)?)).unwrap();
    let mut bytes = representatives(&nfa, hints);
    bytes.retain(|byte| !never.contains(byte));
    let start = search.start_state(Anchored::No).unwrap();
    let mut from: HashMap<Step, (Step, Option<u8>)> = HashMap::new();
    let mut queue: VecDeque<Step> = VecDeque::new();
    for before in [FEED, WORD, OTHER] {
        let first = (nfa.start_anchored(), start, before, WORD | FEED | OTHER);
        from.insert(first, (first, None));
        queue.push_back(first);
    }
    while let Some(step) = queue.pop_front() {
        let (at, found, before, after) = step;
        if matches!(nfa.state(at), State::Match { .. }) {
            return Some(spelled(&from, step));
        }
        for (next, after) in unread(&nfa, at, before, after) {
            let next = (next, found, before, after);
            from.entry(next).or_insert_with(|| {
                queue.push_front(next);
                (step, None)
            });
        }
        for byte in bytes.iter().copied().filter(|byte| kind(*byte) & after != 0) {
            let Some(next) = read(nfa.state(at), byte) else { continue };
            let found = search.next_state(Anchored::No, found, byte);
            if search.is_match(found) {
                continue;
            }
            let next = (next, found, kind(byte), WORD | FEED | OTHER);
            from.entry(next).or_insert_with(|| {
                queue.push_back(next);
                (step, Some(byte))
            });
        }
    }
    None
}

/// Where a state leads without reading, and what may follow there.
fn unread(nfa: &NFA, at: StateID, before: u8, after: u8) -> Vec<(StateID, u8)> {
    match nfa.state(at) {
        State::Union { alternates } => alternates.iter().map(|next| (*next, after)).collect(),
        State::BinaryUnion { alt1, alt2 } => vec![(*alt1, after), (*alt2, after)],
        State::Capture { next, .. } => vec![(*next, after)],
        State::Look { look, next } => {
            let after = after & allowed(*look, before);
            if after == 0 { Vec::new() } else { vec![(*next, after)] }
        }
        _ => Vec::new(),
    }
}

/// What may follow where a look-around holds. The end of the text counts as the end of a line.
fn allowed(look: Look, before: u8) -> u8 {
    let not_word = FEED | OTHER;
    match look {
        Look::StartLF | Look::Start if before != FEED => 0,
        Look::EndLF | Look::End => FEED,
        Look::WordAscii | Look::WordUnicode if before == WORD => not_word,
        Look::WordAscii | Look::WordUnicode => WORD,
        Look::WordAsciiNegate | Look::WordUnicodeNegate if before == WORD => WORD,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => not_word,
        _ => WORD | not_word,
    }
}

fn read(state: &State, byte: u8) -> Option<StateID> {
    match state {
        State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
        State::Sparse(one) => one.matches_byte(byte),
        State::Dense(one) => one.matches_byte(byte),
        _ => None,
    }
}

/// One byte of each kind that neither the pattern, nor a hint, nor a look-around tells apart; those first
/// that are easy to read.
fn representatives(nfa: &NFA, hints: &[String]) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.sort_by_key(|byte| (!byte.is_ascii_lowercase(), !byte.is_ascii_graphic(), *byte != b' ', *byte));
    let spelled = hints.concat().to_ascii_lowercase();
    let mut known = BTreeSet::new();
    let apart = b"\x0b\x0c\r";
    bytes.retain(|byte| {
        let lower = byte.to_ascii_lowercase();
        let letter = (apart.contains(byte) || spelled.as_bytes().contains(&lower)).then_some(lower);
        known.insert((nfa.byte_classes().get(*byte), letter, kind(*byte)))
    });
    bytes
}

/// The expression without the letters of old prints, which fold to those of today, and without the larger
/// upper bounds: that allows a few words more and spares most of the states.
fn plain(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let mut folded = ClassUnicode::new([]);
            for (first, last) in [('\u{17f}', '\u{17f}'), ('\u{1c80}', '\u{1c88}'), ('\u{212a}', '\u{212a}')] {
                folded.push(ClassUnicodeRange::new(first, last));
            }
            let mut class = class.clone();
            class.difference(&folded);
            Hir::class(Class::Unicode(class))
        }
        HirKind::Capture(group) => plain(&group.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(plain).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(plain).collect()),
        HirKind::Repetition(one) => {
            let max = one.max.filter(|max| *max <= 4);
            Hir::repetition(Repetition { max, sub: Box::new(plain(&one.sub)), ..one.clone() })
        }
        _ => hir.clone(),
    }
}

fn spelled(from: &HashMap<Step, (Step, Option<u8>)>, mut step: Step) -> Vec<u8> {
    let mut word = Vec::new();
    while let Some((earlier, byte)) = from.get(&step).filter(|(earlier, _)| *earlier != step) {
        word.extend(byte);
        step = *earlier;
    }
    word.reverse();
    word
}
