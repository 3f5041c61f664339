//! What a skill is about, as far as it decides how its text is to be read.

use crate::source::first;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{is_word_at, sections};

static PHRASES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = sections(include_str!("../../schemas/skills/purposes.txt")).map(|(_, phrase)| phrase);
    AhoCorasick::builder().ascii_case_insensitive(true).build(phrases).ok()
});

/// Bytes of a description that are looked at.
const LONGEST: usize = 4096;

/// Is security work the subject of a skill with this name and description? Such skills quote attacks in
/// their prose; what their scripts do is judged like anybody's.
#[must_use]
pub fn is_security_subject(name: &str, description: &str) -> bool {
    names_security_work(name) || names_security_work(description)
}

fn names_security_work(text: &str) -> bool {
    let text = first(text, LONGEST);
    PHRASES.as_ref().is_some_and(|finder| {
        finder.find_overlapping_iter(text).any(|found| {
            let plural = usize::from(text.as_bytes().get(found.end()) == Some(&b's'));
            is_word_at(text, found.start(), found.len()) || is_word_at(text, found.start(), found.len() + plural)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_work_is_named() {
        for (name, description) in [
            ("web-pentest", ""),
            ("x", "Guides red team operators through initial access"),
            ("x", "Hunting for Lateral Movement with Sigma rules"),
            ("malware-triage", "Analyses samples"),
            ("x", "Tells threat actors apart"),
            ("skill-guard", "Detects prompt injection in third-party skills"),
        ] {
            assert!(is_security_subject(name, description), "{name}: {description}");
        }
        for (name, description) in [
            ("weather", "Secure and safe forecasts"),
            ("wallet-tracker", "Track your wallet with top security and encryption"),
            ("deploy", "Hired teams deploy faster; exploitable synergy"),
            ("pdf", "Reads PDF files, scans included"),
        ] {
            assert!(!is_security_subject(name, description), "{name}: {description}");
        }
        assert!(!is_security_subject("", &"é".repeat(5000)));
    }
}
