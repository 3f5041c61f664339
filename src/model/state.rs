//! What a state directory holds: where things are and who else on the machine can reach them.

use std::collections::BTreeSet;

use super::agents::normalise;
use super::config::Config;
use super::dialect::Release;
use crate::discover::EntryKind;
use crate::finding::{Change, Fix, Place, Safety};

/// What others than the owner may do with a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(u32);

impl Access {
    /// The access that permission bits give.
    #[must_use]
    pub const fn of(mode: u32) -> Self {
        Self(mode)
    }

    /// Can everybody write?
    #[must_use]
    pub const fn world_writable(self) -> bool {
        self.0 & 0o002 != 0
    }

    /// Can the group write?
    #[must_use]
    pub const fn group_writable(self) -> bool {
        self.0 & 0o020 != 0
    }

    /// Can everybody read?
    #[must_use]
    pub const fn world_readable(self) -> bool {
        self.0 & 0o004 != 0
    }

    /// Can the group read?
    #[must_use]
    pub const fn group_readable(self) -> bool {
        self.0 & 0o040 != 0
    }

    /// Can anybody but the owner write?
    #[must_use]
    pub const fn writable(self) -> bool {
        self.0 & 0o022 != 0
    }

    /// Can anybody but the owner read?
    #[must_use]
    pub const fn readable(self) -> bool {
        self.0 & 0o044 != 0
    }

    /// The bits as `chmod` takes them.
    #[must_use]
    pub fn octal(self) -> String {
        format!("{:03o}", self.0 & 0o7777)
    }
}

/// Something in a live state directory with its bits.
#[derive(Clone, Debug)]
pub struct Guarded<'a> {
    /// Path relative to the scanned tree; empty for the scanned directory itself.
    pub path: &'a str,
    /// What others may do.
    pub access: Access,
    /// Is it a symbolic link? Its bits are those of what it leads to.
    pub is_link: bool,
    /// Is it a directory?
    pub is_dir: bool,
    /// The file as a whole.
    pub place: Place,
}

impl Guarded<'_> {
    /// Takes everybody else's bits away. Nothing is changed through a link.
    #[must_use]
    pub fn narrowed(&self) -> Option<Fix> {
        (!self.is_link).then(|| narrowed(self.path, self.is_dir))
    }
}

/// Takes everybody else's bits of a file or directory away.
#[must_use]
pub fn narrowed(path: &str, is_dir: bool) -> Fix {
    let (keep, words) = if is_dir { (0o700, "700") } else { (0o600, "600") };
    let name = if path.is_empty() { "the directory" } else { path };
    Fix::new(Safety::Safe, format!("chmod {words} {name}"), [Change::Mode { path: path.to_owned(), keep }])
}

impl Config {
    /// Are permission bits known here, and does upstream come as far as looking at them?
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.project.live && (self.is_valid() || !self.upstream())
    }

    /// The entry at a path of the tree, in a live state directory.
    #[must_use]
    pub fn guarded<'a>(&'a self, path: &str) -> Option<Guarded<'a>> {
        let entry = self.project.tree.get(path).filter(|_| self.is_live())?;
        let access = Access::of(entry.mode?);
        let is_link = matches!(entry.kind, EntryKind::Link { .. });
        let is_dir = entry.kind == EntryKind::Dir;
        Some(Guarded { path: &entry.path, access, is_link, is_dir, place: self.project.place_of(path)? })
    }

    /// Where credentials are kept: `$OPENCLAW_OAUTH_DIR` when it lies in the tree, else
    /// `credentials` beside the configuration.
    #[must_use]
    pub fn credentials_dir(&self) -> String {
        let named = self.env.get("OPENCLAW_OAUTH_DIR").map(std::path::Path::new);
        let inside = named.filter(|path| path.starts_with(&self.project.tree.base));
        inside
            .map_or_else(|| self.beside("credentials"), |path| crate::discover::relative(&self.project.tree.base, path))
    }

    /// The ids of the agents that have, or may have, a directory of their own in a live state directory.
    #[must_use]
    pub fn agent_dirs(&self) -> BTreeSet<String> {
        if !self.is_live() {
            return BTreeSet::new();
        }
        let mut ids: BTreeSet<String> = self.agents().into_iter().map(|agent| agent.id.into_owned()).collect();
        ids.insert("main".to_owned());
        if !self.upstream() {
            let dir = self.beside("agents");
            ids.extend(self.project.tree.children(&dir).map(|(name, _)| name.to_owned()));
        }
        ids.into_iter().filter(|id| !id.is_empty() && normalise(id) == *id).collect()
    }

    /// The files of one agent that hold credentials.
    #[must_use]
    pub fn auth_stores(&self, agent: &str) -> Vec<String> {
        const DATABASE: &str = "openclaw-agent.sqlite";
        let mut names = vec!["auth-profiles.json".to_owned()];
        if self.since(Release::V2026_9) {
            names.extend(["", "-wal", "-shm", "-journal"].map(|tail| format!("{DATABASE}{tail}")));
        }
        names.iter().map(|name| self.beside(&format!("agents/{agent}/agent/{name}"))).collect()
    }
}
