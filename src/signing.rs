//! `skill keygen` and `skill sign`: new keys, signatures beside `SKILL.md`, and signed lists of all files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::{Keygen, Sign, TrustLevel};
use crate::disk;
use crate::keys::{self, Answer, Store};
use crate::model::keyring::Trust;
use crate::model::skill::{SkillFile, is_executable};
use crate::pipeline;
use crate::report::escape;
use crate::signature::manifest::{self, Listed, Manifest};
use crate::signature::{self, SigningKey};
use crate::writing::{self, Secrecy};

/// Bytes of the largest key file that is read.
const MAX_KEY: u64 = 1 << 20;

/// Makes a key pair.
///
/// # Errors
/// In words: a file is there already or cannot be written, the keyring is broken.
pub fn keygen(cli: &Keygen) -> Result<Answer, String> {
    let key = SigningKey::generate()?;
    let public = key.public();
    let id = public.id();
    let signer = signer(cli.signer.as_deref());
    let (private_path, public_path) = if let Some(dir) = &cli.output {
        (dir.join("skill-signing.key"), dir.join("skill-signing.pub"))
    } else {
        let dir = keys_dir().ok_or("there is no home directory: name --output")?;
        let stem = format!("signing-key-{}", id.get(..8).unwrap_or_default());
        (dir.join(format!("{stem}.pem")), dir.join(format!("{stem}.pub")))
    };
    if let Some(there) = [&private_path, &public_path].into_iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(writing::already(there));
    }
    // A broken keyring stops everything before there is a key.
    let mut store = if cli.add_to_keyring { Some(Store::open(cli.keyring.as_deref())?) } else { None };
    if let Some(dir) = private_path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        writing::private_dir(dir)?;
    }
    writing::create(&private_path, key.to_pem().as_bytes(), Secrecy::Private)?;
    writing::create(&public_path, public.to_pem().unwrap_or_default().as_bytes(), Secrecy::Public)?;
    let (trust, word) = match cli.trust {
        TrustLevel::Full => (Trust::Full, "full"),
        TrustLevel::Marginal => (Trust::Marginal, "marginal"),
    };
    if let Some(store) = &mut store {
        store.put(&public, trust, &signer, "self", None)?;
        store.save()?;
    }
    let mut text = format!(
        "Generated Ed25519 key pair:\nKey ID: {id}\nSigner: {}\n\nPrivate key: {}\nPublic key:  {}\n",
        escape::line(&signer),
        shown(&private_path),
        shown(&public_path)
    );
    if store.is_some() {
        let _ = write!(text, "\n✓ Added to keyring with trust level: {word}\n");
    }
    let json = json!({
        "keyId": id,
        "signer": signer,
        "privateKeyPath": private_path.to_string_lossy(),
        "publicKeyPath": public_path.to_string_lossy(),
        "addedToKeyring": store.is_some(),
        "trustLevel": store.is_some().then_some(word),
    });
    let notes = in_repository(&private_path).into_iter().collect();
    Ok(Answer { text, json, notes })
}

/// Where ClosedClaw keeps signing keys.
fn keys_dir() -> Option<PathBuf> {
    keys::state_dir().map(|dir| dir.join("keys"))
}

fn shown(path: &Path) -> String {
    escape::line(&path.to_string_lossy()).into_owned()
}

/// The name to sign with.
pub(crate) fn signer(given: Option<&str>) -> String {
    let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
    given.map(str::to_owned).or_else(user).unwrap_or_else(|| "unknown".to_owned())
}

/// A warning when a private key lies where it may be committed.
fn in_repository(path: &Path) -> Option<String> {
    let full = std::path::absolute(path).ok()?;
    let repository = full.ancestors().find(|dir| dir.join(".git").exists())?;
    Some(format!("{} lies in the git repository {}: add it to .gitignore", shown(path), shown(repository)))
}

/// A file to write.
struct Output {
    path: PathBuf,
    text: String,
}

/// What one skill is signed with.
struct Prepared {
    skill: PathBuf,
    outputs: Vec<Output>,
    files: Option<usize>,
}

/// Signs skills. Nothing is written unless all of them can be signed.
///
/// # Errors
/// In words: there is no key, or a skill cannot be signed.
pub fn sign(cli: &Sign) -> Result<Answer, String> {
    let paths: Vec<&PathBuf> = cli.paths.iter().chain(&cli.skill).collect();
    if cli.output.is_some() && paths.len() > 1 {
        return Err("--output names one file, but several skills are to be signed".to_owned());
    }
    let (key, key_path) = signing_key(cli.key.as_deref())?;
    let id = key.public().id();
    if let Some(other) = cli.key_id.as_ref().filter(|other| **other != id) {
        return Err(format!("the id of the key in {} is {id}, not {}", shown(&key_path), escape::line(other)));
    }
    let signer = signer(cli.signer.as_deref());
    let timestamp = format!("{:.3}", jiff::Timestamp::now());
    let skills: Vec<Prepared> =
        paths.iter().map(|path| one(path, cli, &key, &signer, &timestamp)).collect::<Result<_, _>>()?;
    let (mut text, mut objects) = (String::new(), Vec::new());
    for skill in &skills {
        for output in &skill.outputs {
            writing::replace(&output.path, output.text.as_bytes(), Secrecy::Public)?;
        }
        let signature = skill.outputs.last().map(|output| output.path.clone()).unwrap_or_default();
        let _ = write!(text, "✓ Signed skill: {}\n  Signature:    {}\n", shown(&skill.skill), shown(&signature));
        if let Some(files) = skill.files {
            let _ = writeln!(
                text,
                "  Manifest:     {} ({files} files)",
                shown(&skill.skill.with_file_name(manifest::NAME))
            );
        }
        let _ = write!(text, "  Key ID:       {id}\n  Signer:       {}\n", escape::line(&signer));
        objects.push(object(skill, &signature, &id, &signer, &timestamp));
    }
    let json = if objects.len() == 1 { objects.remove(0) } else { json!({ "signed": objects }) };
    Ok(Answer::new(text, json))
}

