//! Which tools an agent may use.

use crate::config;
use crate::model::tool_catalog as catalog;
use crate::model::tool_policy::glob;
use crate::rule::prelude::*;
use crate::secret;

/// Senders that one channel may trust with commands on the host before the list is hard to oversee.
const MANY_SENDERS: usize = 25;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tools.elevated.allowFrom.*.wildcard",
        summary: "Every sender of a channel may run commands on the host",
        severity: Severity::Critical,
        cwe: &[862],
        why: "An entry \"*\" lets every sender of that channel lift an agent out of its sandbox; one message from a \
              stranger is then a command on the host.",
        remedy: "Remove \"*\" from the list and name the senders that you trust.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[
            config!(r#"{ tools: { elevated: { allowFrom: { telegram: ["1001", «" * "»] } } } }"#),
            config!(r#"{ tools: { elevated: { enabled: true, allowFrom: { slack: [«"*"»] } } } }"#).on(V2026_2),
        ],
        good: &[
            config!(r#"{ tools: { elevated: { enabled: false, allowFrom: { telegram: ["*"] } } } }"#),
            config!(r#"{ tools: { elevated: { allowFrom: { telegram: ["*1001"], discord: [] } } } }"#),
        ],
        check: Check::Config(elevated_wildcard),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.elevated.allowFrom.*.large",
        summary: "Many senders of a channel may run commands on the host",
        severity: Severity::Warn,
        cwe: &[250],
        why: "Everyone on the list can lift an agent out of its sandbox; a long list is rarely reviewed and one stolen \
              account is enough.",
        remedy: "Shorten the list to the few senders who need commands on the host.",
        bad: &[config!(
            "{ tools: { elevated: { allowFrom: { «slack»: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,\
             23,24,25,26] } } } }"
        )],
        good: &[config!(
            "{ tools: { elevated: { allowFrom: { slack: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,\
             24,25, ' '] } } } }"
        )],
        check: Check::Config(elevated_large),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.profile_minimal_overridden",
        summary: "An agent overrides the common tool profile \"minimal\"",
        severity: Severity::Warn,
        versions: Versions::OPENCLAW,
        also: Some(Versions::ALL),
        cwe: &[1220],
        why: "The common profile promises that agents can do next to nothing; this agent's own profile replaces it.",
        remedy: "Remove the agent's tools.profile, or set it to \"minimal\".",
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[
            config!(
                r#"{ tools: { profile: "minimal" }, agents: { entries: { main: {}, dev: { tools: { profile: «"coding"» } } } } }"#
            ),
            config!(
                r#"{ tools: { profile: "minimal" }, agents: { list: [{ id: "a", tools: { profile: «"full"» } }] } }"#
            )
            .on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ tools: { profile: "coding" }, agents: { entries: { dev: { tools: { profile: "full" } } } } }"#
            ),
            config!(
                r#"{ tools: { profile: "minimal" }, agents: { entries: { a: { tools: { profile: "minimal" } }, b: { tools: { profile: "${PROFILE}" } } } } }"#
            ),
        ],
        check: Check::Config(minimal_overridden),
        ..Rule::DEFAULT
    },
    Rule {
        id: "tools.policy_dead_entry",
        summary: "A tool policy names a tool that does not exist",
        severity: Severity::Info,
        confidence: Confidence::Medium,
        profiles: Profiles::OURS,
        cwe: &[1023],
        why: "In a deny list the entry stops nothing, although a reader believes that it does; in an allow list it \
              allows nothing and shuts out every real tool that is not listed.",
        remedy: "Replace the entry with the real name of the tool or group, or remove it.",
        bad: &[
            config!(r#"{ tools: { deny: ["exec", «"browser.search"», «"python"», «"system.run"»] } }"#),
            config!(
                r#"{ agents: { entries: { dev: { tools: { allow: ["group:fs", «"group:files"», «"web_serch"»] } } } } }"#
            ),
            config!(r#"{ tools: { allow: ["read", «"view_image"»], deny: [«"zap*"»] } }"#).on(V2026_2),
        ],
        good: &[
            config!(
                r#"{ tools: { allow: [" Bash", "apply-patch", "cron", "image", "group:plugins", "sess*", "*", "bundle-mcp"] } }"#
            ),
            config!(
                r#"{ plugins: { entries: { lobster: {} } }, tools: { deny: ["lobster", "my_plugin_tool", "${TOOL}"] } }"#
            ),
            config!(r#"{ mcp: { servers: { linear: { command: "npx" } } }, tools: { allow: ["linear__search"] } }"#),
        ],
        check: Check::Config(dead_entries),
        ..Rule::DEFAULT
    },
];

/// The lists of senders per channel, unless elevated commands are switched off.
fn elevated_lists(config: &Config) -> impl Iterator<Item = (&str, Found<'_>)> {
    let elevated = config.at("tools.elevated");
    let off = elevated.get("enabled").is_false();
    elevated.get("allowFrom").entries().filter(move |_| !off)
}

fn wildcard<'a>(senders: &Found<'a>) -> Option<Found<'a>> {
    senders.strings().find(|(sender, _)| sender.trim() == "*").map(|(_, entry)| entry)
}

fn elevated_wildcard(config: &Config, report: &mut Report) {
    for (channel, senders) in elevated_lists(config) {
        if let Some(entry) = wildcard(&senders) {
            let message = format!("{} lets every sender run commands on the host", senders.path());
            report.at(entry.place(), message).part(channel);
        }
    }
}

