//! Keyrings: is it one that ClosedClaw reads, and is every key what its id says?

use std::collections::BTreeMap;

use crate::model::keyring::{FIELDS, Key, Keyring, Shape, Trust};
use crate::rule::prelude::*;
use crate::signature::key::{AnyKey, Container};
use crate::source::Span;

/// What these rules have in common.
const BASE: Rule =
    Rule { severity: Severity::Warn, profiles: Profiles::OURS, scope: Scope::Signatures, cwe: &[347], ..Rule::DEFAULT };

const KEYRING: &[DocumentKind] = &[DocumentKind::Keyring];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "keyring.malformed",
        summary: "A keyring cannot be read",
        why: "ClosedClaw takes such a file for an empty keyring and says nothing: every signed skill is refused, and the next key that is added replaces the whole file.",
        remedy: "Repair the file; it is JSON with the number 1 as `version` and an object as `keys`.",
        bad: &[
            Example::files(&[("trusted-keys.json", "{\"version\":1,\"keys\":{},«}»")]),
            Example::files(&[("trusted-keys.json", "{\"version\":«\"1\"»,\"keys\":{}}")]),
            Example::files(&[("trusted-keys.json", "{\"version\":1,\"keys\":«null»}")]),
            Example::files(&[("trusted-keys.json", "«»")]),
            Example::files(&[("trusted-keys.json", "{\"version\":1,\"keys\":{«\"a\"»:7}}")]),
        ],
        good: &[
            Example::files(&[("trusted-keys.json", keyring!("full"))]),
            Example::files(&[("trusted-keys.json", "{\"version\":1,\"keys\":{}}")]),
        ],
        check: Check::Document(KEYRING, malformed),
        ..BASE
    },
    Rule {
        id: "keyring.docs_format",
        summary: "A keyring is in the form that ClosedClaw documents but does not read",
        why: "ClosedClaw looks keys up by their id. In a list it finds none of them, but a signature that names a position, such as 0, is accepted.",
        remedy: "Make `keys` an object with each key under its id: `clawsift keys add` writes it so.",
        bad: &[Example::files(&[(
            "security/trusted-keyring.json",
            "{\"version\":1,\"keys\":«[»{\"keyId\":\"dGVzdA==\",\"trustLevel\":\"full\"}]}",
        )])],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, docs_format),
        ..BASE
    },
    Rule {
        id: "keyring.key_id_mismatch",
        summary: "A key stands in the keyring under an id that is not its own",
        severity: Severity::Critical,
        why: "ClosedClaw never compares the two. Whoever can write an entry makes signatures by one key count as those of another.",
        remedy: "Remove the entry and add the key with `clawsift keys add`, which derives the id.",
        bad: &[Example::files(&[(
            "trusted-keys.json",
            concat!(
                "{\"version\":1,\"keys\":{«\"709d0c34c5689e0ba1aaf22e222e3ef773c402e7332630568dbb2a81b54b3f37\"»:{\"name\":\"Bob\",\"publicKeyPem\":\"-----BEGIN PUBLIC KEY-----\\n",
                "MCowBQYDK2VwAyEATIvSd1SagsMTDab1V14GrXI3QgH4ykXeB9IB06YbZkw=\\n-----END PUBLIC KEY-----\\n\",\"trustLevel\":\"full\",\"verifiedVia\":\"self\"}}}"
            ),
        )])],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, key_id_mismatch),
        ..BASE
    },
    Rule {
        id: "keyring.key_type",
        summary: "A key in the keyring is no Ed25519 public key",
        severity: Severity::Critical,
        cwe: &[347],
        why: "ClosedClaw verifies with whatever the entry holds, although every signature says ed25519: RSA keys, other curves and certificates past their time are accepted.",
        remedy: "Remove the entry, and add an Ed25519 public key in PEM form with `clawsift keys add`.",
        bad: &[Example::files(&[(
            "trusted-keys.json",
            "{\"version\":1,\"keys\":{\"d50204c6c011a0709e83c12aa60f73822b23192118bb86487893a23f05f4cccb\":{\"name\":\"A\",\"publicKeyPem\":«\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VuAyEAwpgneXf9qax82lCisvonHo1hq/KTdAGtygAACrakSTI=\\n-----END PUBLIC KEY-----\\n\"»,\"trustLevel\":\"full\",\"verifiedVia\":\"manual\"}}}",
        )])],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, key_type),
        ..BASE
    },
    Rule {
        id: "keyring.weak_key",
        summary: "A key in the keyring is weak: anybody can sign with it",
        severity: Severity::Critical,
        why: "The key is one of the few points of small order. Older versions of Node accept a signature by it that nobody made, for every text.",
        remedy: "Remove the key; nobody who made a key properly has it.",
        bad: &[Example::files(&[(
            "trusted-keys.json",
            "{\"version\":1,\"keys\":{\"01d0fabd251fcbbe2b93b4b927b26ad2a1a99077152e45ded1e678afa45dbec5\":{\"name\":\"A\",\"publicKeyPem\":«\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\\n-----END PUBLIC KEY-----\\n\"»,\"trustLevel\":\"full\",\"verifiedVia\":\"manual\"}}}",
        )])],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, weak_key),
        ..BASE
    },
    Rule {
        id: "keyring.unreadable_key",
        summary: "A key in the keyring cannot be read",
        why: "ClosedClaw refuses every skill that is signed with it.",
        remedy: "Replace publicKeyPem with the PEM of the public key: BEGIN and END lines at the start of lines of their own.",
        bad: &[
            Example::files(&[(
                "trusted-keys.json",
                "{\"version\":1,\"keys\":{\"b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\":{\"name\":\"A\",\"publicKeyPem\":«\"MCowBQYDK2VwAyEA\"»,\"trustLevel\":\"full\",\"verifiedVia\":\"manual\"}}}",
            )]),
            Example::files(&[(
                "trusted-keys.json",
                "{\"version\":1,\"keys\":{«\"b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\"»:{\"name\":\"A\",\"trustLevel\":\"full\",\"verifiedVia\":\"manual\"}}}",
            )]),
        ],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, unreadable_key),
        ..BASE
    },
    Rule {
        id: "keyring.conflicting_trust",
        summary: "A distrusted key is trusted under another id",
        severity: Severity::Critical,
        why: "Revoking a key under one id leaves signatures that name the other id valid.",
        remedy: "Remove every entry of the key but the one under its own id.",
        bad: &[Example::files(&[(
            "trusted-keys.json",
            "{\"version\":1,\"keys\":{\"b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\":{\"publicKeyPem\":\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEATIvSd1SagsMTDab1V14GrXI3QgH4ykXeB9IB06YbZkw=\\n-----END PUBLIC KEY-----\\n\",\"trustLevel\":\"none\"},\"old\":{\"publicKeyPem\":\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEATIvSd1SagsMTDab1V14GrXI3QgH4ykXeB9IB06YbZkw=\\n-----END PUBLIC KEY-----\\n\",\"trustLevel\":«\"marginal\"»}}}",
        )])],
        good: &[
            Example::files(&[("trusted-keys.json", keyring!("full"))]),
            Example::files(&[(
                "trusted-keys.json",
                "{\"version\":1,\"keys\":{\"b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\":{\"publicKeyPem\":\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEATIvSd1SagsMTDab1V14GrXI3QgH4ykXeB9IB06YbZkw=\\n-----END PUBLIC KEY-----\\n\",\"trustLevel\":\"none\"},\"old\":{\"publicKeyPem\":\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEATIvSd1SagsMTDab1V14GrXI3QgH4ykXeB9IB06YbZkw=\\n-----END PUBLIC KEY-----\\n\",\"trustLevel\":\"none\"}}}",
            )]),
        ],
        check: Check::Document(KEYRING, conflicting_trust),
        ..BASE
    },
    Rule {
        id: "keyring.duplicate_id",
        summary: "An id stands in the keyring twice",
        why: "The last entry counts, and a reader may have looked at the first.",
        remedy: "Keep one entry for each id.",
        bad: &[Example::files(&[(
            "trusted-keys.json",
            "{\"version\":1,\"keys\":{«\"a\"»:{\"trustLevel\":\"none\"},\"a\":{\"trustLevel\":\"full\"}}}",
        )])],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, duplicate_id),
        ..BASE
    },
    Rule {
        id: "keyring.trust_level",
        summary: "The trust of a key is none of full, marginal and none",
        why: "Installing refuses such a key, but another part of ClosedClaw treats every word but `none` as trust.",
        remedy: "Set trustLevel to \"full\", \"marginal\" or \"none\".",
        bad: &[
            Example::files(&[(
                "trusted-keys.json",
                keyring!(
                    "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68",
                    "\"trustLevel\":«\"trusted\"»"
                ),
            )]),
            Example::files(&[("trusted-keys.json", "{\"version\":1,\"keys\":{«\"a\"»:{\"name\":\"A\"}}}")]),
        ],
        good: &[
            Example::files(&[("trusted-keys.json", keyring!("full"))]),
            Example::files(&[("trusted-keys.json", keyring!("none"))]),
        ],
        check: Check::Document(KEYRING, trust_level),
        ..BASE
    },
    Rule {
        id: "keyring.unknown_field",
        summary: "A key in the keyring has a field that ClosedClaw does not know",
        hygiene: true,
        why: "A field such as `expires` or `revoked` has no effect: the key stays as trusted as trustLevel says.",
        remedy: "Revoke a key with trustLevel \"none\", and keep remarks in `notes`.",
        bad: &[Example::files(&[(
            "trusted-keys.json",
            keyring!(
                "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68",
                "\"trustLevel\":\"full\",«\"revoked\"»:true"
            ),
        )])],
        good: &[Example::files(&[("trusted-keys.json", keyring!("full"))])],
        check: Check::Document(KEYRING, unknown_field),
        ..BASE
    },
    Rule {
        id: "keyring.full_trust_unverified",
        summary: "A key has full trust although nobody says to have verified it",
        why: "Full trust passes every policy. It belongs to keys whose owner somebody has checked, not to those known by hearsay.",
        remedy: "Set trustLevel to \"marginal\" until the key was compared with its owner's, then verifiedVia to \"manual\".",
        bad: &[
            Example::files(&[(
                "trusted-keys.json",
                keyring!(
                    "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68",
                    "\"trustLevel\":\"full\",\"verifiedVia\":«\"web-of-trust\"»"
                ),
            )]),
            Example::files(&[(
                "trusted-keys.json",
                "{\"version\":1,\"keys\":{«\"b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68\"»:{\"trustLevel\":\"full\"}}}",
            )]),
        ],
        good: &[
            Example::files(&[("trusted-keys.json", keyring!("full"))]),
            Example::files(&[(
                "trusted-keys.json",
                keyring!(
                    "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68",
                    "\"trustLevel\":\"marginal\",\"verifiedVia\":\"web-of-trust\""
                ),
            )]),
        ],
        check: Check::Document(KEYRING, full_trust_unverified),
        ..BASE
    },
];

