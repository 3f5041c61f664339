//! Walks a configuration along a key table and notes what the release refuses.

use super::table::{Key, Kinds, Rule, Spec, Table};
use super::values::{accepts, choices, one_of, wrong_number, wrong_size, wrong_text};
use super::walk::{MOST_ISSUES, Validation, Walk};
use super::{channel_rules, conflict, extras, formats, handbook, mend, moved, suggest};
use crate::finding::{Fix, Place, Severity};
use crate::model::blanks::is_blank;
use crate::model::config::{Config, IssueKind};
use crate::model::dialect::{Product, Release};
use crate::model::env::push;
use crate::model::value::{Entry, EnvUse, Kind, Map, Text, Value};
use crate::source::Span;

/// Asks the target release about a configuration.
#[must_use]
pub fn validate(config: &Config) -> Validation {
    let mut walk = Walk::new(config);
    if config.dialect.product == Product::Handbook {
        // No release reads that dialect: its own rules judge it, and this says so once.
        let message = format!("the file is written in the handbook's dialect, which {} does not read", walk.version());
        walk.note(IssueKind::UnknownKey, config.whole(), message, Severity::Warn, true);
        return walk.finish();
    }
    let root = Table::of(config.dialect).root();
    let Kind::Map(map) = &config.root.kind else {
        let message = format!("the configuration must be an object, not {}", config.root.type_name());
        walk.refuse(IssueKind::InvalidType, config.whole(), message);
        return walk.finish();
    };
    walk.object(map, root, &mut String::new(), config.root.token());
    conflict::check(&mut walk);
    channel_rules::check(&mut walk);
    extras::check(&mut walk);
    walk.finish()
}

