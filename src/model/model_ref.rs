//! The language models that a configuration names, and what their names tell.

use super::agents::Agent;
use super::config::Config;
use super::dialect::Release::V2026_5;
use super::value::Found;

/// One use of a model.
#[derive(Clone, Debug)]
pub struct ModelRef<'a> {
    /// `provider/model` or `model`, aliases replaced.
    pub id: String,
    /// The value that names it.
    pub at: Found<'a>,
    /// The agent whose setting it is; none for the defaults.
    pub agent: Option<Agent<'a>>,
    /// It only looks at pictures.
    pub image: bool,
}

impl ModelRef<'_> {
    /// Provider and model; models without a provider are those of `openai`.
    #[must_use]
    pub fn provider_and_model(&self) -> (&str, &str) {
        self.id.split_once('/').unwrap_or(("openai", &self.id))
    }
}

impl Config {
    /// Every model that the defaults and the agents name: primary and fallbacks.
    #[must_use]
    pub fn models(&self) -> Vec<ModelRef<'_>> {
        let mut models = Vec::new();
        let defaults = self.root().at("agents.defaults");
        for (key, image) in [("model", false), ("imageModel", true)] {
            self.add_models(&defaults.get(key), None, image, &mut models);
        }
        for agent in self.agents() {
            let model = agent.found.get("model");
            self.add_models(&model, Some(&agent), false, &mut models);
        }
        models
    }

    fn add_models<'a>(
        &'a self,
        setting: &Found<'a>,
        agent: Option<&Agent<'a>>,
        image: bool,
        models: &mut Vec<ModelRef<'a>>,
    ) {
        let named = [setting.clone(), setting.get("primary")].into_iter().chain(setting.get("fallbacks").items());
        for at in named {
            let Some(id) = at.str().map(str::trim).filter(|id| !id.is_empty()) else { continue };
            let id = self.unalias(id).unwrap_or_else(|| id.to_owned());
            models.push(ModelRef { id, at, agent: agent.cloned(), image });
        }
    }

    /// The model that an alias of `agents.defaults.models` stands for, since 2026.5.
    fn unalias(&self, name: &str) -> Option<String> {
        let same = |alias: &str| alias.trim().eq_ignore_ascii_case(name);
        let known = self.root().at("agents.defaults.models");
        let mut known = known.entries().filter(|_| self.since(V2026_5));
        known.find(|(_, entry)| entry.get("alias").str().is_some_and(same)).map(|(id, _)| id.to_owned())
    }
}

/// What `name` ends with after each place where `needle` starts a word, both in lower case.
fn after_word<'t>(name: &'t str, needle: &'t str) -> impl Iterator<Item = &'t str> {
    let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    name.match_indices(needle).filter_map(move |(at, _)| {
        let before = at.checked_sub(1).and_then(|at| name.as_bytes().get(at)).copied();
        before.is_none_or(|byte| !word(byte)).then(|| name.get(at + needle.len()..).unwrap_or_default())
    })
}

/// Does a word end where `rest` begins?
fn ends_word(rest: &str) -> bool {
    rest.bytes().next().is_none_or(|byte| byte != b'_' && !byte.is_ascii_alphanumeric())
}

/// The family of a model that its maker has replaced.
#[must_use]
pub fn legacy_family(id: &str) -> Option<&'static str> {
    let id = id.to_lowercase();
    let whole = |needle: &str| after_word(&id, needle).any(ends_word);
    if whole("gpt-3.5") {
        Some("GPT-3.5")
    } else if whole("claude-instant") || whole("claude-2") {
        Some("Claude 2")
    } else if whole("gpt-4-0314") || whole("gpt-4-0613") {
        Some("an early GPT-4")
    } else {
        None
    }
}

/// Why a model counts as weak; `exact` asks for upstream's reading, where every GPT but 5 is weak and
/// `claude-3-5` passes for new.
#[must_use]
pub fn weakness(id: &str, exact: bool) -> Option<&'static str> {
    let id = id.to_lowercase();
    if after_word(&id, "haiku").any(ends_word) {
        return Some("a Haiku model");
    }
    let mut gpt = after_word(&id, "gpt-").peekable();
    if gpt.peek().is_some() {
        let old = if exact {
            !after_word(&id, "gpt-5").any(|rest| ends_word(rest) || rest.starts_with(['.', '-']))
        } else {
            gpt.all(|rest| gpt_major(rest).is_some_and(|major| major < 5))
        };
        if old {
            return Some("older than GPT-5");
        }
    }
    let mut claude = after_word(&id, "claude-").peekable();
    if claude.peek().is_some() {
        let old = if exact {
            !claude.any(is_claude_4_5_upstream)
        } else {
            claude.all(|rest| claude_version(rest).is_some_and(|version| version < (4, 5)))
        };
        if old {
            return Some("older than Claude 4.5");
        }
    }
    None
}

