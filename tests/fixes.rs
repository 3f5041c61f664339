//! Every fix of every rule, on the rule's own examples and on the same examples written another way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clawsift::finding::{Safety, Settled};
use clawsift::fix::{Fixed, write};
use clawsift::judge::Verdict;
use clawsift::pipeline::fixing;
use clawsift::report::fix::diff;
use clawsift::rule::{Check, Example, Repair, Rule};
use clawsift::rules;
use clawsift::source::FileId;
use clawsift::syntax::{Node, NodeKind, json5, yaml};
use common::example::{Staged, stage};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let trials: Vec<Trial> = rules::all().map(|rule| Trial::test(rule.id, move || fixes(rule))).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}

fn fixes(rule: &'static Rule) -> Result<(), Failed> {
    let offers = |example| {
        let verdict = clawsift::pipeline::run(&own(rule, example).options).unwrap();
        verdict.shown.iter().any(|finding| finding.rule.id == rule.id && finding.fix.is_some())
    };
    let promised = rule.repair != Repair::None;
    ensure(!promised || rule.bad.iter().any(offers), || "no example is offered the edit that the rule has".to_owned())?;
    for (index, example) in rule.bad.iter().enumerate() {
        one(rule, own(rule, example)).map_err(|failed| at(&failed, &format!("bad example {index}")))?;
        let staged = own(rule, example);
        if rewrite(&staged.root, example) {
            one(rule, staged).map_err(|failed| at(&failed, &format!("bad example {index}, written another way")))?;
        }
        if example.files.iter().any(|(path, _)| path.ends_with("SKILL.md")) {
            strangers(&stage(rule, example)).map_err(|failed| at(&failed, &format!("bad example {index}")))?;
        }
    }
    Ok(())
}

/// An example on disk whose skills may be edited.
fn own(rule: &'static Rule, example: &Example) -> Staged {
    let mut staged = stage(rule, example);
    staged.options.settings.local_skills = vec!["**".to_owned()];
    staged
}

/// What somebody else publishes stays as it is.
fn strangers(staged: &Staged) -> Result<(), Failed> {
    let fixed = fixing::fix(&staged.options, true).unwrap();
    let skills: BTreeSet<&str> = fixed.verdict.skills.iter().map(|skill| &*skill.path).collect();
    let inside = |path: &str| skills.iter().any(|skill| path.starts_with(&format!("{skill}/")));
    let files = fixed.files.iter().map(|file| &*file.path);
    let touched: Vec<_> = files.chain(fixed.actions.iter().map(|one| &*one.path)).filter(|path| inside(path)).collect();
    ensure(touched.is_empty(), || format!("changes somebody else's skill: {touched:?}"))
}

fn at(failed: &Failed, place: &str) -> Failed {
    format!("{place}: {}", failed.message().unwrap_or_default()).into()
}

/// Fixes all that this rule says of an example, and looks at what came of it.
fn one(rule: &'static Rule, staged: Staged) -> Result<(), Failed> {
    let mut options = staged.options;
    let before = clawsift::pipeline::run(&options).unwrap();
    // What is said of other findings needs them.
    let about_others = matches!(rule.check, Check::None);
    if !about_others {
        options.select = vec![rule.id.to_owned()];
    }
    let fixed = fixing::fix(&options, true).unwrap();
    let offered = |finding: &&Settled| {
        (!about_others || finding.rule.id == rule.id)
            && finding.fix.as_ref().is_some_and(|fix| fix.safety != Safety::Manual)
    };
    let wanted: Vec<&Settled> = fixed.verdict.shown.iter().filter(offered).collect();
    ensure(fixed.refused.is_empty(), || format!("refused: {:?}", fixed.refused))?;
    let changes = !fixed.files.is_empty() || !fixed.actions.is_empty();
    ensure(wanted.is_empty() || changes, || "a fix is offered but changes nothing".to_owned())?;
    if !changes || wanted.is_empty() {
        return Ok(());
    }
    for action in &fixed.actions {
        write::chmod(&staged.root, action).map_err(|reason| format!("{}: {reason}", action.path))?;
    }
    git_takes(&staged.root, &fixed)?;
    let mut comments_before = BTreeSet::new();
    for file in &fixed.files {
        if !file.is_new {
            comments_before.insert((file.path.to_string(), comments(&file.path, &file.before)));
        }
        ensure(file.is_new != staged.root.join(&*file.path).exists(), || "a new file that is there".to_owned())?;
        fs::write(staged.root.join(&*file.path), &file.after).unwrap();
    }
    let old = fixed.files.iter().filter(|file| !file.is_new);
    let comments_after: BTreeSet<_> =
        old.map(|file| (file.path.to_string(), comments(&file.path, &file.after))).collect();
    ensure(comments_before == comments_after, || format!("comments were lost: {}", shown(&fixed)))?;
    let gone = clawsift::pipeline::run(&options).unwrap();
    let left: Vec<_> = gone.shown.iter().filter(offered).map(|one| &one.message).collect();
    ensure(left.is_empty(), || format!("still there: {left:?}\n{}", shown(&fixed)))?;
    let again = fixing::fix(&options, true).unwrap();
    ensure(again.files.is_empty() && again.actions.is_empty(), || {
        format!("a second run changes more: {}", shown(&again))
    })?;
    options.select = Vec::new();
    let after = clawsift::pipeline::run(&options).unwrap();
    let new = worse(&before, &after, wanted.iter().map(|one| one.severity).max().unwrap());
    ensure(new.is_empty(), || format!("new findings: {new:?}\n{}", shown(&fixed)))?;
    let valid: BTreeSet<_> = before.inputs.iter().filter(|input| input.valid).map(|input| &input.path).collect();
    let broken = after.inputs.iter().find(|input| !input.valid && valid.contains(&input.path));
    ensure(broken.is_none(), || format!("a file became invalid: {}", shown(&fixed)))
}

