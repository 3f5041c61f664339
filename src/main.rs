//! Parse, run, print, exit. The only place that prints or exits.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use clawsift::cli::log::LogCommand;
use clawsift::cli::posture::{self, PostureCommand, PostureFormat};
use clawsift::cli::{
    BaselineCommand, Check, Cli, ColorChoice, Command, ConfigCommand, Digest, DigestFormat, FixChoice, KeysCommand,
    KeysFormat, RulesFormat, Show, ShowFormat, SkillCommand, Verify,
};
use clawsift::done::Done;
use clawsift::judge::{Verdict, exit};
use clawsift::keys::{self, Answer};
use clawsift::options::{self, Options};
use clawsift::report::sarif::Wanted;
use clawsift::report::show::Shown;
use clawsift::report::{self, Format, Style};
use clawsift::{baselining, compare, drift, explain, init, load, log, pipeline, rules, settings, signing, verify};

mod progress;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_panic));
    match std::panic::catch_unwind(|| run(Cli::parse())) {
        Ok(Ok(code)) => ExitCode::from(code),
        // Whoever reads our output has seen enough.
        Ok(Err(Trouble::Output(error))) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(Err(Trouble::Output(error))) => fail(&format!("cannot write the report: {error}")),
        Ok(Err(Trouble::Usage(message))) => fail(&message),
        Err(_) => ExitCode::from(exit::INTERNAL),
    }
}

/// One line about a bug of ours: where it is, and nothing of the text that led to it.
fn tell_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let at = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    // Nobody is left to tell when standard error is closed too.
    let _ = writeln!(io::stderr(), "clawsift: internal error{at}; please report this as a bug");
}

/// Why a command could not be carried out.
enum Trouble {
    Usage(String),
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn fail(message: &str) -> ExitCode {
    // Settings and paths come from outside. A message may have several lines, each of them harmless.
    let lines: Vec<_> = message.split('\n').map(report::escape::line).collect();
    // Nobody is left to tell when standard error is closed too.
    let _ = writeln!(io::stderr(), "clawsift: {}", lines.join("\n"));
    ExitCode::from(exit::USAGE)
}

fn run(cli: Cli) -> Result<u8, Trouble> {
    match cli.command {
        Command::Check(check) => run_check(&check),
        Command::Config { command: ConfigCommand::Show(show) } => run_show(&show),
        Command::Skill { command: SkillCommand::Digest(digest) } => run_digest(&digest),
        Command::Skill { command: SkillCommand::Verify(verify) } => run_verify(&verify),
        Command::Skill { command: SkillCommand::Sign(sign) } => answer(signing::sign(&sign), sign.json),
        Command::Skill { command: SkillCommand::Keygen(keygen) } => answer(signing::keygen(&keygen), keygen.json),
        Command::Keys { command } => answer(keys::run(&command), is_json(&command)),
        Command::Rules { format, json } => {
            let text = match format {
                RulesFormat::Text if !json => explain::list(),
                RulesFormat::Markdown if !json => explain::document(),
                _ => format!("{:#}\n", explain::json()),
            };
            print(&text)
        }
        Command::Explain { id } => match rules::find(&id) {
            Some(rule) => print(&explain::text(rule)),
            None => Err(Trouble::Usage(settings::known_id(&id).err().unwrap_or_else(|| {
                let message = settings::unknown("rule", &id, &[]);
                format!("{message}; it is a prefix: `clawsift rules` lists the ids")
            }))),
        },
        Command::Log { command } => run_log(&command),
        Command::Posture { command } => run_posture(&command),
        Command::Init(init) => answer(Ok(init::run(&init).map_err(Trouble::Usage)?), init.json),
        Command::Baseline { command } => run_baseline(&command),
        Command::Compare(compare) => tell_done(&compare::run(&compare).map_err(Trouble::Usage)?),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "clawsift", &mut text);
            print(&String::from_utf8_lossy(&text))
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            print(&String::from_utf8_lossy(&text))
        }
    }
}

fn print(text: &str) -> Result<u8, Trouble> {
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(exit::CLEAN)
}