impl Walk<'_> {
    fn value(&mut self, value: &Value, key: Key, path: &mut String, key_span: Span) {
        let spec = key.spec();
        if spec.kinds.has(Kinds::ANY) {
            return;
        }
        let place = || Place {
            span: if matches!(value.kind, Kind::List(_) | Kind::Map(_)) { key_span } else { value.token() },
            key_path: path.clone(),
            missing: false,
        };
        if !accepts(spec.kinds, &value.kind) {
            // A number or a switch may come into the place of a quoted blank.
            let blank = |text: &Text| self.config.has_blanks() && is_blank(&text.text);
            if matches!(&value.kind, Kind::String(text) if blank(text)) {
                return;
            }
            let expected = spec.kinds.words();
            let found = match &value.kind {
                Kind::String(text) if text.env == EnvUse::Unknown || text.env == EnvUse::Resolved => {
                    "a variable reference, which is always a string".to_owned()
                }
                Kind::Number(number) if !number.is_finite() => "Infinity or NaN".to_owned(),
                _ => value.type_name().to_owned(),
            };
            let mut message = format!("{path} must be {expected}, not {found}");
            let place = place();
            let severity = if is_old_streaming(path, value) { Severity::Warn } else { Severity::Critical };
            if severity == Severity::Warn {
                message.push_str(": its mode has a key of its own now, and `openclaw doctor --fix` writes it there");
            }
            self.note(IssueKind::InvalidType, place, message, severity, true);
            return;
        }
        match &value.kind {
            Kind::Map(map) if key.is_secret_ref() => self.secret_ref(map, path, key_span),
            Kind::Map(map) => self.object(map, key, path, key_span),
            Kind::List(items) => {
                if let Some(message) = wrong_size(spec, items.len(), path) {
                    let place = place();
                    self.refuse(IssueKind::InvalidValue, place, message);
                }
                self.items(items, key, path);
            }
            Kind::String(text) if text.env == EnvUse::Unknown => {}
            Kind::String(text) => {
                if let Some(message) = wrong_text(spec, text, path) {
                    let place = place();
                    self.refuse(IssueKind::InvalidValue, place, message);
                }
            }
            Kind::Number(number) => {
                if let Some(message) = wrong_number(spec, *number, path) {
                    let place = place();
                    self.refuse(IssueKind::InvalidValue, place, message);
                }
            }
            Kind::Bool(flag) => {
                let word = if *flag { "true" } else { "false" };
                let listed = one_of(spec).filter(|list| list.split('|').any(|item| item == "true" || item == "false"));
                if let Some(list) = listed.filter(|list| !list.split('|').any(|item| item == word)) {
                    let place = place();
                    let message = format!("{path} must be {}, not {word}", choices(list));
                    self.refuse(IssueKind::InvalidValue, place, message);
                }
            }
            Kind::Null => {}
        }
    }

    fn items(&mut self, items: &[Value], key: Key, path: &mut String) {
        let Some(below) = key.child("*") else { return };
        let size = path.len();
        for (index, item) in items.iter().enumerate() {
            push(path, &index.to_string());
            self.value(item, below, path, item.token());
            path.truncate(size);
        }
    }

    /// The members of an object. `anchor` is the token that stands for the object itself.
    pub(super) fn object(&mut self, map: &Map, key: Key, path: &mut String, anchor: Span) {
        let kinds = key.spec().kinds;
        self.required(map, key, path, anchor);
        let mut strangers = Vec::new();
        let size = path.len();
        for entry in &map.entries {
            let child = key.child(&entry.key);
            push(path, &entry.key);
            match child {
                Some(child) => {
                    if child.name() == "*" {
                        self.key_pattern(entry, key.spec(), path);
                    }
                    self.value(&entry.value, child, path, entry.key_span);
                }
                None if self.is_roster(path, map) => self.roster(&entry.value, key, path, entry.key_span),
                None if kinds.has(Kinds::OPEN) => self.ignored(entry, key, path),
                None if kinds.has(Kinds::MAP) => {}
                None => strangers.push(entry),
            }
            path.truncate(size);
        }
        self.strangers(&strangers, key, path);
        conflict::allow_and_also_allow(self, map, key, path);
    }

    /// 2026.9.6 still reads `agents.list` when `agents.entries` is not written.
    fn is_roster(&self, path: &str, agents: &Map) -> bool {
        path == "agents.list" && self.dialect.release == Release::V2026_9 && agents.get("entries").is_none()
    }

    /// The items of `agents.list`, each like an `agents.entries.*` with an id.
    fn roster(&mut self, list: &Value, agents: Key, path: &mut String, key_span: Span) {
        let Some(entry) = agents.child("entries").and_then(|entries| entries.child("*")) else { return };
        let Kind::List(items) = &list.kind else {
            let place = Place { span: key_span, key_path: path.clone(), missing: false };
            self.refuse(IssueKind::InvalidType, place, format!("{path} must be an array, not {}", list.type_name()));
            return;
        };
        let size = path.len();
        for (index, item) in items.iter().enumerate() {
            push(path, &index.to_string());
            if let Kind::Map(map) = &item.kind {
                let rest = map.entries.iter().filter(|member| &*member.key != "id").cloned().collect();
                self.object(&Map::new(rest), entry, path, item.token());
            } else {
                self.value(item, entry, path, item.token());
            }
            path.truncate(size);
        }
    }

    fn required(&mut self, map: &Map, key: Key, path: &str, anchor: Span) {
        for child in key.children().filter(|child| map.get(child.name()).is_none()) {
            let spec = child.spec();
            let when = spec.rules().find_map(|rule| match rule {
                Rule::RequiredWhen(sibling, value, equal) => {
                    let text = map.get(sibling).and_then(|entry| known_text(&entry.value))?;
                    ((text == value) == equal).then(|| format!(" when {sibling} is {text:?}"))
                }
                _ => None,
            });
            if !spec.required && when.is_none() {
                continue;
            }
            let key_path = if path.is_empty() { child.name().to_owned() } else { format!("{path}.{}", child.name()) };
            let message = format!("{key_path} is required{}", when.unwrap_or_default());
            let place = Place { span: anchor, key_path, missing: true };
            self.refuse(IssueKind::InvalidValue, place, message);
        }
    }

    fn key_pattern(&mut self, entry: &Entry, spec: Spec, path: &str) {
        let wrong = spec.rules().any(|rule| match rule {
            Rule::KeyPattern(pattern, must) => formats::matches(pattern, &entry.key) != must,
            _ => false,
        });
        if wrong {
            let place = Place { span: entry.key_span, key_path: path.to_owned(), missing: false };
            self.refuse(IssueKind::InvalidValue, place, format!("{path} is not a name that may stand here"));
        }
    }

    /// `{source, provider, id}`, all three and nothing else.
    fn secret_ref(&mut self, map: &Map, path: &str, anchor: Span) {
        let at = |span, key: &str| Place { span, key_path: format!("{path}.{key}"), missing: false };
        for entry in &map.entries {
            if !matches!(&*entry.key, "source" | "provider" | "id") {
                let message =
                    format!("{path} is a secret reference: it takes source, provider and id, not {}", entry.key);
                self.refuse(IssueKind::UnknownKey, at(entry.key_span, &entry.key), message);
            }
        }
        let source = map.get("source").and_then(|entry| known_text(&entry.value)).unwrap_or_default();
        for key in ["source", "provider", "id"] {
            let Some(entry) = map.get(key) else {
                let place = Place { missing: true, ..at(anchor, key) };
                self.refuse(IssueKind::InvalidValue, place, format!("{path}.{key} is required in a secret reference"));
                continue;
            };
            let Kind::String(text) = &entry.value.kind else {
                let message = format!("{path}.{key} must be a string, not {}", entry.value.type_name());
                self.refuse(IssueKind::InvalidType, at(entry.key_span, key), message);
                continue;
            };
            if text.env == EnvUse::Unknown {
                continue;
            }
            let wrong = match key {
                "source" => formats::wrong_source(&text.text, self.dialect.release),
                "provider" => formats::wrong_alias(&text.text),
                _ => formats::wrong_secret_id(&text.text, source),
            };
            if let Some(wrong) = wrong {
                let message = format!("{path}.{key} {wrong}");
                self.refuse(IssueKind::InvalidValue, at(entry.value.token(), key), message);
            }
        }
    }

    /// A key of an open object: accepted, and no one will ever read it.
    fn ignored(&mut self, entry: &Entry, key: Key, path: &str) {
        let known: Vec<&str> = key.children().map(Key::name).filter(|name| *name != "*").collect();
        if known.is_empty() {
            return;
        }
        let place = Place { span: entry.key_span, key_path: path.to_owned(), missing: false };
        if let Some(control) = handbook::control(path) {
            let message = format!("{path} is accepted and ignored; the real control is {}", control.real);
            self.advise(IssueKind::UnknownKey, place, message, Severity::Warn);
            self.mend(handbook::mend(entry, path, control));
            return;
        }
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let closed_in_spirit = parent == "gateway.tls" || parent == "tools.web.search" || parent.ends_with(".match");
        match suggest::nearest(&entry.key, known.iter().copied().filter(|name| *name != &*entry.key)) {
            Some(near) => {
                let message = format!("{path} is accepted and ignored; did you mean {near}?");
                self.advise(IssueKind::UnknownKey, place, message, Severity::Warn);
                self.mend(Some(mend::renamed(entry.key_span, path, near)));
            }
            None if closed_in_spirit => {
                let message = format!("{path} is accepted and ignored; known keys here are {}", known.join(", "));
                self.advise(IssueKind::UnknownKey, place, message, Severity::Warn);
            }
            None => {}
        }
    }

    /// The unknown keys of one closed object. Those that a migration knows make one issue together.
    fn strangers(&mut self, strangers: &[&Entry], key: Key, path: &str) {
        let mut movers: Vec<(Place, String)> = Vec::new();
        let mut fixes = Vec::new();
        for entry in strangers {
            // What an unknown key may mean is a long search.
            if self.is_full(true) || movers.len() >= MOST_ISSUES {
                self.left_out += 1;
                continue;
            }
            let full = if path.is_empty() { entry.key.to_string() } else { format!("{path}.{}", entry.key) };
            let place = Place { span: entry.key_span, key_path: full.clone(), missing: false };
            if let Some(control) = handbook::control(&full) {
                let (message, severity) = handbook::explain(&full, control, self.config);
                self.note(IssueKind::UnknownKey, place, message, severity, true);
                self.mend(handbook::mend(entry, &full, control));
            } else if let Some(fate) = moved::fate(&full, self.dialect) {
                movers.push((place, fate.explain(&full, self.version())));
                fixes.push(mend::of_fate(entry, &full, &fate, &|path| moved::fate(path, self.dialect)));
            } else {
                let (message, fix) = self.unknown(&full, entry, key);
                self.refuse(IssueKind::UnknownKey, place, message);
                self.mend(fix);
            }
        }
        if movers.is_empty() {
            return;
        }
        let (place, mut message) = movers.remove(0);
        if !movers.is_empty() {
            use std::fmt::Write;
            let _ = write!(message, "; so does it {} more of this object", movers.len());
        }
        self.note(IssueKind::UnknownKey, place, message, Severity::Warn, true);
        self.relate(movers);
        self.mend(Fix::all(fixes));
    }

    /// What an unknown key may be, and the edit that makes it so.
    fn unknown(&self, path: &str, entry: &Entry, key: Key) -> (String, Option<Fix>) {
        let version = self.version();
        if let Some(to) = moved::ancient(path) {
            let message = format!("{path} is a key of releases before 2026.2.24; {version} refuses it: write {to}");
            return (message, mend::meant(entry.key_span, path, to));
        }
        let mut elsewhere = moved::known_elsewhere(path, self.dialect);
        if let Some(last) = elsewhere.pop() {
            let product = if last.is_fork() { "ClosedClaw " } else { "" };
            let first = elsewhere.first().map_or(last, |first| *first);
            let newer = !last.is_fork() && first.release > self.dialect.release;
            let when =
                if newer { format!("{} and newer", first.version()) } else { format!("{product}{}", last.version()) };
            return (format!("{path} is a key of {when}; {version} refuses it"), None);
        }
        if path.split_once('.').is_some_and(|(root, name)| root == "agents" && !name.contains('.'))
            && entry.value.as_map().is_some()
        {
            let roster = if self.dialect.release == Release::V2026_9 { "agents.entries" } else { "agents.list" };
            let to = format!("agents.entries.{}", entry.key);
            let fix = if roster == "agents.entries" { mend::meant(entry.key_span, path, &to) } else { None };
            return (format!("{path} is not a key of {version}: agents stand in {roster}"), fix);
        }
        if suggest::is_remark(&entry.key) {
            return (format!("{path} is not a key of {version}, which refuses it: write remarks as // comments"), None);
        }
        let table = Table::of(self.dialect);
        if let Some((real, same)) = suggest::invented(path, table) {
            let fix = if same { mend::meant(entry.key_span, path, &real) } else { None };
            return (format!("{path} is not a key of {version}; the real one is {real}"), fix);
        }
        let siblings = key.children().map(Key::name).filter(|name| *name != "*");
        if let Some(near) = suggest::nearest(&entry.key, siblings) {
            let fix = mend::renamed(entry.key_span, path, near);
            return (format!("{path} is not a key of {version}; did you mean {near}?"), Some(fix));
        }
        if let Some(place) = suggest::belongs_under(path, &entry.key, table.root()) {
            let fix = mend::meant(entry.key_span, path, &place);
            let place = if place.contains('.') { place } else { "the root".to_owned() };
            return (format!("{path} is not a key of {version}; {} is read at {place}", entry.key), fix);
        }
        (format!("{path} is not a key of {version}"), None)
    }
}

/// A channel's `streaming` was a word or a switch before it became an object.
fn is_old_streaming(path: &str, value: &Value) -> bool {
    path.starts_with("channels.")
        && path.ends_with(".streaming")
        && matches!(value.kind, Kind::String(_) | Kind::Bool(_))
}

/// The text of a string that is not unknown.
fn known_text(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::String(text) if text.env != EnvUse::Unknown => Some(&text.text),
        _ => None,
    }
}
