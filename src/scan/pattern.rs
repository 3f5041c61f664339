//! Expressions of text rules, compiled the way they are written, and once more in a looser form that is
//! cheap to refuse with.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind, Repetition};

/// Repetitions of at most this many keep their bound in the looser form.
const SMALL: u32 = 4;

/// Compiles a pattern as text rules are written; the table's test refuses one that cannot be.
#[must_use]
pub fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(true)
        .multi_line(true)
        .dfa_size_limit(512 << 10)
        .build()
        .ok()
}

/// The expression of a pattern as [`compile`] reads it.
#[must_use]
pub fn parse(pattern: &str) -> Option<Hir> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).case_insensitive(true).multi_line(true).build();
    parser.parse(pattern).ok()
}

/// An expression that matches wherever `pattern` does, and perhaps elsewhere; none when it would be no cheaper.
///
/// A repetition that is bounded (`.{0,80}`) has to be counted for every place where the match may have
/// begun, so an automaton has a state for nearly every text. Without the bound it has a handful. Most
/// windows hold no match at all: the looser form says so at the speed of a table look-up.
#[must_use]
pub fn looser(pattern: &str) -> Option<Regex> {
    let exact = parse(pattern)?;
    let mut bounds = false;
    let loose = unbounded(&exact, &mut bounds);
    if !bounds {
        return None;
    }
    RegexBuilder::new(&loose.to_string()).unicode(false).dfa_size_limit(512 << 10).build().ok()
}

/// The expression without its larger upper bounds and its groups; tells whether there were any bounds.
fn unbounded(hir: &Hir, bounds: &mut bool) -> Hir {
    match hir.kind() {
        HirKind::Capture(group) => unbounded(&group.sub, bounds),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(|part| unbounded(part, bounds)).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(|part| unbounded(part, bounds)).collect()),
        HirKind::Repetition(one) => {
            let max = one.max.filter(|max| *max <= SMALL);
            *bounds |= max != one.max;
            Hir::repetition(Repetition { max, sub: Box::new(unbounded(&one.sub, bounds)), ..one.clone() })
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looser_form_loses_nothing_but_the_bounds() {
        let loose = looser(r"\b(?:send|post)\b[^\n]{0,10}\bkeys?\b").expect("has a bound");
        assert!(loose.is_match(b"Send a key") && loose.is_match(b"post it with all that there is: keys"));
        assert!(!loose.is_match(b"send\na key") && !loose.is_match(b"sender key") && !loose.is_match(b"key send"));
        assert!(looser(r"^\s*curl\b.*\|\s?sh$").is_none());
        let lines = looser(r"^ab{5,90}$").expect("has a bound");
        assert!(lines.is_match(b"x\naBBBBBB\ny") && !lines.is_match(b"abbbb"));
    }
}
