//! What `--fix` prints: one diff for `git apply`, and what there is to say about it.

use serde_json::{Value, json};

use super::{escape, json as report_json};
use crate::fix::{Done, Fixed, patch};

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
        let (text, withheld) = patch::unified(file);
        diff.text.push_str(&text);
        let path = escape::path(&file.path);
        diff.notes.extend(withheld.iter().map(|line| {
            format!("{path}: the change of line {line} is not shown, for it holds a secret or stands beside one; --fix --apply makes it")
        }));
    }
    for one in &fixed.refused {
        let (path, id, title) = (escape::path(&one.path), escape::line(&one.id), escape::line(&one.title));
        diff.notes.push(format!("{path}: not done, because something else would be wrong afterwards: {title} ({id})"));
    }
    diff
}

/// What was done, one line each, and the sum; nothing is said of the files that were `left` alone.
#[must_use]
pub fn summary(fixed: &Fixed, verb: &str, left: &[String]) -> Vec<String> {
    let line =
        |one: &&Done| format!("{}: {} ({})", escape::path(&one.path), escape::line(&one.title), escape::line(&one.id));
    let done: Vec<&Done> = fixed.done.iter().filter(|one| !left.contains(&one.path)).collect();
    let mut lines: Vec<String> = done.iter().map(line).collect();
    let files = fixed.files.len() - left.len().min(fixed.files.len());
    lines.push(match (done.len(), files) {
        (0, _) => "no finding has a fix of this kind".to_owned(),
        (1, _) => format!("{verb} 1 fix"),
        (count, 1) => format!("{verb} {count} fixes in 1 file"),
        (count, files) => format!("{verb} {count} fixes in {files} files"),
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
