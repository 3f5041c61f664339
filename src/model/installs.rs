//! Where a side file says which release of the product is installed or run.

use std::ops::Range;

use super::advisory::Version;
use super::document::Document;
use super::project::Project;
use super::value::Found;
use crate::finding::Place;
use crate::kind::DocumentKind;
use crate::path::{dir_of, join};

/// Package and image names of the product.
const PRODUCTS: [&str; 3] = ["openclaw", "clawdbot", "moltbot"];
/// Tags that move.
const MOVING: [&str; 10] = ["latest", "next", "beta", "nightly", "main", "master", "stable", "edge", "dev", "slim"];
const LOCK_FILES: [&str; 6] =
    ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

/// One place that installs or runs the product.
#[derive(Clone, Debug)]
pub struct Install {
    /// The token that names the version, or that should.
    pub place: Place,
    /// Which version.
    pub pin: Pin,
}

/// What is said about the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Exactly this one.
    Exact(Version),
    /// Whatever is newest when it runs.
    Floating,
    /// Fixed, but only a digest, a commit or a variable tells to what.
    Unknown,
}

/// Every such place of a side file.
#[must_use]
pub fn installs(document: &Document, project: &Project) -> Vec<Install> {
    match document.kind {
        DocumentKind::PackageJson => document.root().map_or_else(Vec::new, |root| dependency(&root, document, project)),
        DocumentKind::Compose => document.root().map_or_else(Vec::new, |root| images(&root, document, project)),
        DocumentKind::Dockerfile | DocumentKind::Script | DocumentKind::ServiceUnit => commands(document),
        _ => Vec::new(),
    }
}

/// A dependency that is deployed; what a lock file fixes is fixed.
fn dependency(root: &Found<'_>, document: &Document, project: &Project) -> Vec<Install> {
    let dir = dir_of(&document.path);
    let locked = |dir: &str| LOCK_FILES.iter().any(|name| project.tree.get(&join(dir, name)).is_some());
    let mut found = Vec::new();
    for product in PRODUCTS {
        let wanted = root.get("dependencies").get(product);
        let Some(spec) = wanted.str() else { continue };
        let pin = match npm_spec(spec) {
            Pin::Floating if locked(dir) || locked("") => Pin::Unknown,
            pin => pin,
        };
        found.push(Install { place: wanted.place(), pin });
    }
    found
}

/// The version that an npm specifier asks for.
fn npm_spec(spec: &str) -> Pin {
    let spec = spec.trim();
    if let Some(version) = Version::parse(spec.trim_start_matches('=')) {
        return Pin::Exact(version);
    }
    let range = spec.is_empty() || spec.starts_with(['^', '~', '>', '<', '*', 'x']) || MOVING.contains(&spec);
    let partial = spec.split('.').count() < 3 && spec.starts_with(|first: char| first.is_ascii_digit());
    if range || partial { Pin::Floating } else { Pin::Unknown }
}

fn images(root: &Found<'_>, document: &Document, project: &Project) -> Vec<Install> {
    let dotenv = project.document(&join(dir_of(&document.path), ".env")).map(Document::env).unwrap_or_default();
    let variable = |name: &str| dotenv.iter().find(|line| line.name == name).map(|line| line.value.clone());
    let mut found = Vec::new();
    for (_, service) in root.get("services").entries() {
        let image = service.get("image");
        // With `build` the name is only given to what was built here.
        let Some(text) = image.text().filter(|_| !service.get("build").exists()) else { continue };
        if let Some(pin) = image_pin(&text.text, &variable) {
            found.push(Install { place: image.place(), pin });
        }
    }
    found
}