fn ring<'a>(document: &Document, project: &'a Project) -> Option<&'a Keyring> {
    project.keyring(document.file).filter(|_| !document.sample)
}

/// The keys that count.
fn keys<'a>(document: &Document, project: &'a Project) -> impl Iterator<Item = &'a Key> {
    let keys = ring(document, project).map(|ring| &*ring.keys).unwrap_or_default();
    keys.iter().filter(|key| !key.replaced)
}

fn place(span: Span, key: &Key, member: &str) -> Place {
    let key_path = if member.is_empty() { format!("keys.{}", key.id) } else { format!("keys.{}.{member}", key.id) };
    Place { span, key_path, missing: false }
}

/// The beginning of an id, for messages.
fn named(key: &Key) -> String {
    super::skill_signatures::short(&key.id)
}

fn malformed(document: &Document, project: &Project, report: &mut Report) {
    match ring(document, project).map(|ring| &ring.shape) {
        Some(Shape::Broken(at, message)) => {
            report.at(Place::span(*at), message.clone());
        }
        Some(Shape::Null(at)) => {
            report.at(Place::span(*at), "`keys` of the keyring is null, at which ClosedClaw fails");
        }
        _ => {}
    }
    for key in keys(document, project).filter(|key| !key.is_object) {
        report.at(place(key.id_at, key, ""), format!("the entry {} is no object", named(key)));
    }
}

