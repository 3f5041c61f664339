//! A repository with a keyring and signed skills.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::fs;
use std::path::{Path, PathBuf};

use clawsift::cli::{KeysCommand, KeysFormat, Sign, TrustChoice, TrustKey, Verify};
use clawsift::judge::Verdict;
use clawsift::judge::verified::Verified;
use clawsift::options::Options;
use clawsift::signature::SigningKey;
use clawsift::verify;
use clawsift::{keys, signing};
use tempfile::TempDir;

/// A verification of one path with a keyring.
pub fn options(path: &Path, keyring: &Path) -> Verify {
    Verify {
        paths: vec![path.to_path_buf()],
        keyring: Some(keyring.to_path_buf()),
        require_signature: false,
        min_trust: None,
        no_prompt_on_unsigned: false,
        require_manifest: false,
        now: None,
        format: KeysFormat::Text,
        json: false,
    }
}

/// A repository with a keyring that trusts one key.
pub struct Repo {
    dir: TempDir,
    key: PathBuf,
    stranger: PathBuf,
    id: String,
}

impl Repo {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("repo");
        fs::create_dir_all(root.join(".git")).unwrap();
        let (key, stranger) = (dir.path().join("own.pem"), dir.path().join("stranger.pem"));
        let own = SigningKey::from_seed([1; 32]);
        fs::write(&key, own.to_pem()).unwrap();
        fs::write(&stranger, SigningKey::from_seed([2; 32]).to_pem()).unwrap();
        let id = own.public().id();
        let keyring = serde_json::json!({"version": 1, "keys": {id.as_str(): {
            "name": "Alice",
            "publicKeyPem": own.public().to_pem().unwrap(),
            "trustLevel": "full",
            "added": "2026-02-01T00:00:00.000Z",
            "verifiedVia": "manual",
        }}});
        fs::write(root.join("trusted-keys.json"), keyring.to_string()).unwrap();
        Self { dir, key, stranger, id }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn skill(&self, name: &str, text: &str) {
        self.write(&format!("skills/{name}/SKILL.md"), text.as_bytes());
    }

    pub fn sign(&self, name: &str, manifest: bool) {
        self.sign_with(&self.key, name, manifest).unwrap();
    }

    pub fn sign_as_stranger(&self, name: &str) {
        self.sign_with(&self.stranger, name, true).unwrap();
    }

    pub fn sign_with(&self, key: &Path, name: &str, manifest: bool) -> Result<keys::Answer, String> {
        signing::sign(&Sign {
            paths: vec![self.path(&format!("skills/{name}"))],
            skill: None,
            key: Some(key.to_path_buf()),
            key_id: None,
            signer: Some("Alice".to_owned()),
            output: None,
            manifest,
            expires: None,
            skill_version: None,
            json: false,
        })
    }

    pub fn try_sign(&self, name: &str) -> Result<keys::Answer, String> {
        self.sign_with(&self.key, name, true)
    }

    pub fn verify(&self) -> Verified {
        verify::run(&options(&self.path("skills"), &self.path("trusted-keys.json"))).unwrap()
    }

    pub fn check(&self) -> Verdict {
        clawsift::pipeline::run(&Options::new(vec![self.root()])).unwrap()
    }

    pub fn distrust(&self) {
        let command = KeysCommand::Trust(TrustKey {
            id: self.id.clone(),
            trust: TrustChoice::None,
            keyring: Some(self.path("trusted-keys.json")),
            json: false,
        });
        keys::run(&command).unwrap();
    }
}
