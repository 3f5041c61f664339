//! What a value names must exist: a channel, a search provider, a memory plugin.

use super::extras::shipped;
use super::suggest;
use super::table::{Key, Table};
use super::validate::Walk;
use crate::model::config::IssueKind::{Conflict, InvalidValue};
use crate::model::dialect::{Product, Release};
use crate::model::value::Found;

/// The checks that follow when the schema is content.
pub(super) fn check(walk: &mut Walk) {
    if walk.dialect.product != Product::OpenClaw {
        return;
    }
    heartbeat_targets(walk);
    search_provider(walk);
    memory_slot(walk);
}

/// Other names of channels, which a release takes for a heartbeat's target too: the first four since
/// 2026.2, the others since 2026.5.
const CHANNEL_ALIASES: [&str; 13] = [
    "imsg",
    "internet-relay-chat",
    "google-chat",
    "gchat",
    "lark",
    "teams",
    "nc-talk",
    "nc",
    "zl",
    "zlu",
    "qq",
    "tg",
    "mm",
];

/// Where a heartbeat reports must be a channel that the release knows, or a word for none in particular.
fn heartbeat_targets(walk: &mut Walk) {
    let root = walk.config.root();
    let release = walk.dialect.release;
    let mut agents = vec![root.at("agents.defaults")];
    agents.extend(root.at("agents.list").items());
    agents.extend(root.at("agents.entries").entries().map(|(_, agent)| agent));
    let Some(table) = Table::of(walk.dialect).find("channels") else { return };
    let keys = table.children().map(Key::name).filter(|name| !matches!(*name, "*" | "defaults" | "modelByChannel"));
    let known: Vec<&str> = keys.chain(shipped(walk.version())).collect();
    let aliases = if release == Release::V2026_2 { 4 } else { CHANNEL_ALIASES.len() };
    for agent in &agents {
        let target = agent.get("heartbeat").get("target");
        let Some(name) = target.str().map(|name| name.trim().to_lowercase()) else { continue };
        let word = matches!(&*name, "last" | "none") || name == "owner" && release == Release::V2026_9;
        let other = CHANNEL_ALIASES.iter().take(aliases).any(|alias| *alias == name);
        if word || other || known.contains(&&*name) || !walk.config.upstream() && may_bring_channels(&root) {
            continue;
        }
        let message = if name.is_empty() {
            format!("{} must not be empty", target.path())
        } else {
            let near = suggest::nearest(&name, known.iter().copied().chain(["last", "none"]));
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            format!("{} is no channel of {}{hint}", target.path(), walk.version())
        };
        walk.refuse(InvalidValue, target.place(), message);
    }
}

/// Could a plugin that the release does not ship be installed?
fn may_bring_channels(root: &Found<'_>) -> bool {
    let plugins = root.get("plugins");
    let filled = |found: Found<'_>| found.entries().next().is_some() || found.items().next().is_some();
    ["entries", "installs", "allow"].into_iter().any(|key| filled(plugins.get(key))) || filled(plugins.at("load.paths"))
}

/// Search providers and the plugin that brings each; a release ships only some of the plugins.
const SEARCH: [(&str, &str); 13] = [
    ("brave", "brave"),
    ("duckduckgo", "duckduckgo"),
    ("exa", "exa"),
    ("firecrawl", "firecrawl"),
    ("gemini", "google"),
    ("grok", "xai"),
    ("kimi", "moonshot"),
    ("minimax", "minimax"),
    ("ollama", "ollama"),
    ("parallel", "parallel"),
    ("perplexity", "perplexity"),
    ("searxng", "searxng"),
    ("tavily", "tavily"),
];

/// Since 2026.5 a search provider is a matter of plugins: one that is not there is refused.
fn search_provider(walk: &mut Walk) {
    let release = walk.dialect.release;
    let provider = walk.config.root().at("tools.web.search.provider");
    let Some(name) = provider.str().map(str::trim).filter(|_| release > Release::V2026_2) else { return };
    if name.is_empty() {
        walk.refuse(InvalidValue, provider.place(), "tools.web.search.provider must not be empty".to_owned());
        return;
    }
    let plugin = SEARCH.iter().find(|(id, _)| *id == name).map(|(_, plugin)| *plugin);
    let ships = |id: &str| shipped(walk.version()).any(|shipped| shipped == id);
    if plugin.is_some_and(ships) {
        return;
    }
    // A configuration that speaks of the missing plugin is let through with a warning: one of its own since
    // 2026.5, one of the project's since 2026.9. What a gateway has installed no repository tells.
    let excused = (release == Release::V2026_9 || plugin.is_none())
        && (is_named(walk, name) && !ships(name) || plugin.is_some_and(|plugin| is_named(walk, plugin)));
    if excused || !walk.config.upstream() && (plugin.is_some() || may_bring_channels(&walk.config.root())) {
        return;
    }
    let near = suggest::nearest(name, SEARCH.iter().map(|(id, _)| *id).filter(|_| plugin.is_none()));
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let version = walk.version();
    let message = plugin.map_or_else(
        || format!("tools.web.search.provider is no search provider of {version}{hint}"),
        |plugin| format!("tools.web.search.provider needs the plugin {plugin}, which {version} does not ship"),
    );
    walk.refuse(InvalidValue, provider.place(), message);
}

/// Do `plugins.allow`, `entries` or `installs` speak of a plugin?
fn is_named(walk: &Walk, id: &str) -> bool {
    let plugins = walk.config.root().get("plugins");
    let same = |name: &str| name.trim().eq_ignore_ascii_case(id);
    plugins.get("allow").strings().any(|(name, _)| same(name))
        || ["entries", "installs"].into_iter().any(|key| plugins.get(key).entries().any(|(name, _)| same(name)))
}

/// The memory plugin that is chosen must exist and be set up. Every release refuses an unknown one, though since
/// 2026.5 it only warns of unknown ids elsewhere; 2026.2 says so with the other ids.
fn memory_slot(walk: &mut Walk) {
    let root = walk.config.root();
    let plugins = root.get("plugins");
    let slot = plugins.at("slots.memory");
    let Some(id) = slot.str().map(str::trim).filter(|id| !matches!(*id, "" | "none") && walk.config.upstream()) else {
        return;
    };
    let release = walk.dialect.release;
    let known = shipped(walk.version()).any(|shipped| shipped == id) || super::extras::is_local(walk, id);
    // 2026.9 runs without memory while its own plugin is missing.
    let excused = release == Release::V2026_9 && id == "memory-lancedb";
    if release > Release::V2026_2 && !known && !excused {
        let message = format!("plugins.slots.memory names the plugin {id:?}, which {} does not ship", walk.version());
        walk.refuse(InvalidValue, slot.place(), message);
    }
    if release == Release::V2026_2 && id == "memory-lancedb" {
        let config = plugins.get("entries").get(id).get("config");
        let listed = |key: &str| plugins.get(key).strings().any(|(name, _)| name.trim() == id);
        let allowed = plugins.get("allow").items().next().is_none() || listed("allow");
        if !config.exists() && allowed && !listed("deny") && !plugins.get("enabled").is_false() {
            let message = "plugins.entries.memory-lancedb.config.embedding is required to use that plugin".to_owned();
            walk.refuse(Conflict, slot.place(), message);
        }
    }
}
