//! Programs that run without approval: `tools.exec.safeBins` and the directories they come from.

use crate::config;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tools.exec.safe_bins_interpreter_unprofiled",
        summary: "An interpreter counts as a safe program without a profile",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[78, 184],
        why: "Programs in safeBins run without approval. An interpreter runs any code that is handed to it, so the list \
              then allows everything.",
        remedy: "Remove the interpreter from safeBins, or limit its arguments in tools.exec.safeBinProfiles.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ tools: { exec: { safeBins: ["cat", «"python3.11"», «"/usr/bin/Bash.exe"»] } } }"#),
            config!(
                r#"{ tools: { exec: { safeBinProfiles: { node: {} } } }, agents: { entries: { a: { tools: { exec: { safeBins: ["node", «"awk"»] } } } } } }"#
            ),
            config!(r#"{ tools: { exec: { safeBins: [«"awk"», "rubyx", «"ruby"»] } } }"#).on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ tools: { exec: { safeBins: ["python3", "pythonic", "grep"], safeBinProfiles: { python3: { maxPositional: 0 } } } } }"#
            ),
            config!(r#"{ tools: { exec: { safeBins: ["env", "xargs", "${BIN}"] } } }"#),
        ],
        check: Check::Config(interpreters),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.safe_bins_broad_behavior",
        summary: "A program with a language of its own counts as safe",
        severity: Severity::Warn,
        versions: Versions::since(V2026_5),
        also: Some(Versions::ALL),
        cwe: &[184],
        why: "jq, awk and sed are small languages: they read the environment, other files, or run commands. As safe \
              programs they do so without approval.",
        remedy: "Remove the program from safeBins and let its uses be approved one by one.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ tools: { exec: { safeBins: [«"jq"», "cut"] } } }"#),
            config!(
                r#"{ agents: { list: [{ id: "a", tools: { exec: { safeBins: [«"gsed"»], safeBinProfiles: { gsed: {} } } } }] } }"#
            )
            .on(V2026_5),
        ],
        good: &[config!(r#"{ tools: { exec: { safeBins: ["jqx", "grep", "head"] } } }"#)],
        check: Check::Config(broad),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.exec.safe_bin_trusted_dirs_risky",
        summary: "Programs are trusted in a directory that others can write to",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[426, 427],
        why: "A safe program is looked up in these directories. Whoever can write to one of them can put his own \
              program under a trusted name there.",
        remedy: "Remove the directory; keep those that only root can write to, such as /bin and /usr/bin.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ tools: { exec: { safeBinTrustedDirs: ["/usr/bin", «"/usr/../tmp/x"», «"bin"»] } } }"#),
            config!(
                r#"{ agents: { list: [{ id: "a", tools: { exec: { safeBinTrustedDirs: [«"/opt/homebrew/bin/"», «"/srv/a/.local/bin"»] } } }] } }"#
            )
            .on(V2026_2),
        ],
        good: &[
            config!(r#"{ tools: { exec: { safeBinTrustedDirs: ["/usr/bin", "/opt/tools/bin", "/tmpfoo", "/usr/local/bin2"] } } }"#),
            config!(r#"{ tools: { exec: { safeBinTrustedDirs: ["${DIR}", " "] } } }"#),
        ],
        check: Check::Config(trusted_dirs),
        ..Rule::DEFAULT
    },
];

/// `tools.exec` as written for everyone and for every agent.
fn exec_blocks(config: &Config) -> Vec<Found<'_>> {
    let own = config.agents().into_iter().map(|agent| agent.found.at("tools.exec"));
    std::iter::once(config.at("tools.exec")).chain(own).filter(Found::exists).collect()
}

/// A program's name without directory, in lower case; without a Windows suffix since 2026.5.
fn program(config: &Config, written: &str) -> String {
    let name = written.trim().to_lowercase();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let strip = config.since(V2026_5) || !config.upstream();
    let stem = [".exe", ".cmd", ".bat", ".com"].into_iter().find_map(|suffix| name.strip_suffix(suffix));
    stem.filter(|_| strip).unwrap_or(name).to_owned()
}

