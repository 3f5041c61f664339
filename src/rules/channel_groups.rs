//! Who may talk to the agent in groups, and lists of senders that name people instead of ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::config;
use crate::model::channels::{Account, entries, entry_text, sender, wildcard};
use crate::rule::prelude::*;
use crate::rules::channels::{AUDITED, MOST_ACCOUNTS, Once};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "channels.*.groups.open",
        summary: "Every group that the bot is in can use the agent",
        profiles: Profiles::OURS,
        cwe: &[284],
        why: "With an open group policy anybody who adds the bot to a group, and everybody in that group, talks to the \
              agent; a group also carries text of strangers into its context.",
        remedy: "Set groupPolicy to \"allowlist\" and list groups and senders.",
        repair: Repair::Write(Safety::Safe, r#""allowlist""#),
        links: &["https://docs.openclaw.ai/gateway/security"],
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groupPolicy: «"open"» } } }"#),
            config!(r#"{ channels: { defaults: { groupPolicy: «"open"» }, discord: { token: "${D}" } } }"#),
            config!(
                r#"{ channels: { telegram: { accounts: { a: { botToken: "${TG}", groups: { "-1": { topics: { "7": { groupPolicy: «"open"» } } } } } } } } }"#
            ),
            config!(r#"{ channels: { feishu: { appId: "cli_x", appSecret: "${F}", groupPolicy: «"open"» } } }"#)
                .on(V2026_5),
            Example::files(&[
                ("openclaw.json", r#"{ channels: { whatsapp: { groupPolicy: «"open"» } } }"#),
                ("credentials/whatsapp-allowFrom.json", r#"{ "version": 1, "allowFrom": ["+15550001111"] }"#),
            ])
            .on(V2026_5),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groups: { "-1": {} } } } }"#),
            config!(
                r#"{ channels: { defaults: { groupPolicy: "open" }, discord: { token: "${D}", groupPolicy: "allowlist" } } }"#
            ),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", enabled: false, groupPolicy: "open" } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", groupPolicy: "${POLICY}" } } }"#),
        ],
        check: Check::Config(open),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.warning.*",
        summary: "The channel's own security warning",
        severity: Severity::Critical,
        profiles: Profiles::UPSTREAM,
        versions: AUDITED,
        why: "Release 2026.5 reports what channels say about themselves under a running number. Our own profiles report \
              an open group policy as channels.*.groups.open.",
        remedy: "Set groupPolicy to \"allowlist\".",
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "t", groupPolicy: «"open"» } } }"#).on(V2026_5),
            config!(r#"{ channels: { irc: { host: "h", nick: "n", tls: «false» } } }"#).on(V2026_5),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "t", groups: { "-1": { groupPolicy: "open" } } } } }"#)
                .on(V2026_5),
            config!(r#"{ channels: { discord: { token: "t", groupPolicy: "open" } } }"#).on(V2026_5),
        ],
        check: Check::Config(warnings),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.allowFrom.dangerous_name_matching_enabled",
        summary: "Senders are recognised by names that they can change",
        severity: Severity::Info,
        versions: AUDITED,
        also: Some(Versions::OPENCLAW),
        cwe: &[290],
        why: "Names, tags and addresses are chosen by their bearers: whoever takes the name of an allowed person is let in.",
        remedy: "List stable ids in allowFrom and remove dangerouslyAllowNameMatching.",
        links: &["https://docs.openclaw.ai/gateway/security"],
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[config!(r#"{ channels: { discord: { token: "${D}", dangerouslyAllowNameMatching: «true» } } }"#)],
        good: &[
            config!(r#"{ channels: { discord: { token: "${D}", dangerouslyAllowNameMatching: false } } }"#),
            config!(
                r#"{ channels: { discord: { enabled: false, token: "${D}", dangerouslyAllowNameMatching: true } } }"#
            ),
        ],
        check: Check::Config(name_matching),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.allowFrom.mutable_entries_inert",
        summary: "A list of senders holds a name that is never matched",
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        why: "Names are not compared unless dangerouslyAllowNameMatching is on: the entry lets nobody in, and who reads \
              the file believes that it does.",
        remedy: "Replace the name by the stable id (U… for a Slack user).",
        bad: &[config!(r#"{ channels: { slack: { botToken: "${S}", allowFrom: ["U012AB3CD", «"@alice"»] } } }"#)],
        good: &[
            config!(
                r#"{ channels: { slack: { botToken: "${S}", allowFrom: ["*", "user:U012AB3CD", "<@W99>", "accessGroup:ops"] } } }"#
            ),
            config!(
                r#"{ channels: { slack: { botToken: "${S}", dangerouslyAllowNameMatching: true, allowFrom: ["@alice"] } } }"#
            ),
        ],
        check: Check::Config(inert_names),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.synology-chat.reply.dangerous_name_matching_enabled",
        summary: "Replies go to whoever bears the name of the sender",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        cwe: &[290],
        why: "The recipient of a reply is looked up by a name that its bearer can change: an answer can reach somebody else.",
        remedy: "Remove dangerouslyAllowNameMatching.",
        repair: Repair::Remove(Safety::Unsafe),
        bad: &[config!(
            r#"{ channels: { "synology-chat": { token: "${T}", accounts: { a: { dangerouslyAllowNameMatching: «true» } } } } }"#
        )],
        good: &[config!(
            r#"{ channels: { "synology-chat": { token: "${T}", dangerouslyAllowNameMatching: false } } }"#
        )],
        check: Check::Config(synology_names),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.zalouser.groups.mutable_entries",
        summary: "A Zalo group is named by its title",
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        cwe: &[290],
        why: "A title can be changed and taken by another group; without name matching the entry allows nothing at all.",
        remedy: "Use the group's id (group:<digits> or g-…).",
        bad: &[config!(r#"{ channels: { zalouser: { groups: { «"Family"»: {}, "group:123": {} } } } }"#)],
        good: &[config!(r#"{ channels: { zalouser: { groups: { "*": {}, "123": {}, "zlu:g-abc": {} } } } }"#)],
        check: Check::Config(zalo_titles),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.feishu.doc_owner_open_id",
        summary: "The Feishu document tool can give documents to whoever asks",
        regular: Some(Severity::Info),
        profiles: Profiles::OURS,
        versions: Versions::OPENCLAW,
        why: "The document tool is on unless it is switched off, and it can make the person who asks the owner of a new \
              document.",
        remedy: "Set channels.feishu.tools.doc to false, or keep the channel to people you trust.",
        repair: Repair::Set(Safety::Safe, &[("channels.feishu.tools.doc", "false")]),
        bad: &[
            config!(r#"{ channels: { «feishu»: { appId: "cli_x", appSecret: "${F}" } } }"#),
            config!(r#"{ channels: { feishu: { appId: "cli_x", appSecret: "${F}", tools: { doc: «true» } } } }"#),
        ],
        good: &[
            config!(r#"{ channels: { feishu: { appId: "cli_x", appSecret: "${F}", tools: { doc: false } } } }"#),
            config!(r#"{ channels: { feishu: { appId: "cli_x" } } }"#),
        ],
        check: Check::Config(feishu_documents),
        ..Rule::DEFAULT
    },
];

fn open(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    let accounts = config.accounts();
    for account in &accounts {
        for policy in std::iter::once(account.group_policy()).chain(account.nested("groupPolicy")) {
            if !policy.is("open") || !once.is_new(account, &policy.place()) {
                continue;
            }
            let message = format!("{} is \"open\" for channels.{}", policy.path(), account.channel);
            let fix = listed_only(config, &accounts, &policy);
            report.at(policy.place(), message).part(account.channel).maybe(Some(fix));
        }
    }
}

/// Closes groups. Of accounts of `WhatsApp` whose policy it is, those who are paired and whom no list names stay in:
/// nobody could use a group otherwise.
pub(super) fn listed_only(config: &Config, accounts: &[Account<'_>], policy: &Found<'_>) -> Fix {
    let concerned = accounts.iter().take(MOST_ACCOUNTS).filter(|one| one.group_policy().span() == policy.span());
    let seeds: BTreeMap<String, Change> = concerned.filter_map(|account| seed(config, account)).collect();
    let mut title = format!("Set {} to \"allowlist\"", policy.path());
    for path in seeds.keys() {
        let _ = write!(title, " and {path} to who is paired");
    }
    Fix::new(Safety::Safe, title, std::iter::once(policy.set("allowlist")).chain(seeds.into_values()))
}

/// The list that is to name who is paired, and the change that makes it.
fn seed(config: &Config, account: &Account<'_>) -> Option<(String, Change)> {
    let list = account.get("groupAllowFrom");
    let paired = config.paired(account);
    let named = list.exists() || account.get("allowFrom").exists();
    if account.channel != "whatsapp" || named || paired.is_empty() || paired.iter().any(|sender| sender == "*") {
        return None;
    }
    Some((list.path(), list.set(paired)))
}

/// What a channel of release 2026.5 says about one of its accounts: where, how bad, and what.
fn said<'a>(account: &Account<'a>) -> Vec<(Found<'a>, Severity, &'static str)> {
    let mut said = Vec::new();
    if account.group_policy_in_force() == Some("open") {
        said.push((account.group_policy(), Severity::Critical, "the group policy is \"open\""));
    }
    if account.channel == "irc" {
        let tls = account.get("tls");
        let register = account.get("nickserv").get("register");
        if tls.is_false() {
            said.push((tls, Severity::Info, "TLS is off: traffic and password are readable on the way"));
        }
        if register.is_true() {
            said.push((register, Severity::Warn, "the nickname is registered on every connection"));
        }
    }
    said
}

fn warnings(config: &Config, report: &mut Report) {
    let mut before = 0;
    let accounts = config.accounts();
    for account in &accounts {
        before += usize::from(account.matches_names()) + direct_findings(config, account);
        for (found, severity, message) in said(account) {
            before += 1;
            let said = report.at(found.place(), message).severity(severity);
            let said = said.part(account.channel).part(&before.to_string());
            if found.is("open") {
                said.maybe(Some(listed_only(config, &accounts, &found)));
            }
        }
    }
}

/// How many findings about direct messages precede an account's warnings: the running number of a
/// warning counts them.
fn direct_findings(config: &Config, account: &Account<'_>) -> usize {
    let list = account.allow_from();
    let senders: std::collections::BTreeSet<String> =
        entries(&list).map(|(text, _)| sender(account.channel, &text)).filter(|text| text != "*").collect();
    let shared = wildcard(&list).is_some() || senders.len() > 1;
    let scope = config.at("session.dmScope");
    let main = !scope.exists() || scope.is("main");
    match account.dm_policy_in_force() {
        Some("disabled") => 1,
        Some("open") => 1 + usize::from(wildcard(&list).is_none()) + usize::from(main && shared),
        _ => usize::from(main && shared),
    }
}

fn name_matching(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    let accounts = config.accounts();
    // Synology Chat has a rule of its own, which says what the switch means there.
    for account in accounts.iter().filter(|account| config.upstream() || account.channel != "synology-chat") {
        let switch = account.get("dangerouslyAllowNameMatching");
        if switch.is_true() && once.is_new(account, &switch.place()) {
            report.at(switch.place(), format!("{} is true", switch.path())).part(account.channel);
        }
    }
}

fn inert_names(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    // Discord and Telegram have rules of their own for entries that are no ids.
    for account in config.accounts().iter().filter(|account| account.channel == "slack" && !account.matches_names()) {
        for entry in account.allow_from().items() {
            let Some(text) = entry_text(&entry) else { continue };
            if !is_slack_id(&text) && once.is_new(account, &entry.place()) {
                let message = format!("{} is a name, and names are not matched", entry.path());
                report.at(entry.place(), message).part(account.channel);
            }
        }
    }
}

/// `*`, an access group, or a Slack id in one of its spellings.
fn is_slack_id(text: &str) -> bool {
    if text == "*" || text.starts_with("accessGroup:") {
        return true;
    }
    let mention = text.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
    let bare = mention.or_else(|| text.strip_prefix("slack:")).or_else(|| text.strip_prefix("user:")).unwrap_or(text);
    let alphanumeric = bare.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let upper = !bare.bytes().any(|byte| byte.is_ascii_lowercase());
    let kind = bare.starts_with(['U', 'W', 'B', 'C', 'G', 'D', 'T']);
    alphanumeric && (kind && upper && bare.len() >= 3 || bare.len() >= 8)
}

fn synology_names(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in config.accounts().iter().filter(|account| account.channel == "synology-chat") {
        let switch = account.get("dangerouslyAllowNameMatching");
        if switch.is_true() && once.is_new(account, &switch.place()) {
            report.at(switch.place(), format!("{} is true", switch.path()));
        }
    }
}

fn zalo_titles(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in config.accounts().iter().filter(|account| account.channel == "zalouser") {
        let severity = if account.matches_names() { Severity::Info } else { Severity::Warn };
        for (key, group) in account.get("groups").entries() {
            if !is_zalo_group(key) && once.is_new(account, &group.key_place()) {
                report.at(group.key_place(), format!("{} names a group by its title", group.path())).severity(severity);
            }
        }
    }
}

fn is_zalo_group(key: &str) -> bool {
    let mut rest = key.trim();
    for prefix in ["zalouser:", "zlu:", "group:"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest).trim();
    }
    rest == "*" || rest.starts_with("g-") || !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
}

fn feishu_documents(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in config.accounts().iter().filter(|account| account.channel == "feishu") {
        let tool = account.get("tools").get("doc");
        let place = if tool.exists() { tool.place() } else { account.section.key_place() };
        if !tool.is_false() && !tool.is_unknown() && once.is_new(account, &place) {
            report.at(place, "channels.feishu has the document tool on");
        }
    }
}