/// The version of an image of the product; `None` when it is another image, or one built here.
fn image_pin(image: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<Pin> {
    let image = expand(image, variable)?;
    let (name, digest) = image.split_once('@').map_or((&*image, None), |(name, digest)| (name, Some(digest)));
    let (path, last) = name.rsplit_once('/')?;
    let (last, tag) = last.split_once(':').map_or((last, None), |(last, tag)| (last, Some(tag)));
    let official = PRODUCTS.contains(&last) && !matches!(path, "localhost" | "local");
    if !official {
        return None;
    }
    let tag = tag.unwrap_or("latest");
    Some(match Version::parse_tag(tag) {
        Some(version) => Pin::Exact(version),
        None if digest.is_some() || tag.contains('$') => Pin::Unknown,
        None if tag.split(['-', '.']).any(|word| MOVING.contains(&word)) => Pin::Floating,
        None => Pin::Unknown,
    })
}

/// Replaces `${NAME:-default}`, `${NAME}` and `$NAME`; a variable that nothing here sets stays.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (inner, tail) = if let Some(braced) = after.strip_prefix('{') {
            let close = closing_brace(braced)?;
            (braced.get(..close)?, braced.get(close + 1..)?)
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            after.split_at(end)
        };
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, default) = inner.split_at(end);
        let default = default.trim_start_matches(':').strip_prefix('-');
        match variable(name).filter(|value| !value.is_empty()) {
            Some(value) => out.push_str(&value),
            None => match default {
                Some(default) => out.push_str(&expand(default, variable)?),
                None => out.push_str("$?"),
            },
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

/// Where the brace that is open at the start of `text` closes.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Install commands, `npx` calls, clones of the source and `FROM` lines of a text.
fn commands(document: &Document) -> Vec<Install> {
    let defaults = defaults(document);
    let variable = |name: &str| defaults.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let mut found = Vec::new();
    for words in command_lines(document) {
        let texts: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        let named =
            texts.iter().any(|word| word.contains('$') || PRODUCTS.iter().any(|product| word.contains(product)));
        // A script that tells people what to type installs nothing.
        let told = matches!(texts.first(), Some(&("echo" | "printf" | "log" | "info" | "warn" | "error" | "cat")));
        if !named || told {
            continue;
        }
        let install = from_line(&texts, &variable)
            .or_else(|| package(&texts, &variable))
            .or_else(|| clone(&texts, &variable))
            .or_else(|| installer(&texts));
        if let Some((at, pin)) = install
            && let Some((range, _)) = words.get(at)
        {
            found.push(Install { place: Place::span(document.span(range.clone())), pin });
        }
    }
    found
}

/// The commands of a text: lines that a backslash joins are one. Comments are left out.
#[must_use]
pub fn command_lines(document: &Document) -> Vec<Vec<(Range<usize>, &str)>> {
    let mut commands: Vec<Vec<(Range<usize>, &str)>> = Vec::new();
    let mut joined = false;
    for (range, line) in document.lines() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let goes_on = line.trim_end().ends_with('\\');
        let words = words(line).into_iter().filter(|(_, word)| *word != "\\");
        let placed = words.map(|(at, word)| (range.start + at.start..range.start + at.end, word));
        match commands.last_mut() {
            Some(last) if joined => last.extend(placed),
            _ => commands.push(placed.collect()),
        }
        joined = goes_on;
    }
    commands
}

/// `ARG NAME=value`, `ENV NAME=value` and shell assignments: what a variable is unless told otherwise.
fn defaults(document: &Document) -> Vec<(&str, &str)> {
    let line = |line| {
        let words = words(line);
        let word = words.iter().map(|(_, word)| *word).find(|word| !matches!(*word, "ARG" | "ENV" | "export"))?;
        let (name, value) = word.split_once('=')?;
        Some((name, value.trim_matches(['"', '\''])))
    };
    document.lines().filter_map(|(_, text)| line(text)).collect()
}

