//! `clawsift skill verify|sign|keygen` and `clawsift keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Formats of the commands about signatures and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeysFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How far a key may be trusted that skills are verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TrustLevel {
    /// Whatever the policy asks.
    Full,
    /// Unless the policy asks for full trust.
    Marginal,
}

/// How far a key is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TrustChoice {
    /// Whatever the policy asks.
    Full,
    /// Unless the policy asks for full trust.
    Marginal,
    /// Not: the key is revoked.
    None,
}

/// What `skill verify` answers to the shell.
const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0  every skill is acceptable under the policy
  1  some skill is not, or the keyring is broken
  2  usage error
  3  no skill was found
  4  incomplete: something could not be read; wins over 1";

/// `clawsift skill verify`.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXIT_CODES)]
pub struct Verify {
    /// Skill directories, SKILL.md files, or directories with skills in them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// The keyring [default: the nearest trusted-keys.json of the repository, else ~/.closedclaw/trusted-keys.json]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// Refuse unsigned skills, as skills.security.requireSignature does
    #[arg(long)]
    pub require_signature: bool,
    /// The least trust that is enough, as skills.security.minTrustLevel says [default: marginal]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub min_trust: Option<TrustLevel>,
    /// Accept unsigned skills without asking, as skills.security.promptOnUnsigned: false does
    #[arg(long)]
    pub no_prompt_on_unsigned: bool,
    /// Refuse skills of which a trusted key does not cover every file
    #[arg(long)]
    pub require_manifest: bool,
    /// The time that expiry is measured by, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "TIME")]
    pub now: Option<jiff::Timestamp>,
    /// Print `text` or `json`
    #[arg(long, value_enum, default_value_t = KeysFormat::Text, value_name = "FORMAT")]
    pub format: KeysFormat,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
}

/// `clawsift skill sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// Skill directories or SKILL.md files
    #[arg(value_name = "PATH", required_unless_present = "skill")]
    pub paths: Vec<PathBuf>,
    /// The same as a flag
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    pub skill: Option<PathBuf>,
    /// The private key, or a directory that holds one [default: ~/.closedclaw/keys]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The id that the key must have
    #[arg(long, value_name = "ID")]
    pub key_id: Option<String>,
    /// Your name or organisation [default: $USER, else unknown]
    #[arg(long, visible_alias = "signer-name", value_name = "NAME")]
    pub signer: Option<String>,
    /// Where to write the signature of SKILL.md [default: SKILL.md.sig beside it]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Also list every file with its mode in SKILL.manifest and sign that
    #[arg(long)]
    pub manifest: bool,
    /// When the list ceases to count, in RFC 3339
    #[arg(long, value_name = "TIME", requires = "manifest")]
    pub expires: Option<jiff::Timestamp>,
    /// The version of the skill to write into the list
    #[arg(long, value_name = "VERSION", requires = "manifest")]
    pub skill_version: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `clawsift skill keygen`.
#[derive(Debug, Args)]
pub struct Keygen {
    /// Your name or organisation, for the keyring [default: $USER, else unknown]
    #[arg(long, visible_alias = "signer-name", value_name = "NAME")]
    pub signer: Option<String>,
    /// Write skill-signing.key and skill-signing.pub here [default: signing-key-<id>.pem and .pub in ~/.closedclaw/keys]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Add the public key to the keyring
    #[arg(long)]
    pub add_to_keyring: bool,
    /// How far the keyring trusts it
    #[arg(long, value_enum, default_value_t = TrustLevel::Marginal, value_name = "LEVEL", requires = "add_to_keyring")]
    pub trust: TrustLevel,
    /// The keyring [default: ~/.closedclaw/trusted-keys.json]
    #[arg(long, value_name = "FILE", requires = "add_to_keyring")]
    pub keyring: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// The commands about the keyring.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys
    List(ListKeys),
    /// Add a public key
    Add(AddKey),
    /// Remove a key
    Remove(RemoveKey),
    /// Say how far a key is trusted
    Trust(TrustKey),
}

/// `clawsift keys list`.
#[derive(Debug, Args)]
pub struct ListKeys {
    /// Only keys that are trusted so far
    #[arg(long, visible_alias = "trust-level", value_enum, value_name = "LEVEL")]
    pub trust: Option<TrustChoice>,
    /// Only keys of this name
    #[arg(long, value_name = "NAME")]
    pub signer: Option<String>,
    /// Only the key with this id, or whose id begins so
    #[arg(long, value_name = "ID")]
    pub key_id: Option<String>,
    /// The keyring [default: ~/.closedclaw/trusted-keys.json]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `clawsift keys add`.
#[derive(Debug, Args)]
pub struct AddKey {
    /// The id that the key must have
    #[arg(value_name = "KEY_ID", requires = "file", conflicts_with_all = ["key_id", "public_key"])]
    pub id: Option<String>,
    /// The file with the public key
    #[arg(value_name = "PUBLIC_KEY")]
    pub file: Option<String>,
    /// The id that the key must have
    #[arg(long, value_name = "ID")]
    pub key_id: Option<String>,
    /// The public key: a PEM file, or the PEM itself
    #[arg(long, value_name = "FILE", required_unless_present = "file", allow_hyphen_values = true)]
    pub public_key: Option<String>,
    /// Whose it is [default: Unknown]
    #[arg(long, visible_alias = "name", value_name = "NAME")]
    pub signer: Option<String>,
    /// How far it is trusted; needed to trust a key again that is not [default: marginal]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub trust: Option<TrustChoice>,
    /// How you know whose it is: manual, web-of-trust, certificate or self [default: manual]
    #[arg(long, value_name = "WAY", value_parser = ["manual", "web-of-trust", "certificate", "self"])]
    pub verified_via: Option<String>,
    /// A note
    #[arg(long, visible_alias = "notes", value_name = "TEXT")]
    pub comment: Option<String>,
    /// The keyring [default: ~/.closedclaw/trusted-keys.json]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `clawsift keys remove`.
#[derive(Debug, Args)]
pub struct RemoveKey {
    /// The id
    #[arg(value_name = "KEY_ID")]
    pub id: String,
    /// The keyring [default: ~/.closedclaw/trusted-keys.json]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// Accepted for scripts: nothing is asked anyway
    #[arg(long)]
    pub force: bool,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `clawsift keys trust`.
#[derive(Debug, Args)]
pub struct TrustKey {
    /// The id
    #[arg(value_name = "KEY_ID")]
    pub id: String,
    /// How far it is trusted
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub trust: TrustChoice,
    /// The keyring [default: ~/.closedclaw/trusted-keys.json]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}
