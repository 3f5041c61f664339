//! Who may run slash commands in Discord and Slack, and names where ids are expected.

use crate::config;
use crate::model::channels::{Account, entries, wildcard};
use crate::rule::prelude::*;
use crate::rules::channels::Once;

/// Upstream's plain audit never comes to these channels: their checks are in packages of their own.
/// `commands.useAccessGroups` is gone since 2026.9.
const ACCESS_GROUPS: Versions = Versions::range(V2026_2, V2026_5).and_closedclaw();

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "channels.discord.allowFrom.name_based_entries",
        summary: "A Discord list of senders holds a name instead of an id",
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        cwe: &[290],
        why: "Names and tags can be changed and taken by others. Without name matching the entry lets nobody in; with it, \
              whoever takes the name.",
        remedy: "Use the numeric id (or <@id>, user:<id>, pk:<id>).",
        links: &["https://docs.openclaw.ai/channels/discord"],
        bad: &[
            config!(r#"{ channels: { discord: { token: "${D}", allowFrom: ["123", «"alice#1234"»] } } }"#),
            config!(
                r#"{ channels: { discord: { token: "${D}", guilds: { "1": { channels: { general: { users: [«"bob"»] } } } } } } }"#
            ),
        ],
        good: &[
            config!(r#"{ channels: { discord: { token: "${D}", allowFrom: ["123", "<@!5>", "pk:abc", "*", "user:9"] } } }"#),
            config!(r#"{ channels: { discord: { enabled: false, token: "${D}", allowFrom: ["alice"] } } }"#),
        ],
        check: Check::Config(discord_names),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.discord.commands.native.unrestricted",
        summary: "Anybody in an allowed Discord server can run slash commands",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        versions: ACCESS_GROUPS,
        cwe: &[284],
        why: "With commands.useAccessGroups off, only a users list per server or channel would limit who runs commands, \
              and there is none.",
        remedy: "Remove commands.useAccessGroups, or list users for each server.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(
            r#"{ commands: { useAccessGroups: «false» }, channels: { discord: { token: "${D}", guilds: { "1": {} } } } }"#
        )
        .on(V2026_5)],
        good: &[
            config!(
                r#"{ commands: { useAccessGroups: false }, channels: { discord: { token: "${D}", guilds: { "1": { users: ["5"] } } } } }"#
            )
            .on(V2026_5),
            config!(
                r#"{ commands: { useAccessGroups: false, native: false, nativeSkills: false }, channels: { discord: { token: "${D}", guilds: { "1": {} } } } }"#
            )
            .on(V2026_5),
        ],
        check: Check::Config(discord_unrestricted),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.discord.commands.native.no_allowlists",
        summary: "Discord slash commands are on, but nobody may use them",
        regular: Some(Severity::Info),
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Neither an owner nor any users list is written: every slash command is turned away.",
        remedy: "Add your id to channels.discord.allowFrom or to the users of a server.",
        bad: &[config!(r#"{ channels: { discord: { token: "${D}", «guilds»: { "1": { channels: { "2": {} } } } } } }"#)],
        good: &[
            config!(r#"{ channels: { discord: { token: "${D}", allowFrom: ["5"], guilds: { "1": {} } } } }"#),
            config!(r#"{ channels: { discord: { token: "${D}", guilds: { "1": { channels: { "2": { users: ["5"] } } } } } } }"#),
            config!(r#"{ channels: { discord: { token: "${D}", groupPolicy: "disabled", guilds: { "1": {} } } } }"#),
        ],
        check: Check::Config(discord_no_allowlists),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.discord.allowlisted_groups.broad_members",
        summary: "Every member of an allowed Discord server or channel can use the agent",
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        cwe: &[284],
        why: "The allowlist names places, not people: whoever is in the place, or joins it, talks to the agent.",
        remedy: "Add users or roles to the server or the channel.",
        bad: &[
            config!(r#"{ channels: { discord: { token: "${D}", guilds: { «"1"»: {} } } } }"#),
            config!(
                r#"{ channels: { discord: { token: "${D}", guilds: { "1": { channels: { «"2"»: {}, "3": { roles: ["9"] }, "4": { enabled: false } } } } } } }"#
            ),
        ],
        good: &[
            config!(r#"{ channels: { discord: { token: "${D}", guilds: { "1": { roles: ["7"], channels: { "2": {} } } } } } }"#),
            config!(r#"{ channels: { discord: { token: "${D}", groupPolicy: "disabled", guilds: { "1": {} } } } }"#),
        ],
        check: Check::Config(discord_broad),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.slack.commands.slash.useAccessGroups_off",
        summary: "Slack slash commands are not limited to allowed people",
        severity: Severity::Critical,
        profiles: Profiles::OURS,
        versions: ACCESS_GROUPS,
        cwe: &[284],
        why: "With commands.useAccessGroups off, slash commands skip the lists of senders.",
        remedy: "Remove commands.useAccessGroups.",
        repair: Repair::Remove(Safety::Safe),
        bad: &[config!(
            r#"{ commands: { useAccessGroups: «false» }, channels: { slack: { botToken: "${S}", slashCommand: { enabled: true } } } }"#
        )
        .on(V2026_5)],
        good: &[
            config!(r#"{ commands: { useAccessGroups: false }, channels: { slack: { botToken: "${S}" } } }"#).on(V2026_5),
            config!(r#"{ channels: { slack: { botToken: "${S}", slashCommand: { enabled: true } } } }"#).on(V2026_5),
        ],
        check: Check::Config(slack_unrestricted),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.slack.commands.slash.no_allowlists",
        summary: "Slack slash commands are on, but nobody may use them",
        regular: Some(Severity::Info),
        profiles: Profiles::OURS,
        hygiene: true,
        why: "Neither allowFrom nor the users of any channel are written: every slash command is turned away.",
        remedy: "Add your id to channels.slack.allowFrom or to the users of a channel.",
        bad: &[config!(
            r#"{ channels: { «slack»: { botToken: "${S}", groupPolicy: "open", slashCommand: { enabled: true } } } }"#
        )],
        good: &[
            config!(
                r#"{ channels: { slack: { botToken: "${S}", slashCommand: { enabled: true }, channels: { C1: { users: ["U123"] } } } } }"#
            ),
            config!(r#"{ channels: { slack: { botToken: "${S}", commands: { native: "auto" } } } }"#),
        ],
        check: Check::Config(slack_no_allowlists),
        ..Rule::DEFAULT
    },
];

fn accounts<'a>(config: &'a Config, channel: &str) -> Vec<Account<'a>> {
    config.accounts().into_iter().filter(|account| account.channel == channel).collect()
}

/// Are native commands, or native skill commands, on? `auto` means yes where `automatic` says so.
pub(super) fn is_on(config: &Config, account: &Account<'_>, key: &str, automatic: bool) -> bool {
    let own = account.get("commands").get(key);
    let setting = if own.exists() { own } else { config.root().get("commands").get(key) };
    setting.bool().unwrap_or(automatic)
}

fn has_native(config: &Config, account: &Account<'_>, automatic: bool) -> bool {
    is_on(config, account, "native", automatic) || is_on(config, account, "nativeSkills", automatic)
}

/// Is anybody, or anything unknown, in the list?
fn names_somebody(list: &Found<'_>) -> bool {
    list.items().next().is_some() || list.is_unknown()
}

fn members<'a>(found: &Found<'a>, key: &'a str) -> Vec<Found<'a>> {
    found.get(key).entries().map(|(_, member)| member).collect()
}

fn rooms<'a>(account: &Account<'a>) -> Vec<Found<'a>> {
    let guilds: Vec<_> = account.get("guilds").entries().map(|(_, guild)| guild).collect();
    let inside: Vec<_> = guilds.iter().flat_map(|guild| members(guild, "channels")).collect();
    guilds.into_iter().chain(inside).collect()
}

fn discord_names(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in accounts(config, "discord") {
        let severity = if account.matches_names() { Severity::Info } else { Severity::Warn };
        let direct = [account.get("allowFrom"), account.get("dm").get("allowFrom")];
        let users = rooms(&account).into_iter().map(|room| room.get("users"));
        for list in direct.into_iter().chain(users) {
            let names: Vec<_> =
                entries(&list).filter(|(text, _)| !is_discord_id(text)).map(|(_, entry)| entry).collect();
            let Some((first, rest)) = names.split_first() else { continue };
            if !once.is_new(&account, &first.place()) {
                continue;
            }
            let mut said = report.at(first.place(), format!("{} is a name", first.path())).severity(severity);
            for other in rest {
                said = said.related(&other.place(), "so is this one");
            }
        }
    }
}

/// `*`, an access group, digits, a mention, or an id with its kind in front.
fn is_discord_id(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mention = text.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
    let mention = mention.map(|rest| rest.strip_prefix('!').unwrap_or(rest));
    let kinds = ["discord:", "user:", "pk:", "accessGroup:"];
    let prefixed = kinds.iter().any(|kind| text.strip_prefix(kind).is_some_and(|rest| !rest.trim().is_empty()));
    text == "*" || prefixed || digits(mention.unwrap_or(text))
}

/// Servers are configured, commands are on, and no server or channel lists users.
fn has_open_commands(config: &Config, account: &Account<'_>) -> bool {
    let rooms = rooms(account);
    let limited = rooms.iter().any(|room| names_somebody(&room.get("users")));
    let reached = account.group_policy_in_force().is_some_and(|policy| policy != "disabled");
    reached && !rooms.is_empty() && !limited && has_native(config, account, true)
}

fn discord_unrestricted(config: &Config, report: &mut Report) {
    let switch = config.at("commands.useAccessGroups");
    let accounts = accounts(config, "discord");
    if switch.is_false() && accounts.iter().any(|account| has_open_commands(config, account)) {
        report.at(switch.place(), "commands.useAccessGroups is false and no Discord server lists its users");
    }
}

fn discord_no_allowlists(config: &Config, report: &mut Report) {
    if config.at("commands.useAccessGroups").is_false() {
        return;
    }
    let mut once = Once::default();
    for account in accounts(config, "discord").iter().filter(|account| has_open_commands(config, account)) {
        let owners = [account.get("allowFrom"), account.get("dm").get("allowFrom")];
        let roles = rooms(account).iter().any(|room| names_somebody(&room.get("roles")));
        let known = roles || owners.iter().any(names_somebody) || !config.paired(account).is_empty();
        let place = account.get("guilds").key_place();
        if !known && once.is_new(account, &place) {
            report.at(place, "slash commands are on, but neither owners nor users are listed");
        }
    }
}

fn discord_broad(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    let accounts = accounts(config, "discord");
    for account in accounts.iter().filter(|account| account.group_policy_in_force() == Some("allowlist")) {
        for (_, guild) in account.get("guilds").entries() {
            let channels = members(&guild, "channels");
            let rooms = if channels.is_empty() { vec![guild.clone()] } else { channels };
            for room in rooms.iter().filter(|room| is_broad(room, &guild)) {
                if once.is_new(account, &room.key_place()) {
                    report.at(room.key_place(), format!("{} is open to all its members", room.path()));
                }
            }
        }
    }
}

/// Does neither the room nor its server limit who may speak to the agent?
fn is_broad(room: &Found<'_>, guild: &Found<'_>) -> bool {
    if room.get("enabled").is_false() || room.get("allow").is_false() {
        return false;
    }
    let own = ["users", "roles"].map(|key| room.get(key));
    let lists = if own.iter().any(names_somebody) { own } else { ["users", "roles"].map(|key| guild.get(key)) };
    !lists.iter().any(names_somebody) || lists.iter().any(|list| wildcard(list).is_some())
}

fn has_slash(config: &Config, account: &Account<'_>) -> bool {
    account.get("slashCommand").get("enabled").is_true() || has_native(config, account, false)
}

fn slack_unrestricted(config: &Config, report: &mut Report) {
    let switch = config.at("commands.useAccessGroups");
    if switch.is_false() && accounts(config, "slack").iter().any(|account| has_slash(config, account)) {
        report.at(switch.place(), "commands.useAccessGroups is false and Slack slash commands are on");
    }
}

fn slack_no_allowlists(config: &Config, report: &mut Report) {
    if config.at("commands.useAccessGroups").is_false() {
        return;
    }
    let mut once = Once::default();
    for account in accounts(config, "slack").iter().filter(|account| has_slash(config, account)) {
        let users = members(account.found(), "channels").into_iter().chain(members(&account.section, "channels"));
        let known = names_somebody(&account.allow_from())
            || users.into_iter().any(|channel| names_somebody(&channel.get("users")))
            || !config.paired(account).is_empty();
        let place = account.found().key_place();
        if !known && once.is_new(account, &place) {
            report.at(place, "slash commands are on, but neither allowFrom nor users are listed");
        }
    }
}
