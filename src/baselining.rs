//! `clawsift baseline create|update|prune|explain|merge`: the commands that change a baseline.

mod changing;
mod telling;

use std::path::{Path, PathBuf};

use crate::baseline::{self, Baseline};
use crate::cli::{BaselineCommand, BaselineFlags, Merge, Scan};
use crate::diagnostic::Level;
use crate::disk;
use crate::done::Done;
use crate::judge::{Verdict, exit};
use crate::options::Options;
use crate::pipeline;
use crate::report::escape;
use crate::writing::{self, Secrecy};

/// Carries out a command. `in_ci` says that nobody is there to look at what is written.
///
/// # Errors
/// A usage error in words: it would overwrite something, a file cannot be read.
pub fn run(command: &BaselineCommand, in_ci: bool) -> Result<Done, String> {
    match command {
        BaselineCommand::Create(create) => changing::create(create),
        BaselineCommand::Update(update) => changing::update(update, in_ci),
        BaselineCommand::Prune(prune) => changing::prune(prune),
        BaselineCommand::Explain(explain) => telling::explain(explain),
        BaselineCommand::Merge(merge) => self::merge(merge),
    }
}

/// A scan for a baseline.
struct Scanned {
    options: Options,
    verdict: Verdict,
    /// Where the baseline is or will be.
    path: PathBuf,
}

impl Scanned {
    /// Scans as a `check` with this baseline does; without one, when there is none to ask.
    fn new(scan: &Scan, file: Option<&Path>, asked: bool) -> Result<Self, String> {
        let baseline = file.filter(|_| asked).map(Path::to_path_buf);
        let flags = BaselineFlags { baseline, no_baseline: !asked, ..BaselineFlags::default() };
        let options = Options::from_cli(&scan.how.check(&scan.paths, flags))?;
        let base = options.base(&options.roots()?);
        let path = file.map_or_else(|| base.join(baseline::NAME), Path::to_path_buf);
        let verdict = pipeline::run(&options)?;
        Ok(Self { options, verdict, path })
    }

    /// Why nothing may be written after this scan: what was not looked at must not seem clean.
    fn refusal(&self) -> Option<Done> {
        let code = self.verdict.exit_code;
        let why = match code {
            exit::NOTHING => "nothing to check was found: nothing is written",
            exit::INCOMPLETE => "the scan is incomplete: nothing is written",
            exit::INTERNAL => "the scan was not done to the end: nothing is written",
            _ => return None,
        };
        let errors = self.verdict.diagnostics.iter().filter(|one| one.level == Level::Error);
        let mut notes: Vec<String> = errors.map(|one| format!("{}: {}", one.path, one.message)).collect();
        let unread = self.verdict.inputs.iter().filter(|input| !input.complete);
        notes.extend(unread.map(|input| format!("{}: could not be read to the end", input.path)));
        notes.push(why.to_owned());
        Some(Done { code, text: String::new(), notes })
    }

    /// The baseline that was asked.
    fn known(&self) -> Result<&Baseline, String> {
        let none =
            || format!("{}: there is no baseline yet: `clawsift baseline create` makes one", self.path.display());
        self.options.baseline.as_deref().ok_or_else(none)
    }

    fn write(&self, baseline: &Baseline) -> Result<(), String> {
        writing::replace(&self.path, baseline.text().as_bytes(), Secrecy::Public)
    }

    /// What changes, line by line.
    fn diff(&self, before: &Baseline, after: &Baseline) -> String {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // The comma that comes and goes with the last entry is no change.
        let lines = |one: &Baseline| {
            one.text().lines().map(|line| line.trim_end_matches(',').to_owned() + "\n").collect::<String>()
        };
        let (before, after) = (lines(before), lines(after));
        let diff = similar::TextDiff::from_lines(&before, &after);
        let text = diff.unified_diff().context_radius(1).header(&format!("a/{name}"), &format!("b/{name}")).to_string();
        text.lines().map(|line| escape::line(line).into_owned() + "\n").collect()
    }
}

fn merge(merge: &Merge) -> Result<Done, String> {
    let read = |path: &Path| {
        let shown = path.display().to_string();
        let bytes = disk::read(path, baseline::MAX_SIZE).map_err(|why| format!("{shown}: {why}"))?;
        // Git hands over an empty file where a side has none.
        if bytes.is_empty() { Ok(Baseline::default()) } else { baseline::read(&shown, &bytes) }
    };
    let [base, ours, theirs] = [read(&merge.base)?, read(&merge.ours)?, read(&merge.theirs)?];
    let merged = baseline::merge(&base, &ours, &theirs);
    writing::replace(&merge.ours, merged.text().as_bytes(), Secrecy::Public)?;
    Ok(Done { code: exit::CLEAN, text: String::new(), notes: Vec::new() })
}
