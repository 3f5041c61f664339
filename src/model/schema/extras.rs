//! What the release looks up outside the file: plugins, models, paths.

use std::path::Path;

use super::table::{Key, Table};
use super::walk::Walk;
use super::{named, suggest};
use crate::finding::Severity;
use crate::kind::DocumentKind;
use crate::model::config::IssueKind::{InvalidValue, UnknownKey};
use crate::model::dialect::{Product, Release};
use crate::model::document::Document;
use crate::model::value::Found;

const PLUGINS: &str = include_str!("../../../schemas/plugin-ids.txt");

/// Model ids that a release refuses because its providers have retired them: (from, until, id).
const RETIRED: &[(Release, Release, &str)] = &[
    (Release::V2026_5, Release::V2026_9, "google/gemini-1.5-flash"),
    (Release::V2026_5, Release::V2026_9, "google/gemini-1.5-pro"),
    (Release::V2026_5, Release::V2026_9, "google/gemini-2.0-flash-exp"),
    (Release::V2026_5, Release::V2026_5, "openai/gpt-5.3-codex-spark"),
    (Release::V2026_5, Release::V2026_5, "azure-openai-responses/gpt-5.3-codex-spark"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.1"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.1-codex"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.1-codex-mini"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.1-codex-max"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.2-codex"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.3"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.3-codex"),
    (Release::V2026_5, Release::V2026_5, "openai-codex/gpt-5.3-chat-latest"),
];

pub(super) fn check(walk: &mut Walk) {
    web_search(walk);
    mcp(walk);
    avatars(walk);
    if walk.is_refused() {
        // The loader looks at plugins and models only when the schema is content.
        return;
    }
    channels(walk);
    heartbeat_targets(walk);
    plugins(walk);
    load_paths(walk);
    models(walk);
    named::check(walk);
}

/// A channel must be one that the release or a plugin of the repository knows.
fn channels(walk: &mut Walk) {
    let root = walk.config.root();
    let Some(known) = known_channels(walk) else { return };
    for (name, found) in root.get("channels").entries() {
        // Since 2026.5 a plugin that the file names may be missing, and its channel is then left alone.
        let left_alone = walk.dialect.release > Release::V2026_2 && is_named_plugin(walk, name);
        if known.contains(&name.trim()) || name == "defaults" || left_alone || is_local_channel(walk, name) {
            continue;
        }
        if walk.is_full(true) {
            walk.left_out += 1;
            continue;
        }
        let near = suggest::nearest(name, known.iter().copied());
        let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let message = format!("{} is no channel of {}{hint}", found.path(), walk.version());
        walk.refuse(UnknownKey, found.key_place(), message);
    }
}

/// The channels of a release.
fn known_channels(walk: &Walk) -> Option<Vec<&'static str>> {
    let table = Table::of(walk.dialect).find("channels")?;
    // Some channels are bundled plugins without a table of their own.
    Some(table.children().map(Key::name).filter(|name| *name != "*").chain(shipped(walk.version())).collect())
}

/// Do the settings of plugins name this one?
pub(super) fn is_named_plugin(walk: &Walk, id: &str) -> bool {
    let plugins = walk.config.root().get("plugins");
    let same = |other: &str| other.trim().eq_ignore_ascii_case(id.trim());
    let among = |key: &str| plugins.get(key).entries().any(|(other, _)| same(other));
    among("entries") || among("installs") || plugins.get("allow").strings().any(|(other, _)| same(other))
}

/// Other names of channels that a release understands.
const ALIASES: &[&str] = &[
    "gchat",
    "google-chat",
    "imsg",
    "internet-relay-chat",
    "lark",
    "nc",
    "nc-talk",
    "teams",
    "twitch-chat",
    "zl",
    "zlu",
];

/// A heartbeat goes to the last channel, to none, or to one that the release or a plugin knows.
fn heartbeat_targets(walk: &mut Walk) {
    if walk.dialect.product != Product::OpenClaw {
        return;
    }
    let root = walk.config.root();
    let Some(known) = known_channels(walk) else { return };
    let newest = walk.dialect.release == Release::V2026_9;
    let roster = root.at("agents.list").items().chain(root.at("agents.entries").entries().map(|(_, agent)| agent));
    for agent in std::iter::once(root.at("agents.defaults")).chain(roster) {
        let target = agent.get("heartbeat").get("target");
        let Some(name) = target.str().map(|name| name.trim().to_lowercase()) else { continue };
        let word = matches!(&*name, "last" | "none") || newest && name == "owner";
        let channel = known.contains(&&*name) && name != "defaults" || ALIASES.contains(&&*name);
        // A plugin that the file names may bring the channel; upstream looks whether it is there.
        let brought = is_local_channel(walk, &name) || !walk.config.upstream() && is_named_plugin(walk, &name);
        if !word && !channel && !brought {
            let near = suggest::nearest(&name, known.iter().copied());
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            let message = format!("{} must be \"last\", \"none\" or a channel{hint}", target.path());
            walk.refuse(InvalidValue, target.place(), message);
        }
    }
}

