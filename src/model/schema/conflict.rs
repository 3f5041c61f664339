//! What the release refuses because two keys do not go together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::formats;
use super::table::Key;
use super::walk::Walk;
use crate::model::agents::normalise;
use crate::model::config::IssueKind::{Conflict, InvalidValue};
use crate::model::dialect::{Product, Release};
use crate::model::value::{Found, Kind, Map};

/// The checks, in the order of the real schema.
pub(super) fn check(walk: &mut Walk) {
    gateway(walk);
    roster(walk);
    agent_directories(walk);
    let root = walk.config.root();
    let mut agents = vec![root.at("agents.defaults")];
    agents.extend(root.at("agents.list").items());
    agents.extend(root.at("agents.entries").entries().map(|(_, agent)| agent));
    for agent in &agents {
        sandbox(walk, &agent.get("sandbox"));
        heartbeat(walk, &agent.get("heartbeat"));
        exec_mode(walk, &agent.get("tools").get("exec"));
        loop_detection(walk, &agent.get("tools").get("loopDetection"));
    }
    exec_mode(walk, &root.at("tools.exec"));
    loop_detection(walk, &root.at("tools.loopDetection"));
    speech(walk);
    durations(walk);
    browser(walk);
    modules(walk);
    broadcast(walk);
    talk(walk);
    secrets(walk);
    bindings(walk);
}

/// `allow` replaces a profile and `alsoAllow` extends it: one object cannot do both.
pub(super) fn allow_and_also_allow(walk: &mut Walk, map: &Map, key: Key, path: &str) {
    let named = |name: &str| key.children().any(|child| child.name() == name);
    if !named("alsoAllow") || !named("allow") {
        return;
    }
    let filled =
        |name: &str| map.get(name).filter(|entry| matches!(&entry.value.kind, Kind::List(items) if !items.is_empty()));
    let (Some(_), Some(also)) = (filled("allow"), filled("alsoAllow")) else { return };
    let place = crate::finding::Place { span: also.key_span, key_path: format!("{path}.alsoAllow"), missing: false };
    let message =
        format!("{path} sets both allow and alsoAllow: merge alsoAllow into allow, or drop allow and use a profile");
    walk.refuse(Conflict, place, message);
}

fn gateway(walk: &mut Walk) {
    let root = walk.config.root();
    let gateway = root.get("gateway");
    let mode = gateway.at("tailscale.mode");
    let exposed = mode.is("serve") || mode.is("funnel");
    if exposed && walk.dialect.release >= Release::V2026_5 {
        let bind = gateway.get("bind");
        let custom =
            bind.is("custom") && gateway.get("customBindHost").str().is_some_and(|host| host.starts_with("127."));
        if bind.str().is_some_and(|bind| bind != "loopback") && !custom {
            let message = "gateway.bind must be \"loopback\" when Tailscale serves the gateway".to_owned();
            walk.refuse(Conflict, bind.place(), message);
        }
        let auth = gateway.at("auth.mode");
        if auth.is("none") && mode.is("serve") && walk.dialect.release == Release::V2026_9 {
            let message = "gateway.auth.mode cannot be \"none\" when Tailscale serves the gateway".to_owned();
            walk.refuse(Conflict, auth.place(), message);
        }
    }
    let stale = gateway.get("channelStaleEventThresholdMinutes");
    let health = gateway.get("channelHealthCheckMinutes").number().unwrap_or(5.0);
    if walk.dialect.release == Release::V2026_5 && health != 0.0 && stale.number().is_some_and(|stale| stale < health) {
        let message =
            "gateway.channelStaleEventThresholdMinutes must not be less than channelHealthCheckMinutes".to_owned();
        walk.refuse(Conflict, stale.place(), message);
    }
}

