//! Whose addresses are the skill's own.

use super::Skill;
use crate::facts::hosts::{is_code_host, owner, same_party, stem};
use crate::facts::url::Url;
use crate::model::value::Found;

/// Where frontmatter says whose the skill is.
const HOMES: &[&str] =
    &["homepage", "repository", "source", "url", "metadata.homepage", "metadata.repository", "metadata.source"];

impl Skill {
    /// The addresses by which the frontmatter says whose the skill is.
    pub fn homes(&self) -> impl Iterator<Item = &str> {
        // Every flow asks, so the frontmatter is searched once.
        let homes = self.homes.get_or_init(|| {
            let Some(manifest) = self.manifest() else { return Vec::new() };
            let product = ["homepage", "repository", "source"].into_iter().map(|key| manifest.openclaw().get(key));
            let declared = HOMES.iter().map(|path| manifest.at(path)).chain(product);
            let homes = declared.filter_map(|found| Some(found.str()?.trim().to_owned()));
            homes.filter(|home| !home.is_empty()).collect()
        });
        homes.iter().map(String::as_str)
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
        let programs = self.programs.get_or_init(|| {
            let Some(manifest) = self.manifest() else { return Vec::new() };
            let lists = ["requires.bins", "requires.anyBins"].map(|path| manifest.openclaw().at(path));
            let names =
                |list: &Found<'_>| list.items().filter_map(|item| item.str().map(str::to_owned)).collect::<Vec<_>>();
            lists.iter().flat_map(names).collect()
        });
        programs.iter().map(String::as_str)
    }
}
