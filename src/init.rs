//! `init`: what a repository needs to be scanned, written next to what is there, never over it.

mod pre_commit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use crate::cli::Init;
use crate::disk;
use crate::fix::{self, Rewrite};
use crate::keys::Answer;
use crate::path;
use crate::report::escape;
use crate::settings;
use crate::writing::{self, Secrecy};

/// The workflow, relative to the repository.
const WORKFLOW: &str = ".github/workflows/clawsift.yml";

/// Bytes of the largest pre-commit configuration that is read.
const MAX_CONFIG: u64 = 1 << 20;

/// What is to be done about one file.
#[derive(Debug)]
enum Step {
    /// It is not there: make it.
    Create { path: &'static str, text: String },
    /// It is there and can be added to.
    Append { path: &'static str, before: Arc<[u8]>, added: String },
    /// It is there, and says all that is needed or is not ours to change.
    Leave { path: &'static str, why: &'static str },
    /// It is there and must be changed by a person.
    Tell { path: &'static str, snippet: String },
}

/// Writes the settings file, the workflow and the entry for pre-commit, each unless it is there.
///
/// # Errors
/// In words: the directory is not the root of its repository, or something cannot be read or written.
pub fn run(init: &Init) -> Result<Answer, String> {
    let root = root(&init.dir)?;
    let steps = [settings_file(&root), workflow(&root, init.action_ref.as_deref()), pre_commit_config(&root)?];
    if !init.dry_run {
        for step in &steps {
            carry_out(&root, step)?;
        }
    }
    let text: String = steps.iter().map(|step| told(step, init.dry_run)).collect();
    let notes = if init.dry_run { Vec::new() } else { next(&steps, init) };
    Ok(Answer {
        text,
        json: json!({ "dryRun": init.dry_run, "files": steps.iter().map(object).collect::<Vec<_>>() }),
        notes,
    })
}

/// The settings file of a new repository.
#[must_use]
pub fn settings_text() -> String {
    include_str!("init/clawsift.json5").replace("{version}", env!("CARGO_PKG_VERSION"))
}

/// The workflow; `commit` is the one of the action, else the tag of this version is named.
#[must_use]
pub fn workflow_text(commit: Option<&str>) -> String {
    let tag = action_tag();
    let uses = match commit {
        Some(commit) => format!("      - uses: clawsift/clawsift@{commit} # {tag}"),
        None => format!(
            "      # Pin the tag to its commit: git ls-remote {} {tag}\n      - uses: clawsift/clawsift@{tag} # zizmor: ignore[unpinned-uses]",
            env!("CARGO_PKG_REPOSITORY"),
        ),
    };
    include_str!("init/workflow.yml").replace("{uses}", &uses)
}

/// The tag of the action that runs this version.
fn action_tag() -> String {
    format!("action-v{}", env!("CARGO_PKG_VERSION"))
}

/// The directory, which must be the root of its repository if it lies in one: elsewhere the files do nothing.
fn root(dir: &Path) -> Result<PathBuf, String> {
    let shown = dir.display();
    let full = std::path::absolute(dir).map_err(|error| format!("{shown}: {error}"))?;
    let full = path::lexical(&full);
    if !full.is_dir() {
        return Err(format!("{shown}: no such directory"));
    }
    let above = full.ancestors().find(|dir| dir.join(".git").exists());
    match above {
        Some(root) if root != full => {
            Err(format!("{shown}: lies in the repository {}; run `clawsift init` there", root.display()))
        }
        _ => Ok(full),
    }
}

fn is_there(root: &Path, path: &str) -> bool {
    root.join(path).symlink_metadata().is_ok()
}

fn settings_file(root: &Path) -> Step {
    match settings::NAMES.into_iter().find(|name| is_there(root, name)) {
        Some(path) => Step::Leave { path, why: "is there already" },
        None => Step::Create { path: settings::NAMES[0], text: settings_text() },
    }
}

fn workflow(root: &Path, commit: Option<&str>) -> Step {
    match [WORKFLOW, ".github/workflows/clawsift.yaml"].into_iter().find(|name| is_there(root, name)) {
        Some(path) => Step::Leave { path, why: "is there already" },
        None => Step::Create { path: WORKFLOW, text: workflow_text(commit) },
    }
}

fn pre_commit_config(root: &Path) -> Result<Step, String> {
    let path = pre_commit::NAME;
    if !is_there(root, path) {
        return Ok(Step::Create { path, text: pre_commit::whole() });
    }
    let before = disk::read(&root.join(path), MAX_CONFIG).map_err(|reason| format!("{path}: {reason}"))?;
    Ok(match std::str::from_utf8(&before).map(pre_commit::with_entry) {
        Ok(pre_commit::Entry::Present) => Step::Leave { path, why: "names clawsift already" },
        Ok(pre_commit::Entry::Added(added)) => Step::Append { path, before, added },
        Ok(pre_commit::Entry::Unsure) | Err(_) => Step::Tell { path, snippet: pre_commit::snippet("  - ") },
    })
}

fn carry_out(root: &Path, step: &Step) -> Result<(), String> {
    match step {
        Step::Create { path, text } => {
            directories(root, path)?;
            writing::create(&root.join(path), text.as_bytes(), Secrecy::Public)
        }
        Step::Append { path, before, added } => {
            let after = [before.as_ref(), added.as_bytes()].concat().into();
            let path_of = Arc::from(*path);
            let before = Arc::clone(before);
            let rewrite = Rewrite { path: path_of, before, after, is_new: false, secrets: Vec::new() };
            fix::write::write(root, &rewrite).map_err(|reason| format!("{path}: {reason}"))
        }
        Step::Leave { .. } | Step::Tell { .. } => Ok(()),
    }
}

/// Makes the directories that a file lies in. A link on the way could lead anywhere, so it is refused.
fn directories(root: &Path, path: &str) -> Result<(), String> {
    for (at, _) in path.match_indices('/') {
        let part = path.get(..at).unwrap_or_default();
        let dir = root.join(part);
        match dir.symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Err(format!("{part}: is no directory: nothing is written below it")),
            Err(_) => {
                std::fs::create_dir(&dir).map_err(|error| format!("{part}: {}", disk::io_reason(&error)))?;
            }
        }
    }
    Ok(())
}

fn told(step: &Step, dry_run: bool) -> String {
    let shown = |text: &str| {
        let lines = text.lines().map(|line| ["  | ", &*escape::line(line), "\n"].concat());
        lines.collect::<String>()
    };
    match step {
        Step::Create { path, text } if dry_run => format!("would write {path}:\n{}", shown(text)),
        Step::Create { path, .. } => format!("wrote {path}\n"),
        Step::Append { path, added, .. } if dry_run => format!("would add to {path}:\n{}", shown(added)),
        Step::Append { path, .. } => format!("added clawsift to {path}\n"),
        Step::Leave { path, why } => format!("{path} {why}: left as it is\n"),
        Step::Tell { path, snippet } => {
            format!("{path} is there and could not be added to safely; add below `repos:`\n{}", shown(snippet))
        }
    }
}

fn object(step: &Step) -> serde_json::Value {
    match step {
        Step::Create { path, text } => json!({ "path": path, "action": "create", "text": text }),
        Step::Append { path, added, .. } => json!({ "path": path, "action": "append", "text": added }),
        Step::Leave { path, .. } => json!({ "path": path, "action": "leave" }),
        Step::Tell { path, snippet } => json!({ "path": path, "action": "tell", "text": snippet }),
    }
}

/// What is left for a person to do.
fn next(steps: &[Step], init: &Init) -> Vec<String> {
    let wrote = |name: &str| steps.iter().any(|step| matches!(step, Step::Create { path, .. } if *path == name));
    let mut notes = Vec::new();
    if wrote(WORKFLOW) && init.action_ref.is_none() {
        notes.push(format!(
            "the workflow names the action by its tag {}; pin it to the commit that a comment there tells how to find",
            action_tag()
        ));
    }
    notes.push("next: `clawsift check`, then commit these files".to_owned());
    notes
}