/// The words of a line with their places.
fn words(line: &str) -> Vec<(Range<usize>, &str)> {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '&' | '|' | '(' | ')' | '[' | ']');
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(rest) = line.get(start..).filter(|rest| !rest.is_empty()) {
        let size = rest.find(ends).unwrap_or(rest.len());
        if let Some(word) = rest.get(..size).filter(|word| !word.is_empty()) {
            words.push((start..start + size, word));
        }
        start += size + rest.get(size..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    words
}

/// `FROM [--platform=…] image [AS name]`
fn from_line(words: &[&str], variable: &dyn Fn(&str) -> Option<String>) -> Option<(usize, Pin)> {
    if !words.first()?.eq_ignore_ascii_case("from") {
        return None;
    }
    let at = words.iter().skip(1).position(|word| !word.starts_with("--"))? + 1;
    Some((at, image_pin(words.get(at)?, variable)?))
}

/// `npm install -g openclaw@latest`, `npx openclaw@latest` and their like.
fn package(words: &[&str], variable: &dyn Fn(&str) -> Option<String>) -> Option<(usize, Pin)> {
    let manager =
        words.iter().position(|word| matches!(*word, "npm" | "pnpm" | "yarn" | "bun" | "npx" | "bunx" | "pnpx"))?;
    let after = || words.iter().enumerate().skip(manager + 1);
    let installs = after().any(|(_, word)| matches!(*word, "install" | "i" | "add"));
    let runs = words.get(manager).is_some_and(|word| word.ends_with('x')) || after().any(|(_, word)| *word == "dlx");
    let (at, spec) = after().find_map(|(at, word)| {
        let product = PRODUCTS.iter().find(|product| word.starts_with(**product))?;
        let rest = word.get(product.len()..)?;
        (rest.is_empty() || rest.starts_with('@')).then(|| (at, rest.strip_prefix('@')))
    })?;
    match spec {
        // Without a version npx takes what is installed, if anything is.
        None => installs.then_some((at, Pin::Floating)),
        Some(spec) if installs || runs => {
            let spec = expand(spec, variable)?;
            Some((at, if spec.contains('$') { Pin::Unknown } else { npm_spec(&spec) }))
        }
        Some(_) => None,
    }
}

/// `git clone [--branch REF] https://github.com/openclaw/openclaw`
fn clone(words: &[&str], variable: &dyn Fn(&str) -> Option<String>) -> Option<(usize, Pin)> {
    let start = words.windows(2).position(|pair| pair == ["git", "clone"])?;
    let repository = |word: &&str| {
        let path =
            word.trim_end_matches(".git").split_once("github.com").map(|(_, path)| path.trim_start_matches([':', '/']));
        PRODUCTS.iter().any(|product| path == Some(&format!("{product}/{product}")))
    };
    let address = words.iter().skip(start).position(repository)? + start;
    let Some(at) = words.iter().position(|word| matches!(*word, "--branch" | "-b")) else {
        // What is checked out afterwards would be a line of its own; most clones stay on the main branch.
        return Some((address, Pin::Floating));
    };
    let branch = expand(words.get(at + 1)?, variable)?;
    let pin = match Version::parse_tag(&branch) {
        Some(version) => Pin::Exact(version),
        None if MOVING.contains(&&*branch) => Pin::Floating,
        None => Pin::Unknown,
    };
    Some((at + 1, pin))
}

/// `curl … https://openclaw.ai/install.sh | bash` takes the newest release unless told otherwise.
fn installer(words: &[&str]) -> Option<(usize, Pin)> {
    const HOSTS: [&str; 5] = ["openclaw.ai/", "openclaw.bot/", "clawd.bot/", "molt.bot/", "clawdbot.com/"];
    let script =
        |word: &str| word.contains("://") && word.contains("/install") && HOSTS.iter().any(|host| word.contains(host));
    let at = words.iter().position(|word| script(word))?;
    let fetched = words.iter().take(at).any(|word| matches!(*word, "curl" | "wget" | "iwr" | "irm"));
    let chosen = words.iter().any(|word| word.starts_with("--version") || word.starts_with("OPENCLAW_VERSION="));
    (fetched && !chosen).then_some((at, Pin::Floating))
}
