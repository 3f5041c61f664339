//! What a walk left out on purpose, and files that only their content tells.

use super::Walk;
use crate::finding::Level;
use crate::load::audit_log::{is_chained, is_chained_file};

impl Walk<'_> {
    /// Does a file hold entries of a chained log?
    pub(super) fn is_audit_log(&self, path: &str) -> bool {
        match self.memory.get(path) {
            Some(file) => is_chained(&file.bytes),
            None => is_chained_file(&self.base.join(path)),
        }
    }

    /// Says what was found and is not checked.
    pub(super) fn tell_left_out(&mut self) {
        let samples = "in test, fixture, example or documentation folders not checked; name them to check them";
        self.tell(self.samples, ["configuration", "configurations"], samples);
        self.tell(self.sample_logs, ["audit log", "audit logs"], samples);
        let foreign = "of dependencies and build results (node_modules, target, …) not read; name them to check them";
        self.tell(self.foreign, ["folder", "folders"], foreign);
    }

    /// A note about some of a kind, when there are any.
    pub(super) fn tell(&mut self, count: usize, [one, several]: [&str; 2], rest: &str) {
        if count > 0 {
            let what = if count == 1 { one } else { several };
            self.say(String::new(), Level::Note, format!("{count} {what} {rest}"));
        }
    }
}
