//! Chat channels: their accounts, what an account inherits, and who may talk to it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::config::Config;
use super::dialect::Release;
use super::value::{EnvUse, Found, Kind};

/// One account that the gateway would start: a key of `channels.<c>.accounts`, or the section
/// itself where it has none.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The channel: `telegram`.
    pub channel: &'a str,
    /// Its key under `accounts`; none for the section itself.
    pub key: Option<&'a str>,
    /// The section `channels.<channel>`.
    pub section: Found<'a>,
    own: Option<Found<'a>>,
    defaults: Found<'a>,
    /// Telegram with several accounts: `groups` of the section are not inherited.
    own_groups: bool,
}

impl<'a> Account<'a> {
    /// A setting: the account's own, else the section's. Its absence is anchored at the account.
    #[must_use]
    pub fn get(&self, key: &'a str) -> Found<'a> {
        let own = self.own.as_ref().map(|own| own.get(key));
        match own {
            Some(own) if own.exists() || self.own_groups && key == "groups" => own,
            Some(own) => Some(self.section.get(key)).filter(Found::exists).unwrap_or(own),
            None => self.section.get(key),
        }
    }

    /// The account's own object, or the section.
    #[must_use]
    pub fn found(&self) -> &Found<'a> {
        self.own.as_ref().unwrap_or(&self.section)
    }

    /// Every setting that is in force, inherited ones first.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, Found<'a>)> {
        let own: Vec<_> = self.own.iter().flat_map(Found::entries).collect();
        let names: BTreeSet<&str> = own.iter().map(|(key, _)| *key).collect();
        let own_groups = self.own_groups;
        let inherited = move |(key, _): &(&str, Found<'_>)| {
            let apart = matches!(*key, "accounts" | "defaultAccount") || own_groups && *key == "groups";
            !apart && !names.contains(key)
        };
        self.section.entries().filter(inherited).chain(own)
    }

    /// Every value called `name` inside a group, topic, guild or chat of the account.
    #[must_use]
    pub fn nested(&self, name: &str) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        for (_, member) in self.members() {
            collect(&member, name, &mut found);
        }
        found
    }

    /// Who may write directly: `dmPolicy`, or the older `dm.policy`.
    #[must_use]
    pub fn dm_policy(&self) -> Found<'a> {
        let old = self.get("dm").get("policy");
        Some(self.get("dmPolicy")).filter(|found| found.exists() || !old.exists()).unwrap_or(old)
    }

    /// Who may write directly, with the default; nothing when only the environment knows.
    #[must_use]
    pub fn dm_policy_in_force(&self) -> Option<&'a str> {
        let policy = self.dm_policy();
        if policy.exists() { policy.str() } else { Some("pairing") }
    }

    /// The senders that may write directly: `allowFrom`, or the older `dm.allowFrom`.
    #[must_use]
    pub fn allow_from(&self) -> Found<'a> {
        let old = self.get("dm").get("allowFrom");
        Some(self.get("allowFrom")).filter(|found| found.exists() || !old.exists()).unwrap_or(old)
    }

    /// In which groups it listens: its own, the section's or that of `channels.defaults`.
    #[must_use]
    pub fn group_policy(&self) -> Found<'a> {
        let own = self.get("groupPolicy");
        let default = self.defaults.get("groupPolicy");
        if own.exists() || !default.exists() { own } else { default }
    }

    /// The same with the default; nothing when only the environment knows.
    #[must_use]
    pub fn group_policy_in_force(&self) -> Option<&'a str> {
        let policy = self.group_policy();
        if policy.exists() { policy.str() } else { Some("allowlist") }
    }

    /// Does the release drop all direct messages of the account, because its policy is open and no list of
    /// senders has a `*`? A list that only the environment knows may have one.
    #[must_use]
    pub fn drops_direct(&self, config: &Config) -> bool {
        drops_direct(config, self.channel, self.found(), &self.section)
    }

    /// Are names accepted where ids are expected?
    #[must_use]
    pub fn matches_names(&self) -> bool {
        self.get("dangerouslyAllowNameMatching").is_true()
    }
}

fn collect<'a>(here: &Found<'a>, name: &str, found: &mut Vec<Found<'a>>) {
    for (key, member) in here.entries() {
        if key == name {
            found.push(member);
        } else {
            collect(&member, name, found);
        }
    }
}

/// An entry of an allow list as text; numbers count, what only the environment knows does not.
#[must_use]
pub fn entry_text<'a>(entry: &Found<'a>) -> Option<Cow<'a, str>> {
    if let Some(number) = entry.number() {
        return Some(Cow::Owned(format!("{number}")));
    }
    entry.str().map(|text| Cow::Borrowed(text.trim())).filter(|text| !text.is_empty())
}

/// The known entries of an allow list with their text.
pub fn entries<'a>(list: &Found<'a>) -> impl Iterator<Item = (Cow<'a, str>, Found<'a>)> + use<'a> {
    list.items().filter_map(|entry| Some((entry_text(&entry)?, entry)))
}

