//! What a walk left out on purpose, and files that only their content tells.

use std::collections::BTreeSet;

use super::active::config_path;
use super::{Target, Walk};
use crate::diagnostic::Level;
use crate::load::audit_log::{is_chained, is_chained_file};

impl Walk<'_> {
    /// Does a file hold entries of a chained log?
    pub(super) fn is_audit_log(&self, path: &str) -> bool {
        match self.memory.get(path) {
            Some(file) => is_chained(&file.bytes),
            None => is_chained_file(&self.base.join(path)),
        }
    }

    /// Says what was found and is not checked. What one root passes over may be named by another one.
    pub(super) fn tell_left_out(&mut self) {
        let taken = |path: &str| self.entries.binary_search_by(|entry| (*entry.path).cmp(path)).is_ok();
        let foreign = self.foreign.iter().filter(|path| !taken(path)).count();
        let configs: BTreeSet<&str> = self.targets.iter().filter_map(config_path).collect();
        let logs: BTreeSet<&str> = self.targets.iter().filter_map(log_path).collect();
        let samples = self.samples.iter().filter(|path| !configs.contains(path.as_str())).count();
        let sample_logs = self.sample_logs.iter().filter(|path| !logs.contains(path.as_str())).count();
        let rest = "in test, fixture, example or documentation folders not checked; name them to check them";
        self.tell(samples, ["configuration", "configurations"], rest);
        self.tell(sample_logs, ["audit log", "audit logs"], rest);
        let rest = "of dependencies and build results (node_modules, target, …) not read; name them to check them";
        self.tell(foreign, ["folder", "folders"], rest);
    }

    /// A note about some of a kind, when there are any.
    pub(super) fn tell(&mut self, count: usize, [one, several]: [&str; 2], rest: &str) {
        if count > 0 {
            let what = if count == 1 { one } else { several };
            self.say(String::new(), Level::Note, format!("{count} {what} {rest}"));
        }
    }
}

fn log_path(target: &Target) -> Option<&str> {
    if let Target::Log { path } = target { Some(path) } else { None }
}
