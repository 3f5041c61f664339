//! What a file is, by its name first and by its content where names lie.

use crate::kind::{DocumentKind, Role, UnitKind};
use crate::syntax::{Node, NodeKind};

/// The name that ClosedClaw reads.
pub const KEYRING: &str = "trusted-keys.json";
/// The name that its documentation gives.
pub const DOCUMENTED_KEYRING: &str = "trusted-keyring.json";
/// How the names of anchors end.
pub const ANCHOR_SUFFIX: &str = ".anchor.json";
/// How the names of signatures of anchors end.
pub const SIGNATURE_SUFFIX: &str = ".anchor.json.sig";
/// Files that a workspace has; `AGENTS.md` alone is common to every coding agent.
pub const WORKSPACE_FILES: [&str; 8] =
    ["AGENTS.md", "SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md", "HEARTBEAT.md", "BOOTSTRAP.md", "MEMORY.md"];

/// What a file name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Perhaps a configuration root.
    Config(Role),
    /// A side file.
    Document(DocumentKind),
}

/// File names that the loaders of OpenClaw and ClosedClaw read, old names included.
const CONFIG_NAMES: [&str; 7] = [
    "openclaw.json",
    "openclaw.json5",
    "clawdbot.json",
    "moltbot.json",
    "moldbot.json",
    "ClosedClaw.json",
    "closedclaw.json",
];

/// Is this exactly the name of a configuration that a gateway would read?
#[must_use]
pub fn is_config_name(path: &str) -> bool {
    let name = file_name(path);
    CONFIG_NAMES.contains(&name) || is_closedclaw_config(path)
}

/// Is this the name of a keyring?
#[must_use]
pub fn is_keyring_name(path: &str) -> bool {
    matches!(file_name(path), KEYRING | DOCUMENTED_KEYRING)
}

fn is_closedclaw_config(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower == ".closedclaw/config.json5" || lower.ends_with("/.closedclaw/config.json5")
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A text that an agent obeys, by its name.
#[must_use]
pub fn unit_kind(path: &str) -> Option<UnitKind> {
    let name = file_name(path);
    if name.eq_ignore_ascii_case("SKILL.md") {
        return Some(UnitKind::Skill);
    }
    let within = |dir: &str| path.starts_with(&format!("{dir}/")) || path.contains(&format!("/{dir}/"));
    let markdown = name.ends_with(".md") || name.ends_with(".mdc");
    let prompt = WORKSPACE_FILES.contains(&name)
        || OTHER_PROMPTS.contains(&name)
        || matches!(name, ".cursorrules" | ".windsurfrules" | ".clinerules" | "copilot-instructions.md")
        || markdown
            && (within(".claude/commands")
                || within(".claude/agents")
                || within(".cursor/rules")
                || within("commands")
                || within("agents")
                || path.ends_with(&format!("memory/{name}")));
    if prompt {
        return Some(UnitKind::Prompt);
    }
    matches!(name, "openclaw.plugin.json" | ".mcp.json" | "mcp.json").then_some(UnitKind::Definition)
}

/// Files that relatives of OpenClaw put into a prompt.
const OTHER_PROMPTS: [&str; 3] = ["AGENT.md", "CLAUDE.md", "GEMINI.md"];

/// May a file that somebody names alone be a part of a skill?
#[must_use]
pub fn is_readable_alone(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "mdc", "py", "js", "ts", "mjs", "cjs", "ps1", "bat", "cmd", "sh", "bash", "zsh", "rb", "pl"]
        .contains(&extension)
}

/// May a file be an audit log, by its name? Its content decides.
#[must_use]
pub fn is_log_name(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let rotated = name.contains("audit") && (name.contains(".log") || name.contains(".jsonl"));
    name.ends_with(".log") || name.ends_with(".jsonl") || rotated && !name.ends_with(".json")
}

/// Classifies a path.
#[must_use]
pub fn by_name(path: &str) -> Option<Class> {
    config_class(path).or_else(|| document_kind(path).map(Class::Document))
}

