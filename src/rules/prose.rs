//! What rules about prose ask of a passage: does it name a secret, a place to send it, a wish to hide it?

use std::ops::Range;

use crate::model::skill::Skill;
use crate::rule::{Hit, Phrase};

/// Secrets and where they are kept.
pub(super) static CREDENTIAL: Phrase = Phrase::new(
    r"\b(?:api[ _-]?(?:keys?|tokens?|secrets?)|access[ _-]?(?:tokens?|keys?)|(?:session|auth(?:entication|orization)?|bearer|oauth|refresh|bot|identity|personal|security)[ _-]?tokens?|tokens? and (?:keys|secrets)|secret[ _-]?keys?|(?:all|any|the|your|user|users'|their|these|stored|saved|environment|env|client)(?:'s)? secrets|credentials?|passwords?|passphrases?|private[ _-]?keys?|(?:ssh|gpg|signing|encryption|wallet)[ _-]?keys?|(?:seed|recovery|mnemonic)[ _-]?(?:phrases?|words)|mnemonics?|(?:session|browser|login|auth|saved|all|their|user's)[ _-]cookies|keychain|environment variables?|env(?:ironment)? (?:vars?|files?|dump)|process\.env|os\.environ|id_(?:rsa|ed25519|ecdsa)|kubeconfig|wallet\.dat|login data)\b|(?:^|[ `'(/~])\.(?:env(?:\.\w+)?|ssh|aws|netrc|npmrc|pypirc|gnupg|git-credentials|kube/config|docker/config\.json)\b|\b(?-i:[A-Z][A-Z0-9]*_(?:API_KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS))\b",
);

/// Data of the user that is no business of anybody else.
pub(super) static PRIVATE: Phrase = Phrase::new(
    r"\b(?:conversations?|chat(?: |-)?(?:histor(?:y|ies)|logs?)?|transcripts?|messages|prompts?|system prompt|memor(?:y|ies)|emails?|inbox|contacts|documents?|files?|file contents|source code|codebase|screenshots?|clipboard|browsing history|search history|location|calendar|responses?|replies|outputs?|inputs?|queries|(?:user|personal|all|any|session)(?:'s)? data|financial|customer (?:data|records))\b",
);

/// Verbs that carry something away.
pub(super) static SENDS: Phrase = Phrase::new(
    r"\b(?:send|sent|post|put|upload|forward|transmit|submit|exfiltrat|deliver|relay|push|e-?mail|mail|sync|mirror|transfer|leak|shar|ship|report|append|includ|embed|attach|encod|bcc|cc)(?:e|s|es|ed|d|ing|ted|ting|red|ring)?\b",
);

/// Words that keep an act from the user.
pub(super) static HIDES: Phrase = Phrase::new(
    r"\b(?:(?:do|must|should|shall|can|may) ?not|don(?:'|’)t|never|without|avoid|no need to|mustn(?:'|’)t|shouldn(?:'|’)t)\s+(?:ever\s+|under any circumstances\s+|explicitly\s+|even\s+|be\s+)?(?:tell|inform|mention|show|reveal|notify|alert|disclose|report|divulg|warn|let|expos|discuss|explain|display|surfac|acknowledg|talk)(?:ing|ling|ed|e|es|s)?\b|\b(?:silently|secretly|covertly|discreetly|stealthily|surreptitiously|unobtrusively)\b|\b(?:keep|hide|conceal|hidden|withhold|kept)\b[^.\n]{0,60}\b(?:from|secret|confidential|hidden|silent)\b|\bwithout (?:the )?(?:user|human|operator|owner)(?:'s|’s)? (?:knowledge|knowing|awareness|noticing|consent|approval)\b",
);

/// An address on the network: a URL or a mail address.
static ADDRESS: Phrase = Phrase::new(
    r#"\b(?:https?|wss?|ftp)://[^\s<>"'`)\]]{3,}|\b[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}\b"#,
);

/// The first address in a text that is not the reader's own machine.
pub(super) fn address(text: &str) -> Option<Range<usize>> {
    let mut from = 0;
    for _ in 0..8 {
        let found = ADDRESS.find(text.get(from..)?)?;
        let written = text.get(from + found.start..from + found.end)?.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let range = from + found.start..from + found.start + written.len();
        if !is_own_machine(written) {
            return Some(range);
        }
        from = range.end;
    }
    None
}

/// The host of an address, in lower case.
pub(super) fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', '"', '`', ')']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host
        .rsplit_once(':')
        .map_or(host, |(host, port)| if port.bytes().all(|b| b.is_ascii_digit()) { host } else { port });
    host.trim_end_matches(['.', ',']).to_ascii_lowercase()
}

/// Does the host share its name with the skill: is it the service that the skill is for?
pub(super) fn is_first_party(skill: &Skill, host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let Some(label) = labels.len().checked_sub(2).and_then(|at| labels.get(at)) else { return false };
    let label = if matches!(*label, "co" | "com" | "org") && labels.len() > 2 {
        labels.get(labels.len() - 3).copied().unwrap_or(label)
    } else {
        label
    };
    let squeeze = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' ', '.'], "");
    let label = squeeze(label);
    label.len() >= 3 && (squeeze(skill.name()).contains(&label) || squeeze(skill.description()).contains(&label))
}

/// Hosts where people keep code: a page there is documentation until shown otherwise.
pub(super) fn is_code_host(host: &str) -> bool {
    let known =
        ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "npmjs.com", "pypi.org", "readthedocs.io"];
    known.iter().any(|name| host == *name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
}

/// Is a command in the middle of a sentence one that the sentence warns of?
pub(super) fn is_denied(hit: &Hit<'_>) -> bool {
    warns(hit.sentence())
}

/// Does a text warn of something?
pub(super) fn warns(text: &str) -> bool {
    static WARNS: Phrase = Phrase::new(
        r"\b(?:never|not|don(?:'|’)t|avoid|without|instead of|dangerous|insecure|unsafe|warn\w*|reject|block|flag|detect)\b|❌|🚫|⛔",
    );
    WARNS.is_in(text)
}

fn is_own_machine(address: &str) -> bool {
    let host = host(address);
    let private = ["127.", "10.", "192.168.", "169.254."].iter().any(|start| host.starts_with(start));
    let open = host.is_empty() || host.starts_with(['$', '{', '<', '[']);
    private
        || open
        || matches!(host.as_str(), "localhost" | "0.0.0.0" | "host.docker.internal" | "noreply.github.com")
        || host.ends_with(".local")
        || host.ends_with(".localhost")
        || host.ends_with(".internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_addresses_are_seen() {
        for text in [
            "all API keys",
            "the .env file",
            "read ~/.ssh/id_rsa",
            "its session token",
            "$NPM_TOKEN",
            "user's passwords",
        ] {
            assert!(CREDENTIAL.is_in(text), "{text}");
        }
        for text in ["token counting", "key points", "the environment", "max_tokens"] {
            assert!(!CREDENTIAL.is_in(text), "{text}");
        }
        assert_eq!(address("to http://localhost:1/x or https://in.example.net/a."), Some(27..51));
        assert_eq!(host("https://a@In.example.net:8/x"), "in.example.net");
        assert_eq!(address("mail audit@example.net now"), Some(5..22));
    }
}
