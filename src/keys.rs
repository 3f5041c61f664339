//! `keys list|add|remove|trust`: the keyring that ClosedClaw reads, changed without losing anything of it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::classify::KEYRING;
use crate::cli::{AddKey, KeysCommand, ListKeys, TrustChoice, TrustKey};
use crate::disk;
use crate::model::keyring::{Key, Keyring, Shape, Trust};
use crate::report::escape;
use crate::signature::key::{AnyKey, Container};
use crate::source::FileId;
use crate::writing::{self, Secrecy};

/// Bytes of the largest keyring or key file that is read.
const MAX_FILE: u64 = 16 << 20;

/// What a command did, for people and for programs.
#[derive(Debug)]
pub struct Answer {
    /// For people; every word of a stranger in it is escaped.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// What else there is to say, on standard error.
    pub notes: Vec<String>,
}

impl Answer {
    pub(crate) const fn new(text: String, json: Value) -> Self {
        Self { text, json, notes: Vec::new() }
    }
}

/// The directory that ClosedClaw keeps its keys in.
#[must_use]
pub fn state_dir() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".closedclaw"))
}

/// The keyring that ClosedClaw reads.
#[must_use]
pub fn default_path() -> Option<PathBuf> {
    state_dir().map(|dir| dir.join(KEYRING))
}

/// Carries out a command.
///
/// # Errors
/// In words: the keyring is broken, a key is not there or would be trusted again unasked.
pub fn run(command: &KeysCommand) -> Result<Answer, String> {
    match command {
        KeysCommand::List(list) => self::list(list),
        KeysCommand::Add(add) => self::add(add),
        KeysCommand::Remove(remove) => {
            let mut store = Store::open(remove.keyring.as_deref())?;
            let id = store.resolve(&remove.id)?;
            store.keys_mut()?.shift_remove(&id);
            store.save()?;
            let text = format!("Removed key: {}\n", escape::line(&id));
            Ok(Answer::new(text, json!({"keyId": id, "removed": true})))
        }
        KeysCommand::Trust(trust) => self::trust(trust),
    }
}

/// A keyring file that is to be changed.
pub(crate) struct Store {
    path: PathBuf,
    root: Value,
    ring: Keyring,
}

impl Store {
    /// Reads the keyring at a path, or the default one; an absent one is empty.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, String> {
        let path =
            path.map(Path::to_path_buf).or_else(default_path).ok_or("there is no home directory: name --keyring")?;
        let shown = path.display();
        let file = FileId(0);
        if path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            let root = json!({"version": 1, "keys": {}});
            return Ok(Self { path, root, ring: Keyring::empty(file) });
        }
        let bytes = disk::read(&path, MAX_FILE).map_err(|reason| format!("{shown}: {reason}"))?;
        let ring = Keyring::read(file, &bytes);
        let kept = "the keyring is kept as it is";
        match &ring.shape {
            Shape::Map => {}
            Shape::Broken(_, message) => return Err(format!("{shown}: {message}; {kept}")),
            Shape::List(_) => return Err(format!("{shown}: `keys` is a list, which ClosedClaw does not read; {kept}")),
            Shape::Null(_) => return Err(format!("{shown}: `keys` is null; {kept}")),
        }
        if let Some(key) = ring.keys.iter().find(|key| key.replaced) {
            return Err(format!("{shown}: the key {} stands in it twice; {kept}", escape::line(&key.id)));
        }
        let root = serde_json::from_slice(&bytes)
            .map_err(|error| format!("{shown}: holds something that would be lost: {error}; {kept}"))?;
        Ok(Self { path, root, ring })
    }

    fn keys_mut(&mut self) -> Result<&mut Map<String, Value>, String> {
        let keys = self.root.get_mut("keys").and_then(Value::as_object_mut);
        keys.ok_or_else(|| "the keyring has no keys".to_owned())
    }

    /// The id that is meant: itself, or the only one that begins so.
    fn resolve(&self, id: &str) -> Result<String, String> {
        let ids = || self.ring.keys.iter().map(|key| key.id.as_str());
        if ids().any(|known| known == id) {
            return Ok(id.to_owned());
        }
        let mut longer = ids().filter(|known| id.len() >= 8 && known.starts_with(id));
        match (longer.next(), longer.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            (Some(_), Some(_)) => Err(format!("Several keys begin with {}", escape::line(id))),
            (None, _) => Err(format!("Key not found: {}", escape::line(id))),
        }
    }

    /// Adds a key, or replaces what is said of it.
    pub(crate) fn put(
        &mut self,
        key: &AnyKey,
        trust: Trust,
        name: &str,
        via: &str,
        note: Option<&str>,
    ) -> Result<(), String> {
        let pem = key.to_pem().ok_or("not an Ed25519 key")?;
        let added = format!("{:.3}", jiff::Timestamp::now());
        let mut entry = json!({
            "name": name,
            "publicKeyPem": pem,
            "trustLevel": trust.as_str(),
            "added": added,
            "verifiedVia": via,
        });
        if let (Some(note), Some(members)) = (note, entry.as_object_mut()) {
            members.insert("notes".to_owned(), note.into());
        }
        self.keys_mut()?.insert(key.id(), entry);
        Ok(())
    }

    /// What the keyring says of a key, under its own id or another.
    fn known(&self, key: &AnyKey) -> Vec<&Key> {
        let id = key.id();
        let same = |known: &&Key| known.id == id || known.key.as_ref().is_ok_and(|known| known.raw() == key.raw());
        self.ring.keys.iter().filter(same).collect()
    }

    /// Writes the keyring for its owner alone.
    pub(crate) fn save(&self) -> Result<(), String> {
        if let Some(dir) = self.path.parent().filter(|dir| !dir.as_os_str().is_empty() && !dir.exists()) {
            writing::private_dir(dir)?;
        }
        writing::replace(&self.path, format!("{:#}\n", self.root).as_bytes(), Secrecy::Private)
    }
}