/// The entry `*` of an allow list.
#[must_use]
pub fn wildcard<'a>(list: &Found<'a>) -> Option<Found<'a>> {
    entries(list).find(|(text, _)| text == "*").map(|(_, entry)| entry)
}

/// Channels for which open direct messages need a `*` among the senders: without it 2026.2 refuses the
/// configuration, and later releases drop every direct message.
pub const OPEN_NEEDS_STAR: &[&str] =
    &["telegram", "discord", "slack", "signal", "imessage", "irc", "bluebubbles", "whatsapp", "msteams"];

/// Does the release drop all direct messages of a section or account of `channel`, whose policy is open, because
/// no list of senders has a `*`? A list that only the environment knows may have one.
#[must_use]
pub fn drops_direct(config: &Config, channel: &str, section: &Found<'_>, base: &Found<'_>) -> bool {
    let lists = [section, base].into_iter().flat_map(|at| [at.get("allowFrom"), at.get("dm").get("allowFrom")]);
    let list = lists.into_iter().find(Found::exists);
    let lets_in = |list: &Found<'_>| {
        wildcard(list).is_some() || list.is_unknown() || list.items().any(|entry| entry.is_unknown())
    };
    config.since(Release::V2026_5) && OPEN_NEEDS_STAR.contains(&channel) && !list.as_ref().is_some_and(lets_in)
}

/// A sender as the channel compares it.
#[must_use]
pub fn sender(channel: &str, text: &str) -> String {
    let text = text.trim();
    let rest = without_prefix(text, channel).or_else(|| match channel {
        "telegram" => without_prefix(text, "tg"),
        "irc" => without_prefix(text, "user"),
        _ => None,
    });
    let rest = rest.unwrap_or(text).trim();
    match channel {
        "irc" => rest.to_lowercase(),
        "signal" | "whatsapp" => rest.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect(),
        _ => rest.to_owned(),
    }
}

/// What follows `<name>:`, whatever its case.
fn without_prefix<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (head, rest) = text.split_once(':')?;
    head.eq_ignore_ascii_case(name).then_some(rest)
}

impl Config {
    /// Every account that would be started: enabled, with a credential. In the upstream profile only
    /// those that the audit of the release looks at, in its order.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account<'_>> {
        let mut sections: Vec<_> = self.root().get("channels").entries().filter(|(_, found)| found.is_map()).collect();
        sections.retain(|(id, _)| !matches!(*id, "defaults" | "modelByChannel"));
        if self.upstream() {
            sections.retain(|(id, _)| audited(id, self.dialect.release));
            sections.sort_by_key(|(id, _)| *id);
        }
        sections.into_iter().flat_map(|(id, section)| self.accounts_of(id, section)).collect()
    }

    /// The accounts of one channel that would be started, whether upstream looks at them or not.
    #[must_use]
    pub fn accounts_of<'a>(&'a self, channel: &'a str, section: Found<'a>) -> Vec<Account<'a>> {
        let plugin = self.root().get("plugins").get("entries").get(channel).get("enabled");
        if section.get("enabled").is_false() || plugin.is_false() && !self.upstream() {
            return Vec::new();
        }
        let keys: Vec<_> = section.get("accounts").entries().filter(|(_, found)| found.is_map()).collect();
        let own_groups = channel == "telegram" && keys.len() > 1;
        let defaults = self.root().get("channels").get("defaults");
        let whole = Account { channel, key: None, section, own: None, defaults, own_groups: false };
        if keys.is_empty() {
            return Some(whole).filter(|account| self.is_configured(account)).into_iter().collect();
        }
        let accounts =
            keys.into_iter().map(|(key, own)| Account { key: Some(key), own: Some(own), own_groups, ..whole.clone() });
        accounts.filter(|account| !account.found().get("enabled").is_false() && self.is_configured(account)).collect()
    }

    /// Does the account have what it takes to connect?
    fn is_configured(&self, account: &Account<'_>) -> bool {
        let has = |key: &&str| is_set(&account.get(key));
        let known = CREDENTIALS.iter().find(|(channel, _)| *channel == account.channel);
        let Some((_, ways)) = known else { return self.is_plugin_configured(account) };
        ways.iter().any(|keys| keys.iter().all(has)) || self.env_credential(account)
    }

    /// A channel that we know nothing of: whatever looks like a credential counts.
    fn is_plugin_configured(&self, account: &Account<'_>) -> bool {
        let named = |key: &str| {
            let key = key.to_ascii_lowercase();
            ["token", "secret", "password", "apikey"].iter().any(|word| key.ends_with(word))
        };
        !self.upstream()
            && (account.get("enabled").is_true() || account.members().any(|(key, found)| named(key) && is_set(&found)))
    }

    /// Some channels take their credential from the environment, for the default account only.
    fn env_credential(&self, account: &Account<'_>) -> bool {
        let Some((_, names)) = ENVIRONMENT.iter().find(|(channel, _)| *channel == account.channel) else {
            return false;
        };
        if !account.key.is_none_or(|key| key.eq_ignore_ascii_case("default")) {
            return false;
        }
        // With an unknown environment a section that is switched on, or says who may write, is meant to run.
        let meant = || ["dmPolicy", "groupPolicy"].into_iter().any(|key| account.get(key).exists());
        let unknown = !self.env.is_known() && (account.get("enabled").is_true() || meant());
        let set = |name: &&str| self.env.get(name).is_some_and(|value| !value.trim().is_empty());
        unknown || names.iter().all(set)
    }

    /// The senders that were paired with an account, as the credentials directory keeps them.
    #[must_use]
    pub fn paired(&self, account: &Account<'_>) -> Vec<String> {
        let key = account.key.unwrap_or("default").to_ascii_lowercase();
        let mut names = vec![format!("{}-{key}-allowFrom.json", account.channel)];
        if key == "default" {
            names.push(format!("{}-allowFrom.json", account.channel));
        }
        let dir = self.credentials_dir();
        let files = names.iter().filter_map(|name| self.project.document(&format!("{dir}/{name}"))?.root());
        let lists = files.map(|root| root.get("allowFrom")).collect::<Vec<_>>();
        lists.iter().flat_map(entries).map(|(text, _)| text.into_owned()).collect()
    }
}

