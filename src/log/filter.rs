//! Which entries are meant: the filters of ClosedClaw's `log query`, as its JavaScript understands them.

use jiff::tz::TimeZone;

use crate::cli::log::{Export, Filters, Query};
use crate::model::audit_log::entry::Parsed;
use crate::model::audit_log::{KINDS, SEVERITIES};
use crate::syntax::ecma::{date, is_space};

/// The last time that a `Date` can hold, in milliseconds.
const LAST: f64 = 8.64e15;

/// What an entry has to be.
#[derive(Debug)]
pub(super) struct Filter {
    types: Vec<String>,
    severities: Vec<String>,
    /// Milliseconds; not a number lets nothing through.
    since: Option<f64>,
    until: Option<f64>,
    actor: Option<String>,
    session: Option<String>,
    /// In lower case.
    grep: Option<String>,
    failed_only: bool,
    zone: TimeZone,
    /// Most entries that are wanted.
    pub(super) limit: Option<usize>,
    /// The last ones first.
    pub(super) reverse: bool,
}

impl Filter {
    /// The filter of a query.
    ///
    /// # Errors
    /// In words: a type, severity or time that there is not.
    pub(super) fn of_query(query: &Query) -> Result<Self, String> {
        let mut filter = Self::of(&query.filters, &query.severity)?;
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        filter.actor = given(&query.actor);
        filter.session = given(&query.session);
        filter.grep = given(&query.grep).map(|text| text.to_lowercase());
        filter.failed_only = query.failed_only;
        filter.limit = query.limit.as_deref().and_then(limit);
        filter.reverse = query.reverse;
        Ok(filter)
    }

    /// The filter of an export.
    ///
    /// # Errors
    /// As those of a query.
    pub(super) fn of_export(export: &Export) -> Result<Self, String> {
        Self::of(&export.filters, &export.severity)
    }

    fn of(filters: &Filters, severities: &[String]) -> Result<Self, String> {
        let known =
            |words: &[String], all: &[&str], what: &str| match words.iter().find(|word| !all.contains(&&***word)) {
                Some(word) => Err(format!("no {what} `{word}`; there are {}", all.join(", "))),
                None => Ok(words.to_vec()),
            };
        let zone = zone();
        let now = filters.now.unwrap_or_else(super::clock);
        let time = |text: &Option<String>, flag: &str| match text.as_deref().filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match moment(text, now, &zone) {
                Some(time) => Ok(Some(time)),
                None => Err(format!("{flag}: `{text}` is no time: expected a date, or a number and s, m, h or d")),
            },
        };
        Ok(Self {
            types: known(&filters.types, &KINDS, "type")?,
            severities: known(severities, &SEVERITIES, "severity")?,
            since: time(&filters.since, "--since")?,
            until: time(&filters.until, "--until")?,
            actor: None,
            session: None,
            grep: None,
            failed_only: false,
            zone,
            limit: None,
            reverse: false,
        })
    }

    /// Is it an entry that is meant?
    pub(super) fn matches(&self, entry: &Parsed<'_>) -> bool {
        let one_of = |words: &[String], field: &str| {
            words.is_empty() || entry.field(field).is_some_and(|word| words.contains(&word))
        };
        let holds = |wanted: &Option<String>, field: &str, test: fn(&str, &str) -> bool| match wanted {
            None => true,
            Some(wanted) => entry.field(field).is_some_and(|text| test(&text, wanted)),
        };
        one_of(&self.types, "type")
            && one_of(&self.severities, "severity")
            && self.in_time(entry)
            && holds(&self.actor, "actor", |text, wanted| text == wanted)
            && holds(&self.session, "session", |text, wanted| text.contains(wanted))
            && self.grep.as_ref().is_none_or(|text| found(entry, text))
            && (!self.failed_only || failed(entry))
    }

    fn in_time(&self, entry: &Parsed<'_>) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let Some(time) = self.time(entry) else { return false };
        // Nothing is at or after what is not a number.
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until)
    }

    /// `new Date(entry.ts)`
    fn time(&self, entry: &Parsed<'_>) -> Option<f64> {
        let member = entry.json.get("ts")?;
        if let Some(text) = entry.json.text(member) {
            return date_of(&text, &self.zone);
        }
        match entry.json.scalar(member)? {
            b"null" | b"false" => Some(0.0),
            b"true" => Some(1.0),
            number => std::str::from_utf8(number).ok()?.parse().ok().filter(|time: &f64| time.abs() <= LAST),
        }
    }
}

/// The summary or the compact details, in any case.
fn found(entry: &Parsed<'_>, text: &str) -> bool {
    let details = || {
        let details = entry.json.value(entry.json.get("details")?);
        Some(String::from_utf8(details).ok()?.to_lowercase().contains(text))
    };
    entry.field("summary").is_some_and(|summary| summary.to_lowercase().contains(text)) || details() == Some(true)
}