fn config_class(path: &str) -> Option<Class> {
    if is_config_name(path) {
        let copied = path.split('/').any(|dir| matches!(dir, "examples" | "example" | "templates" | "template"));
        return Some(Class::Config(if copied { Role::Template } else { Role::Live }));
    }
    let name = file_name(path).to_ascii_lowercase();
    let stem =
        ["openclaw", "clawdbot", "moltbot", "moldbot", "closedclaw"].iter().find_map(|stem| name.strip_prefix(stem))?;
    if !stem.contains("json") || !stem.starts_with(['.', '_', '-']) || stem.starts_with(".plugin.") {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| stem.contains(word));
    if has(&[".bak", ".backup", ".rejected", ".clobbered", ".orig", ".old", ".save", "~"]) {
        return Some(Class::Document(DocumentKind::ConfigBackup));
    }
    if has(&["example", "template", "tmpl", "sample", ".j2", "golden", ".tpl", ".dist"]) {
        return Some(Class::Config(Role::Template));
    }
    (name.ends_with(".json") || name.ends_with(".json5")).then_some(Class::Config(Role::Live))
}

fn document_kind(path: &str) -> Option<DocumentKind> {
    use DocumentKind as Kind;
    let name = file_name(path);
    let lower = name.to_ascii_lowercase();
    let within = |dir: &str| path.starts_with(&format!("{dir}/")) || path.contains(&format!("/{dir}/"));
    let ends = |tail: &str| path == tail || path.ends_with(&format!("/{tail}"));
    let kind = match name {
        "exec-approvals.json" => Kind::ExecApprovals,
        ".mcp.json" | "mcp.json" => Kind::McpJson,
        "mcporter.json" => Kind::Mcporter,
        "package.json" => Kind::PackageJson,
        "auth-profiles.json" => Kind::AuthProfiles,
        "openclaw.plugin.json" => Kind::PluginManifest,
        "Caddyfile" | "nginx.conf" => Kind::ReverseProxy,
        ".gitignore" => Kind::GitIgnore,
        KEYRING | DOCUMENTED_KEYRING => Kind::Keyring,
        "id_rsa" | "id_ed25519" | "id_ecdsa" => Kind::KeyFile,
        _ if name.ends_with(ANCHOR_SUFFIX) => Kind::LogAnchor,
        _ if name.ends_with(SIGNATURE_SUFFIX) => Kind::AnchorSignature,
        "lock.json" if is_record(path) => Kind::SkillLock,
        "origin.json" if is_record(path) => Kind::SkillOrigin,
        _ if ends(".openclaw/source-origin.json") => Kind::SourceOrigin,
        "policy.jsonc" => Kind::Policy,
        _ if ends("cron/jobs.json") => Kind::CronJobs,
        _ if name == "models.json" && within("agent") => Kind::ModelsJson,
        _ if ends("identity/device.json") || ends("identity/device-auth.json") || ends("devices/paired.json") => {
            Kind::DeviceIdentity
        }
        _ if within("credentials") && lower.ends_with(".json") => Kind::Credentials,
        _ if (name == "settings.json" || name == "settings.local.json") && within(".claude") => Kind::ClaudeSettings,
        _ if name == ".env" || name.starts_with(".env.") || lower.ends_with(".env") => Kind::DotEnv,
        _ if is_compose(&lower) => Kind::Compose,
        _ if lower == "dockerfile" || lower.starts_with("dockerfile.") || lower == "containerfile" => Kind::Dockerfile,
        _ => return document_kind_by_extension(&lower, &within),
    };
    Some(kind)
}

/// Does a file lie in the directory where installers of skills keep their records?
fn is_record(path: &str) -> bool {
    let dir = path.rsplit('/').nth(1).unwrap_or_default();
    crate::digest::is_record(dir)
}

fn document_kind_by_extension(lower: &str, within: &dyn Fn(&str) -> bool) -> Option<DocumentKind> {
    use DocumentKind as Kind;
    let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
    let kind = match extension {
        "dockerfile" => Kind::Dockerfile,
        "service" => Kind::ServiceUnit,
        "caddyfile" => Kind::ReverseProxy,
        "conf" if within("nginx") || lower.contains("nginx") => Kind::ReverseProxy,
        "pem" | "key" => Kind::KeyFile,
        "sh" | "bash" => Kind::Script,
        "yml" | "yaml" if within(".github/workflows") || lower == ".gitlab-ci.yml" => Kind::Script,
        "yml" | "yaml" if lower == "render.yaml" || lower == "render.yml" => Kind::Script,
        "toml" if lower == "fly.toml" || lower == "railway.toml" => Kind::Script,
        "log" => Kind::Log,
        "jsonl" if within("sessions") || within("logs") => Kind::Log,
        _ if lower == "skill-signing.key" => Kind::KeyFile,
        _ => return None,
    };
    Some(kind)
}

fn is_compose(lower: &str) -> bool {
    let Some(stem) = lower.strip_suffix(".yml").or_else(|| lower.strip_suffix(".yaml")) else { return false };
    let is = |name: &str| stem == name || stem.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    is("docker-compose") || is("compose")
}

