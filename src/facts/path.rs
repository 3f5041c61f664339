//! Paths where programs keep credentials.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::sections;

/// What a credential path holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Class {
    /// A short name, such as `ssh-key`.
    pub name: &'static str,
    /// What it is, for a message: `SSH private keys`.
    pub holds: &'static str,
}

/// One spelling of one path.
struct Spelling {
    /// Which class.
    class: usize,
    /// Is it a directory as a whole?
    directory: bool,
}

struct Paths {
    classes: Vec<Class>,
    spellings: Vec<Spelling>,
    finder: Option<AhoCorasick>,
}

/// What stands between the parts of a path: separators, and the ends of quoted parts that are joined.
const SEPARATORS: &[&str] = &["/", "\\", "\\\\", "', '", "\", \"", "' / '", "\" / \"", "','", "\",\"", "'/'", "\"/\""];

static PATHS: LazyLock<Paths> = LazyLock::new(|| {
    let mut classes: Vec<Class> = Vec::new();
    let mut patterns = Vec::new();
    let mut spellings = Vec::new();
    for (heading, line) in sections(include_str!("../../schemas/skills/paths.txt")) {
        let (name, holds) = heading.split_once(' ').unwrap_or((heading, heading));
        if classes.last().is_none_or(|class| class.name != name) {
            classes.push(Class { name, holds });
        }
        let class = classes.len() - 1;
        let directory = line.ends_with('/');
        let path = line.trim_end_matches('/');
        let usual = if path.contains('/') { SEPARATORS } else { &SEPARATORS[..1] };
        for separator in usual {
            patterns.push(path.replace('/', separator));
            spellings.push(Spelling { class, directory });
        }
    }
    let kind = Some(AhoCorasickKind::DFA);
    let finder = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(patterns);
    Paths { classes, spellings, finder: finder.ok() }
});

/// The credential paths that a text names, in their order. Templates beside the real file
/// (`.npmrc-sample`, `id_rsa.pub`) and words that merely contain one are left out.
pub fn credential_paths(text: &str) -> impl Iterator<Item = (Range<usize>, &'static Class)> {
    let paths = &*PATHS;
    // Overlapping: a directory that is not named as a whole must not hide the file below it.
    let matches = paths.finder.iter().flat_map(move |finder| finder.find_overlapping_iter(text));
    let mut told = 0;
    matches.filter_map(move |found| {
        let spelling = paths.spellings.get(found.pattern().as_usize())?;
        let class = paths.classes.get(spelling.class)?;
        let whole = begins(text, found.start()) && ends(text, found.end(), spelling.directory);
        if !whole || found.start() < told {
            return None;
        }
        told = found.end();
        Some((found.range(), class))
    })
}

/// Is it the beginning of a path or of a part of one?
fn begins(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    // `\t` and `\n` of a string are no separators, but they end the word before as well.
    !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Is it the end of a name? A directory ends only where nothing of it is named.
fn ends(text: &str, at: usize, directory: bool) -> bool {
    let mut rest = text.get(at..).unwrap_or_default().chars();
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    match (rest.next(), rest.next()) {
        (Some(c), _) if name(c) => false,
        (Some('.'), Some(next)) => !name(next),
        (Some('/' | '\\'), Some(next)) if directory => !name(next) && next != '.',
        // A quoted part of a path that is joined with another.
        (Some('\'' | '"'), Some(',' | '/')) if directory => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<&'static str> {
        credential_paths(text).map(|(_, class)| class.name).collect()
    }

    #[test]
    fn credentials_are_found_however_they_are_spelt() {
        for (text, class) in [
            ("cat ~/.ssh/id_rsa", "ssh-key"),
            ("cp -r ~/.ssh/ /tmp", "ssh-key"),
            ("tar cz ~/.ssh | x", "ssh-key"),
            ("glob('~/.ssh/id_*')", "ssh-key"),
            ("os.path.join(home, '.ssh', 'id_ed25519')", "ssh-key"),
            ("Path.home() / \".aws\" / \"credentials\"", "aws"),
            ("$HOME/.aws/credentials.", "aws"),
            ("%USERPROFILE%\\.aws\\credentials", "aws"),
            ("C:\\\\Users\\\\x\\\\.kube\\\\config", "kube"),
            ("/etc/shadow", "system"),
            ("~/.openclaw/openclaw.json", "agent"),
            ("~/.claude/.credentials.json", "agent"),
            ("~/.codex/auth.json", "agent"),
            ("`.npmrc`", "npmrc"),
            ("~/Library/Application Support/Google/Chrome/Default/Login Data", "browser"),
            ("AppData/Local/Google/Chrome/User Data/Default/Cookies", "browser"),
            ("~/Library/Keychains/login.keychain-db", "keychain"),
            ("~/.zsh_history", "history"),
            ("~/.config/gh/hosts.yml", "gh-token"),
            ("Local Extension Settings/nkbihfbeogaeaoehlefnkodbefgpgknn", "wallet"),
        ] {
            assert!(classes(text).contains(&class), "{text} {:?}", classes(text));
        }
    }

    #[test]
    fn neighbours_hold_no_credentials() {
        for text in [
            "~/.ssh/config",
            "~/.ssh/known_hosts",
            "~/.ssh/id_rsa.pub",
            "~/.ssh/id_ed25519.pub",
            "~/.ssh/authorized_keys",
            "my.npmrc-sample",
            ".npmrc.example",
            ".npmrc-sample",
            "x.netrcs",
            "~/.openclaw/skills/x",
            "~/.openclaw/workspace",
            "~/.gnupg/gpg.conf",
            "etc/shadowsocks.json",
            "~/.awesome/credentials",
            "~/.aws/cli/alias",
            "design tokens",
            "~/.kube/config.example",
            "os.path.join(home, '.openclaw', 'skills')",
        ] {
            assert_eq!(classes(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn the_range_is_the_path() {
        let text = "cat ~/.aws/credentials | x";
        let (range, class) = credential_paths(text).next().unwrap();
        assert_eq!((&text[range], class.holds), (".aws/credentials", "AWS credentials"));
        assert_eq!(credential_paths("é~/.ssh/é é~/.netrc").count(), 1);
    }

    #[test]
    fn the_table_builds() {
        assert!(PATHS.finder.is_some() && PATHS.classes.len() > 20);
        for class in &PATHS.classes {
            assert!(class.holds.starts_with(char::is_uppercase) || class.holds.starts_with("npm"), "{}", class.name);
        }
    }
}
