//! Keys of the hardening handbook, which no release ever read, and the controls that exist.

use super::mend;
use crate::finding::{Fix, Severity};
use crate::model::config::Config;
use crate::model::value::{Entry, Kind};

/// A key of the handbook and what stands for it in a real configuration.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    /// The handbook's key; it means everything below it too.
    pub key: &'static str,
    /// The real control in words.
    pub real: &'static str,
    /// For a protection: the real keys of which one must be set for it to exist.
    pub protects: &'static [&'static str],
}

const fn entry(key: &'static str, real: &'static str, protects: &'static [&'static str]) -> Control {
    Control { key, real, protects }
}

const SKILL_LISTS: &[&str] = &["agents.defaults.skills", "skills.allowBundled"];
const EXEC: &[&str] = &["tools.exec.mode", "tools.exec.security", "tools.exec.ask"];

/// The table. More specific keys stand before their parents.
const CONTROLS: &[Control] = &[
    entry("version", "meta.lastTouchedVersion, which OpenClaw writes itself", &[]),
    entry("_comment", "a JSON5 comment", &[]),
    entry("gateway.auth.tokenRotationDays", "none: rotate the token from outside", &[]),
    entry("gateway.auth.sessionTimeoutMinutes", "none", &[]),
    entry("gateway.auth.maxConcurrentSessions", "none", &[]),
    entry("gateway.cors", "gateway.controlUi.allowedOrigins", &["gateway.controlUi.allowedOrigins"]),
    entry("gateway.rateLimit", "gateway.auth.rateLimit", &["gateway.auth.rateLimit"]),
    entry("gateway.tls.certFile", "gateway.tls.certPath", &["gateway.tls.certPath", "gateway.tls.autoGenerate"]),
    entry("gateway.tls.keyFile", "gateway.tls.keyPath", &["gateway.tls.keyPath", "gateway.tls.autoGenerate"]),
    entry("gateway.https", "gateway.tls", &["gateway.tls.enabled"]),
    entry(
        "gateway.authentication",
        "gateway.auth",
        &["gateway.auth.mode", "gateway.auth.token", "gateway.auth.password"],
    ),
    entry("sandbox", "agents.defaults.sandbox.mode", &["agents.defaults.sandbox.mode"]),
    entry("permissions", "tools.allow, tools.deny and tools.exec", &["tools.allow", "tools.deny", "tools.profile"]),
    entry(
        "tools.fileAccess",
        "tools.fs.workspaceOnly and the sandbox",
        &["tools.fs.workspaceOnly", "agents.defaults.sandbox.mode"],
    ),
    entry("tools.execApproval", "tools.exec.mode (or security and ask before 2026.9)", EXEC),
    entry("skills.allow_list_only", "agents.defaults.skills and skills.allowBundled", SKILL_LISTS),
    entry("skills.allowed", "agents.defaults.skills and skills.allowBundled", SKILL_LISTS),
    entry("skills.allowlist", "agents.defaults.skills and skills.allowBundled", SKILL_LISTS),
    entry("skills.autoUpdate", "security.installPolicy (2026.9)", &[]),
    entry("skills.autoInstall", "security.installPolicy (2026.9)", &[]),
    entry("skills.installApproval", "security.installPolicy (2026.9)", &["security.installPolicy"]),
    entry("memory.encryption", "none: encrypt the disk", &[]),
    entry("memory.encryptionKeySource", "none: encrypt the disk", &[]),
    entry("memory.vaultPath", "none", &[]),
    entry("memory.retentionDays", "session.maintenance.pruneAfter", &[]),
    entry("logging.sanitizeFields", "logging.redactPatterns", &["logging.redactPatterns"]),
    entry("logging.auditLog", "logging.audit (2026.9)", &[]),
    entry("logging.errorLog", "logging.file", &[]),
    entry("logging.skillNetworkRequests", "none", &[]),
    entry("security.allow_url_actions", "none: the fix is built into 2026.1.29 and newer", &[]),
    entry("security.csrfProtection", "none: it is built in", &[]),
    entry("security.contentSecurityPolicy", "none: it is built in", &[]),
    entry("security.xFrameOptions", "none: it is built in", &[]),
    entry("security.secretKeySource", "a secret reference and secrets.providers", &[]),
    entry("security.secretKeyEnvVar", "a secret reference and secrets.providers", &[]),
    entry("security.SECRET_KEY", "a secret reference and secrets.providers", &[]),
    entry("security.apiKeyStorage", "a secret reference and secrets.providers", &[]),
    entry("security.vault", "a secret reference and secrets.providers", &[]),
    entry("vault", "a secret reference and secrets.providers", &[]),
    entry("integrations", "models.providers.*.apiKey and channels", &[]),
    entry("agents.defaultModel", "agents.defaults.model.primary", &[]),
    entry("agents.maxContextTokens", "models.providers.*.models[].contextWindow", &[]),
    entry("agents.allowModelOverride", "none", &[]),
    entry("agents.systemPromptLock", "none", &[]),
    entry(
        "network",
        "tools.web.fetch.ssrfPolicy, browser.ssrfPolicy and proxy",
        &["browser.ssrfPolicy", "tools.web.fetch.ssrfPolicy", "proxy"],
    ),
];

/// The entry for a path, its own or that of the nearest ancestor.
#[must_use]
pub fn control(path: &str) -> Option<&'static Control> {
    let within = |key: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    CONTROLS.iter().find(|control| within(control.key))
}

/// What to say about a handbook key that the release refuses, and how bad it is: critical when it is the
/// only thing that stands for a protection.
#[must_use]
pub fn explain(path: &str, control: &Control, config: &Config) -> (String, Severity) {
    let version = config.dialect.version();
    let set = |real: &&str| config.root().at(real).exists();
    let alone = !control.protects.is_empty() && !control.protects.iter().any(set);
    let real = match control.real.strip_prefix("none") {
        Some(advice) => format!("there is no such control{advice}"),
        None => format!("the real control is {}", control.real),
    };
    if alone {
        let message = format!("{path} protects nothing: no release reads it and {version} refuses it; {real}");
        return (message, Severity::Critical);
    }
    (format!("{path} is read by no release and {version} refuses it; {real}"), Severity::Warn)
}

/// How many different keys of the handbook a configuration uses.
#[must_use]
pub fn score(config: &crate::model::value::Found<'_>) -> usize {
    CONTROLS.iter().filter(|control| config.at(control.key).exists()).count()
}

/// The edit for those keys of which a real one takes the same value.
pub(super) fn mend(entry: &Entry, path: &str, control: &Control) -> Option<Fix> {
    let Kind::String(word) = &entry.value.kind else { return None };
    let same = match control.key {
        "gateway.tls.certFile" | "gateway.tls.keyFile" => true,
        "sandbox" => path == "sandbox" && matches!(&*word.text, "all" | "non-main"),
        _ => false,
    };
    if same { mend::meant(entry.key_span, path, control.real) } else { None }
}
