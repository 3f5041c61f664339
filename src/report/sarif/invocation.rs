//! How the run went. No time, machine or command line: the same inputs give the same bytes.

use serde_json::json;
use serde_sarif::sarif::{Invocation, Location, Notification, PhysicalLocation, ReportingDescriptorReference};

use super::place::artifact_location;
use super::{sentence, text};
use crate::finding::{Diagnostic, Level};
use crate::judge::{Verdict, exit};

/// What the run may have to tell, with a sentence about it. The order is the one of their indices.
pub(super) const NOTIFICATIONS: [(&str, &str); 4] = [
    ("incomplete-input", "An input could not be read or parsed, or a limit was hit: it was not fully checked"),
    ("input-warning", "Something about an input is worth acting on; it was fully checked"),
    ("input-note", "Something about an input is worth knowing"),
    ("results-truncated", "The report holds fewer results than were found, because readers of it take no more"),
];

/// The one invocation of a run.
pub(super) fn invocation(verdict: &Verdict, left_out: Option<String>) -> Invocation {
    let troubles = verdict.diagnostics.iter().map(trouble);
    let unparsed = verdict.inputs.iter().filter(|input| !input.complete).map(|input| {
        let message = "it or a file that it includes could not be parsed; the results say where".to_owned();
        trouble(&Diagnostic { path: input.path.clone(), level: Level::Error, message })
    });
    let truncated = left_out.map(|message| notification(3, "warning", &message, ""));
    Invocation::builder()
        .execution_successful(![exit::INCOMPLETE, exit::INTERNAL].contains(&verdict.exit_code))
        .exit_code(verdict.exit_code)
        .exit_code_description(meaning(verdict.exit_code))
        .tool_execution_notifications(troubles.chain(unparsed).chain(truncated).collect::<Vec<_>>())
        .build()
}

const fn meaning(code: u8) -> &'static str {
    match code {
        exit::CLEAN => "nothing at or above the severity that fails a run",
        exit::FINDINGS => "findings at or above the severity that fails a run",
        exit::NOTHING => "nothing to check was found",
        exit::INCOMPLETE => "an input could not be read or parsed, or a limit was hit",
        exit::INTERNAL => "a rule failed",
        _ => "wrong usage or settings",
    }
}

fn trouble(diagnostic: &Diagnostic) -> Notification {
    let (index, level) = match diagnostic.level {
        Level::Error => (0, "error"),
        Level::Warning => (1, "warning"),
        Level::Note => (2, "note"),
    };
    notification(index, level, &diagnostic.message, &diagnostic.path)
}

fn notification(index: usize, level: &str, message: &str, path: &str) -> Notification {
    let place = PhysicalLocation { artifact_location: Some(artifact_location(path)), ..Default::default() };
    let location = Location { physical_location: Some(place), ..Default::default() };
    let descriptor = ReportingDescriptorReference {
        id: NOTIFICATIONS.get(index).map(|(id, _)| (*id).to_owned()),
        index: i64::try_from(index).ok(),
        ..Default::default()
    };
    Notification {
        descriptor: Some(descriptor),
        level: Some(json!(level)),
        locations: (!path.is_empty()).then(|| vec![location]),
        ..Notification::builder().message(text(&sentence(message))).build()
    }
}
