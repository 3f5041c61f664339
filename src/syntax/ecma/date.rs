//! Dates as `new Date(text)` reads them in V8: the format of the standard, and whatever else it makes sense of.
//!
//! The standard leaves other formats to the engine, and filters of a log are compared with what the engine
//! says: `1` is January 2001, `2026-02-30` is the second of March, and words before the first number do not count.

mod token;

use token::{Token, Tokens};

/// A date and time that was read, in the calendar of its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: i64,
    /// The day, from 1; it may lie beyond the end of the month.
    pub day: i64,
    /// Milliseconds since midnight; 24 hours are allowed.
    pub millisecond: i64,
    /// Seconds east of Greenwich; none for local time.
    pub offset: Option<i64>,
}

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;
/// The last time that a `Date` can hold, on either side of 1970, in milliseconds.
const LAST: i64 = 8_640_000_000_000_000;

impl Civil {
    /// Milliseconds between 1970 and this date, as if it were UTC.
    #[must_use]
    pub const fn as_utc(&self) -> i64 {
        (days_before(self.year, self.month) + self.day - 1) * DAY + self.millisecond
    }

    /// Milliseconds since 1970, when the text says of which place it speaks and the time exists.
    #[must_use]
    pub fn fixed(&self) -> Option<i64> {
        clipped(self.as_utc() - self.offset? * 1000)
    }
}

/// A time that a `Date` can hold.
#[must_use]
pub fn clipped(millisecond: i64) -> Option<i64> {
    (-LAST..=LAST).contains(&millisecond).then_some(millisecond)
}