/// The number after `gpt-`: 4 of `4o`; 3 of Azure's `35-turbo`.
fn gpt_major(rest: &str) -> Option<u32> {
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let major = rest.get(..digits)?.parse().ok()?;
    Some(if major == 35 { 3 } else { major })
}

/// Major and minor number after `claude-`: (3, 5) of `3-5-sonnet-20241022`, (4, 0) of `sonnet-4-20250514`.
fn claude_version(rest: &str) -> Option<(u32, u32)> {
    let name = rest.split(['/', ':', '@', ' ']).next().unwrap_or_default();
    let mut parts = name.split(['-', '.']).skip_while(|part| !is_short_number(part));
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().filter(|part| is_short_number(part)).and_then(|part| part.parse().ok()).unwrap_or(0);
    Some((major, minor))
}

fn is_short_number(part: &str) -> bool {
    matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Upstream's test for Claude 4.5 and newer on what follows `claude-`: `-4-5`, `-45`, `4.5`, or a
/// later major such as `-5`, anywhere in the word.
fn is_claude_4_5_upstream(rest: &str) -> bool {
    let name = rest.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
    // A minor version of 5 to 99 that ends a word.
    let minor = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(2);
        let number = |len: usize| text.get(..len).and_then(|part| part.parse::<u32>().ok());
        let ends = |len: usize| text.get(len..).is_some_and(ends_word);
        number(1).is_some_and(|one| one >= 5) && ends(1)
            || digits == 2 && number(2).is_some_and(|two| two >= 10) && ends(2)
    };
    (0..name.len()).filter_map(|at| name.get(at..)).any(|tail| {
        let four =
            tail.strip_prefix("-4").is_some_and(|tail| minor(tail.strip_prefix('-').unwrap_or(tail)) || minor(tail));
        let dotted = tail.strip_prefix("4.").is_some_and(minor);
        let major = tail.strip_prefix('-').is_some_and(|tail| {
            tail.starts_with(|c: char| ('5'..='9').contains(&c))
                && tail.get(1..).is_some_and(|rest| ends_word(rest) || rest.starts_with(['.', '-']))
        });
        four || dotted || major
    })
}

/// The largest number of parameters, in billions, that a name gives away: 8 of `llama-3.1-8b`.
/// Without `exact` also 56 of `8x7b`.
#[must_use]
pub fn billions(id: &str, exact: bool) -> Option<f64> {
    let id = id.to_lowercase();
    let sizes = id.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter_map(|token| {
        // `qwen1.5-0.5b` has a dot inside the number, `v1.7b-it` one before it.
        let whole = size(token, exact);
        whole.or_else(|| token.split('.').filter_map(|part| size(part, exact)).reduce(f64::max))
    });
    sizes.filter(|size| *size > 0.0).reduce(f64::max)
}

/// The size in `8b`, `0.5b`, `e2b` (one letter may precede).
fn size(token: &str, exact: bool) -> Option<f64> {
    let number = token.strip_suffix('b')?;
    let number = number.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or(number);
    if let Some((count, each)) = number.split_once('x').filter(|_| !exact) {
        return Some(plain(count)? * plain(each)?);
    }
    plain(number)
}

/// Digits with at most one dot between them.
fn plain(text: &str) -> Option<f64> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let valid = text.split_once('.').map_or_else(|| digits(text), |(whole, rest)| digits(whole) && digits(rest));
    valid.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstream_reads_claude_versions_as_it_does() {
        for id in ["claude-sonnet-4-5-20250929", "claude-opus-4-6", "claude-opus-5", "claude-4.6", "claude-3-5-sonnet"]
        {
            assert_eq!(weakness(id, true), None, "{id}");
        }
        for id in ["claude-sonnet-4-20250514", "claude-opus-4-1", "claude-2.1", "claude-opus-4"] {
            assert!(weakness(id, true).is_some(), "{id}");
        }
    }

    #[test]
    fn our_reading_compares_versions() {
        for id in
            ["openai/gpt-6", "gpt-oss-120b", "gpt-image-1", "claude-opus-5.2", "us.anthropic.claude-sonnet-4-5-v1:0"]
        {
            assert_eq!(weakness(id, false), None, "{id}");
        }
        for id in ["gpt-4.1", "azure/gpt-35-turbo", "claude-3-5-sonnet-20241022", "claude-sonnet-4@20250514"] {
            assert!(weakness(id, false).is_some(), "{id}");
        }
    }

    #[test]
    fn sizes_are_read_from_names() {
        let cases = [
            ("ollama/llama3.2:3b", Some(3.0)),
            ("qwen1.5-0.5b", Some(0.5)),
            ("gemma-3n-e2b-it", Some(2.0)),
            ("deepseek-r1:671b", Some(671.0)),
            ("phi-3.5-mini", None),
            ("mixtral-8x7b", None),
            ("turbob", None),
        ];
        for (id, want) in cases {
            assert_eq!(billions(id, true), want, "{id}");
        }
        assert_eq!(billions("mixtral-8x7b", false), Some(56.0));
    }
}
