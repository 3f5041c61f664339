//! `log verify` on exports: JSON by its own hashes, CSV against the log it was made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::verify::{Said, number};
use super::{shown, unreadable};
use crate::disk::{io_reason, read};
use crate::judge::exit;
use crate::load::audit_log::Place;
use crate::load::blocks::{self, Chunk};
use crate::model::audit_log::MAX_LINE;
use crate::model::audit_log::csv::{self, HEADER, REAL_HEADER};
use crate::model::audit_log::entry::Parsed;
use crate::model::audit_log::export::{Chain, Elements, Exported};
use crate::report::escape;

/// Bytes that are read at once.
const PIECE: usize = 128 << 10;

/// Largest table that is read, in bytes: it is held in memory.
const MAX_TABLE: u64 = 256 << 20;

/// Verifies a JSON export.
pub(super) fn json(path: &Path) -> Said {
    match read_json(path) {
        Ok(exported) => said(path, "json-export", &exported),
        Err(reason) => Said::unreadable(path, "json-export", &reason),
    }
}

fn read_json(path: &Path) -> Result<Exported, String> {
    // Nothing but a regular file is opened.
    Place::Disk(path.to_path_buf()).open()?;
    let mut file = File::open(path).map_err(|error| io_reason(&error))?;
    let (mut chain, mut elements) = (Chain::default(), Elements::default());
    let mut piece = vec![0; PIECE];
    let mut start = true;
    loop {
        let count = file.read(&mut piece).map_err(|error| io_reason(&error))?;
        if count == 0 {
            break;
        }
        let bytes = piece.get(..count).unwrap_or_default();
        // Editors put a byte order mark before it.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).filter(|_| start).unwrap_or(bytes);
        start = false;
        elements.push(bytes, MAX_LINE, &mut |element| {
            let entry = Parsed::read(element).map_err(|refusal| format!("not JSON: {}", refusal.message))?;
            chain.push(&entry);
            Ok(())
        })?;
    }
    if elements.is_whole() { Ok(chain.finish()) } else { Err("not JSON: the array does not end".to_owned()) }
}

fn said(path: &Path, format: &str, exported: &Exported) -> Said {
    let chain = exported.chain();
    // A filter leaves gaps; it does not move entries about.
    let moved = chain == "gaps" && exported.shuffled;
    let intact = chain != "tampered" && !moved;
    let numbers = |list: &[f64]| list.iter().copied().map(number).collect::<Vec<Value>>();
    let name = shown(path);
    let document = json!({
        "file": name,
        "format": format,
        "integrityOk": intact,
        "entries": exported.entries,
        "chain": chain,
        "badHashSeqs": numbers(&exported.bad_hashes),
        "brokenLinksBeforeSeqs": numbers(&exported.broken_links),
        "startsAtGenesis": exported.from_genesis,
        "reversed": exported.reversed,
    });
    let meaning = match chain {
        "tampered" => format!("entries whose content does not give their hash: {}", listed(&exported.bad_hashes)),
        "gaps" if moved => "entries were moved: no filter gives this order".to_owned(),
        "gaps" => "the entries are as they were written; whether others are missing only the log can tell".to_owned(),
        "complete-from-genesis" => "the entries hang together from the start of the log".to_owned(),
        _ => "the entries hang together".to_owned(),
    };
    let text = format!("{}: {chain}, {} entries; {meaning}\n", escape::path(&name), exported.entries);
    Said { code: if intact { exit::CLEAN } else { exit::FINDINGS }, document, text, notes: Vec::new() }
}

fn listed(seqs: &[f64]) -> String {
    let few: Vec<String> = seqs.iter().take(20).map(|seq| number(*seq).to_string()).collect();
    let more = if seqs.len() > few.len() { ", …" } else { "" };
    few.join(", ") + more
}