/// Who owns a roster of several agents, since 2026.9.
fn roster(walk: &mut Walk) {
    if walk.dialect.release < Release::V2026_9 {
        return;
    }
    let root = walk.config.root();
    let agents = root.get("agents");
    let entries = agents.get("entries");
    let roster: Vec<Found<'_>> = if entries.exists() {
        entries.entries().map(|(_, agent)| agent).collect()
    } else {
        agents.get("list").items().collect()
    };
    let marked: Vec<Found<'_>> = roster.iter().map(|agent| agent.get("default")).filter(Found::is_true).collect();
    let explicit = agents.get("ownership").is("explicit");
    if let [_, second, ..] = marked.as_slice() {
        let message = "two agents are marked as the default: only one may be".to_owned();
        walk.refuse(Conflict, second.place(), message);
    }
    if let (true, Some(first)) = (explicit, marked.first()) {
        let message = "agents.ownership is \"explicit\": no agent may be marked as the default beside it".to_owned();
        walk.refuse(Conflict, first.place(), message);
    }
    let unknown = agents.get("ownership").is_unknown();
    if roster.len() > 1 && marked.is_empty() && !explicit && !unknown {
        let message = "several agents and no owner: set agents.ownership to \"explicit\"".to_owned();
        let place = if entries.exists() { entries.key_place() } else { agents.get("list").key_place() };
        let place = crate::finding::Place { key_path: "agents.ownership".to_owned(), missing: true, ..place };
        walk.refuse(Conflict, place, message);
    }
    let mut ids: BTreeMap<Cow<'_, str>, &str> = BTreeMap::new();
    for (id, agent) in entries.entries() {
        let plain = normalise(id);
        if let Some(first) = ids.get(&plain) {
            let message = format!("agents.entries.{id} and agents.entries.{first} are the same agent {plain}");
            walk.refuse(Conflict, agent.key_place(), message);
        } else {
            ids.insert(plain, id);
        }
    }
}

/// Two agents must not keep their state in one directory.
fn agent_directories(walk: &mut Walk) {
    let root = walk.config.root();
    let listed = root.at("agents.list").items().filter_map(|agent| Some((normalise(agent.get("id").str()?), agent)));
    let entries = root.at("agents.entries").entries().map(|(id, agent)| (normalise(id), agent));
    let mut ids: BTreeSet<Cow<'_, str>> = BTreeSet::new();
    let mut taken: BTreeMap<String, Cow<'_, str>> = BTreeMap::new();
    for (id, agent) in listed.chain(entries) {
        let found = agent.get("agentDir");
        let Some(directory) = found.text().map(|text| text.text.trim().trim_end_matches('/').to_owned()) else {
            continue;
        };
        if directory.is_empty() || !ids.insert(id.clone()) {
            continue;
        }
        if let Some(other) = taken.get(&directory) {
            let message = format!("{} is also the directory of agent {other}: each needs its own", found.path());
            walk.refuse(Conflict, found.place(), message);
        }
        taken.entry(directory).or_insert(id);
    }
}

fn sandbox(walk: &mut Walk, sandbox: &Found<'_>) {
    let docker = sandbox.get("docker");
    let browser = sandbox.get("browser");
    let join = docker.get("dangerouslyAllowContainerNamespaceJoin").is_true();
    for block in [&docker, &browser] {
        let network = block.get("network");
        let mode = network.str().map(|mode| mode.trim().to_lowercase()).unwrap_or_default();
        if mode == "host" {
            let message =
                format!("{} \"host\" is blocked: a sandbox must not share the host's network", network.path());
            walk.refuse(InvalidValue, network.place(), message);
        } else if mode.starts_with("container:") && !join {
            let message = format!(
                "{} joins another container's network: blocked unless dangerouslyAllowContainerNamespaceJoin is true",
                network.path()
            );
            walk.refuse(Conflict, network.place(), message);
        }
        for bind in block.get("binds").items() {
            let source = bind.text().map(|text| bind_source(&text.text, walk.dialect.release)).unwrap_or_default();
            let unknown = bind.is_unknown() && source.starts_with("${");
            let absolute =
                source.starts_with('/') || walk.dialect.release > Release::V2026_2 && formats::is_absolute(source);
            if bind.text().is_some() && !unknown && !absolute {
                let message = format!("{} mounts a relative path: a sandbox bind needs an absolute one", bind.path());
                walk.refuse(InvalidValue, bind.place(), message);
            }
        }
    }
    for key in ["seccompProfile", "apparmorProfile"] {
        let profile = docker.get(key);
        if profile.str().is_some_and(|profile| profile.trim().eq_ignore_ascii_case("unconfined")) {
            let message = format!("{} \"unconfined\" is blocked: name a profile or leave it out", profile.path());
            walk.refuse(InvalidValue, profile.place(), message);
        }
    }
}

