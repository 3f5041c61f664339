//! Who else on the machine can read or change the files of a live state directory.

use crate::discover::EntryKind;
use crate::model::document::Content;
use crate::model::state::{Access, Guarded, narrowed};
use crate::rule::Said;
use crate::rule::prelude::*;
use crate::source::Span;

/// A configuration without findings of its own.
const QUIET: &str = "{}";

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "fs.state_dir.symlink",
        summary: "The state directory is a symbolic link",
        scope: Scope::Permissions,
        cwe: &[59],
        why: "Whoever controls the link decides which directory the gateway takes its configuration and credentials from.",
        remedy: "Use a real directory, or set OPENCLAW_STATE_DIR to where the link leads.",
        bad: &[Example::files(&[("/", "«»link:elsewhere"), ("openclaw.json", QUIET)]).with_modes(&[])],
        good: &[
            Example::files(&[("openclaw.json", QUIET), ("workspace", "link:skills"), ("skills/", "")]).with_modes(&[])
        ],
        check: Check::Loading(state_dir_link),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.state_dir.perms_world_writable",
        summary: "Everybody on the machine can change the state directory",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Any local user can replace the configuration, add a plugin or plant a session: full control of the agent.",
        remedy: "Run chmod 700 on the directory.",
        bad: &[Example::files(&[("/", "«»"), ("openclaw.json", QUIET)]).with_modes(&[("", 0o777)])],
        good: &[
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("", 0o770)]),
            Example::files(&[("openclaw.json", QUIET)]),
        ],
        check: Check::Loading(state_dir_world_writable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.state_dir.perms_group_writable",
        summary: "The group can change the state directory",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Every member of the group can replace the configuration, add a plugin or plant a session.",
        remedy: "Run chmod 700 on the directory.",
        bad: &[Example::files(&[("/", "«»"), ("openclaw.json", QUIET)]).with_modes(&[("", 0o770)])],
        good: &[
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("", 0o750)]),
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("", 0o777)]),
        ],
        check: Check::Loading(state_dir_group_writable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.state_dir.perms_readable",
        summary: "Others can list the state directory",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Other users see which agents, sessions and credentials there are, and can read each file whose own bits are \
              a moment too wide.",
        remedy: "Run chmod 700 on the directory.",
        bad: &[Example::files(&[("/", "«»"), ("openclaw.json", QUIET)]).with_modes(&[("", 0o755)])],
        good: &[
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("", 0o711)]),
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("", 0o775)]),
        ],
        check: Check::Loading(state_dir_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config.symlink",
        summary: "The configuration is a symbolic link",
        scope: Scope::Permissions,
        cwe: &[59],
        why: "Whoever controls the link, or the file that it leads to, decides what the gateway does.",
        remedy: "Make it a regular file.",
        bad: &[Example::files(&[("openclaw.json", "«»link:real.json"), ("real.json", QUIET)]).with_modes(&[])],
        good: &[Example::files(&[("openclaw.json", QUIET), ("other.json", "link:openclaw.json")]).with_modes(&[])],
        check: Check::Loading(config_link),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config.perms_writable",
        summary: "Others can change the configuration",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Whoever can write the configuration turns off authentication, approvals and the sandbox.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", "«»{}")]).with_modes(&[("openclaw.json", 0o620)])],
        good: &[Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("openclaw.json", 0o644)])],
        check: Check::Loading(config_writable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config.perms_world_readable",
        summary: "Everybody on the machine can read the configuration",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "The configuration holds tokens and names of people; any local user, or a tool in a container that mounts the \
              directory, can read it.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", "«»{}")]).with_modes(&[("openclaw.json", 0o644)])],
        good: &[
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("openclaw.json", 0o640)]),
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("openclaw.json", 0o666)]),
        ],
        check: Check::Loading(config_world_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config.perms_group_readable",
        summary: "The group can read the configuration",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "The configuration holds tokens and names of people; every member of the group can read it.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", "«»{}")]).with_modes(&[("openclaw.json", 0o640)])],
        good: &[
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("openclaw.json", 0o600)]),
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("openclaw.json", 0o644)]),
        ],
        check: Check::Loading(config_group_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config_include.perms_writable",
        summary: "Others can change an included part of the configuration",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "What an included file says holds as if it stood in the configuration itself.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", r#"{ $include: "a.json" }"#), ("a.json", "«»{}")])
            .with_modes(&[("a.json", 0o660)])],
        good: &[Example::files(&[
            ("openclaw.json", r#"{ $include: "a.json" }"#),
            ("a.json", QUIET),
            ("b.json", QUIET),
        ])
        .with_modes(&[("a.json", 0o644), ("b.json", 0o666)])],
        check: Check::Config(include_writable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config_include.perms_world_readable",
        summary: "Everybody on the machine can read an included part of the configuration",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Included files are where tokens are often moved to; any local user can read this one.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", r#"{ $include: "a.json" }"#), ("a.json", "«»{}")])
            .with_modes(&[("a.json", 0o644)])],
        good: &[Example::files(&[("openclaw.json", r#"{ $include: "a.json" }"#), ("a.json", QUIET)])
            .with_modes(&[("a.json", 0o640)])],
        check: Check::Config(include_world_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config_include.perms_group_readable",
        summary: "The group can read an included part of the configuration",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Included files are where tokens are often moved to; every member of the group can read this one.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[("openclaw.json", r#"{ $include: "a.json" }"#), ("a.json", "«»{}")])
            .with_modes(&[("a.json", 0o640)])],
        good: &[Example::files(&[("openclaw.json", r#"{ $include: "a.json" }"#), ("a.json", QUIET)])
            .with_modes(&[("a.json", 0o600)])],
        check: Check::Config(include_group_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.log_file.perms_readable",
        summary: "Others can read the log file",
        scope: Scope::Permissions,
        cwe: &[532, 732],
        why: "Logs repeat what was said and what tools returned.",
        remedy: "Run chmod 600 on the file that logging.file names.",
        bad: &[Example::files(&[
            ("openclaw.json", r#"{ logging: { file: «"$STATE/logs/gateway.log"» } }"#),
            ("logs/gateway.log", ""),
        ])
        .with_modes(&[("logs/gateway.log", 0o640)])],
        good: &[
            Example::files(&[
                ("openclaw.json", r#"{ logging: { file: "$STATE/logs/gateway.log" } }"#),
                ("logs/gateway.log", ""),
            ])
            .with_modes(&[("logs", 0o755)]),
            Example::files(&[("openclaw.json", QUIET), ("logs/gateway.log", "")])
                .with_modes(&[("logs/gateway.log", 0o644)]),
        ],
        check: Check::Config(log_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.synced_dir",
        summary: "The state directory is in a folder that is copied to a cloud",
        scope: Scope::Permissions,
        cwe: &[538],
        why: "Tokens, sessions and memory are uploaded to the cloud drive and to every device that shares it, and a sync \
              can write back an older configuration.",
        remedy: "Move the state directory to a local disk.",
        bad: &[Example::files(&[
            ("openclaw.json", QUIET),
            (".env", "OPENCLAW_STATE_DIR=«/home/me/Dropbox/openclaw»\n"),
        ])],
        good: &[Example::files(&[
            ("openclaw.json", QUIET),
            (".env", "OPENCLAW_STATE_DIR=/srv/openclaw\nBACKUP_DIR=/home/me/Dropbox\n"),
        ])],
        check: Check::Loading(synced),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.config.executable",
        summary: "A data file is marked executable",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        scope: Scope::Permissions,
        hygiene: true,
        why: "Nothing runs a configuration; the bit is a leftover of a copy, or the file is more than it seems.",
        remedy: "Run chmod -x on the file.",
        bad: &[
            Example::files(&[("openclaw.json", "«»{}")]).with_modes(&[("openclaw.json", 0o755)]),
            Example::files(&[("openclaw.json", QUIET), (".env", "«»A=b\n")]).with_modes(&[(".env", 0o700)]),
        ],
        good: &[
            Example::files(&[("openclaw.json", QUIET), ("run.sh", "#!/bin/sh\n")]).with_modes(&[("run.sh", 0o755)]),
            Example::files(&[("openclaw.json", QUIET)]).with_modes(&[("openclaw.json", 0o777)]),
        ],
        check: Check::Project(executable),
        ..Rule::DEFAULT
    },
];

/// Says that others may do something with a file.
pub(super) fn say<'r>(report: &'r mut Report, guarded: &Guarded<'_>, what: &str) -> Said<'r> {
    let name = if guarded.path.is_empty() { "the directory" } else { guarded.path };
    let message = format!("{name} has mode {}: {what}", guarded.access.octal());
    report.at(guarded.place.clone(), message).maybe(guarded.narrowed())
}

/// Says it when `is` holds for the state directory.
fn state_dir(config: &Config, report: &mut Report, is: fn(Access) -> bool, what: &str) {
    if let Some(dir) = config.guarded(&config.dir).filter(|dir| is(dir.access)) {
        say(report, &dir, what);
    }
}

fn state_dir_link(config: &Config, report: &mut Report) {
    if let Some(dir) = config.guarded(&config.dir).filter(|dir| dir.is_link) {
        report.at(dir.place, "the state directory is a symbolic link");
    }
}

fn state_dir_world_writable(config: &Config, report: &mut Report) {
    state_dir(config, report, Access::world_writable, "everybody can write");
}

fn state_dir_group_writable(config: &Config, report: &mut Report) {
    let is = |access: Access| access.group_writable() && !access.world_writable();
    state_dir(config, report, is, "the group can write");
}

fn state_dir_readable(config: &Config, report: &mut Report) {
    let is = |access: Access| access.readable() && !access.writable();
    state_dir(config, report, is, "others can read");
}

/// Says it when `is` holds for the configuration file.
fn config_file(config: &Config, report: &mut Report, is: fn(&Guarded<'_>) -> bool, what: &str) {
    if let Some(file) = config.guarded(&config.path).filter(is) {
        say(report, &file, what);
    }
}

fn config_link(config: &Config, report: &mut Report) {
    if let Some(file) = config.guarded(&config.path).filter(|file| file.is_link) {
        report.at(file.place, "the configuration is a symbolic link");
    }
}

fn config_writable(config: &Config, report: &mut Report) {
    config_file(config, report, |file| file.access.writable(), "others can write");
}

/// Readability is said of regular files only: of a link the bits are somebody else's.
fn config_world_readable(config: &Config, report: &mut Report) {
    let is = |file: &Guarded<'_>| !file.access.writable() && !file.is_link && file.access.world_readable();
    config_file(config, report, is, "everybody can read");
}

fn config_group_readable(config: &Config, report: &mut Report) {
    let is = |file: &Guarded<'_>| {
        !file.access.writable() && !file.is_link && !file.access.world_readable() && file.access.group_readable()
    };
    config_file(config, report, is, "the group can read");
}

/// Says it of every included file for which `is` holds.
fn includes(config: &Config, report: &mut Report, is: fn(Access) -> bool, what: &str) {
    if !config.is_live() {
        return;
    }
    for (file, mode) in &config.include_modes {
        let access = Access::of(*mode);
        if is(access) {
            let message = format!("the included file has mode {}: {what}", access.octal());
            let fix = config.sources.get(*file).map(|source| narrowed(&source.path, false));
            report.at(Place::span(Span::file_start(*file)), message).maybe(fix);
        }
    }
}

fn include_writable(config: &Config, report: &mut Report) {
    includes(config, report, Access::writable, "others can write");
}

fn include_world_readable(config: &Config, report: &mut Report) {
    let is = |access: Access| !access.writable() && access.world_readable();
    includes(config, report, is, "everybody can read");
}

fn include_group_readable(config: &Config, report: &mut Report) {
    let is = |access: Access| !access.writable() && !access.world_readable() && access.group_readable();
    includes(config, report, is, "the group can read");
}

fn log_readable(config: &Config, report: &mut Report) {
    let file = config.at("logging.file");
    let Some(written) = file.str().filter(|_| config.is_live()) else { return };
    let mode = config.log_modes.iter().find(|(text, _)| **text == *written).map(|(_, mode)| Access::of(*mode));
    if let Some(access) = mode.filter(|access| access.readable()) {
        let tree = &config.project.tree;
        let inside = std::path::Path::new(written).starts_with(&tree.base);
        let path = crate::discover::relative(&tree.base, std::path::Path::new(written));
        let message = format!("the file has mode {}: others can read", access.octal());
        let fix = tree.get(&path).filter(|entry| inside && entry.kind == EntryKind::File);
        report.at(file.place(), message).maybe(fix.map(|_| narrowed(&path, false)));
    }
}

/// Is it a path into a folder of a cloud drive?
fn is_synced(path: &str) -> bool {
    let lower = path.to_lowercase();
    ["icloud", "dropbox", "google drive", "googledrive", "onedrive"].iter().any(|name| lower.contains(name))
}

fn synced(config: &Config, report: &mut Report) {
    let on_disk = config.project.tree.on_disk(&config.path);
    if config.is_live() && is_synced(&on_disk.to_string_lossy()) {
        report.at(config.whole(), "the state directory lies in a folder of a cloud drive");
        return;
    }
    if config.upstream() {
        return;
    }
    let Some(Content::Env(lines)) = config.project.document(&config.beside(".env")).map(|file| &file.content) else {
        return;
    };
    for line in lines.iter().filter(|line| line.name == "OPENCLAW_STATE_DIR" && is_synced(&line.value)) {
        report.at(Place::span(line.value_span), "OPENCLAW_STATE_DIR lies in a folder of a cloud drive");
    }
}

fn executable(project: &Project, report: &mut Report) {
    for entry in project.tree.entries.iter().filter(|entry| entry.executable) {
        if let Some(place) = project.place_of(&entry.path) {
            let change = Change::Mode { path: entry.path.to_string(), keep: !0o111 };
            let title = format!("chmod a-x {}", entry.path);
            report.at(place, format!("{} is marked executable", entry.path)).fix(Safety::Safe, title, [change]);
        }
    }
}
