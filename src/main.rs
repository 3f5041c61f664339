//! Parse, run, print, exit. The only place that prints or exits.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use clawsift::cli::{Check, Cli, Command, FailOn};
use clawsift::finding::Severity;
use clawsift::judge::exit;
use clawsift::model::dialect::Release;
use clawsift::model::env::Env;
use clawsift::options::Options;
use clawsift::report::Format;
use clawsift::rule::Profile;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Command::Check(check) => run_check(&check),
        Command::Config { .. } => ExitCode::from(exit::INTERNAL),
    }
}

fn run_check(check: &Check) -> ExitCode {
    let mut options = Options::new(check.paths.clone());
    options.wanted.profile = check.profile.unwrap_or(Profile::Regular);
    options.wanted.release = Release::ALL.into_iter().find(|release| release.as_str() == check.target_version);
    options.state_dir = check.state_dir;
    if check.use_env {
        options.wanted.env = Env::known(std::env::vars().collect());
    }
    options.fail_on = match check.fail_on {
        None | Some(FailOn::Critical) => Some(Severity::Critical),
        Some(FailOn::Warn) => Some(Severity::Warn),
        Some(FailOn::Info) => Some(Severity::Info),
        Some(FailOn::Never) => None,
    };
    let verdict = match clawsift::pipeline::run(&options) {
        Ok(verdict) => verdict,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "clawsift: {error}");
            return ExitCode::from(exit::USAGE);
        }
    };
    let _ = match check.format {
        Format::Json => writeln!(std::io::stdout(), "{:#}", clawsift::report::json::report(&verdict)),
        _ => writeln!(std::io::stdout(), "{} findings", verdict.shown.len()),
    };
    ExitCode::from(verdict.exit_code)
}
