//! Facts about the world outside: hosts, brands, paths, names, tools, commands.
//!
//! The facts are text tables in `schemas/skills` and `schemas/taxonomies`, one fact a line, so that
//! they can be read and corrected without reading code. A table is read when the first question about
//! it is asked. Everything here is pure: no file, no network, no configuration.

mod address;
pub mod affinity;
pub mod brand;
pub mod command;
mod distance;
pub mod domain;
pub mod extra;
pub mod hosts;
pub mod name;
pub mod path;
pub mod purpose;
pub mod taxonomy;
pub mod tool;
pub mod url;

pub use address::{is_ip, is_public_ip, parse as parse_ip};
pub use distance::distance;

/// The facts of a table: its lines without comments, blank lines and surrounding space.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    let fact = |line: &'static str| line.split(" # ").next().unwrap_or(line).trim();
    table.lines().filter(|line| !line.starts_with('#')).map(fact).filter(|line| !line.is_empty())
}

/// The facts of a table with sections: each line beside the heading (`= heading`) it stands under.
fn sections(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut heading = "";
    lines(table).filter_map(move |line| {
        if let Some(next) = line.strip_prefix("= ") {
            heading = next.trim();
            return None;
        }
        Some((heading, line))
    })
}

/// Does `text` hold `part` as a whole word at `at`? Letters, digits and `_` belong to words.
fn is_word_at(text: &str, at: usize, len: usize) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let after = text.get(at + len..).and_then(|tail| tail.chars().next());
    !before.is_some_and(inside) && !after.is_some_and(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_lines_without_comments() {
        let table = "# what it is\n= one\na # why\n\n  b\n= two\nc\n";
        assert_eq!(lines(table).collect::<Vec<_>>(), ["= one", "a", "b", "= two", "c"]);
        assert_eq!(sections(table).collect::<Vec<_>>(), [("one", "a"), ("one", "b"), ("two", "c")]);
    }

    #[test]
    fn words_end_where_letters_end() {
        assert!(is_word_at("a red team.", 2, 8) && is_word_at("ctf", 0, 3));
        assert!(!is_word_at("hired team", 2, 8) && !is_word_at("ctfs", 0, 3) && !is_word_at("x_ctf", 2, 3));
    }
}
