//! Which tools an agent may use: every policy that applies to it must allow a tool.

use std::rc::Rc;

use super::agents::{Agent, Sandbox, SandboxMode};
use super::config::Config;
use super::dialect::Release::{self, V2026_2, V2026_5};
use super::tool_catalog::{self as catalog, SANDBOX_ALLOW, SANDBOX_DENY};
use super::value::Found;

/// Tools that run commands.
pub const RUNTIME: [&str; 2] = ["exec", "process"];
/// Tools that touch files.
pub const FILES: [&str; 4] = ["read", "write", "edit", "apply_patch"];
/// Tools that change files.
pub const WRITERS: [&str; 3] = ["write", "edit", "apply_patch"];

/// One scope that has its own policies: what agents inherit, or one agent.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The agent; none for what all agents inherit.
    pub agent: Option<Agent<'a>>,
    /// The sandbox of that scope.
    pub sandbox: Sandbox<'a>,
}

impl<'a> Context<'a> {
    /// The agent's own member of `tools` at `path`, when it is written.
    #[must_use]
    pub fn own(&self, path: &'a str) -> Option<Found<'a>> {
        let agent = self.agent.as_ref()?;
        Some(agent.found.get("tools").at(path)).filter(Found::exists)
    }

    /// What holds at `tools.<path>`: the agent's own value, else the common one.
    #[must_use]
    pub fn setting(&self, config: &'a Config, path: &'a str) -> Found<'a> {
        self.own(path).unwrap_or_else(|| config.root().get("tools").at(path))
    }

    /// How messages call it.
    #[must_use]
    pub fn name(&self) -> String {
        self.agent.as_ref().map_or_else(|| "every agent".to_owned(), |agent| format!("agent \"{}\"", agent.id))
    }

    /// Where a reader would look for the reason that a tool is (not) allowed here.
    #[must_use]
    pub fn policy_at(&self, config: &'a Config) -> Found<'a> {
        let own = ["deny", "allow", "profile"].into_iter().find_map(|key| self.own(key));
        let common = || ["deny", "allow", "profile"].into_iter().map(|key| config.root().get("tools").at(key));
        own.or_else(|| common().find(Found::exists)).unwrap_or_else(|| config.root().get("tools"))
    }
}

/// The policies of one scope.
#[derive(Clone, Debug, Default)]
pub struct ToolPolicy {
    parts: Vec<Part>,
}

impl ToolPolicy {
    /// Does every policy allow `tool`? A policy with an entry that only the environment knows allows nothing.
    #[must_use]
    pub fn allows(&self, tool: &str) -> bool {
        self.parts.iter().all(|part| part.allows(tool))
    }

    /// Those of `tools` that every policy allows.
    #[must_use]
    pub fn allowed<'t>(&self, tools: &[&'t str]) -> Vec<&'t str> {
        tools.iter().copied().filter(|tool| self.allows(tool)).collect()
    }
}

/// One policy: names and globs, groups already expanded.
#[derive(Clone, Debug, Default)]
struct Part {
    allow: Vec<String>,
    deny: Vec<String>,
    opaque: bool,
}

impl Part {
    fn allows(&self, tool: &str) -> bool {
        let named = |list: &[String], tool: &str| list.iter().any(|pattern| glob(pattern, tool));
        if self.opaque || named(&self.deny, tool) {
            return false;
        }
        // Whoever may write files may write them as patches.
        self.allow.is_empty()
            || named(&self.allow, tool)
            || tool == "apply_patch" && self.allow.iter().any(|pattern| glob(pattern, "write"))
    }
}

/// Does a pattern, in which `*` stands for any text, match `name`?
#[must_use]
pub fn glob(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let Some((middle, tail)) = rest.rsplit_once('*') else { return name.ends_with(rest) };
    for piece in middle.split('*') {
        let Some(at) = name.find(piece) else { return false };
        name = name.get(at + piece.len()..).unwrap_or_default();
    }
    name.ends_with(tail)
}

