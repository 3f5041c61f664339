//! How the run went. No time, machine or command line: the same inputs give the same bytes.

use serde_json::json;
use serde_sarif::sarif::{Invocation, Location, Notification, PhysicalLocation, ReportingDescriptorReference};

use super::message;
use super::place::artifact_location;
use crate::diagnostic::{Diagnostic, Level};
use crate::judge::{Verdict, exit};
use crate::report::{sentence, unread};

/// What the run may have to tell, with a sentence about it. The order is the one of their indices.
pub(super) const NOTIFICATIONS: [(&str, &str); 4] = [
    ("incomplete-input", "An input could not be read or parsed, or a limit was hit: it was not fully checked"),
    ("input-warning", "Something about an input is worth acting on; it was fully checked"),
    ("input-note", "Something about an input is worth knowing"),
    ("results-truncated", "The report holds fewer results than were found, because readers of it take no more"),
];

/// The one invocation of a run.
pub(super) fn invocation(verdict: &Verdict, left_out: Option<String>) -> Invocation {
    let told = verdict.diagnostics.iter().filter(|diagnostic| diagnostic.level != Level::Error);
    let troubles: Vec<Notification> = unread(verdict).iter().chain(told).map(trouble).collect();
    let truncated = left_out.map(|text| notification(3, "warning", &text, ""));
    Invocation::builder()
        .execution_successful(![exit::INCOMPLETE, exit::INTERNAL].contains(&verdict.exit_code))
        .exit_code(verdict.exit_code)
        .exit_code_description(meaning(verdict.exit_code))
        .tool_execution_notifications(troubles.into_iter().chain(truncated).collect::<Vec<_>>())
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

fn notification(index: usize, level: &str, text: &str, path: &str) -> Notification {
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
        ..Notification::builder().message(message(&sentence(text))).build()
    }
}
