//! PowerShell.

use super::record::Recorder;

pub(super) fn run(_rec: &mut Recorder, _text: &str) {}
