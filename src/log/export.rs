//! `log export`: writes the entries that a filter means to a file.

use std::fs::File;
use std::io::{BufWriter, Write};

use super::entries::select;
use super::filter::Filter;
use super::{Done, Trouble, log_or_default, query, shown, unreadable};
use crate::cli::log::{Export, ExportFormat};
use crate::disk::io_reason;
use crate::judge::exit;
use crate::report::escape;

/// Runs an export. Nothing is written when nothing matches or the log cannot be read whole.
pub(super) fn run(args: &Export, out: &mut dyn Write) -> Result<Done, Trouble> {
    let filter = Filter::of_export(args).map_err(Trouble::Usage)?;
    let path = log_or_default(args.filters.log.as_ref())?;
    let mut selected = match select(&path, &filter) {
        Ok(selected) => selected,
        Err(reason) => return Ok(Done::with(unreadable(&path)).note(format!("{}: {reason}", shown(&path)))),
    };
    if let Some(complaint) = selected.complaint() {
        return Ok(Done::with(exit::INCOMPLETE).note(format!("{}: {complaint}; nothing was written", shown(&path))));
    }
    if selected.len() == 0 {
        writeln!(out, "No matching entries to export.")?;
        return Ok(Done::with(exit::CLEAN));
    }
    let name = shown(&args.output);
    let failed = |error: &std::io::Error| Trouble::Usage(format!("--output {name}: {}", io_reason(error)));
    let mut file = BufWriter::new(File::create(&args.output).map_err(|error| failed(&error))?);
    let written = match args.format {
        ExportFormat::Csv => query::table(&mut selected, &mut file),
        ExportFormat::Json => query::array(&mut selected, &mut file, |text| text),
    };
    match written.and_then(|()| Ok(file.flush()?)) {
        Err(Trouble::Output(error)) => return Err(failed(&error)),
        written => written?,
    }
    let what = if selected.len() == 1 { "entry" } else { "entries" };
    writeln!(out, "Exported {} {what} to {}", selected.len(), escape::path(&name))?;
    Ok(Done::with(exit::CLEAN))
}
