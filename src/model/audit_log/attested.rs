//! Signed anchors: whether somebody that the keyring trusts has seen the log so.

use crate::model::keyring::{Keyring, Lookup, Trust};
use crate::signature::{self, Envelope};

/// What is signed begins with this line and goes on with the anchor: no signature of a skill fits an anchor.
const DOMAIN: &[u8] = b"clawsift-audit-anchor-v1\n";

/// The bytes that are signed for an anchor.
#[must_use]
pub fn message(anchor: &[u8]) -> Vec<u8> {
    [DOMAIN, anchor].concat()
}

/// What a signature of an anchor is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attested {
    /// It fits, and the key is trusted.
    Valid,
    /// It does not fit the anchor.
    Forged,
    /// There is no keyring, or none that can be read.
    NoKeyring,
    /// The key is not in the keyring.
    UnknownKey,
    /// The keyring does not trust the key.
    Untrusted,
    /// What the keyring holds is no Ed25519 key.
    NoKey,
}

impl Attested {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Forged => "bad-signature",
            Self::NoKeyring => "no-keyring",
            Self::UnknownKey => "unknown-key",
            Self::Untrusted => "insufficient-trust",
            Self::NoKey => "key-error",
        }
    }
}

/// Judges a signature. Keys that are trusted marginally count, as they do for skills by default.
#[must_use]
pub fn attested(anchor: &[u8], envelope: &Envelope, keyring: Option<&Keyring>) -> Attested {
    let Some(keyring) = keyring else { return Attested::NoKeyring };
    let key = match keyring.lookup(&envelope.key_id) {
        Lookup::Key(_, key) => key,
        Lookup::Fails => return Attested::NoKeyring,
        Lookup::Unknown | Lookup::Inherited => return Attested::UnknownKey,
    };
    match &key.key {
        _ if key.trust() < Trust::Marginal => Attested::Untrusted,
        Err(_) => Attested::NoKey,
        // A keyring may file a key under the id of another.
        Ok(own) if own.id() != envelope.key_id => Attested::UnknownKey,
        Ok(own) if signature::verify(&message(anchor), envelope, own) => Attested::Valid,
        Ok(_) => Attested::Forged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SigningKey;
    use crate::source::FileId;

    fn keyring(key: &SigningKey, trust: &str) -> Keyring {
        let public = key.public();
        let pem = serde_json::Value::from(public.to_pem().unwrap());
        let text = format!(
            r#"{{"version":1,"keys":{{"{}":{{"name":"a","publicKeyPem":{pem},"trustLevel":"{trust}"}}}}}}"#,
            public.id()
        );
        Keyring::read(FileId(0), text.as_bytes())
    }

    #[test]
    fn only_a_trusted_key_attests_an_anchor() {
        let key = SigningKey::from_seed([3; 32]);
        let signed = |bytes: &[u8]| {
            Envelope::parse(&signature::sign(bytes, &key, "a", "2026-02-10T15:00:00Z").unwrap()).unwrap()
        };
        let envelope = signed(&message(b"{}"));
        let judge = |anchor: &[u8], trust: &str| attested(anchor, &envelope, Some(&keyring(&key, trust)));
        assert_eq!((judge(b"{}", "full"), judge(b"{}", "marginal")), (Attested::Valid, Attested::Valid));
        assert_eq!((judge(b"{}", "none"), judge(b"{ }", "full")), (Attested::Untrusted, Attested::Forged));
        let other = keyring(&SigningKey::from_seed([4; 32]), "full");
        assert_eq!(attested(b"{}", &envelope, Some(&other)), Attested::UnknownKey);
        assert_eq!(attested(b"{}", &envelope, None), Attested::NoKeyring);
        // A signature of the same bytes as a skill is none of an anchor.
        assert_eq!(attested(b"{}", &signed(b"{}"), Some(&keyring(&key, "full"))), Attested::Forged);
    }
}
