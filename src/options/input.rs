//! What a run is about: the paths that are typed, listed in a file, or read from standard input.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::cli;
use crate::discover::{self, Stdin};
use crate::syntax::magic::sniff;

/// The named paths, those of `--files-from`, or the working directory when nothing is named.
pub(super) fn paths(cli: &cli::Check) -> Result<Vec<PathBuf>, String> {
    let mut paths: Vec<PathBuf> = cli.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    if let Some(list) = &cli.files_from {
        let shown = list.display();
        let text = listed(list).map_err(|reason| format!("--files-from {shown}: {reason}"))?;
        let by = if text.contains(&0) { 0 } else { b'\n' };
        let lines = text.split(|byte| *byte == by).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        for line in lines.filter(|line| !line.is_empty()) {
            paths.push(path_of(line).ok_or_else(|| format!("--files-from {shown}: a name in it is not text"))?);
        }
    } else if cli.paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    Ok(paths)
}

/// Takes paths for changed files, which may be gone: what is walked is the repository that holds them. The second
/// part is none when the repository itself is among them.
pub(super) fn affected(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Option<BTreeSet<String>>), String> {
    let absolute = |path: &PathBuf| {
        let full = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(crate::path::lexical(&full))
    };
    let files: Vec<PathBuf> = paths.iter().map(absolute).collect::<Result<_, String>>()?;
    let here = std::path::absolute(".").map_err(|error| format!("the working directory: {error}"))?;
    let mut base = discover::base_of(&files);
    if files.is_empty() || !base.join(".git").exists() {
        // What holds files of two repositories may be the whole disk.
        if files.iter().any(|file| !file.starts_with(&here)) {
            return Err("--affected: the files lie in no common repository".to_owned());
        }
        base = here;
    }
    let mut changed: BTreeSet<String> = files.iter().map(|file| discover::relative(&base, file)).collect();
    // The walk follows no links: a file that is named through one is known by its real path.
    let real = base.canonicalize().unwrap_or_else(|_| base.clone());
    let meant = files.iter().filter_map(|file| file.canonicalize().ok()).filter(|file| file.starts_with(&real));
    changed.extend(meant.map(|file| discover::relative(&real, &file)));
    Ok((vec![base], (!changed.contains("")).then_some(changed)))
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Largest file that is read from standard input, in bytes.
const MAX_STDIN: u64 = 64 << 20;

/// The file that standard input holds, when `-` is named.
pub(super) fn stdin(cli: &cli::Check) -> Result<Option<Stdin>, String> {
    if !cli.paths.iter().any(|path| is_stdin(path)) {
        return match &cli.stdin_filename {
            Some(_) => Err("--stdin-filename: nothing is read from standard input unless `-` is a path".to_owned()),
            None => Ok(None),
        };
    }
    if cli.files_from.as_deref().is_some_and(is_stdin) {
        return Err("-: standard input is either a file or the list of --files-from".to_owned());
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MAX_STDIN + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("-: {}", crate::disk::io_reason(&error)))?;
    if bytes.len() as u64 > MAX_STDIN {
        return Err(format!("-: larger than {} MiB", MAX_STDIN >> 20));
    }
    // Nameless text is most likely a skill's own.
    let nameless = || if sniff(&bytes, "").is_archive() { "stdin.zip" } else { "SKILL.md" };
    let name = cli.stdin_filename.clone().unwrap_or_else(|| PathBuf::from(nameless()));
    let path = std::path::absolute(&name).map_err(|error| format!("--stdin-filename {}: {error}", name.display()))?;
    Ok(Some(Stdin { path: crate::path::lexical(&path), bytes: bytes.into() }))
}

/// Largest list of names, in bytes.
const MAX_LIST: u64 = 64 << 20;

/// The bytes of a list of names, which may come through a pipe.
fn listed(list: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = if list.as_os_str() == "-" {
        std::io::stdin().take(MAX_LIST + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(list).and_then(|file| file.take(MAX_LIST + 1).read_to_end(&mut text))
    };
    match read {
        Ok(size) if size as u64 > MAX_LIST => Err(format!("larger than {} MiB", MAX_LIST >> 20)),
        Ok(_) => Ok(text),
        Err(error) => Err(crate::disk::io_reason(&error)),
    }
}

/// A name as the system writes it; on other systems than this one it may be none.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the other systems need it")]
fn path_of(name: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(name)))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(name).ok().map(PathBuf::from)
}
