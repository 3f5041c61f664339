//! Lays out the files of a commit in a directory of their own, from git's objects alone: no index, no
//! filters, no hooks, and nothing of the working tree.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::{Commit, plumbing};
use crate::disk::io_reason;

/// Most bytes of a commit that are laid out.
const MAX_BYTES: u64 = 4 << 30;

impl Commit {
    /// Writes the files below some directories (the empty path is all of it) into an empty directory.
    ///
    /// # Errors
    /// In words: an object is not at hand, the disk refuses, a limit was hit.
    pub fn lay_out(&self, under: &[String], into: &Path) -> Result<(), String> {
        let is_wanted = |path: &str| {
            under.iter().any(|dir| {
                dir.is_empty()
                    || path == dir
                    || path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let wanted = || self.files.iter().filter(|(path, _)| is_wanted(path) && is_plain(path));
        let ids: Vec<String> =
            wanted().filter(|(_, blob)| blob.is_file() || blob.is_link()).map(|(_, blob)| blob.id.clone()).collect();
        let mut child = plumbing(&self.base, &["cat-file", "--batch"])
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run git: {}", io_reason(&error)))?;
        // Written beside the reading: else both could wait for the other.
        let asking = child
            .stdin
            .take()
            .map(|mut stdin| std::thread::spawn(move || ids.iter().try_for_each(|id| writeln!(stdin, "{id}")).is_ok()));
        let mut answers = BufReader::new(child.stdout.take().ok_or("cannot read from git")?);
        let (mut links, mut left) = (Vec::new(), MAX_BYTES);
        let mut done = Ok(());
        for (path, blob) in wanted().filter(|(_, blob)| blob.is_file() || blob.is_link()) {
            done = match next(&mut answers, &blob.id, &mut left) {
                Ok(bytes) if blob.is_file() => write(into, path, &bytes, blob.mode),
                Ok(bytes) => {
                    links.push((path.as_str(), bytes));
                    Ok(())
                }
                Err(why) => Err(why),
            }
            .map_err(|why| format!("{}: {why}", path.escape_debug()));
            if done.is_err() {
                break;
            }
        }
        drop(answers);
        // It has said all that was asked, or nobody listens any more.
        let _ = child.kill();
        let _ = child.wait();
        drop(asking.map(std::thread::JoinHandle::join));
        done?;
        // Last, so that no file is written through one.
        links.into_iter().try_for_each(|(path, target)| link(into, path, &target))
    }
}

/// Does a path stay where it is put? A tree may hold names that git itself would refuse.
fn is_plain(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git")))
}

/// The content of the object that comes next.
fn next(answers: &mut impl BufRead, id: &str, left: &mut u64) -> Result<Vec<u8>, String> {
    let mut head = String::new();
    let read = |error: std::io::Error| format!("cannot read from git: {}", io_reason(&error));
    answers.take(1024).read_line(&mut head).map_err(read)?;
    let size =
        head.strip_prefix(id).and_then(|rest| rest.strip_prefix(" blob ")).and_then(|size| size.trim().parse().ok());
    let size: u64 = size.ok_or("its content is not at hand; a partial clone lacks it")?;
    *left = left.checked_sub(size).ok_or_else(|| format!("the commit holds more than {} GiB", MAX_BYTES >> 30))?;
    let mut bytes = Vec::new();
    answers.take(size + 1).read_to_end(&mut bytes).map_err(read)?;
    // A line feed follows every object.
    if bytes.len() as u64 == size + 1 && bytes.pop() == Some(b'\n') {
        Ok(bytes)
    } else {
        Err("cannot read from git".to_owned())
    }
}

fn place(into: &Path, path: &str) -> Result<PathBuf, String> {
    let full = into.join(path);
    if let Some(dir) = full.parent() {
        std::fs::create_dir_all(dir).map_err(|error| io_reason(&error))?;
    }
    Ok(full)
}

fn write(into: &Path, path: &str, bytes: &[u8], mode: u32) -> Result<(), String> {
    let full = place(into, path)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if mode & 0o111 == 0 { 0o644 } else { 0o755 });
    #[cfg(not(unix))]
    let _ = mode;
    options.open(full).and_then(|mut file| file.write_all(bytes)).map_err(|error| io_reason(&error))
}

#[cfg(unix)]
fn link(into: &Path, path: &str, target: &[u8]) -> Result<(), String> {
    let target: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(target);
    std::os::unix::fs::symlink(target, place(into, path)?)
        .map_err(|error| format!("{}: {}", path.escape_debug(), io_reason(&error)))
}

#[cfg(not(unix))]
fn link(into: &Path, path: &str, target: &[u8]) -> Result<(), String> {
    // As git does where the system has no links.
    write(into, path, target, 0o644)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_left_out() {
        for good in ["a", "a/b", "a/.github/b", "..a", "a..b"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "/a", "../a", "a/../../b", ".git/config", "a/.GIT/hooks/x"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