impl Config {
    /// What agents inherit, then every agent.
    #[must_use]
    pub fn tool_contexts(&self) -> Vec<Context<'_>> {
        let mut contexts = vec![Context { agent: None, sandbox: self.sandbox(None) }];
        for agent in self.agents() {
            let sandbox = self.sandbox(Some(&agent));
            contexts.push(Context { agent: Some(agent), sandbox });
        }
        contexts
    }

    /// The policies of a scope; with `model` (`provider`, `model`) also those of that provider.
    #[must_use]
    pub fn tool_policy(&self, context: &Context<'_>, model: Option<(&str, &str)>) -> Rc<ToolPolicy> {
        if model.is_some() {
            return Rc::new(self.build_tool_policy(context, model));
        }
        // Many rules ask the same question about the same agent.
        let agent = context.agent.as_ref().map(|agent| agent.found.span());
        let known = self.policies.borrow().get(&agent).cloned();
        known.unwrap_or_else(|| {
            let policy = Rc::new(self.build_tool_policy(context, None));
            self.policies.borrow_mut().insert(agent, Rc::clone(&policy));
            policy
        })
    }

    fn build_tool_policy(&self, context: &Context<'_>, model: Option<(&str, &str)>) -> ToolPolicy {
        let release = self.dialect.release;
        let common = self.root().get("tools");
        let own = context.agent.as_ref().map(|agent| agent.found.get("tools"));
        let scopes = || std::iter::once(&common).chain(own.as_ref());
        let mut parts = Vec::new();
        parts.extend(self.profile_part(&common, own.as_ref()));
        parts.extend(scopes().filter_map(|scope| written_part(scope, release)));
        if let Some((provider, model)) = model.filter(|_| release >= V2026_5) {
            let narrowed = scopes().filter_map(|scope| provider_scope(&scope.get("byProvider"), provider, model));
            parts.extend(narrowed.flat_map(|scope| {
                let profile = profile_of(&scope.get("profile"), release);
                profile.into_iter().chain(written_part(&scope, release))
            }));
        }
        if context.sandbox.mode == SandboxMode::All {
            parts.push(self.sandbox_part(&common, own.as_ref()));
        }
        ToolPolicy { parts }
    }

    /// `tools.profile`, the agent's before the common one, widened by `alsoAllow` in 2026.9.
    fn profile_part(&self, common: &Found<'_>, own: Option<&Found<'_>>) -> Option<Part> {
        let release = self.dialect.release;
        let pick = |key: &'static str| own.map(|own| own.get(key)).filter(Found::exists).unwrap_or(common.get(key));
        let mut part = profile_of(&pick("profile"), release)?;
        if release > V2026_5 {
            let extra = own.map(|own| own.get("alsoAllow")).filter(Found::is_list).unwrap_or(common.get("alsoAllow"));
            part.allow.extend(names(&extra, release));
        }
        Some(part)
    }

    /// What a container adds: `tools.sandbox.tools`, list by list, with the release's own defaults.
    fn sandbox_part(&self, common: &Found<'_>, own: Option<&Found<'_>>) -> Part {
        let release = self.dialect.release;
        let list = |key: &'static str| {
            let own = own.map(|own| sandbox_list(own, key)).filter(Found::is_list);
            own.or_else(|| Some(sandbox_list(common, key)).filter(Found::is_list))
        };
        let (allow, also, deny) = (list("allow"), list("alsoAllow"), list("deny"));
        let opaque = [&allow, &also, &deny].into_iter().flatten().any(has_unknown);
        let known = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let also = also.filter(|_| release > V2026_2).map(|list| names(&list, release)).unwrap_or_default();
        let written: Vec<String> = allow.iter().flat_map(|list| names(list, release)).chain(also.clone()).collect();
        let everything = allow.as_ref().is_some_and(|_| written.is_empty()) && release > V2026_2;
        let mut part = Part { opaque, allow: written.clone(), deny: Vec::new() };
        if allow.is_none() {
            part.allow.splice(0..0, known(SANDBOX_ALLOW));
        }
        if !everything {
            // Looking at pictures is never taken away unless it is denied by name.
            part.allow.extend(known(&["image", "view_image"]));
        }
        part.deny = match deny {
            Some(list) => names(&list, release),
            None => known(SANDBOX_DENY),
        };
        if list("deny").is_none() && release > V2026_2 {
            part.deny.retain(|name| !written.iter().any(|pattern| glob(pattern, name)));
        }
        part
    }
}

/// One list of `tools.sandbox.tools`.
fn sandbox_list<'a>(tools: &Found<'a>, key: &'a str) -> Found<'a> {
    tools.get("sandbox").get("tools").get(key)
}

/// The policy of a profile name.
fn profile_of(name: &Found<'_>, release: Release) -> Option<Part> {
    if name.is_unknown() {
        return Some(Part { opaque: true, ..Part::default() });
    }
    let allow = catalog::profile(name.str()?, release)?;
    Some(Part { allow: allow.into_iter().map(str::to_owned).collect(), ..Part::default() })
}

/// The policy that `allow`, `alsoAllow` and `deny` of one object make; none when they say nothing.
fn written_part(scope: &Found<'_>, release: Release) -> Option<Part> {
    let (allow, also, deny) = (scope.get("allow"), scope.get("alsoAllow"), scope.get("deny"));
    let extra = names(&also, release);
    if !allow.is_list() && extra.is_empty() && !deny.is_list() {
        return None;
    }
    let opaque = [&allow, &also, &deny].into_iter().any(has_unknown);
    let mut allowed = names(&allow, release);
    if allowed.is_empty() && !extra.is_empty() {
        // Additions to nothing are additions to everything.
        allowed.push("*".to_owned());
    }
    allowed.extend(extra);
    Some(Part { allow: allowed, deny: names(&deny, release), opaque })
}

/// The entry of `byProvider` for a model: the most exact key wins.
fn provider_scope<'a>(by: &Found<'a>, provider: &str, model: &str) -> Option<Found<'a>> {
    let full = format!("{provider}/{model}").to_lowercase();
    let find = |wanted: &str| by.entries().find(|(key, _)| key.trim().to_lowercase() == wanted).map(|(_, found)| found);
    find(&full).or_else(|| find(&provider.to_lowercase()))
}

fn has_unknown(list: &Found<'_>) -> bool {
    list.items().any(|item| item.is_unknown())
}

/// The normalised names of a list, groups expanded.
fn names(list: &Found<'_>, release: Release) -> Vec<String> {
    let mut out = Vec::new();
    for (name, _) in list.strings() {
        let name = catalog::normalise(name, release);
        match catalog::group(&name, release) {
            Some(members) => out.extend(members.into_iter().map(str::to_owned)),
            None if name.is_empty() => {}
            None => out.push(name),
        }
    }
    out
}
