//! What a signature says beside being one: names, times and leftovers that nothing covers.

use super::skill_signatures::{key_of, short};
use crate::model::skill::Signing;
use crate::rule::prelude::*;
use crate::syntax::base64;

/// What these rules have in common.
const BASE: Rule = Rule {
    severity: Severity::Info,
    profiles: Profiles::OURS,
    scope: Scope::Signatures,
    steady: true,
    hygiene: true,
    cwe: &[345],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.signature.signer_mismatch",
        summary: "A signature names another signer than the keyring",
        severity: Severity::Warn,
        hygiene: false,
        why: "The name in a signature is not covered by it: anybody can write any name there, and ClosedClaw shows it.",
        remedy: "Trust the name in the keyring; sign again with the same name if it is yours.",
        bad: &[signed!(
            "full",
            signature!("«Mallory»", "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68", signed_body!())
        )],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(signer),
        ..BASE
    },
    Rule {
        id: "skills.signature.timestamp",
        summary: "The time of a signature cannot be right",
        why: "ClosedClaw neither needs nor checks the time, and the signature does not cover it; without one it shows the present.",
        remedy: "Do not rely on it; a list of files signed with `clawsift skill sign --manifest` covers its time.",
        bad: &[
            signed!(
                "full",
                concat!(
                    "-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----\nAlgorithm: ed25519\nSigner: Alice Williams\nKey-ID: b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\nTimestamp: «yesterday»\n\n",
                    signed_body!(),
                    "\n-----END CLOSEDCLAW SKILL SIGNATURE-----\n"
                )
            ),
            signed!(
                "full",
                concat!(
                    "«»-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----\nAlgorithm: ed25519\nSigner: Alice Williams\nKey-ID: b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\n\n",
                    signed_body!(),
                    "\n-----END CLOSEDCLAW SKILL SIGNATURE-----\n"
                )
            ),
        ],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(timestamp),
        ..BASE
    },
    Rule {
        id: "skills.signature.duplicate_header",
        summary: "A signature file has a header twice",
        severity: Severity::Warn,
        why: "The last one counts, and a reader sees the first.",
        remedy: "Sign the skill again with `clawsift skill sign`.",
        bad: &[signed!(
            "full",
            concat!(
                "-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----\nAlgorithm: ed25519\nSigner: Alice Williams\nKey-ID: b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\n«Key-ID»: b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\n\n",
                signed_body!(),
                "\n-----END CLOSEDCLAW SKILL SIGNATURE-----\n"
            )
        )],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(duplicates),
        ..BASE
    },
    Rule {
        id: "skills.signature.unknown_header",
        summary: "A signature file has a header that is not what it seems",
        why: "ClosedClaw passes over headers that it does not know and reads some that are misspelled; the signature covers none.",
        remedy: "Remove the line, or sign the skill again with `clawsift skill sign`.",
        bad: &[signed!(
            "full",
            concat!(
                "-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----\nAlgorithm: ed25519\nSigner: Alice Williams\nKey-ID: b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\n«Expires»: 2027-01-01\n\n",
                signed_body!(),
                "\n-----END CLOSEDCLAW SKILL SIGNATURE-----\n"
            )
        )],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(unknown),
        ..BASE
    },
    Rule {
        id: "skills.signature.outside_envelope",
        summary: "A signature file holds more than one signature",
        why: "Only the first BEGIN and END lines count; what stands around them is covered by nothing and read by nobody.",
        remedy: "Remove everything before the BEGIN line and after the END line.",
        bad: &[
            signed!("full", concat!("«Signed by the security team»\n", signature!(signed_body!()))),
            signed!("full", concat!(signature!(signed_body!()), "«and more»\n")),
        ],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(outside),
        ..BASE
    },
    Rule {
        id: "skills.signature.noncanonical_base64",
        summary: "A signature is not written as base64 is",
        why: "ClosedClaw passes over signs that are no base64, so one signature has many spellings and room for other text.",
        remedy: "Sign the skill again with `clawsift skill sign`.",
        bad: &[
            signed!(
                "full",
                signature!("«zMy0yM1oDh0qEFRvlQzlaYcXTCcvE8+ChwVA/1k0n3/v7Z344EAVrw0kqe5Vbqn1FGLx5R1jEqBYoXGrgIj4AA»")
            ),
            signed!(
                "full",
                signature!(
                    "«zMy0yM1oDh0qEFRvlQzlaYcXTCcvE8+ChwVA/1k0n3/v7Z344EAVrw0kqe5Vbqn1FGLx5R1jEqBYoXGrgIj4AA== and so on»"
                )
            ),
        ],
        good: &[
            signed!("full", signature!(signed_body!())),
            signed!(
                "full",
                signature!(
                    "zMy0yM1oDh0qEFRvlQzlaYcXTCcvE8+ChwVA/1k0n3/v\n7Z344EAVrw0kqe5Vbqn1FGLx5R1jEqBYoXGrgIj4AA=="
                )
            ),
        ],
        check: Check::Skill(spelling),
        ..BASE
    },
    Rule {
        id: "skills.signature.not_utf8",
        summary: "A signed skill holds bytes that its signature cannot tell apart",
        severity: Severity::Warn,
        hygiene: false,
        cwe: &[347],
        why: "ClosedClaw signs the decoded text. Every byte that is no UTF-8 counts as the same character there, so those bytes can be changed and the signature still fits.",
        remedy: "Write the file in UTF-8 and sign it again.",
        bad: &[Example::files(&[
            ("trusted-keys.json", keyring!("full")),
            (
                "skills/demo/SKILL.md",
                "---\nname: demo\ndescription: Sorts tables of numbers when asked to\n---\n\nSort «$FF» them.\n",
            ),
            (
                "skills/demo/SKILL.md.sig",
                signature!("1X1EXEl09QG/tToA3wzopWERxTpCshhWmfmrlJOVKLot1hAb4FeAFretYibQGcOQGeFN5JaaO/XtSxPglifsAw=="),
            ),
        ])],
        good: &[
            signed!("full", signature!(signed_body!())),
            Example::files(&[(
                "skills/demo/SKILL.md",
                "---\nname: demo\ndescription: Sorts tables of numbers when asked to\n---\n\nSort $FF them.\n",
            )]),
        ],
        check: Check::Skill(not_utf8),
        ..BASE
    },
    Rule {
        id: "skills.signature.orphan",
        summary: "A signature stands where nobody looks for it",
        severity: Severity::Warn,
        why: "ClosedClaw looks for SKILL.md.sig beside SKILL.md and nowhere else, so the signature protects nothing.",
        remedy: "Put it beside the SKILL.md that it belongs to under the name SKILL.md.sig, or remove it.",
        bad: &[
            Example::files(&[
                ("skills/demo/SKILL.md.sig", concat!("«»", signature!(signed_body!()))),
                ("skills/demo/README.md", "Sort them.\n"),
            ]),
            Example::files(&[
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/.SKILL.md.sig", concat!("«»", signature!(signed_body!()))),
            ]),
        ],
        good: &[Example::files(&[
            ("skills/demo/SKILL.md", signed_skill!()),
            ("skills/demo/SKILL.md.sig", signature!(signed_body!())),
        ])],
        check: Check::Project(orphan),
        ..BASE
    },
];