/// Does the plain audit of the release look at the channel?
const fn audited_by(release: Release) -> &'static [&'static str] {
    match release {
        Release::V2026_5 => &["imessage", "irc", "signal", "telegram"],
        Release::V2026_2 | Release::V2026_9 => &[],
    }
}

fn audited(channel: &str, release: Release) -> bool {
    audited_by(release).contains(&channel)
}

/// Is anything but a blank written here?
fn is_set(found: &Found<'_>) -> bool {
    match found.value().map(|value| &value.kind) {
        Some(Kind::String(text)) => text.env != EnvUse::None || !text.text.trim().is_empty(),
        Some(Kind::Bool(_) | Kind::Number(_)) => true,
        Some(Kind::List(items)) => !items.is_empty(),
        Some(Kind::Map(map)) => !map.entries.is_empty(),
        Some(Kind::Null) | None => false,
    }
}

/// What connects an account, by channel: one of the ways, each with all of its keys. An empty way
/// means that the section alone is enough, because the login is kept outside the configuration.
const CREDENTIALS: &[(&str, &[&[&str]])] = &[
    ("telegram", &[&["botToken"], &["tokenFile"]]),
    ("discord", &[&["token"]]),
    ("slack", &[&["botToken"], &["userToken"]]),
    (
        "signal",
        &[&["account"], &["httpUrl"], &["cliPath"], &["httpHost"], &["httpPort"], &["autoStart"], &["transport"]],
    ),
    ("irc", &[&["host", "nick"]]),
    (
        "imessage",
        &[
            &["cliPath"],
            &["dbPath"],
            &["service"],
            &["region"],
            &["allowFrom"],
            &["groupAllowFrom"],
            &["dmPolicy"],
            &["groupPolicy"],
            &["includeAttachments"],
            &["mediaMaxMb"],
            &["textChunkLimit"],
            &["groups"],
        ],
    ),
    ("whatsapp", &[&[]]),
    ("zalouser", &[&[]]),
    ("googlechat", &[&["serviceAccount"], &["serviceAccountFile"], &["serviceAccountRef"]]),
    ("msteams", &[&["appId"]]),
    ("mattermost", &[&["botToken"]]),
    ("matrix", &[&["accessToken"], &["password"]]),
    ("feishu", &[&["appId", "appSecret"]]),
    ("line", &[&["channelAccessToken"], &["tokenFile"]]),
    ("nostr", &[&["privateKey"]]),
    ("twitch", &[&["accessToken"]]),
    ("tlon", &[&["ship", "code"]]),
    ("zalo", &[&["botToken"], &["tokenFile"]]),
    ("synology-chat", &[&["token"]]),
    ("nextcloud-talk", &[&["botSecret"], &["botSecretFile"]]),
    ("bluebubbles", &[&["password"]]),
    ("sms", &[&["authToken"]]),
];

/// The variables that stand in for a credential in the configuration.
const ENVIRONMENT: &[(&str, &[&str])] = &[
    ("telegram", &["TELEGRAM_BOT_TOKEN"]),
    ("discord", &["DISCORD_BOT_TOKEN"]),
    ("slack", &["SLACK_BOT_TOKEN"]),
    ("irc", &["IRC_HOST", "IRC_NICK"]),
    ("line", &["LINE_CHANNEL_ACCESS_TOKEN"]),
    ("mattermost", &["MATTERMOST_BOT_TOKEN"]),
    ("msteams", &["MSTEAMS_APP_ID"]),
    ("matrix", &["MATRIX_ACCESS_TOKEN"]),
];
