//! Writes a changed file in the place of the old one: whole or not at all.
//!
//! Every directory on the way is opened from the one above it and no link is followed, so nobody who
//! swaps a directory meanwhile can lead the write elsewhere.

use std::path::Path;

use super::{Action, Rewrite};

/// Replaces the file below `base`. It keeps its permission bits.
///
/// # Errors
/// Why it was left alone, in words: it is a link or has another name, it was changed since it was read, or
/// the disk refuses.
pub fn write(base: &Path, rewrite: &Rewrite) -> Result<(), String> {
    if rewrite.is_new { place::make(base, rewrite) } else { place::replace(base, rewrite) }
}

/// Takes permission bits of a file or directory below `base` away.
///
/// # Errors
/// Why it was left alone, in words: it is a link or has another name, or the system refuses.
pub fn chmod(base: &Path, action: &Action) -> Result<(), String> {
    place::chmod(base, action)
}

/// What is said of a file that is not what was read.
const CHANGED: &str = "was changed meanwhile: left alone";
/// What is said of a file with several names: the others would keep the old content.
const LINKED: &str = "has another name (a hard link): left alone";

#[cfg(unix)]
mod place {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, Stat};

    use super::{Action, CHANGED, LINKED, Rewrite};
    use crate::disk::io_reason;

    /// The new file appears whole under its name, and only when nothing has the name.
    pub(super) fn make(base: &Path, rewrite: &Rewrite) -> Result<(), String> {
        let said = |error: rustix::io::Errno| io_reason(&error.into());
        let (dir, name) = open_parent(base, &rewrite.path).map_err(said)?;
        let temporary = temporary();
        let file = fs::openat(&dir, &*temporary, NEW, Mode::from_raw_mode(0o666)).map_err(said)?;
        let mut file = File::from(file);
        let written = file.write_all(&rewrite.after).and_then(|()| file.sync_all());
        let done = written
            .map_err(|error| io_reason(&error))
            .and_then(|()| fs::linkat(&dir, &*temporary, &dir, name, AtFlags::empty()).map_err(said));
        // Nothing of the attempt stays; when even that fails there is nothing more to do.
        let _ = fs::unlinkat(&dir, &*temporary, AtFlags::empty());
        done
    }

    pub(super) fn chmod(base: &Path, action: &Action) -> Result<(), String> {
        let said = |error: rustix::io::Errno| io_reason(&error.into());
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = if action.path.is_empty() {
            fs::openat(CWD, base, flags | OFlags::DIRECTORY, Mode::empty()).map_err(said)?
        } else {
            let (dir, name) = open_parent(base, &action.path).map_err(said)?;
            fs::openat(&dir, name, flags, Mode::empty()).map_err(said)?
        };
        let stat = fs::fstat(&file).map_err(said)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile if stat.st_nlink > 1 => return Err(LINKED.to_owned()),
            FileType::Directory | FileType::RegularFile => {}
            _ => return Err("is neither a file nor a directory: left alone".to_owned()),
        }
        fs::fchmod(&file, Mode::from_raw_mode(stat.st_mode & 0o7777 & action.keep)).map_err(said)
    }

    const NEW: OFlags =
        OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

    /// The name of a file that is not yet what it is to be.
    fn temporary() -> String {
        format!(".clawsift-{}.tmp", std::process::id())
    }

    pub(super) fn replace(base: &Path, rewrite: &Rewrite) -> Result<(), String> {
        let said = |error: rustix::io::Errno| io_reason(&error.into());
        let (dir, name) = open_parent(base, &rewrite.path).map_err(said)?;
        let before = unchanged(&dir, name, rewrite)?;
        let temporary = temporary();
        // Readable by its owner alone until it has the bits of the old one.
        let file = fs::openat(&dir, &*temporary, NEW, Mode::RUSR | Mode::WUSR).map_err(said)?;
        let done = fill(file, rewrite, before.st_mode).and_then(|()| {
            let now = fs::statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(said)?;
            if (now.st_ino, now.st_dev, now.st_mtime, now.st_mtime_nsec)
                != (before.st_ino, before.st_dev, before.st_mtime, before.st_mtime_nsec)
            {
                return Err(CHANGED.to_owned());
            }
            fs::renameat(&dir, &*temporary, &dir, name).map_err(said)
        });
        if done.is_err() {
            // Nothing of the attempt stays; when even that fails there is nothing more to do.
            let _ = fs::unlinkat(&dir, &*temporary, AtFlags::empty());
        }
        done
    }

    /// The directory that holds a file, and the name of the file in it.
    fn open_parent<'p>(base: &Path, path: &'p str) -> Result<(OwnedFd, &'p str), rustix::io::Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut dir = fs::openat(CWD, base, flags, Mode::empty())?;
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in parents.split('/').filter(|part| !part.is_empty()) {
            dir = fs::openat(&dir, part, flags | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok((dir, name))
    }

    /// What the file is, when it is the one that was read.
    fn unchanged(dir: &OwnedFd, name: &str, rewrite: &Rewrite) -> Result<Stat, String> {
        let said = |error: rustix::io::Errno| io_reason(&error.into());
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = fs::openat(dir, name, flags, Mode::empty()).map_err(said)?;
        let stat = fs::fstat(&file).map_err(said)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err("is no regular file: left alone".to_owned());
        }
        if stat.st_nlink > 1 {
            return Err(LINKED.to_owned());
        }
        let mut bytes = Vec::with_capacity(rewrite.before.len() + 1);
        let most = rewrite.before.len() as u64 + 1;
        File::from(file).take(most).read_to_end(&mut bytes).map_err(|error| io_reason(&error))?;
        if bytes == *rewrite.before { Ok(stat) } else { Err(CHANGED.to_owned()) }
    }

    fn fill(file: OwnedFd, rewrite: &Rewrite, mode: fs::RawMode) -> Result<(), String> {
        let mut file = File::from(file);
        let write = file.write_all(&rewrite.after).and_then(|()| file.sync_all());
        write.map_err(|error| io_reason(&error))?;
        fs::fchmod(&file, Mode::from_raw_mode(mode)).map_err(|error| io_reason(&error.into()))
    }
}

