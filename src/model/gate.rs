//! What ClosedClaw answers when it is asked to install a skill: its policy and its order of questions.

use super::config::Config;
use super::keyring::Trust;
use super::value::{Found, Value};

/// `skills.security` of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `requireSignature`: an unsigned skill is refused.
    pub require_signature: bool,
    /// `promptOnUnsigned`: an unsigned skill needs a confirmation.
    pub prompt_on_unsigned: bool,
    /// `minTrustLevel` is `full`.
    pub min_full: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { require_signature: false, prompt_on_unsigned: true, min_full: false }
    }
}

/// What a command line says about the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyFlags {
    /// `--require-signature`
    pub require_signature: bool,
    /// `--no-prompt-on-unsigned`
    pub no_prompt_on_unsigned: bool,
    /// `--min-trust`: is it `full`?
    pub min_full: Option<bool>,
    /// `--require-manifest`: a trusted key has to cover every file. ClosedClaw knows no such thing.
    pub require_manifest: bool,
}

/// The keys of the policy in a configuration.
pub const KEYS: [&str; 3] = ["requireSignature", "promptOnUnsigned", "minTrustLevel"];

impl Policy {
    /// What a resolved configuration says; none when it says nothing.
    #[must_use]
    pub fn of(root: &Value) -> Option<Self> {
        let security = root.found().at("skills.security");
        KEYS.into_iter().any(|key| security.get(key).exists()).then(|| Self::read(&security))
    }

    /// The policy of a configuration.
    #[must_use]
    pub fn of_config(config: &Config) -> Self {
        Self::read(&config.root().at("skills.security"))
    }

    fn read(security: &Found<'_>) -> Self {
        Self {
            require_signature: security.get(KEYS[0]).is_true(),
            prompt_on_unsigned: !security.get(KEYS[1]).is_false(),
            min_full: security.get(KEYS[2]).is("full"),
        }
    }

    /// The same with what the command line says instead.
    #[must_use]
    pub fn with(self, flags: PolicyFlags) -> Self {
        Self {
            require_signature: self.require_signature || flags.require_signature,
            prompt_on_unsigned: self.prompt_on_unsigned && !flags.no_prompt_on_unsigned,
            min_full: flags.min_full.unwrap_or(self.min_full),
        }
    }

    /// Of two policies what either refuses.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            require_signature: self.require_signature || other.require_signature,
            prompt_on_unsigned: self.prompt_on_unsigned || other.prompt_on_unsigned,
            min_full: self.min_full || other.min_full,
        }
    }

    /// Is this trust enough for it?
    #[must_use]
    pub const fn accepts(self, trust: Trust) -> bool {
        match trust {
            Trust::Full => true,
            Trust::Marginal => !self.min_full,
            Trust::None | Trust::Unknown => false,
        }
    }
}

/// The classes of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Signed by a trusted key.
    Valid,
    /// The signature does not fit.
    BadSignature,
    /// No signature can be read from the file.
    Malformed,
    /// The key is not in the keyring.
    UnknownKey,
    /// The key cannot be used.
    CryptoError,
    /// The key is not trusted enough.
    InsufficientTrust,
    /// Unsigned: somebody has to confirm.
    UnsignedConfirm,
    /// Unsigned: refused.
    UnsignedBlocked,
    /// Unsigned: taken.
    UnsignedAllowed,
}

impl Class {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::BadSignature => "bad-signature",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown-key",
            Self::CryptoError => "crypto-error",
            Self::InsufficientTrust => "insufficient-trust",
            Self::UnsignedConfirm => "unsigned-confirm",
            Self::UnsignedBlocked => "unsigned-blocked",
            Self::UnsignedAllowed => "unsigned-allowed",
        }
    }

    /// The answer for a skill without a signature.
    #[must_use]
    pub const fn unsigned(policy: Policy) -> Self {
        match (policy.require_signature, policy.prompt_on_unsigned) {
            (true, _) => Self::UnsignedBlocked,
            (false, true) => Self::UnsignedConfirm,
            (false, false) => Self::UnsignedAllowed,
        }
    }

    /// Would the skill be installed?
    #[must_use]
    pub const fn allowed(self) -> bool {
        matches!(self, Self::Valid | Self::UnsignedAllowed)
    }

    /// Would somebody be asked first?
    #[must_use]
    pub const fn requires_confirmation(self) -> bool {
        matches!(self, Self::UnsignedConfirm)
    }
}
