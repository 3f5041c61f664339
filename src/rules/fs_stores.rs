//! Who else on the machine can read or change credentials and conversations of a live gateway.

use crate::discover::EntryKind;
use crate::model::state::{Guarded, narrowed};
use crate::rule::prelude::*;
use crate::rules::fs::say;

const QUIET: (&str, &str) = ("openclaw.json", "{}");

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "fs.credentials_dir.perms_writable",
        summary: "Others can change the credentials directory",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Whoever writes there adds themselves to the paired senders, or swaps a login for their own.",
        remedy: "Run chmod 700 on the directory.",
        bad: &[Example::files(&[QUIET, ("credentials/", "«»")]).with_modes(&[("credentials", 0o770)])],
        good: &[
            Example::files(&[QUIET, ("credentials/", "")]).with_modes(&[("credentials", 0o750)]),
            Example::files(&[QUIET, ("other/credentials/", "")]).with_modes(&[("other/credentials", 0o777)]),
        ],
        check: Check::Loading(credentials_writable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.credentials_dir.perms_readable",
        summary: "Others can list the credentials directory",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Other users see which accounts are logged in, and can read each login whose own bits are too wide.",
        remedy: "Run chmod 700 on the directory.",
        bad: &[Example::files(&[QUIET, ("credentials/", "«»")]).with_modes(&[("credentials", 0o755)])],
        good: &[
            Example::files(&[QUIET, ("credentials/", "")]).with_modes(&[("credentials", 0o711)]),
            Example::files(&[QUIET, ("credentials/", "")]).with_modes(&[("credentials", 0o777)]),
        ],
        check: Check::Loading(credentials_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.auth_profiles.perms_writable",
        summary: "Others can change an agent's stored credentials",
        severity: Severity::Critical,
        scope: Scope::Permissions,
        cwe: &[732],
        why: "Whoever writes there sends the agent's requests to an account, or a server, of their own.",
        remedy: "Run chmod 600 on the file.",
        bad: &[
            Example::files(&[QUIET, ("agents/main/agent/auth-profiles.json", "«»{}")])
                .with_modes(&[("agents/main/agent/auth-profiles.json", 0o620)]),
            Example::files(&[
                ("openclaw.json", "{ agents: { entries: { Work: {} } } }"),
                ("agents/work/agent/openclaw-agent.sqlite-wal", "«»x"),
            ])
            .with_modes(&[("agents/work/agent/openclaw-agent.sqlite-wal", 0o602)]),
        ],
        good: &[
            Example::files(&[QUIET, ("agents/main/agent/auth-profiles.json", "{}")])
                .with_modes(&[("agents/main/agent/auth-profiles.json", 0o644)]),
            Example::files(&[QUIET, ("agents/main/agent/openclaw-agent.sqlite", "x")])
                .with_modes(&[("agents/main/agent/openclaw-agent.sqlite", 0o666)])
                .on(V2026_5),
        ],
        check: Check::Config(auth_writable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.auth_profiles.perms_readable",
        summary: "Others can read an agent's stored credentials",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "The file holds API keys and refresh tokens of model providers.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[QUIET, ("agents/main/agent/auth-profiles.json", "«»{}")])
            .with_modes(&[("agents/main/agent/auth-profiles.json", 0o640)])],
        good: &[
            Example::files(&[QUIET, ("agents/main/agent/auth-profiles.json", "{}")]).with_modes(&[]),
            Example::files(&[QUIET, ("agents/main/agent/auth-profiles.json", "{}")])
                .with_modes(&[("agents/main/agent/auth-profiles.json", 0o666)]),
        ],
        check: Check::Config(auth_readable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "fs.sessions_store.perms_readable",
        summary: "Others can read an agent's session store",
        scope: Scope::Permissions,
        cwe: &[732],
        why: "The store tells who talks to the agent and leads to every transcript.",
        remedy: "Run chmod 600 on the file.",
        bad: &[Example::files(&[QUIET, ("agents/main/sessions/sessions.json", "«»{}")])
            .with_modes(&[("agents/main/sessions/sessions.json", 0o644)])],
        good: &[
            Example::files(&[QUIET, ("agents/main/sessions/sessions.json", "{}")]).with_modes(&[]),
            Example::files(&[QUIET, ("backup/agents/main/sessions/sessions.json", "{}")])
                .with_modes(&[("backup/agents/main/sessions/sessions.json", 0o644)]),
        ],
        check: Check::Config(sessions_readable),
        ..Rule::DEFAULT
    },
];

fn credentials_writable(config: &Config, report: &mut Report) {
    let dir = config.guarded(&config.credentials_dir());
    if let Some(dir) = dir.filter(|dir| dir.access.writable()) {
        say(report, &dir, "others can write").maybe(with_files(config, &dir, "json"));
    }
}

/// What upstream's own fix does: the directory, and every file in it of one kind.
fn with_files(config: &Config, dir: &Guarded<'_>, extension: &str) -> Option<Fix> {
    let mut fix = dir.narrowed()?;
    let files = config.project.tree.children(dir.path).filter(|(name, entry)| {
        entry.kind == EntryKind::File && name.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    });
    fix.changes.extend(files.flat_map(|(_, entry)| narrowed(&entry.path, false).changes));
    Some(fix)
}

fn credentials_readable(config: &Config, report: &mut Report) {
    let dir = config.guarded(&config.credentials_dir());
    if let Some(dir) = dir.filter(|dir| dir.access.readable() && !dir.access.writable()) {
        say(report, &dir, "others can read").maybe(with_files(config, &dir, "json"));
    }
}

/// Calls `judge` with every file that holds an agent's credentials.
fn auth_stores(config: &Config, mut judge: impl FnMut(crate::model::state::Guarded<'_>)) {
    for agent in config.agent_dirs() {
        config.auth_stores(&agent).iter().filter_map(|path| config.guarded(path)).for_each(&mut judge);
    }
}

fn auth_writable(config: &Config, report: &mut Report) {
    auth_stores(config, |file| {
        if file.access.writable() {
            say(report, &file, "others can write");
        }
    });
}

fn auth_readable(config: &Config, report: &mut Report) {
    auth_stores(config, |file| {
        if file.access.readable() && !file.access.writable() {
            say(report, &file, "others can read");
        }
    });
}

fn sessions_readable(config: &Config, report: &mut Report) {
    for agent in config.agent_dirs() {
        let store = config.guarded(&config.beside(&format!("agents/{agent}/sessions/sessions.json")));
        if let Some(store) = store.filter(|store| store.access.readable()) {
            let dir = config.guarded(&config.beside(&format!("agents/{agent}/sessions")));
            let all = dir.and_then(|dir| with_files(config, &dir, "jsonl"));
            let changes = store.narrowed().into_iter().chain(all).flat_map(|fix| fix.changes);
            say(report, &store, "others can read").fix(Safety::Safe, format!("chmod 600 {}", store.path), changes);
        }
    }
}
