//! Facts about a skill or a prompt: what it is made of, whom it calls, what it reads, what it starts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::{Collected, Desk, is_template};
use crate::facts::{command, path, url};
use crate::kind::UnitKind;
use crate::model::skill::{FileRole, Skill, SkillFile, listed};
use crate::source::{Span, offset};

/// Everything that a unit says. The source of plugins and definitions are told by others.
#[must_use]
pub fn facts(skill: &Skill) -> Collected {
    let kind = match skill.kind {
        UnitKind::Skill => "skill",
        UnitKind::Prompt => "prompt",
        UnitKind::Definition | UnitKind::Plugin => return Collected::default(),
    };
    let mut desk = Desk::new(kind, &skill.root, &skill.project, &skill.sources);
    if skill.kind == UnitKind::Skill {
        identity(skill, &mut desk);
        grants(skill, &mut desk);
    }
    for file in &skill.files {
        if skill.kind == UnitKind::Prompt {
            prompt(file, &mut desk);
        } else {
            content(file, &mut desk);
        }
    }
    used(skill, &mut desk);
    desk.collected
}

/// Name, version, digest and signature.
fn identity(skill: &Skill, desk: &mut Desk<'_>) {
    let whole = skill.whole().span;
    let version = skill.manifest().and_then(|manifest| {
        let found = [manifest.at("version"), manifest.at("metadata.version"), manifest.openclaw().get("version")];
        found.iter().find_map(|found| found.str().map(str::to_owned).or_else(|| Some(found.number()?.to_string())))
    });
    let value = json!({"digest": skill.tree_digest(), "version": version});
    desk.fact("skill", skill.name(), value, whole, "");
    if skill.partial {
        return;
    }
    let signing = skill.signing();
    let covers = skill.covering().is_none_or(|covering| covering.differences.is_empty());
    let trusted = matches!(signing.trust.as_str(), "full" | "marginal");
    let state = match signing.fits {
        _ if signing.at.is_none() => "none",
        Some(true) if !covers => "broken",
        Some(true) if trusted => "trusted",
        Some(true) => "fits",
        Some(false) => "broken",
        None => "unknown",
    };
    let key = signing.envelope().map(|envelope| envelope.key_id.clone());
    let value = json!({"keyId": key, "state": state, "trust": signing.trust.as_str()});
    desk.fact("skill.signature", skill.name(), value, whole, "");
}

/// What it may do by its own declaration, and what its texts use.
fn grants(skill: &Skill, desk: &mut Desk<'_>) {
    let whole = skill.whole().span;
    let mut grants: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for capability in skill.observed() {
        grants.insert(capability.word().to_owned(), ("used", whole));
    }
    for one in skill.declared().into_iter().flatten() {
        let word = one.word.to_lowercase();
        let said = if grants.contains_key(&word) { "declared and used" } else { "declared" };
        grants.insert(word, (said, one.place.span));
    }
    for mention in skill.tool_mentions().iter().filter(|mention| mention.listed) {
        grants.entry(mention.name.clone()).or_insert(("listed", mention.place.span));
    }
    for (word, (said, span)) in grants {
        desk.fact("tool.grant", &word, Json::from(said), span, "");
    }
}

fn content(file: &SkillFile, desk: &mut Desk<'_>) {
    let value = match &file.link {
        Some(link) => json!({"link": link.target}),
        None if file.executable => json!({"executable": true, "sha256": file.sha256}),
        None => json!({"sha256": file.sha256}),
    };
    desk.fact("skill.file", &file.path, value.clone(), Span::file_start(file.id), "");
    let name = file.file_name().to_ascii_lowercase();
    let is = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let agent = || {
        is(&[".plist"]) && ["RunAtLoad", "StartInterval", "StartCalendar"].iter().any(|key| file.text().contains(key))
    };
    if is(&[".service", ".timer", ".cron", "crontab"]) || agent() {
        desk.fact("schedule.unit", &file.path, value, Span::file_start(file.id), "");
    }
}

/// A text that an agent obeys: its hash, and a heartbeat apart, because it is obeyed again and again.
fn prompt(file: &SkillFile, desk: &mut Desk<'_>) {
    let path = file.source.path.to_string();
    let kind = if file.file_name() == "HEARTBEAT.md" { "schedule.prompt" } else { "prompt.file" };
    desk.fact(kind, &path, json!({"sha256": file.sha256}), Span::file_start(file.id), "");
}