fn elevated_large(config: &Config, report: &mut Report) {
    for (channel, senders) in elevated_lists(config) {
        let blank = |entry: &Found<'_>| entry.str().is_some_and(|sender| sender.trim().is_empty());
        let count = senders.items().filter(|entry| !blank(entry)).count();
        if count > MANY_SENDERS && wildcard(&senders).is_none() {
            report.at(senders.place(), format!("{} names {count} senders", senders.path())).part(channel);
        }
    }
}

fn minimal_overridden(config: &Config, report: &mut Report) {
    let common = config.at("tools.profile");
    if !common.is("minimal") {
        return;
    }
    for agent in config.agents() {
        let own = agent.found.at("tools.profile");
        let other = own.str().filter(|profile| !profile.is_empty() && *profile != "minimal");
        if let Some(profile) = other {
            let message =
                format!("agent \"{}\" has the profile \"{profile}\" although tools.profile is \"minimal\"", agent.id);
            report.at(own.place(), message).related(&common.place(), "the common profile");
        }
    }
}

/// Names that people write for a tool that is called otherwise.
const MISNOMERS: [(&str, &str); 22] = [
    ("browser.search", "web_search"),
    ("browser.navigate", "browser"),
    ("browser.open", "browser"),
    ("web.search", "web_search"),
    ("web.fetch", "web_fetch"),
    ("websearch", "web_search"),
    ("webfetch", "web_fetch"),
    ("fetch", "web_fetch"),
    ("python", "exec"),
    ("python3", "exec"),
    ("node", "exec"),
    ("shell", "exec"),
    ("sh", "exec"),
    ("zsh", "exec"),
    ("command", "exec"),
    ("run", "exec"),
    ("read_file", "read"),
    ("write_file", "write"),
    ("edit_file", "edit"),
    ("file_read", "read"),
    ("file_write", "write"),
    ("sessions.spawn", "sessions_spawn"),
];

fn dead_entries(config: &Config, report: &mut Report) {
    let scopes =
        std::iter::once(config.at("tools")).chain(config.agents().into_iter().map(|agent| agent.found.get("tools")));
    for scope in scopes {
        for key in ["allow", "alsoAllow", "deny"] {
            let list = scope.get(key);
            for (name, entry) in list.strings() {
                judge_entry(config, name, &entry, key == "deny", report);
            }
        }
    }
}

fn judge_entry(config: &Config, written: &str, entry: &Found<'_>, denies: bool, report: &mut Report) {
    let release = config.dialect.release;
    let name = catalog::normalise(written, release);
    if name.is_empty() || is_known(config, &name) {
        return;
    }
    let lead = MISNOMERS.iter().find(|(wrong, _)| *wrong == name).map(|(_, right)| *right);
    let near = || catalog::tools(release).map(|tool| tool.name).find(|tool| is_slip(&name, tool));
    // A dot cannot stand in a tool's name, and the groups are a closed list.
    let certain = lead.is_some() || name.contains('.') || name.starts_with("group:");
    let suggestion = lead.or_else(near);
    if !certain && suggestion.is_none() && may_add_tools(config) {
        return;
    }
    let effect = if denies { "stops nothing" } else { "allows nothing" };
    let hint = suggestion.map(|tool| format!("; the tool is called \"{tool}\"")).unwrap_or_default();
    let version = config.dialect.version();
    let shown = secret::quotable(written, 60);
    let said = report.at(entry.place(), format!("\"{shown}\" is no tool of {version} and {effect}{hint}"));
    // A name that is not denied yet, or a tool that is granted by it, is for the owner to decide.
    let safety = if denies { Safety::Unsafe } else { Safety::Manual };
    let fix = |tool: &str| Fix::new(safety, format!("Write {tool} instead of {shown}"), [entry.set(tool)]);
    let said = said.maybe(suggestion.map(fix));
    if certain {
        said.confidence(Confidence::High);
    } else if suggestion.is_none() {
        said.confidence(Confidence::Low);
    }
}

/// Does anything of this release, or of the plugins that the configuration names, bear this name?
fn is_known(config: &Config, name: &str) -> bool {
    let release = config.dialect.release;
    if name == "group:plugins" || catalog::group(name, release).is_some() || catalog::is_tool(name, release) {
        return true;
    }
    if name.contains('*') {
        return catalog::tools(release).any(|tool| glob(name, tool.name)) || may_add_tools(config);
    }
    let plugins = config.at("plugins");
    let listed = |key: &str| plugins.get(key).strings().any(|(id, _)| id.trim().to_lowercase() == name);
    let channel = config.at("channels").get(name).exists();
    channel || listed("allow") || plugins.get("entries").entries().any(|(id, _)| id.to_lowercase() == name)
}

/// Could tools come from somewhere that is not in this configuration's release?
fn may_add_tools(config: &Config) -> bool {
    let filled = |path| config.at(path).entries().next().is_some() || config.at(path).items().next().is_some();
    ["plugins.entries", "plugins.allow", "plugins.load.paths", "plugins.installs", "mcp.servers", "channels"]
        .into_iter()
        .any(filled)
}

/// Is `written` one slip of the pen away from `tool`: a letter missing, added, changed or two swapped?
pub(super) fn is_slip(written: &str, tool: &str) -> bool {
    let (a, b) = (written.as_bytes(), tool.as_bytes());
    if a.len() < 5 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let shortest = a.len().min(b.len());
    if a.len() != b.len() {
        return head + tail >= shortest;
    }
    let (from, to) = (head, a.len().saturating_sub(tail));
    let swapped = to == from + 2 && a.get(from) == b.get(from + 1) && a.get(from + 1) == b.get(from);
    to <= from + 1 || swapped
}