/// The signatures of a skill that can be read.
fn signings(skill: &Skill) -> impl Iterator<Item = &Signing> {
    let list = skill.covering().map(|covering| &covering.signing);
    let all = std::iter::once(skill.signing()).chain(list);
    all.filter(|signing| !skill.partial && signing.envelope().is_some())
}

fn signer(skill: &Skill, report: &mut Report) {
    for signing in signings(skill).filter(|signing| signing.fits == Some(true)) {
        let (Some(envelope), Some(key)) = (signing.envelope(), key_of(skill, signing)) else { continue };
        let (Some(at), Some(name)) = (signing.header("signer"), key.text("name")) else { continue };
        if name != envelope.signer {
            let message = format!("Signer is not the name that the keyring has for the key {}", short(&key.id));
            let place = Place::span(key.at("name"));
            report.at(Place::span(at), message).related(&place, "the name in the keyring");
        }
    }
}

fn timestamp(skill: &Skill, report: &mut Report) {
    for signing in signings(skill) {
        let Some(envelope) = signing.envelope() else { continue };
        let place = signing.header("timestamp").or(signing.at);
        let message = match envelope.timestamp.as_deref().map(str::parse::<jiff::Timestamp>) {
            None => "the signature has no Timestamp",
            Some(Err(_)) => "Timestamp is no time in RFC 3339",
            Some(Ok(time))
                if skill.project.now.is_some_and(|now| time > now + jiff::SignedDuration::from_hours(24)) =>
            {
                "Timestamp lies in the future"
            }
            Some(Ok(_)) => continue,
        };
        if let Some(place) = place {
            report.at(Place::span(place), message);
        }
    }
}

