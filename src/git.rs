//! What a commit holds, read from git's objects alone.
//!
//! Only plumbing is run, on a resolved id, in an environment without git's variables: no hook, filter,
//! pager, monitor or fetch that a checkout could bring is reached, and replaced objects are not used. No
//! transport is allowed at all, so an object that is missing is missing also where a git too old to be told
//! not to fetch would ask a remote for it, whose settings can name a program. A repository without a `.git`,
//! which a tree may hold as ordinary files, is none.

mod blobs;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::discover::{Entry, EntryKind, Tree};

/// Largest list of a commit's files, in bytes.
const MAX_LIST: u64 = 512 << 20;

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Blob {
    id: String,
    mode: u32,
}

/// One commit, whose files can be read.
#[derive(Debug)]
pub struct Commit {
    /// What it was called.
    pub reference: String,
    /// Its id.
    pub id: String,
    base: PathBuf,
    files: BTreeMap<String, Blob>,
}

impl Commit {
    /// The commit that a reference names, and the list of its files below `base`.
    ///
    /// # Errors
    /// In words: there is no repository, no such commit, or no git.
    pub fn open(base: &Path, reference: &str) -> Result<Self, String> {
        let id = resolve(base, reference)?;
        let files = files(base, &id)?;
        Ok(Self { reference: reference.to_owned(), id, base: base.to_path_buf(), files })
    }

    /// The paths of its files and links below the base, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The content of a file; none when the commit has no regular file of this path.
    ///
    /// # Errors
    /// In words: it is larger than `most` bytes, or its object is not at hand.
    pub fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, String> {
        let Some(blob) = self.files.get(path).filter(|blob| blob.is_file()) else { return Ok(None) };
        let shown = path.escape_debug();
        let size = git(&self.base, &["cat-file", "-s", &blob.id]).map_err(|why| format!("{shown}: {why}"))?;
        let size: u64 = String::from_utf8_lossy(&size).trim().parse().unwrap_or(u64::MAX);
        if size > most {
            return Err(format!("{shown}: larger than {most} bytes in {}", self.reference.escape_debug()));
        }
        git(&self.base, &["cat-file", "blob", &blob.id]).map(Some).map_err(|why| format!("{shown}: {why}"))
    }
}

impl Blob {
    /// A regular file: no link, and no commit of another repository.
    const fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    const fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }
}

/// The paths below the tree's base that are not what they were in a commit: changed, new or gone.
///
/// # Errors
/// In words: there is no repository, no such commit, or no git.
pub fn changed_since(tree: &Tree, reference: &str) -> Result<BTreeSet<String>, String> {
    let commit = resolve(&tree.base, reference)?;
    let mut before = files(&tree.base, &commit)?;
    let mut changed = BTreeSet::new();
    for entry in &tree.entries {
        let known = before.remove(&*entry.path);
        // A commit holds the archive, not what is in it.
        let passed = match tree.archive_of(&entry.path) {
            Some((archive, _)) => *archive != *entry.path,
            None => matches!(entry.kind, EntryKind::Dir | EntryKind::Special),
        };
        if passed {
            continue;
        }
        if known.is_none_or(|blob| !is_same(tree, entry, &blob)) {
            changed.insert(entry.path.to_string());
        }
    }
    // What was not walked (other roots, excluded files) is not gone.
    let gone = before.into_keys().filter(|path| tree.on_disk(path).symlink_metadata().is_err());
    changed.extend(gone);
    Ok(changed)
}

/// The id of the commit that a reference names.
///
/// # Errors
/// In words.
pub fn resolve(base: &Path, reference: &str) -> Result<String, String> {
    let wanted = format!("{reference}^{{commit}}");
    let unknown = || {
        let hint =
            fetch_line(reference).map_or_else(String::new, |line| format!("; where only a part was cloned: {line}"));
        format!("`{}` is no commit of this repository{hint}", reference.escape_debug())
    };
    let out = git(base, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
    let out = out.map_err(|why| if why.starts_with("cannot") { why } else { unknown() })?;
    let id = String::from_utf8_lossy(&out).trim().to_owned();
    let valid = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if valid { Ok(id) } else { Err(unknown()) }
}

/// The command that brings a commit into a shallow clone; none for a name that no shell should see.
fn fetch_line(reference: &str) -> Option<String> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '~' | '^');
    if reference.is_empty() || reference.starts_with('-') || !reference.chars().all(harmless) {
        return None;
    }
    if let Some(at) = reference.find(['~', '^']) {
        let (steps, digits) = reference[at..].bytes().fold((0, String::new()), |(steps, digits), byte| match byte {
            b'0'..=b'9' => (steps, digits + std::str::from_utf8(&[byte]).unwrap_or_default()),
            _ => (steps + 1, digits),
        });
        let depth = if steps == 1 { digits.parse().unwrap_or(1) } else { steps };
        return Some(format!("git fetch --depth={}", depth + 1));
    }
    let is_id = reference.len() >= 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(match reference.strip_prefix("origin/") {
        Some(branch) => format!("git fetch --depth=1 origin {branch}:refs/remotes/origin/{branch}"),
        None if is_id => format!("git fetch --depth=1 origin {reference}"),
        None => format!("git fetch --depth=1 origin {reference}:{reference}"),
    })
}

