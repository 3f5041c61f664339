//! The signature beside a file of a skill, and what it is worth here.

use super::Skill;
use crate::model::gate::{Class, Policy};
use crate::model::keyring::{Key, Lookup, Shape, Trust};
use crate::path::join;
use crate::signature::envelope::{Envelope, Malformed};
use crate::signature::key::{AnyKey, Container};
use crate::source::{FileId, Span, offset};

/// Bytes of the largest signature file that is read.
const MAX_SIGNATURE: usize = 1 << 20;

/// A signature and everything that was asked about it.
#[derive(Debug)]
pub struct Signing {
    /// A place for the signature file; none when there is no such file.
    pub at: Option<Span>,
    /// Are the ranges in it bytes of the file as it is shown?
    exact: bool,
    /// What the file holds.
    pub state: State,
    /// What the keyring says of the key.
    pub key: KeyState,
    /// How far the key is trusted.
    pub trust: Trust,
    /// Does the signature fit, by our measure? None when no key was there to ask.
    pub fits: Option<bool>,
    /// Why it does not, when something simple explains it.
    pub reason: Option<Reason>,
    /// What ClosedClaw answers; none where it fails.
    pub class: Option<Class>,
}

/// What stands where a signature is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Absent,
    /// Something that was not read, for this reason.
    Unread(&'static str),
    /// No signature.
    Malformed(Malformed),
    /// A signature.
    Signed(Box<Envelope>),
}

/// What the keyring says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It was not asked.
    Unasked,
    /// There is no keyring.
    NoKeyring,
    /// The key is not in it.
    Unknown,
    /// The id names a member of every JavaScript object: ClosedClaw takes that for a key without trust.
    Inherited,
    /// The keyring is a list: ClosedClaw finds the key by its position.
    ByPosition,
    /// `keys` is null: ClosedClaw fails.
    Fails,
    /// The key at this index.
    Found(FileId, usize),
}

/// What explains a signature that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It fits the text with the other line endings.
    LineEndings,
    /// It fits the text with, or without, a byte order mark.
    ByteOrderMark,
    /// It fits the text with, or without, its last newline.
    FinalNewline,
    /// It was made over the SHA-256 of the text, as documented, not over the text.
    OverDigest,
    /// It is no signature, but so many bytes.
    Length(usize),
}

impl Signing {
    /// The signature over `message` that stands beside `path` in a skill.
    #[must_use]
    pub fn beside(skill: &Skill, path: &str, message: &[u8]) -> Self {
        let policy = skill.project.policy_of(&skill.root);
        let (at, exact, state) = state(skill, &format!("{path}.sig"));
        let mut signing = Self {
            at,
            exact,
            key: KeyState::Unasked,
            trust: Trust::Unknown,
            fits: None,
            reason: None,
            class: match state {
                State::Absent => Some(Class::unsigned(policy)),
                State::Unread(_) => None,
                State::Malformed(_) | State::Signed(_) => Some(Class::Malformed),
            },
            state,
        };
        if let State::Signed(envelope) = &signing.state {
            let envelope = envelope.clone();
            signing.look_up(skill, &envelope, policy, message);
        }
        signing
    }

    fn look_up(&mut self, skill: &Skill, envelope: &Envelope, policy: Policy, message: &[u8]) {
        let Some(keyring) = skill.project.keyring_of(&skill.root) else {
            let named = skill.project.trust.named.is_some();
            self.key = if named { KeyState::Unknown } else { KeyState::NoKeyring };
            self.class = Some(Class::UnknownKey);
            return;
        };
        let (index, key) = match keyring.lookup(&envelope.key_id) {
            Lookup::Key(index, key) => (index, key),
            Lookup::Unknown => {
                (self.key, self.class) = (KeyState::Unknown, Some(Class::UnknownKey));
                return;
            }
            Lookup::Inherited => {
                (self.key, self.class) = (KeyState::Inherited, Some(Class::InsufficientTrust));
                return;
            }
            Lookup::Fails => {
                (self.key, self.class) = (KeyState::Fails, None);
                return;
            }
        };
        let signature = envelope.signature();
        self.class = Some(answer(key, policy, message, &signature));
        if matches!(keyring.shape, Shape::List(_)) {
            self.key = KeyState::ByPosition;
            return;
        }
        self.key = KeyState::Found(keyring.file, index);
        self.trust = key.trust();
        self.fits = key.key.as_ref().ok().map(|key| is_usable(key) && key.verify(message, &signature));
        if let (Some(false), Ok(key)) = (self.fits, &key.key)
            && is_usable(key)
        {
            self.reason = reason(key, message, &signature);
        }
    }