/// Programs that run what they are given.
const INTERPRETERS: [&str; 27] = [
    "ash",
    "bash",
    "busybox",
    "bun",
    "cmd",
    "cscript",
    "dash",
    "deno",
    "fish",
    "ksh",
    "lua",
    "node",
    "nodejs",
    "perl",
    "php",
    "powershell",
    "pypy",
    "pwsh",
    "python",
    "python2",
    "python3",
    "ruby",
    "sh",
    "toybox",
    "wscript",
    "zsh",
    "cmd.exe",
];

/// Text filters that are languages; interpreters too since 2026.5.
const FILTERS: [&str; 6] = ["awk", "gawk", "mawk", "nawk", "sed", "gsed"];

fn is_interpreter(config: &Config, name: &str) -> bool {
    let versioned = ["python", "ruby", "perl", "php", "node"];
    let version = |base: &&str| name.strip_prefix(*base).is_some_and(is_version);
    let newer = config.since(V2026_5) || !config.upstream();
    INTERPRETERS.contains(&name)
        || matches!(name, "powershell.exe" | "pwsh.exe")
        || newer && FILTERS.contains(&name)
        || versioned.iter().any(version)
}

/// Is it `3` or `3.11`?
fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (major, minor) = text.split_once('.').map_or((text, None), |(major, minor)| (major, Some(minor)));
    number(major) && minor.is_none_or(number)
}

fn interpreters(config: &Config, report: &mut Report) {
    let common = config.at("tools.exec.safeBinProfiles");
    for block in exec_blocks(config) {
        let own = block.get("safeBinProfiles");
        // Upstream looks a program's bare name up among the profiles as they are written.
        let named = |key: &str| if config.upstream() { key.trim().to_lowercase() } else { program(config, key) };
        let profiled = |name: &str| common.entries().chain(own.entries()).any(|(key, _)| named(key) == name);
        for (written, entry) in block.get("safeBins").strings() {
            let name = program(config, written);
            if is_interpreter(config, &name) && !profiled(&name) {
                report.at(entry.place(), format!("safeBins holds the interpreter \"{name}\" without a profile"));
            }
        }
    }
}

fn broad(config: &Config, report: &mut Report) {
    for block in exec_blocks(config) {
        for (written, entry) in block.get("safeBins").strings() {
            let name = program(config, written);
            if name == "jq" || FILTERS.contains(&&*name) {
                report.at(entry.place(), format!("safeBins holds \"{name}\", which does more than filter text"));
            }
        }
    }
}

fn trusted_dirs(config: &Config, report: &mut Report) {
    for block in exec_blocks(config) {
        for (written, entry) in block.get("safeBinTrustedDirs").strings() {
            if let Some(reason) = risky_dir(written.trim()) {
                report.at(entry.place(), format!("safeBinTrustedDirs holds {reason}"));
            }
        }
    }
}

/// Why a directory is not to be trusted.
fn risky_dir(written: &str) -> Option<&'static str> {
    if written.is_empty() {
        return None;
    }
    if !written.starts_with('/') {
        return Some("a path that is not absolute");
    }
    let path = super::sandbox::normalise(written).to_lowercase();
    let below = |dir: &&str| path == **dir || path.strip_prefix(*dir).is_some_and(|rest| rest.starts_with('/'));
    if ["/tmp", "/var/tmp", "/private/tmp"].iter().any(below) {
        return Some("a directory for temporary files");
    }
    let package_managers = ["/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin", "/home/linuxbrew/.linuxbrew/bin"];
    if package_managers.contains(&&*path) {
        return Some("a package manager's directory");
    }
    let home = path.starts_with("/users/") || path.starts_with("/home/") || path.contains("/.local/bin");
    home.then_some("a directory inside a home")
}
