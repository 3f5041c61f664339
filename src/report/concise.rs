//! `--format concise`: one line a finding.
