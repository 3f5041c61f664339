//! What files are: the words that every stage shares.

/// The part a configuration file plays in its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A file that a gateway reads.
    Live,
    /// An example or template that people copy.
    Template,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitKind {
    /// A directory with a `SKILL.md`, or that file alone.
    Skill,
    /// A text that is put into an agent's prompt: `AGENTS.md`, a command, a rules file.
    Prompt,
    /// A definition of tools or servers whose words reach an agent: a plugin manifest, `.mcp.json`.
    Definition,
    /// The source of a plugin: read by upstream's own scanner only.
    Plugin,
}

impl UnitKind {
    /// The word in reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Skill => "skill",
            Self::Prompt => "prompt",
            Self::Definition => "definition",
            Self::Plugin => "plugin",
        }
    }
}

/// What a side file is, by its name and content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// `.env` and its variants; `NAME=value` lines.
    DotEnv,
    /// `exec-approvals.json`
    ExecApprovals,
    /// `cron/jobs.json`
    CronJobs,
    /// A compose file.
    Compose,
    /// `Dockerfile`, `*.dockerfile`, `Containerfile`
    Dockerfile,
    /// `.mcp.json`, `mcp.json`: client-side MCP servers.
    McpJson,
    /// `config/mcporter.json`
    Mcporter,
    /// `package.json`
    PackageJson,
    /// `agents/*/agent/auth-profiles.json`
    AuthProfiles,
    /// `agents/*/agent/models.json`
    ModelsJson,
    /// `identity/device.json`, `identity/device-auth.json`, `devices/paired.json`
    DeviceIdentity,
    /// `credentials/*.json`
    Credentials,
    /// A systemd unit that runs the gateway.
    ServiceUnit,
    /// A Caddyfile or nginx configuration.
    ReverseProxy,
    /// A backup or rejected copy of a configuration: read for secrets only.
    ConfigBackup,
    /// `openclaw.plugin.json`
    PluginManifest,
    /// Shell script, CI workflow or platform file that installs or starts OpenClaw.
    Script,
    /// `.claude/settings.json`, `.claude/settings.local.json`
    ClaudeSettings,
    /// A PEM or key file.
    KeyFile,
    /// `trusted-keys.json`: public keys and how far each is trusted.
    Keyring,
    /// A log or transcript.
    Log,
    /// `.gitignore`
    GitIgnore,
    /// `*.anchor.json`: what somebody has seen of an audit log.
    LogAnchor,
    /// `*.anchor.json.sig`: the signature of an anchor.
    AnchorSignature,
    /// `.clawhub/lock.json` of a workspace: the skills that an installer put there.
    SkillLock,
    /// `.clawhub/origin.json` of a skill: where an installer had it from.
    SkillOrigin,
    /// `.openclaw/source-origin.json` of a skill that came from git or a directory.
    SourceOrigin,
    /// `policy.jsonc` of the policy plugin.
    Policy,
    /// A store that ClosedClaw encrypted, by its content.
    EncryptedStore,
    /// The `.bak` beside such a store.
    StoreBackup,
}

impl DocumentKind {
    /// The word in reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::DotEnv => "env-file",
            Self::ExecApprovals => "exec-approvals",
            Self::CronJobs => "cron-jobs",
            Self::Compose => "compose",
            Self::Dockerfile => "dockerfile",
            Self::McpJson => "mcp",
            Self::Mcporter => "mcporter",
            Self::PackageJson => "package",
            Self::AuthProfiles => "auth-profiles",
            Self::ModelsJson => "models",
            Self::DeviceIdentity => "device-identity",
            Self::Credentials => "credentials",
            Self::ServiceUnit => "service-unit",
            Self::ReverseProxy => "reverse-proxy",
            Self::ConfigBackup => "config-backup",
            Self::PluginManifest => "plugin-manifest",
            Self::Script => "script",
            Self::ClaudeSettings => "claude-settings",
            Self::KeyFile => "key-file",
            Self::Keyring => "keyring",
            Self::Log => "log",
            Self::GitIgnore => "gitignore",
            Self::LogAnchor => "log-anchor",
            Self::AnchorSignature => "anchor-signature",
            Self::SkillLock => "skill-lock",
            Self::SkillOrigin => "skill-origin",
            Self::SourceOrigin => "source-origin",
            Self::Policy => "policy",
            Self::EncryptedStore => "encrypted-store",
            Self::StoreBackup => "store-backup",
        }
    }

    /// Does the bare presence of such a file say that OpenClaw is used here?
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(
            self,
            Self::ExecApprovals
                | Self::AuthProfiles
                | Self::DeviceIdentity
                | Self::ConfigBackup
                | Self::PluginManifest
                | Self::Mcporter
                | Self::LogAnchor
                | Self::AnchorSignature
                | Self::SkillLock
                | Self::SkillOrigin
                | Self::SourceOrigin
                | Self::Keyring
        )
    }
}
