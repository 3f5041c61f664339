//! What paired devices ("nodes") may be asked to do.

use std::collections::BTreeSet;

use crate::config;
use crate::rule::prelude::*;

const NODES: &[&str] = &["https://docs.openclaw.ai/nodes"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "gateway.nodes.deny_commands_ineffective",
        summary: "A denied node command matches no command",
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        links: NODES,
        cwe: &[183],
        why: "The list holds exact command ids. A pattern, a group or a shell command in it denies nothing, while its \
              author believes it does.",
        remedy: "Use exact ids such as \"system.run\" or \"camera.snap\".",
        bad: &[
            config!(r#"{ gateway: { nodes: { commands: { deny: ["system.run", «"system.*"», «"nope.cmd"»] } } } }"#),
            config!(
                r#"{ gateway: { nodes: { commands: { deny: [«"group:runtime"», «"rm -rf /"», «"^canvas"»] } } } }"#
            ),
            config!(r#"{ gateway: { nodes: { denyCommands: [«"camera.snapp"»] } } }"#).on(V2026_5),
        ],
        good: &[
            config!(
                r#"{ gateway: { nodes: { commands: { deny: ["system.run", " camera.snap ", "sms.send", " "] } } } }"#
            ),
            config!(r#"{ gateway: { nodes: { commands: { allow: ["my.cmd"], deny: ["my.cmd", "${EXTRA}"] } } } }"#),
            config!(r#"{ gateway: { nodes: { denyCommands: ["canvas.eval", "camera.snap"] } } }"#).on(V2026_2),
        ],
        check: Check::Config(deny_ineffective),
        ..Rule::DEFAULT
    },
    Rule {
        id: "gateway.nodes.allow_commands_dangerous",
        summary: "Paired devices may be told to record, send or write",
        severity: Severity::Critical,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        links: NODES,
        cwe: &[250],
        why: "These commands take pictures, record the screen, send messages or change contacts and calendars. They are off \
              by default, so that a prompt injection cannot reach them.",
        remedy: "Remove them from gateway.nodes.commands.allow, or deny them there.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ gateway: { nodes: { commands: { allow: ["camera.list", «" camera.snap "»] } } } }"#),
            config!(r#"{ gateway: { bind: "lan", nodes: { allowCommands: [«"sms.send"», "health.summary"] } } }"#)
                .on(V2026_2),
            config!(r#"{ gateway: { nodes: { commands: { allow: [«"health.summary"»] } } } }"#),
        ],
        good: &[
            config!(r#"{ gateway: { nodes: { commands: { allow: ["camera.snap"], deny: ["camera.snap"] } } } }"#),
            config!(r#"{ gateway: { nodes: { commands: { allow: ["Camera.Snap", "camera.*", "system.run"] } } } }"#),
        ],
        check: Check::Config(allow_dangerous),
        ..Rule::DEFAULT
    },
];

/// Commands that every release lets nodes of some platform run without asking.
const COMMON: &[&str] = &[
    "browser.proxy",
    "calendar.events",
    "camera.list",
    "contacts.search",
    "device.health",
    "device.info",
    "device.permissions",
    "device.status",
    "location.get",
    "motion.activity",
    "motion.pedometer",
    "notifications.actions",
    "notifications.list",
    "photos.latest",
    "reminders.list",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "system.notify",
    "system.run",
    "system.which",
];

/// Commands that the first release has in its core.
const CANVAS: &[&str] = &[
    "canvas.a2ui.push",
    "canvas.a2ui.pushJSONL",
    "canvas.a2ui.reset",
    "canvas.eval",
    "canvas.hide",
    "canvas.navigate",
    "canvas.present",
    "canvas.snapshot",
];

/// Commands since 2026.5.
const SINCE_V5: &[&str] = &[
    "callLog.search",
    "screen.snapshot",
    "system.run.prepare",
    "talk.ptt.cancel",
    "talk.ptt.once",
    "talk.ptt.start",
    "talk.ptt.stop",
];

/// Commands since 2026.9.
const SINCE_V9: &[&str] = &[
    "agent.cli.claude.run.v1",
    "browser.proxy.upload.v1",
    "camera.ptz.status",
    "computer.act",
    "desktop.stream",
    "device.apps",
    "fs.listDir",
    "mcp.tools.call.v1",
    "mobile.ui.act",
    "mobile.ui.observe",
    "terminal.upload",
    "watch.notify",
    "watch.status",
];

/// Commands that are off unless they are allowed by name.
const DANGEROUS: &[&str] =
    &["camera.snap", "camera.clip", "screen.record", "contacts.add", "calendar.add", "reminders.add", "sms.send"];

fn is_dangerous(command: &str, config: &Config) -> bool {
    let newest = ["camera.ptz.control", "health.summary"];
    DANGEROUS.contains(&command)
        || config.since(V2026_5) && command == "sms.search"
        || config.since(V2026_9) && newest.contains(&command)
}

/// The commands of a release that need no allowing.
fn defaults(config: &Config) -> impl Iterator<Item = &'static str> {
    let newer = if config.since(V2026_5) { SINCE_V5 } else { CANVAS };
    let newest = if config.since(V2026_9) { SINCE_V9 } else { &[] };
    COMMON.iter().chain(newer).chain(newest).copied()
}

fn deny_ineffective(config: &Config, report: &mut Report) {
    let deny = config.at("gateway.nodes.commands.deny");
    let allowed: BTreeSet<&str> =
        trimmed(&config.at("gateway.nodes.commands.allow")).map(|(command, _)| command).collect();
    // The first release's audit does not count the dangerous ones: they are off anyway.
    let counts_dangerous = config.since(V2026_5) || !config.upstream();
    let known = |command: &str| {
        defaults(config).any(|known| known == command)
            || allowed.contains(command)
            || counts_dangerous && is_dangerous(command, config)
    };
    let hits = trimmed(&deny).filter(|(command, _)| is_pattern(command) || !known(command)).map(|(command, item)| {
        let nearest = if is_pattern(command) || command.len() > 64 { None } else { nearest(command, config) };
        let hint = nearest.map_or_else(String::new, |(nearest, _)| format!("; did you mean \"{nearest}\"?"));
        let title = |(nearest, _): &(&str, usize)| format!("Write {nearest} instead of {command}");
        let slip = nearest.filter(|(_, distance)| *distance <= 2);
        let fix = slip.map(|slip| Fix::new(Safety::Unsafe, title(&slip), [item.set(slip.0)]));
        (item.place(), format!("\"{command}\" is no node command{hint}"), fix)
    });
    report.several_with(config, Severity::Warn, hits);
}

/// The items that are known strings, without surrounding blanks and blank ones.
fn trimmed<'a>(list: &Found<'a>) -> impl Iterator<Item = (&'a str, Found<'a>)> + use<'a> {
    list.strings().map(|(text, item)| (text.trim(), item)).filter(|(text, _)| !text.is_empty())
}

/// Does it read like a glob, a regular expression, a group or a shell command?
fn is_pattern(command: &str) -> bool {
    command.contains(['?', '*', '[', ']', '{', '}', '(', ')', ',', '|', ';'])
        || command.starts_with(['/', '^'])
        || command.ends_with(['/', '$'])
        || command.contains(char::is_whitespace)
        || command.contains("group:")
}

/// The known command that differs in the fewest characters, when it is at most four, and in how many.
fn nearest(command: &str, config: &Config) -> Option<(&'static str, usize)> {
    let dangerous = DANGEROUS.iter().copied();
    let near = defaults(config).chain(dangerous).filter(|known| known.len().abs_diff(command.len()) <= 4);
    let ranked = near.map(|known| (distance(command, known), known));
    ranked.filter(|(distance, _)| *distance <= 4).min().map(|(distance, known)| (known, distance))
}

/// Levenshtein distance in bytes; the ids are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

fn allow_dangerous(config: &Config, report: &mut Report) {
    let allow = config.at("gateway.nodes.commands.allow");
    let denied: BTreeSet<&str> =
        trimmed(&config.at("gateway.nodes.commands.deny")).map(|(command, _)| command).collect();
    let hits = trimmed(&allow)
        .filter(|(command, _)| is_dangerous(command, config) && !denied.contains(*command))
        .map(|(command, item)| (item.place(), format!("\"{command}\" is allowed on paired devices")));
    let severity = if config.gateway().is_exposed() { Severity::Critical } else { Severity::Warn };
    report.several(config, severity, hits);
}