fn docs_format(document: &Document, project: &Project, report: &mut Report) {
    if let Some(Shape::List(at)) = ring(document, project).map(|ring| &ring.shape) {
        report.at(Place { key_path: "keys".to_owned(), ..Place::span(*at) }, "`keys` is a list, not an object by id");
    }
}

/// Keys that say what they are, with what they are.
fn readable<'a>(document: &Document, project: &'a Project) -> impl Iterator<Item = (&'a Key, &'a AnyKey)> {
    keys(document, project).filter_map(|key| Some((key, key.key.as_ref().ok()?)))
}

fn by_id(document: &Document, project: &Project) -> bool {
    ring(document, project).is_some_and(|ring| ring.shape == Shape::Map)
}

fn key_id_mismatch(document: &Document, project: &Project, report: &mut Report) {
    if !by_id(document, project) {
        return;
    }
    // What is no Ed25519 key is refused for that.
    for (key, found) in readable(document, project).filter(|(_, found)| found.raw().is_some()) {
        if found.id() != key.id {
            let hex = key.id.len() == 64 && key.id.bytes().all(|byte| byte.is_ascii_hexdigit());
            let severity = if hex { Severity::Critical } else { Severity::Warn };
            let message =
                format!("the id of this key is {}, not {}", super::skill_signatures::short(&found.id()), named(key));
            report.at(place(key.id_at, key, ""), message).severity(severity);
        }
    }
}

