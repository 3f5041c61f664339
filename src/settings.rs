//! `clawsift.json5`: what a repository decides once for everybody.

/// The settings file.
#[derive(Debug, Default)]
pub struct Settings {
    /// Hosts that are not worth a finding.
    pub trusted_hosts: Vec<String>,
}
