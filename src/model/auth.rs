//! Where the gateway listens and what it asks for: each release's own reading and ours.
//!
//! The audit of a release decides by the text of a few keys, and differently from release to
//! release; `--profile upstream` has to follow it. Ours counts a credential that we cannot see
//! (`${NAME}`, a secret reference, a variable that a deployment file sets) as configured.

use super::config::Config;
use super::dialect::Release;
use super::value::{EnvUse, Found, is_env_shorthand};

/// The variable that holds the token.
pub const TOKEN_VARIABLE: &str = "OPENCLAW_GATEWAY_TOKEN";
/// The variable that holds the password.
pub const PASSWORD_VARIABLE: &str = "OPENCLAW_GATEWAY_PASSWORD";
/// The port when none is written.
pub const DEFAULT_PORT: u16 = 18789;

/// How the gateway asks who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Not at all.
    None,
    /// A shared token.
    Token,
    /// A password.
    Password,
    /// It believes what a reverse proxy says.
    TrustedProxy,
    /// Unknown: from the environment, or no word that a release knows.
    Other,
}

/// Who can open a connection to the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listens {
    /// This machine.
    Loopback,
    /// Other machines too, or at least perhaps.
    Network,
    /// Only the environment knows.
    Unknown,
}

/// What Tailscale publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tailscale {
    /// Nothing.
    Off,
    /// The gateway, to the tailnet.
    Serve,
    /// The gateway, to the internet.
    Funnel,
}

/// A token or password and where it comes from.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// The key that holds it, or would.
    pub found: Found<'a>,
    /// The text that is in force, without surrounding blanks, when we know it.
    pub value: Option<&'a str>,
    /// Is there one, known or not?
    pub configured: bool,
    /// The variable that supplies it, when the configuration does not.
    pub variable: Option<&'static str>,
}

/// The gateway of one configuration.
#[derive(Clone, Debug)]
pub struct Gateway<'a> {
    config: &'a Config,
    /// `gateway.bind`
    pub bind: Found<'a>,
    /// What that means.
    pub listens: Listens,
    /// `gateway.tailscale.mode`
    pub tailscale: Tailscale,
    /// The mode that is written, or follows from what is.
    pub mode: Mode,
    /// Is the mode written?
    pub explicit: bool,
    /// The token.
    pub token: Credential<'a>,
    /// The password.
    pub password: Credential<'a>,
}

impl Config {
    /// Where the gateway of this configuration listens and how it authenticates.
    #[must_use]
    pub fn gateway(&self) -> Gateway<'_> {
        let written = self.at("gateway.auth.mode");
        let explicit = written.exists();
        let stated = mode_of(&written);
        let newest = !self.upstream() || self.since(Release::V2026_9);
        let token = credential(self, "gateway.auth.token", TOKEN_VARIABLE, newest.then_some("gateway.remote.token"));
        let remote = (newest && stated != Mode::TrustedProxy).then_some("gateway.remote.password");
        let password = credential(self, "gateway.auth.password", PASSWORD_VARIABLE, remote);
        let only_password = !self.upstream() && password.configured && !token.configured;
        let mode = match explicit {
            true => stated,
            false if password.value.is_some() || only_password => Mode::Password,
            false => Mode::Token,
        };
        let bind = self.at("gateway.bind");
        let listens = if self.upstream() { listens_by_text(&bind) } else { listens(self, &bind) };
        Gateway { config: self, bind, listens, tailscale: tailscale(self), mode, explicit, token, password }
    }
}

fn mode_of(written: &Found<'_>) -> Mode {
    match written.str() {
        Some("none") => Mode::None,
        Some("token") => Mode::Token,
        Some("password") => Mode::Password,
        Some("trusted-proxy") => Mode::TrustedProxy,
        _ => Mode::Other,
    }
}

fn tailscale(config: &Config) -> Tailscale {
    match config.at("gateway.tailscale.mode").str() {
        Some("serve") => Tailscale::Serve,
        Some("funnel") => Tailscale::Funnel,
        _ => Tailscale::Off,
    }
}

fn listens_by_text(bind: &Found<'_>) -> Listens {
    if bind.text().is_none_or(|text| &*text.text == "loopback") { Listens::Loopback } else { Listens::Network }
}

