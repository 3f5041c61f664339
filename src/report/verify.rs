//! `skill verify`: one line a skill and what is wrong with it, or one object.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::{Style, escape, json as object, text};
use crate::judge::skills::SignatureFacts;
use crate::judge::verified::{Judged, Verified};

/// The object of `--format json`.
#[must_use]
pub fn json(verified: &Verified) -> Json {
    let keyrings = verified.verdict.shown.iter().filter(|finding| finding.skill.is_none());
    json!({
        "skills": verified.skills.iter().map(skill).collect::<Vec<_>>(),
        "findings": keyrings.map(object::finding).collect::<Vec<_>>(),
        "diagnostics": verified.verdict.diagnostics.iter().map(object::diagnostic).collect::<Vec<_>>(),
        "exitCode": verified.exit_code,
    })
}

fn skill(judged: &Judged) -> Json {
    let unknown = SignatureFacts::default();
    let facts = judged.facts.signature.as_ref().unwrap_or(&unknown);
    json!({
        "path": judged.path,
        "name": judged.facts.name,
        "acceptable": judged.acceptable,
        "signature": object::signature(facts),
        "cryptoValid": facts.fits,
        "trust": facts.trust,
        "covered": facts.covered,
        "keyring": facts.keyring,
        "closedclaw": {
            "class": facts.class.map(crate::model::gate::Class::as_str),
            "allowed": facts.class.is_some_and(crate::model::gate::Class::allowed),
            "requiresConfirmation": facts.class.is_some_and(crate::model::gate::Class::requires_confirmation),
        },
        "findings": judged.findings.iter().map(object::finding).collect::<Vec<_>>(),
    })
}

/// Writes the report for people: what is wrong, then one line a skill.
///
/// # Errors
/// When `out` cannot be written.
pub fn text(verified: &Verified, style: &Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    text::findings(&verified.verdict, style, out)?;
    for judged in &verified.skills {
        writeln!(out, "{}", line(judged))?;
    }
    if verified.skills.is_empty() {
        writeln!(out, "no skill was found")?;
    }
    Ok(())
}

/// One skill, in one line.
fn line(judged: &Judged) -> String {
    let path = escape::path(&judged.path);
    let word = if judged.acceptable { "ok" } else { "refused" };
    let Some(facts) = &judged.facts.signature else { return format!("{word}: {path}") };
    let signer = match &facts.written {
        Some(written) => format!("signed by {} ({})", escape::line(&written.signer), short(&written.key_id)),
        None if facts.present => "its signature cannot be read".to_owned(),
        None => "unsigned".to_owned(),
    };
    let trust = if facts.written.is_some() { format!(", trust {}", facts.trust) } else { String::new() };
    let files = match facts.covered {
        Some(true) => ", every file covered",
        Some(false) => ", files not as signed",
        None if facts.fits == Some(true) => ", only SKILL.md covered",
        None => "",
    };
    let class = facts.class.map_or("fails", crate::model::gate::Class::as_str);
    format!("{word}: {path}: {signer}{trust}{files}; ClosedClaw: {class}")
}

/// As much of a key id as ClosedClaw shows.
fn short(id: &str) -> String {
    escape::line(&id.chars().take(16).collect::<String>()).into_owned()
}
