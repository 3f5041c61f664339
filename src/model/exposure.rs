//! Who may talk to the gateway's agents: rooms and direct messages that are open to strangers, and
//! signs that several people share one gateway.

use super::config::Config;
use super::dialect::Release::V2026_9;
use super::value::Found;

/// A sign that more people than one use the gateway.
#[derive(Clone, Debug)]
pub struct Signal<'a> {
    /// The value that shows it.
    pub at: Found<'a>,
    /// What it means, without the key.
    pub reason: &'static str,
}

/// Channels that 2026.9 no longer ships itself: no default of their schema is known to its audit.
const SEPARATE: [&str; 21] = [
    "discord",
    "slack",
    "whatsapp",
    "signal",
    "imessage",
    "irc",
    "googlechat",
    "msteams",
    "matrix",
    "mattermost",
    "feishu",
    "line",
    "nostr",
    "tlon",
    "twitch",
    "zalo",
    "zalouser",
    "synology-chat",
    "nextcloud-talk",
    "bluebubbles",
    "qqbot",
];

/// Members that name rooms an agent listens to.
const ROOMS: [&str; 4] = ["groups", "guilds", "channels", "rooms"];

impl Config {
    /// The policies that are `open`: anyone can then write to an agent. Upstream looks at channels
    /// and their accounts; we also look at single rooms and leave out what is switched off.
    #[must_use]
    pub fn open_inbound(&self) -> Vec<Found<'_>> {
        let mut open = Vec::new();
        for (_, channel) in self.root().get("channels").entries() {
            if !self.upstream() {
                walk_enabled(&channel, &mut |found| open_of(found, true, true, &mut open));
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
            let silent = self.upstream() && self.since(V2026_9) && SEPARATE.contains(&name);
            section_signals(&channel, None, silent, &mut signals);
            for (_, account) in channel.get("accounts").entries() {
                if !self.upstream() && account.get("enabled").is_false() {
                    continue;
                }
                let inherited = (!self.upstream() || self.since(V2026_9)).then_some(&channel);
                section_signals(&account, inherited, silent, &mut signals);
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
