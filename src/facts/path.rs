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

/// One path of the table.
struct CredentialPath {
    /// Which class.
    class: usize,
    /// Its parts behind the first one.
    rest: Vec<&'static str>,
    /// Is it a directory as a whole?
    directory: bool,
}

struct Paths {
    classes: Vec<Class>,
    /// The first parts of all paths.
    firsts: Option<AhoCorasick>,
    /// The paths that begin with each of them, shorter ones first.
    by_first: Vec<Vec<CredentialPath>>,
}

/// What stands between the parts of a path: separators, and the ends of quoted parts that are joined.
/// Longer ones first.
const SEPARATORS: &[&str] = &["\", \"", "\" / \"", "', '", "' / '", "\",\"", "\"/\"", "','", "'/'", "\\\\", "\\", "/"];

static PATHS: LazyLock<Paths> = LazyLock::new(|| {
    let mut classes: Vec<Class> = Vec::new();
    let mut firsts: Vec<&str> = Vec::new();
    let mut by_first: Vec<Vec<CredentialPath>> = Vec::new();
    for (heading, line) in sections(include_str!("../../schemas/skills/paths.txt")) {
        let (name, holds) = heading.split_once(' ').unwrap_or((heading, heading));
        if classes.last().is_none_or(|class| class.name != name) {
            classes.push(Class { name, holds });
        }
        let mut parts = line.trim_end_matches('/').split('/');
        let first = parts.next().unwrap_or_default();
        let path = CredentialPath { class: classes.len() - 1, rest: parts.collect(), directory: line.ends_with('/') };
        if let Some(paths) = firsts.iter().position(|known| *known == first).and_then(|at| by_first.get_mut(at)) {
            paths.push(path);
        } else {
            firsts.push(first);
            by_first.push(vec![path]);
        }
    }
    for paths in &mut by_first {
        paths.sort_by_key(|path| path.rest.iter().map(|part| part.len() + 1).sum::<usize>());
    }
    let kind = Some(AhoCorasickKind::DFA);
    let firsts = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(firsts);
    Paths { classes, firsts: firsts.ok(), by_first }
});

/// The credential paths that a text names, in their order. Templates beside the real file
/// (`.npmrc-sample`, `id_rsa.pub`) and words that merely contain one are left out.
pub fn credential_paths(text: &str) -> impl Iterator<Item = (Range<usize>, &'static Class)> {
    let paths = &*PATHS;
    // Overlapping: one first part may end as another does.
    let matches = paths.firsts.iter().flat_map(move |firsts| firsts.find_overlapping_iter(text));
    let mut told = 0;
    matches.filter_map(move |found| {
        if found.start() < told || !begins(text, found.start()) {
            return None;
        }
        let known = paths.by_first.get(found.pattern().as_usize())?;
        let (end, path) = known.iter().find_map(|path| {
            let end = path.end(text, found.end())?;
            ends(text, end, path.directory).then_some((end, path))
        })?;
        told = end;
        Some((found.start()..end, paths.classes.get(path.class)?))
    })
}

impl CredentialPath {
    /// Where the path ends, when its first part ends at `at`.
    fn end(&self, text: &str, at: usize) -> Option<usize> {
        self.rest.iter().try_fold(at, |at, part| {
            let rest = text.as_bytes().get(at..)?;
            let between = SEPARATORS.iter().find(|separator| rest.starts_with(separator.as_bytes()))?.len();
            let here = rest.get(between..between + part.len())?;
            here.eq_ignore_ascii_case(part.as_bytes()).then_some(at + between + part.len())
        })
    }
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
        assert!(PATHS.firsts.is_some() && PATHS.classes.len() > 20);
        for class in &PATHS.classes {
            assert!(class.holds.starts_with(char::is_uppercase) || class.holds.starts_with("npm"), "{}", class.name);
        }
    }
}
