//! Files that stand in memory in the place of those on disk: what a fix would make of them.

use std::sync::Arc;

use super::{EntryKind, MemoryFile, Step, Walk, bits_of};

impl Walk<'_> {
    /// Takes in the files that are in memory alone.
    pub(super) fn made(&mut self) {
        for path in self.request.overlay.keys() {
            if self.base.join(path).symlink_metadata().is_err() {
                let step = Step { path: path.clone(), kind: EntryKind::File, depth: 1, named: false, disk: None };
                self.step(step, 0);
            }
        }
    }

    /// Puts the files in memory in the place of those on disk.
    pub(super) fn lay_over(&mut self) {
        for (path, bytes) in self.request.overlay {
            let mode = std::fs::metadata(self.base.join(path)).ok().and_then(|meta| bits_of(&meta));
            self.memory.insert(path.as_str().into(), MemoryFile { bytes: Arc::clone(bytes), mode, stands_in: true });
        }
    }
}
