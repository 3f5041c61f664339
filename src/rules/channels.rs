//! Who may write to the agent directly, and who shares a session with whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::config;
use crate::model::channels::{Account, OPEN_NEEDS_STAR, entries, sender, wildcard};
use crate::rule::prelude::*;
use crate::source::Span;

/// Upstream looks at channels in this release alone; we do in all.
pub(super) const AUDITED: Versions = Versions::only(V2026_5);

/// How many accounts an edit of what they share looks at: nobody has more.
pub(super) const MOST_ACCOUNTS: usize = 100;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "channels.*.dm.open",
        summary: "Anyone can write to the agent directly",
        severity: Severity::Critical,
        versions: AUDITED,
        also: Some(Versions::ALL),
        cwe: &[284],
        why: "With open direct messages every user of the network drives the agent: its tools, its files and its token \
              budget.",
        remedy: "Set dmPolicy to \"pairing\" or \"allowlist\", and take \"*\" out of allowFrom: it lets everybody in whatever \
                 dmPolicy says.",
        links: &["https://docs.openclaw.ai/gateway/security"],
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: «"open"», allowFrom: ["*"] } } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: «"open"», allowFrom: ["*"] } } }"#),
            config!(
                r#"{ channels: { discord: { token: "${A}", dmPolicy: "pairing", accounts: { a: { dmPolicy: «"open"», allowFrom: ["*"] }, b: {} } } } }"#
            ),
            config!(
                r#"{ channels: { telegram: { botToken: "${TG}", direct: { "42": { dmPolicy: «"open"» } } } } }"#
            ),
            config!(r#"{ channels: { slack: { botToken: "${S}", dm: { policy: «"open"» } } } }"#).on(V2026_2),
            // A `*` lets everybody in under any other policy too.
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "pairing", allowFrom: [«"*"»] } } }"#),
            config!(
                r#"{ channels: { discord: { token: "${A}", accounts: { a: { dmPolicy: "allowlist", allowFrom: ["1", «"*"»] } } } } }"#
            ),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "pairing" } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "disabled", allowFrom: ["*"] } } }"#),
            config!(r#"{ channels: { telegram: { enabled: false, botToken: "${TG}", dmPolicy: "open" } } }"#),
            config!(r#"{ channels: { telegram: { dmPolicy: "open", allowFrom: ["*"] } } }"#).with_env(&[]),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "open", allowFrom: ["1"] } } }"#),
            config!(
                r#"{ channels: { slack: { botToken: "${S}", dmPolicy: "open", accounts: { a: { dmPolicy: "allowlist" } } } } }"#
            ),
        ],
        check: Check::Config(open),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.dm.open_invalid",
        summary: "Direct messages are open, but allowFrom does not say so",
        versions: AUDITED,
        also: Some(Versions::ALL),
        why: "An open dmPolicy takes effect only with \"*\" in allowFrom. As written, either the policy or the list is not \
              what was meant, and newer releases refuse the file.",
        remedy: "Set dmPolicy to \"allowlist\", or add \"*\" to allowFrom if everybody really may write.",
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "open", «allowFrom»: ["123456"] } } }"#),
            config!(r#"{ channels: { «telegram»: { botToken: "${TG}", dmPolicy: "open" } } }"#),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "open", allowFrom: [" * "] } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "open", allowFrom: ["${WHO}"] } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "allowlist", allowFrom: ["1"] } } }"#),
        ],
        check: Check::Config(open_invalid),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.dm.disabled",
        summary: "Direct messages are switched off",
        severity: Severity::Info,
        versions: AUDITED,
        also: Some(Versions::ALL),
        hygiene: true,
        why: "The channel ignores every direct message, pairing requests included.",
        remedy: "Keep it if that is meant; else set dmPolicy to \"pairing\".",
        bad: &[config!(r#"{ channels: { signal: { account: "+15550001111", dmPolicy: «"disabled"» } } }"#)],
        good: &[
            config!(r#"{ channels: { signal: { account: "+15550001111", dmPolicy: "pairing" } } }"#),
            config!(r#"{ channels: { signal: { account: "+15550001111", groupPolicy: "disabled" } } }"#),
        ],
        check: Check::Config(disabled),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.dm.locked",
        summary: "Direct messages are limited to a list that is empty",
        severity: Severity::Info,
        profiles: Profiles::OURS,
        hygiene: true,
        why: "With an allowlist policy nobody can pair, and with an empty list nobody is let in: the channel answers no one.",
        remedy: "Add the owner's id to allowFrom, or set dmPolicy to \"pairing\".",
        bad: &[config!(r#"{ channels: { «telegram»: { botToken: "${TG}", dmPolicy: "allowlist" } } }"#)],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "allowlist", allowFrom: [42] } } }"#),
            config!(r#"{ channels: { telegram: { botToken: "${TG}" } } }"#),
            Example::files(&[
                ("openclaw.json", r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "allowlist" } } }"#),
                ("credentials/telegram-allowFrom.json", r#"{ "version": 1, "allowFrom": ["42"] }"#),
            ]),
        ],
        check: Check::Config(locked),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.dm.scope_main_multiuser",
        summary: "Several people share one session",
        versions: AUDITED,
        also: Some(Versions::range(V2026_2, V2026_5).and_closedclaw()),
        cwe: &[200],
        why: "With session.dmScope \"main\" all direct messages land in one conversation: what one sender wrote can come \
              up in the answer to another.",
        remedy: "Set session.dmScope to \"per-channel-peer\" (\"per-account-channel-peer\" with several accounts).",
        repair: Repair::Set(Safety::Safe, &[("session.dmScope", r#""per-channel-peer""#)]),
        links: &["https://docs.openclaw.ai/concepts/session"],
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "allowlist", «allowFrom»: [1, "tg:2"] } } }"#)
                .on(V2026_5),
            config!(
                r#"{ session: { dmScope: «"main"» }, channels: { telegram: { botToken: "${TG}", dmPolicy: "open", allowFrom: ["*"] } } }"#
            )
            .on_closedclaw(),
        ],
        good: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", allowFrom: [1, "tg:1", "telegram:1"] } } }"#)
                .on(V2026_5),
            config!(
                r#"{ session: { dmScope: "per-channel-peer" }, channels: { telegram: { botToken: "${TG}", allowFrom: [1, 2] } } }"#
            )
            .on(V2026_5),
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "disabled", allowFrom: [1, 2] } } }"#)
                .on(V2026_5),
        ],
        check: Check::Config(shared_main),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.dm.session_collision.*",
        summary: "Several people share one session",
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_9),
        cwe: &[200],
        why: "Direct messages of several senders land in one conversation: what one sender wrote can come up in the \
              answer to another.",
        remedy: "Set session.dmScope to \"per-channel-peer\" (\"per-account-channel-peer\" with several accounts).",
        links: &["https://docs.openclaw.ai/concepts/session"],
        bad: &[
            config!(r#"{ channels: { telegram: { botToken: "${TG}", dmPolicy: "allowlist", «allowFrom»: [1, 2] } } }"#),
            config!(
                r#"{ session: { scope: «"global"», dmScope: "per-peer" }, channels: { telegram: { botToken: "${TG}", dmPolicy: "open", allowFrom: ["*"] } } }"#
            ),
        ],
        good: &[
            config!(
                r#"{ session: { dmScope: "per-peer" }, channels: { telegram: { botToken: "${TG}", allowFrom: [1, 2] } } }"#
            ),
            config!(
                r#"{ bindings: [{ agentId: "main", match: { channel: "telegram" }, session: { dmScope: "per-peer" } }], channels: { telegram: { botToken: "${TG}", allowFrom: [1, 2] } } }"#
            ),
        ],
        check: Check::Config(collision),
        ..Rule::DEFAULT
    },
    Rule {
        id: "channels.*.routing.owner_missing.*",
        summary: "No rule decides which agent answers a channel",
        profiles: Profiles::OURS,
        versions: Versions::since(V2026_9),
        confidence: Confidence::Medium,
        why: "With several agents and neither a default nor a binding, the agent that answers, with its tools and its \
              workspace, is an accident of order.",
        remedy: "Add a binding for the channel, or mark one agent with default: true.",
        bad: &[config!(
            r#"{ agents: { entries: { home: {}, work: {} } }, channels: { «telegram»: { botToken: "${TG}" } } }"#
        )],
        good: &[
            config!(r#"{ agents: { entries: { home: { default: true }, work: {} } }, channels: { telegram: { botToken: "${TG}" } } }"#),
            config!(
                r#"{ agents: { entries: { home: {}, work: {} } }, bindings: [{ agentId: "home", match: { channel: "telegram" } }], channels: { telegram: { botToken: "${TG}" } } }"#
            ),
            config!(r#"{ agents: { entries: { home: {} } }, channels: { telegram: { botToken: "${TG}" } } }"#),
        ],
        check: Check::Config(owner_missing),
        ..Rule::DEFAULT
    },
];

/// Lets every place of a channel through once: accounts share what they inherit.
#[derive(Debug, Default)]
pub(super) struct Once(BTreeSet<(String, Span)>);

impl Once {
    /// Is this the first time for the channel and the place?
    pub(super) fn is_new(&mut self, account: &Account<'_>, place: &Place) -> bool {
        self.0.insert((account.channel.to_owned(), place.span))
    }
}

fn open(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    let accounts = config.accounts();
    for account in &accounts {
        let nested = if config.upstream() { Vec::new() } else { account.nested("dmPolicy") };
        for policy in std::iter::once(account.dm_policy()).chain(nested) {
            // Nobody gets in then, which channels.*.dm.open_invalid says.
            let whole = policy.path() == account.dm_policy().path();
            let shut = whole && !config.upstream() && account.drops_direct(config);
            if policy.is("open") && !shut && once.is_new(account, &policy.place()) {
                let said = report.at(policy.place(), format!("{} is \"open\"", policy.path())).part(account.channel);
                said.maybe(Some(paired_only(&accounts, &policy)));
            }
        }
        if !config.upstream() {
            open_by_star(account, &mut once, report);
        }
    }
}

/// Closes direct messages to those who paired. With a `*` that stays in its list nobody would have to.
pub(super) fn paired_only(accounts: &[Account<'_>], policy: &Found<'_>) -> Fix {
    let concerned = accounts.iter().take(MOST_ACCOUNTS).filter(|one| one.dm_policy().span() == policy.span());
    let stars: BTreeMap<String, Change> = concerned
        .filter_map(|account| wildcard(&account.allow_from()))
        .map(|star| (star.path(), star.remove()))
        .collect();
    let title = if stars.is_empty() { "" } else { ", and take \"*\" out of allowFrom" };
    let title = format!("Set {} to \"pairing\"{title}", policy.path());
    Fix::new(Safety::Unsafe, title, std::iter::once(policy.set("pairing")).chain(stars.into_values()))
}

/// A `*` among the senders makes every policy but "disabled" an open one.
fn open_by_star(account: &Account<'_>, once: &mut Once, report: &mut Report) {
    let policy = account.dm_policy_in_force().filter(|policy| matches!(*policy, "pairing" | "allowlist"));
    let star = wildcard(&account.allow_from()).filter(|_| OPEN_NEEDS_STAR.contains(&account.channel));
    let (Some(policy), Some(star)) = (policy, star) else { return };
    if once.is_new(account, &star.place()) {
        let message = format!("{} is \"*\": everybody is let in although dmPolicy is \"{policy}\"", star.path());
        let title = format!("Remove {}", star.path());
        report.at(star.place(), message).part(account.channel).fix(Safety::Unsafe, title, [star.remove()]);
    }
}

fn open_invalid(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in config.accounts().iter().filter(|account| account.dm_policy_in_force() == Some("open")) {
        // Where no `*` is asked for, the policy is as open as it says: channels.*.dm.open.
        if !config.upstream() && !OPEN_NEEDS_STAR.contains(&account.channel) {
            continue;
        }
        let list = account.allow_from();
        let unknown = list.is_unknown() || list.items().any(|entry| entry.is_unknown());
        if wildcard(&list).is_none() && !unknown && once.is_new(account, &list.place()) {
            let effect = if account.drops_direct(config) { ": every message is dropped" } else { "" };
            let message = format!("dmPolicy is \"open\", but {} has no \"*\"{effect}", list.path());
            let policy = account.dm_policy();
            let title = format!("Set {} to \"allowlist\"", policy.path());
            let said = report.at(list.place(), message).part(account.channel);
            if policy.is("open") {
                said.fix(Safety::Safe, title, [policy.set("allowlist")]);
            }
        }
    }
}

fn disabled(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in config.accounts() {
        let policy = account.dm_policy();
        if policy.is("disabled") && once.is_new(&account, &policy.place()) {
            report.at(policy.place(), format!("{} is \"disabled\"", policy.path())).part(account.channel);
        }
    }
}

fn locked(config: &Config, report: &mut Report) {
    let mut once = Once::default();
    for account in config.accounts().iter().filter(|account| account.dm_policy().is("allowlist")) {
        let list = account.allow_from();
        let empty = !list.is_unknown() && list.items().next().is_none() && config.paired(account).is_empty();
        if empty && once.is_new(account, &list.place()) {
            let message = format!("dmPolicy is \"allowlist\" and {} names nobody", list.path());
            report.at(list.place(), message).part(account.channel);
        }
    }
}

/// Can more than one person write to the account directly?
fn is_shared(config: &Config, account: &Account<'_>) -> bool {
    let list = account.allow_from();
    let listed = entries(&list).map(|(text, _)| text.into_owned()).collect::<Vec<_>>();
    let paired = config.paired(account);
    let senders = listed.iter().chain(&paired).map(|text| sender(account.channel, text));
    let senders: BTreeSet<String> = senders.filter(|text| !text.is_empty() && text != "*").collect();
    wildcard(&list).is_some() || senders.len() > 1
}

/// Where the shared session comes from: the setting when it is written, else the list of senders.
fn shared_place(setting: &Found<'_>, account: &Account<'_>) -> Place {
    if setting.exists() { setting.place() } else { account.allow_from().place() }
}

fn shared_main(config: &Config, report: &mut Report) {
    let scope = config.at("session.dmScope");
    if scope.exists() && !scope.is("main") {
        return;
    }
    let mut once = Once::default();
    // One setting parts the senders of all accounts.
    let mut channels = BTreeSet::new();
    for account in config.accounts() {
        let policy = account.dm_policy_in_force();
        let place = shared_place(&scope, &account);
        if policy.is_some_and(|policy| policy != "disabled")
            && is_shared(config, &account)
            && once.is_new(&account, &place)
            && (config.upstream() || channels.insert(account.channel))
        {
            let message = format!("several senders of channels.{} share the main session", account.channel);
            report.at(place, message).part(account.channel);
        }
    }
}

fn collision(config: &Config, report: &mut Report) {
    let global = config.at("session.scope");
    let scope = config.at("session.dmScope");
    let setting = if global.is("global") { global } else { scope };
    if setting.exists() && !setting.is("main") && !setting.is("global") {
        return;
    }
    let mut once = Once::default();
    let mut count = 0;
    for account in config.accounts() {
        let policy = account.dm_policy_in_force();
        let place = shared_place(&setting, &account);
        if policy.is_none_or(|policy| policy == "disabled")
            || !is_shared(config, &account)
            || is_isolated(config, &account)
            || !once.is_new(&account, &place)
        {
            continue;
        }
        count += 1;
        let message = format!("several senders of channels.{} share one session", account.channel);
        let said = report.at(place, message).part(&format!("{}.{count}", account.channel));
        if !setting.is("global") {
            let title = "Set session.dmScope to \"per-channel-peer\"";
            said.fix(Safety::Safe, title, [config.at("session.dmScope").set("per-channel-peer")]);
        }
    }
}

/// Does a binding give the account's senders sessions of their own?
fn is_isolated(config: &Config, account: &Account<'_>) -> bool {
    config.at("bindings").items().any(|binding| {
        let scope = binding.get("session").get("dmScope");
        binds(&binding, account) && scope.str().is_some_and(|scope| scope != "main")
    })
}

/// Does a binding name the account, or its channel as a whole?
fn binds(binding: &Found<'_>, account: &Account<'_>) -> bool {
    let rule = binding.get("match");
    let named = rule.get("accountId");
    rule.get("channel").is(account.channel)
        && named.str().is_none_or(|id| id == "*" || account.key.unwrap_or("default").eq_ignore_ascii_case(id))
}

fn owner_missing(config: &Config, report: &mut Report) {
    let agents = config.agents();
    let decided = agents.iter().any(|agent| agent.id == "main" || agent.found.get("default").is_true());
    if agents.len() < 2 || decided {
        return;
    }
    for account in config.accounts() {
        if !config.at("bindings").items().any(|binding| binds(&binding, &account)) {
            let key = account.key.unwrap_or("default");
            let message =
                format!("{} agents, no default, and no binding for channels.{}", agents.len(), account.channel);
            report.at(account.found().key_place(), message).part(account.channel).part(key);
        }
    }
}