fn duplicates(skill: &Skill, report: &mut Report) {
    for signing in signings(skill) {
        let headers = signing.envelope().map(|envelope| &*envelope.headers).unwrap_or_default();
        for (index, header) in headers.iter().enumerate().filter(|(_, header)| is_known(&header.name)) {
            let before = headers.iter().take(index).find(|other| other.name == header.name);
            if let (Some(before), Some(at)) = (before, signing.span(&header.name_at)) {
                let said = report.at(Place::span(at), format!("{} stands here a second time", label(&header.name)));
                if let Some(first) = signing.span(&before.name_at) {
                    said.related(&Place::span(first), "the one that does not count");
                }
            }
        }
    }
}

fn is_known(name: &str) -> bool {
    matches!(name, "algorithm" | "signer" | "key-id" | "timestamp")
}

fn label(name: &str) -> &'static str {
    match name {
        "algorithm" => "Algorithm",
        "signer" => "Signer",
        "key-id" => "Key-ID",
        _ => "Timestamp",
    }
}

fn unknown(skill: &Skill, report: &mut Report) {
    for signing in signings(skill) {
        let headers = signing.envelope().map(|envelope| &*envelope.headers).unwrap_or_default();
        for header in headers {
            let message = match (is_known(&header.name), header.plain) {
                (true, true) => continue,
                (true, false) => "the name of the header has a letter that only looks like another",
                (false, _) => "the header means nothing to ClosedClaw",
            };
            if let Some(at) = signing.span(&header.name_at) {
                report.at(Place::span(at), message);
            }
        }
    }
}

fn outside(skill: &Skill, report: &mut Report) {
    for signing in signings(skill) {
        let outside = signing.envelope().and_then(|envelope| signing.span(envelope.outside.as_ref()?));
        if let Some(at) = outside {
            report.at(Place::span(at), "text outside of the signature");
        }
    }
}

fn spelling(skill: &Skill, report: &mut Report) {
    for signing in signings(skill).filter(|signing| signing.fits == Some(true)) {
        let Some(envelope) = signing.envelope() else { continue };
        if base64::encode(&envelope.signature()) != envelope.body
            && let Some(at) = signing.span(&envelope.body_at)
        {
            report.at(Place::span(at), "the signature fits, but it is not written as padded base64 alone");
        }
    }
}

fn not_utf8(skill: &Skill, report: &mut Report) {
    let Some(file) = skill.main_file().filter(|_| signings(skill).next().is_some()) else { return };
    let valid = std::str::from_utf8(file.bytes()).map_err(|error| error.valid_up_to());
    let Err(at) = valid else { return };
    // Of a converted text the places are others.
    let same = file.source.bytes.len() == file.bytes().len();
    let place = if same { file.place(at..at + 1) } else { file.place(0..0) };
    report.at(place, "a byte of the signed file is no UTF-8 text");
}

fn orphan(project: &Project, report: &mut Report) {
    use crate::path::{dir_of, join};
    for entry in &project.tree.entries {
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        let beside = |name: &str| project.tree.get(&join(dir_of(&entry.path), name)).is_some();
        let message = match name {
            "SKILL.md.sig" if !beside("SKILL.md") => "there is no SKILL.md beside this signature",
            "SKILL.manifest.sig" if !beside("SKILL.manifest") => "there is no SKILL.manifest beside this signature",
            ".SKILL.md.sig" => "ClosedClaw looks for SKILL.md.sig, without the dot in front",
            _ => continue,
        };
        if let Some(place) = project.place_of(&entry.path) {
            report.at(place, message);
        }
    }
}
