//! Keys: Ed25519 pairs, and whatever else Node would take for a public key.

use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

use super::der::{BIT_STRING, Der, INTEGER, OCTET_STRING, OID};
use super::pem;
use crate::digest::hex;

/// What stands before the 32 bytes of an Ed25519 key in a `SubjectPublicKeyInfo` (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What stands before the 32 bytes of the seed in a `PrivateKeyInfo` (RFC 8410).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// Object identifiers by their DER content.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
const X448: &[u8] = &[0x2b, 0x65, 0x6f];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// A private Ed25519 key. It is wiped from memory when dropped and never shown.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

impl SigningKey {
    /// A new key from the random source of the operating system.
    ///
    /// # Errors
    /// In words: that source failed.
    pub fn generate() -> Result<Self, String> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| format!("no random numbers from the system: {error}"))?;
        Ok(Self::from_seed(seed))
    }

    /// The key of a seed of RFC 8032.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Reads a PKCS#8 PEM.
    ///
    /// # Errors
    /// In words, without a byte of the text: it is no Ed25519 private key.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        if let Some(block) = pem::first(text, &["PRIVATE KEY"]) {
            let der = block.der.ok_or("the PEM block is broken")?;
            let (oid, key) = private_info(&der).ok_or("the private key is not PKCS#8")?;
            if oid != ED25519 {
                return Err("not an Ed25519 key".to_owned());
            }
            let seed = Der(key).expect(OCTET_STRING).and_then(|seed| <[u8; 32]>::try_from(seed).ok());
            return seed.map(Self::from_seed).ok_or_else(|| "the Ed25519 key is not 32 bytes long".to_owned());
        }
        Err(match pem::blocks(text).first().map(|block| block.label) {
            Some("ENCRYPTED PRIVATE KEY") => "the private key is encrypted: decrypt it first",
            Some("OPENSSH PRIVATE KEY") => "an OpenSSH key: PKCS#8 is needed",
            Some("PUBLIC KEY") => "a public key, not a private one",
            _ => "no PRIVATE KEY block in PEM form",
        }
        .to_owned())
    }

    /// The PKCS#8 PEM, as OpenSSL writes it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write("PRIVATE KEY", &[&PKCS8[..], &self.0.to_bytes()].concat())
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> AnyKey {
        AnyKey {
            kind: KeyKind::Ed25519(self.0.verifying_key().to_bytes()),
            container: Container::Spki,
            spki: Vec::new(),
        }
    }

    /// The 64 bytes of a signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519, with its 32 bytes.
    Ed25519([u8; 32]),
    /// Ed448.
    Ed448,
    /// RSA, with the bytes of its modulus when known.
    Rsa(Option<usize>),
    /// A key on another curve, for ECDSA.
    Ec,
    /// A key for key agreement: it signs nothing.
    Agreement,
    /// Something else.
    Other,
}

impl KeyKind {
    /// The name in messages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ed25519(_) => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::Rsa(_) => "RSA",
            Self::Ec => "ECDSA",
            Self::Agreement => "X25519 or X448",
            Self::Other => "unknown",
        }
    }
}

/// What a key was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A public key.
    Spki,
    /// An RSA public key of PKCS#1.
    Pkcs1,
    /// A certificate that holds it.
    Certificate,
    /// A private key, from which Node derives the public one.
    Private,
}

/// A key that Node would verify with, whatever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyKey {
    /// What it is for.
    pub kind: KeyKind,
    /// What it was written as.
    pub container: Container,
    /// The `SubjectPublicKeyInfo`; empty when it is not known or follows from the kind.
    spki: Vec<u8>,
}

