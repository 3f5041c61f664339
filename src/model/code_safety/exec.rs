//! Which calls start a program: by name, by a renamed import, by a computed member.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

const METHODS: [&str; 6] = ["exec", "execSync", "spawn", "spawnSync", "execFile", "execFileSync"];
/// Names under which the module usually goes; later releases believe them without an import.
const USUAL: [&str; 3] = ["cp", "childProcess", "child_process"];

/// The names that a file gives to the module and to its methods.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// The module itself.
    modules: BTreeSet<String>,
    /// Methods under another name.
    methods: BTreeSet<String>,
}

/// What follows the names of an import; the second half is `require`.
const FROM: &str = r#"\s*from\s*["'](?:node:)?child_process["']"#;
const REQUIRE: &str = r#"\s*=\s*require\s*\(\s*["'](?:node:)?child_process["']\s*\)"#;

static LISTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compiled(&[
        format!(r"(?-u:\b)import\s*\{{([^}}]*)\}}{FROM}"),
        format!(r"(?-u:\b)(?:const|let|var)\s*\{{([^}}]*)\}}{REQUIRE}"),
    ])
});

static MODULES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compiled(&[
        format!(r"(?-u:\b)import\s+((?-u:\w)+)\s+{}", FROM.trim_start_matches(r"\s*")),
        format!(r"(?-u:\b)import\s*\*\s*as\s+((?-u:\w)+)\s+{}", FROM.trim_start_matches(r"\s*")),
        format!(r"(?-u:\b)(?:const|let|var)\s+((?-u:\w)+){REQUIRE}"),
    ])
});

fn compiled(patterns: &[String]) -> Vec<Regex> {
    patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
}

impl Bindings {
    /// The names that a text without comments gives.
    pub(super) fn of(kept: &str) -> Self {
        let names = |patterns: &[Regex]| -> Vec<String> {
            let found = patterns.iter().flat_map(|pattern| pattern.captures_iter(kept));
            found.filter_map(|found| Some(found.get(1)?.as_str().to_owned())).collect()
        };
        let renamed = names(&LISTS);
        let renamed = renamed.iter().flat_map(|list| list.split(',')).filter_map(renamed_method);
        Self { modules: names(&MODULES).into_iter().collect(), methods: renamed.collect() }
    }

    /// The calls of renamed methods in a line.
    pub(super) fn calls(&self, line: &str) -> Vec<Range<usize>> {
        if self.methods.is_empty() {
            return Vec::new();
        }
        words(line).filter(|word| self.is_call(line, word)).collect()
    }

    fn is_call(&self, line: &str, word: &Range<usize>) -> bool {
        !line[..word.start].ends_with('.')
            && line[word.end..].trim_start_matches(is_space).starts_with('(')
            && self.methods.contains(&line[word.clone()])
    }

    /// Does 2026.9 believe that this call, found by its name, is one of the module?
    pub(super) fn is_real(&self, line: &str, call: &Call<'_>) -> bool {
        let before = line.get(..call.start).unwrap_or_default();
        let receiver = if call.computed {
            before.trim_end_matches(is_space).strip_suffix('[').map(|rest| last_word(rest.trim_end_matches(is_space)))
        } else if call.method != "exec" {
            return true;
        } else {
            match before.strip_suffix('.') {
                None => return true,
                Some(rest) => Some(last_word(rest.trim_end_matches(is_space))),
            }
        };
        receiver.is_some_and(|name| self.modules.contains(name) || USUAL.contains(&name))
    }
}

/// A call found by the name of its method.
pub(super) struct Call<'a> {
    /// The method.
    pub(super) method: &'a str,
    /// It is written `["exec"](`.
    pub(super) computed: bool,
    /// Where it starts in its line.
    pub(super) start: usize,
}

/// 2026.5: `.exec(` counts only where the line calls it on one of the usual names.
pub(super) fn is_real_by_line(line: &str, call: &Call<'_>) -> bool {
    static ON_MODULE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?-u:\b)(?:cp|childProcess|child_process)\s*\.\s*exec\s*\(").ok());
    let member = line.get(..call.start).is_some_and(|before| before.ends_with('.'));
    call.method != "exec" || !member || ON_MODULE.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// The second name in `spawn as launch` or `exec: run`.
fn renamed_method(item: &str) -> Option<String> {
    let item = item.trim_matches(is_space);
    let end = item.find(|c: char| !is_word(c))?;
    let (method, rest) = item.split_at(end);
    let rest = rest.trim_start_matches(is_space);
    let name = match (rest.strip_prefix(':'), rest.strip_prefix("as")) {
        (Some(name), _) => name,
        (None, Some(name)) if name.starts_with(is_space) => name,
        _ => return None,
    };
    let name = name.trim_start_matches(is_space);
    let plain = !name.is_empty() && name.chars().all(is_word);
    (plain && METHODS.contains(&method)).then(|| name.to_owned())
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !is_word(c)).next().unwrap_or_default()
}

/// The words of a line, each as long as it can be.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line.get(at..)?.find(is_word)?;
        let rest = &line[start..];
        at = start + rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        Some(start..at)
    })
}

/// What JavaScript's `\w` matches.
const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What JavaScript's `\s` matches.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}