/// Does a plugin of the repository bring this channel?
fn is_local_channel(walk: &Walk, name: &str) -> bool {
    let manifests = walk.config.project.of_kind(DocumentKind::PluginManifest);
    let installed = !walk.config.upstream() && walk.config.root().at("plugins.installs").get(name).exists();
    let mut roots = manifests.filter_map(Document::root);
    installed || roots.any(|root| root.get("channels").strings().any(|(channel, _)| channel == name))
}

/// The plugin ids that a release ships.
pub(super) fn shipped(version: &str) -> impl Iterator<Item = &'static str> + use<> {
    let header = format!("= {version}");
    PLUGINS.lines().skip_while(move |line| *line != header).skip(1).take_while(|line| !line.starts_with('='))
}

fn plugins(walk: &mut Walk) {
    if walk.dialect.product != Product::OpenClaw {
        return;
    }
    let known: Vec<&str> = shipped(walk.version()).collect();
    let root = walk.config.root();
    let plugins = root.get("plugins");
    let mut named: Vec<(&str, Found<'_>)> = plugins.get("entries").entries().collect();
    for key in ["allow", "deny"] {
        named.extend(plugins.get(key).strings().filter(|(id, _)| !id.trim().is_empty()));
    }
    let slot = plugins.get("slots").get("memory");
    named.extend(slot.str().filter(|id| !matches!(*id, "" | "none")).map(|id| (id, slot.clone())));
    let mut absent = Vec::new();
    for (id, found) in named {
        if known.contains(&id) || is_local(walk, id) {
            continue;
        }
        let near = suggest::nearest(id, known.iter().copied());
        let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let place = found.key_place();
        let message = format!("{} names the plugin {id:?}, which {} does not ship", found.path(), walk.version());
        if walk.dialect.release == Release::V2026_2 && walk.config.upstream() {
            walk.refuse(InvalidValue, place, message + &hint);
        } else if near.is_some() && is_entry(&found) {
            walk.advise(InvalidValue, place, message + &hint, Severity::Info);
        } else if walk.dialect.release == Release::V2026_2 {
            absent.push((place, message));
        }
    }
    if absent.is_empty() {
        return;
    }
    // The gateway may well have it installed: nothing in a repository tells.
    let (place, message) = absent.remove(0);
    let message = format!("{message}: it refuses the file unless the plugin is installed");
    walk.advise(InvalidValue, place, message, Severity::Info);
    walk.relate(absent);
}

fn is_entry(found: &Found<'_>) -> bool {
    found.path().starts_with("plugins.entries.")
}

/// Is a plugin of this id part of the repository, or its installation recorded?
pub(super) fn is_local(walk: &Walk, id: &str) -> bool {
    let root = walk.config.root();
    let manifest =
        |document: &crate::model::document::Document| document.root().is_some_and(|root| root.get("id").is(id));
    !walk.config.upstream() && root.at("plugins.installs").get(id).exists()
        || walk.config.project.of_kind(DocumentKind::PluginManifest).any(manifest)
}

/// Paths of plugins must exist. Only those inside the repository can be looked up.
fn load_paths(walk: &mut Walk) {
    if walk.dialect.product != Product::OpenClaw || walk.dialect.release == Release::V2026_9 {
        return;
    }
    let root = walk.config.root();
    for (path, found) in root.at("plugins.load.paths").strings() {
        let outside = path.starts_with(['/', '~', '\\']) || path.contains(':');
        if outside && !walk.config.upstream() {
            continue;
        }
        let local = walk.config.beside(path.trim_start_matches("./").trim_end_matches('/'));
        let tree = &walk.config.project.tree;
        if tree.entries.is_empty() {
            continue;
        }
        let under = format!("{local}/");
        let exists = tree.entries.iter().any(|entry| *entry.path == *local || entry.path.starts_with(&*under));
        if !outside && exists {
            continue;
        }
        if !walk.config.upstream() && is_built(path) {
            let message = format!("{} is not in the repository: it must be built before the start", found.path());
            walk.advise(InvalidValue, found.place(), message, Severity::Info);
            continue;
        }
        let message = format!("{} names a path that does not exist", found.path());
        walk.refuse(InvalidValue, found.place(), message);
    }
}

/// Does the path lead into what a build or an installation makes, which nobody checks in?
fn is_built(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "dist" | "build" | "out" | "lib" | "node_modules"))
}

/// Members of an agent that name a model, or a model and its fallbacks.
const MODELS: &[&str] = &[
    "model",
    "imageModel",
    "pdfModel",
    "utilityModel",
    "voiceModel",
    "imageGenerationModel",
    "musicGenerationModel",
    "videoGenerationModel",
    "mediaModels.image",
    "mediaModels.music",
    "mediaModels.video",
    "heartbeat.model",
    "subagents.model",
    "compaction.model",
    "compaction.memoryFlush.model",
];

