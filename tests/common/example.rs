//! Examples of rules, written to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clawsift::model::env::Env;
use clawsift::options::Options;
use clawsift::rule::{Example, Profile, Rule};
use clawsift::settings::Settings;

/// Where findings are expected: path, first byte, one past the last.
pub type Marks = BTreeSet<(String, u32, u32)>;

/// An example on disk.
pub struct Staged {
    /// Removes the files when it is dropped.
    #[allow(dead_code, reason = "it is held for what its drop does")]
    pub dir: tempfile::TempDir,
    /// The repository.
    #[allow(dead_code, reason = "not every test looks at it")]
    pub root: PathBuf,
    /// What to run: every rule of the mildest profile that has the one at hand.
    pub options: Options,
    /// Where findings are expected.
    pub marks: Marks,
}

/// Writes an example of a rule to disk.
pub fn stage(rule: &'static Rule, example: &Example) -> Staged {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("repo");
    fs::create_dir(&root).unwrap();
    let marks = write(&root, example);
    let mut options = Options::new(vec![root.clone()]);
    let profiles = [Profile::Regular, Profile::Strict, Profile::Upstream];
    options.wanted.profile = profiles.into_iter().find(|profile| rule.profiles.has(*profile)).unwrap();
    options.deep = true;
    options.wanted.release = Some(example.dialect.release);
    options.wanted.product = Some(example.dialect.product);
    options.threads = Some(1);
    options.now = Some("2026-12-01T00:00:00Z".parse().unwrap());
    options.settings = Settings::find(&root, None).map_err(|error| error.0).unwrap().0;
    if let Some(env) = example.env {
        let known: BTreeMap<String, String> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        options.wanted.env = Env::known(known);
    }
    if let Some(modes) = example.modes {
        options.state_dir = true;
        set_modes(&root, modes);
    }
    Staged { dir, root, options, marks }
}

fn write(root: &Path, example: &Example) -> Marks {
    let mut marks = BTreeSet::new();
    for (path, text) in example.files {
        let mut plain: Vec<u8> = Vec::new();
        let text =
            text.replace("$STATE", &root.to_string_lossy()).replace("$LONG", &"tide ".repeat((256 << 10) / 5 + 1));
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('«') {
            let (token, tail) = after.split_once('»').expect("a mark is closed");
            push(&mut plain, before);
            let start = u32::try_from(plain.len()).unwrap();
            push(&mut plain, token);
            marks.insert(((*path).trim_end_matches('/').to_owned(), start, u32::try_from(plain.len()).unwrap()));
            rest = tail;
        }
        push(&mut plain, rest);
        if let Some((before, rest)) = path.split_once('{') {
            let (count, after) = rest.split_once('}').expect("a brace is closed");
            for number in 0..count.parse::<u32>().expect("a number of files") {
                let at = root.join(format!("{before}{number}{after}"));
                fs::create_dir_all(at.parent().unwrap()).unwrap();
                fs::write(at, &plain).unwrap();
            }
            continue;
        }
        let at = root.join(path);
        #[cfg(unix)]
        if let ("/", Some(target)) = (*path, link(&plain)) {
            let real = root.with_file_name(target);
            fs::rename(root, &real).unwrap();
            std::os::unix::fs::symlink(real, root).unwrap();
            continue;
        }
        if path.ends_with('/') {
            fs::create_dir_all(&at).unwrap();
            continue;
        }
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        match link(&plain) {
            #[cfg(unix)]
            Some(target) => std::os::unix::fs::symlink(target, &at).unwrap(),
            _ => fs::write(&at, plain).unwrap(),
        }
    }
    marks
}

/// Text, with the byte that is no UTF-8 for its placeholder.
fn push(plain: &mut Vec<u8>, text: &str) {
    for (index, part) in text.split("$FF").enumerate() {
        if index > 0 {
            plain.push(0xff);
        }
        plain.extend_from_slice(part.as_bytes());
    }
}

fn link(plain: &[u8]) -> Option<&str> {
    std::str::from_utf8(plain).ok()?.strip_prefix("link:")
}

#[cfg(unix)]
fn set_modes(root: &Path, modes: &[(&str, u32)]) {
    use std::os::unix::fs::PermissionsExt;
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.unwrap();
        if entry.path_is_symlink() {
            continue;
        }
        let mode = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
    }
    for (path, mode) in modes {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(*mode)).unwrap();
    }
}

#[cfg(not(unix))]
fn set_modes(_: &Path, _: &[(&str, u32)]) {}
