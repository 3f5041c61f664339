//! The hash that locks the policy of OpenClaw's policy plugin.

use std::collections::BTreeSet;

use crate::model::policy::policy_hash;
use crate::model::provenance::is_sha256;
use crate::path::join;
use crate::rule::prelude::*;

const POLICY: (&str, &str) = (
    "policy.jsonc",
    "{\n  // what the agents may do\n  tools: { requireMetadata: ['risk'] }, channels: { denyRules: [] },\n}",
);

/// The table.
pub const RULES: &[Rule] = &[Rule {
    id: "policy/policy-hash-mismatch",
    summary: "The policy is not the one that its hash locks",
    severity: Severity::Critical,
    high: true,
    profiles: Profiles::OURS,
    versions: Versions::since(V2026_9),
    scope: Scope::Config,
    cwe: &[353],
    why: "OpenClaw's policy check ends at once: nothing in the policy is enforced or attested until the hash fits. Either \
          the policy was changed without approval, or the hash was forgotten.",
    remedy: "Restore the approved policy, or review the change and write its hash into \
             plugins.entries.policy.config.expectedHash.",
    bad: &[
        Example::files(&[
            (
                "openclaw.json",
                r#"{ plugins: { entries: { policy: { enabled: true, config: { expectedHash: «"sha256:0000000000000000000000000000000000000000000000000000000000000000"» } } } } }"#,
            ),
            POLICY,
        ]),
        Example::files(&[
            (
                "openclaw.json",
                r#"{ plugins: { entries: { policy: { config: { path: "./rules/policy.jsonc", expectedHash: «"v1"» } } } } }"#,
            ),
            ("rules/policy.jsonc", "{ 'odd-name': 1, b: 2 }"),
        ]),
    ],
    good: &[
        Example::files(&[
            (
                "openclaw.json",
                r#"{ plugins: { entries: { policy: { enabled: true, config: { expectedHash: " sha256:e0849c4bb1419d63d092290be6803e35a27aac146d72522c4ceaea26384bbfdd" } } } } }"#,
            ),
            POLICY,
        ]),
        // In which order names with other signs are sorted is not known.
        Example::files(&[
            (
                "openclaw.json",
                r#"{ plugins: { entries: { policy: { config: { expectedHash: "sha256:0000000000000000000000000000000000000000000000000000000000000000" } } } } }"#,
            ),
            ("policy.jsonc", "{ 'odd-name': 1, b: 2 }"),
        ]),
        Example::files(&[
            (
                "openclaw.json",
                r#"{ plugins: { entries: { policy: { config: { enabled: false, expectedHash: "sha256:0000000000000000000000000000000000000000000000000000000000000000" } } } } }"#,
            ),
            POLICY,
        ]),
        Example::files(&[
            (
                "openclaw.json",
                r#"{ plugins: { entries: { policy: { config: { path: "other.jsonc", expectedHash: "sha256:0000000000000000000000000000000000000000000000000000000000000000" } } } } }"#,
            ),
            POLICY,
        ]),
    ],
    check: Check::Config(mismatch),
    ..Rule::DEFAULT
}];

fn mismatch(config: &Config, report: &mut Report) {
    let entry = config.at("plugins.entries.policy");
    let settings = entry.get("config");
    let expected = settings.get("expectedHash");
    if entry.get("enabled").is_false() || settings.get("enabled").is_false() {
        return;
    }
    let Some(hash) = expected.str().map(str::trim).filter(|text| !text.is_empty()) else { return };
    let policies = policies(config, settings.get("path").str().map(str::trim).unwrap_or_default());
    let hashes: Vec<_> =
        policies.iter().filter_map(|policy| Some((policy, policy_hash(policy.root()?.value()?)))).collect();
    let Some(((policy, found), _)) = hashes.split_first() else { return };
    if hashes.iter().any(|(_, found)| found.digest == hash) {
        return;
    }
    // A hash that is none fits no policy, in whatever order its members are.
    let is_hash = hash.strip_prefix("sha256:").is_some_and(is_sha256);
    if is_hash && hashes.iter().any(|(_, found)| !found.sure) {
        return;
    }
    let message = if found.sure {
        format!("{} has the hash {}", policy.path, found.digest)
    } else {
        format!("the hash of {} is sha256: with 64 digits of lower-case hexadecimal", policy.path)
    };
    let file = Place::span(policy.span(0..0));
    report.at(expected.place(), message).related(&file, "the policy");
}

/// The files that may be the policy: OpenClaw looks in the directory that it works in, which is a
/// workspace, that of the configuration, or the repository.
fn policies<'a>(config: &'a Config, path: &str) -> Vec<&'a Document> {
    let path = if path.is_empty() { "policy.jsonc" } else { path.trim_start_matches("./") };
    let mut dirs: BTreeSet<String> = config.workspace_dirs();
    dirs.insert(String::new());
    let paths = dirs.iter().map(|dir| join(dir, path)).chain([config.beside(path)]);
    let mut found: Vec<&Document> = paths.filter_map(|path| config.project.document(&path)).collect();
    found.retain(|document| document.kind == DocumentKind::Policy);
    found.dedup_by(|one, other| one.path == other.path);
    found
}