fn object(skill: &Prepared, signature: &Path, id: &str, signer: &str, timestamp: &str) -> Value {
    let mut object = json!({
        "skillPath": skill.skill.to_string_lossy(),
        "signaturePath": signature.to_string_lossy(),
        "keyId": id,
        "signer": signer,
        "timestamp": timestamp,
    });
    if let (Some(map), Some(files)) = (object.as_object_mut(), skill.files) {
        let path = skill.skill.with_file_name(manifest::NAME);
        map.insert("manifestPath".to_owned(), path.to_string_lossy().into());
        map.insert("files".to_owned(), files.into());
    }
    object
}

/// Prepares everything that is to be written for one skill; the signature of its `SKILL.md` comes last.
fn one(path: &Path, cli: &Sign, key: &SigningKey, signer: &str, timestamp: &str) -> Result<Prepared, String> {
    let skill = if path.is_dir() { path.join("SKILL.md") } else { path.to_path_buf() };
    let said = |reason: &str| format!("{}: {reason}", shown(&skill));
    if skill.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        return Err(said("is a symbolic link: not signed"));
    }
    let bytes = disk::read(&skill, disk::MAX_TEXT).map_err(|reason| said(&reason))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| said("is not UTF-8: a signature would also fit other bytes in those places"))?;
    if text.starts_with(manifest::TAG) {
        return Err(said("begins like a list of files: its signature would vouch for that list"));
    }
    let name = skill.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = || skill.with_file_name(format!("{name}.sig"));
    let signature = Output {
        path: cli.output.clone().unwrap_or_else(beside),
        text: signature::sign(text.as_bytes(), key, signer, timestamp)?,
    };
    let mut prepared = Prepared { skill: skill.clone(), outputs: vec![signature], files: None };
    if cli.manifest {
        let list = list(&skill, cli, key, signer, timestamp).map_err(|reason| said(&reason))?;
        let text = list.write()?;
        let listed = signature::sign(text.as_bytes(), key, signer, timestamp)?;
        let path = skill.with_file_name(manifest::NAME);
        let beside = skill.with_file_name(format!("{}.sig", manifest::NAME));
        prepared.files = Some(list.files.len());
        prepared.outputs.splice(0..0, [Output { path, text }, Output { path: beside, text: listed }]);
    }
    Ok(prepared)
}

/// The list of all files of a skill.
fn list(skill: &Path, cli: &Sign, key: &SigningKey, signer: &str, timestamp: &str) -> Result<Manifest, String> {
    let dir = skill.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let opened = pipeline::open_skill(dir)?;
    let main = opened.main.as_deref().filter(|main| skill.file_name().is_some_and(|name| name == *main));
    let main = main.ok_or("is not the SKILL.md of a skill, so it has no list of files")?;
    if let Some(path) = opened.ignored.first() {
        return Err(format!("{path} is ignored by git: a clone of the skill would lack it"));
    }
    let own = opened.files.iter().map(|file| (&*file.path, file.link.is_some(), &file.sha256, executable(file)));
    let others = opened.held.iter().map(|held| {
        (
            held.path.as_str(),
            held.sha256.is_empty(),
            &held.sha256,
            held.bits.and_then(is_executable).unwrap_or_default(),
        )
    });
    let mut files = Vec::new();
    for (path, no_file, sha256, executable) in own.chain(others) {
        if manifest::is_exempt(path, main) {
            continue;
        }
        if no_file || sha256.is_empty() {
            return Err(format!("{path} is a link or cannot be read: only regular files can be listed"));
        }
        files.push(Listed { path: path.to_owned(), sha256: sha256.clone(), executable, start: 0 });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Manifest {
        key_id: key.public().id(),
        signer: signer.to_owned(),
        created: timestamp.to_owned(),
        expires: cli.expires.map(|expires| expires.to_string()),
        skill: opened.name,
        version: cli.skill_version.clone(),
        files,
        ..Manifest::default()
    })
}

/// Where the file system shows all bits of everything, a script that names its interpreter is one to run.
fn executable(file: &SkillFile) -> bool {
    file.bits.and_then(is_executable).unwrap_or_else(|| file.bits.is_some() && file.bytes().starts_with(b"#!"))
}

/// Reads the key to sign with, and says where it was.
pub(crate) fn signing_key(path: Option<&Path>) -> Result<(SigningKey, PathBuf), String> {
    let path = path.map(Path::to_path_buf).or_else(keys_dir).ok_or("there is no home directory: name --key")?;
    let path = if path.is_dir() { only_key(&path)? } else { path };
    let said = |reason: &str| format!("{}: {reason}", shown(&path));
    let bytes = disk::read(&path, MAX_KEY).map_err(|reason| said(&reason))?;
    let key = SigningKey::from_pem(&String::from_utf8_lossy(&bytes)).map_err(|reason| said(&reason))?;
    Ok((key, path))
}

/// The only private key in a directory.
fn only_key(dir: &Path) -> Result<PathBuf, String> {
    let entries = dir.read_dir().map_err(|error| format!("{}: {}", shown(dir), disk::io_reason(&error)))?;
    let is_key = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pem" || extension == "key");
    let mut keys: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_key).collect();
    keys.sort();
    match keys.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(format!("{}: holds no private key: `clawsift skill keygen` makes one", shown(dir))),
        [first, ..] => {
            Err(format!("{}: holds several keys: name one with --key, such as {}", shown(dir), shown(first)))
        }
    }
}
