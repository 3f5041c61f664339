//! As whom the gateway runs, and what the service manager keeps from it.

use crate::model::document::mentions_openclaw;
use crate::rule::prelude::*;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "dockerfile.root_user",
        summary: "The image of the gateway runs as root",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250],
        why: "Root in the container owns every mounted file of the host, and whatever the agent runs is root as well.",
        remedy: "End the Dockerfile with a USER line that names an unprivileged user.",
        bad: &[
            Example::files(&[(
                "Dockerfile",
                "FROM ghcr.io/openclaw/openclaw:2026.9.6\n«USER root»\nRUN apt-get update\n",
            )]),
            Example::files(&[(
                "Dockerfile",
                "FROM node:22 AS build\nUSER node\nFROM «node:22-slim»\nRUN npm i -g openclaw@2026.9.6\nCMD [\"openclaw\", \"gateway\"]\n",
            )]),
        ],
        good: &[
            Example::files(&[(
                "Dockerfile",
                "FROM ghcr.io/openclaw/openclaw:2026.9.6\nUSER root\nRUN apt-get update\nUSER node\n",
            )]),
            Example::files(&[("Dockerfile", "FROM ghcr.io/openclaw/openclaw:2026.9.6\nCOPY openclaw.json /config/\n")]),
            Example::files(&[(
                "Dockerfile",
                "FROM node:22 AS base\nUSER node\nFROM base\nCMD [\"openclaw\", \"gateway\"]\n",
            )]),
            Example::files(&[("Dockerfile", "FROM node:22\nCMD [\"node\", \"server.js\"]\n")]),
        ],
        check: Check::Document(&[DocumentKind::Dockerfile], dockerfile_root),
        ..Rule::DEFAULT
    },
    Rule {
        id: "systemd.root_user",
        summary: "A systemd unit runs the gateway as root",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250],
        why: "Every command of the agent then runs with all rights on the host.",
        remedy: "Set User= to an account of its own, or install the unit as a user service.",
        bad: &[
            Example::files(&[("openclaw.service", "[Service]\n«User=root»\nExecStart=/usr/bin/openclaw gateway\n")]),
            Example::files(&[(
                "deploy/gw.service",
                "[Service]\n«ExecStart=/usr/bin/openclaw gateway»\n[Install]\nWantedBy=multi-user.target\n",
            )]),
        ],
        good: &[
            Example::files(&[("openclaw.service", "[Service]\nUser=claw\nExecStart=/usr/bin/openclaw gateway\n")]),
            Example::files(&[(
                "openclaw.service",
                "[Service]\nExecStart=/usr/bin/openclaw gateway\n[Install]\nWantedBy=default.target\n",
            )]),
            Example::files(&[(".config/systemd/user/gw.service", "[Service]\nExecStart=openclaw gateway\n")]),
            Example::files(&[("other.service", "[Service]\nUser=root\nExecStart=/usr/bin/other\n")]),
        ],
        check: Check::Document(&[DocumentKind::ServiceUnit], unit_root),
        ..Rule::DEFAULT
    },
    Rule {
        id: "systemd.unhardened",
        summary: "A systemd unit runs the gateway without protection of the host",
        severity: Severity::Info,
        hygiene: true,
        profiles: Profiles::STRICT,
        scope: Scope::Config,
        cwe: &[653],
        why: "systemd can take the right to gain privileges and to write outside chosen directories from a service with a \
              few lines; without them only the file modes stand in the agent's way.",
        remedy: "Add NoNewPrivileges=yes, ProtectSystem=strict and ProtectHome=, with ReadWritePaths= for the state directory.",
        bad: &[Example::files(&[(
            "openclaw.service",
            "[Service]\nUser=claw\nNoNewPrivileges=yes\n«ExecStart=/usr/bin/openclaw gateway»\n",
        )])],
        good: &[
            Example::files(&[(
                "openclaw.service",
                "[Service]\nUser=claw\nNoNewPrivileges=true\nProtectSystem=strict\nProtectHome=read-only\nExecStart=/usr/bin/openclaw gateway\n",
            )]),
            Example::files(&[("other.service", "[Service]\nExecStart=/usr/bin/other\n")]),
        ],
        check: Check::Document(&[DocumentKind::ServiceUnit], unhardened),
        ..Rule::DEFAULT
    },
];

/// The instructions of a Dockerfile: the word, its argument, and the place of both.
fn instructions(document: &Document) -> impl Iterator<Item = (String, &str, std::ops::Range<usize>)> {
    document.lines().filter_map(|(range, line)| {
        let (word, argument) = line.split_once(char::is_whitespace)?;
        let known = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        known.then(|| (word.to_ascii_uppercase(), argument.trim(), range.start..range.start + line.trim_end().len()))
    })
}

