//! Signatures of skills: is there one, whose is it, and does it fit?

use crate::model::gate::Class;
use crate::model::keyring::{Key, Trust};
use crate::model::skill::{KeyState, Reason, Signing, State};
use crate::rule::prelude::*;

/// What these rules have in common.
const BASE: Rule = Rule {
    severity: Severity::Critical,
    profiles: Profiles::OURS,
    scope: Scope::Signatures,
    steady: true,
    cwe: &[347],
    ..Rule::DEFAULT
};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "skills.signature.missing",
        summary: "A skill is not signed",
        cwe: &[345],
        why: "Whoever can change the file can change what an agent does, and nobody notices. Said only where somebody cares: a policy demands signatures, or the repository has a keyring or another signature.",
        remedy: "Read the skill, then sign it with `clawsift skill sign --manifest`.",
        bad: &[
            Example::files(&[
                ("trusted-keys.json", keyring!("full")),
                (
                    "skills/demo/SKILL.md",
                    "---\nname: «demo»\ndescription: Sorts tables of numbers when asked to\n---\n\nSort them.\n",
                ),
            ]),
            Example::files(&[
                ("closedclaw.json", "{ skills: { security: { requireSignature: true } } }"),
                (
                    "skills/demo/SKILL.md",
                    "---\nname: «demo»\ndescription: Sorts tables of numbers when asked to\n---\n\nSort them.\n",
                ),
            ]),
            Example::files(&[
                ("skills/other/SKILL.md", signed_skill!()),
                ("skills/other/SKILL.md.sig", signature!(signed_body!())),
                (
                    "skills/demo/SKILL.md",
                    "---\nname: «demo»\ndescription: Sorts tables of numbers when asked to\n---\n\nSort them.\n",
                ),
            ]),
        ],
        good: &[
            Example::files(&[("skills/demo/SKILL.md", signed_skill!())]),
            signed!("full", signature!(signed_body!())),
            Example::files(&[
                ("closedclaw.json", "{ skills: { security: { requireSignature: false } } }"),
                ("skills/demo/SKILL.md", signed_skill!()),
            ]),
        ],
        check: Check::Skill(missing),
        ..BASE
    },
    Rule {
        id: "skills.signature.malformed",
        summary: "A signature file holds no signature",
        why: "ClosedClaw refuses a skill whose signature file it cannot read, whatever its policy.",
        remedy: "Sign the skill again with `clawsift skill sign`.",
        bad: &[
            Example::files(&[
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/SKILL.md.sig", "«Ed25519-SHA256»\nkeyId: dGVzdA==\nsigner: Alice\nsignature: AAAA\n"),
            ]),
            Example::files(&[
                ("skills/demo/SKILL.md", signed_skill!()),
                (
                    "skills/demo/SKILL.md.sig",
                    "«-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----»\nAlgorithm: ed25519\nSigner: Alice\n\nAAAA\n-----END CLOSEDCLAW SKILL SIGNATURE-----\n",
                ),
            ]),
        ],
        good: &[Example::files(&[
            ("skills/demo/SKILL.md", signed_skill!()),
            ("skills/demo/SKILL.md.sig", signature!(signed_body!())),
        ])],
        check: Check::Skill(malformed),
        ..BASE
    },
    Rule {
        id: "skills.signature.unknown_key",
        summary: "A skill is signed with a key that is not in the keyring",
        why: "Anybody can make a key and sign with it under any name: such a signature says nothing.",
        remedy: "Get the public key from its owner by another way, compare the id, and add it with `clawsift keys add`.",
        bad: &[
            signed!(
                "full",
                signature!("Bob", "«709d0c34c5689e0ba1aaf22e222e3ef773c402e7332630568dbb2a81b54b3f37»", signed_body!())
            ),
            signed!("full", signature!("Bob", "«constructor»", signed_body!())),
        ],
        good: &[
            signed!("full", signature!(signed_body!())),
            Example::files(&[
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/SKILL.md.sig", signature!(signed_body!())),
            ]),
        ],
        check: Check::Skill(unknown_key),
        ..BASE
    },
    Rule {
        id: "skills.signature.distrusted_key",
        summary: "A skill is signed with a key that the keyring distrusts",
        why: "The keyring says `none` of the key: it was revoked, or its owner is not to be trusted.",
        remedy: "Do not use the skill until somebody who is trusted has read and signed it.",
        bad: &[signed!("none", signature!(marked))],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(distrusted_key),
        ..BASE
    },
    Rule {
        id: "skills.signature.untrusted_key",
        summary: "A skill is signed with a key that is not trusted enough",
        why: "The policy asks for more trust than the keyring gives the key, or the keyring's word for it means nothing.",
        remedy: "If you know whose key it is, raise it with `clawsift keys trust ID --trust full`; otherwise do not use the skill.",
        bad: &[
            Example::files(&[
                ("closedclaw.json", "{ skills: { security: { minTrustLevel: \"full\" } } }"),
                ("trusted-keys.json", keyring!("marginal")),
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/SKILL.md.sig", signature!(marked)),
            ]),
            signed!("FULL", signature!(marked)),
        ],
        good: &[signed!("marginal", signature!(signed_body!())), signed!("none", signature!(signed_body!()))],
        check: Check::Skill(untrusted_key),
        ..BASE
    },
    Rule {
        id: "skills.signature.invalid",
        summary: "A signature does not fit its skill",
        why: "The skill is not what was signed: it was changed afterwards, or the signature was taken from another one.",
        remedy: "Compare the skill with what its publisher signed, and sign it again only after reading it. Where only line endings changed, add `SKILL.md -text` to .gitattributes and check the file out again.",
        bad: &[
            Example::files(&[
                ("trusted-keys.json", keyring!("full")),
                ("skills/demo/SKILL.md", concat!(signed_skill!(), "And send them.\n")),
                ("skills/demo/SKILL.md.sig", signature!(concat!("«", signed_body!(), "»"))),
            ]),
            signed!(
                "full",
                signature!(
                    "«I4kxV1ei4wn5B2AZE058Mm59Dq22tma+7lPAOs3nt8CqQz5xVm1skSZYZ8tdRwaHtL6SIcewPn/xUi75MO3fCA==»"
                )
            ),
            signed!("full", signature!("«AAAA»")),
        ],
        good: &[signed!("full", signature!(signed_body!())), signed!("none", signature!(signed_body!()))],
        check: Check::Skill(invalid),
        ..BASE
    },
    Rule {
        id: "skills.signature.unusable_key",
        summary: "A skill is signed with a key that cannot be used",
        why: "The keyring trusts the id, but what it holds under that id is no Ed25519 public key, so nothing verifies or ClosedClaw verifies by other means than the signature says.",
        remedy: "Put the Ed25519 public key of the signer into the keyring, in PEM form.",
        bad: &[Example::files(&[
            (
                "trusted-keys.json",
                "{\"version\":1,\"keys\":{\"b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\":{\"name\":\"Alice Williams\",\"trustLevel\":\"full\"}}}",
            ),
            ("skills/demo/SKILL.md", signed_skill!()),
            ("skills/demo/SKILL.md.sig", signature!(marked)),
        ])],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(unusable_key),
        ..BASE
    },
    Rule {
        id: "skills.signature.unverified",
        summary: "A skill is signed, but there is no keyring to verify it with",
        severity: Severity::Info,
        hygiene: true,
        why: "A signature is worth what the key is worth that it is verified with.",
        remedy: "Keep a trusted-keys.json in the repository, outside of any skill, or name one: `clawsift skill verify --keyring FILE`.",
        bad: &[
            Example::files(&[
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/SKILL.md.sig", signature!(marked)),
            ]),
            Example::files(&[
                ("skills/demo/trusted-keys.json", keyring!("full")),
                ("skills/demo/SKILL.md", signed_skill!()),
                ("skills/demo/SKILL.md.sig", signature!(marked)),
            ]),
        ],
        good: &[
            signed!("full", signature!(signed_body!())),
            Example::files(&[("skills/demo/SKILL.md", signed_skill!())]),
        ],
        check: Check::Skill(unverified),
        ..BASE
    },
    Rule {
        id: "skills.signature.marginal_key",
        summary: "A skill is signed with a key of marginal trust",
        severity: Severity::Info,
        profiles: Profiles::STRICT,
        hygiene: true,
        why: "That is enough for the default policy, and not for one with minTrustLevel \"full\".",
        remedy: "Once you know whose key it is, raise it with `clawsift keys trust ID --trust full`.",
        bad: &[signed!("marginal", signature!(marked))],
        good: &[signed!("full", signature!(signed_body!()))],
        check: Check::Skill(marginal_key),
        ..BASE
    },
];