/// The host side of `host:container[:options]`; 2026.2 knows no drive letters.
fn bind_source(bind: &str, release: Release) -> &str {
    let bind = bind.trim();
    let drive = release > Release::V2026_2 && formats::is_absolute(bind) && !bind.starts_with(['/', '\\']);
    let from = if drive { 2 } else { 0 };
    let colon = bind.get(from..).and_then(|rest| rest.find(':')).map(|at| at + from).filter(|at| *at > 0);
    colon.and_then(|at| bind.get(..at)).unwrap_or(bind).trim()
}

fn heartbeat(walk: &mut Walk, heartbeat: &Found<'_>) {
    let every = heartbeat.get("every");
    let Some(text) = every.str().filter(|text| !text.is_empty()) else { return };
    if !formats::is_duration(text) {
        let message = format!("{} must be a duration such as 30m", every.path());
        walk.refuse(InvalidValue, every.place(), message);
    }
    for (key, end) in [("start", false), ("end", true)] {
        let time = heartbeat.get("activeHours").get(key);
        if time.str().is_some_and(|text| !text.is_empty() && !formats::is_time(text, end)) {
            let message = format!("{} must be a time of day such as 08:00", time.path());
            walk.refuse(InvalidValue, time.place(), message);
        }
    }
}

fn exec_mode(walk: &mut Walk, exec: &Found<'_>) {
    let mode = exec.get("mode");
    let old = ["security", "ask"].into_iter().map(|key| exec.get(key)).find(Found::exists);
    if let (Release::V2026_9, true, Some(old)) = (walk.dialect.release, mode.exists(), old) {
        let message = format!("{} and {} cannot stand together: mode says it all", mode.path(), old.path());
        walk.refuse(Conflict, mode.place(), message);
    }
}

/// Each threshold must be lower than the next, as far as both are written.
fn loop_detection(walk: &mut Walk, block: &Found<'_>) {
    if walk.dialect.release == Release::V2026_9 {
        return; // It knows none of the three.
    }
    let thresholds = ["warningThreshold", "criticalThreshold", "globalCircuitBreakerThreshold"];
    for pair in thresholds.windows(2) {
        let [Some(low), Some(high)] = [0, 1].map(|at| pair.get(at).map(|key| block.get(key))) else { continue };
        if let (Some(below), Some(above)) = (low.number(), high.number())
            && below >= above
        {
            walk.refuse(Conflict, high.place(), format!("{} must be lower than {}", low.path(), high.path()));
        }
    }
}

/// The table of 2026.2 still knows a switch that its loader refuses as outdated.
fn speech(walk: &mut Walk) {
    let switch = walk.config.root().at("messages.tts.enabled");
    if walk.dialect.release == Release::V2026_2 && walk.dialect.product == Product::OpenClaw && switch.exists() {
        let message = "messages.tts.enabled is outdated and refused: messages.tts.auto says the same".to_owned();
        walk.refuse(Conflict, switch.key_place(), message);
    }
}

fn durations(walk: &mut Walk) {
    let root = walk.config.root();
    let sized = [
        "cron.runLog.maxBytes",
        "session.maintenance.rotateBytes",
        "session.maintenance.maxDiskBytes",
        "session.maintenance.highWaterBytes",
        "agents.defaults.compaction.memoryFlush.forceFlushTranscriptBytes",
        "agents.defaults.compaction.maxActiveTranscriptBytes",
    ];
    for path in sized {
        let found = root.at(path);
        if found.str().is_some_and(|text| !formats::is_byte_size(text)) {
            walk.refuse(InvalidValue, found.place(), format!("{path} must be a size such as 20mb"));
        }
    }
    let timed = [
        "cron.sessionRetention",
        "session.maintenance.pruneAfter",
        "session.maintenance.resetArchiveRetention",
        "session.maintenance.archiveDashboardAfter",
    ];
    for path in timed {
        let found = root.at(path);
        if found.str().is_some_and(|text| !formats::is_duration(text)) {
            walk.refuse(InvalidValue, found.place(), format!("{path} must be a duration such as 30d"));
        }
    }
}

