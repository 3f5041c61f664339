//! Hosts that pretend to be somebody else's.

use std::sync::LazyLock;

use super::domain::{is_placeholder_host, is_within, registrable_domain};
use super::hosts::{is_api, is_code_host, is_registry, is_trusted};
use super::url::Url;
use super::{distance, lines};

/// A name that is worth imitating.
#[derive(Debug, PartialEq, Eq)]
pub struct Brand {
    /// In lower case.
    pub name: &'static str,
    /// How much a host must look like it.
    kind: Kind,
    /// The domains it owns.
    pub domains: Vec<&'static str>,
    /// Words that are close to it by chance.
    unlike: Vec<&'static str>,
}

/// How distinctive a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nobody else would use it: it counts inside any label, and so does a slip of it.
    Coined,
    /// Others bear it too: it counts as a whole part of a label, beside a word of installing.
    Name,
    /// A common word: as a name, and only when the label says nothing else.
    Word,
}

static BRANDS: LazyLock<Vec<Brand>> = LazyLock::new(|| {
    let brand = |line: &'static str| {
        let mut fields = line.split('\t');
        let (name, kind, domains) = (fields.next()?, fields.next()?, fields.next()?);
        let kind = match kind {
            "coined" => Kind::Coined,
            "name" => Kind::Name,
            _ => Kind::Word,
        };
        let unlike = fields.next().map(|words| words.split(' ').collect()).unwrap_or_default();
        Some(Brand { name, kind, domains: domains.split(' ').collect(), unlike })
    };
    lines(include_str!("../../schemas/skills/brands.txt")).filter_map(brand).collect()
});

/// Parts of a label that say "get the program here".
const INSTALL_WORDS: &[&str] = &[
    "ai",
    "app",
    "cli",
    "client",
    "cmd",
    "core",
    "desktop",
    "dev",
    "dl",
    "download",
    "downloads",
    "drivers",
    "exe",
    "get",
    "hub",
    "install",
    "installer",
    "mac",
    "macos",
    "official",
    "run",
    "sdk",
    "setup",
    "software",
    "tool",
    "tools",
    "update",
    "updates",
    "win",
    "windows",
];

/// Whose brand a host imitates: a label holds the name or is a slip of it, and the domain is not the
/// owner's, nobody's, or a page that a well-known service gives to each of its users.
#[must_use]
pub fn lookalike(url: &Url) -> Option<&'static Brand> {
    let host = url.host.as_str();
    let domain = registrable_domain(host);
    let known = is_code_host(url) || is_api(url) || is_trusted(url) || is_registry(url);
    if known || is_placeholder_host(host) || !host.contains('.') {
        return None;
    }
    let owned = BRANDS.iter().any(|brand| brand.domains.iter().any(|own| is_within(host, own)));
    if owned || domain.ends_with(".github.io") || domain.ends_with(".gitlab.io") {
        return None;
    }
    // Below the registered name everything is the owner's choice: `github.corp.dev` is an own server.
    let label = domain.split('.').next().unwrap_or(domain);
    BRANDS.iter().find(|brand| brand.is_in(label))
}

impl Brand {
    /// Does the label look like the brand?
    fn is_in(&self, label: &str) -> bool {
        let label = fold(label);
        let parts = || label.split('-').filter(|part| !part.is_empty());
        let install = |part: &str| INSTALL_WORDS.contains(&part);
        match self.kind {
            Kind::Coined => label.contains(self.name) || parts().chain([label.as_str()]).any(|part| self.is_slip(part)),
            Kind::Name | Kind::Word => {
                let joined = INSTALL_WORDS.iter().filter(|word| word.len() > 2);
                let glued = label.strip_prefix(self.name).or_else(|| label.strip_suffix(self.name));
                let named = parts().any(|part| part == self.name);
                let only =
                    parts().all(|part| part == self.name || install(part) || self.kind == Kind::Name && part == "code");
                named && only && parts().count() > 1
                    || glued.is_some_and(|rest| joined.into_iter().any(|word| rest == *word))
            }
        }
    }

