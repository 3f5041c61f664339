//! Which tools each release has, and which group and profile holds them.

use super::dialect::Release::{self, V2026_2, V2026_5, V2026_9};

/// A tool that the gateway itself offers.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its name in policies.
    pub name: &'static str,
    /// The group that holds it, without `group:`; empty for a pseudo tool of the profiles.
    group: &'static str,
    since: Release,
    until: Release,
    /// Last release in which it is part of `group:openclaw`, if it ever was.
    core_until: Option<Release>,
    minimal: Option<Release>,
    coding: Option<Release>,
    messaging: Option<Release>,
}

impl Tool {
    const fn new(name: &'static str, group: &'static str, since: Release) -> Self {
        let core_until = Some(V2026_9);
        Self { name, group, since, until: V2026_9, core_until, minimal: None, coding: None, messaging: None }
    }

    const fn until(self, until: Release) -> Self {
        Self { until, ..self }
    }

    const fn core_until(self, core_until: Option<Release>) -> Self {
        Self { core_until, ..self }
    }

    const fn minimal(self, since: Release) -> Self {
        Self { minimal: Some(since), ..self }
    }

    const fn coding(self, since: Release) -> Self {
        Self { coding: Some(since), ..self }
    }

    const fn messaging(self, since: Release) -> Self {
        Self { messaging: Some(since), ..self }
    }

    /// Does `release` have it?
    fn exists(self, release: Release) -> bool {
        (self.since..=self.until).contains(&release)
    }
}