/// A `custom` bind is as open as its address; an address as `bind` is invalid but clear.
fn listens(config: &Config, bind: &Found<'_>) -> Listens {
    let custom = config.at("gateway.customBindHost");
    let decides = if bind.is("custom") && custom.exists() { &custom } else { bind };
    if decides.is_unknown() {
        return Listens::Unknown;
    }
    match decides.str() {
        None | Some("loopback") => Listens::Loopback,
        Some(host) if is_loopback_host(host) => Listens::Loopback,
        Some(_) => Listens::Network,
    }
}

/// Is a host name or address this machine itself?
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        Ok(std::net::IpAddr::V4(address)) => address.is_loopback(),
        Err(_) => host == "localhost",
    }
}

/// The credential at `path`, else in the variable, else the one that clients of this file use.
fn credential<'a>(
    config: &'a Config,
    path: &'static str,
    variable: &'static str,
    remote: Option<&'static str>,
) -> Credential<'a> {
    let found = config.at(path);
    let (value, configured) = read(config, &found);
    // To the audit a reference that leads nowhere leaves the place to the variable.
    if value.is_some() || configured && !config.upstream() {
        return Credential { found, value, configured, variable: None };
    }
    if let Some(value) = from_env(config, variable) {
        return Credential { found, value: Some(value), configured: true, variable: Some(variable) };
    }
    if configured || config.env.is_set(variable) && !config.upstream() {
        return Credential { found, value, configured: true, variable: None };
    }
    if config.upstream()
        && let Some(remote) = remote
    {
        let there = config.at(remote);
        let (value, configured) = read(config, &there);
        // The audit takes a client's password as a value, but not as a configured one.
        let configured = configured && path.ends_with("token");
        return Credential { found: if found.exists() { found } else { there }, value, configured, variable: None };
    }
    // 2026.5.12 knows that a client's token is there, but does not read it.
    let configured = config.upstream()
        && config.since(Release::V2026_5)
        && path.ends_with("token")
        && read(config, &config.at("gateway.remote.token")).1;
    Credential { found, value: None, configured, variable: None }
}

/// A variable of a known environment; the first release also reads its older name.
fn from_env<'a>(config: &'a Config, variable: &str) -> Option<&'a str> {
    let filled = |name: &str| config.env.get(name).map(str::trim).filter(|value| !value.is_empty());
    let older = || {
        let name = variable.strip_prefix("OPENCLAW")?;
        if config.since(Release::V2026_5) { None } else { filled(&format!("CLAWDBOT{name}")) }
    };
    filled(variable).or_else(older)
}

/// The value at a place when we know it, and whether one is configured at all.
fn read<'a>(config: &'a Config, found: &Found<'a>) -> (Option<&'a str>, bool) {
    let defaults = config.at("secrets.defaults.env");
    let default = defaults.str().map(str::trim).filter(|name| !name.is_empty()).unwrap_or("default");
    let by_name = |name: &str, provider: &str| {
        let value = if serves(config, provider, default, name) { config.env.get(name) } else { None };
        (value.map(str::trim).filter(|value| !value.is_empty()), true)
    };
    let Some(text) = found.text() else {
        let reference = found.is_reference();
        let from_env = reference && found.get("source").is("env");
        return match found.get("id").str() {
            Some(name) if from_env => by_name(name, found.get("provider").str().unwrap_or(default)),
            _ => (None, reference),
        };
    };
    let plain = text.text.trim();
    if plain.is_empty() {
        return (None, false);
    }
    let upstream = config.upstream();
    let newest = config.since(Release::V2026_9);
    match text.env {
        EnvUse::Unknown => (None, true),
        EnvUse::Missing if upstream && newest => (None, false),
        EnvUse::Missing if !upstream => (None, true),
        // The newest audit tells an escaped `$${NAME}` from a reference, the one before does not.
        _ if is_env_shorthand(plain) && (!upstream || config.since(Release::V2026_5)) => {
            if text.env == EnvUse::None && plain.starts_with("${") && (newest || !upstream) {
                return (Some(plain), true);
            }
            by_name(shorthand_name(plain), default)
        }
        _ => (Some(plain), true),
    }
}

/// Does the secret provider hand out the variable? The default one needs no declaration; a declared
/// one must be for the environment and may list the names it gives.
fn serves(config: &Config, provider: &str, default: &str, name: &str) -> bool {
    let declared = config.at("secrets.providers").get(provider);
    if !declared.exists() {
        return provider == default;
    }
    let listed = declared.get("allowlist");
    declared.get("source").is("env") && (!listed.exists() || listed.strings().any(|(listed, _)| listed == name))
}

