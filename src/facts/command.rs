//! Commands and variables by what they do.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::sections;

static COMMANDS: LazyLock<HashSet<(&str, &str)>> =
    LazyLock::new(|| sections(include_str!("../../schemas/skills/commands.txt")).collect());

fn is(kind: &'static str, name: &str) -> bool {
    COMMANDS.contains(&(kind, name))
}

/// The bare name of a program: without directory, `.exe` and case.
#[must_use]
pub fn program(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

/// Does every machine have it, so that nobody needs to declare it?
#[must_use]
pub fn is_common(word: &str) -> bool {
    is("common", &program(word))
}

/// Is it a tool whose name no other package may take?
#[must_use]
pub fn is_core(word: &str) -> bool {
    is("core", &program(word))
}

/// Does it run the text that it is given? Version numbers (`python3.12`) do not matter.
#[must_use]
pub fn is_interpreter(word: &str) -> bool {
    let name = program(word);
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    is("interpreter", &name) || is("interpreter", bare)
}

/// Does it fetch a URL?
#[must_use]
pub fn is_downloader(word: &str) -> bool {
    is("downloader", &program(word))
}

/// Does the variable make another program load code, or send its traffic elsewhere?
#[must_use]
pub fn is_loader_variable(name: &str) -> bool {
    is("loader", name) || name.ends_with("_proxy") && is("loader", &name.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_apart() {
        assert!(is_common("grep") && is_common("/usr/bin/curl") && !is_common("ffmpeg"));
        assert!(is_core("ssh") && is_core("Python.exe") && !is_core("jq"));
        assert!(
            is_interpreter("bash") && is_interpreter("python3.12") && is_interpreter("IEX") && !is_interpreter("grep")
        );
        assert!(is_downloader("curl") && is_downloader("irm") && !is_downloader("cat"));
        assert!(is_loader_variable("LD_PRELOAD") && is_loader_variable("https_proxy") && !is_loader_variable("HOME"));
        assert!(!is_loader_variable("ld_preload") && !is_common(""));
    }
}
