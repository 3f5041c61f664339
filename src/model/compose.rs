//! The services of a compose file that run the product.

use super::document::{Document, mentions_openclaw};
use super::value::{Found, Kind, Value};

/// A service, or an `x-…` block that services are built from.
#[derive(Clone, Debug)]
pub struct Service<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its definition.
    pub found: Found<'a>,
}

/// The services that name the product anywhere: in their name, image, command, mounts or variables.
/// A file whose own path names it counts as a whole.
#[must_use]
pub fn services(document: &Document) -> Vec<Service<'_>> {
    let Some(root) = document.root() else { return Vec::new() };
    let blocks = root.entries().filter(|(name, found)| name.starts_with("x-") && found.is_map());
    let services = root.get("services").entries().chain(blocks);
    services
        .filter(|(name, found)| mentions_openclaw(name) || found.value().is_some_and(mentions))
        .map(|(name, found)| Service { name, found })
        .collect()
}

fn mentions(value: &Value) -> bool {
    match &value.kind {
        Kind::String(text) => mentions_openclaw(&text.text),
        Kind::List(items) => items.iter().any(mentions),
        Kind::Map(map) => map.entries.iter().any(|entry| mentions_openclaw(&entry.key) || mentions(&entry.value)),
        _ => false,
    }
}

/// The words of `command` and `entrypoint` with the place that holds each.
#[must_use]
pub fn words<'a>(service: &Service<'a>) -> Vec<(String, Found<'a>)> {
    let mut words = Vec::new();
    for key in ["entrypoint", "command"] {
        let found = service.found.get(key);
        if let Some(text) = found.text() {
            words.extend(split(&text.text).map(|word| (word, found.clone())));
        }
        for item in found.items() {
            let Some(text) = item.text() else { continue };
            // `sh -c "…"` keeps a whole command line in one item.
            words.extend(split(&text.text).map(|word| (word, item.clone())));
        }
    }
    words
}

fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '='));
    words.filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The words, each with its successor: options with their values.
#[must_use]
pub fn options<'a>(service: &Service<'a>) -> Vec<(String, String, Found<'a>)> {
    let words = words(service);
    let next = |at: usize| words.get(at + 1).map_or_else(String::new, |(word, _)| word.clone());
    let holder = |at: usize| words.get(at + 1).or_else(|| words.get(at)).map(|(_, found)| found.clone());
    (0..words.len())
        .filter_map(|at| {
            let (word, own) = words.get(at)?;
            // Point at the value when it is an item of its own, else at the option.
            let place = holder(at).filter(|_| next(at).starts_with(|c: char| c != '-')).unwrap_or_else(|| own.clone());
            Some((word.clone(), next(at), place))
        })
        .collect()
}

/// A port that is published on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The address it is bound to; none for every interface.
    pub address: Option<String>,
    /// First and last container port.
    pub target: (u16, u16),
}

impl Published {
    /// Is it reachable from other machines?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.address.as_deref().is_none_or(|address| matches!(address, "0.0.0.0" | "::" | "[::]" | "*" | ""))
    }

    /// Does it publish this container port?
    #[must_use]
    pub fn covers(&self, port: u16) -> bool {
        (self.target.0..=self.target.1).contains(&port)
    }
}

/// What an item of `ports` publishes; `None` when a variable leaves it open or it is malformed.
#[must_use]
pub fn published(port: &Found<'_>) -> Option<Published> {
    if let Some(number) = port.number() {
        return target(&number.to_string()).map(|target| Published { address: None, target });
    }
    if port.is_map() {
        let target_port = port.get("target");
        let text = target_port.number().map(|number| number.to_string());
        let target = target(&text.or_else(|| target_port.text().map(|text| text.text.to_string()))?)?;
        let address = port.get("host_ip").text().map(|text| text.text.to_string());
        let internal = !port.get("published").exists();
        return (!internal).then_some(Published { address, target });
    }
    let text = with_defaults(&port.text()?.text)?;
    let text = text.split('/').next()?;
    let (rest, container) = text.rsplit_once(':').map_or((None, text), |(rest, container)| (Some(rest), container));
    // `[address:]published`; a colon inside brackets belongs to an IPv6 address.
    let address = rest.and_then(|rest| rest.rsplit_once(':')).map(|(address, _)| address.to_owned());
    Some(Published { address, target: target(container)? })
}

fn target(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// Replaces `${NAME:-default}` by the default; another variable makes the text unknown, but for one
/// that stands for a published port, which does not matter here.
fn with_defaults(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, tail) = after.split_once('}')?;
        out.push_str(before);
        let default = inner.split_once('-').map(|(_, default)| default);
        match default {
            Some(default) => out.push_str(default),
            // `${PORT}:18789`: any number will do. `${ADDRESS}:80:18789` is unknown.
            None if before.is_empty() && tail.matches(':').count() >= 2 => return None,
            None => out.push('1'),
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

/// The variables of a service, whether written as a map or as `NAME=value` items.
#[must_use]
pub fn environment<'a>(service: &Service<'a>) -> Vec<(String, String, Found<'a>)> {
    let block = service.found.get("environment");
    let members = block.entries().filter_map(|(name, found)| {
        let number = || found.number().map(|number| number.to_string());
        let text = found.text().map(|text| text.text.to_string()).or_else(number)?;
        Some((name.to_owned(), text, found))
    });
    let items = block.items().filter_map(|item| {
        let (name, value) = item.text()?.text.split_once('=')?;
        Some((name.to_owned(), value.to_owned(), item))
    });
    members.chain(items).collect()
}