fn trust_of(choice: TrustChoice) -> Trust {
    match choice {
        TrustChoice::Full => Trust::Full,
        TrustChoice::Marginal => Trust::Marginal,
        TrustChoice::None => Trust::None,
    }
}

/// Reads a public key that signatures can be verified with.
fn public_key(text: &str) -> Result<AnyKey, String> {
    let key = AnyKey::from_pem(text)?;
    match key.container {
        Container::Private => return Err("holds a private key: nobody but its owner may have it".to_owned()),
        Container::Certificate | Container::Pkcs1 => return Err("holds no PUBLIC KEY block".to_owned()),
        Container::Spki => {}
    }
    if key.raw().is_none() {
        return Err(format!("holds a key for {}, not an Ed25519 key", key.kind.label()));
    }
    if key.is_weak() || !key.is_point() {
        return Err("holds a weak key: anybody could sign with it".to_owned());
    }
    Ok(key)
}

fn add(add: &AddKey) -> Result<Answer, String> {
    let id = add.id.as_ref().or(add.key_id.as_ref());
    let source = add.file.as_ref().or(add.public_key.as_ref()).ok_or("--public-key is missing")?;
    let key = if source.contains("-----BEGIN ") {
        public_key(source).map_err(|reason| format!("--public-key: {reason}"))?
    } else {
        let shown = escape::line(source).into_owned();
        let bytes = disk::read(Path::new(source), MAX_FILE)
            .map_err(|reason| format!("Failed to read public key: {shown}: {reason}"))?;
        public_key(&String::from_utf8_lossy(&bytes)).map_err(|reason| format!("{shown}: {reason}"))?
    };
    let derived = key.id();
    if let Some(id) = id.filter(|id| **id != derived) {
        return Err(format!("the id of this key is {derived}, not {}", escape::line(id)));
    }
    let mut store = Store::open(add.keyring.as_deref())?;
    for known in store.known(&key) {
        if known.trust() == Trust::None && add.trust.is_none() {
            let id = escape::line(&known.id);
            return Err(format!("the key {id} is distrusted: --trust says how far to trust it again"));
        }
        if known.id != derived {
            let id = escape::line(&known.id);
            return Err(format!("the same key stands in the keyring as {id}: remove that first"));
        }
        if add.trust.is_none() {
            return Err(format!("the key {derived} is in the keyring already: `keys trust` changes its trust"));
        }
    }
    let trust = add.trust.map_or(Trust::Marginal, trust_of);
    let name = add.signer.as_deref().unwrap_or("Unknown");
    store.put(&key, trust, name, add.verified_via.as_deref().unwrap_or("manual"), add.comment.as_deref())?;
    store.save()?;
    let text = format!("Added key: {derived}\n  Signer: {}\n  Trust:  {}\n", escape::line(name), trust.as_str());
    Ok(Answer::new(text, json!({"keyId": derived, "trustLevel": trust.as_str(), "added": true})))
}

fn trust(trust: &TrustKey) -> Result<Answer, String> {
    let mut store = Store::open(trust.keyring.as_deref())?;
    let id = store.resolve(&trust.id)?;
    let word = trust_of(trust.trust).as_str();
    let entry = store.keys_mut()?.get_mut(&id).and_then(Value::as_object_mut);
    let entry = entry.ok_or_else(|| format!("the key {} is no object in the keyring", escape::line(&id)))?;
    entry.insert("trustLevel".to_owned(), word.into());
    store.save()?;
    let text = format!("Trust of key {} is now {word}\n", escape::line(&id));
    Ok(Answer::new(text, json!({"keyId": id, "trustLevel": word, "updated": true})))
}

fn list(list: &ListKeys) -> Result<Answer, String> {
    let store = Store::open(list.keyring.as_deref())?;
    let wanted = |key: &&Key| {
        list.trust.is_none_or(|trust| key.trust() == trust_of(trust))
            && list.signer.as_deref().is_none_or(|signer| key.text("name") == Some(signer))
            && list.key_id.as_deref().is_none_or(|id| key.id.starts_with(id))
    };
    let keys: Vec<&Key> = store.ring.keys.iter().filter(wanted).collect();
    let entry = |key: &&Key| Some((key.id.clone(), store.root.get("keys")?.get(&key.id)?.clone()));
    let json = Value::Object(keys.iter().filter_map(entry).collect());
    let text = if keys.is_empty() {
        "No trusted keys found.\n\nAdd a key: clawsift keys add <KEY_ID> <PUBLIC_KEY> --trust full\n".to_owned()
    } else {
        table(&keys)
    };
    Ok(Answer::new(text, json))
}

fn table(keys: &[&Key]) -> String {
    let shown = |text: Option<&str>| escape::line(text.unwrap_or("-")).into_owned();
    let row = |key: &&Key| {
        [shown(Some(&key.id)), shown(key.text("name")), shown(key.text("trustLevel")), shown(key.text("added"))]
    };
    let rows: Vec<[String; 4]> = keys.iter().map(row).collect();
    let heads = ["Key ID", "Signer", "Trust", "Added"].map(str::to_owned);
    let all = || std::iter::once(&heads).chain(&rows);
    let width =
        |column: usize| all().filter_map(|row| Some(row.get(column)?.chars().count())).max().unwrap_or_default();
    let widths: Vec<usize> = (0..4).map(width).collect();
    let line = |row: &[String; 4]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let rule = widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  ");
    line(&heads) + &rule + "\n" + &rows.iter().map(line).collect::<String>()
}