/// The files of a commit by their path below `base`.
fn files(base: &Path, commit: &str) -> Result<BTreeMap<String, Blob>, String> {
    // Paths are those below the working directory of the command.
    let out = git(base, &["ls-tree", "-r", "-z", commit])?;
    let entry = |line: &[u8]| {
        let text = String::from_utf8_lossy(line);
        let (facts, path) = text.split_once('\t')?;
        let mut facts = facts.split(' ');
        let mode = u32::from_str_radix(facts.next()?, 8).ok()?;
        let id = facts.nth(1)?.to_owned();
        Some((path.to_owned(), Blob { id, mode }))
    };
    Ok(out.split(|byte| *byte == 0).filter_map(entry).collect())
}

fn is_same(tree: &Tree, entry: &Entry, blob: &Blob) -> bool {
    const LINK: u32 = 0o120_000;
    let on_disk = tree.on_disk(&entry.path);
    if let EntryKind::Link { target, .. } = &entry.kind {
        return blob.mode == LINK && blob_id(target.as_bytes(), &blob.id) == blob.id;
    }
    let executable = crate::disk::mode_of(&on_disk).map(|mode| mode & 0o111 != 0);
    let same_mode = blob.mode != LINK && executable.is_none_or(|bit| bit == (blob.mode & 0o111 != 0));
    // A link that replaced the file is not followed.
    let meta = on_disk.symlink_metadata().ok().filter(std::fs::Metadata::is_file);
    same_mode && meta.is_some_and(|meta| file_id(&on_disk, meta.len(), &blob.id).is_some_and(|id| id == blob.id))
}

/// The id that git gives to a file of this size, however large; none when it cannot be read or changes.
fn file_id(path: &Path, size: u64, like: &str) -> Option<String> {
    fn of<D: Digest>(path: &Path, size: u64) -> Option<String> {
        let mut digest = D::new_with_prefix(format!("blob {size}\0"));
        let read = crate::disk::each_block(path, &mut |block| digest.update(block)).ok()?;
        (read == size).then(|| hex(&digest.finalize()))
    }
    if like.len() == 64 { of::<Sha256>(path, size) } else { of::<Sha1>(path, size) }
}

/// The id that git gives to some bytes, by the same digest as another id.
fn blob_id(bytes: &[u8], like: &str) -> String {
    let head = format!("blob {}\0", bytes.len());
    if like.len() == 64 {
        hex(&Sha256::new().chain_update(head).chain_update(bytes).finalize())
    } else {
        hex(&Sha1::new().chain_update(head).chain_update(bytes).finalize())
    }
}

/// A plumbing command that is about to be run.
fn plumbing(base: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        // A list of what is allowed, and nothing in it; it goes before every setting of the repository.
        .env("GIT_ALLOW_PROTOCOL", "")
        .args(["--no-pager", "--no-replace-objects", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .args(["-c", "protocol.allow=never", "-c", "safe.bareRepository=explicit"])
        .args(arguments)
        .current_dir(base)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs one plumbing command.
fn git(base: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let mut command = plumbing(base, arguments);
    let mut child = command.spawn().map_err(|error| format!("cannot run git: {}", crate::disk::io_reason(&error)))?;
    // Complaints are read beside the answer: who writes many of them would else wait for a reader.
    let complaints = child.stderr.take().map(|mut stderr| {
        std::thread::spawn(move || {
            let mut first = Vec::new();
            let _ = stderr.by_ref().take(4096).read_to_end(&mut first);
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
            first
        })
    });
    let mut out = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let read = stdout.take(MAX_LIST + 1).read_to_end(&mut out);
        read.map_err(|error| format!("cannot read from git: {}", crate::disk::io_reason(&error)))?;
    }
    if out.len() as u64 > MAX_LIST {
        let _ = child.kill();
        return Err(format!("git lists more than {} MiB", MAX_LIST >> 20));
    }
    let done = child.wait().map_err(|error| format!("cannot run git: {}", crate::disk::io_reason(&error)))?;
    let words = complaints.and_then(|reader| reader.join().ok()).unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    let reason = words.lines().next().unwrap_or("no such commit").trim_start_matches("fatal: ");
    if done.success() { Ok(out) } else { Err(format!("git: {}", reason.escape_debug())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_commit_comes_with_the_command_that_brings_it() {
        let line = |reference| fetch_line(reference).unwrap_or_default();
        let id = "a".repeat(40);
        assert_eq!(line("origin/main"), "git fetch --depth=1 origin main:refs/remotes/origin/main");
        assert_eq!(line(&id), format!("git fetch --depth=1 origin {id}"));
        assert_eq!(line("v1.2"), "git fetch --depth=1 origin v1.2:v1.2");
        assert_eq!(line("HEAD~3"), "git fetch --depth=4");
        assert_eq!(line("HEAD^"), "git fetch --depth=2");
        assert_eq!(line("HEAD^^"), "git fetch --depth=3");
        for odd in ["", "-x", "a;b", "a b", "$(x)", "a\u{202e}"] {
            assert_eq!(line(odd), "");
        }
    }
}