/// Every tool of the three releases, by group.
const TOOLS: &[Tool] = &[
    Tool::new("ls", "fs", V2026_9).core_until(None).coding(V2026_9),
    Tool::new("read", "fs", V2026_2).core_until(None).coding(V2026_2),
    Tool::new("write", "fs", V2026_2).core_until(None).coding(V2026_2),
    Tool::new("edit", "fs", V2026_2).core_until(None).coding(V2026_2),
    Tool::new("apply_patch", "fs", V2026_2).core_until(None).coding(V2026_2),
    Tool::new("exec", "runtime", V2026_2).core_until(None).coding(V2026_2),
    Tool::new("process", "runtime", V2026_2).core_until(None).coding(V2026_2),
    Tool::new("code_execution", "runtime", V2026_5).coding(V2026_5),
    Tool::new("secrets", "runtime", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("web_search", "web", V2026_2).coding(V2026_5),
    Tool::new("web_fetch", "web", V2026_2).coding(V2026_5),
    Tool::new("x_search", "web", V2026_5).coding(V2026_5),
    Tool::new("memory_search", "memory", V2026_2).coding(V2026_2),
    Tool::new("memory_get", "memory", V2026_2).coding(V2026_2),
    Tool::new("sessions", "sessions", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("sessions_list", "sessions", V2026_2).coding(V2026_2).messaging(V2026_2),
    Tool::new("sessions_history", "sessions", V2026_2).coding(V2026_2).messaging(V2026_2),
    Tool::new("sessions_search", "sessions", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("conversations_list", "sessions", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("conversations_send", "sessions", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("conversations_turn", "sessions", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("sessions_send", "sessions", V2026_2).coding(V2026_2).messaging(V2026_2),
    Tool::new("sessions_spawn", "sessions", V2026_2).coding(V2026_2).messaging(V2026_9),
    Tool::new("github_identity_status", "sessions", V2026_9).coding(V2026_9),
    Tool::new("github_publish", "sessions", V2026_9).coding(V2026_9),
    Tool::new("agents_wait", "sessions", V2026_9).coding(V2026_9),
    Tool::new("sessions_yield", "sessions", V2026_5).coding(V2026_5).messaging(V2026_9),
    Tool::new("subagents", "sessions", V2026_2).coding(V2026_2).messaging(V2026_9),
    Tool::new("session_status", "sessions", V2026_2).minimal(V2026_2).coding(V2026_2).messaging(V2026_2),
    Tool::new("suggest_task", "sessions", V2026_9).coding(V2026_9),
    Tool::new("dismiss_task", "sessions", V2026_9).coding(V2026_9),
    Tool::new("browser", "ui", V2026_2),
    Tool::new("canvas", "ui", V2026_2).core_until(Some(V2026_2)),
    Tool::new("screen", "ui", V2026_9).coding(V2026_9),
    Tool::new("theme", "ui", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("dashboard", "ui", V2026_9).coding(V2026_9),
    Tool::new("terminal", "ui", V2026_9).coding(V2026_9),
    Tool::new("portal", "ui", V2026_9).coding(V2026_9),
    Tool::new("show_widget", "ui", V2026_9),
    Tool::new("message", "messaging", V2026_2).messaging(V2026_2),
    Tool::new("cron", "automation", V2026_2).until(V2026_5).coding(V2026_2),
    Tool::new("automations", "automation", V2026_9).coding(V2026_9),
    Tool::new("heartbeat_respond", "automation", V2026_5),
    Tool::new("gateway", "automation", V2026_2).minimal(V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("plugins", "automation", V2026_9).coding(V2026_9),
    Tool::new("openclaw", "automation", V2026_9),
    Tool::new("nodes", "nodes", V2026_2),
    Tool::new("computer", "nodes", V2026_9),
    Tool::new("mobile_ui", "nodes", V2026_9),
    Tool::new("agents_list", "agents", V2026_2),
    Tool::new("update_plan", "agents", V2026_5).until(V2026_5).coding(V2026_5),
    Tool::new("get_goal", "agents", V2026_9).coding(V2026_9),
    Tool::new("create_goal", "agents", V2026_9).coding(V2026_9),
    Tool::new("update_goal", "agents", V2026_9).coding(V2026_9),
    Tool::new("progress_card", "agents", V2026_9).coding(V2026_9),
    Tool::new("ask_user", "agents", V2026_9).coding(V2026_9).messaging(V2026_9),
    Tool::new("skill_workshop", "agents", V2026_9).coding(V2026_9),
    Tool::new("image", "media", V2026_2).until(V2026_5).coding(V2026_2),
    Tool::new("view_image", "media", V2026_9).coding(V2026_9),
    Tool::new("image_generate", "media", V2026_5).coding(V2026_5),
    Tool::new("music_generate", "media", V2026_5).coding(V2026_5),
    Tool::new("video_generate", "media", V2026_5).coding(V2026_5),
    Tool::new("tts", "media", V2026_2),
    Tool::new("pdf", "media", V2026_5),
    // Not a tool: it stands for the tools of the MCP servers that a bundle brings.
    Tool::new("bundle-mcp", "", V2026_5).core_until(None).coding(V2026_5).messaging(V2026_5),
];

/// The tools of `release`.
pub fn tools(release: Release) -> impl Iterator<Item = Tool> {
    TOOLS.iter().copied().filter(move |tool| tool.exists(release))
}

/// The members of a group such as `group:fs`; none when the release has no such group.
#[must_use]
pub fn group(name: &str, release: Release) -> Option<Vec<&'static str>> {
    let group = name.strip_prefix("group:")?;
    let member = |tool: &Tool| match group {
        "openclaw" => tool.core_until.is_some_and(|until| release <= until),
        _ => tool.group == group,
    };
    let members: Vec<_> = tools(release).filter(member).map(|tool| tool.name).collect();
    (!group.is_empty() && !members.is_empty()).then_some(members)
}

/// The tools of a profile; none for a profile that limits nothing or that nobody knows.
#[must_use]
pub fn profile(name: &str, release: Release) -> Option<Vec<&'static str>> {
    let since = |tool: &Tool| match name {
        "minimal" => tool.minimal,
        "coding" => tool.coding,
        "messaging" => tool.messaging,
        _ => None,
    };
    let known = matches!(name, "minimal" | "coding" | "messaging");
    let held = |tool: &Tool| since(tool).is_some_and(|since| release >= since);
    known.then(|| tools(release).filter(held).map(|tool| tool.name).collect())
}

/// Is `name` a tool of `release` under its real name?
#[must_use]
pub fn is_tool(name: &str, release: Release) -> bool {
    tools(release).any(|tool| tool.name == name)
}

/// A name as policies compare it: trimmed, lower case, old names replaced.
#[must_use]
pub fn normalise(name: &str, release: Release) -> String {
    let name = name.trim().to_lowercase();
    let newest = release >= V2026_9;
    match name.as_str() {
        "bash" => "exec",
        "apply-patch" => "apply_patch",
        "cron" if newest => "automations",
        "image" if newest => "view_image",
        "spawn_task" if newest => "suggest_task",
        _ => return name,
    }
    .to_owned()
}

/// What a container may use when nothing is said.
pub const SANDBOX_ALLOW: &[&str] = &[
    "exec",
    "process",
    "read",
    "ls",
    "write",
    "edit",
    "apply_patch",
    "view_image",
    "image",
    "sessions_list",
    "sessions_history",
    "sessions_search",
    "sessions_send",
    "sessions_spawn",
    "sessions_yield",
    "subagents",
    "session_status",
];

/// What a container may not use when nothing is said, beside the tool of every channel.
pub const SANDBOX_DENY: &[&str] =
    &["browser", "canvas", "computer", "mobile_ui", "nodes", "cron", "automations", "gateway"];