    /// One slip of the finger away; two for long names.
    fn is_slip(&self, part: &str) -> bool {
        let most = if self.name.len() >= 12 { 2 } else { 1 };
        // A letter more or less at the end is a plural or another word; so is a different first letter.
        let chance = self.unlike.iter().any(|word| part.contains(word));
        let begins = part.as_bytes().first() == self.name.as_bytes().first();
        !chance
            && self.name.len() >= 6
            && part.len() >= self.name.len()
            && part != self.name
            && begins
            && distance(part, self.name, most).is_some()
    }
}

/// Letters that are drawn alike: digits for letters, `rn` for `m`, `vv` for `w`, and other scripts.
fn fold(label: &str) -> String {
    let letter = |c: char| match c {
        '0' | 'о' | 'ο' => 'o',
        '1' | 'і' | 'ı' => 'i',
        '3' | 'е' | 'ё' => 'e',
        'а' | 'α' => 'a',
        'с' => 'c',
        'р' | 'ρ' => 'p',
        'ԁ' => 'd',
        'һ' => 'h',
        'ӏ' => 'l',
        'ո' => 'n',
        'ѕ' => 's',
        'υ' | 'ս' => 'u',
        'ѡ' | 'ԝ' => 'w',
        'у' => 'y',
        other => other,
    };
    label.chars().map(letter).collect::<String>().replace("vv", "w").replace("rn", "m")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(url: &str) -> Option<&'static str> {
        lookalike(&Url::parse(url).unwrap_or_else(|| panic!("{url}"))).map(|brand| brand.name)
    }

    #[test]
    fn imitations_are_named() {
        for (url, name) in [
            ("https://openclaw-cli.forum", "openclaw"),
            ("https://openclaw-tools.vercel.app/x", "openclaw"),
            ("https://0penclaw.io", "openclaw"),
            ("https://openc1aw-setup.com", "openclaw"),
            ("https://get-clawhub.net/i", "clawhub"),
            ("https://anthropic-update.com", "anthropic"),
            ("https://anthrropic.com", "anthropic"),
            ("https://gihtub.com/a/b", "github"),
            ("https://claude-code-installer.com", "claude"),
            ("https://claude-cli.dev", "claude"),
            ("https://cursor-download.net", "cursor"),
            ("https://getcursor.net", "cursor"),
            ("https://codex-cli.io", "codex"),
        ] {
            assert_eq!(brand(url), Some(name), "{url}");
        }
    }

    #[test]
    fn owners_users_and_common_words_are_not() {
        for url in [
            "https://docs.openclaw.ai/install",
            "https://clawhub.ai",
            "https://claude.ai/install.sh",
            "https://platform.claude.com",
            "https://chatgpt.com",
            "https://cursor.com/install",
            "https://github.blog",
            "https://api.githubcopilot.com",
            "https://my-res.openai.azure.com",
            "https://claude-code-tips.github.io",
            "https://github.com/openclaw-fan/skills",
            "https://cursor-pagination.dev",
            "https://docs.copilotkit.ai",
            "https://gemini-observatory.org",
            "https://github.corp.dev/x",
            "https://awesomeclaude.dev",
            "https://gitlab.freedesktop.org",
            "https://openapi.dev",
            "https://openai.example.com",
            "https://pypi.org/project/openai",
            "https://huggingface.co/openclaw",
            "https://claudette.dev",
            "https://moltworks.dev",
            // Below the host of somebody else, a name imitates nothing.
            "https://opencIaw.com.evil.dev",
            "https://gіthub.dev-tools.io",
        ] {
            assert_eq!(brand(url), None, "{url}");
        }
    }

    #[test]
    fn every_line_is_a_brand() {
        assert_eq!(BRANDS.len(), lines(include_str!("../../schemas/skills/brands.txt")).count());
        for brand in BRANDS.iter() {
            assert!(brand.domains.iter().all(|domain| domain.contains('.')), "{}", brand.name);
        }
    }
}