    /// The envelope, when there is one.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        if let State::Signed(envelope) = &self.state { Some(envelope) } else { None }
    }

    /// Does it fit under a key that is trusted enough?
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.class == Some(Class::Valid) && self.fits == Some(true)
    }

    /// The place of some bytes of the signature file.
    #[must_use]
    pub fn span(&self, range: &std::ops::Range<usize>) -> Option<Span> {
        let at = self.at?;
        Some(if self.exact { Span { start: offset(range.start), end: offset(range.end), ..at } } else { at })
    }

    /// The place of the value of a header, else of the file.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Span> {
        let header = self.envelope().and_then(|envelope| envelope.header(name));
        header.map_or(self.at, |header| self.span(&header.value_at))
    }
}

/// A public Ed25519 key that says what it is.
fn is_usable(key: &AnyKey) -> bool {
    key.container == Container::Spki && key.raw().is_some()
}

/// ClosedClaw's answer once the key was found.
fn answer(key: &Key, policy: Policy, message: &[u8], signature: &[u8]) -> Class {
    if !policy.accepts(key.trust()) {
        return Class::InsufficientTrust;
    }
    let Ok(key) = &key.key else { return Class::CryptoError };
    let fits = if key.raw().is_some() { Some(key.verify(message, signature)) } else { key.may_fit(signature) };
    match fits {
        Some(true) => Class::Valid,
        Some(false) => Class::BadSignature,
        None => Class::CryptoError,
    }
}

/// The signature file at a path of a skill.
fn state(skill: &Skill, path: &str) -> (Option<Span>, bool, State) {
    let whole = join(&skill.root, path);
    let Some(file) = skill.file(path) else {
        // A directory is no file of the skill, but ClosedClaw finds something there.
        let place = skill.project.tree.get(&whole).and_then(|_| skill.project.place_of(&whole));
        return place
            .map_or((None, false, State::Absent), |place| (Some(place.span), false, State::Unread("is a directory")));
    };
    let at = Span::file_start(file.id);
    let read = file.is_read();
    match &file.link {
        // A link that leads nowhere is no signature to ClosedClaw either.
        Some(link) if !read && link.leads == super::Leads::Nowhere => return (None, false, State::Absent),
        Some(_) if !read => return (Some(at), false, State::Unread("is a symbolic link that is not followed")),
        None if !read => return (Some(at), false, State::Unread("is no file that can be read")),
        _ => {}
    }
    let bytes = file.bytes();
    if bytes.len() > MAX_SIGNATURE {
        return (Some(at), false, State::Unread("is larger than any signature"));
    }
    let text = String::from_utf8_lossy(bytes);
    let exact = file.source.text() == Some(&*text);
    let state = Envelope::parse(&text).map_or_else(State::Malformed, |envelope| State::Signed(Box::new(envelope)));
    (Some(at), exact, state)
}

/// A byte order mark in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Looks for a simple change of the text that the signature would fit.
fn reason(key: &AnyKey, message: &[u8], signature: &[u8]) -> Option<Reason> {
    if signature.len() != 64 {
        return Some(Reason::Length(signature.len()));
    }
    let fits = |message: &[u8]| key.verify(message, signature);
    let unix = without_returns(message);
    let with_returns = || {
        let mut text = Vec::with_capacity(unix.len() + unix.len() / 16);
        for byte in &unix {
            if *byte == b'\n' {
                text.push(b'\r');
            }
            text.push(*byte);
        }
        text
    };
    let other_mark = message.strip_prefix(MARK).map_or_else(|| [MARK, message].concat(), <[u8]>::to_vec);
    let other_end = message.strip_suffix(b"\n").map_or_else(|| [message, b"\n"].concat(), <[u8]>::to_vec);
    if fits(&unix) || fits(&with_returns()) {
        Some(Reason::LineEndings)
    } else if fits(&other_mark) {
        Some(Reason::ByteOrderMark)
    } else if fits(&other_end) {
        Some(Reason::FinalNewline)
    } else if over_digest(message).iter().any(|digest| fits(digest)) {
        Some(Reason::OverDigest)
    } else {
        None
    }
}

/// The text with `\n` for every `\r\n`.
pub(super) fn without_returns(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(message.len());
    for (index, byte) in message.iter().enumerate() {
        if *byte != b'\r' || message.get(index + 1) != Some(&b'\n') {
            text.push(*byte);
        }
    }
    text
}

/// The digest, as bytes and as hexadecimal text.
fn over_digest(message: &[u8]) -> [Vec<u8>; 2] {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(message);
    [digest.to_vec(), crate::digest::hex(&digest).into_bytes()]
}
