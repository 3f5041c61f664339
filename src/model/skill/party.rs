//! Whose addresses are the skill's own.

use super::Skill;
use crate::facts::hosts::{is_code_host, owner, same_party, stem};
use crate::facts::url::Url;

/// Where frontmatter says whose the skill is.
const HOMES: &[&str] =
    &["homepage", "repository", "source", "url", "metadata.homepage", "metadata.repository", "metadata.source"];

impl Skill {
    /// The addresses by which the frontmatter says whose the skill is.
    pub fn homes(&self) -> impl Iterator<Item = &str> {
        let manifest = self.manifest();
        let declared = manifest.into_iter().flat_map(|manifest| {
            let product = ["homepage", "repository", "source"].into_iter().map(|key| manifest.openclaw().get(key));
            HOMES
                .iter()
                .map(|path| manifest.at(path))
                .chain(product)
                .filter_map(|found| found.str())
                .collect::<Vec<_>>()
        });
        declared.map(str::trim).filter(|home| !home.is_empty())
    }

    /// Does a URL belong to the publisher that the frontmatter names, or bear the name of a program that
    /// the skill declares to need?
    #[must_use]
    pub fn is_first_party(&self, url: &Url) -> bool {
        let home = |home: &str| Url::parse(home).is_some_and(|home| same_party(&home, url));
        let whose =
            owner(url).unwrap_or_else(|| if is_code_host(url) { String::new() } else { stem(&url.host).to_owned() });
        let program = |name: &str| name.len() >= 4 && name.eq_ignore_ascii_case(&whose);
        self.homes().any(home) || self.required_programs().any(program)
    }

    /// The programs that the frontmatter declares to need.
    pub fn required_programs(&self) -> impl Iterator<Item = &str> {
        let block = self.manifest().map(super::Manifest::openclaw);
        block.into_iter().flat_map(|block| {
            let lists = ["requires.bins", "requires.anyBins"].map(|path| block.at(path));
            lists.into_iter().flat_map(|list| list.items().filter_map(|item| item.str()).collect::<Vec<_>>())
        })
    }
}
