//! The lines around a place, the token marked and underlined.

use std::io::{self, Write};
use std::ops::Range;

use crate::finding::Excerpt;
use crate::report::escape::{self, entities};

/// Lines of a frame; a token over more of them is cut.
const MOST_LINES: usize = 12;

/// Writes a frame, when the text is known.
pub(super) fn write(excerpt: &Excerpt, class: &str, out: &mut dyn Write) -> io::Result<()> {
    if excerpt.text.is_empty() {
        return Ok(());
    }
    let (text, token) = escape::source(&excerpt.text, excerpt.token);
    write!(out, "<pre class=\"{class}\">")?;
    let mut start = 0;
    let mut marked = false;
    let last = text.split('\n').count();
    let first = excerpt.first_line as usize;
    let wide = (first + last.min(MOST_LINES) - 1).to_string().len();
    for (index, raw) in text.split('\n').enumerate().take(MOST_LINES) {
        let line = raw.strip_suffix('\r').unwrap_or(raw);
        let clamp = |at: usize| at.clamp(start, start + line.len()) - start;
        let here = clamp(token.0)..clamp(token.1);
        write!(out, "<i>{:>wide$}  </i>", first + index)?;
        if index == 0 && excerpt.cut_before {
            write!(out, "…")?;
        }
        highlighted(line, &here, out)?;
        writeln!(out, "{}", if index + 1 == last && excerpt.cut_after { "…" } else { "" })?;
        if !here.is_empty() && !marked {
            marked = true;
            let shift = if index == 0 && excerpt.cut_before { " " } else { "" };
            writeln!(out, "<i>{:wide$}  </i>{shift}<b>{}</b>", "", caret(line, &here))?;
        }
        start += raw.len() + 1;
    }
    let more = last.saturating_sub(MOST_LINES);
    if more > 0 {
        writeln!(out, "<i>{:wide$}  </i>… {more} more lines", "")?;
    }
    writeln!(out, "</pre>")
}

fn highlighted(line: &str, here: &Range<usize>, out: &mut dyn Write) -> io::Result<()> {
    let part = |range: Range<usize>| entities(line.get(range).unwrap_or_default());
    if here.is_empty() {
        return write!(out, "{}", entities(line));
    }
    write!(out, "{}<mark>{}</mark>{}", part(0..here.start), part(here.clone()), part(here.end..line.len()))
}

/// Carets under a part of a line. A tab stays one, so that both lines end up under each other.
fn caret(line: &str, here: &Range<usize>) -> String {
    let blank = |c: char| if c == '\t' { '\t' } else { ' ' };
    let before = line.get(..here.start).unwrap_or_default().chars().map(blank);
    let under = line.get(here.clone()).unwrap_or_default().chars().map(|_| '^');
    before.chain(under).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str, token: &str, first_line: u32, cut_before: bool) -> String {
        let start = text.find(token).unwrap();
        let mut out = Vec::new();
        let token = (start, start + token.len());
        let excerpt = Excerpt { text: text.to_owned(), token, first_line, cut_before, ..Excerpt::default() };
        write(&excerpt, "warn", &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_token_is_marked_in_its_line() {
        assert_eq!(
            frame("{\r\n\té: <a>,\r\n}", "<a>", 9, false),
            "<pre class=\"warn\"><i> 9  </i>{\n<i>10  </i>\té: <mark>&lt;a&gt;</mark>,\n<i>    </i><b>\t   ^^^</b>\n\
             <i>11  </i>}\n</pre>\n"
        );
    }

    #[test]
    fn a_token_of_many_lines_is_cut() {
        let text = "x\n".repeat(40);
        let frame = frame(&text, &text, 1, true);
        assert_eq!(frame.matches("<mark>").count(), MOST_LINES);
        assert_eq!(frame.matches('^').count(), 1);
        assert!(frame.contains("</i>…<mark>x") && frame.contains("… 29 more lines\n</pre>"), "{frame}");
    }
}