fn run_check(check: &Check) -> Result<u8, Trouble> {
    let options = Options::from_cli(check).map_err(Trouble::Usage)?;
    if let Some(which) = check.fix {
        return run_fix(check, &options, which == FixChoice::All);
    }
    let bar = progress::Bar::start(&options.meter, !check.no_progress && !check.quiet);
    let verdict = pipeline::run(&options).map_err(Trouble::Usage);
    drop(bar);
    let mut verdict = verdict?;
    for trouble in drift::beside(check, &options, &mut verdict).map_err(Trouble::Usage)? {
        tell(&format!("not compared: {trouble}"));
    }
    write_outputs(check, &verdict)?;
    let format = if check.json { Format::Json } else { check.format.unwrap_or(Format::Text) };
    if let (Some(drift), false) = (&verdict.drift, matches!(format, Format::Text | Format::Json)) {
        let counts = report::posture::counts(drift);
        tell(&format!("{} changes since the snapshot ({counts}): see --format text or json", drift.changes.len()));
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = report::render(format, &verdict, &style(check, true), &mut out).and_then(|()| out.flush());
    match written {
        // Whoever reads our output has seen enough of it, but the verdict stands.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(verdict.exit_code),
        written => written?,
    }
    tell_left_out(format, &verdict, &style(check, true));
    Ok(verdict.exit_code)
}

/// The reports that go to files.
fn write_outputs(check: &Check, verdict: &Verdict) -> Result<(), Trouble> {
    for (format, path) in &check.output {
        let mut text = Vec::new();
        report::render(*format, verdict, &Style { quiet: false, ..style(check, false) }, &mut text)?;
        tell_left_out(*format, verdict, &style(check, false));
        let write = std::fs::write(path, &text);
        write.map_err(|error| Trouble::Usage(format!("--output {}: {error}", path.display())))?;
    }
    Ok(())
}

/// Prints the diff of the fixes, or makes them.
fn run_fix(check: &Check, options: &Options, all: bool) -> Result<u8, Trouble> {
    let fixed = pipeline::fixing::fix(options, all).map_err(Trouble::Usage)?;
    write_outputs(check, &fixed.verdict)?;
    let code = fixed.verdict.exit_code;
    let base = options.base(&options.roots().map_err(Trouble::Usage)?);
    let made = if check.apply { clawsift::fix::make(&base, &fixed) } else { Vec::new() };
    // A fix that could not be written leaves what it was to fix, and is a trouble of its own.
    let failed = made.iter().any(|one| one.error.is_some());
    let code = if failed { exit::INCOMPLETE } else { code };
    if check.json || check.format == Some(Format::Json) {
        print(&report::escape::json(format!("{:#}\n", report::fix::json(&fixed, &made))))?;
        return Ok(code);
    }
    if check.apply {
        let done = report::fix::summary(&fixed, &made, None);
        print(&(done.join("\n") + "\n"))?;
        return Ok(code);
    }
    let diff = report::fix::diff(&fixed);
    let terminal = io::stdout().is_terminal();
    let shown =
        |line: &str| if terminal { report::escape::line(line).into_owned() + "\n" } else { format!("{line}\n") };
    print(&if terminal { diff.text.lines().map(shown).collect() } else { diff.text.clone() })?;
    for note in diff.notes.iter().chain(&report::fix::summary(&fixed, &[], Some(&diff))) {
        tell(note);
    }
    Ok(code)
}

fn run_show(show: &Show) -> Result<u8, Trouble> {
    let (config, written) = pipeline::open(&show.file, &options::wanted_to_show(show)).map_err(Trouble::Usage)?;
    let shown = Shown { config: &config, written: written.as_ref(), secrets: show.show_secrets };
    print(&match show.format {
        ShowFormat::Json => format!("{:#}\n", report::show::json(&shown)),
        ShowFormat::Text => report::show::text(&shown),
    })?;
    Ok(if config.is_valid() { exit::CLEAN } else { exit::FINDINGS })
}

fn run_baseline(command: &BaselineCommand) -> Result<u8, Trouble> {
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1");
    tell_done(&baselining::run(command, in_ci).map_err(Trouble::Usage)?)
}

/// Prints what a command did.
fn tell_done(done: &Done) -> Result<u8, Trouble> {
    print(&done.text)?;
    done.notes.iter().for_each(|note| tell(note));
    Ok(done.code)
}

fn run_log(command: &LogCommand) -> Result<u8, Trouble> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let done = log::run(command, &mut out).map_err(|trouble| match trouble {
        log::Trouble::Usage(message) => Trouble::Usage(message),
        log::Trouble::Output(error) => Trouble::Output(error),
    })?;
    out.flush()?;
    done.notes.iter().for_each(|note| tell(note));
    Ok(done.code)
}

