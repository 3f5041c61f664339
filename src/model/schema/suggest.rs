//! What an unknown word was probably meant to be.

use super::table::{Key, Table};

/// Keys that people and models like to make up, what they stand for, and whether that takes the same value;
/// `*` is one segment.
const INVENTED: &[(&str, &str, bool)] = &[
    ("gateway.host", "gateway.bind", false),
    ("gateway.token", "gateway.auth.token", true),
    ("gateway.password", "gateway.auth.password", true),
    ("gateway.auth.enabled", "gateway.auth.mode", false),
    ("gateway.auth.type", "gateway.auth.mode", false),
    ("channels.telegram.token", "channels.telegram.botToken", true),
    ("channels.slack.token", "channels.slack.botToken", true),
    ("channels.discord.botToken", "channels.discord.token", true),
    ("channels.*.allowlist", "channels.*.allowFrom", true),
    ("channels.*.allowedUsers", "channels.*.allowFrom", true),
    ("model", "agents.defaults.model.primary", false),
    ("models.default", "agents.defaults.model.primary", false),
    ("models.primary", "agents.defaults.model.primary", false),
    ("providers", "models.providers", true),
    ("models.anthropic", "models.providers.anthropic", true),
    ("models.openai", "models.providers.openai", true),
    ("models.google", "models.providers.google", true),
    ("models.openrouter", "models.providers.openrouter", true),
    ("models.ollama", "models.providers.ollama", true),
    ("agents.defaults.thinking", "agents.defaults.thinkingDefault", true),
    ("agents.defaults.tools", "tools", false),
    ("bindings.*.channel", "bindings.*.match.channel", true),
    ("bindings.*.agent", "bindings.*.agentId", true),
    ("tools.exec.allowedCommands", "tools.exec.safeBins", false),
    ("tools.exec.enabled", "tools.deny", false),
    ("tools.browser", "browser", false),
    ("tools.cron", "cron", false),
];

/// What an invented key stands for, when the release has that, and whether it takes the same value.
pub(super) fn invented(path: &str, table: &'static Table) -> Option<(String, bool)> {
    let parts = || path.split('.');
    let same = |key: &str| {
        key.split('.').count() == parts().count()
            && key.split('.').zip(parts()).all(|(key, part)| key == "*" || key == part)
    };
    let (key, to, alike) = INVENTED.iter().find(|(key, ..)| same(key))?;
    let mut wild = key.split('.').zip(parts()).filter(|(key, _)| *key == "*").map(|(_, part)| part);
    let real: Vec<&str> =
        to.split('.').map(|part| if part == "*" { wild.next().unwrap_or(part) } else { part }).collect();
    let real = real.join(".");
    table.find(&real).is_some().then_some((real, *alike))
}

/// Is it a remark in the place of a key?
#[must_use]
pub fn is_remark(key: &str) -> bool {
    key.starts_with(['_', '#']) || key.starts_with("//") || matches!(key, "comment" | "comments" | "$comment")
}

/// The candidate nearest to `word`, when one is near enough to be a slip of the pen.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower: Vec<char> = letters(word).collect();
    let limit = (word.chars().take(64).count() / 3).clamp(1, 3);
    let mut rows = Rows::default();
    let scored = candidates.into_iter().filter_map(|candidate| {
        // Most candidates are too long or too short to be it.
        let near = candidate.chars().count().abs_diff(word.chars().take(64).count()) <= limit;
        near.then(|| (rows.distance(&lower, candidate), candidate))
    });
    let (best, found) = scored.min_by_key(|(distance, candidate)| (*distance, candidate.len()))?;
    (best <= limit && best < found.chars().count()).then_some(found)
}

/// The letters that are compared: small ones, and no more than any key has.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase).take(64)
}

/// The rows of the matrix that are still needed; kept from one word to the next.
#[derive(Default)]
struct Rows {
    other: Vec<char>,
    before: Vec<usize>,
    above: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
    fn distance(&mut self, a: &[char], b: &str) -> usize {
        let Self { other, before, above, row } = self;
        other.clear();
        other.extend(letters(b));
        above.clear();
        above.extend(0..=other.len());
        for (i, x) in a.iter().enumerate() {
            row.clear();
            row.push(i + 1);
            for (j, y) in other.iter().enumerate() {
                let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
                let mut best = (cell(above, j) + usize::from(x != y)).min(cell(above, j + 1) + 1).min(cell(row, j) + 1);
                if i > 0 && j > 0 && a.get(i - 1) == Some(y) && other.get(j - 1) == Some(x) {
                    best = best.min(cell(before, j - 1) + 1);
                }
                row.push(best);
            }
            std::mem::swap(before, above);
            std::mem::swap(above, row);
        }
        above.last().copied().unwrap_or_default()
    }
}

/// The one path at which a key of this name stands nearest to the root, when there is just one, and when it is
/// plain that this is meant: it is under the same root key, or the name is no everyday word.
/// Free keys of maps are not looked into: their names belong to the user.
pub(super) fn belongs_under(path: &str, name: &str, root: Key) -> Option<String> {
    let first = |path: &str| path.split('.').next().map(str::to_owned);
    let found = nearest_to_root(name, root)?;
    let alike = path.contains('.') && first(path) == first(&found);
    (alike || name.len() >= TELLING).then_some(found)
}

/// Names of this length say by themselves what they are about.
const TELLING: usize = 9;

fn nearest_to_root(name: &str, root: Key) -> Option<String> {
    let mut level = vec![(String::new(), root)];
    for _ in 0..4 {
        let hits: Vec<String> = level
            .iter()
            .filter(|(_, key)| key.children().any(|child| child.name() == name))
            .map(|(path, _)| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
            .collect();
        match hits.as_slice() {
            [] => {}
            [one] => return Some(one.clone()),
            _ => return None,
        }
        let below = |(path, key): &(String, Key)| {
            let path = path.clone();
            // Many channels and plugins have keys of the same common names.
            let named = key.children().filter(|child| !matches!(child.name(), "*" | "channels" | "plugins"));
            let join = move |child: Key| {
                if path.is_empty() { child.name().to_owned() } else { format!("{path}.{}", child.name()) }
            };
            named.map(move |child| (join(child), child)).collect::<Vec<_>>()
        };
        level = level.iter().flat_map(below).collect();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        let known = ["port", "bind", "auth", "controlUi", "trustedProxies"];
        assert_eq!(nearest("prot", known), Some("port"));
        assert_eq!(nearest("controlUI", known), Some("controlUi"));
        assert_eq!(nearest("trustedProxy", known), Some("trustedProxies"));
        assert_eq!(nearest("host", known), None);
        assert_eq!(nearest("cors", known), None);
    }
}
