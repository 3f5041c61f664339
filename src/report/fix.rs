//! What `--fix` prints: one diff for `git apply`, and what there is to say about it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{escape, json as report_json};
use crate::finding::SettledFix;
use crate::fix::{Action, Done, Fixed, Made, Rewrite, patch};
use crate::model::secrets;
use crate::source::{FileId, Source};

/// The diff of all files, and the notes about it.
#[derive(Debug, Default)]
pub struct Diff {
    /// Unified, from the repository root, as `git apply` takes it; it holds text of the files as it is.
    pub text: String,
    /// One sentence each: what was not shown and why, what was done.
    pub notes: Vec<String>,
    /// No change of a file is missing from it.
    pub is_whole: bool,
}

/// The diff of what fixing came to.
#[must_use]
pub fn diff(fixed: &Fixed) -> Diff {
    let mut diff = Diff { text: String::new(), notes: Vec::new(), is_whole: true };
    let drops: BTreeSet<&str> =
        fixed.actions.iter().filter(|one| one.drops_execution()).map(|one| one.path.as_str()).collect();
    let alone = drops.iter().filter(|path| !fixed.files.iter().any(|file| *file.path == ***path));
    diff.text.extend(alone.map(|path| patch::without_execution(path)));
    for file in &fixed.files {
        let (text, withheld) = patch::unified(file, drops.contains(&*file.path));
        diff.text.push_str(&text);
        diff.is_whole &= withheld.is_empty();
        let path = escape::path(&file.path);
        diff.notes.extend(withheld.iter().map(|line| {
            format!("{path}: the change of line {line} is not shown, for it holds a secret or stands beside one; --fix --apply makes it")
        }));
    }
    for action in fixed.actions.iter().filter(|action| !action.drops_execution()) {
        diff.notes.push(format!("--fix --apply runs {}", command(action)));
    }
    for one in &fixed.refused {
        let (path, id, title) = (escape::path(&one.path), escape::line(&one.id), escape::line(&one.title));
        diff.notes.push(format!("{path}: not done, because something else would be wrong afterwards: {title} ({id})"));
    }
    diff
}

/// May a report hold what the fix writes? What moves is written again as it is, secrets in it included.
#[must_use]
pub fn is_free_of_secrets(fix: &SettledFix) -> bool {
    let known = fix.edits.iter().flat_map(|edit| &edit.secrets);
    let known: Vec<&str> =
        known.map(|known| known.trim_matches(['"', '\''])).filter(|known| !known.is_empty()).collect();
    let is_free = |text: &str| {
        !known.iter().any(|known| text.contains(known))
            && secrets::text_spans(FileId(0), &Source::new("", text.as_bytes())).is_empty()
    };
    fix.edits.iter().all(|edit| is_free(&edit.text))
}

/// An action as somebody would type it.
fn command(action: &Action) -> String {
    let path = if action.path.is_empty() { "." } else { &action.path };
    format!("chmod {} {}", action.mode(), escape::path(path))
}

/// What was done, one line each, and the sum. Of `made`, which is empty when nothing was to be written, what
/// failed is said too. `diff` is what was printed instead.
#[must_use]
pub fn summary(fixed: &Fixed, made: &[Made], diff: Option<&Diff>) -> Vec<String> {
    let failed = |path: &str, mode: bool| {
        made.iter().any(|one| one.path == path && one.mode.is_some() == mode && one.error.is_some())
    };
    let done: Vec<&Done> = fixed.done.iter().filter(|one| !failed(&one.path, false)).collect();
    let line =
        |one: &&Done| format!("{}: {} ({})", escape::path(&one.path), escape::line(&one.title), escape::line(&one.id));
    let mut lines: Vec<String> = done.iter().map(line).collect();
    let actions = fixed.actions.iter().filter(|action| !failed(&action.path, true));
    let actions: Vec<&Action> = if made.is_empty() { Vec::new() } else { actions.collect() };
    lines.extend(actions.iter().map(|action| format!("{} ({})", command(action), escape::line(&action.id))));
    for one in made {
        let what = one.mode.as_ref().map_or_else(String::new, |mode| format!("chmod {mode} "));
        let path = if one.path.is_empty() { ".".into() } else { escape::path(&one.path) };
        lines.extend(one.error.as_ref().map(|error| format!("not written: {what}{path}: {}", escape::line(error))));
    }
    let files = fixed.files.iter().filter(|file| !failed(&file.path, false)).count();
    let verb = match diff {
        None => "made",
        Some(diff) if diff.is_whole => "the diff holds",
        Some(diff) if diff.text.is_empty() => "the diff shows none of",
        Some(_) => "the diff holds a part of",
    };
    let count = done.len() + actions.len();
    lines.push(match (count, files) {
        (0, _) if made.iter().any(|one| one.error.is_some()) => "made nothing".to_owned(),
        (0, _) if made.is_empty() && !fixed.actions.is_empty() => "the diff holds no fix".to_owned(),
        (0, _) => "no finding has a fix of this kind".to_owned(),
        (1, _) => format!("{verb} 1 fix"),
        (count, 0) => format!("{verb} {count} fixes"),
        (count, 1) => format!("{verb} {count} fixes in 1 file"),
        (count, files) => format!("{verb} {count} fixes in {files} files"),
    });
    lines
}

/// `{"fix": …, "report": …}`. `made` is empty when nothing was to be written.
#[must_use]
pub fn json(fixed: &Fixed, made: &[Made]) -> Value {
    let change = |one: &Done| json!({"path": one.path, "checkId": one.id, "title": one.title});
    let outcome = |path: &str, mode: bool| made.iter().find(|one| one.path == path && one.mode.is_some() == mode);
    let with = |mut object: Value, path: &str, mode: bool| {
        if let (Some(map), Some(one)) = (object.as_object_mut(), outcome(path, mode)) {
            map.insert("ok".to_owned(), one.error.is_none().into());
            map.extend(one.error.iter().map(|error| ("error".to_owned(), error.clone().into())));
        }
        object
    };
    let file = |file: &Rewrite| with(json!({"path": &*file.path, "new": file.is_new}), &file.path, false);
    let action = |one: &Action| {
        let object = json!({"kind": "chmod", "path": one.path, "mode": one.mode(), "checkId": one.id});
        with(object, &one.path, true)
    };
    let diff = diff(fixed);
    json!({
        "fix": {
            "ok": made.iter().all(|one| one.error.is_none()),
            "changes": fixed.done.iter().map(change).collect::<Vec<_>>(),
            "files": fixed.files.iter().map(file).collect::<Vec<_>>(),
            "actions": fixed.actions.iter().map(action).collect::<Vec<_>>(),
            "refused": fixed.refused.iter().map(change).collect::<Vec<_>>(),
            "notes": diff.notes,
            "diff": diff.text,
        },
        "report": report_json::report(&fixed.verdict),
    })
}
