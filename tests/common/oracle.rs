//! Recorded answers of the real programs, laid out on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// A recorded case.
#[derive(Deserialize)]
pub struct Case {
    pub files: BTreeMap<String, String>,
    #[serde(default)]
    pub home: BTreeMap<String, String>,
    #[serde(default)]
    pub dirs: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub modes: BTreeMap<String, Value>,
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    pub status: String,
    pub findings: Vec<(String, String)>,
}

/// Writes a case to disk, as a private home with a state directory.
pub fn lay_out(home: &Path, state: &Path, case: &Case) {
    fs::create_dir(state).unwrap();
    let write = |root: &Path, files: &BTreeMap<String, String>| {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, place(text, home, state)).unwrap();
        }
    };
    write(state, &case.files);
    write(home, &case.home);
    for dir in &case.dirs {
        fs::create_dir_all(state.join(dir)).unwrap();
    }
    #[cfg(unix)]
    permissions(home, state, case);
}

#[cfg(unix)]
fn permissions(home: &Path, state: &Path, case: &Case) {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let set = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for entry in walkdir::WalkDir::new(state) {
        let entry = entry.unwrap();
        set(entry.path(), if entry.file_type().is_dir() { 0o700 } else { 0o600 });
    }
    for (name, target) in &case.links {
        let path = state.join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else if path.symlink_metadata().is_ok() {
            fs::remove_file(&path).unwrap();
        }
        symlink(place(target, home, state), &path).unwrap();
    }
    for (name, mode) in &case.modes {
        let path = if name == "." { state.to_path_buf() } else { state.join(name) };
        let mode = match mode {
            Value::String(octal) => u32::from_str_radix(octal.trim_start_matches("0o"), 8).unwrap(),
            number => u32::try_from(number.as_u64().unwrap()).unwrap(),
        };
        set(&path, mode);
    }
}

/// A text with its placeholders filled.
pub fn place(text: &str, home: &Path, state: &Path) -> String {
    text.replace("$STATE", state.to_str().unwrap()).replace("$HOME", home.to_str().unwrap())
}
