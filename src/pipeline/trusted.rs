//! Whose signatures count in a run: the keyring that the operator names, the policies of the configurations.

use std::path::{Component, Path};

use super::context::Context;
use crate::discover::{Target, Tree};
use crate::kind::{DocumentKind, Role};
use crate::load::Loaded;
use crate::model::gate::{self, Policy};
use crate::model::include;
use crate::model::trust::{TrustBase, is_in_skill};
use crate::options::Options;
use crate::path::{self, dir_of};

/// Sees to it that a named keyring is read, wherever it lies, and gives its path as reports show it. An absent one
/// is an empty one.
pub(super) fn target(tree: &Tree, targets: &mut Vec<Target>, around: &Context, options: &Options) -> Option<String> {
    let is_keyring = |target: &Target| matches!(target, Target::Document { path, kind: DocumentKind::Keyring, sample: false } if !is_in_skill(tree, path));
    let none = around.keyrings.is_empty() && !targets.iter().any(is_keyring);
    if options.keyring.is_none() {
        let document =
            |path: &String| Target::Document { path: path.clone(), kind: DocumentKind::Keyring, sample: false };
        let found: Vec<Target> = around.keyrings.iter().map(document).collect();
        targets.extend(found);
        // The documents of a project are looked up by path.
        targets.sort();
    }
    let path = options.keyring.as_ref().or(options.last_keyring.as_ref().filter(|_| none))?;
    let full = path::lexical(&std::path::absolute(path).unwrap_or_else(|_| path.clone()));
    let shown = relative(&tree.base, &full);
    targets.retain(|target| !matches!(target, Target::Document { path, .. } if *path == shown));
    if full.exists() {
        targets.push(Target::Document { path: shown.clone(), kind: DocumentKind::Keyring, sample: false });
        targets.sort();
    }
    Some(shown)
}

/// The way from a directory to a file, up and down.
fn relative(base: &Path, full: &Path) -> String {
    let common = base.components().zip(full.components()).take_while(|(one, other)| one == other).count();
    let up = base.components().skip(common).map(|_| "..".into());
    let down = full.components().skip(common).filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// What a project knows about trust before anybody asks.
pub(super) fn base(named: Option<String>, configs: &[Loaded], around: Context, options: &Options) -> TrustBase {
    let live = configs.iter().filter(|loaded| loaded.role == Role::Live);
    let policies = live.filter_map(|loaded| Some((dir_of(&loaded.path).to_owned(), policy(loaded)?)));
    TrustBase::new(named, options.policy, policies.chain(around.policies).collect())
}

/// The policy of a configuration: put together only where one of its texts has a key of it.
pub(super) fn policy(loaded: &Loaded) -> Option<Policy> {
    let texts = (0..).map_while(|index| loaded.sources.get(crate::source::FileId(index)));
    let mentioned =
        texts.filter_map(|source| source.text()).any(|text| gate::KEYS.iter().any(|key| text.contains(key)));
    mentioned.then(|| include::resolve(loaded).0).flatten().and_then(|root| Policy::of(&root))
}
