//! Lines at the end of files such as `.gitignore`, which may have to be made.

use super::of;
use crate::finding::Edit;
use crate::judge::settle::{Unit, location_of};
use crate::source::{FileId, Source, Span};
use crate::syntax::json5_edit::TextEdit;

/// The edit that adds those of the lines that do not stand in the file; none when its text is not known.
pub(super) fn added(unit: &Unit<'_>, path: &str, lines: &[String]) -> Option<Vec<Edit>> {
    let Some(document) = unit.project.document(path) else {
        if unit.project.tree.get(path).is_some() || lines.is_empty() {
            return None;
        }
        let empty = Source::new(path, []);
        let at = location_of(&empty, Span::file_start(FileId(0)));
        let text = lines.join("\n") + "\n";
        return Some(vec![Edit { at, text, makes_file: true, secrets: Vec::new() }]);
    };
    let text = document.source.text()?;
    let missing: Vec<&String> = lines.iter().filter(|line| !text.lines().any(|old| old.trim_end() == **line)).collect();
    if missing.is_empty() {
        return None;
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = if text.is_empty() || text.ends_with('\n') { String::new() } else { newline.to_owned() };
    for line in missing {
        new.push_str(line);
        new.push_str(newline);
    }
    let edit = TextEdit { range: text.len()..text.len(), text: new };
    Some(of(unit, &document.source, document.file, vec![edit]))
}