/// The signatures of a skill: that of its manifest, and that of its list of files.
fn signings(skill: &Skill) -> impl Iterator<Item = &Signing> {
    let list = skill.covering().map(|covering| &covering.signing);
    std::iter::once(skill.signing()).chain(list).filter(|_| !skill.partial)
}

/// One signature for each key: what is wrong with a key is said once.
fn by_key(skill: &Skill) -> impl Iterator<Item = &Signing> {
    let id = |signing: &Signing| signing.envelope().map(|envelope| envelope.key_id.clone());
    let first = id(skill.signing());
    signings(skill).enumerate().filter(move |(index, signing)| *index == 0 || id(signing) != first).map(|(_, one)| one)
}

/// The key in the keyring that a signature names.
pub(super) fn key_of<'a>(skill: &'a Skill, signing: &Signing) -> Option<&'a Key> {
    let KeyState::Found(file, index) = signing.key else { return None };
    skill.project.keyring(file)?.keys.get(index)
}

/// As much of a key id as tells keys apart.
pub(super) fn short(id: &str) -> String {
    id.chars().take(16).collect()
}

fn missing(skill: &Skill, report: &mut Report) {
    let signing = skill.signing();
    if skill.partial || signing.state != State::Absent || !skill.project.expects_signatures(&skill.root) {
        return;
    }
    let required = signing.class == Some(Class::UnsignedBlocked);
    let (severity, message) = if required {
        (Severity::Critical, "the policy demands a signature, and the skill has none")
    } else {
        (Severity::Warn, "the skill has no SKILL.md.sig")
    };
    report.at(skill.whole(), message).severity(severity);
}

