//! Which directories of a repository play a part for the product, and which files speak of it.

use super::document::Document;
use super::project::Project;
use crate::classify::WORKSPACE_FILES;
use crate::path::{dir_of, join};

/// Entries of a state directory, beside the configuration.
const STATE_PARTS: [&str; 6] = ["agents", "cron", "devices", "identity", "credentials", "exec-approvals.json"];
/// Names that a state directory has at home.
const STATE_NAMES: [&str; 5] = [".openclaw", ".clawdbot", ".moltbot", ".closedclaw", ".ClosedClaw"];
/// Is `dir` a state directory that was put under version control?
#[must_use]
pub fn is_state_dir(project: &Project, dir: &str) -> bool {
    if STATE_NAMES.contains(&dir.rsplit('/').next().unwrap_or(dir)) {
        return true;
    }
    let parts = STATE_PARTS.iter().filter(|part| project.tree.get(&join(dir, part)).is_some()).count();
    let config = project.configs.iter().any(|config| dir_of(config) == dir);
    config && parts >= 1 || parts >= 3
}

/// Is `dir` an agent's workspace?
#[must_use]
pub fn is_workspace(project: &Project, dir: &str) -> bool {
    WORKSPACE_FILES.iter().filter(|name| project.tree.get(&join(dir, name)).is_some()).count() >= 2
}

/// Has the repository anything to do with the product? Then a credential in any of its files is one
/// that the agent or its host may use.
#[must_use]
pub fn concerns_product(project: &Project, document: &Document) -> bool {
    !project.configs.is_empty() || document.is_relevant()
}