impl AnyKey {
    /// Reads what Node's `createPublicKey` reads from a PEM text: a public key, else a certificate, else a private
    /// key, wherever they stand.
    ///
    /// # Errors
    /// In words: there is none.
    pub fn from_pem(text: &str) -> Result<Self, &'static str> {
        let blocks = pem::blocks(text);
        let find = |labels: &[&str]| blocks.iter().find(|block| labels.contains(&block.label));
        if let Some(block) = find(&["PUBLIC KEY"]) {
            let der = block.der.as_deref().ok_or("the PEM block is broken")?;
            return Self::from_spki(der, Container::Spki).ok_or("the block holds no public key");
        }
        if let Some(block) = find(&["RSA PUBLIC KEY"]) {
            let der = block.der.as_deref().ok_or("the PEM block is broken")?;
            let kind = KeyKind::Rsa(modulus(der));
            return Ok(Self { kind, container: Container::Pkcs1, spki: Vec::new() });
        }
        if let Some(block) = find(&["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]) {
            let der = block.der.as_deref().ok_or("the PEM block is broken")?;
            let spki = certified(der).ok_or("the block holds no certificate")?;
            return Self::from_spki(spki, Container::Certificate).ok_or("the certificate holds no public key");
        }
        if let Some(block) = find(&["PRIVATE KEY"]) {
            let der = block.der.as_deref().ok_or("the PEM block is broken")?;
            let (oid, _) = private_info(der).ok_or("the block holds no private key")?;
            let kind = match kind_of(oid, None) {
                KeyKind::Ed25519(_) => {
                    SigningKey::from_pem(text).map_err(|_| "the private key is broken")?.public().kind
                }
                other => other,
            };
            return Ok(Self { kind, container: Container::Private, spki: Vec::new() });
        }
        if let Some(block) = find(&["RSA PRIVATE KEY", "EC PRIVATE KEY"]) {
            block.der.as_deref().ok_or("the PEM block is broken")?;
            let kind = if block.label.starts_with("RSA") { KeyKind::Rsa(None) } else { KeyKind::Ec };
            return Ok(Self { kind, container: Container::Private, spki: Vec::new() });
        }
        Err(if blocks.is_empty() { "no PEM block" } else { "no PEM block holds a key" })
    }

    fn from_spki(der: &[u8], container: Container) -> Option<Self> {
        let whole = Der(der).next()?.whole;
        let mut info = Der(der).enter()?;
        let mut algorithm = info.enter()?;
        let oid = algorithm.expect(OID)?;
        let bits = info.expect(BIT_STRING)?;
        let (unused, key) = bits.split_first()?;
        // RFC 8410: no parameters, whole bytes.
        if *unused != 0 || oid == ED25519 && (!algorithm.is_empty() || key.len() != 32) {
            return None;
        }
        Some(Self { kind: kind_of(oid, Some(key)), container, spki: whole.to_vec() })
    }

    /// The id in signatures and keyrings: lower-case hexadecimal SHA-256, of the 32 bytes of an Ed25519 key, of
    /// another key as far as it is known.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.kind {
            KeyKind::Ed25519(raw) => hex(&Sha256::digest(raw)),
            _ => hex(&Sha256::digest(&self.spki)),
        }
    }

    /// The 32 bytes of an Ed25519 key.
    #[must_use]
    pub const fn raw(&self) -> Option<&[u8; 32]> {
        if let KeyKind::Ed25519(raw) = &self.kind { Some(raw) } else { None }
    }

    /// The public key as PEM; none for what is not Ed25519.
    #[must_use]
    pub fn to_pem(&self) -> Option<String> {
        self.raw().map(|raw| pem::write("PUBLIC KEY", &[&SPKI[..], raw].concat()))
    }

    /// Does everything verify under it, whoever signed? True of the few points of small order.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.raw().and_then(|raw| VerifyingKey::from_bytes(raw).ok()).is_some_and(|key| key.is_weak())
    }

    /// Is it a point of the curve at all?
    #[must_use]
    pub fn is_point(&self) -> bool {
        self.raw().is_some_and(|raw| VerifyingKey::from_bytes(raw).is_ok())
    }

    /// Does an Ed25519 signature fit?
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = self.raw().and_then(|raw| VerifyingKey::from_bytes(raw).ok());
        let signature = Signature::from_slice(signature);
        matches!((key, signature), (Some(key), Ok(signature)) if key.verify_strict(message, &signature).is_ok())
    }

    /// May ClosedClaw take a signature for valid under a key that is not Ed25519? It then verifies by whatever the
    /// key is; here only the shape is looked at, since such a key is refused anyway. None for a key that signs
    /// nothing.
    #[must_use]
    pub fn may_fit(&self, signature: &[u8]) -> Option<bool> {
        match self.kind {
            KeyKind::Ed25519(_) | KeyKind::Agreement | KeyKind::Other => None,
            KeyKind::Ed448 => Some(signature.len() == 114),
            KeyKind::Rsa(Some(modulus)) => Some(signature.len() == modulus),
            KeyKind::Rsa(None) => Some(signature.len() >= 128),
            KeyKind::Ec => {
                let mut integers = Der(signature).enter();
                Some(
                    integers
                        .as_mut()
                        .is_some_and(|pair| pair.expect(INTEGER).is_some() && pair.expect(INTEGER).is_some()),
                )
            }
        }
    }
}

