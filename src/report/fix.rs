//! What `--fix` prints: one diff for `git apply`, and what there is to say about it.

use serde_json::{Value, json};

use super::{escape, json as report_json};
use crate::fix::patch;
use crate::pipeline::fixing::{Done, Fixed};

/// The diff of all files, and the notes about it.
#[derive(Debug, Default)]
pub struct Diff {
    /// Unified, from the repository root, as `git apply` takes it; it holds text of the files as it is.
    pub text: String,
    /// One sentence each: what was not shown and why, what was done.
    pub notes: Vec<String>,
}

/// The diff of what fixing came to.
#[must_use]
pub fn diff(fixed: &Fixed) -> Diff {
    let mut diff = Diff::default();
    for file in &fixed.files {
        match patch::unified(file) {
            Ok(text) => diff.text.push_str(&text),
            Err(line) => {
                let path = escape::path(&file.path);
                diff.notes.push(format!(
                    "{path}: the diff is not shown: line {line} holds a secret; --fix --apply makes the change"
                ));
            }
        }
    }
    for one in &fixed.refused {
        let (path, id, title) = (escape::path(&one.path), escape::line(&one.id), escape::line(&one.title));
        diff.notes.push(format!("{path}: not done, because something else would be wrong afterwards: {title} ({id})"));
    }
    diff
}

/// What was done, one line each.
#[must_use]
pub fn summary(fixed: &Fixed, verb: &str) -> Vec<String> {
    let line =
        |one: &Done| format!("{}: {} ({})", escape::path(&one.path), escape::line(&one.title), escape::line(&one.id));
    let mut lines: Vec<String> = fixed.done.iter().map(line).collect();
    let count = |count: usize, what: &str| {
        if count == 1 { format!("1 {what}") } else { format!("{count} {what}es").replace("filees", "files") }
    };
    lines.push(match fixed.done.len() {
        0 => "nothing that an edit can fix".to_owned(),
        done => format!("{verb} {} in {}", count(done, "fix"), count(fixed.files.len(), "file")),
    });
    lines
}

/// `{"fix": …, "report": …}`.
#[must_use]
pub fn json(fixed: &Fixed, ok: bool) -> Value {
    let change = |one: &Done| json!({"path": one.path, "checkId": one.id, "title": one.title});
    let diff = diff(fixed);
    json!({
        "fix": {
            "ok": ok,
            "changes": fixed.done.iter().map(change).collect::<Vec<_>>(),
            "refused": fixed.refused.iter().map(change).collect::<Vec<_>>(),
            "notes": diff.notes,
            "diff": diff.text,
        },
        "report": report_json::report(&fixed.verdict),
    })
}
