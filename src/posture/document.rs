//! Facts about side files: jobs, servers, services, variables, approvals.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::config::leaves;
use super::shown::{Censor, guarded, is_reference};
use super::{Collected, Desk};
use crate::kind::DocumentKind;
use crate::model::document::{Content, Document};
use crate::model::project::Project;
use crate::model::{compose, secrets};
use crate::source::{Sources, Span};

/// Everything that a side file says. A sample says nothing.
#[must_use]
pub fn facts(document: &Document, project: &Project) -> Collected {
    if document.sample {
        return Collected::default();
    }
    let sources = Sources::default();
    let mut desk = Desk::new(document.kind.label(), &document.path, project, &sources);
    let written = |span: Span| document.source.slice(span.start, span.end).trim_matches(['"', '\'']).to_owned();
    let censor = Censor::new(secrets::document_spans(document), &written);
    match document.kind {
        DocumentKind::DotEnv => variables(document, &mut desk),
        DocumentKind::CronJobs => jobs(document, &mut desk, &censor),
        DocumentKind::McpJson | DocumentKind::Mcporter => servers(document, &mut desk, &censor),
        DocumentKind::PluginManifest => plugin(document, &mut desk, &censor),
        DocumentKind::ExecApprovals | DocumentKind::ClaudeSettings | DocumentKind::Policy => {
            if let Content::Tree(root) = &document.content {
                leaves(root, &mut desk, &censor);
            }
        }
        DocumentKind::Compose => services(document, &mut desk, &censor),
        DocumentKind::ServiceUnit => unit(document, &mut desk, &censor),
        DocumentKind::Script => workflow(document, &mut desk),
        _ => {}
    }
    desk.collected
}

/// The names of variables, and nothing of what they are set to.
fn variables(document: &Document, desk: &mut Desk<'_>) {
    for line in document.env() {
        let value = match line.value.trim() {
            "" => "empty",
            text if is_reference(text) => text,
            _ => "set",
        };
        desk.fact("env.name", &line.name, Json::from(value), line.name_span, "");
    }
}

/// Members of a job that change by themselves.
const TRANSIENT: &[&str] =
    &["state", "createdAt", "createdAtMs", "updatedAt", "updatedAtMs", "lastRunAt", "lastRunAtMs", "nextRunAtMs"];

fn jobs(document: &Document, desk: &mut Desk<'_>, censor: &Censor<'_>) {
    let Some(root) = document.root() else { return };
    let list = if root.is_list() { root } else { root.get("jobs") };
    for (index, job) in list.items().enumerate() {
        let Some(value) = job.value() else { continue };
        let name = ["id", "name", "jobId"].iter().find_map(|key| job.get(key).str());
        let key = name.map_or_else(|| index.to_string(), str::to_owned);
        let mut shown = censor.shown(value, false);
        if let Some(members) = shown.as_object_mut() {
            members.retain(|name, _| !TRANSIENT.contains(&name.as_str()));
        }
        let pointer = format!("/jobs/{index}");
        let token = job.get("id").span();
        desk.fact("schedule.job", &key, shown, token, &pointer);
        desk.hosts(value, token, &pointer);
    }
}

fn servers(document: &Document, desk: &mut Desk<'_>, censor: &Censor<'_>) {
    let Some(root) = document.root() else { return };
    for map in ["mcpServers", "servers"] {
        for (name, server) in root.get(map).entries() {
            let Some(value) = server.value() else { continue };
            let pointer = format!("/{map}/{}", name.replace('~', "~0").replace('/', "~1"));
            desk.fact("mcp.server", name, censor.shown(value, false), server.span(), &pointer);
            desk.hosts(value, server.span(), &pointer);
        }
    }
}

fn plugin(document: &Document, desk: &mut Desk<'_>, censor: &Censor<'_>) {
    let Some(root) = document.root() else { return };
    let id = root.get("id");
    let Some(name) = id.str() else { return };
    let version = root.get("version");
    let shown = version.value().map_or(Json::Null, |version| censor.shown(version, false));
    desk.fact("plugin", name, json!({"version": shown}), id.span(), "/id");
}

fn services(document: &Document, desk: &mut Desk<'_>, censor: &Censor<'_>) {
    for service in compose::services(document) {
        let pointer = |part: &str| format!("/services/{}/{part}", service.name.replace('~', "~0").replace('/', "~1"));
        let mut items = |kind: &str, part: &'static str| {
            for item in service.found.get(part).items() {
                let Some(key) = item.value().map(|value| text_of(&censor.shown(value, false))) else { continue };
                desk.fact(kind, &format!("{}: {key}", service.name), Json::Null, item.span(), &pointer(part));
            }
        };
        items("file.mount", "volumes");
        items("network.port", "ports");
        for (name, value, found) in compose::environment(&service) {
            let value = if is_reference(&value) { value } else { "set".to_owned() };
            desk.fact("env.name", &name, Json::from(value), found.span(), &pointer("environment"));
        }
        for part in ["network_mode", "privileged", "user", "cap_add", "pid", "read_only", "image", "command"] {
            let found = service.found.get(part);
            let Some(value) = found.value() else { continue };
            let key = format!("services.{}.{part}", service.name);
            desk.fact("config", &key, censor.shown(value, false), found.span(), &pointer(part));
        }
    }
}

fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a unit starts, and when.
fn unit(document: &Document, desk: &mut Desk<'_>, censor: &Censor<'_>) {
    let told = |line: &str| {
        let name = line.split('=').next().unwrap_or_default().trim();
        name.starts_with("Exec") || name.starts_with("On") || matches!(name, "User" | "WantedBy" | "Unit" | "Restart")
    };
    let lines = document.lines().filter(|(_, line)| line.contains('=') && told(line));
    let shown = lines.map(|(range, line)| {
        let hidden = censor.hides(document.span(range));
        let name = line.split('=').next().unwrap_or_default();
        if hidden { Json::from(format!("{name}=(with a secret)")) } else { Json::from(guarded(line.trim())) }
    });
    desk.of_file("schedule.unit", &document.path, shown.collect(), &document.path);
}

static CRON_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^\s*-\s*cron:\s*["']?([^"'#]{5,80})"#).ok());

/// When a workflow runs by itself.
fn workflow(document: &Document, desk: &mut Desk<'_>) {
    if !document.path.contains(".github/workflows") && !document.path.ends_with(".gitlab-ci.yml") {
        return;
    }
    let Some(pattern) = &*CRON_LINE else { return };
    for (range, line) in document.lines() {
        let Some(times) = pattern.captures(line).and_then(|found| found.get(1)) else { continue };
        let at = document.span(range.start + times.start()..range.start + times.end());
        desk.fact("schedule.workflow", times.as_str().trim(), Json::Null, at, "");
    }
}
