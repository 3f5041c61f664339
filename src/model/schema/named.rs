//! Plugins that a value asks for must exist: a search provider, a memory plugin. In a repository nothing tells
//! which plugins a gateway has installed, so only upstream's own answer asks.

use super::extras::{is_local, is_named_plugin, shipped};
use super::suggest;
use super::walk::Walk;
use crate::model::config::IssueKind::{Conflict, InvalidValue};
use crate::model::dialect::{Product, Release};

/// The checks that follow when the schema is content.
pub(super) fn check(walk: &mut Walk) {
    if walk.dialect.product == Product::OpenClaw && walk.config.upstream() {
        search_provider(walk);
        memory_slot(walk);
    }
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
    if plugin.is_some_and(ships) || is_local(walk, plugin.unwrap_or(name)) {
        return;
    }
    // A configuration that speaks of the missing plugin is let through with a warning: for one of the user's
    // own since 2026.5, for one of the project's since 2026.9.
    let speaks = is_named_plugin(walk, name) && !ships(name) || plugin.is_some_and(|id| is_named_plugin(walk, id));
    if speaks && (plugin.is_none() || release == Release::V2026_9) {
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

/// The memory plugin that is chosen must exist and be set up. Every release refuses an unknown one, though since
/// 2026.5 it only warns of unknown ids elsewhere; 2026.2 says so with the other ids.
fn memory_slot(walk: &mut Walk) {
    let root = walk.config.root();
    let plugins = root.get("plugins");
    let slot = plugins.at("slots.memory");
    let Some(id) = slot.str().map(str::trim).filter(|id| !matches!(*id, "" | "none")) else {
        return;
    };
    let release = walk.dialect.release;
    let known = shipped(walk.version()).any(|shipped| shipped == id) || is_local(walk, id);
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
