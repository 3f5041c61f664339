//! `clawsift compare OLD NEW`: what is new, gone and unchanged between two reports, baselines or trees.

mod matching;
mod show;
mod side;

use std::path::{Path, PathBuf};

use crate::cli::{Compare, CompareFormat, FailOn};
use crate::done::Done;
use crate::finding::Severity;
use crate::git::Commit;
use crate::judge::exit;
use crate::options::Options;
use matching::{Row, State};
use side::Side;

/// Compares two sides.
///
/// # Errors
/// A usage error in words: a side cannot be read, there is no such commit.
pub fn run(cli: &Compare) -> Result<Done, String> {
    let (old, new) = sides(cli)?;
    let rows = matching::compare(&old, &new);
    let least = match cli.fail_on {
        FailOn::Critical => Some(Severity::Critical),
        FailOn::Warn => Some(Severity::Warn),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    };
    let fails = |row: &Row<'_>| {
        let counts = row.state == State::New || row.state == State::NewlyChecked && cli.fail_on_new_rules;
        counts && least.is_some_and(|least| row.record.severity >= least)
    };
    let code = match old.trouble.max(new.trouble) {
        Some(code) => code,
        None if rows.iter().any(fails) => exit::FINDINGS,
        None => exit::CLEAN,
    };
    let incomplete = [&old, &new].into_iter().filter(|side| side.trouble.is_some());
    let said = [&old, &new].into_iter().flat_map(|side| side.notes.clone());
    let incomplete =
        incomplete.map(|side| format!("{}: was not read to the end: what is missing of it may be wrong", side.name));
    let notes = said.chain(incomplete).collect();
    let text = match if cli.json { CompareFormat::Json } else { cli.format } {
        CompareFormat::Text => show::text(&rows, cli.verbose),
        CompareFormat::Json => show::json(&rows, [&old.name, &new.name], code),
        CompareFormat::Sarif => show::sarif(&rows, code),
        CompareFormat::Markdown => show::markdown(&rows),
    };
    Ok(Done { code, text, notes })
}

fn sides(cli: &Compare) -> Result<(Side, Side), String> {
    let here = || PathBuf::from(".");
    if let Some(reference) = &cli.git {
        if cli.sides.len() > 1 {
            return Err("--git: expected one side beside the commit".to_owned());
        }
        let new = cli.sides.first().cloned().unwrap_or_else(here);
        if !new.is_dir() {
            return Err(format!("--git: {} is no directory", new.display()));
        }
        let old = of_commit(cli, reference, &new)?;
        return Ok((old, Side::tree(&new, None, &cli.how, cli.trust_from_git.as_deref())?));
    }
    let [old, new] = cli.sides.as_slice() else {
        return Err("expected two sides, or --git REF and one".to_owned());
    };
    // Paths that are to be told apart by what is below the two directories.
    let alone = old.is_dir() && new.is_dir();
    let side = |path: &Path| {
        if path.is_dir() { Side::tree(path, alone.then_some(path), &cli.how, None) } else { Side::read(path) }
    };
    Ok((side(old)?, side(new)?))
}

/// The side that a commit is, as far as the directory beside it reaches.
fn of_commit(cli: &Compare, reference: &str, new: &Path) -> Result<Side, String> {
    let options = Options::new(vec![new.to_path_buf()]);
    let roots = options.roots()?;
    let base = options.base(&roots);
    let commit = Commit::open(&base, reference).map_err(|why| format!("--git: {why}"))?;
    let dir = tempfile::tempdir().map_err(|error| format!("--git: {}", crate::disk::io_reason(&error)))?;
    // It is a repository like the one it comes from.
    std::fs::create_dir(dir.path().join(".git"))
        .map_err(|error| format!("--git: {}", crate::disk::io_reason(&error)))?;
    // All of it: what a skill or a configuration is judged by may lie beside it.
    commit.lay_out(&[String::new()], dir.path()).map_err(|why| format!("--git: {why}"))?;
    let below = roots.first().map(|root| crate::discover::relative(&base, root)).unwrap_or_default();
    let root = dir.path().join(&below);
    let mut side = if root.is_dir() { Side::tree(&root, Some(dir.path()), &cli.how, None)? } else { Side::default() };
    reference.clone_into(&mut side.name);
    side.keep(dir);
    Ok(side)
}
