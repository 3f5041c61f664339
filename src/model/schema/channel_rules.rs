//! What 2026.2 refuses inside a channel because two keys do not go together. Later releases check channels
//! by their tables alone and only warn.

use std::cell::OnceCell;

use super::walk::Walk;
use crate::model::channels::OPEN_NEEDS_STAR;
use crate::model::config::IssueKind::Conflict;
use crate::model::dialect::Release;
use crate::model::value::Found;

pub(super) fn check(walk: &mut Walk) {
    let root = walk.config.root();
    for (name, channel) in root.get("channels").entries() {
        if walk.dialect.release == Release::V2026_2 {
            // Later releases drop the messages instead: channels.*.dm.open_invalid.
            if OPEN_NEEDS_STAR.contains(&name) {
                direct_messages(walk, &channel);
            }
            secrets(walk, name, &channel);
            match name {
                "discord" => presence(walk, &channel),
                "googlechat" => rooms_for_two(walk, &channel),
                "irc" => registration(walk, &channel),
                _ => {}
            }
        }
    }
}

fn policy<'a>(channel: &Found<'a>) -> Found<'a> {
    let policy = channel.get("dmPolicy");
    if policy.exists() { policy } else { channel.get("dm").get("policy") }
}

fn allowed<'a>(channel: &Found<'a>) -> Found<'a> {
    let allowed = channel.get("allowFrom");
    if allowed.exists() { allowed } else { channel.get("dm").get("allowFrom") }
}

/// Does a list hold a `*`, or what may be one?
fn lets_any_in(list: &Found<'_>) -> bool {
    list.items().any(|item| item.is_unknown() || item.str().is_some_and(|sender| sender.trim() == "*"))
}

fn direct_messages(walk: &mut Walk, channel: &Found<'_>) {
    let mut scopes = vec![channel.clone()];
    scopes.extend(channel.get("accounts").entries().map(|(_, account)| account));
    let inherited = OnceCell::new();
    for scope in scopes {
        let own = (policy(&scope), allowed(&scope));
        // 2026.2 judges an account by what it says itself; later releases by what it inherits as well.
        let inherits = walk.dialect.release > Release::V2026_2;
        let own_list = own.1.exists() || !inherits;
        let policy = if own.0.exists() || !inherits { own.0 } else { policy(channel) };
        let allow = if own_list { own.1 } else { allowed(channel) };
        // An account that inherits both repeats what the channel itself says.
        let repeats = scope.path() != channel.path() && !scope.path().is_empty() && {
            let written = scope.get("dmPolicy").exists() || scope.get("allowFrom").exists() || scope.get("dm").exists();
            !written
        };
        let any = || {
            // The channel's own list is not read again for each account.
            if own_list { lets_any_in(&allow) } else { *inherited.get_or_init(|| lets_any_in(&allow)) }
        };
        if !policy.is("open") || repeats || any() {
            continue;
        }
        let place = if allow.exists() { allow.place() } else { policy.place() };
        let key = format!("{}.allowFrom", scope.path());
        let message = format!("{} is \"open\" but {key} has no \"*\"", policy.path());
        walk.refuse(Conflict, place, message);
    }
}

/// A webhook that anybody can call needs a secret.
fn secrets(walk: &mut Walk, name: &str, channel: &Found<'_>) {
    let accounts: Vec<Found<'_>> = channel.get("accounts").entries().map(|(_, account)| account).collect();
    let needs = |scope: &Found<'_>| match name {
        "telegram" => scope.get("webhookUrl").truthy().then_some("webhookSecret"),
        "slack" => {
            let mode = scope.get("mode");
            let mode = if mode.exists() { mode } else { channel.get("mode") };
            mode.is("http").then_some("signingSecret")
        }
        _ => None,
    };
    let mut scopes = vec![channel.clone()];
    scopes.extend(accounts.into_iter().filter(|account| !account.get("enabled").is_false()));
    for scope in scopes {
        let Some(key) = needs(&scope) else { continue };
        if !scope.get(key).truthy() && !channel.get(key).truthy() {
            let secret = scope.get(key);
            walk.refuse(Conflict, secret.place(), format!("{} is required for a webhook", secret.path()));
        }
    }
}

/// Google Chat keeps the policy for direct messages in a block of its own, which must hold the `*` too.
fn rooms_for_two(walk: &mut Walk, channel: &Found<'_>) {
    let mut scopes = vec![channel.clone()];
    scopes.extend(channel.get("accounts").entries().map(|(_, account)| account));
    for scope in scopes {
        let (policy, allow) = (scope.at("dm.policy"), scope.at("dm.allowFrom"));
        let star =
            allow.strings().any(|(sender, _)| sender.trim() == "*") || allow.items().any(|item| item.is_unknown());
        if policy.is("open") && !star {
            let message = format!("{} is \"open\" but {} has no \"*\"", policy.path(), allow.path());
            walk.refuse(Conflict, if allow.exists() { allow.place() } else { policy.place() }, message);
        }
    }
}

/// To register a nickname IRC asks for an address.
fn registration(walk: &mut Walk, channel: &Found<'_>) {
    let mut scopes = vec![channel.clone()];
    scopes.extend(channel.get("accounts").entries().map(|(_, account)| account));
    for scope in scopes {
        let (register, address) = (scope.at("nickserv.register"), scope.at("nickserv.registerEmail"));
        if register.is_true() && !address.is_unknown() && address.str().is_none_or(|text| text.trim().is_empty()) {
            walk.refuse(Conflict, register.place(), format!("{} is required to register", address.path()));
        }
    }
}

/// Discord's activity comes as a whole.
fn presence(walk: &mut Walk, channel: &Found<'_>) {
    let mut scopes = vec![channel.clone()];
    scopes.extend(channel.get("accounts").entries().map(|(_, account)| account));
    for scope in scopes {
        let (activity, kind, url) = (scope.get("activity"), scope.get("activityType"), scope.get("activityUrl"));
        if (kind.exists() || url.truthy()) && !activity.truthy() {
            let message = format!("{} is required with activityType and activityUrl", activity.path());
            walk.refuse(Conflict, activity.place(), message);
        }
        let streaming = kind.number() == Some(1.0);
        if streaming && !url.truthy() {
            walk.refuse(Conflict, kind.place(), format!("{} is required when activityType is 1", url.path()));
        }
        if url.truthy() && !streaming {
            walk.refuse(Conflict, url.place(), format!("{} must be 1 when activityUrl is set", kind.path()));
        }
    }
}
