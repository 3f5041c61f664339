//! Who may command the agent in Telegram groups, and entries that Telegram does not understand.

use crate::config;
use crate::kind::Role;
use crate::model::channels::{Account, entries, sender, wildcard};
use crate::rule::prelude::*;
use crate::rules::channels::{AUDITED, Once};
use crate::secret;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "channels.telegram.allowFrom.invalid_entries",
        summary: "A Telegram list of senders holds something else than a user id",
        versions: AUDITED,
        also: Some(Versions::OPENCLAW),
        why: "Senders are compared by their numeric id: a @name or a group's id in the list lets nobody in, and who reads \
              the file believes that it does.",
        remedy: "Replace the entry by the numeric user id.",
        links: &["https://docs.openclaw.ai/channels/telegram"],
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: [«"@alice"», "111", "@bob"] } } }"#),
            config!(
                r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: ["111"], groups: { "-1": { topics: { "2": { allowFrom: [«-100123»] } } } } } } }"#
            ),
        ],
        good: &[
            config!(
                r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: ["tg:111", 42, "*", "telegram:7"] } } }"#
            ),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: [1], groupAllowFrom: ["@bob"] } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: ["-5"] } } }"#).on(V2026_2),
            Example::files(&[(
                "openclaw.json.example",
                r#"{ gateway: {}, channels: { telegram: { botToken: "${TG}", allowFrom: ["YOUR_USER_ID"] } } }"#,
            )]),
        ],
        check: Check::Config(invalid_entries),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.telegram.groups.allowFrom.wildcard",
        summary: "Every member of a Telegram group can command the agent",
        severity: Severity::Critical,
        versions: AUDITED,
        also: Some(Versions::OPENCLAW),
        cwe: &[284],
        why: "With \"*\" among the group senders any member runs commands and steers the agent.",
        remedy: "Remove \"*\" from groupAllowFrom and list numeric user ids.",
        repair: Repair::Remove(Safety::Safe),
        links: &["https://docs.openclaw.ai/channels/telegram"],
        bad: &[config!(
            r#"{ channels: { telegram: { botToken: "${TG}", groups: { "-1001": {} }, groupAllowFrom: [1, «"*"»] } } }"#
        )],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groupAllowFrom: ["*"] } } }"#),
            config!(
                r#"{ commands: { text: false }, channels: { telegram: { botToken: "${TG}", groups: { "-1": {} }, groupAllowFrom: ["*"] } } }"#
            ),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groupPolicy: "open", groupAllowFrom: [42] } } }"#),
        ],
        check: Check::Config(group_wildcard),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.telegram.groups.allowFrom.missing",
        summary: "Telegram groups are let in, but no sender is named",
        severity: Severity::Critical,
        versions: AUDITED,
        also: Some(Versions::OPENCLAW),
        cwe: &[284],
        why: "Without a list of senders any member of a group that is let in can run commands. Under an allowlist policy \
              the present releases turn group messages of strangers away, so there it is a warning.",
        remedy: "Set groupAllowFrom (or groups.<id>.allowFrom) to numeric user ids.",
        links: &["https://docs.openclaw.ai/channels/telegram"],
        bad: &[
            config!(r#"{ channels: { «telegram»: { botToken: "${TG}", groups: { "-1": {} } } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groups: { "-1": {} }, «groupAllowFrom»: [] } } }"#),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}" } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groupPolicy: "open" } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groups: { "-1": { allowFrom: [42] } } } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: [42], groups: { "-1": {} } } } }"#),
        ],
        check: Check::Config(group_senders_missing),
        ..Rule::DEFAULT
    },
];

fn accounts(config: &Config) -> Vec<Account<'_>> {
    config.accounts().into_iter().filter(|account| account.channel == "telegram").collect()
}

/// Can commands come from a group at all?
fn has_group_commands(config: &Config, account: &Account<'_>) -> bool {
    let groups = account.get("groups").entries().next().is_some();
    let reached = match account.group_policy_in_force() {
        Some("open") => true,
        Some("allowlist") => groups,
        _ => false,
    };
    reached && !config.at("commands.text").is_false()
}

/// The `allowFrom` lists of groups and topics.
fn room_lists<'a>(account: &Account<'a>) -> Vec<Found<'a>> {
    let groups: Vec<_> = account.get("groups").entries().map(|(_, group)| group).collect();
    let topics: Vec<_> =
        groups.iter().flat_map(|group| group.get("topics").entries()).map(|(_, topic)| topic).collect();
    groups.iter().chain(&topics).map(|room| room.get("allowFrom")).filter(Found::exists).collect()
}

fn invalid_entries(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in accounts(config) {
        let mut lists = vec![account.get("allowFrom")];
        if has_group_commands(config, &account) {
            lists.push(account.get("groupAllowFrom"));
            lists.extend(room_lists(&account));
        }
        for list in lists {
            let wrong = entries(&list).filter(|(text, _)| !is_user(text, config)).map(|(_, entry)| entry);
            let wrong: Vec<Found<'_>> = wrong.collect();
            let Some((first, rest)) = wrong.split_first() else { continue };
            if !once.is_new(&account, &first.place()) {
                continue;
            }
            let message = format!("{} is not a numeric user id", first.path());
            let mut said = report.at(first.place(), message);
            for other in rest {
                said = said.related(&other.place(), "nor is this one");
            }
        }
    }
}

/// A numeric user id in one of its spellings, or something that is no sender at all.
fn is_user(text: &str, config: &Config) -> bool {
    let bare = sender("telegram", text);
    let digits = if config.since(V2026_5) { &*bare } else { bare.strip_prefix('-').unwrap_or(&bare) };
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Who copies a template writes the ids.
    let blank = config.role == Role::Template && secret::placeholder(text).is_some();
    numeric || blank || bare.is_empty() || bare == "*" || bare.starts_with("accessGroup:")
}

fn group_wildcard(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in accounts(config).iter().filter(|account| has_group_commands(config, account)) {
        let list = account.get("groupAllowFrom");
        let paired = config.paired(account).iter().any(|text| text == "*");
        let place = match wildcard(&list) {
            Some(entry) => entry.place(),
            None if paired => list.place(),
            None => continue,
        };
        if once.is_new(account, &place) {
            report.at(place, format!("{} has \"*\"", list.path()));
        }
    }
}

fn group_senders_missing(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in accounts(config).iter().filter(|account| has_group_commands(config, account)) {
        // An open policy asks no list; channels.*.groups.open says so.
        if !config.upstream() && account.group_policy_in_force() == Some("open") {
            continue;
        }
        let list = account.get("groupAllowFrom");
        let named = |list: &Found<'_>| list.items().next().is_some() || list.is_unknown();
        let direct = account.get("allowFrom");
        // A list of direct senders stands in for a missing one of group senders.
        let inherited = !config.upstream() && !list.exists() && named(&direct) && wildcard(&direct).is_none();
        let known = named(&list) || inherited || room_lists(account).iter().any(named);
        if known || !config.paired(account).is_empty() || !once.is_new(account, &list.place()) {
            continue;
        }
        let severity = if config.upstream() { Severity::Critical } else { Severity::Warn };
        let message = format!("{} names nobody while groups are let in", list.path());
        let said = report.at(list.place(), message).severity(severity);
        // Whoever may write directly is the nearest to somebody who may command in groups.
        let ids: Vec<String> = entries(&direct)
            .map(|(text, _)| sender("telegram", &text))
            .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
            .collect();
        if !ids.is_empty() {
            let title = format!("Set {} to the numeric ids of {}", list.path(), direct.path());
            said.fix(Safety::Unsafe, title, [list.set(ids)]);
        }
    }
}
