//! `log query`: prints the entries that a filter means.

use std::io::Write;

use super::entries::{Selected, select};
use super::filter::Filter;
use super::{Done, Trouble, log_or_default, show, shown, unreadable};
use crate::cli::log::{Query, QueryFormat};
use crate::judge::exit;
use crate::report::escape;

/// Runs a query.
pub(super) fn run(args: &Query, out: &mut dyn Write) -> Result<Done, Trouble> {
    let filter = Filter::of_query(args).map_err(Trouble::Usage)?;
    let path = log_or_default(args.filters.log.as_ref())?;
    let format = if args.json { QueryFormat::Json } else { args.format };
    let mut selected = match select(&path, &filter) {
        Ok(selected) => selected,
        Err(reason) => {
            let code = unreadable(&path);
            if format == QueryFormat::Json && code == exit::NOTHING {
                writeln!(out, "[]")?;
            }
            return Ok(Done::with(code).note(format!("{}: {reason}", shown(&path))));
        }
    };
    let complaint = selected.complaint();
    match format {
        QueryFormat::Text => text(&mut selected, out)?,
        QueryFormat::Csv => table(&mut selected, out)?,
        // Whoever expects the array of a whole log must not take part of one for it.
        QueryFormat::Json if complaint.is_some() => {
            let reason = serde_json::Value::from(complaint.clone());
            write!(out, "{{\n  \"error\": {reason},\n  \"entries\": ")?;
            array(&mut selected, out, escaped)?;
            writeln!(out, "\n}}")?;
        }
        QueryFormat::Json => {
            array(&mut selected, out, escaped)?;
            writeln!(out)?;
        }
    }
    Ok(match complaint {
        Some(complaint) => Done::with(exit::INCOMPLETE).note(format!("{}: {complaint}", shown(&path))),
        None => Done::with(exit::CLEAN),
    })
}

fn escaped(text: String) -> String {
    escape::json(text)
}

fn text(selected: &mut Selected, out: &mut dyn Write) -> Result<(), Trouble> {
    match selected.len() {
        0 => writeln!(out, "No matching audit entries found.")?,
        1 => writeln!(out, "Audit Log (1 entry)\n")?,
        count => writeln!(out, "Audit Log ({count} entries)\n")?,
    }
    selected.each(|entry| writeln!(out, "{}", show::text(entry)))?;
    Ok(())
}

/// The table, header and all.
pub(super) fn table(selected: &mut Selected, out: &mut dyn Write) -> Result<(), Trouble> {
    writeln!(out, "{}", show::HEADER)?;
    selected.each(|entry| writeln!(out, "{}", show::row(entry)))?;
    Ok(())
}

/// The array, without a newline at its end. `spell` has the last word on the text of each entry.
pub(super) fn array(selected: &mut Selected, out: &mut dyn Write, spell: fn(String) -> String) -> Result<(), Trouble> {
    if selected.len() == 0 {
        return Ok(write!(out, "[]")?);
    }
    let mut before = "[";
    selected.each(|entry| {
        write!(out, "{before}\n  {}", spell(show::json(entry)))?;
        before = ",";
        Ok(())
    })?;
    Ok(write!(out, "\n]")?)
}
