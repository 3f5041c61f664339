//! Which release a configuration is written for: the flag, the settings, then the evidence.

use super::advisory::Version;
use super::config::Wanted;
use super::dialect::{Dialect, Product, Release};
use super::evidence;
use super::project::Project;
use super::schema;
use super::value::Value;
use crate::path::dir_of;
use crate::rule::Profile;

/// What a configuration is written for.
#[derive(Clone, Debug)]
pub struct Detected {
    /// The dialect to judge it by.
    pub dialect: Dialect,
    /// Why, in words.
    pub reason: String,
    /// The other neighbour of a version that lies between two releases that we know.
    pub neighbour: Option<Release>,
}

/// What a configuration is written for. In order of trust: what was asked for, a pinned image or
/// package, the version that last wrote the file, the keys that are written, the newest release.
#[must_use]
pub fn detect(root: &Value, path: &str, wanted: &Wanted, project: &Project) -> Detected {
    let (product, why) = product(root, path, wanted);
    if product == Product::ClosedClaw {
        return Detected { dialect: Dialect::CLOSEDCLAW, reason: why, neighbour: None };
    }
    if let Some(release) = wanted.release {
        return Detected { dialect: Dialect { product, release }, reason: wanted.reason.clone(), neighbour: None };
    }
    if product == Product::Handbook {
        return Detected { dialect: Dialect { product, release: Release::NEWEST }, reason: why, neighbour: None };
    }
    let ((release, neighbour), reason) = release(root, path, project);
    let reason = if why.is_empty() { reason } else { why };
    Detected { dialect: Dialect { product, release }, reason, neighbour }
}

fn product(root: &Value, path: &str, wanted: &Wanted) -> (Product, String) {
    if let Some(product) = wanted.product {
        return (product, wanted.reason.clone());
    }
    // Who asks for a release of OpenClaw has said whose file it is.
    if wanted.release.is_some() {
        return (Product::OpenClaw, String::new());
    }
    let root = root.found();
    if let Some(reason) = evidence::closedclaw(&root, path) {
        return (Product::ClosedClaw, reason);
    }
    // No program answers for the handbook's dialect, so there is no upstream answer to give.
    if wanted.profile != Profile::Upstream && evidence::is_handbook(&root) {
        return (Product::Handbook, "its keys are those of the hardening handbook".to_owned());
    }
    (Product::OpenClaw, String::new())
}

fn release(root: &Value, path: &str, project: &Project) -> ((Release, Option<Release>), String) {
    if let Some(pin) = evidence::nearest_pin(project, dir_of(path)) {
        return (evidence::release_for(pin.version, root), format!("{} names {}", pin.path, pin.token));
    }
    let touched = root.found().at("meta.lastTouchedVersion");
    if let Some((text, version)) = touched.str().and_then(|text| Some((text, Version::parse(text)?))) {
        return (evidence::release_for(version, root), format!("meta.lastTouchedVersion is {text}"));
    }
    let (release, reason) = by_keys(root);
    ((release, None), reason)
}

/// The release that knows most of the keys; of several the newest.
fn by_keys(root: &Value) -> (Release, String) {
    let strangers = |release| schema::strangers(root, Dialect::openclaw(release));
    let newest = strangers(Release::NEWEST);
    if newest == 0 {
        return (Release::NEWEST, "nothing says otherwise: the newest known release".to_owned());
    }
    let older = Release::ALL.into_iter().rev().skip(1).map(|release| (strangers(release), release));
    match older.min_by_key(|(count, release)| (*count, std::cmp::Reverse(*release))) {
        Some((count, release)) if count < newest => {
            let keys = |count: usize| if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
            let reason = if count == 0 {
                format!("it knows every key, and {} refuses {}", Release::NEWEST.as_str(), keys(newest))
            } else {
                format!("it refuses {} and {} {}", keys(count), Release::NEWEST.as_str(), keys(newest))
            };
            (release, reason)
        }
        _ => (Release::NEWEST, "nothing says otherwise: the newest known release".to_owned()),
    }
}