fn browser(walk: &mut Walk) {
    let root = walk.config.root();
    for (name, profile) in root.at("browser.profiles").entries().filter(|(_, profile)| profile.is_map()) {
        let driver = profile.get("driver");
        let attached = walk.dialect.release > Release::V2026_2
            && (driver.is("existing-session") || driver.is_unknown())
            || walk.dialect.release == Release::V2026_9 && driver.is("extension");
        if !attached && !profile.get("cdpPort").truthy() && !profile.get("cdpUrl").truthy() {
            let message = format!("browser.profiles.{name} must set cdpPort or cdpUrl");
            walk.refuse(Conflict, profile.key_place(), message);
        }
        let data = profile.get("userDataDir");
        if walk.dialect.release > Release::V2026_2 && !attached && data.truthy() {
            let message = format!("{} works only with driver \"existing-session\"", data.path());
            walk.refuse(Conflict, data.place(), message);
        }
    }
}

fn modules(walk: &mut Walk) {
    let root = walk.config.root();
    let transforms = root.at("hooks.mappings").items().map(|mapping| mapping.get("transform").get("module"));
    let handlers = root.at("hooks.internal.handlers").items().map(|handler| handler.get("module"));
    for module in transforms.chain(handlers) {
        if module.str().is_some_and(|path| !formats::is_safe_module(path)) {
            let message = format!("{} must be a relative path inside the hooks directory", module.path());
            walk.refuse(InvalidValue, module.place(), message);
        }
    }
}

/// Every agent of a broadcast must be in the roster, when there is one.
fn broadcast(walk: &mut Walk) {
    let root = walk.config.root();
    let mut ids: Vec<&str> = root.at("agents.entries").entries().map(|(id, _)| id).collect();
    if ids.is_empty() {
        let list = root.at("agents.list");
        if list.items().any(|agent| agent.get("id").str().is_none()) {
            return;
        }
        ids = list.items().filter_map(|agent| agent.get("id").str()).collect();
    }
    if ids.is_empty() {
        return;
    }
    for (_, peers) in root.get("broadcast").entries().filter(|(key, _)| *key != "strategy") {
        let agents = if peers.is_list() { peers } else { peers.get("agents") };
        for (id, agent) in agents.strings().filter(|(id, _)| !ids.contains(id)) {
            walk.refuse(Conflict, agent.place(), format!("{} names {id:?}, which is not in the roster", agent.path()));
        }
    }
}

fn talk(walk: &mut Walk) {
    if walk.dialect.release == Release::V2026_2 {
        return;
    }
    let root = walk.config.root();
    let provider = root.at("talk.provider");
    let names: Vec<&str> = root.at("talk.providers").entries().map(|(name, _)| name).collect();
    match provider.str().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) if !names.is_empty() && !names.contains(&&*name.to_lowercase()) => {
            walk.refuse(
                Conflict,
                provider.place(),
                format!("talk.provider is {name:?}, which talk.providers does not have"),
            );
        }
        None if names.len() > 1 && !provider.is_unknown() => {
            let message = "talk.provider must say which of several talk.providers to use".to_owned();
            walk.refuse(Conflict, provider.place(), message);
        }
        _ => {}
    }
}

fn secrets(walk: &mut Walk) {
    let root = walk.config.root();
    for (_, provider) in
        root.at("secrets.providers").entries().filter(|(_, provider)| provider.get("source").is("exec"))
    {
        let command = provider.get("command");
        if command.str().is_some_and(|command| !formats::is_absolute(command)) {
            walk.refuse(InvalidValue, command.place(), format!("{} must be an absolute path", command.path()));
        }
        let plugin = provider.get("pluginIntegration").exists();
        if !command.exists() && !plugin {
            walk.refuse(
                InvalidValue,
                command.place(),
                format!("{} is required when source is \"exec\"", command.path()),
            );
        }
    }
}

fn bindings(walk: &mut Walk) {
    let root = walk.config.root();
    for binding in root.get("bindings").items().filter(|binding| binding.get("type").is("acp")) {
        let peer = binding.get("match").get("peer").get("id");
        if !peer.is_unknown() && peer.str().is_none_or(|id| id.trim().is_empty()) {
            let message = format!("{} must name one conversation: an ACP binding needs it", peer.path());
            walk.refuse(Conflict, peer.place(), message);
        }
    }
}