/// The kind of a key by its object identifier. Of an Ed25519 private key the bytes are filled in later.
fn kind_of(oid: &[u8], key: Option<&[u8]>) -> KeyKind {
    match oid {
        ED25519 => KeyKind::Ed25519(key.and_then(|key| key.try_into().ok()).unwrap_or_default()),
        ED448 => KeyKind::Ed448,
        X25519 | X448 => KeyKind::Agreement,
        RSA | RSA_PSS => KeyKind::Rsa(key.and_then(modulus)),
        EC => KeyKind::Ec,
        _ => KeyKind::Other,
    }
}

/// The bytes of the modulus of an `RSAPublicKey`, which is as long as every signature.
fn modulus(der: &[u8]) -> Option<usize> {
    let integer = Der(der).enter()?.expect(INTEGER)?;
    Some(integer.len() - usize::from(integer.first() == Some(&0)))
}

/// Object identifier and key of a `PrivateKeyInfo`, whatever follows them.
fn private_info(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut info = Der(der).enter()?;
    info.expect(INTEGER)?;
    let oid = info.enter()?.expect(OID)?;
    Some((oid, info.expect(OCTET_STRING)?))
}

/// The `SubjectPublicKeyInfo` of a certificate.
fn certified(der: &[u8]) -> Option<&[u8]> {
    let mut body = Der(der).enter()?.enter()?;
    let version = body.next()?;
    // Serial number, algorithm, issuer, validity, subject; before them the version, when it is written.
    let skipped = if version.tag == 0xa0 { 5 } else { 4 };
    for _ in 0..skipped {
        body.next()?;
    }
    Some(body.next()?.whole)
}

/// Is this text of a file a private key that can sign skills: an Ed25519 key in PKCS#8, or an OpenSSH key?
#[must_use]
pub fn is_private(text: &str) -> bool {
    pem::blocks(text).iter().any(|block| match (block.label, block.der.as_deref()) {
        ("PRIVATE KEY", Some(der)) => private_info(der).is_some_and(|(oid, _)| oid == ED25519),
        ("OPENSSH PRIVATE KEY", Some(der)) => der.windows(11).take(256).any(|window| window == b"ssh-ed25519"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key pair of RFC 8032, section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn seed() -> [u8; 32] {
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&SEED[2 * index..2 * index + 2], 16).unwrap();
        }
        bytes
    }

    #[test]
    fn the_pair_of_the_standard_is_the_pair_of_the_standard() {
        let key = SigningKey::from_seed(seed());
        assert_eq!(hex(key.public().raw().unwrap()), PUBLIC);
        assert!(key.public().verify(b"", &key.sign(b"")));
        assert!(!format!("{key:?}").contains(&SEED[..8]));
    }

    #[test]
    fn keys_survive_their_files() {
        let key = SigningKey::generate().unwrap();
        assert_eq!(SigningKey::from_pem(&key.to_pem()).unwrap().public(), key.public());
        let public = AnyKey::from_pem(&key.public().to_pem().unwrap()).unwrap();
        assert_eq!((public.id(), public.container), (key.public().id(), Container::Spki));
        assert_eq!(public.raw(), key.public().raw());
        let derived = AnyKey::from_pem(&key.to_pem()).unwrap();
        assert_eq!((derived.id(), derived.container), (key.public().id(), Container::Private));
        assert!(is_private(&key.to_pem()) && !is_private(&key.public().to_pem().unwrap()));
    }

    #[test]
    fn what_is_no_private_key_is_refused_without_being_shown() {
        for text in ["", "secret", &pem::write("PRIVATE KEY", b"secret"), &pem::write("PUBLIC KEY", &SPKI)] {
            let trouble = SigningKey::from_pem(text).unwrap_err();
            assert!(!trouble.is_empty() && !trouble.contains("secret") && !trouble.contains("c2Vjc"), "{trouble}");
        }
    }

    #[test]
    fn a_key_of_small_order_is_weak_and_verifies_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let key = AnyKey { kind: KeyKind::Ed25519(identity), container: Container::Spki, spki: Vec::new() };
        let mut forged = [0; 64];
        forged[0] = 1;
        assert!(key.is_weak());
        assert!(!key.verify(b"anything", &forged));
    }
}
