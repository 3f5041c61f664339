//! Changes of YAML files, and of the YAML at the top of Markdown files.

use std::rc::Rc;

use crate::finding::Change;
use crate::judge::settle::Unit;
use crate::source::{FileId, Source, Span};
use crate::syntax::json5_edit::TextEdit;
use crate::syntax::yaml_edit::YamlEditor;
use crate::syntax::{Document, frontmatter, yaml};

/// Does a token stand in YAML?
pub(super) fn holds(unit: &Unit<'_>, at: Span) -> bool {
    let source = unit.project.source(unit.sources, at.file);
    let path = source.path.to_ascii_lowercase();
    [".yml", ".yaml", ".md"].iter().any(|end| path.ends_with(end))
}

/// What a file says in YAML; nothing when readers may not agree on it.
pub(super) fn read(source: &Source, file: FileId) -> Option<Rc<Document>> {
    let text = source.text()?;
    if !source.path.to_ascii_lowercase().ends_with(".md") {
        return yaml::parse(file, text).ok().map(Rc::new);
    }
    let block = frontmatter::parse(file, text).filter(|block| block.oddities.is_empty())?;
    block.tree.ok().map(Rc::new)
}

/// The edits of a change of something that is written in YAML.
pub(super) fn in_place(text: &str, document: &Document, change: &Change, at: Span) -> Option<Vec<TextEdit>> {
    let editor = YamlEditor::new(text, &document.root, &document.comments);
    match change {
        Change::Remove { .. } => editor.remove(at),
        Change::Replace { value, .. } => editor.replace(at, value),
        Change::Rename { name, .. } => editor.rename(at, name),
        _ => None,
    }
}
