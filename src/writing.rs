//! Files that are written whole or not at all, and never through a link.

use std::io::Write;
use std::path::Path;

use crate::disk::io_reason;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Its owner: mode 0600.
    Private,
    /// Everybody: mode 0644.
    Public,
}

/// Replaces a file, or makes it, in one step.
///
/// # Errors
/// The path and the reason: something else than a regular file stands there, or the directory cannot be written.
pub fn replace(path: &Path, bytes: &[u8], secrecy: Secrecy) -> Result<(), String> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_symlink() => return Err(format!("{}: is a symbolic link: not written", path.display())),
        Ok(meta) if !meta.is_file() => return Err(format!("{}: is no regular file: not written", path.display())),
        _ => {}
    }
    let failed = |error: &std::io::Error| format!("{}: {}", path.display(), io_reason(error));
    let file = prepared(path, bytes, secrecy)?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Makes a file that must not be there yet.
///
/// # Errors
/// The path and the reason.
pub fn create(path: &Path, bytes: &[u8], secrecy: Secrecy) -> Result<(), String> {
    let file = prepared(path, bytes, secrecy)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(already(path)),
        Err(error) => Err(format!("{}: {}", path.display(), io_reason(&error.error))),
    }
}

/// What is said of a file that must not be there.
#[must_use]
pub fn already(path: &Path) -> String {
    format!("{}: already exists: not overwritten", path.display())
}

/// Makes a directory and those above it, for the owner alone; one that is there stays as it is.
///
/// # Errors
/// The path and the reason.
pub fn private_dir(path: &Path) -> Result<(), String> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| format!("{}: {}", path.display(), io_reason(&error)))
}

/// The content beside its place, on disk.
fn prepared(path: &Path, bytes: &[u8], secrecy: Secrecy) -> Result<tempfile::NamedTempFile, String> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| format!("{}: {}", path.display(), io_reason(&error));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".clawsift-");
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(match secrecy {
        Secrecy::Private => 0o600,
        Secrecy::Public => 0o644,
    });
    #[cfg(unix)]
    builder.permissions(mode);
    #[cfg(not(unix))]
    let _ = secrecy;
    let mut file = builder.tempfile_in(dir).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    Ok(file)
}
