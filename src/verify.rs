//! `skill verify`: a run of the pipeline with the rules about signatures alone, judged skill by skill.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::classify;
use crate::cli::{TrustLevel, Verify};
use crate::discover;
use crate::finding::{Settled, Severity};
use crate::judge::skills::SkillFacts;
use crate::judge::verified::{Judged, Verified};
use crate::judge::{Verdict, exit};
use crate::keys;
use crate::model::gate::{Class, PolicyFlags};
use crate::options::{self, Options};
use crate::pipeline;
use crate::rule::Scope;

/// Verifies the skills at some paths.
///
/// # Errors
/// A usage error in words: a path does not exist.
pub fn run(cli: &Verify) -> Result<Verified, String> {
    let mut options = Options::new(cli.paths.iter().map(|path| directory(path)).collect());
    let base = options.base(&options.roots()?);
    options.scopes = vec![Scope::Signatures];
    // A comment does not make a signature good.
    options.no_ignores = true;
    options.policy = PolicyFlags {
        require_signature: cli.require_signature,
        no_prompt_on_unsigned: cli.no_prompt_on_unsigned,
        min_full: cli.min_trust.map(|least| least == TrustLevel::Full),
        require_manifest: cli.require_manifest,
    };
    options.now = Some(cli.now.map_or_else(options::clock, Ok)?);
    options.keyring.clone_from(&cli.keyring);
    options.last_keyring = keys::default_path();
    options.keyrings_too = true;
    let roots = options.roots()?.into_iter().map(|root| discover::relative(&base, &root));
    let alone = cli.paths.iter().map(|path| directory(path) != *path);
    let (alone, whole): (Vec<_>, Vec<_>) = roots.zip(alone).partition(|(_, alone)| *alone);
    let name = base.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut verdict = pipeline::run(&options)?;
    // Of a SKILL.md that was named, the skills nested beside it were not.
    let below =
        |path: &str, root: &str| root.is_empty() || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    let is_nested = |path: &str| {
        let named = alone.iter().chain(&whole).any(|(root, _)| root == path);
        !named && alone.iter().any(|(root, _)| below(path, root)) && !whole.iter().any(|(root, _)| below(path, root))
    };
    verdict.skills.retain(|skill| !is_nested(&skill.path));
    // Of several keyrings only those that decide about one of the skills matter.
    let deciding: BTreeSet<String> =
        verdict.skills.iter().filter_map(|skill| skill.signature.as_ref()?.keyring.clone()).collect();
    verdict.shown.retain(|finding| match finding.skill.as_deref() {
        Some(skill) => !is_nested(skill),
        None => !classify::is_keyring_name(&finding.location.path) || deciding.contains(&*finding.location.path),
    });
    Ok(judge(verdict, &name))
}

/// The directory of a `SKILL.md` that was named; another path as it is.
fn directory(path: &Path) -> PathBuf {
    let is_manifest = path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("SKILL.md"));
    match path.parent() {
        Some(dir) if is_manifest && !path.is_dir() => {
            if dir.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                dir.to_path_buf()
            }
        }
        _ => path.to_path_buf(),
    }
}

fn judge(verdict: Verdict, base: &str) -> Verified {
    let skills: Vec<Judged> = verdict.skills.iter().map(|facts| judged(facts, &verdict, base)).collect();
    let broken = verdict.shown.iter().any(|finding| finding.rule.id == "keyring.malformed");
    let exit_code = match verdict.exit_code {
        code @ (exit::INCOMPLETE | exit::INTERNAL) => code,
        _ if skills.is_empty() => exit::NOTHING,
        _ if broken || skills.iter().any(|skill| !skill.acceptable) => exit::FINDINGS,
        _ => exit::CLEAN,
    };
    Verified { verdict, skills, exit_code }
}

fn judged(facts: &SkillFacts, verdict: &Verdict, base: &str) -> Judged {
    let signature = facts.signature.as_ref();
    let keyring = signature.and_then(|signature| signature.keyring.as_deref());
    let key_id = signature.and_then(|signature| Some(signature.written.as_ref()?.key_id.as_str()));
    // Of the keyring: what is wrong with it as a whole, and with the key at hand.
    let concerns = |finding: &&Settled| {
        let own = finding.skill.as_ref() == Some(&facts.path);
        let about = finding.key_path.is_empty()
            || key_id.is_some_and(|id| finding.key_path.split('.').any(|segment| segment == id));
        own || about && finding.skill.is_none() && Some(&*finding.location.path) == keyring
    };
    let findings: Vec<Settled> = verdict.shown.iter().filter(concerns).cloned().collect();
    let allowed = signature.is_some_and(|signature| signature.class.is_some_and(Class::allowed));
    let refused = findings.iter().any(|finding| finding.severity == Severity::Critical);
    let path = if facts.path.is_empty() { base.to_owned() } else { facts.path.to_string() };
    Judged { path, facts: facts.clone(), acceptable: allowed && !refused, findings }
}