/// What the texts of a unit reach, each thing once, at the first place that shows it best.
#[derive(Default)]
struct Used {
    found: BTreeMap<(&'static str, String), (u8, Json, Span)>,
}

impl Used {
    /// `weight` says how much a place shows: of several the heaviest counts, then the first.
    fn note(&mut self, kind: &'static str, key: &str, weight: u8, value: Json, span: Span) {
        let known = self.found.get(&(kind, key.to_owned()));
        if known.is_none_or(|(other, ..)| weight > *other) {
            self.found.insert((kind, key.to_owned()), (weight, value, span));
        }
    }
}

fn used(skill: &Skill, desk: &mut Desk<'_>) {
    let mut used = Used::default();
    for file in skill.files.iter().filter(|file| file.role != FileRole::Inert && file.link.is_none()) {
        named(file, &mut used);
        paths(file, &mut used);
        run(file, &mut used);
    }
    if let Some(manifest) = skill.manifest() {
        let requires = manifest.openclaw().get("requires");
        for (name, place) in listed(&requires.get("env")) {
            used.note("env.name", name, 2, Json::from("requires"), place.span);
        }
        for (name, place) in listed(&requires.get("bins")).into_iter().chain(listed(&requires.get("anyBins"))) {
            used.note("skill.program", name, 2, Json::from("requires"), place.span);
        }
    }
    let acts =
        |key: &str| ["file.read", "file.write"].iter().any(|kind| used.found.contains_key(&(*kind, key.to_owned())));
    let told = |(kind, key): &(&str, String)| *kind != "file.path" || !acts(key);
    let found: Vec<_> = used.found.iter().filter(|(what, _)| told(what)).collect();
    for ((kind, key), (_, value, span)) in found {
        desk.fact(kind, key, value.clone(), *span, "");
    }
}

/// What the words of a text name, whatever they are for.
fn named(file: &SkillFile, used: &mut Used) {
    let span = |range: &std::ops::Range<usize>| file.place(range.clone()).span;
    for url in url::find(file.text()) {
        let web = url.is_web() || url.scheme.starts_with("ws");
        if web && !is_template(&url.host) {
            used.note("network.host", &url.host, 1, Json::from("names"), span(&url.host_range));
        }
    }
    for (range, class) in path::credential_paths(file.text()) {
        used.note("file.sensitive", class.name, 1, Json::from(class.holds), span(&range));
    }
    for found in SCHEDULERS.iter().flat_map(|pattern| pattern.find_iter(file.text())) {
        let words: Vec<&str> = found.as_str().split_whitespace().collect();
        let key = words.join(" ").to_ascii_lowercase();
        used.note("schedule.command", &key, 1, Json::Null, span(&found.range()));
    }
}

/// Absolute paths in the text of a script: not every way to read and write is followed.
static PATHS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|["'`\s=(:,])(~?(?:/[A-Za-z0-9_.*-]{1,80}){1,12})"#).ok());

fn paths(file: &SkillFile, used: &mut Used) {
    for (_, base, text) in file.scripts() {
        for found in PATHS.iter().flat_map(|pattern| pattern.captures_iter(text)) {
            let Some(path) = found.get(1) else { continue };
            let program =
                ["/bin/", "/usr/", "/dev/", "/opt/homebrew/"].iter().any(|dir| path.as_str().starts_with(dir));
            // One part after the root is more often a word or a route than a file.
            let deep = path.as_str().starts_with('~') || path.as_str().matches('/').count() > 1;
            if deep && !program {
                let span = file.place(base + path.start()..base + path.end()).span;
                used.note("file.path", path.as_str(), 1, Json::Null, span);
            }
        }
    }
}

/// What its scripts do.
fn run(file: &SkillFile, used: &mut Used) {
    for (base, analysis) in file.analyses() {
        let span = |range: &std::ops::Range<usize>| Span {
            file: file.id,
            start: offset(base + range.start),
            end: offset(base + range.end),
        };
        for sink in analysis.sinks.iter().filter(|sink| sink.kind.leaves()) {
            let variable = sink.host_variable.as_ref().map(|name| format!("${name}"));
            let host = sink.host.clone().filter(|host| !is_template(host));
            if let Some(host) = host.or(variable) {
                used.note("network.host", &host, 2, Json::from("contacts"), span(&sink.range));
            }
        }
        for one in analysis.reads.iter().filter(|one| is_outside(&one.path)) {
            used.note("file.read", &one.path, 1, Json::Null, span(&one.range));
        }
        for one in analysis.writes.iter().filter(|one| is_outside(&one.path)) {
            used.note("file.write", &one.path, 1, Json::Null, span(&one.range));
        }
        for (name, range) in &analysis.env_reads {
            used.note("env.name", name, 1, Json::from("reads"), span(range));
        }
        for (name, range) in analysis.commands.iter().filter(|(name, _)| is_told(name)) {
            used.note("skill.program", name, 1, Json::from("runs"), span(range));
        }
    }
}

/// Is a program worth a line? Every machine has some, but what fetches is told.
fn is_told(name: &str) -> bool {
    !command::is_common(name) || command::is_downloader(name)
}

/// Does a path lead out of the directory that a script runs in?
fn is_outside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    let device = ["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"].contains(&path);
    !device && (path.starts_with(['/', '~', '$', '%']) || path.starts_with("..") || drive)
}

/// Commands and places that make something run later.
static SCHEDULERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:crontab(?:\s+-[a-z]\b|\s+-(?:\s|$))?|systemctl\s+(?:--user\s+)?(?:enable|start)|systemd-run",
        r"|launchctl\s+(?:load|bootstrap|enable)|schtasks(?:\.exe)?\s+/create|(?:Register|New)-ScheduledTask\b",
        r"|(?:openclaw|clawdbot|moltbot|closedclaw)\s+cron\s+(?:add|create|edit)|Library/LaunchAgents|LaunchDaemons)",
        r"|/etc/cron(?:tab|\.[a-z]+)|/etc/systemd/system|\.config/systemd/user",
    ))
    .ok()
});
