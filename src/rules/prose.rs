//! What rules about prose ask of a passage: does it name a secret, a place to send it, a wish to hide it?

use std::net::IpAddr;
use std::ops::Range;

use super::flows::{self, End};
use crate::facts::hosts::{HostClass, stem};
use crate::facts::url::{self, Url};
use crate::facts::{domain, parse_ip};
use crate::finding::Severity;
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

static MAIL: Phrase = Phrase::new(r"\b[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}\b");

/// The first address in a text, of the network or of mail, that is not the reader's own machine.
pub(super) fn address(text: &str) -> Option<Range<usize>> {
    let elsewhere = |written: &str| !is_own_machine(&host(written));
    let url = url::find(text).take(8).map(|url| url.range).find(|at| text.get(at.clone()).is_some_and(elsewhere));
    let mail = MAIL.find_all(text).take(8).find(|at| text.get(at.clone()).is_some_and(elsewhere));
    // What looks like mail in a URL is part of it.
    match (url, mail) {
        (Some(url), Some(mail)) => Some(if mail.end <= url.start { mail } else { url }),
        (url, mail) => url.or(mail),
    }
}

/// The host of an address, in lower case.
pub(super) fn host(address: &str) -> String {
    let mail = || address.rsplit_once('@').map(|(_, host)| host.trim_end_matches(['.', ',']).to_ascii_lowercase());
    url::find(address).next().map(|url| url.host).or_else(mail).unwrap_or_default()
}

/// The address as a URL: that of a mail is its host.
fn with_url<T>(address: &str, ask: impl FnOnce(&Url<'_>) -> T) -> Option<T> {
    if let Some(url) = url::find(address).next() {
        return Some(ask(&url));
    }
    Some(ask(&Url::parse(&format!("https://{}/", host(address)))?))
}

/// Is it the reader's own network, a well-known service, or the publisher's own address?
pub(super) fn is_known(skill: &Skill, address: &str) -> bool {
    with_url(address, |url| matches!(flows::end_of(skill, url), End::Local | End::Known)).unwrap_or_default()
}

/// How bad it is to send or obey what is at an address, at worst so bad: not at all where the address is known,
/// and less where the skill bears its name, which anybody can claim.
pub(super) fn level_of(skill: &Skill, address: &str, worst: Severity) -> Option<Severity> {
    match () {
        () if is_known(skill, address) => None,
        () if with_url(address, |url| bears_name(skill, url)).unwrap_or_default() => Some(worst.min(Severity::Warn)),
        () => Some(worst),
    }
}

/// Is the skill named or described by words that make the name of the host: is it for that service, as it says?
fn bears_name(skill: &Skill, url: &Url<'_>) -> bool {
    let name = stem(&url.host).replace('-', "");
    let says = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        // "Claw Hub" and `claw-hub` are `clawhub`, and so is "clawhub.dev".
        (1..=3).any(|many| words.windows(many).any(|words| words.concat() == name))
    };
    name.len() >= 4 && (says(skill.name()) || says(skill.description()))
}

/// Is it a host where people keep code or packages: a page there is documentation until shown otherwise?
pub(super) fn is_code_host(skill: &Skill, address: &str) -> bool {
    let raw = ["raw", "gist", "cdn"];
    with_url(address, |url| {
        let page = !url.host.split('.').any(|label| raw.iter().any(|word| label.starts_with(word)));
        page && matches!(skill.host_class(url), HostClass::CodeHost | HostClass::Registry)
    })
    .unwrap_or_default()
}

/// The start of a stranger's text for a message, on one line and in quotation marks.
pub(super) fn quoted(text: &str, most: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = if words.chars().nth(most).is_some() { "…" } else { "" };
    format!("\"{}{cut}\"", crate::secret::quotable(&words, most))
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

fn is_own_machine(host: &str) -> bool {
    let own = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified(),
    };
    let open = host.is_empty() || host.starts_with(['$', '{', '<', '[']);
    open || parse_ip(host).is_some_and(own) || domain::is_local_name(host) || host == "noreply.github.com"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_that_is_cut_shows_no_part_of_a_secret() {
        let token = format!("ghp_{}", "aB3dE5gH7jK9".repeat(3));
        let text = format!("{}Authorization: token {token}", "curl ".repeat(12));
        for most in 80..120 {
            let shown = quoted(&text, most);
            assert!(!shown.contains("aB3"), "{shown}");
        }
        assert_eq!(quoted("a\n  b\u{7}c", 9), "\"a b c\"");
        assert_eq!(quoted("abcdef", 3), "\"abc…\"");
    }

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
        assert_eq!(address("to https://a@in.example.net/x@y.dev"), Some(3..35));
        assert_eq!(address("to http://10.0.0.7/ and http://nas.local and https://${HOST}/x"), None);
        assert_eq!(host("https://user:pa/x@h.dev"), "user");
        assert_eq!(host("audit@In.example.net"), "in.example.net");
    }
}
