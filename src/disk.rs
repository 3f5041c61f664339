//! Reads regular files of bounded size, and nothing else.

mod modes;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

pub(crate) use modes::{bits_of, is_deliberate, mode_of};

use crate::syntax;

/// Largest text file that is scanned, in bytes.
pub const MAX_TEXT: u64 = 16 << 20;

/// The reason that a directory is not read.
pub const IS_DIR: &str = "is a directory";
/// The reason that a FIFO or device is not read.
pub const IS_SPECIAL: &str = "is neither a file nor a directory: not opened";

/// How the reason begins when a file is larger than allowed.
pub const TOO_LARGE: &str = "larger than ";

/// Reads a regular file; its first bytes say how much of it may be read.
///
/// # Errors
/// The reason in words.
pub fn read_by_head(path: &Path, limit: &dyn Fn(&[u8]) -> u64) -> Result<(Vec<u8>, Option<u32>), String> {
    let mut file = open(path).map_err(|error| io_reason(&error))?;
    let meta = file.metadata().map_err(|error| io_reason(&error))?;
    if !meta.is_file() {
        return Err(IS_SPECIAL.to_owned());
    }
    let size = usize::try_from(meta.len().min(MAX_TEXT)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size + 1);
    let head = syntax::magic::HEAD as u64;
    file.by_ref().take(head).read_to_end(&mut bytes).map_err(|error| io_reason(&error))?;
    let most = limit(&bytes);
    // One byte more than allowed tells a file that grew while it was read.
    let rest = (most + 1).saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes).map_err(|error| io_reason(&error))?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok((bytes, bits_of(&meta)))
}

/// The reason that a file is not read which is larger than this many bytes.
#[must_use]
pub fn too_large(limit: u64) -> String {
    format!("{TOO_LARGE}{} MiB: not scanned", limit >> 20)
}

/// Reads a regular file of at most `limit` bytes; never blocks on a FIFO or device.
///
/// # Errors
/// The reason in words.
pub fn read(path: &Path, limit: u64) -> Result<Arc<[u8]>, String> {
    let meta = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
    if meta.is_dir() {
        return Err(IS_DIR.to_owned());
    }
    if !meta.is_file() {
        return Err(IS_SPECIAL.to_owned());
    }
    let file = open(path).map_err(|error| io_reason(&error))?;
    // Somebody may have put something else there meanwhile.
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(IS_SPECIAL.to_owned());
    }
    let size = usize::try_from(meta.len().min(limit)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size + 1);
    // One byte more than allowed tells a file that grew while it was read.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| io_reason(&error))?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes.into())
}

/// Hands over a regular file of any size block by block; tells how many bytes there were. Of one that grows
/// meanwhile it is what there was at first.
///
/// # Errors
/// The reason in words.
pub fn each_block(path: &Path, each: &mut dyn FnMut(&[u8])) -> Result<u64, String> {
    /// A file without a size may have content all the same, as those of the kernel have.
    const SIZELESS: u64 = 64 << 20;
    let file = open(path).map_err(|error| io_reason(&error))?;
    let meta = file.metadata().map_err(|error| io_reason(&error))?;
    if !meta.is_file() {
        return Err("is neither a file nor a directory: not opened".to_owned());
    }
    let mut file = file.take(if meta.len() == 0 { SIZELESS } else { meta.len() });
    let mut block = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = file.read(&mut block).map_err(|error| io_reason(&error))?;
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        each(block.get(..read).unwrap_or_default());
    }
}

/// The first bytes of a regular file: enough to tell what it is.
///
/// # Errors
/// When it cannot be read.
pub fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let file = open(path)?;
    if file.metadata()?.is_file() {
        file.take(syntax::magic::HEAD as u64).read_to_end(&mut head)?;
    }
    Ok(head)
}

/// Opens a file to read it; where a FIFO stands there all of a sudden, without waiting for its writer.
///
/// # Errors
/// When it cannot be opened.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn open(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    /// `O_NONBLOCK` of the system.
    const NONBLOCK: i32 = if cfg!(target_os = "linux") { 0o4000 } else { 4 };
    std::fs::OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)
}

/// Opens a file to read it.
///
/// # Errors
/// When it cannot be opened.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn open(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::open(path)
}

/// An I/O error in words that do not depend on the platform.
#[must_use]
pub fn io_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => "does not exist".to_owned(),
        Kind::PermissionDenied => "permission denied".to_owned(),
        Kind::IsADirectory => "is a directory".to_owned(),
        Kind::InvalidInput => "the path is not valid".to_owned(),
        _ if error.raw_os_error() == Some(40) => "too many levels of symbolic links".to_owned(),
        kind => kind.to_string(),
    }
}
