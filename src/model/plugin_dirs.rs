//! Where plugins are, and what they have the gateway load.

use std::collections::BTreeSet;

use super::code_safety;
use super::config::Config;
use super::document::Document;
use super::project::Project;
use crate::discover::{Entry, EntryKind};
use crate::kind::DocumentKind;
use crate::path::{dir_of, join};

/// A directory that holds an installed plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginDir {
    /// Its name, which is usually the plugin's id.
    pub name: String,
    /// Path relative to the scanned tree.
    pub path: String,
}

impl Config {
    /// The installed plugins beside the configuration, by name: `extensions/<name>`. In a repository
    /// a directory of that name counts only with a manifest in it.
    #[must_use]
    pub fn plugin_dirs(&self) -> Vec<PluginDir> {
        self.project.plugins_in(&self.dir)
    }
}

impl Project {
    /// The plugins below a presumed state directory.
    #[must_use]
    pub fn plugins_in(&self, state_dir: &str) -> Vec<PluginDir> {
        let dir = join(state_dir, "extensions");
        let tree = &self.tree;
        let plugins = tree.children(&dir).filter(|(name, entry)| entry.kind == EntryKind::Dir && !is_ignored(name));
        let plugins = plugins.map(|(name, entry)| PluginDir { name: name.to_owned(), path: entry.path.to_string() });
        let has = |plugin: &PluginDir, name: &str| tree.get(&join(&plugin.path, name)).is_some();
        let real = |plugin: &PluginDir| self.live || has(plugin, "openclaw.plugin.json") || has(plugin, "package.json");
        plugins.filter(real).collect()
    }

    /// The directories of all plugins: those installed beside a configuration and, in a repository, every
    /// one with a manifest of its own.
    #[must_use]
    pub fn plugin_roots(&self) -> BTreeSet<String> {
        let installed = self.configs.iter().flat_map(|config| self.plugins_in(dir_of(config)));
        let mut roots: BTreeSet<String> = installed.map(|plugin| plugin.path).collect();
        if !self.live {
            let manifests = self.of_kind(DocumentKind::PluginManifest).filter(|manifest| !manifest.sample);
            roots.extend(manifests.map(|manifest| dir_of(&manifest.path).to_owned()));
        }
        roots
    }

    /// The files of a plugin that upstream's scan of code reads, in its order.
    #[must_use]
    pub fn plugin_files<'a>(&'a self, plugin: &'a str) -> Vec<&'a Entry> {
        let named = self.plugin_entries(plugin);
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        code_safety::scanned_files(&self.tree, plugin, &named)
    }

    /// The files inside a plugin that its `package.json` has the gateway load.
    #[must_use]
    pub fn plugin_entries(&self, plugin: &str) -> Vec<String> {
        let root = self.document(&join(plugin, "package.json")).and_then(Document::root);
        let entries = root.map(|root| root.get("openclaw").get("extensions").strings().collect::<Vec<_>>());
        let inside = |path: &str| {
            let full = crate::path::lexical(&std::path::Path::new("/").join(plugin).join(path.trim()));
            let full = full.to_str()?.trim_start_matches('/').to_owned();
            full.starts_with(&join(plugin, "")).then_some(full)
        };
        entries.unwrap_or_default().into_iter().filter_map(|(path, _)| inside(path)).collect()
    }
}

/// Directories under `extensions` that are no plugins: dependencies, hidden ones, backups.
fn is_ignored(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower == "node_modules"
        || lower.starts_with('.')
        || lower.ends_with(".bak")
        || lower.contains(".backup-")
        || lower.contains(".disabled")
}
