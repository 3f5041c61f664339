//! Changes of YAML files, and of the YAML at the top of Markdown files.

use super::of;
use crate::finding::{Change, Edit};
use crate::judge::settle::Unit;
use crate::source::Span;
use crate::syntax::yaml_edit::YamlEditor;
use crate::syntax::{Document, frontmatter, yaml};

/// Does a token stand in YAML?
pub(super) fn holds(unit: &Unit<'_>, at: Span) -> bool {
    let source = unit.project.source(unit.sources, at.file);
    let path = source.path.to_ascii_lowercase();
    [".yml", ".yaml", ".md"].iter().any(|end| path.ends_with(end))
}

/// The edits of a change of something that is written in YAML.
pub(super) fn in_place(unit: &Unit<'_>, change: &Change, at: Span) -> Option<Vec<Edit>> {
    let source = unit.project.source(unit.sources, at.file);
    let text = source.text()?;
    let block = frontmatter::parse(at.file, text).filter(|_| source.path.to_ascii_lowercase().ends_with(".md"));
    let document: Document = match block {
        Some(block) if block.oddities.is_empty() => block.tree.ok()?,
        Some(_) => return None,
        None => yaml::parse(at.file, text).ok()?,
    };
    let editor = YamlEditor::new(text, &document.root, &document.comments);
    let edits = match change {
        Change::Remove { .. } => editor.remove(at)?,
        Change::Replace { value, .. } => editor.replace(at, value)?,
        Change::Rename { name, .. } => editor.rename(at, name)?,
        _ => return None,
    };
    Some(of(unit, &source, at.file, edits))
}
