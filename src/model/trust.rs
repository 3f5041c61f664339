//! Whose signatures count here: the keyrings of the repository, and the policy of its configurations.

use std::sync::OnceLock;

use super::document::Content;
use super::gate::{Policy, PolicyFlags};
use super::keyring::{self, Keyring};
use super::project::Project;
use crate::classify;
use crate::discover::Tree;
use crate::kind::DocumentKind;
use crate::path::{dir_of, join};
use crate::source::{FileId, Owner};

/// What the operator and the configurations say, and the keyrings once somebody asks.
#[derive(Debug, Default)]
pub struct TrustBase {
    /// The path of the keyring that the operator named; it need not exist.
    pub named: Option<String>,
    /// What the operator says about the policy.
    pub flags: PolicyFlags,
    /// The policies of the configurations, by the directory of each.
    pub policies: Vec<(String, Policy)>,
    keyrings: OnceLock<Vec<Keyring>>,
    usable: OnceLock<Vec<usize>>,
    signed: OnceLock<bool>,
}

impl TrustBase {
    /// Before anybody asked.
    #[must_use]
    pub fn new(named: Option<String>, flags: PolicyFlags, policies: Vec<(String, Policy)>) -> Self {
        Self { named, flags, policies, ..Self::default() }
    }
}

impl Project {
    /// Every keyring, by path.
    pub fn keyrings(&self) -> &[Keyring] {
        self.trust.keyrings.get_or_init(|| {
            let read = |document: &super::document::Document| match &document.content {
                Content::NoFile(reason) => Keyring::unreadable(document.file, reason),
                Content::Opaque => Keyring::unreadable(document.file, "its bytes are not there"),
                _ => Keyring::read(document.file, &document.source.bytes),
            };
            self.of_kind(DocumentKind::Keyring).map(read).collect()
        })
    }

    /// The keyring in a file.
    #[must_use]
    pub fn keyring(&self, file: FileId) -> Option<&Keyring> {
        let at = self.keyrings().binary_search_by_key(&file, |keyring| keyring.file).ok()?;
        self.keyrings().get(at)
    }

    /// Is a document no keyring, or one in which ClosedClaw finds keys?
    #[must_use]
    pub fn is_sound(&self, document: &super::document::Document) -> bool {
        self.keyring(document.file).is_none_or(|keyring| keyring.shape == keyring::Shape::Map)
    }

    /// The path of a keyring.
    #[must_use]
    pub fn path_of(&self, keyring: &Keyring) -> &str {
        let Owner::Document(index) = keyring.file.owner() else { return "" };
        self.documents.get(index).map_or("", |document| &document.path)
    }

    /// The keyring that decides about the skill at `root`: the one that the operator named, else the nearest of the
    /// repository. What lies in a skill is a stranger's word, so no keyring in one counts.
    #[must_use]
    pub fn keyring_of(&self, root: &str) -> Option<&Keyring> {
        if let Some(named) = &self.trust.named {
            return self.keyring(self.document(named)?.file);
        }
        let usable = self.usable_keyrings();
        let path = |index: &usize| self.keyrings().get(*index).map_or("", |keyring| self.path_of(keyring));
        let within = |dir: &str| {
            let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
            let first = usable.partition_point(|index| path(index) < &*prefix);
            usable.get(first).filter(|index| path(index).starts_with(&prefix)).copied()
        };
        let above = std::iter::successors(Some(root), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
        let nearest = self.keyrings().get(above.into_iter().find_map(within)?)?;
        // Of two in one directory the one that ClosedClaw reads.
        let beside = self.document(&join(dir_of(self.path_of(nearest)), classify::KEYRING));
        beside.and_then(|document| self.keyring(document.file)).or(Some(nearest))
    }

    fn usable_keyrings(&self) -> &[usize] {
        self.trust.usable.get_or_init(|| {
            let documents = self.of_kind(DocumentKind::Keyring).enumerate();
            let usable = documents.filter(|(_, document)| !document.sample && !is_in_skill(&self.tree, &document.path));
            usable.map(|(index, _)| index).collect()
        })
    }

    /// The policy for the skill at `root`: that of the nearest configuration with one, else the default.
    #[must_use]
    pub fn policy_of(&self, root: &str) -> Policy {
        let near = |dir: &str| shared(dir, root);
        let nearest = self.trust.policies.iter().map(|(dir, _)| near(dir)).max();
        let policies = self.trust.policies.iter().filter(|(dir, _)| Some(near(dir)) == nearest);
        let policy = policies.map(|(_, policy)| *policy).reduce(Policy::and);
        policy.unwrap_or_default().with(self.trust.flags)
    }

    /// Does anybody here care about signatures: is there a keyring or a signature, or a policy that demands one?
    #[must_use]
    pub fn expects_signatures(&self, root: &str) -> bool {
        let is_signature = |path: &str| path.ends_with("SKILL.md.sig") && !crate::classify::is_sample(path);
        let signed = || self.tree.entries.iter().any(|entry| is_signature(&entry.path));
        self.policy_of(root).require_signature
            || self.trust.named.is_some()
            || !self.usable_keyrings().is_empty()
            || *self.trust.signed.get_or_init(signed)
    }
}

/// Does a path lie in a skill?
#[must_use]
pub fn is_in_skill(tree: &Tree, path: &str) -> bool {
    let above = std::iter::successors(Some(dir_of(path)), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
    above.into_iter().any(|dir| tree.get(&join(dir, "SKILL.md")).is_some())
}

/// How many leading directories two directories have in common.
fn shared(one: &str, other: &str) -> usize {
    let dirs = one.split('/').filter(|dir| !dir.is_empty());
    dirs.zip(other.split('/')).take_while(|(one, other)| one == other).count()
}
