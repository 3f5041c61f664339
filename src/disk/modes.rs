//! Permission bits, where a file system has them.

use std::path::Path;

/// Was an executable bit set by somebody? A file system without such bits shows every file with all.
pub(crate) const fn is_deliberate(mode: u32) -> bool {
    mode & 0o111 != 0 && mode & 0o777 != 0o777
}

/// The permission bits of what a path leads to, where the platform has such bits.
#[cfg(unix)]
pub(crate) fn mode_of(path: &Path) -> Option<u32> {
    bits_of(&std::fs::metadata(path).ok()?)
}

/// The permission bits of a file that was looked at, where the platform has such bits.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the other systems need it")]
pub(crate) fn bits_of(meta: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(meta.permissions().mode() & 0o7777)
}

/// The permission bits of a file that was looked at, where the platform has such bits.
#[cfg(not(unix))]
pub(crate) fn bits_of(_: &std::fs::Metadata) -> Option<u32> {
    None
}

/// The permission bits of what a path leads to, where the platform has such bits.
#[cfg(not(unix))]
pub(crate) fn mode_of(_: &Path) -> Option<u32> {
    None
}
