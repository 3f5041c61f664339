//! The entry in `.pre-commit-config.yaml`, and whether it can be added at the end of the file.

use crate::source::FileId;
use crate::syntax::{Member, Node, NodeKind, yaml};

/// The file that pre-commit and prek read.
pub(super) const NAME: &str = ".pre-commit-config.yaml";

/// What is to be done with a file that is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It names us.
    Present,
    /// This at its end adds the entry and changes nothing else.
    Added(String),
    /// It is not read, or its list does not end where the file does.
    Unsure,
}

/// A new file.
pub(super) fn whole() -> String {
    format!("repos:\n{}", snippet("  - "))
}

/// The entry as an item of a list, after `dash`: the dash with the blanks around it.
pub(super) fn snippet(dash: &str) -> String {
    let entry = include_str!("pre-commit.yaml").replace("{version}", env!("CARGO_PKG_VERSION"));
    let blank = " ".repeat(dash.len());
    let mut lead = dash;
    let mut out = String::new();
    for line in entry.lines() {
        out.extend([lead, line, "\n"]);
        lead = &blank;
    }
    out
}

/// Adds the entry at the end of a text, when that does what it looks like.
pub(super) fn with_entry(text: &str) -> Entry {
    let Some(before) = repos(text) else { return Entry::Unsure };
    if before.iter().any(|repo| repo.contains("clawsift")) {
        return Entry::Present;
    }
    let Some(dash) = dash(text) else { return Entry::Unsure };
    let added = if text.ends_with('\n') { snippet(&dash) } else { format!("\n{}", snippet(&dash)) };
    let added = if text.contains("\r\n") { added.replace('\n', "\r\n") } else { added };
    let expected = before.into_iter().chain([env!("CARGO_PKG_REPOSITORY").to_owned()]).collect();
    // Whatever stands at the end of the file, the proof is that it reads as before and one more.
    if repos(&format!("{text}{added}")) == Some(expected) { Entry::Added(added) } else { Entry::Unsure }
}

/// The repositories of a configuration that every reader understands alike.
fn repos(text: &str) -> Option<Vec<String>> {
    let (document, oddities) = yaml::parse_at(FileId(0), text, 0).ok()?;
    if !oddities.is_empty() {
        return None;
    }
    let items = items(&document.root)?;
    items.iter().map(|item| Some(member(item, "repo")?.to_owned())).collect()
}

/// How the items of the list are written: the blanks, the dash and the blanks before the last one's first key.
fn dash(text: &str) -> Option<String> {
    let document = yaml::parse(FileId(0), text).ok()?;
    let NodeKind::Map(keys) = &items(&document.root)?.last()?.kind else { return None };
    let start = keys.first()?.key_span.start as usize;
    let line = text.get(..start)?.rsplit('\n').next()?;
    let inner = line.trim_start_matches(' ').strip_prefix('-')?;
    (!inner.is_empty() && inner.chars().all(|c| c == ' ')).then(|| line.to_owned())
}

fn items(root: &Node) -> Option<&[Node]> {
    let NodeKind::Map(members) = &root.kind else { return None };
    let Member { value, .. } = members.iter().find(|member| &*member.key == "repos")?;
    if let NodeKind::List(items) = &value.kind { Some(items) } else { None }
}

fn member<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    let NodeKind::Map(members) = &node.kind else { return None };
    let found = members.iter().find(|member| &*member.key == key)?;
    if let NodeKind::String(text) = &found.value.kind { Some(text) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUFF: &str =
        "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v1\n    hooks:\n      - id: ruff\n";

    fn added(text: &str) -> String {
        let Entry::Added(added) = with_entry(text) else { panic!("not added to {text}") };
        format!("{text}{added}")
    }

    #[test]
    fn an_entry_is_added_in_the_style_of_the_file() {
        assert!(added(RUFF).contains("\n  - repo: https://github.com/clawsift/clawsift\n    rev: v"));
        let flush = "repos:\n-   repo: local\n    hooks:\n    -   id: ruff\n";
        assert!(added(flush).contains("\n-   repo: https://github.com/clawsift/clawsift\n    rev: v"));
        assert!(added(RUFF.trim_end()).contains("id: ruff\n  - repo: "));
        assert!(added(&RUFF.replace('\n', "\r\n")).ends_with("- id: clawsift\r\n"));
        assert!(added(&format!("default_stages: [pre-commit]\n{RUFF}# the end\n")).contains("# the end\n  - repo: "));
    }

    #[test]
    fn a_file_that_is_not_understood_is_left_alone() {
        for text in [
            "",
            "repos: []\n",
            "repos: [{ repo: local, hooks: [] }]\n",
            "repos:\n",
            "- repo: x\n",
            "repos: {\n",
            &format!("{RUFF}ci:\n  autofix: false\n"),
            &format!("{RUFF}---\nother: 1\n"),
            &format!("{RUFF}...\n"),
            &RUFF.replace("- id: ruff", "- &a ruff"),
            &format!("{RUFF}  - just text\n"),
            &format!("{RUFF}repos:\n  - repo: local\n    hooks: []\n"),
        ] {
            assert_eq!(with_entry(text), Entry::Unsure, "{text}");
        }
        assert_eq!(with_entry(&added(RUFF)), Entry::Present);
        assert_eq!(with_entry(&whole()), Entry::Present);
    }
}