/// The name in `$NAME` or `${NAME}`.
fn shorthand_name(text: &str) -> &str {
    text.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}')
}

/// The variable that a value refers to as a whole: `${NAME}`, `$NAME` or an `env` secret reference.
#[must_use]
pub fn variable_of<'a>(found: &Found<'a>) -> Option<&'a str> {
    if let Some(text) = found.text() {
        let plain = text.text.trim();
        let refers = matches!(text.env, EnvUse::Unknown | EnvUse::Missing) || !plain.starts_with("${");
        return (refers && is_env_shorthand(plain)).then(|| shorthand_name(plain));
    }
    if found.is_reference() && found.get("source").is("env") { found.get("id").str() } else { None }
}

impl Gateway<'_> {
    /// Can other machines connect to the port?
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.listens == Listens::Network
    }

    /// Can this machine alone connect to the port?
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.listens == Listens::Loopback
    }

    /// Can anybody else reach it, by the port or through Tailscale?
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.is_reachable() || self.tailscale != Tailscale::Off
    }

    /// Does this configuration start a gateway at all? One with `gateway.mode: "remote"` is a
    /// client's; upstream audits it all the same.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.config.upstream() || !self.config.at("gateway.mode").is("remote")
    }

    /// Is the Control UI on?
    #[must_use]
    pub fn has_control_ui(&self) -> bool {
        !self.config.at("gateway.controlUi.enabled").is_false()
    }

    /// Must a caller from the network prove who it is?
    #[must_use]
    pub fn has_auth(&self) -> bool {
        let token = || self.token.configured || self.is_deployed(TOKEN_VARIABLE);
        let password = || self.password.configured || self.is_deployed(PASSWORD_VARIABLE);
        match self.mode {
            Mode::None => false,
            Mode::TrustedProxy => true,
            Mode::Other => !self.config.upstream(),
            _ if !self.explicit => token() || password(),
            Mode::Token => token(),
            Mode::Password => password(),
        }
    }

    /// Must a caller on this machine, or through Tailscale Serve, prove who it is?
    #[must_use]
    pub fn has_loopback_auth(&self) -> bool {
        let old = self.config.upstream() && !self.config.since(Release::V2026_9);
        let proxied = old && self.mode == Mode::TrustedProxy;
        self.has_auth() && !proxied || self.tailscale == Tailscale::Serve && self.allows_tailscale()
    }

    fn allows_tailscale(&self) -> bool {
        let written = self.config.at("gateway.auth.allowTailscale").bool();
        written.unwrap_or(!matches!(self.mode, Mode::Password | Mode::TrustedProxy))
    }

    /// Must a caller of the HTTP interface prove who it is, in upstream's reading?
    #[must_use]
    pub fn has_http_auth(&self) -> bool {
        if !self.config.since(Release::V2026_9) {
            return self.mode != Mode::None;
        }
        match self.mode {
            Mode::Token => self.token.value.is_some(),
            Mode::Password => self.password.value.is_some(),
            Mode::TrustedProxy => true,
            Mode::None | Mode::Other => false,
        }
    }

    /// The credential that the mode asks for.
    #[must_use]
    pub const fn active(&self) -> Option<&Credential<'_>> {
        match self.mode {
            Mode::Token => Some(&self.token),
            Mode::Password => Some(&self.password),
            _ => None,
        }
    }

    /// The port it listens on, when it is not the environment that says so.
    #[must_use]
    pub fn port(&self) -> u16 {
        let written = self.config.at("gateway.port").number();
        let whole = written.and_then(|port| format!("{port}").parse().ok());
        whole.unwrap_or(DEFAULT_PORT)
    }

    /// Does a deployment file of the repository set the variable?
    fn is_deployed(&self, variable: &str) -> bool {
        !self.config.upstream() && !self.config.project.deployed(variable, &self.config.dir).is_empty()
    }

    /// What a message adds when it rests on the environment having no credential.
    #[must_use]
    pub const fn assumption(&self) -> &'static str {
        if self.config.env.is_known() {
            ""
        } else {
            " (OPENCLAW_GATEWAY_TOKEN and OPENCLAW_GATEWAY_PASSWORD are taken as unset)"
        }
    }
}
