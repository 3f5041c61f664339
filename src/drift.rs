//! `posture export` and `posture compare`: snapshots as files, and what differs between two of them.

mod allow;

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::posture::{Compare, Export, Look};
use crate::cli::{Check, FailOn};
use crate::diagnostic::Level;
use crate::discover;
use crate::disk::{self, io_reason};
use crate::facts::extra::Tables;
use crate::finding::{Settled, Severity};
use crate::judge::{Verdict, exit};
use crate::options::{self, Options, Survey};
use crate::pipeline;
use crate::posture::weigh::{Words, compare as weigh};
use crate::posture::{self, At, Drift, Fact, Origin, Snapshot};
use crate::report::escape;
use crate::settings::{self, Settings};

/// Largest snapshot that is read, in bytes.
const MAX_SNAPSHOT: u64 = 256 << 20;

/// A snapshot that was taken.
#[derive(Debug)]
pub struct Taken {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What to answer to the shell.
    pub code: u8,
}

/// Takes a snapshot.
///
/// # Errors
/// A usage error in words.
pub fn export(cli: &Export) -> Result<Taken, String> {
    let options = looking(&cli.paths, &cli.look)?;
    taken(&options, &mut pipeline::run(&options)?)
}

/// The snapshot that a run collected the facts for.
///
/// # Errors
/// A usage error in words: a path does not exist.
pub fn taken(options: &Options, verdict: &mut Verdict) -> Result<Taken, String> {
    let roots = options.roots()?;
    let base = options.base(&roots);
    let shown = |root: &PathBuf| match discover::relative(&base, root) {
        path if path.is_empty() => ".".to_owned(),
        path => path,
    };
    let mut troubles: Vec<String> = verdict
        .diagnostics
        .iter()
        .filter(|one| one.level == Level::Error)
        .map(|one| format!("{}: {}", if one.path.is_empty() { "." } else { &one.path }, one.message))
        .collect();
    let unread = verdict.inputs.iter().filter(|input| !input.complete);
    troubles.extend(unread.map(|input| format!("{}: not read to the end", input.path)));
    let code = match verdict.exit_code {
        exit::INTERNAL => exit::INTERNAL,
        _ if troubles.is_empty() => exit::CLEAN,
        _ => exit::INCOMPLETE,
    };
    let mut scope: Vec<String> = roots.iter().map(shown).collect();
    scope.extend(options.left_out.iter().map(|pattern| format!("!{pattern}")));
    let snapshot = Snapshot::new(std::mem::take(&mut verdict.facts), scope, troubles, kinds(options));
    Ok(Taken { snapshot, code })
}

/// What is looked for.
fn kinds(options: &Options) -> Vec<String> {
    let known = |kind: &&str| match *kind {
        posture::MODE => options.state_dir,
        posture::FINDING => options.survey == Survey::Beside,
        _ => true,
    };
    posture::KINDS.iter().map(|(kind, _)| *kind).filter(known).map(str::to_owned).collect()
}

/// What the rules found, as facts.
fn findings(verdict: &Verdict) -> Vec<Fact> {
    let fact = |finding: &Settled| Fact {
        kind: posture::FINDING.to_owned(),
        key: finding.identity.fingerprint.clone(),
        value: json!({"checkId": finding.id, "severity": finding.severity.as_str()}),
        at: At { path: finding.location.path.to_string(), pointer: String::new() },
        origin: Origin { kind: "check".to_owned(), path: String::new() },
        location: Some(finding.location.clone()),
    };
    verdict.shown.iter().map(fact).collect()
}

/// What a run of facts alone means. Settings that a repository brings do not count: what is compared may have
/// changed them.
fn looking(paths: &[PathBuf], look: &Look) -> Result<Options, String> {
    let paths = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() };
    let mut options = Options::new(paths);
    options.survey = Survey::Only;
    options.state_dir = look.state_dir;
    options.threads = look.jobs;
    if look.settings.is_some() {
        let base = options.base(&options.roots()?);
        options.settings = Settings::find(&base, look.settings.as_deref()).map_err(|error| error.0)?.0;
    }
    options.left_out = [look.exclude.as_slice(), &options.settings.exclude].concat();
    options.excludes = settings::globs(&options.left_out).map_err(|reason| format!("--exclude: {reason}"))?;
    Ok(options)
}

/// What came of a comparison.
#[derive(Debug)]
pub enum Compared {
    /// The differences, and what to answer to the shell.
    Drift(Drift, u8),
    /// One of the two is not all there is: the reasons.
    Incomplete(Vec<String>),
}

/// Compares a snapshot with another one, or with how things are now.
///
/// # Errors
/// A usage error in words: something is no snapshot, or the two are of different paths.
pub fn compare(cli: &Compare) -> Result<Compared, String> {
    let before = read(&cli.before)?;
    let settings = looking(&[], &cli.look).map(|options| options.settings)?;
    let after = match cli.after.as_slice() {
        [one] if one.is_file() && is_snapshot(one) => Taken { snapshot: read(one)?, code: exit::CLEAN },
        paths => {
            let options = looking(paths, &cli.look)?;
            taken(&options, &mut pipeline::run(&options)?)?
        }
    };
    if after.code == exit::INTERNAL {
        return Ok(Compared::Drift(Drift::default(), exit::INTERNAL));
    }
    let about =
        Asked { expect: &cli.expect, force: cli.force, tables: &settings.tables, trusted: &settings.trusted_hosts };
    let mut drift = match about.drift(&before, &after.snapshot, &cli.before)? {
        Ok(drift) => drift,
        Err(troubles) => return Ok(Compared::Incomplete(troubles)),
    };
    if let Some(file) = &cli.allow {
        let now = cli.now.map_or_else(options::clock, Ok)?;
        allow::apply(&mut drift, &allow::read(file)?, now);
    }
    let code = if drift.fails(least(cli.fail_on)) { exit::FINDINGS } else { exit::CLEAN };
    Ok(Compared::Drift(drift, code))
}