fn malformed(skill: &Skill, report: &mut Report) {
    for signing in signings(skill) {
        match &signing.state {
            State::Unread(reason) => {
                if let Some(at) = signing.at {
                    report.at(Place::span(at), format!("the signature file {reason}"));
                }
            }
            State::Malformed(malformed) => {
                if let Some(at) = signing.span(&malformed.at) {
                    report.at(Place::span(at), malformed.message.clone());
                }
            }
            State::Absent | State::Signed(_) => {}
        }
    }
}

fn unknown_key(skill: &Skill, report: &mut Report) {
    for signing in by_key(skill) {
        let (Some(envelope), Some(at)) = (signing.envelope(), signing.header("key-id")) else { continue };
        let id = &envelope.key_id;
        let is_id = id.len() == 64 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let message = match signing.key {
            KeyState::Unknown if is_id => format!("the key {} is not in the keyring", short(id)),
            KeyState::Unknown => "Key-ID is no key id of 64 lower-case hexadecimal digits".to_owned(),
            KeyState::Inherited => format!("the key id `{}` is a word of JavaScript and no key", short(id)),
            KeyState::ByPosition => "Key-ID names a position in the keyring and no key".to_owned(),
            KeyState::Fails => "the keyring holds no keys at all".to_owned(),
            KeyState::Unasked | KeyState::NoKeyring | KeyState::Found(..) => continue,
        };
        report.at(Place::span(at), message);
    }
}

fn unverified(skill: &Skill, report: &mut Report) {
    let signing = skill.signing();
    if signing.key == KeyState::NoKeyring
        && !skill.partial
        && let Some(at) = signing.header("key-id")
    {
        report.at(Place::span(at), "the repository has no keyring to look the key up in");
    }
}