fn key_type(document: &Document, project: &Project, report: &mut Report) {
    for (key, found) in readable(document, project) {
        let what = match (found.container, found.raw()) {
            // A private key is another finding.
            (Container::Private, _) | (Container::Spki, Some(_)) => continue,
            (Container::Certificate, _) => "a certificate".to_owned(),
            _ => format!("a key of the kind {}", found.kind.label()),
        };
        let severity = if key.trust() >= Trust::Marginal { Severity::Critical } else { Severity::Warn };
        let at = place(key.at("publicKeyPem"), key, "publicKeyPem");
        report.at(at, format!("publicKeyPem holds {what}")).severity(severity);
    }
}

fn weak_key(document: &Document, project: &Project, report: &mut Report) {
    for (key, found) in readable(document, project) {
        let message = if found.is_weak() {
            "the key is a point of small order"
        } else if found.raw().is_some() && !found.is_point() {
            "the key is no point of the curve"
        } else {
            continue;
        };
        report.at(place(key.at("publicKeyPem"), key, "publicKeyPem"), message);
    }
}

fn unreadable_key(document: &Document, project: &Project, report: &mut Report) {
    for key in keys(document, project).filter(|key| key.is_object) {
        if let Err(reason) = key.key {
            report.at(place(key.at("publicKeyPem"), key, "publicKeyPem"), format!("no public key: {reason}"));
        }
    }
}

fn conflicting_trust(document: &Document, project: &Project, report: &mut Report) {
    let mut by_key: BTreeMap<&[u8; 32], Vec<&Key>> = BTreeMap::new();
    for (key, found) in readable(document, project) {
        if let Some(raw) = found.raw() {
            by_key.entry(raw).or_default().push(key);
        }
    }
    for same in by_key.values() {
        let Some(revoked) = same.iter().find(|key| key.trust() == Trust::None) else { continue };
        for key in same.iter().filter(|key| key.trust() >= Trust::Marginal) {
            let message = format!("the same key is distrusted under the id {}", named(revoked));
            let there = Place::span(revoked.at("trustLevel"));
            let at = place(key.at("trustLevel"), key, "trustLevel");
            report.at(at, message).related(&there, "distrusted here");
        }
    }
}

fn duplicate_id(document: &Document, project: &Project, report: &mut Report) {
    let Some(ring) = ring(document, project) else { return };
    for key in ring.keys.iter().filter(|key| key.replaced) {
        let message = format!("a later entry replaces this one of {}", named(key));
        let said = report.at(place(key.id_at, key, ""), message);
        if let Some((_, later)) = ring.get(&key.id) {
            said.related(&Place::span(later.id_at), "the one that counts");
        }
    }
}

fn trust_level(document: &Document, project: &Project, report: &mut Report) {
    for key in keys(document, project).filter(|key| key.is_object && key.trust() == Trust::Unknown) {
        let message = match key.get("trustLevel") {
            None => format!("the key {} has no trustLevel", named(key)),
            Some(_) => format!("trustLevel of {} is none of \"full\", \"marginal\" and \"none\"", named(key)),
        };
        report.at(place(key.at("trustLevel"), key, "trustLevel"), message);
    }
}

fn unknown_field(document: &Document, project: &Project, report: &mut Report) {
    // The documented form has other names; it is a finding as a whole.
    if !by_id(document, project) {
        return;
    }
    for key in keys(document, project) {
        for (name, at) in key.names().filter(|(name, _)| !FIELDS.contains(name)) {
            report.at(place(at, key, name), format!("ClosedClaw does not know this field of {}", named(key)));
        }
    }
}

fn full_trust_unverified(document: &Document, project: &Project, report: &mut Report) {
    for key in keys(document, project).filter(|key| key.trust() == Trust::Full) {
        let way = key.text("verifiedVia");
        let added = key.text("added").and_then(|added| added.parse::<jiff::Timestamp>().ok());
        if !matches!(way, Some("manual" | "certificate" | "self")) && by_id(document, project) {
            let message = format!("{} has full trust, but verifiedVia names no check", named(key));
            let change = Change::Replace { at: key.at("trustLevel"), value: "marginal".into() };
            let title = format!("Set trustLevel of {} to \"marginal\"", named(key));
            report.at(place(key.at("verifiedVia"), key, "verifiedVia"), message).fix(Safety::Safe, title, [change]);
        } else if let (Some(added), Some(now)) = (added, project.now)
            && added > now + jiff::SignedDuration::from_hours(24)
        {
            let message = format!("{} has full trust since a time that is still to come", named(key));
            report.at(place(key.at("added"), key, "added"), message);
        }
    }
}