/// Findings that were not there before and are at least as bad.
fn worse(before: &Verdict, after: &Verdict, least: clawsift::finding::Severity) -> Vec<String> {
    let place = |one: &Settled| (one.id.to_string(), one.location.path.to_string(), one.key_path.clone());
    let known: BTreeSet<_> = before.shown.iter().map(place).collect();
    let new = after.shown.iter().filter(|one| one.severity >= least && !known.contains(&place(one)));
    new.map(|one| format!("{} {}: {}", one.id, one.key_path, one.message)).collect()
}

fn shown(fixed: &Fixed) -> String {
    fixed.files.iter().map(|file| String::from_utf8_lossy(&file.after).into_owned()).collect::<Vec<_>>().join("\n")
}

fn comments(path: &str, bytes: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let document = if is_yaml { yaml::parse(FileId(0), text) } else { json5::parse(FileId(0), text) };
    let Ok(document) = document else { return Vec::new() };
    // An ignore goes when it is about nothing.
    let kept =
        document.comments.iter().filter(|one| !text[one.span.start as usize..].starts_with("// clawsift: ignore"));
    let mut all: Vec<String> = kept
        .map(|one| text.get(one.span.start as usize..one.span.end as usize).unwrap().trim_end().to_owned())
        .collect();
    all.sort();
    all
}

/// `git apply --check` takes the diff, and applying it gives the bytes that were announced.
fn git_takes(root: &Path, fixed: &Fixed) -> Result<(), Failed> {
    let diff = diff(fixed);
    if fixed.files.is_empty() {
        return Ok(());
    }
    // What is withheld is said.
    ensure(!diff.text.is_empty() || !diff.notes.is_empty(), || "no diff and no word about it".to_owned())?;
    if diff.text.is_empty() || Command::new("git").arg("--version").output().is_err() {
        return Ok(());
    }
    let copy = tempfile::tempdir().unwrap();
    for file in &fixed.files {
        let to = copy.path().join(&*file.path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if file.is_new {
            continue;
        }
        fs::copy(root.join(&*file.path), to).unwrap();
    }
    let mut git = Command::new("git")
        .args(["apply", "--whitespace=nowarn", "-"])
        .current_dir(copy.path())
        .env("GIT_CEILING_DIRECTORIES", copy.path().parent().unwrap())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(diff.text.as_bytes()).unwrap();
    let output = git.wait_with_output().unwrap();
    ensure(output.status.success(), || format!("{}\n{}", String::from_utf8_lossy(&output.stderr), diff.text))?;
    if diff.notes.is_empty() {
        for file in &fixed.files {
            let now = fs::read(copy.path().join(&*file.path)).unwrap();
            ensure(now == *file.after, || format!("git made other bytes of {}\n{}", file.path, diff.text))?;
        }
    }
    Ok(())
}

/// Writes the JSON5 files of an example with comments, tabs, line ends of Windows and quoted keys; false
/// when it has none.
fn rewrite(root: &Path, example: &Example) -> bool {
    let mut any = false;
    let ends = |path: &str, ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    for (path, _) in example.files.iter().filter(|(path, _)| ends(path, &[".yml", ".yaml"])) {
        let at = root.join(path);
        let Ok(text) = fs::read_to_string(&at) else { continue };
        let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{line} # as is") });
        let commented = format!("# written by hand\n{}\n# the end\n", lines.collect::<Vec<_>>().join("\n"));
        if yaml::parse(FileId(0), &commented).is_ok() {
            fs::write(at, commented).unwrap();
            any = true;
        }
    }
    for (path, _) in example.files.iter().filter(|(path, _)| path.ends_with(".json") || path.ends_with(".json5")) {
        let at = root.join(path);
        let Ok(text) = fs::read_to_string(&at) else { continue };
        let Ok(document) = json5::parse(FileId(0), &text) else { continue };
        if !document.comments.is_empty() {
            continue;
        }
        let mut out = "// written by hand\r\n".to_owned();
        write_node(&document.root, &text, 0, &mut out);
        out.push_str("\r\n// the end");
        fs::write(at, out).unwrap();
        any = true;
    }
    any
}

fn write_node(node: &Node, text: &str, depth: usize, out: &mut String) {
    let indent = |depth: usize| "\t".repeat(depth);
    let token = |start: u32, end: u32| text.get(start as usize..end as usize).unwrap();
    match &node.kind {
        NodeKind::Map(members) if !members.is_empty() => {
            out.push_str("{\r\n");
            for member in members {
                let key = token(member.key_span.start, member.key_span.end);
                let _ = write!(out, "{}// about {}\r\n{}{key} : ", indent(depth + 1), &*member.key, indent(depth + 1));
                write_node(&member.value, text, depth + 1, out);
                out.push_str(" /* kept */, // as is\r\n");
            }
            let _ = write!(out, "{}}}", indent(depth));
        }
        NodeKind::List(items) if !items.is_empty() => {
            out.push_str("[\r\n");
            for (index, item) in items.iter().enumerate() {
                out.push_str(&indent(depth + 1));
                write_node(item, text, depth + 1, out);
                out.push_str(if index + 1 < items.len() { ", // one\r\n" } else { " // last\r\n" });
            }
            let _ = write!(out, "{}]", indent(depth));
        }
        _ => out.push_str(token(node.span.start, node.span.end)),
    }
}
