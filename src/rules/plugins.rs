//! Which plugins may load, who can reach their tools, and how they were installed.

use std::collections::BTreeSet;

use crate::config;
use crate::model::npm_spec::is_pinned;
use crate::model::plugin_dirs::PluginDir;
use crate::model::schema::ships;
use crate::model::tool_catalog;
use crate::model::tool_policy::Context;
use crate::rule::prelude::*;

/// Install records were part of the configuration up to 2026.2; 2026.5 reads its own index, but still
/// accepts the key.
const RECORDS: Versions = Versions::range(V2026_2, V2026_5).and_closedclaw();

const FOO: (&str, &str) = ("extensions/foo/openclaw.plugin.json", r#"{ "id": "foo", "configSchema": {} }"#);

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "plugins.extensions_no_allowlist",
        summary: "Plugins are installed, and any of them may load",
        severity: Severity::Critical,
        cwe: &[829],
        why: "A plugin is code inside the gateway process. Without plugins.allow, whatever lands in the extensions \
              directory can run.",
        remedy: "Set plugins.allow to the ids that you trust.",
        links: &["https://docs.openclaw.ai/plugins"],
        bad: &[
            Example::files(&[("openclaw.json", "{ «plugins»: { entries: {} } }"), FOO]),
            Example::files(&[("openclaw.json", r#"{ channels: { telegram: { botToken: "${T}" } }, plugins: { «allow»: [] } }"#), FOO]),
        ],
        good: &[
            Example::files(&[("openclaw.json", r#"{ plugins: { allow: ["foo"] } }"#), FOO]),
            Example::files(&[("openclaw.json", "{ plugins: {} }"), ("extensions/foo.disabled/openclaw.plugin.json", "{}")]),
            Example::files(&[("openclaw.json", "{ plugins: {} }"), ("extensions/notes/readme.md", "")]),
        ],
        check: Check::Config(no_allowlist),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.allow_phantom_entries",
        summary: "plugins.allow names a plugin that is not there",
        versions: Versions::since(V2026_5),
        cwe: &[829],
        why: "Whoever installs something under that id is trusted in advance.",
        remedy: "Remove the entry, or install the plugin.",
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[Example::files(&[("openclaw.json", r#"{ plugins: { allow: ["foo", «"ghost"»] } }"#), FOO])],
        good: &[
            Example::files(&[("openclaw.json", r#"{ plugins: { allow: ["FOO", "telegram", "group:plugins"] } }"#), FOO]),
            config!(r#"{ plugins: { allow: ["ghost"] } }"#),
        ],
        check: Check::Config(phantom),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.tools_reachable_permissive_policy",
        summary: "Tools of plugins can be used under a tool policy that limits nothing",
        regular: Some(Severity::Info),
        versions: Versions::OPENCLAW,
        cwe: &[862],
        why: "A plugin's tools are not part of any profile: with a policy that allows unknown names, every agent in that \
              scope can call them, also on behalf of a stranger.",
        remedy: "Set tools.profile to a restrictive profile and allow single plugin tools where they are needed.",
        repair: Repair::Set(Safety::Manual, &[("tools.profile", r#""coding""#)]),
        bad: &[
            Example::files(&[("openclaw.json", r#"{ «plugins»: { allow: ["foo"] } }"#), FOO]),
            Example::files(&[
                ("openclaw.json", r#"{ plugins: { allow: ["foo"] }, tools: { «allow»: ["read", "group:plugins"] } }"#),
                FOO,
            ]),
            Example::files(&[
                (
                    "openclaw.json",
                    r#"{ tools: { profile: "coding" }, agents: { entries: { a: { tools: { profile: «"full"» } } } } }"#,
                ),
                FOO,
            ]),
        ],
        good: &[
            Example::files(&[("openclaw.json", r#"{ tools: { profile: "coding" } }"#), FOO]),
            Example::files(&[("openclaw.json", r#"{ tools: { allow: ["read"] } }"#), FOO]),
            Example::files(&[("openclaw.json", "{ plugins: { entries: { foo: { enabled: false } } } }"), FOO]),
            Example::files(&[("openclaw.json", r#"{ plugins: { allow: ["telegram"] } }"#), FOO]),
        ],
        check: Check::Config(reachable),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.installs_unpinned_npm_specs",
        summary: "A plugin was installed without an exact version",
        versions: Versions::only(V2026_2),
        also: Some(RECORDS),
        scope: Scope::Deps,
        cwe: &[1357],
        why: "The next installation takes whatever version is newest then.",
        remedy: "Reinstall it with an exact version (name@1.2.3).",
        bad: &[
            config!(r#"{ plugins: { installs: { a: { source: "npm", spec: «"a@latest"», integrity: "sha512-x" } } } }"#)
                .on(V2026_2),
        ],
        good: &[
            config!(r#"{ plugins: { installs: { a: { source: "npm", spec: "@s/a@1.2.3-beta.1", integrity: "sha512-x" } } } }"#)
                .on(V2026_2),
            config!(r#"{ plugins: { installs: { a: { source: "path", spec: "a" } } } }"#).on(V2026_2),
        ],
        check: Check::Config(unpinned),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.installs_missing_integrity",
        summary: "A plugin was installed without an integrity hash",
        versions: Versions::only(V2026_2),
        also: Some(RECORDS),
        scope: Scope::Deps,
        cwe: &[353],
        why: "Nothing tells whether the package that is installed again is the same one.",
        remedy: "Reinstall the plugin so that its integrity is recorded.",
        bad: &[config!(r#"{ plugins: { installs: { «a»: { source: "npm", spec: "a@1.0.0", integrity: " " } } } }"#)
            .on(V2026_2)],
        good: &[
            config!(r#"{ plugins: { installs: { a: { source: "npm", spec: "a@1.0.0", integrity: "sha512-x" } } } }"#)
                .on(V2026_2),
            config!(r#"{ plugins: { installs: { a: { source: "archive" } } } }"#).on(V2026_2),
        ],
        check: Check::Config(no_integrity),
        ..Rule::DEFAULT
    },
    Rule {
        id: "plugins.installs_version_drift",
        summary: "An installed plugin is not the version that was recorded",
        versions: Versions::only(V2026_2),
        also: Some(RECORDS),
        scope: Scope::Deps,
        cwe: &[1104],
        why: "The plugin was changed behind the record: an update that nobody reviewed, or a replaced package.",
        remedy: "Reinstall the plugin and compare what changed.",
        bad: &[Example::files(&[
            ("openclaw.json", r#"{ plugins: { installs: { «foo»: { source: "npm", version: "1.0.0" } } } }"#),
            ("extensions/foo/package.json", r#"{ "name": "foo", "version": "1.0.1" }"#),
        ])
        .on(V2026_2)],
        good: &[
            Example::files(&[
                ("openclaw.json", r#"{ plugins: { installs: { foo: { source: "npm", version: "1", resolvedVersion: "1.0.1" } } } }"#),
                ("extensions/foo/package.json", r#"{ "name": "foo", "version": "1.0.1" }"#),
            ])
            .on(V2026_2),
            config!(r#"{ plugins: { installs: { foo: { source: "npm", version: "1.0.0" } } } }"#).on(V2026_2),
        ],
        check: Check::Config(drift),
        ..Rule::DEFAULT
    },
];

fn no_allowlist(config: &Config, report: &mut Report) {
    let plugins = config.plugin_dirs();
    let allow = config.at("plugins.allow");
    if plugins.is_empty() || allow.items().next().is_some() {
        return;
    }
    let severity = if has_skill_commands(config) { Severity::Critical } else { Severity::Warn };
    let message = format!("{} in extensions, but plugins.allow names none", count(&plugins));
    let names: Vec<&str> = plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    let title = format!("Set plugins.allow to the ids that you use, such as {}", serde_json::json!(names));
    report.at(allow.place(), message).severity(severity).fix(Safety::Manual, title, []);
}

fn count(plugins: &[PluginDir]) -> String {
    match plugins {
        [one] => format!("the plugin \"{}\" is", one.name),
        many => format!("{} plugins are", many.len()),
    }
}

/// Can a chat start skills by native commands?
fn has_skill_commands(config: &Config) -> bool {
    [("telegram", true), ("discord", true), ("slack", false)].into_iter().any(|(channel, automatic)| {
        let section = config.root().get("channels").get(channel);
        let own = section.get("commands").get("nativeSkills");
        let setting = if own.exists() { own } else { config.root().get("commands").get("nativeSkills") };
        let known = !config.upstream() || ships(config.dialect.release, channel);
        known && setting.bool().unwrap_or(automatic) && !config.accounts_of(channel, section).is_empty()
    })
}

fn phantom(config: &Config, report: &mut Report) {
    let mut known: BTreeSet<String> = config.plugin_dirs().into_iter().map(|dir| dir.name.to_lowercase()).collect();
    if known.is_empty() {
        return;
    }
    let manifests = config.project.of_kind(DocumentKind::PluginManifest).filter_map(Document::root);
    known.extend(manifests.filter_map(|root| root.get("id").str().map(str::to_lowercase)));
    if !config.upstream() {
        known.extend(config.at("plugins.installs").entries().map(|(id, _)| id.to_lowercase()));
    }
    for (id, entry) in config.at("plugins.allow").strings() {
        let lower = id.trim().to_lowercase();
        if id != "group:plugins" && !known.contains(&lower) && !ships(config.dialect.release, &lower) {
            report.at(entry.place(), format!("no plugin \"{id}\" is installed"));
        }
    }
}

/// The installed plugins that would be loaded.
fn enabled(config: &Config) -> BTreeSet<String> {
    let plugins = config.root().get("plugins");
    if plugins.get("enabled").is_false() {
        return BTreeSet::new();
    }
    let list = |key: &str| -> BTreeSet<String> {
        let names = plugins.get(key).strings().map(|(id, _)| id.trim().to_lowercase()).collect::<BTreeSet<_>>();
        names.into_iter().filter(|id| !id.is_empty()).collect()
    };
    let (allow, deny) = (list("allow"), list("deny"));
    let off = |id: &str| {
        plugins
            .get("entries")
            .entries()
            .any(|(key, entry)| key.trim().eq_ignore_ascii_case(id) && entry.get("enabled").is_false())
    };
    let ids = config.plugin_dirs().into_iter().map(|dir| dir.name.trim().to_lowercase());
    ids.filter(|id| !deny.contains(id) && (allow.is_empty() || allow.contains(id)) && !off(id)).collect()
}

fn reachable(config: &Config, report: &mut Report) {
    let plugins = enabled(config);
    if plugins.is_empty() {
        return;
    }
    let contexts = config.tool_contexts();
    let Some(context) = contexts.iter().find(|context| reaches(config, context, &plugins)) else { return };
    let tools = config.root().get("tools");
    let common = [tools.get("profile"), tools.get("allow"), config.root().get("plugins")];
    let place = match context.agent {
        Some(_) => context.policy_at(config).place(),
        None => common.into_iter().find(Found::exists).unwrap_or(tools).place(),
    };
    report.at(place, format!("{} can use tools of plugins", context.name()));
}

/// Can a tool that no list names be used in a scope, or does a list name plugins?
fn reaches(config: &Config, context: &Context<'_>, plugins: &BTreeSet<String>) -> bool {
    if config.tool_policy(context, None).allows("clawsift_no_such_tool") {
        return true;
    }
    let profile = context.setting(config, "profile");
    if profile.str().is_some_and(|name| tool_catalog::profile(name, config.dialect.release).is_some()) {
        return false;
    }
    let own = context.agent.as_ref().map(|agent| agent.found.get("tools"));
    let scopes: Vec<Found<'_>> = own.into_iter().chain([config.root().get("tools")]).collect();
    let providers = scopes.iter().flat_map(|scope| scope.get("byProvider").entries()).map(|(_, scope)| scope);
    scopes.iter().cloned().chain(providers).any(|scope| {
        ["allow", "alsoAllow"].iter().any(|key| {
            scope.get(key).strings().any(|(name, _)| {
                let name = name.trim().to_lowercase();
                name == "group:plugins" || plugins.contains(&name)
            })
        })
    })
}

/// The records of plugins that came from npm.
fn from_npm(config: &Config) -> Vec<(&str, Found<'_>)> {
    config.at("plugins.installs").entries().filter(|(_, record)| record.get("source").is("npm")).collect()
}

fn unpinned(config: &Config, report: &mut Report) {
    let hits = from_npm(config).into_iter().filter_map(|(id, record)| {
        let spec = record.get("spec");
        let blank = |text: &str| text.trim().is_empty() && !config.upstream();
        let floats = spec.str().is_some_and(|text| !is_pinned(text) && !blank(text));
        let fix = super::hook_installs::pin(&spec, &record);
        floats.then(|| (spec.place(), format!("plugin \"{id}\" has no exact version"), fix))
    });
    report.gathered_with(Severity::Warn, ["plugin has none", "plugins have none"], hits);
}

fn no_integrity(config: &Config, report: &mut Report) {
    let hits = from_npm(config).into_iter().filter_map(|(id, record)| {
        let blank = record.get("integrity").text().is_none_or(|text| text.text.trim().is_empty());
        blank.then(|| (record.key_place(), format!("plugin \"{id}\" has no integrity hash")))
    });
    report.gathered(Severity::Warn, ["plugin has none", "plugins have none"], hits);
}

fn drift(config: &Config, report: &mut Report) {
    for (id, record) in from_npm(config) {
        let recorded = record.get("resolvedVersion").str().or_else(|| record.get("version").str());
        let manifest = config.project.document(&config.beside(&format!("extensions/{id}/package.json")));
        let installed = manifest.and_then(Document::root).and_then(|root| root.get("version").str());
        if let (Some(recorded), Some(installed)) = (recorded, installed)
            && recorded != installed
        {
            report
                .at(record.key_place(), format!("plugin \"{id}\" is recorded as {recorded}, installed as {installed}"));
        }
    }
}