/// A stage of a Dockerfile.
struct Stage<'a> {
    name: &'a str,
    image: &'a str,
    /// The image token of its `FROM`.
    from: std::ops::Range<usize>,
    /// Its last `USER`, or that of the stage it builds on.
    user: Option<(&'a str, std::ops::Range<usize>)>,
}

fn stages(document: &Document) -> Vec<Stage<'_>> {
    let mut stages: Vec<Stage<'_>> = Vec::new();
    for (word, argument, range) in instructions(document) {
        match (word.as_str(), stages.last_mut()) {
            ("FROM", _) => {
                let mut words = argument.split_whitespace().filter(|word| !word.starts_with("--"));
                let image = words.next().unwrap_or_default();
                let name = words.nth(1).unwrap_or_default();
                let line = document.text().get(range.clone()).unwrap_or_default();
                let at = range.start + line.find(image).unwrap_or(0);
                let from = at..at + image.len();
                let base = stages.iter().rev().find(|stage| !stage.name.is_empty() && stage.name == image);
                let user = base.and_then(|stage| stage.user.clone());
                let image = base.map_or(image, |stage| stage.image);
                stages.push(Stage { name, image, from, user });
            }
            ("USER", Some(stage)) => stage.user = Some((argument, range)),
            _ => {}
        }
    }
    stages
}

fn dockerfile_root(document: &Document, _: &Project, report: &mut Report) {
    if document.sample || !mentions_openclaw(document.text()) {
        return;
    }
    // The last stage is the image.
    let stages = stages(document);
    let Some(stage) = stages.last() else { return };
    let (range, message) = match &stage.user {
        Some((name, range)) if is_root(name) => (range, "the last USER is root"),
        // The product's own image has an unprivileged user already, and a scratch image has none.
        None if !mentions_openclaw(stage.image) && stage.image != "scratch" && !stage.image.contains('$') => {
            (&stage.from, "no USER follows")
        }
        _ => return,
    };
    report.at(Place::span(document.span(range.clone())), message).confidence(Confidence::Medium);
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

/// `Name=value` lines of a unit with their places.
fn settings(document: &Document) -> Vec<(&str, &str, std::ops::Range<usize>)> {
    let line = |(range, line): (std::ops::Range<usize>, &'_ str)| {
        let (name, _) = line.split_once('=')?;
        let start = range.start + (line.len() - line.trim_start().len());
        let text = document.text().get(start..range.start + line.trim_end().len())?;
        (!name.trim_start().starts_with(['#', ';'])).then_some((text, start))
    };
    document
        .lines()
        .filter_map(line)
        .filter_map(|(text, start)| {
            let (name, value) = text.split_once('=')?;
            Some((name.trim(), value.trim(), start..start + text.len()))
        })
        .collect()
}

fn unit_root(document: &Document, _: &Project, report: &mut Report) {
    let settings = settings(document);
    let of = |name: &'static str| settings.iter().filter(move |(own, _, _)| *own == name);
    let Some((_, _, start)) = of("ExecStart").find(|(_, command, _)| mentions_openclaw(command)) else { return };
    if let Some((_, user, range)) = of("User").next_back() {
        if is_root(user) {
            report.at(Place::span(document.span(range.clone())), "the unit's user is root");
        }
        return;
    }
    // A unit of the system without User= runs as root; a user's own unit cannot.
    let users_own = document.path.contains("systemd/user/")
        || of("WantedBy").any(|(_, target, _)| target.contains("default.target"));
    let dynamic = of("DynamicUser").any(|(_, value, _)| matches!(*value, "yes" | "true" | "1"));
    let system = of("WantedBy").any(|(_, target, _)| target.contains("multi-user.target"));
    if system && !users_own && !dynamic {
        report.at(Place::span(document.span(start.clone())), "the unit names no User and is installed for the system");
    }
}

fn unhardened(document: &Document, _: &Project, report: &mut Report) {
    let settings = settings(document);
    let Some((_, _, start)) = settings.iter().find(|(name, value, _)| *name == "ExecStart" && mentions_openclaw(value))
    else {
        return;
    };
    let missing: Vec<&str> = ["NoNewPrivileges", "ProtectSystem", "ProtectHome"]
        .into_iter()
        .filter(|wanted| {
            let set =
                |(name, value, _): &(&str, &str, _)| name == wanted && !matches!(*value, "no" | "false" | "0" | "");
            !settings.iter().any(set)
        })
        .collect();
    if !missing.is_empty() {
        report.at(Place::span(document.span(start.clone())), format!("the unit sets no {}", missing.join(", no ")));
    }
}