/// Writes the snapshot that a scan collected the facts for, and compares it with an earlier one.
/// Gives what could not be compared, in words.
///
/// # Errors
/// A usage error in words.
pub fn beside(check: &Check, options: &Options, verdict: &mut Verdict) -> Result<Vec<String>, String> {
    if options.survey == Survey::No {
        return Ok(Vec::new());
    }
    // The snapshot to compare with is read before another one may be written over it.
    let before = check.compare_baseline.as_deref().map(|file| read(file).map(|before| (file, before))).transpose()?;
    let found = findings(verdict);
    verdict.facts.extend(found);
    let Taken { snapshot, .. } = taken(options, verdict)?;
    if let Some(file) = &check.export_baseline {
        write(file, &snapshot)?;
    }
    let Some((file, before)) = before else { return Ok(Vec::new()) };
    let settings = &options.settings;
    let about = Asked { expect: &[], force: false, tables: &settings.tables, trusted: &settings.trusted_hosts };
    match about.drift(&before, &snapshot, file)? {
        Ok(drift) => {
            if drift.fails(options.fail_on) && matches!(verdict.exit_code, exit::CLEAN | exit::NOTHING) {
                verdict.exit_code = exit::FINDINGS;
            }
            verdict.drift = Some(drift);
            Ok(Vec::new())
        }
        Err(troubles) => {
            if verdict.exit_code != exit::INTERNAL {
                verdict.exit_code = exit::INCOMPLETE;
            }
            Ok(troubles)
        }
    }
}

/// What a comparison is asked for.
struct Asked<'a> {
    expect: &'a [String],
    force: bool,
    tables: &'a Tables,
    trusted: &'a [String],
}

impl Asked<'_> {
    /// The differences, or why there can be none.
    fn drift(&self, before: &Snapshot, after: &Snapshot, file: &Path) -> Result<Result<Drift, Vec<String>>, String> {
        let mut notes = Vec::new();
        if before.scope != after.scope {
            let (was, is) = (before.scope.join(" "), after.scope.join(" "));
            let differ = format!("{} is about `{was}`, this is about `{is}`", file.display());
            if !self.force {
                return Err(format!("{differ}: name the same paths, or pass --force"));
            }
            notes.push(differ);
        }
        let troubles = |which: &str, one: &Snapshot| -> Vec<String> {
            let told = one.troubles.iter().map(|trouble| format!("{which}: {trouble}")).collect::<Vec<_>>();
            if told.is_empty() && !one.complete { vec![format!("{which}: not everything was read")] } else { told }
        };
        let troubles = [troubles("before", before), troubles("after", after)].concat();
        if !troubles.is_empty() && !self.force {
            return Ok(Err(troubles));
        }
        notes.extend(troubles.into_iter().map(|trouble| format!("incomplete, compared all the same: {trouble}")));
        let words = Words { tables: self.tables, trusted: self.trusted, expected: self.expect };
        let mut drift = weigh(before, after, &words);
        let idle = self.expect.iter().filter(|name| !drift.arrivals.iter().any(|one| one.name == **name));
        notes.extend(idle.map(|name| format!("the skill {name} was expected and did not arrive")));
        drift.notes.splice(..0, notes);
        Ok(Ok(drift))
    }
}

/// The least severity that fails; none for never.
#[must_use]
pub const fn least(fail_on: FailOn) -> Option<Severity> {
    match fail_on {
        FailOn::Critical => Some(Severity::Critical),
        FailOn::Warn => Some(Severity::Warn),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    }
}

fn read(path: &Path) -> Result<Snapshot, String> {
    let bytes = disk::read(path, MAX_SNAPSHOT).map_err(|reason| format!("{}: {reason}", path.display()))?;
    Snapshot::read(&bytes).map_err(|reason| format!("{}: {reason}", path.display()))
}

/// Is a file a snapshot, by its beginning? Otherwise it is something to look at.
fn is_snapshot(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(4_096).read_to_end(&mut head));
    read.is_ok() && Snapshot::is_one(&head)
}

/// Writes a snapshot for its owner alone: it tells how a machine is guarded.
///
/// # Errors
/// The path and the reason.
pub fn write(path: &Path, snapshot: &Snapshot) -> Result<(), String> {
    let text = escape::json(snapshot.to_text());
    // A pipe or a device is written as it is.
    if path.symlink_metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir() && !meta.is_symlink()) {
        return std::fs::write(path, &text).map_err(|error| format!("{}: {}", path.display(), io_reason(&error)));
    }
    crate::writing::replace(path, text.as_bytes(), crate::writing::Secrecy::Private)
}
