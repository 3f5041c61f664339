//! Which release a configuration is written for: the flag, the settings, then the evidence.

use super::config::Wanted;
use super::dialect::{Dialect, Product, Release};
use super::project::Project;
use super::value::Found;

/// The dialect and the reason for it, in words.
#[must_use]
pub fn detect(_root: &Found<'_>, _path: &str, wanted: &Wanted, _project: &Project) -> (Dialect, String) {
    let product = wanted.product.unwrap_or(Product::OpenClaw);
    let release = wanted.release.unwrap_or(Release::NEWEST);
    (Dialect { product, release }, wanted.reason.clone())
}
