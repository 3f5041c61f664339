//! Who may talk to the gateway's agents: rooms and direct messages that are open to strangers, and
//! signs that several people share one gateway.

use super::channels::drops_direct;
use super::config::Config;
use super::dialect::Release::{self, V2026_2, V2026_5, V2026_9};
use super::value::Found;

/// A sign that more people than one use the gateway.
#[derive(Clone, Debug)]
pub struct Signal<'a> {
    /// The value that shows it.
    pub at: Found<'a>,
    /// What it means, without the key.
    pub reason: &'static str,
}

/// Channels whose schema sets an absent `groupPolicy` to `allowlist` before the audit of 2026.2 looks.
const LIMITED_2026_2: [&str; 10] =
    ["bluebubbles", "discord", "googlechat", "imessage", "irc", "msteams", "signal", "slack", "telegram", "whatsapp"];

/// The same in 2026.5. 2026.9 knows no such default but that of the one channel it still ships, telegram.
const LIMITED_2026_5: [&str; 14] = [
    "discord",
    "feishu",
    "googlechat",
    "imessage",
    "irc",
    "line",
    "mattermost",
    "msteams",
    "nextcloud-talk",
    "signal",
    "slack",
    "telegram",
    "whatsapp",
    "zalouser",
];

/// Does a channel, or an account of it, limit rooms to a list when it says nothing?
fn is_limited_unsaid(release: Release, channel: &str, account: bool) -> bool {
    match release {
        V2026_2 => LIMITED_2026_2.contains(&channel) && !(account && channel == "slack"),
        V2026_5 => {
            let inherits = account && matches!(channel, "feishu" | "slack" | "whatsapp");
            LIMITED_2026_5.contains(&channel) && !inherits
        }
        V2026_9 => channel == "telegram",
    }
}

/// Members that name rooms an agent listens to.
const ROOMS: [&str; 4] = ["groups", "guilds", "channels", "rooms"];

impl Config {
    /// The policies that are `open`: anyone can then write to an agent. Upstream looks at channels
    /// and their accounts; we also look at single rooms and leave out what is switched off.
    #[must_use]
    pub fn open_inbound(&self) -> Vec<Found<'_>> {
        let mut open = Vec::new();
        for (name, channel) in self.root().get("channels").entries() {
            if !self.upstream() {
                let shut = |found: &Found<'_>| drops_direct(self, name, found, &channel);
                walk_enabled(&channel, &mut |found| open_of(found, !shut(found), true, &mut open));
                continue;
            }
            let direct = self.since(V2026_9);
            open_of(&channel, direct, direct, &mut open);
            for (_, account) in channel.get("accounts").entries() {
                open_of(&account, direct, direct, &mut open);
            }
        }
        open
    }

    /// The open policies that upstream's rules about commands look at: at any depth, but not the
    /// old spelling `dm.policy`. For our own judgement the same as [`Config::open_inbound`].
    #[must_use]
    pub fn open_to_commands(&self) -> Vec<Found<'_>> {
        if !self.upstream() {
            return self.open_inbound();
        }
        let mut open = Vec::new();
        for (_, channel) in self.root().get("channels").entries() {
            walk(&channel, &mut |found| open_of(found, true, false, &mut open));
        }
        open
    }

    /// Signs that several people share the gateway.
    #[must_use]
    pub fn multi_user_signals(&self) -> Vec<Signal<'_>> {
        let mut signals = Vec::new();
        for (name, channel) in self.root().get("channels").entries() {
            if !channel.is_map() || !self.upstream() && channel.get("enabled").is_false() {
                continue;
            }
            let silent = |account| self.upstream() && !is_limited_unsaid(self.dialect.release, name, account);
            section_signals(&channel, None, silent(false), &mut signals);
            for (_, account) in channel.get("accounts").entries() {
                if !self.upstream() && account.get("enabled").is_false() {
                    continue;
                }
                let inherited = (!self.upstream() || self.since(V2026_9)).then_some(&channel);
                section_signals(&account, inherited, silent(true), &mut signals);
            }
        }
        signals
    }
}

/// Adds the open policies of one object.
fn open_of<'a>(found: &Found<'a>, direct: bool, nested: bool, open: &mut Vec<Found<'a>>) {
    let group = found.get("groupPolicy");
    if group.is("open") {
        open.push(group);
    }
    if !direct {
        return;
    }
    let policy = found.get("dmPolicy");
    let old = found.get("dm").get("policy");
    if policy.is("open") {
        open.push(policy);
    } else if nested && !policy.exists() && old.is("open") {
        open.push(old);
    }
}

/// Visits an object and every object below it.
fn walk<'a>(found: &Found<'a>, visit: &mut impl FnMut(&Found<'a>)) {
    if found.is_map() {
        visit(found);
        for (_, member) in found.entries() {
            walk(&member, visit);
        }
    }
}

/// The same, but leaves out what is switched off.
fn walk_enabled<'a>(found: &Found<'a>, visit: &mut impl FnMut(&Found<'a>)) {
    if found.is_map() && !found.get("enabled").is_false() {
        visit(found);
        for (_, member) in found.entries() {
            walk_enabled(&member, visit);
        }
    }
}

/// Adds the signals of a channel or, with what it inherits from its channel, of an account.
fn section_signals<'a>(section: &Found<'a>, channel: Option<&Found<'a>>, silent: bool, signals: &mut Vec<Signal<'a>>) {
    let pick = |key: &'static str| {
        let own = section.get(key);
        if own.exists() { own } else { channel.map(|channel| channel.get(key)).filter(Found::exists).unwrap_or(own) }
    };
    let group = pick("groupPolicy");
    let limited = group.is("allowlist") || !group.exists() && !silent;
    let rooms = || ROOMS.into_iter().map(pick).find(|rooms| rooms.entries().next().is_some());
    if section.get("groupPolicy").is("open") {
        signals.push(Signal { at: section.get("groupPolicy"), reason: "anyone in any group can write to the agent" });
    } else if let Some(rooms) = rooms().filter(|_| limited) {
        signals.push(Signal { at: rooms, reason: "the agent listens to group rooms" });
    }
    for key in ["dmPolicy", "dm.policy"] {
        let policy = section.at(key);
        if policy.is("open") {
            signals.push(Signal { at: policy, reason: "anyone can write to the agent directly" });
        }
    }
    for key in ["allowFrom", "groupAllowFrom", "dm.allowFrom"] {
        if let Some((_, entry)) = section.at(key).strings().find(|(entry, _)| entry.trim() == "*") {
            signals.push(Signal { at: entry, reason: "every sender is allowed" });
        }
    }
}
