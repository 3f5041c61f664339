//! The differences as a comment on a pull request.

use std::fmt::Write as _;

use super::{arrival, counts, place, sentence, under, whose, word};
use crate::posture::{Drift, Heading, What};
use crate::report::escape;

/// Changes of one heading that are shown: a comment has an end.
const MOST_ROWS: usize = 100;

pub(super) fn page(drift: &Drift) -> String {
    let mut out = "## Posture\n\n".to_owned();
    if drift.changes.is_empty() {
        out += "Nothing has changed.\n";
    } else {
        let _ = writeln!(out, "{} changed: {}.", counted(drift.changes.len()), counts(drift));
    }
    for one in &drift.arrivals {
        let _ = writeln!(out, "\n- {}", cell(&arrival(one)));
    }
    for heading in Heading::ALL {
        let all: Vec<_> = under(drift, heading).collect();
        if all.is_empty() {
            continue;
        }
        let _ = write!(
            out,
            "\n### {}\n\n| | severity | change | whose | where |\n| --- | --- | --- | --- | --- |\n",
            heading.title()
        );
        for change in all.iter().take(MOST_ROWS) {
            let sign = match change.what {
                What::Added => "new",
                What::Removed => "gone",
                What::Changed => "changed",
            };
            let message = match &change.approved {
                Some(reason) => format!("{} (agreed: {reason})", sentence(drift, change)),
                None => sentence(drift, change),
            };
            let cells = [message, whose(change), place(change)].map(|text| cell(&text));
            let _ = writeln!(out, "| {sign} | {} | {} |", word(change), cells.join(" | "));
        }
        if all.len() > MOST_ROWS {
            let _ = writeln!(out, "\n{} more are not shown.", all.len() - MOST_ROWS);
        }
    }
    for note in &drift.notes {
        let _ = writeln!(out, "\n> {}", cell(note));
    }
    out
}

fn counted(count: usize) -> String {
    if count == 1 { "1 thing".to_owned() } else { format!("{count} things") }
}

/// Untrusted text that stays in its cell and means nothing to Markdown.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention calls somebody, and a bare address becomes a link.
            '@' => out.push_str("&#64;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '#' | '!' | '~' | '{' | '}' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // `www.` becomes a link too.
    out.replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_holds_its_text() {
        assert_eq!(cell("a|b\n<img src=x>"), "a\\|b\\\\n&lt;img src=x&gt;");
        assert_eq!(cell("[x](https://h) @all"), "\\[x\\]\\(https&#58;//h\\) &#64;all");
    }
}