fn run_posture(command: &PostureCommand) -> Result<u8, Trouble> {
    match command {
        PostureCommand::Export(export) => run_export(export),
        PostureCommand::Compare(compare) => run_posture_compare(compare),
    }
}

fn run_export(export: &posture::Export) -> Result<u8, Trouble> {
    let taken = drift::export(export).map_err(Trouble::Usage)?;
    match &export.output {
        Some(file) => {
            drift::write(file, &taken.snapshot).map_err(Trouble::Usage)?;
            let shown = file.display();
            tell(&format!("{} facts are written to {shown}", taken.snapshot.facts.len()));
        }
        None => _ = print(&report::escape::json(taken.snapshot.to_text()))?,
    }
    for trouble in &taken.snapshot.troubles {
        tell(&format!("incomplete: {trouble}"));
    }
    Ok(taken.code)
}

fn run_posture_compare(compare: &posture::Compare) -> Result<u8, Trouble> {
    match drift::compare(compare).map_err(Trouble::Usage)? {
        drift::Compared::Drift(drift, code) => {
            let format = if compare.json { PostureFormat::Json } else { compare.format };
            print(&report::posture::render(&drift, format))?;
            Ok(code)
        }
        drift::Compared::Incomplete(troubles) => {
            for trouble in &troubles {
                tell(&format!("not compared: {trouble}"));
            }
            tell("what was not read cannot be compared; pass --force to compare the rest");
            Ok(exit::INCOMPLETE)
        }
    }
}

/// One line for a person, beside the report.
fn tell(message: &str) {
    // Nobody is left to tell when standard error is closed too.
    let _ = writeln!(io::stderr(), "clawsift: {}", report::escape::line(message));
}

fn run_digest(digest: &Digest) -> Result<u8, Trouble> {
    let answer = load::tree_sha256(&digest.dir);
    let code = report::digest::exit_code(&answer);
    match (&answer, digest.format) {
        _ if digest.json || digest.format == DigestFormat::Json => {
            print(&format!("{:#}\n", report::digest::json(&answer)))?;
        }
        (Ok(hash), _) => _ = print(&format!("{hash}\n"))?,
        (Err(why), _) => {
            tell(&format!("{}: {}", digest.dir.display(), why.reason()));
        }
    }
    Ok(code)
}

fn run_verify(verify: &Verify) -> Result<u8, Trouble> {
    let verified = verify::run(verify).map_err(Trouble::Usage)?;
    if verify.json || verify.format == KeysFormat::Json {
        print(&format!("{}\n", report::escape::json(format!("{:#}", report::verify::json(&verified)))))?;
        return Ok(verified.exit_code);
    }
    let terminal = io::stdout().is_terminal();
    let color = terminal && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let mut text = Vec::new();
    report::verify::text(&verified, &Style { color, terminal, ..Style::default() }, &mut text)?;
    io::stdout().lock().write_all(&text)?;
    Ok(verified.exit_code)
}

const fn is_json(command: &KeysCommand) -> bool {
    match command {
        KeysCommand::List(list) => list.json,
        KeysCommand::Add(add) => add.json,
        KeysCommand::Remove(remove) => remove.json,
        KeysCommand::Trust(trust) => trust.json,
    }
}

/// Prints what a command did, or why it did nothing.
fn answer(answer: Result<Answer, String>, json: bool) -> Result<u8, Trouble> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(message) => {
            fail(&message);
            return Ok(exit::FINDINGS);
        }
    };
    answer.notes.iter().for_each(|note| tell(note));
    let text = if json { report::escape::json(format!("{:#}", answer.json)) + "\n" } else { answer.text };
    print(&text)
}

fn tell_left_out(format: Format, verdict: &Verdict, style: &Style<'_>) {
    if let Some(text) = report::left_out(format, verdict, style) {
        tell(&text);
    }
}

/// How a report may look on its way to standard output or to a file.
fn style(check: &Check, stdout: bool) -> Style<'_> {
    let terminal = stdout && io::stdout().is_terminal();
    let color = match check.color {
        ColorChoice::Always => stdout,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    };
    let wanted = &check.reports;
    let sarif = Wanted {
        profile: wanted.sarif_profile,
        fingerprints: wanted.fingerprints,
        category: wanted.category.as_deref(),
        all_artifacts: wanted.sarif_all_artifacts,
        new_only: check.baselines.new_only,
    };
    Style {
        color,
        terminal,
        quiet: check.quiet,
        verbose: check.verbose,
        suppressed: check.show_suppressed,
        baselined: check.baselines.show_baselined,
        sarif,
    }
}