#[cfg(not(unix))]
mod place {
    use std::path::Path;

    use super::{Action, CHANGED, LINKED, Rewrite};
    use crate::disk::io_reason;

    pub(super) fn make(base: &Path, rewrite: &Rewrite) -> Result<(), String> {
        use std::io::Write;
        let file = std::fs::File::create_new(base.join(&*rewrite.path));
        file.and_then(|mut file| file.write_all(&rewrite.after)).map_err(|error| io_reason(&error))
    }

    pub(super) fn chmod(_: &Path, _: &Action) -> Result<(), String> {
        Err("has no permission bits on this system".to_owned())
    }

    pub(super) fn replace(base: &Path, rewrite: &Rewrite) -> Result<(), String> {
        let path = base.join(&*rewrite.path);
        let meta = path.symlink_metadata().map_err(|error| io_reason(&error))?;
        if !meta.is_file() {
            return Err(LINKED.to_owned());
        }
        if std::fs::read(&path).map_err(|error| io_reason(&error))? != *rewrite.before {
            return Err(CHANGED.to_owned());
        }
        let temporary = path.with_extension("clawsift-tmp");
        let done = std::fs::write(&temporary, &rewrite.after).and_then(|()| std::fs::rename(&temporary, &path));
        done.map_err(|error| io_reason(&error))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::sync::Arc;

    use super::*;

    fn rewrite(path: &str) -> Rewrite {
        let (before, after) = (Arc::from(*b"old"), Arc::from(*b"new"));
        Rewrite { path: Arc::from(path), before, after, is_new: false, secrets: Vec::new() }
    }

    #[test]
    fn a_file_is_replaced_with_its_bits() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a/b.json");
        std::fs::create_dir(dir.path().join("a")).unwrap();
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        write(dir.path(), &rewrite("a/b.json")).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(std::fs::read_dir(dir.path().join("a")).unwrap().count(), 1);
        assert_eq!(write(dir.path(), &rewrite("a/b.json")).unwrap_err(), CHANGED);
    }

    #[test]
    fn what_is_linked_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("b.json"), "old").unwrap();
        symlink(outside.path(), dir.path().join("a")).unwrap();
        assert!(write(dir.path(), &rewrite("a/b.json")).is_err());
        symlink(outside.path().join("b.json"), dir.path().join("c.json")).unwrap();
        assert!(write(dir.path(), &rewrite("c.json")).is_err());
        assert_eq!(std::fs::read_to_string(outside.path().join("b.json")).unwrap(), "old");
        std::fs::write(dir.path().join("d.json"), "old").unwrap();
        std::fs::hard_link(dir.path().join("d.json"), dir.path().join("e.json")).unwrap();
        assert_eq!(write(dir.path(), &rewrite("e.json")).unwrap_err(), LINKED);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let new = Rewrite { is_new: true, ..rewrite("a.txt") };
        write(dir.path(), &new).unwrap();
        assert_eq!(std::fs::read_to_string(dir.path().join("a.txt")).unwrap(), "new");
        assert!(write(dir.path(), &new).is_err());
        symlink("nowhere", dir.path().join("b.txt")).unwrap();
        assert!(write(dir.path(), &Rewrite { is_new: true, ..rewrite("b.txt") }).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn bits_change_and_no_link_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let bits = |path: &str| std::fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o7777;
        let action = |path: &str, keep| Action { path: path.to_owned(), keep, id: String::new() };
        std::fs::create_dir(dir.path().join("d")).unwrap();
        std::fs::write(dir.path().join("d/a"), "x").unwrap();
        chmod(dir.path(), &action("d/a", 0o600)).unwrap();
        chmod(dir.path(), &action("d", 0o700)).unwrap();
        chmod(dir.path(), &action("", 0o700)).unwrap();
        assert_eq!((bits("d/a"), bits("d"), bits("")), (0o600, 0o700, 0o700));
        symlink("d/a", dir.path().join("b")).unwrap();
        symlink("d", dir.path().join("e")).unwrap();
        assert!(chmod(dir.path(), &action("b", 0o644)).is_err());
        assert!(chmod(dir.path(), &action("e/a", 0o644)).is_err());
        std::fs::hard_link(dir.path().join("d/a"), dir.path().join("c")).unwrap();
        assert_eq!(chmod(dir.path(), &action("c", 0o644)).unwrap_err(), LINKED);
        assert_eq!(bits("d/a"), 0o600);
    }
}
