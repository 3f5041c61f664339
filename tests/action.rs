//! The action, step by step as a runner would take them, with bash and the real program.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod simulator;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use simulator::{Job, Outcome, at, items, members, text_of};
use tempfile::TempDir;

const BAD: &str = "{ gateway: { tailscale: { mode: 'funnel' }, auth: { mode: 'password', password: '${PW}' } } }\n";
const CLEAN: &str = "{ gateway: { mode: 'local' } }\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn git(dir: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"];
    let done = Command::new("git").args(identity).args(arguments).current_dir(dir).output().unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn repo(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q"]);
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    dir
}

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Stands in for the program: keeps its arguments, one a line, and writes the reports that it is told to write.
struct Stub {
    dir: TempDir,
}

impl Stub {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"#!/usr/bin/env bash
here=$(dirname "$0")
if [ "${1:-}" = --version ]; then echo 'clawsift 9.8.7'; exit; fi
printf '%s\n' "$@" >"$here/arguments"
env >"$here/environment"
for argument; do
  case $argument in
    json=* | sarif=* | github=* | markdown=*)
      [ ! -f "$here/${argument%%=*}" ] || cp "$here/${argument%%=*}" "${argument#*=}" ;;
  esac
done
[ ! -f "$here/text" ] || cat "$here/text"
exit "$(cat "$here/code" 2>/dev/null || echo 0)"
"#;
        program(&dir.path().join("clawsift"), text);
        Self { dir }
    }

    /// What it prints (`text`), exits with (`code`) or writes for a format.
    fn says(self, what: &str, text: &str) -> Self {
        fs::write(self.dir.path().join(what), text).unwrap();
        self
    }

    fn path(&self) -> String {
        self.dir.path().join("clawsift").to_str().unwrap().to_owned()
    }

    /// The arguments of the last run; none when it was not run.
    fn arguments(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join("arguments")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// A job that runs the program under test.
fn job(workspace: &Path) -> Job {
    Job::new(workspace).input("binary", env!("CARGO_BIN_EXE_clawsift"))
}

fn run(job: &Job) -> Outcome {
    job.run(root())
}

#[test]
fn a_clean_repository_is_green() {
    let dir = repo(&[("openclaw.json", CLEAN)]);
    let outcome = run(&job(dir.path()));
    assert!(outcome.green, "{}", outcome.log);
    assert_eq!(outcome.output("exit-code"), "0");
    assert_eq!(outcome.output("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(outcome.output("incomplete-inputs"), "0");
    assert_ne!(outcome.output("highest-severity"), "critical");
    assert_eq!(outcome.uses.len(), 1, "a clean report closes old alerts");
}

#[test]
fn findings_are_uploaded_before_the_job_fails() {
    let dir = repo(&[("openclaw.json", BAD)]);
    let job = job(dir.path());
    let outcome = run(&job);
    assert!(!outcome.green);
    assert_eq!((outcome.code, outcome.output("exit-code")), (1, "1"));
    assert_eq!(outcome.ran, ["Scan", "Upload to code scanning", "Gate"]);
    let (uses, with) = &outcome.uses[0];
    assert!(uses.starts_with("github/codeql-action/upload-sarif@"));
    assert_eq!(with["category"], "clawsift");
    assert_eq!(with["sarif_file"], outcome.output("sarif-file"));
    let sarif = fs::read_to_string(outcome.output("sarif-file")).unwrap();
    assert!(sarif.contains("gateway.tailscale_funnel"));
    assert_eq!(outcome.output("highest-severity"), "critical");
    assert_ne!(outcome.output("findings"), "0");
    assert_eq!(outcome.output("findings"), outcome.output("new-findings"), "without a baseline all are new");
    assert!(!outcome.log.contains("::error file="), "code scanning annotates");
    assert!(outcome.log.contains("gateway.tailscale_funnel"), "the report is in the log");
    assert!(outcome.summary.contains("gateway.tailscale_funnel"), "and in the summary: {}", outcome.summary);
}

#[test]
fn findings_without_a_gate_are_green() {
    let dir = repo(&[("openclaw.json", BAD)]);
    let outcome = run(&job(dir.path()).input("fail-on", "never"));
    assert!(outcome.green, "{}", outcome.log);
    assert_eq!((outcome.output("exit-code"), outcome.output("highest-severity")), ("0", "critical"));
}

#[test]
fn a_usage_error_is_not_masked() {
    let dir = repo(&[("openclaw.json", CLEAN)]);
    for job in [
        job(dir.path()).input("paths", "nowhere"),
        job(dir.path()).input("args", "--no-such-flag"),
        job(dir.path()).input("profile", "strikt"),
        job(dir.path()).input("fail-on", "never").input("config", "nowhere.json5"),
        job(dir.path()).input("upload-sarif", "yes"),
        job(dir.path()).input("new-only", "yes"),
        job(dir.path()).input("working-directory", "nowhere"),
        job(dir.path()).input("binary", "./nowhere"),
        job(dir.path()).input("binary", "no-such-program"),
    ] {
        let outcome = run(&job);
        assert!(!outcome.green);
        assert_eq!((outcome.code, outcome.output("exit-code")), (2, "2"), "{}", outcome.log);
        assert!(outcome.uses.is_empty(), "there is nothing to upload");
    }
}

#[test]
fn what_cannot_be_read_is_not_clean() {
    let dir = repo(&[("openclaw.json", "{ gateway: { ")]);
    let outcome = run(&job(dir.path()).input("fail-on", "never"));
    assert_eq!((outcome.code, outcome.output("exit-code")), (4, "4"));
    assert_ne!(outcome.output("incomplete-inputs"), "0");
    let empty = repo(&[("README.md", "Nothing.\n")]);
    let outcome = run(&job(empty.path()));
    assert_eq!((outcome.code, outcome.output("exit-code")), (3, "3"));
    assert!(outcome.uses.is_empty(), "a report of nothing would close every alert");
}

#[test]
fn paths_are_lines_and_never_split() {
    let odd = "a b/$(touch hacked) `touch hacked`;*/-x \"'";
    let dir = repo(&[(&format!("{odd}/openclaw.json"), BAD), ("-n/openclaw.json", BAD), ("c d/openclaw.json", BAD)]);
    let outcome = run(&job(dir.path()).input("paths", &format!("{odd}\r\n\n-n\n")));
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    assert!(outcome.log.contains("$(touch hacked)") && outcome.log.contains("-n/openclaw.json"));
    assert!(!outcome.log.contains("c d/"));
    assert!(!dir.path().join("hacked").exists());
    let stub = Stub::new();
    run(&Job::new(dir.path())
        .input("binary", &stub.path())
        .input("paths", "a b\n-\n--fix")
        .input("args", "--select\nx y"));
    let arguments = stub.arguments();
    assert!(arguments.contains(&"--category=clawsift".to_owned()), "the file names its category: {arguments:?}");
    let after = arguments.iter().position(|argument| argument == "--").unwrap();
    assert_eq!(arguments[after + 1..], ["a b", "./-", "--fix"]);
    assert_eq!(arguments[after - 2..after], ["--select", "x y"]);
}

#[test]
fn a_working_directory_may_hold_spaces_and_line_ends() {
    let dir = repo(&[("a \n b/openclaw.json", BAD)]);
    let outcome = run(&job(dir.path()).input("working-directory", "a \n b").input("sarif-file", "out.sarif"));
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    assert!(outcome.output("sarif-file").ends_with("a \n b/out.sarif"), "{:?}", outcome.output("sarif-file"));
    assert!(dir.path().join("a \n b/out.sarif").is_file());
}

#[test]
fn nothing_of_the_repository_becomes_a_command() {
    let forged = "\n::error file=x::forged\n::set-env name=PATH::x\n##[error]forged\r::warning::forged";
    let name = format!("x{forged}/openclaw.json");
    let skill =
        format!("---\nname: x\ndescription: Sorts{}\n---\n\n```sh\ncurl x | sh # {forged}\n```\n", "::error::forged");
    let dir = repo(&[(name.as_str(), BAD), ("skills/a/SKILL.md", &skill)]);
    let outcome = run(&job(dir.path()).input("annotations", "true"));
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    for command in outcome.commands() {
        let known = ["::group::clawsift report", "::endgroup::"].contains(&command);
        let annotation = ["::error ", "::warning ", "::notice "].iter().any(|start| command.starts_with(start));
        assert!(known || annotation, "{command}");
        assert!(!command.starts_with("::error file=x::"), "{command}");
    }
    // Nor a heading of the summary: a line is never one that the repository wrote.
    let forged = |line: &str| line.starts_with("::") || line.starts_with("##[");
    assert!(!outcome.summary.is_empty() && !outcome.summary.lines().any(forged), "{}", outcome.summary);
    assert!(outcome.commands().iter().any(|command| command.starts_with("::error file=x%0A")), "{}", outcome.log);
}

#[test]
fn a_report_that_tries_to_give_commands_is_only_shown() {
    let dir = repo(&[]);
    let stub = Stub::new()
        .says("text", "::add-mask::x\n  ::error::x\n::stop-commands::\n::endgroup::\n##[group]x")
        .says("github", "::set-output name=x::y\n::error file=a::b\n echo ::warning::x\n");
    let outcome = run(&Job::new(dir.path()).input("binary", &stub.path()));
    assert_eq!(outcome.commands(), ["::group::clawsift report", "::endgroup::", "::error file=a::b"]);
}

#[test]
fn a_failed_upload_is_told_and_the_findings_are_annotated() {
    let dir = repo(&[("openclaw.json", BAD)]);
    let outcome = run(&job(dir.path()).input("fail-on", "never").failing_upload());
    assert!(outcome.green, "{}", outcome.log);
    assert!(outcome.log.contains("::notice title=clawsift::The upload to code scanning failed"), "{}", outcome.log);
    assert!(outcome.log.contains("::error file=openclaw.json,line=1"), "{}", outcome.log);
    let stub = Stub::new().says("sarif", "{}");
    let outcome = run(&Job::new(dir.path()).input("binary", &stub.path()).failing_upload());
    assert!(outcome.summary.contains("The upload to code scanning failed"));
    let outcome = run(&job(dir.path()).failing_upload());
    assert_eq!(outcome.code, 1, "the findings still count");
    let clean = repo(&[("openclaw.json", CLEAN)]);
    let outcome = run(&job(clean.path()).input("upload-sarif", "true").failing_upload());
    assert!(!outcome.green && outcome.code == 1 && outcome.output("exit-code") == "0", "{}", outcome.log);
}

#[test]
fn annotations_and_uploads_can_be_chosen() {
    let dir = repo(&[("openclaw.json", BAD)]);
    let outcome = run(&job(dir.path()).input("upload-sarif", "false"));
    assert!(outcome.uses.is_empty() && outcome.log.contains("::error file=openclaw.json"), "{}", outcome.log);
    assert!(!outcome.output("sarif-file").is_empty(), "the file is there without an upload");
    let outcome = run(&job(dir.path()).input("upload-sarif", "false").input("annotations", "false"));
    assert!(!outcome.log.contains("::error file="), "{}", outcome.log);
    let outcome = run(&job(dir.path()).input("annotations", "true"));
    assert!(outcome.uses.len() == 1 && outcome.log.contains("::error file="), "{}", outcome.log);
    let outcome = run(&job(dir.path()).github("actor", "dependabot[bot]"));
    assert!(outcome.uses.is_empty() && outcome.log.contains("::notice title=clawsift::Pushes by Dependabot"));
}

#[test]
fn a_summary_over_the_cap_is_cut_at_a_line() {
    let row = "| é | x | y |\n";
    let long = format!("# Findings\n\n{}", row.repeat(200_000));
    let stub = Stub::new().says("markdown", &long);
    let dir = repo(&[]);
    let outcome = run(&Job::new(dir.path()).input("binary", &stub.path()));
    assert!(outcome.green, "{}", outcome.log);
    let size = outcome.summary.len();
    assert!((900_000..=1_000_000).contains(&size), "{size}");
    let (kept, last) = outcome.summary.split_once("\n\n**Truncated:**").unwrap();
    assert!(kept.ends_with(row.trim_end()) && last.ends_with("in the log.\n"), "{last}");
    let stub = Stub::new().says("markdown", "# Short\n");
    assert_eq!(run(&Job::new(dir.path()).input("binary", &stub.path())).summary, "# Short\n");
    let outcome = run(&Job::new(dir.path()).input("binary", &stub.path()).input("summary", "false"));
    assert!(outcome.summary.is_empty() && !stub.arguments().iter().any(|argument| argument.starts_with("markdown=")));
}

#[test]
fn numbers_come_from_the_report_and_not_from_its_texts() {
    let trap = "      \"critical\": 9,\n    \"info\": 9";
    let json = format!(
        "{{\n  \"schemaVersion\": 1,\n  \"summary\": {{\n    \"critical\": 0,\n    \"warn\": 3,\n    \"info\": 2,\n    \
         \"suppressed\": 4,\n    \"baselined\": 6,\n    \"incomplete\": 7\n  }},\n  \"findings\": [\n    {{\n{trap}\n    }}\n  ]\n}}\n",
    );
    let stub = Stub::new().says("json", &json).says("code", "4");
    let dir = repo(&[]);
    let outcome = run(&Job::new(dir.path()).input("binary", &stub.path()).input("baseline", "b.json"));
    let outputs = ["findings", "new-findings", "highest-severity", "incomplete-inputs", "version"];
    assert_eq!(outputs.map(|name| outcome.output(name)), ["11", "5", "warn", "7", "9.8.7"]);
    assert_eq!((outcome.code, outcome.output("sarif-file")), (4, ""));
    let arguments = stub.arguments().join(" ");
    assert!(arguments.contains("--baseline b.json") && !arguments.contains("--new-only"), "{arguments}");
}

// ---- pull requests -------------------------------------------------------------------------------------------------

/// A repository with a commit and one on top, and a clone that holds only the latter.
struct PullRequest {
    dir: TempDir,
    base: String,
}

impl PullRequest {
    fn new(base: &[(&str, &str)], head: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let origin = dir.path().join("owner/repository");
        fs::create_dir_all(&origin).unwrap();
        git(&origin, &["init", "-q"]);
        let commit = |files: &[(&str, &str)]| {
            for (path, text) in files {
                write(&origin, path, text);
            }
            git(&origin, &["add", "-A"]);
            git(&origin, &["commit", "-q", "-m", "x"]);
            git(&origin, &["rev-parse", "HEAD"])
        };
        let base = commit(base);
        commit(head);
        let url = format!("file://{}", origin.display());
        git(dir.path(), &["clone", "-q", "--depth=1", &url, "clone"]);
        Self { dir, base }
    }

    fn clone(&self) -> PathBuf {
        self.dir.path().join("clone")
    }

    fn job(&self, binary: &str) -> Job {
        Job::new(&self.clone())
            .input("binary", binary)
            .env("GITHUB_SERVER_URL", &format!("file://{}", self.dir.path().display()))
            .github("event_name", "pull_request")
            .github("event.pull_request.base.sha", &self.base)
    }
}

#[test]
fn a_pull_request_is_judged_by_its_base_commit() {
    let request = PullRequest::new(&[("openclaw.json", CLEAN)], &[("openclaw.json", BAD)]);
    let stub = Stub::new();
    let trusts = || stub.arguments().into_iter().find(|argument| argument.starts_with("--trust"));
    let outcome = run(&request.job(&stub.path()).input("new-only", "true").input("baseline", "b.json"));
    assert!(outcome.green, "{}", outcome.log);
    assert_eq!(trusts(), Some(format!("--trust-from-git={}", request.base)), "fetched into the shallow clone");
    assert!(stub.arguments().contains(&"--new-only".to_owned()));
    let environment = fs::read_to_string(stub.dir.path().join("environment")).unwrap();
    assert!(!environment.contains("ghs_simulated"), "the token is not for the program");
    git(&request.clone(), &["cat-file", "-e", &request.base]);
    run(&request.job(&stub.path()).input("trust-from", "none"));
    assert_eq!(trusts(), None);
    run(&request.job(&stub.path()).input("trust-from", "v1"));
    assert_eq!(trusts().as_deref(), Some("--trust-from-git=v1"));
    run(&request.job(&stub.path()).github("event_name", "push"));
    assert_eq!(trusts(), None);
    let merge = request.job(&stub.path()).github("event_name", "merge_group");
    let merge = merge.github("event.pull_request.base.sha", "").github("event.merge_group.base_sha", &request.base);
    assert!(run(&merge).green);
    assert!(trusts().is_some());
}

#[test]
fn without_its_base_commit_a_pull_request_is_not_judged() {
    let request = PullRequest::new(&[("openclaw.json", CLEAN)], &[("openclaw.json", BAD)]);
    let stub = Stub::new();
    let unreachable = format!("file://{}/gone", request.dir.path().display());
    let outcome = run(&request.job(&stub.path()).env("GITHUB_SERVER_URL", &unreachable));
    assert_eq!((outcome.code, outcome.output("exit-code")), (2, "2"));
    assert!(outcome.log.contains("fetch-depth: 0") && outcome.log.contains(&request.base), "{}", outcome.log);
    assert!(!outcome.log.contains("ghs_simulated"), "the token is never shown");
    assert!(stub.arguments().is_empty(), "nothing was run");
    let outcome = run(&request.job(&stub.path()).github("event.pull_request.base.sha", "--upload-pack=x"));
    assert_eq!(outcome.code, 2);
}

/// The baseline that accepts everything in a configuration.
fn accepted(config: &str) -> String {
    let dir = repo(&[("openclaw.json", config)]);
    let mut create = Command::new(env!("CARGO_BIN_EXE_clawsift"));
    assert!(create.args(["baseline", "create"]).current_dir(dir.path()).status().unwrap().success());
    fs::read_to_string(dir.path().join(".clawsift-baseline.json")).unwrap()
}

#[test]
fn a_pull_request_cannot_silence_itself() {
    let baseline = accepted(BAD);
    let ignored = format!("// clawsift: ignore[gateway] reason=\"mine\"\n{BAD}");
    let suppressed = BAD.replace(
        "{ gateway",
        "{ security: { audit: { suppressions: [{ checkId: 'gateway.tailscale_funnel', reason: 'mine' }] } }, gateway",
    );
    let binary = env!("CARGO_BIN_EXE_clawsift");
    for head in [
        [("openclaw.json", BAD), ("clawsift.json5", "{ ignore: ['gateway'] }\n")],
        [("openclaw.json", BAD), ("clawsift.json5", "{ failOn: 'never' }\n")],
        [("openclaw.json", BAD), (".clawsift-baseline.json", &baseline)],
        [("openclaw.json", &ignored), ("x", "")],
        [("openclaw.json", &suppressed), ("x", "")],
    ] {
        let request = PullRequest::new(&[("openclaw.json", CLEAN)], &head);
        let outcome = run(&request.job(binary));
        assert_eq!(outcome.code, 1, "{head:?}: {}", outcome.log);
        let outcome = run(&request.job(binary).input("trust-from", "none"));
        assert_eq!(outcome.code, 0, "by its own word: {head:?}: {}", outcome.log);
    }
}

#[test]
fn a_pull_request_is_held_to_the_baseline_of_its_base_commit() {
    let binary = env!("CARGO_BIN_EXE_clawsift");
    let baseline = accepted(BAD);
    let base = [("openclaw.json", BAD), (".clawsift-baseline.json", baseline.as_str())];
    let request = PullRequest::new(&base, &[("notes.txt", "Notes.\n")]);
    let outcome = run(&request.job(binary));
    assert!(outcome.green, "{}", outcome.log);
    assert_eq!((outcome.output("new-findings"), outcome.output("highest-severity")), ("0", "none"));
    assert_ne!(outcome.output("findings"), "0", "what is accepted is reported");
    let outcome = run(&request.job(binary).input("new-only", "true"));
    assert_eq!((outcome.output("findings"), outcome.output("new-findings")), ("0", "0"));
    // What the pull request takes out of the baseline counts when it is merged, as what it adds does.
    let empty =
        baseline.lines().filter(|line| !line.contains("gateway.tailscale_funnel")).collect::<Vec<_>>().join("\n");
    let request = PullRequest::new(&base, &[(".clawsift-baseline.json", &empty)]);
    assert!(run(&request.job(binary)).green);
    let worse = BAD.replace("'funnel' }", "'funnel', resetOnExit: 7 }");
    let request = PullRequest::new(&base, &[("openclaw.json", &worse)]);
    let outcome = run(&request.job(binary));
    assert_eq!((outcome.code, outcome.output("highest-severity")), (1, "critical"), "{}", outcome.log);
    let number = |name: &str| outcome.output(name).parse::<u32>().unwrap();
    assert!(number("findings") > number("new-findings") && number("new-findings") > 0, "{:?}", outcome.outputs);
}

// ---- the program ---------------------------------------------------------------------------------------------------

/// A copy of the action with stand-ins for curl and cargo, which say that they were called.
struct Copy {
    dir: TempDir,
    stub: Stub,
}

impl Copy {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let copy = Self { dir, stub: Stub::new() };
        fs::create_dir_all(copy.path("action")).unwrap();
        fs::create_dir(copy.path("bin")).unwrap();
        for file in ["action.yml", "action/run.sh", "Cargo.toml"] {
            fs::copy(root().join(file), copy.path(file)).unwrap();
        }
        fs::write(copy.path("action/checksums.txt"), "# none yet\n").unwrap();
        let built = format!(
            "#!/bin/sh\necho cargo \"$@\" in \"$PWD\"\nwhile [ \"$1\" != --root ]; do shift; done\nmkdir -p \"$2/bin\"\nln -s '{}' \"$2/bin/clawsift\"\n",
            copy.stub.path()
        );
        program(&copy.path("bin/cargo"), &built);
        program(&copy.path("bin/curl"), "#!/bin/sh\necho curl \"$@\"\nexit 22\n");
        copy
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Puts a release where curl finds it.
    fn release(&self, version: &str) -> (String, String) {
        let name = format!("clawsift-{version}-x86_64-unknown-linux-musl");
        let inside = self.path(&name);
        fs::create_dir(&inside).unwrap();
        // Not the program itself: the archive is unpacked elsewhere, and the stub looks beside itself.
        program(&inside.join("clawsift"), &format!("#!/bin/sh\nexec '{}' \"$@\"\n", self.stub.path()));
        let archive = self.path(&format!("{name}.tar.gz"));
        let done = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(self.dir.path()).arg(&name).status();
        assert!(done.unwrap().success());
        let curl = format!(
            "#!/bin/sh\necho curl \"$@\"\nwhile [ \"$1\" != --output ]; do shift; done\ncp '{}' \"$2\"\n",
            archive.display()
        );
        program(&self.path("bin/curl"), &curl);
        let sum = clawsift::digest::hex(&Sha256::digest(fs::read(&archive).unwrap()));
        (format!("{name}.tar.gz"), sum)
    }

    fn run(&self, version: &str) -> Outcome {
        let dir = repo(&[]);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let job = Job::new(dir.path()).env("PATH", &path).env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        job.input("version", version).run(self.dir.path())
    }
}

#[test]
fn a_release_is_run_when_its_checksum_is_known() {
    let copy = Copy::new();
    let own = env!("CARGO_PKG_VERSION");
    let (name, sum) = copy.release(own);
    fs::write(copy.path("action/checksums.txt"), format!("# known\n{sum}  {name}\n")).unwrap();
    for version in ["", own, &format!("v{own}")] {
        let outcome = copy.run(version);
        assert!(outcome.green && outcome.output("version") == "9.8.7", "{}", outcome.log);
        assert!(outcome.log.contains(&format!("releases/download/v{own}/{name}")), "{}", outcome.log);
        assert!(!outcome.log.contains("cargo install"), "{}", outcome.log);
    }
}

#[test]
fn other_bytes_than_the_pinned_ones_are_never_run() {
    let copy = Copy::new();
    let (name, sum) = copy.release(env!("CARGO_PKG_VERSION"));
    let other = if sum.starts_with('0') { "1" } else { "0" };
    fs::write(copy.path("action/checksums.txt"), format!("{other}{}  {name}\n", &sum[1..])).unwrap();
    let outcome = copy.run("");
    assert_eq!((outcome.code, outcome.output("exit-code")), (2, "2"), "{}", outcome.log);
    assert!(outcome.log.contains("checksum differs") && !outcome.log.contains("cargo install"));
    assert!(copy.stub.arguments().is_empty());
}

#[test]
fn without_a_release_the_sources_of_the_action_are_built() {
    let copy = Copy::new();
    let outcome = copy.run("");
    assert!(outcome.green && outcome.output("version") == "9.8.7", "{}", outcome.log);
    // Never where the scanned repository could bring settings for cargo.
    let place = format!("in {}", copy.dir.path().display());
    assert!(outcome.log.contains("cargo install --locked") && outcome.log.contains(&place), "{}", outcome.log);
    assert!(!outcome.log.contains("curl --"), "what is not pinned is not downloaded: {}", outcome.log);
    let outcome = copy.run("9.9.9");
    assert_eq!(outcome.code, 2);
    assert!(outcome.log.contains("knows no checksum of clawsift-9.9.9-x86_64-unknown-linux-musl.tar.gz"));
    assert_eq!(copy.run("1; touch x").code, 2);
    // A release that cannot be had is built as well.
    let name = format!("clawsift-{}-x86_64-unknown-linux-musl.tar.gz", env!("CARGO_PKG_VERSION"));
    fs::write(copy.path("action/checksums.txt"), format!("{}  {name}\n", "0".repeat(64))).unwrap();
    let outcome = copy.run("");
    assert!(outcome.green && outcome.log.contains("could not be downloaded"), "{}", outcome.log);
}

#[test]
fn path_is_searched_only_when_asked() {
    let copy = Copy::new();
    let hostile = Stub::new();
    fs::copy(hostile.path(), copy.path("bin/clawsift")).unwrap();
    copy.run("");
    assert!(!copy.path("bin/arguments").exists(), "the clawsift on PATH was not asked for");
    let dir = repo(&[]);
    let path = format!("{}:{}", copy.path("bin").display(), std::env::var("PATH").unwrap());
    let outcome = Job::new(dir.path()).env("PATH", &path).input("binary", "clawsift").run(copy.dir.path());
    assert!(outcome.green && copy.path("bin/arguments").exists(), "{}", outcome.log);
}

// ---- the manifest --------------------------------------------------------------------------------------------------

#[test]
fn every_input_reaches_the_script_and_every_action_is_pinned() {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    let script = fs::read_to_string(root().join("action/run.sh")).unwrap();
    let document = clawsift::syntax::yaml::parse(clawsift::source::FileId(0), &text).unwrap();
    for (name, input) in members(at(&document.root, &["inputs"])) {
        assert!(!text_of(at(input, &["description"])).is_empty());
        let variable = format!("INPUT_{}", name.to_uppercase().replace('-', "_"));
        assert!(text.contains(&format!("{variable}: ${{{{ inputs.{name} }}}}")), "{name}");
        assert!(script.contains(&format!("${variable}")) || script.contains(&format!("${{{variable}")), "{name}");
    }
    let mut files = vec![root().join("action.yml")];
    files.extend(fs::read_dir(root().join(".github/workflows")).unwrap().map(|entry| entry.unwrap().path()));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().map(|line| line.trim().trim_start_matches("- ")) {
            let Some(uses) = line.strip_prefix("uses: ") else { continue };
            let pinned = uses.split(['@', ' ']).nth(1).is_some_and(|id| id.len() == 40);
            assert!(uses.starts_with("./") || pinned && uses.contains(" # v"), "{}: {uses}", file.display());
        }
    }
    assert_eq!(items(at(&document.root, &["runs", "steps"])).len(), 3);
}