/// Says something of the key of every signature; `message` decides by the key and whether its trust is enough.
fn of_keys(skill: &Skill, report: &mut Report, message: impl Fn(&Signing, &Key, bool) -> Option<String>) {
    let policy = skill.project.policy_of(&skill.root);
    for signing in by_key(skill) {
        let (Some(key), Some(at)) = (key_of(skill, signing), signing.header("key-id")) else { continue };
        if let Some(message) = message(signing, key, policy.accepts(key.trust())) {
            let place = Place::span(key.at("trustLevel"));
            report.at(Place::span(at), message).related(&place, "the keyring says how far the key is trusted");
        }
    }
}

fn distrusted_key(skill: &Skill, report: &mut Report) {
    of_keys(skill, report, |_, key, _| {
        (key.trust() == Trust::None).then(|| format!("the key {} is distrusted", short(&key.id)))
    });
}

fn untrusted_key(skill: &Skill, report: &mut Report) {
    of_keys(skill, report, |_, key, enough| match key.trust() {
        Trust::Unknown => Some(format!("the keyring does not say how far the key {} is trusted", short(&key.id))),
        trust if !enough && trust != Trust::None => {
            Some(format!("the key {} has only marginal trust, the policy asks for full", short(&key.id)))
        }
        _ => None,
    });
}

fn marginal_key(skill: &Skill, report: &mut Report) {
    of_keys(skill, report, |signing, key, enough| {
        let marginal = enough && signing.is_good() && key.trust() == Trust::Marginal;
        marginal.then(|| format!("the key {} has marginal trust", short(&key.id)))
    });
}

fn unusable_key(skill: &Skill, report: &mut Report) {
    of_keys(skill, report, |signing, key, enough| match &key.key {
        _ if !enough => None,
        Err(reason) => Some(format!("the keyring has no key under {}: {reason}", short(&key.id))),
        Ok(found) => {
            let usable = found.raw().is_some() && found.container == crate::signature::key::Container::Spki;
            (!usable && signing.fits == Some(false))
                .then(|| format!("what the keyring holds under {} is no Ed25519 public key", short(&key.id)))
        }
    });
}

fn invalid(skill: &Skill, report: &mut Report) {
    for signing in signings(skill) {
        let Some(key) = key_of(skill, signing).and_then(|key| key.key.as_ref().ok()) else { continue };
        let usable = key.raw().is_some() && key.container == crate::signature::key::Container::Spki;
        let Some(envelope) = signing.envelope().filter(|_| usable && signing.fits == Some(false)) else { continue };
        let Some(at) = signing.span(&envelope.body_at) else { continue };
        let (severity, message) = match signing.reason {
            Some(Reason::LineEndings) => (
                Severity::Warn,
                "only the line endings changed since the file was signed: `SKILL.md -text` in .gitattributes keeps them"
                    .to_owned(),
            ),
            Some(Reason::ByteOrderMark) => {
                (Severity::Warn, "only a byte order mark was added or removed since the file was signed".to_owned())
            }
            Some(Reason::FinalNewline) => {
                (Severity::Warn, "only the newline at the end was added or removed since the file was signed".to_owned())
            }
            Some(Reason::OverDigest) => (
                Severity::Warn,
                "the signature is one of the SHA-256 of the file, as documented; ClosedClaw wants one of the file".to_owned(),
            ),
            Some(Reason::Length(length)) => {
                (Severity::Critical, format!("the signature is {length} bytes long instead of 64"))
            }
            None if key.is_weak() => {
                (Severity::Critical, "the key of the signature is weak: anybody could sign with it".to_owned())
            }
            None => (Severity::Critical, "the file is not what was signed".to_owned()),
        };
        let said = report.at(Place::span(at), message).severity(severity);
        if signing.reason == Some(Reason::LineEndings) {
            let lines = "Add `SKILL.md -text` and `*.md.sig -text` to .gitattributes, and check the files out again";
            said.fix(Safety::Manual, lines, []);
        }
    }
}
