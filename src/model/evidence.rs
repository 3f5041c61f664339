//! What a repository says about the release that its configuration is for.

use super::advisory::Version;
use super::dialect::{Dialect, Release};
use super::document::Document;
use super::installs::{Pin, installs};
use super::project::Project;
use super::schema::handbook;
use super::value::{Found, Value};
use crate::kind::DocumentKind;
use crate::path::dir_of;

/// A side file that installs or runs one exact version.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// Its path.
    pub path: String,
    /// The token that says so.
    pub token: String,
    /// The version.
    pub version: Version,
    trust: u8,
}

/// Every exact version that the side files of a repository install or run.
#[must_use]
pub fn pins(project: &Project) -> Vec<Pinned> {
    let live = project.documents.iter().filter(|document| !document.sample);
    live.flat_map(|document| {
        let exact = installs(document, project).into_iter().filter_map(|install| match install.pin {
            Pin::Exact(version) => Some((version, install.place.span)),
            Pin::Floating | Pin::Unknown => None,
        });
        exact.map(|(version, span)| Pinned {
            path: document.path.clone(),
            token: document.source.slice(span.start, span.end).trim_matches(['"', '\'']).to_owned(),
            version,
            trust: trust(document),
        })
    })
    .collect()
}

/// What runs counts before what is installed, and that before what is depended on.
const fn trust(document: &Document) -> u8 {
    match document.kind {
        DocumentKind::Compose => 0,
        DocumentKind::PackageJson => 2,
        _ => 1,
    }
}

/// The pin that is about a configuration in `dir`: in that directory, above it or below it, the nearest first.
#[must_use]
pub fn nearest_pin<'a>(project: &'a Project, dir: &str) -> Option<&'a Pinned> {
    let holds = |outer: &str, inner: &str| {
        outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let rank = |pin: &&Pinned| {
        let own = dir_of(&pin.path);
        let below = !holds(own, dir);
        (below, if below { own.len() } else { dir.len() - own.len() }, pin.trust)
    };
    let near = project.pins().iter().filter(|pin| holds(dir_of(&pin.path), dir) || holds(dir, dir_of(&pin.path)));
    near.min_by_key(rank)
}

/// The known release to judge a version by.
///
/// A version that we know stands for itself, one before the first for the first and one after the last
/// for the last. Between two of them the older is right about what is checked, and wrong about keys that
/// were added since; so the neighbour that knows more of the keys that are written is taken, and of two
/// that know the same the older. The other one is returned too: only what both refuse is sure.
#[must_use]
pub fn release_for(version: Version, root: &Value) -> (Release, Option<Release>) {
    let known = |release: Release| Version::parse(release.as_str());
    let below = Release::ALL.into_iter().rfind(|release| known(*release).is_some_and(|known| known <= version));
    let above = Release::ALL.into_iter().find(|release| known(*release).is_some_and(|known| known >= version));
    match (below, above) {
        (Some(below), Some(above)) if below != above => {
            let strangers = |release| super::schema::strangers(root, Dialect::openclaw(release));
            if strangers(above) < strangers(below) { (above, Some(below)) } else { (below, Some(above)) }
        }
        (Some(release), _) | (None, Some(release)) => (release, None),
        (None, None) => (Release::NEWEST, None),
    }
}

/// Why a configuration is one of ClosedClaw: its name, its directory, or a key that only the fork has.
#[must_use]
pub fn closedclaw(root: &Found<'_>, path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.to_lowercase().starts_with("closedclaw.json") {
        return Some(format!("the file is called {name}"));
    }
    let dir = dir_of(path).rsplit('/').next().unwrap_or_default();
    if dir.eq_ignore_ascii_case(".closedclaw") {
        return Some(format!("the file lies in {dir}"));
    }
    let keys = ["security.kernelShield", "skills.security", "channels.mode"];
    let found = keys.into_iter().map(|key| root.at(key)).find(Found::exists);
    let agents = || root.at("agents.list").items();
    let tier = || agents().map(|agent| agent.get("tools").get("tier")).find(Found::exists);
    let talk = || agents().map(|agent| agent.get("clawtalk")).find(Found::exists);
    let key = found.or_else(tier).or_else(talk)?;
    Some(format!("{} is a key of ClosedClaw", key.path()))
}

/// Keys that only real configurations have.
const REAL: &[&str] = &[
    "meta",
    "wizard",
    "agents.defaults",
    "agents.list",
    "agents.entries",
    "channels",
    "session",
    "models.providers",
    "bindings",
    "messages",
    "commands",
    "plugins",
    "hooks",
    "gateway.mode",
    "gateway.auth.mode",
];

/// Is it written in the handbook's dialect: several keys of it and not one that only real files have? A
/// real file with a few such keys stays a real file.
#[must_use]
pub fn is_handbook(root: &Found<'_>) -> bool {
    let real = REAL.iter().any(|key| root.at(key).exists());
    let marked = root.get("version").str().is_some_and(|version| version.starts_with("2026."))
        && root.at("security.allow_url_actions").exists();
    !real && (marked || handbook::score(root) >= 3)
}