/// May a file be a store of credentials or state, by its name? Then its first bytes tell.
#[must_use]
pub fn may_be_store(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    [".json", ".json5", ".bak", ".enc"].iter().any(|end| name.ends_with(end))
}

/// What a file is by its first bytes, whatever its name: a store that ClosedClaw encrypted, or a credential
/// that its keychain keeps in a file.
#[must_use]
pub fn store_kind(head: &[u8]) -> Option<DocumentKind> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let names = |keys: &[&str]| keys.iter().all(|key| text.contains(&format!("\"{key}\"")));
    if !text.starts_with(['{', '/']) {
        return None;
    }
    if text.contains("$encrypted") {
        return Some(DocumentKind::EncryptedStore);
    }
    names(&["namespace", "identifier", "secret"]).then_some(DocumentKind::Credentials)
}

/// Is this the name of an example or template, which people copy and fill in?
#[must_use]
pub fn is_example_name(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    ["example", "sample", "template", "tmpl", ".dist", ".tpl", ".j2"].iter().any(|word| name.contains(word))
}

/// Is this the name of a folder of tests and what they need?
#[must_use]
pub fn is_test_dir(dir: &str) -> bool {
    ["test", "tests", "testdata", "__tests__", "fixtures", "fixture", "eval", "evals", "golden"]
        .iter()
        .any(|name| dir.eq_ignore_ascii_case(name))
}

/// Does the path below a root lie in a folder of tests, fixtures, examples or documentation?
#[must_use]
pub fn is_sample(path: &str) -> bool {
    let dirs = path.rsplit_once('/').map_or("", |(dirs, _)| dirs);
    let beside = |dir: &str| ["docs", "doc", "vendor"].iter().any(|name| dir.eq_ignore_ascii_case(name));
    dirs.split('/').any(|dir| is_test_dir(dir) || beside(dir))
}

/// Root keys that make a file a configuration.
const CONFIG_KEYS: [&str; 28] = [
    "gateway",
    "agents",
    "channels",
    "models",
    "tools",
    "plugins",
    "skills",
    "meta",
    "session",
    "hooks",
    "cron",
    "browser",
    "commands",
    "messages",
    "auth",
    "agent",
    "logging",
    "memory",
    "env",
    "$include",
    "mcp",
    "secrets",
    "security",
    "discovery",
    "approvals",
    "bindings",
    "talk",
    "nodeHost",
];

/// Root keys that no configuration has: reports, seccomp profiles, package manifests, schemas.
const OTHER_KEYS: [&str; 7] = [
    "findings",
    "scan_duration_seconds",
    "syscalls",
    "defaultAction",
    "configSchema",
    "dependencies",
    "compilerOptions",
];

/// Is a parsed file a configuration? `canonical` says that its name is one that the loader reads.
#[must_use]
pub fn is_config(root: &Node, canonical: bool) -> bool {
    let NodeKind::Map(members) = &root.kind else { return canonical };
    let has = |key: &str| members.iter().any(|member| &*member.key == key);
    if OTHER_KEYS.iter().any(|key| has(key)) {
        return false;
    }
    let known = CONFIG_KEYS.iter().filter(|key| has(key)).count();
    known >= 2 || canonical && (known == 1 || members.is_empty())
}

/// Does a text name two root keys of a configuration as keys? For texts that do not parse.
#[must_use]
pub fn names_config_keys(text: &str) -> bool {
    let is_key = |key: &&&str| {
        text.match_indices(**key).any(|(at, _)| {
            let after = text.get(at + key.len()..).unwrap_or_default().trim_start_matches(['"', '\'']).trim_start();
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            after.starts_with(':') && before.is_none_or(|c| !c.is_alphanumeric() && c != '.')
        })
    };
    CONFIG_KEYS.iter().filter(is_key).take(2).count() == 2
}

/// Words of a deployment file that name a configuration under another name: whatever ends in `.json`
/// or `.json5` on a line that also names a configuration the loader reads.
pub fn config_words(text: &str) -> impl Iterator<Item = &str> {
    let about =
        |line: &&str| line.contains("OPENCLAW_CONFIG_PATH") || CONFIG_NAMES.iter().any(|name| line.contains(name));
    let separators = |c: char| c.is_whitespace() || matches!(c, ':' | '=' | '"' | '\'' | ',' | '[' | ']' | '`');
    text.lines()
        .filter(about)
        .flat_map(move |line| line.split(separators))
        .filter(|word| word.ends_with(".json") || word.ends_with(".json5"))
}