/// Days between 1970 and the first of a month.
const fn days_before(year: i64, month: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Reads a text; none when it is no date.
#[must_use]
pub fn parse(text: &str) -> Option<Civil> {
    let mut parser = Parser { tokens: Tokens::new(text), ..Parser::default() };
    match parser.standard() {
        Standard::Whole => {}
        Standard::Wrong => return None,
        Standard::GoOn(token) => parser.legacy(token)?,
    }
    parser.civil()
}

/// Years beyond have no time at all.
const FARTHEST: i64 = 1_000_000;

/// How far the format of the standard went.
enum Standard {
    Whole,
    Wrong,
    GoOn(Token),
}

#[derive(Default)]
struct Parser {
    tokens: Tokens,
    iso: bool,
    days: Vec<i64>,
    month: Option<i64>,
    times: Vec<i64>,
    half: Option<i64>,
    zone: Zone,
}

#[derive(Default)]
struct Zone {
    sign: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
}

impl Zone {
    const fn set(&mut self, hours: i64) {
        (self.sign, self.hour, self.minute) = (Some(if hours < 0 { -1 } else { 1 }), Some(hours.abs()), Some(0));
    }
}

impl Parser {
    /// `[±yy]yyyy[-MM[-DD]][THH:mm[:ss[.s…]][Z|±hh:mm]]`
    fn standard(&mut self) -> Standard {
        if let sign @ Token::Symbol('+' | '-') = self.tokens.peek() {
            self.tokens.next();
            let Token::Number(year, 6) = self.tokens.peek() else { return Standard::GoOn(sign) };
            self.tokens.next();
            let negative = sign == Token::Symbol('-');
            if negative && year == 0 {
                return Standard::GoOn(sign);
            }
            self.days.push(if negative { -year } else { year });
        } else if let Token::Number(year, 4) = self.tokens.peek() {
            self.tokens.next();
            self.days.push(year);
        } else {
            return Standard::GoOn(self.tokens.next());
        }
        for most in [12, 31] {
            if !self.tokens.skip('-') {
                break;
            }
            match self.tokens.peek() {
                Token::Number(value, 2) if (1..=most).contains(&value) => {
                    self.tokens.next();
                    self.days.push(value);
                }
                _ => return Standard::GoOn(self.tokens.next()),
            }
        }
        match self.tokens.peek() {
            Token::Separator => {
                self.tokens.next();
                if self.standard_time().is_none() || self.tokens.peek() != Token::End {
                    return Standard::Wrong;
                }
            }
            Token::End => self.zone.set(0),
            _ => return Standard::GoOn(self.tokens.next()),
        }
        self.iso = true;
        Standard::Whole
    }

    fn two_digits(&mut self, most: i64) -> Option<i64> {
        match self.tokens.next() {
            Token::Number(value, 2) if value <= most => Some(value),
            _ => None,
        }
    }

    fn standard_time(&mut self) -> Option<()> {
        let hour = self.two_digits(24)?;
        let most = if hour == 24 { 0 } else { 59 };
        if !self.tokens.skip(':') {
            return None;
        }
        let minute = self.two_digits(most)?;
        self.times.extend([hour, minute]);
        if self.tokens.skip(':') {
            let second = self.two_digits(most)?;
            self.times.push(second);
            if self.tokens.skip('.') {
                let Token::Number(value, length) = self.tokens.next() else { return None };
                if hour == 24 && value > 0 {
                    return None;
                }
                self.times.push(milliseconds(value, length));
            }
        }
        match self.tokens.peek() {
            Token::Zone(0, 1) => {
                self.tokens.next();
                self.zone.set(0);
            }
            Token::Symbol(sign @ ('+' | '-')) => {
                self.tokens.next();
                self.zone.sign = Some(if sign == '-' { -1 } else { 1 });
                let (hour, minute) = match self.tokens.next() {
                    Token::Number(both, 4) => (both / 100, both % 100),
                    Token::Number(hour, 2) if self.tokens.skip(':') => (hour, self.two_digits(59)?),
                    _ => return None,
                };
                if hour > 23 || minute > 59 {
                    return None;
                }
                (self.zone.hour, self.zone.minute) = (Some(hour), Some(minute));
            }
            _ => {}
        }
        Some(())
    }

    /// Whatever else there is, token by token.
    fn legacy(&mut self, first: Token) -> Option<()> {
        let mut number_seen = !self.days.is_empty();
        let mut token = first;
        while token != Token::End {
            let utc = self.zone.hour == Some(0) && self.zone.minute == Some(0);
            match token {
                Token::Number(value, _) => {
                    number_seen = true;
                    self.number(value)?;
                }
                Token::Half(hours) if !self.times.is_empty() => self.half = Some(hours),
                Token::Month(month) => {
                    self.month = Some(month);
                    self.tokens.skip('-');
                }
                Token::Zone(hours, _) if number_seen => self.zone.set(hours),
                // Words end with the first number, and do not touch it.
                Token::Half(_) | Token::Zone(..) | Token::Separator | Token::Word
                    if number_seen || matches!(self.tokens.peek(), Token::Number(..)) =>
                {
                    return None;
                }
                Token::Symbol('+' | '-') if utc || !self.times.is_empty() => {
                    self.offset(token)?;
                    number_seen = true;
                }
                Token::Symbol('+' | '-' | ')') if number_seen => return None,
                _ => {}
            }
            token = self.tokens.next();
        }
        Some(())
    }

    /// Would a number be the next part of a time that has begun?
    fn expects(&self, value: i64) -> bool {
        match self.times.len() {
            1 | 2 => (0..60).contains(&value),
            3 => (0..1000).contains(&value),
            _ => false,
        }
    }

    fn add_time(&mut self, value: i64) -> Option<()> {
        (self.times.len() < 4).then(|| self.times.push(value))
    }

    fn number(&mut self, value: i64) -> Option<()> {
        if self.tokens.skip(':') {
            if self.tokens.skip(':') {
                if !self.times.is_empty() {
                    return None;
                }
                self.times.extend([value, 0]);
            } else {
                self.add_time(value)?;
                if self.tokens.peek() == Token::Symbol('.') {
                    self.tokens.next();
                }
            }
        } else if self.tokens.skip('.') && self.expects(value) {
            self.add_time(value)?;
            let Token::Number(value, length) = self.tokens.next() else { return None };
            self.final_time(milliseconds(value, length));
        } else if self.zone.hour.is_some() && self.zone.minute.is_none() && (0..60).contains(&value) {
            self.zone.minute = Some(value);
        } else if self.expects(value) {
            self.final_time(value);
            let next = self.tokens.peek();
            if !matches!(next, Token::End | Token::Blank | Token::Zone(0, 1)) && !next.is_sign() {
                return None;
            }
        } else {
            if self.days.len() >= 3 {
                return None;
            }
            self.days.push(value);
            self.tokens.skip('-');
        }
        Some(())
    }

    /// The last part of a time that is written: the others are zero.
    fn final_time(&mut self, value: i64) {
        if self.add_time(value).is_some() {
            self.times.resize(4, 0);
        }
    }

    fn offset(&mut self, sign: Token) -> Option<()> {
        self.zone.sign = Some(if sign == Token::Symbol('-') { -1 } else { 1 });
        let (mut value, mut length) = (0, 0);
        if let Token::Number(number, digits) = self.tokens.peek() {
            self.tokens.next();
            (value, length) = (number, digits);
        }
        let colon = self.tokens.peek() == Token::Symbol(':');
        (self.zone.hour, self.zone.minute) = match length {
            _ if colon => (Some(value), None),
            1 | 2 => (Some(value), Some(0)),
            3 | 4 => (Some(value / 100), Some(value % 100)),
            _ => return None,
        };
        Some(())
    }

    fn civil(&self) -> Option<Civil> {
        let day = |index: usize| self.days.get(index).copied().unwrap_or(1);
        let first_is_day = (1..=31).contains(&day(0));
        if self.days.is_empty() {
            return None;
        }
        let (mut year, month, day) = match self.month {
            None if self.iso || !first_is_day => (day(0), day(1), day(2)),
            None => (day(2), day(0), day(1)),
            Some(month) if first_is_day => (day(1), month, day(0)),
            Some(month) => (day(0), month, day(1)),
        };
        if !self.iso {
            year += match year {
                0..=49 => 2000,
                50..=99 => 1900,
                _ => 0,
            };
        }
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(-FARTHEST..=FARTHEST).contains(&year) {
            return None;
        }
        let time = |index: usize| self.times.get(index).copied().unwrap_or(0);
        let (mut hour, minute, second, milli) = (time(0), time(1), time(2), time(3));
        if let Some(half) = self.half {
            if hour > 12 {
                return None;
            }
            hour = hour % 12 + half;
        }
        let midnight = (hour, minute, second, milli) == (24, 0, 0, 0);
        if !midnight && (hour > 23 || minute > 59 || second > 59 || milli > 999) {
            return None;
        }
        let millisecond = ((hour * 60 + minute) * 60 + second) * 1000 + milli;
        let zone = |sign: i64| sign * (self.zone.hour.unwrap_or(0) * 3600 + self.zone.minute.unwrap_or(0) * 60);
        Some(Civil { year, month, day, millisecond, offset: self.zone.sign.map(zone) })
    }
}

/// The first three digits after a point, as many as are read of them.
fn milliseconds(value: i64, length: usize) -> i64 {
    match length {
        0..=3 => value * 10_i64.pow(u32::try_from(3 - length).unwrap_or(0)),
        _ => value / 10_i64.pow(u32::try_from(length.min(9) - 3).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<i64> {
        parse(text)
            .map(|civil| Civil { offset: Some(civil.offset.unwrap_or(0)), ..civil })
            .and_then(|civil| civil.fixed())
    }

    #[test]
    fn dates_are_those_of_the_engine() {
        for (text, want) in [
            ("2026-02-10T15:00:00.123Z", Some(1_770_735_600_123)),
            ("2026-02-10T15:00:00.123456+01:00", Some(1_770_732_000_123)),
            ("2026-02-30", Some(1_772_409_600_000)),
            ("2026", Some(1_767_225_600_000)),
            ("1", Some(978_307_200_000)),
            ("02/10/2026", Some(1_770_681_600_000)),
            ("Tue, 10 Feb 2026 15:00:00 GMT", Some(1_770_735_600_000)),
            ("Feb 10 2026 3:00 pm", Some(1_770_735_600_000)),
            ("+275760-09-13T00:00:00.000Z", Some(8_640_000_000_000_000)),
            ("+275760-09-13T00:00:00.001Z", None),
            ("-000000-01-01", Some(978_307_200_000)),
            ("-000000", None),
            ("2026-13-01", None),
            ("2026-02-10T25:00Z", None),
            ("1h", None),
            ("", None),
        ] {
            assert_eq!(utc(text), want, "{text}");
        }
        assert_eq!(parse("2026-02-10T12:00").and_then(|civil| civil.offset), None);
    }
}