/// Verifies a CSV export: ClosedClaw's against a log, ours by its own hashes.
pub(super) fn csv(path: &Path, against: Option<&Path>) -> Said {
    let format = "csv-export";
    let text = match read(path, MAX_TABLE) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(reason) => return Said::unreadable(path, format, &reason),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let (header, start) = csv::next_row(text);
    let header = header.into_iter().map(|cell| cell.text).collect::<Vec<_>>().join(",");
    let rows = text.get(start..).unwrap_or_default();
    match (&*header, against) {
        (HEADER, _) => ours(path, rows),
        (REAL_HEADER, Some(log)) => match Index::read(log) {
            Ok(index) => cross_check(path, rows, &index),
            Err(reason) => {
                let said = Said::unreadable(path, format, &format!("{}: {reason}", shown(log)));
                Said { code: unreadable(log), ..said }
            }
        },
        (REAL_HEADER, None) => Said {
            code: exit::USAGE,
            ..Said::unreadable(path, format, "a CSV export proves nothing alone: name its log with --against")
        },
        _ => Said {
            code: exit::INCOMPLETE,
            ..Said::unreadable(path, format, "not an export of an audit log: another header")
        },
    }
}

fn ours(path: &Path, mut rows: &str) -> Said {
    let mut chain = Chain::default();
    while !rows.is_empty() {
        let (cells, length) = csv::next_row(rows);
        rows = rows.get(length..).unwrap_or_default();
        let line = csv::line(&cells).unwrap_or_default();
        let Ok(entry) = Parsed::read(line.as_bytes()) else {
            let message = "a row of the table cannot be read";
            return Said { code: exit::INCOMPLETE, ..Said::unreadable(path, "csv-export", message) };
        };
        chain.push(&entry);
    }
    said(path, "csv-export", &chain.finish())
}

/// The entries of a log by their sequence number, as rows of the table.
#[derive(Default)]
struct Index {
    /// Row numbers of the rows with a sequence number.
    by_seq: BTreeMap<String, Vec<usize>>,
    rows: Vec<Row>,
}

struct Row {
    seq: String,
    kind: String,
    text: String,
    cells: Vec<String>,
}

impl Index {
    fn read(log: &Path) -> Result<Self, String> {
        let mut index = Self::default();
        let mut size = 0_u64;
        let mut blocks = Place::Disk(log.to_path_buf()).open()?;
        let work = |block: &blocks::Block| {
            let lines = block.bytes().split(|byte| *byte == b'\n');
            lines.filter_map(|line| row_of(&Parsed::read(line).ok()?)).collect::<Vec<_>>()
        };
        blocks::each(&mut blocks, work, |chunk, rows| {
            if let Chunk::Lines(block) = chunk {
                size += block.bytes().len() as u64;
            }
            for row in rows.unwrap_or_default().into_iter().filter(|_| size <= MAX_TABLE) {
                index.by_seq.entry(row.seq.clone()).or_default().push(index.rows.len());
                index.rows.push(row);
            }
        })
        .map_err(|error| io_reason(&error))?;
        if size > MAX_TABLE { Err(format!("larger than {} MiB", MAX_TABLE >> 20)) } else { Ok(index) }
    }
}

fn row_of(entry: &Parsed<'_>) -> Option<Row> {
    let seq = String::from_utf8(entry.json.value(entry.json.get("seq")?)).ok()?;
    let (text, cells) = (csv::real_row(entry)?, csv::real_cells(entry));
    Some(Row { seq, kind: entry.field("type").unwrap_or_default(), text, cells })
}

/// What the comparison of a table with a log says.
#[derive(Default)]
struct Compared {
    edited: Vec<String>,
    extra: Vec<String>,
    missing: Vec<String>,
    not_back: Vec<String>,
    formulas: Vec<String>,
    normalised: bool,
    found: BTreeSet<usize>,
}

fn cross_check(path: &Path, rows: &str, index: &Index) -> Said {
    let mut compared = Compared::default();
    let mut rest = rows;
    while !rest.is_empty() {
        let length = compared.row(rest, index);
        rest = rest.get(length..).unwrap_or_default();
    }
    compared.missing = missing(&compared.found, index);
    compared.say(path)
}

/// Line ends as one sign.
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

