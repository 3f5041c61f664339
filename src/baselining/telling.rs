//! `baseline explain`: what stands in a baseline, in words.

use crate::baseline::{self, Entry};
use crate::cli::Explain;
use crate::discover;
use crate::disk;
use crate::done::Done;
use crate::judge::exit;
use crate::options;
use crate::options::day_of;
use crate::path;
use crate::report::escape;
use crate::rules;

pub(super) fn explain(explain: &Explain) -> Result<Done, String> {
    let path = if let Some(path) = &explain.baseline {
        path.clone()
    } else {
        let here = std::path::absolute(".").map_err(|error| format!(".: {}", disk::io_reason(&error)))?;
        discover::base_of(&[path::lexical(&here)]).join(baseline::NAME)
    };
    let shown = path.display().to_string();
    let bytes = disk::read(&path, baseline::MAX_SIZE).map_err(|why| format!("{shown}: {why}"))?;
    let found = baseline::read(&shown, &bytes)?;
    let matching: Vec<&Entry> =
        found.entries.iter().filter(|entry| !explain.id.is_empty() && entry.id.starts_with(&explain.id)).collect();
    if matching.is_empty() {
        return Err(format!("{shown}: no entry begins with {}", explain.id.escape_debug()));
    }
    let now = explain.now.map_or_else(options::clock, Ok)?;
    let today = day_of(now);
    let text: Vec<String> = matching.into_iter().map(|entry| words(entry, today)).collect();
    Ok(Done { code: exit::CLEAN, text: text.join("\n"), notes: Vec::new() })
}

fn words(entry: &Entry, today: jiff::civil::Date) -> String {
    let summary = rules::find(&entry.rule).map_or("a rule that this version does not have", |rule| rule.summary);
    let anchor = if entry.anchor.is_empty() { String::new() } else { format!(" at {}", escape::line(&entry.anchor)) };
    let mut lines = vec![
        format!("{}: {summary}", escape::line(&entry.rule)),
        format!("  in {}{anchor}", escape::path(&entry.path)),
        format!("  fingerprint {}", entry.id),
        match &entry.reason {
            Some(reason) => format!("  accepted: {}", escape::line(reason)),
            None => "  accepted without a reason".to_owned(),
        },
    ];
    match entry.until {
        Some(until) if until < today => {
            lines.push(format!("  until {until}: it is over, and the finding counts again"));
        }
        Some(until) => lines.push(format!("  until {until}")),
        None => {}
    }
    if entry.accept_critical {
        lines.push("  with --accept-critical".to_owned());
    }
    lines.join("\n") + "\n"
}