fn models(walk: &mut Walk) {
    if walk.dialect.product != Product::OpenClaw {
        return;
    }
    let root = walk.config.root();
    let mut agents = vec![root.at("agents.defaults")];
    agents.extend(root.at("agents.list").items());
    agents.extend(root.at("agents.entries").entries().map(|(_, agent)| agent));
    for agent in &agents {
        for key in MODELS {
            let model = key.split('.').fold(agent.clone(), |found, segment| found.get(segment));
            retired(walk, &model);
            retired(walk, &model.get("primary"));
            model.get("fallbacks").items().for_each(|fallback| retired(walk, &fallback));
        }
        for (id, entry) in agent.get("models").entries() {
            if is_retired(walk.dialect.release, id) {
                let message = format!("{id} was retired: {} refuses it", walk.version());
                walk.refuse(InvalidValue, entry.key_place(), message);
            }
        }
    }
    let rooms = root.at("channels.modelByChannel").entries().flat_map(|(_, rooms)| rooms.entries());
    let mappings = root.at("hooks.mappings").items().map(|mapping| mapping.get("model"));
    for model in rooms.map(|(_, model)| model).chain(mappings).chain([root.at("hooks.gmail.model")]) {
        retired(walk, &model);
    }
}

fn is_retired(release: Release, id: &str) -> bool {
    let same = |old: &str| old.eq_ignore_ascii_case(id.trim());
    RETIRED.iter().any(|(from, until, old)| (*from..=*until).contains(&release) && same(old))
}

fn retired(walk: &mut Walk, model: &Found<'_>) {
    let Some(id) = model.str() else { return };
    if is_retired(walk.dialect.release, id) {
        let message = format!("{} is {id}, which was retired: {} refuses it", model.path(), walk.version());
        walk.refuse(InvalidValue, model.place(), message);
    }
}

/// 2026.9 refuses two names that it once read as seconds (measured).
fn mcp(walk: &mut Walk) {
    if walk.dialect.release != Release::V2026_9 {
        return;
    }
    let root = walk.config.root();
    for (_, server) in root.at("mcp.servers").entries() {
        for (old, new) in [("connectTimeout", "connectionTimeoutMs"), ("timeout", "requestTimeoutMs")] {
            let found = server.get(old);
            if found.exists() {
                let message = format!("{} is {new} in {}, in milliseconds", found.path(), walk.version());
                walk.refuse(UnknownKey, found.key_place(), message);
            }
        }
    }
}

/// 2026.9 refuses the settings of search providers where they stood until 2026.5.
fn web_search(walk: &mut Walk) {
    if walk.dialect.release != Release::V2026_9 {
        return;
    }
    let root = walk.config.root();
    for (key, found) in root.at("tools.web.search").entries() {
        let provider =
            matches!(key, "brave" | "duckduckgo" | "exa" | "firecrawl" | "gemini" | "grok" | "kimi" | "minimax")
                || matches!(key, "ollama" | "perplexity" | "searxng" | "tavily");
        if key == "apiKey" || provider && found.is_map() {
            let message = format!("{} moved to plugins.entries.<plugin>.config.webSearch", found.path());
            walk.refuse(UnknownKey, found.key_place(), message);
        }
    }
}

/// An avatar is a URL or a file of the workspace.
fn avatars(walk: &mut Walk) {
    let root = walk.config.root();
    let list = root.at("agents.list").items();
    let entries = root.at("agents.entries").entries().map(|(_, agent)| agent);
    for agent in list.chain(entries) {
        let avatar = agent.get("identity").get("avatar");
        let Some(text) = avatar.str().map(str::trim).filter(|text| !text.is_empty()) else { continue };
        let lower = text.to_lowercase();
        if ["data:", "http://", "https://"].iter().any(|scheme| lower.starts_with(scheme)) {
            continue;
        }
        let scheme = lower.split_once(':').is_some_and(|(scheme, rest)| {
            let drive = scheme.len() == 1 && rest.starts_with(['/', '\\']);
            !drive && super::formats::is_uri(&format!("{scheme}:"))
        });
        let outside = text.split('/').scan(0_i32, |depth, part| {
            *depth += match part {
                ".." => -1,
                "." | "" => 0,
                _ => 1,
            };
            Some(*depth)
        });
        let elsewhere = text.starts_with('/') && !is_in_workspace(walk, &agent, text);
        if text.starts_with('~') || scheme || elsewhere || outside.into_iter().any(|depth| depth < 0) {
            let message = format!("{} must be a URL or a file inside the agent's workspace", avatar.path());
            walk.refuse(InvalidValue, avatar.place(), message);
        }
    }
}

/// Could the absolute path lie in the agent's workspace? Without a known home directory it could.
fn is_in_workspace(walk: &Walk, agent: &Found<'_>, path: &str) -> bool {
    let Some(home) = walk.config.env.get("HOME") else { return true };
    let defaults = walk.config.root().at("agents.defaults.workspace");
    let written = [agent.get("workspace"), defaults];
    let known = written.iter().filter_map(Found::text);
    let of_home = |text: &str| text.strip_prefix('~').map_or_else(|| text.to_owned(), |rest| format!("{home}{rest}"));
    let mut directories = known.map(|text| of_home(text.text.trim())).chain([format!("{home}/.openclaw")]);
    directories.any(|directory| !directory.starts_with('/') || Path::new(path).starts_with(&directory))
}