impl Compared {
    /// Compares the row that `rest` begins with: how long it is.
    fn row(&mut self, rest: &str, index: &Index) -> usize {
        let seq = rest.split(',').next().unwrap_or_default().trim_matches('"');
        let candidates = index.by_seq.get(seq).into_iter().flatten().filter_map(|at| Some((*at, index.rows.get(*at)?)));
        for (at, row) in candidates.clone() {
            let after = rest.strip_prefix(row.text.as_str());
            let plain = after.is_some_and(|after| after.is_empty() || after.starts_with('\n'));
            if plain {
                self.found(at, row);
                return row.text.len() + 1;
            }
        }
        let (cells, length) = csv::next_row(rest);
        let texts: Vec<String> = cells.iter().map(|cell| unix(&cell.text)).collect();
        if texts.iter().all(String::is_empty) {
            return length;
        }
        let same = |row: &Row| row.cells.iter().map(|cell| unix(cell)).eq(texts.iter().cloned());
        match candidates.clone().find(|(_, row)| same(row)) {
            Some((at, row)) => {
                self.normalised = true;
                self.found(at, row);
            }
            None => match candidates.clone().next() {
                Some((at, _)) => {
                    self.found.insert(at);
                    self.edited.push(seq.to_owned());
                }
                None => self.extra.push(seq.to_owned()),
            },
        }
        length
    }

    fn found(&mut self, at: usize, row: &Row) {
        self.found.insert(at);
        let (cells, _) = csv::next_row(&row.text);
        if !cells.iter().map(|cell| &cell.text).eq(&row.cells) {
            self.not_back.push(row.seq.clone());
        }
        // The number and the time are the logger's own.
        if row.cells.iter().skip(2).any(|cell| csv::is_formula(cell)) {
            self.formulas.push(row.seq.clone());
        }
    }

    fn say(&self, path: &Path) -> Said {
        let seqs = [&self.edited, &self.extra, &self.missing].into_iter().find(|list| !list.is_empty());
        let verdict = if !self.edited.is_empty() {
            "mismatch"
        } else if !self.extra.is_empty() {
            "extra-rows"
        } else if !self.missing.is_empty() {
            "missing-rows"
        } else if self.normalised {
            "match-after-newline-normalisation"
        } else {
            "match"
        };
        let intact = verdict.starts_with("match");
        let values = |list: &[String]| {
            let value = |text: &String| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.clone().into());
            list.iter().map(value).collect::<Vec<Value>>()
        };
        let name = shown(path);
        let document = json!({
            "file": name,
            "format": "csv-export",
            "integrityOk": intact,
            "crossCheck": verdict,
            "seqs": values(seqs.map_or(&[], |list| list)),
            "rowsNotRoundTrippable": values(&self.not_back),
            "formulaLike": values(&self.formulas),
            "editedSeqs": values(&self.edited),
            "extraSeqs": values(&self.extra),
            "missingSeqs": values(&self.missing),
        });
        let mut text = format!("{}: {verdict}, {} rows\n", escape::path(&name), self.found.len() + self.extra.len());
        for (what, list) in [
            ("edited", &self.edited),
            ("not in the log", &self.extra),
            ("left out", &self.missing),
            ("not readable as a table", &self.not_back),
            ("with cells that a spreadsheet calculates", &self.formulas),
        ] {
            if !list.is_empty() {
                let few: Vec<&str> = list.iter().take(20).map(String::as_str).collect();
                let more = if list.len() > few.len() { ", …" } else { "" };
                let _ = writeln!(text, "  {what}: {}{more}", escape::line(&few.join(", ")));
            }
        }
        Said { code: if intact { exit::CLEAN } else { exit::FINDINGS }, document, text, notes: Vec::new() }
    }
}

/// The rows that no filter of the export command leaves out: it knows types and a time from and until.
fn missing(found: &BTreeSet<usize>, index: &Index) -> Vec<String> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Vec::new() };
    let span = || index.rows.iter().enumerate().skip(*first).take(last - first + 1);
    let kinds: BTreeSet<&str> = found.iter().filter_map(|at| Some(index.rows.get(*at)?.kind.as_str())).collect();
    let there: BTreeSet<&str> = span().map(|(_, row)| row.kind.as_str()).collect();
    // Nobody lists most of the types.
    let all = kinds.len() >= 4 && kinds.len() * 2 > there.len();
    span()
        .filter(|(at, row)| !found.contains(at) && (all || kinds.contains(row.kind.as_str())))
        .map(|(_, row)| row.seq.clone())
        .collect()
}