fn failed(entry: &Parsed<'_>) -> bool {
    let is = |field: &str, words: &[&str]| entry.field(field).is_some_and(|word| words.contains(&&*word));
    let blocked = || {
        let details = entry.json.value(entry.json.get("details")?);
        let details = Parsed::read(&details).ok()?;
        Some(details.field("result")?.starts_with("blocked"))
    };
    is("severity", &["error", "critical"]) || is("type", &["egress_blocked"]) || blocked() == Some(true)
}

/// The time zone of the process, as `TZ` or the system has it.
fn zone() -> TimeZone {
    let Ok(name) = std::env::var("TZ") else { return TimeZone::try_system().unwrap_or(TimeZone::UTC) };
    let name = name.strip_prefix(':').unwrap_or(&name);
    TimeZone::get(name).or_else(|_| TimeZone::posix(name)).unwrap_or(TimeZone::UTC)
}

/// A date in milliseconds, when the text is one.
#[expect(clippy::cast_precision_loss, reason = "a `Date` is a double, and these are exact in one")]
fn date_of(text: &str, zone: &TimeZone) -> Option<f64> {
    let civil = date::parse(text)?;
    if civil.offset.is_some() {
        return civil.fixed().map(|time| time as f64);
    }
    let local = civil.as_utc();
    // What the calendar of the library does not reach is so far away that no zone matters.
    let offset = jiff::Timestamp::from_millisecond(local).map_or(0, |stamp| {
        let wall = TimeZone::UTC.to_datetime(stamp);
        let exact = zone.to_ambiguous_timestamp(wall).compatible();
        exact.map_or(0, |exact| local - exact.as_millisecond())
    });
    date::clipped(local - offset).map(|time| time as f64)
}

/// A date, or a time ago; not a number where JavaScript has no such date.
#[expect(clippy::cast_precision_loss, reason = "a `Date` is a double, and these are exact in one")]
fn moment(text: &str, now: i64, zone: &TimeZone) -> Option<f64> {
    if let Some(time) = date_of(text, zone) {
        return Some(time);
    }
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit).filter(|digits| !digits.is_empty())?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: f64 = digits.parse().ok()?;
    let seconds = match unit {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => return Some(days_ago(count, now, zone).map_or(f64::NAN, |time| time as f64)),
        _ => return None,
    };
    let time = now as f64 - count * seconds * 1000.0;
    Some(if time.abs() <= LAST { time } else { f64::NAN })
}

/// The same time of day, days before by the calendar.
fn days_ago(count: f64, now: i64, zone: &TimeZone) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates far beyond what a date can be")]
    let days = jiff::Span::new().try_days(count as i64).ok()?;
    let here = jiff::Timestamp::from_millisecond(now).ok()?.to_zoned(zone.clone());
    let there = here.datetime().checked_sub(days).ok()?;
    Some(zone.to_ambiguous_timestamp(there).compatible().ok()?.as_millisecond())
}

/// `parseInt(text, 10)`, where only what is above zero limits anything.
fn limit(text: &str) -> Option<usize> {
    let text = text.trim_start_matches(is_space);
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let digits = text.get(..end).filter(|digits| !digits.is_empty())?;
    Some(digits.parse().unwrap_or(usize::MAX)).filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_770_746_400_000;

    #[test]
    fn times_are_dates_first() {
        let utc = |text: &str| moment(text, NOW, &TimeZone::UTC);
        assert_eq!(utc("1h"), Some(1_770_742_800_000.0));
        assert_eq!(utc("2d"), Some(1_770_573_600_000.0));
        assert_eq!(utc("1"), Some(978_307_200_000.0));
        assert!(utc("99999999999999999d").is_some_and(f64::is_nan));
        assert!(utc("99999999999999999s").is_some_and(f64::is_nan));
        assert_eq!((utc("1H"), utc("h"), utc("-1h"), utc("1.5h"), utc("tomorrow")), (None, None, None, None, None));
    }

    #[test]
    fn days_go_by_the_calendar() {
        let zone = TimeZone::get("America/New_York").unwrap();
        // Noon on the day of the change to summer time: a day before is 23 hours before.
        let noon = 1_772_985_600_000;
        assert_eq!(moment("1d", noon, &zone), Some(1_772_985_600_000.0 - 23.0 * 3_600_000.0));
        assert_eq!(moment("24h", noon, &zone), Some(1_772_985_600_000.0 - 24.0 * 3_600_000.0));
        assert_eq!(moment("2026-03-08T02:30", noon, &zone), Some(1_772_955_000_000.0));
    }

    #[test]
    fn limits_are_those_of_parse_int() {
        let limits = ["3", " 3.9", "5x", "1e2", "+7", "0", "-1", "abc", "", "99999999999999999999999"];
        let want = [Some(3), Some(3), Some(5), Some(1), Some(7), None, None, None, None, Some(usize::MAX)];
        assert_eq!(limits.map(limit), want);
    }
}
