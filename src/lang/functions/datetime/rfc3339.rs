//! Times as RFC 3339 writes them, with the sentences of Terraform for what is wrong with one, and durations as Go writes them.

use std::fmt;

use super::super::FunctionError;
use super::super::text::quoted;

const NANOS: i128 = 1_000_000_000;
const DAY: i64 = 86_400;

/// A moment with the offset from UTC that it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timestamp {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    instant: i128,
    /// Seconds east of UTC.
    offset: i64,
}

/// The parts of a [`Timestamp`] at its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub year: i64,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// 0 is Sunday.
    pub weekday: u8,
}

/// How literally the form is taken: the lenient one allows an hour of one digit and a comma before fractions of seconds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    Strict,
    Lenient,
}

impl Timestamp {
    pub fn from_unix(seconds: i64) -> Self {
        Self { instant: i128::from(seconds) * NANOS, offset: 0 }
    }

    pub fn parse(s: &str, precision: Precision) -> Result<Self, FunctionError> {
        Reader { rest: s, precision }.timestamp()
    }

    pub fn instant(&self) -> i128 {
        self.instant
    }

    #[must_use]
    pub fn add(self, nanoseconds: i64) -> Self {
        Self { instant: self.instant + i128::from(nanoseconds), ..self }
    }

    pub fn civil(&self) -> Civil {
        let seconds = self.instant.div_euclid(NANOS) + i128::from(self.offset);
        // A year is four digits plus what an i64 of nanoseconds adds: far from the limits.
        let seconds = i64::try_from(seconds).unwrap_or_default();
        let (days, second_of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = civil_of_days(days);
        let part = |n: i64| u8::try_from(n).unwrap_or_default();
        Civil {
            year,
            month,
            day,
            hour: part(second_of_day / 3600),
            minute: part(second_of_day / 60 % 60),
            second: part(second_of_day % 60),
            weekday: part((days + 4).rem_euclid(7)),
        }
    }

    /// `+02:00`, or without the separator `+0200`.
    pub fn offset_with(&self, separator: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }

    pub fn is_utc(&self) -> bool {
        self.offset == 0
    }
}

/// To the second.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        let (sign, year) = if c.year < 0 { ("-", -c.year) } else { ("", c.year) };
        write!(
            f,
            "{sign}{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            c.month, c.day, c.hour, c.minute, c.second
        )?;
        if self.is_utc() { f.write_str("Z") } else { f.write_str(&self.offset_with(":")) }
    }
}

/// Reads a time in one of the forms of YAML: as RFC 3339 or with a space and no offset, digits may be missing; or a date
/// alone. `None` if it is none of them.
pub(super) fn parse_loose(s: &str) -> Option<Timestamp> {
    let digits = |s: &str, most: usize| -> Option<(i64, usize)> {
        let count = s.bytes().take_while(u8::is_ascii_digit).count().min(most);
        Some((s.get(..count)?.parse().ok()?, count))
    };
    let mut rest = s;
    let number = |rest: &mut &str, most: usize, range: std::ops::RangeInclusive<i64>| -> Option<i64> {
        let (number, count) = digits(rest, most)?;
        *rest = rest.get(count..)?;
        range.contains(&number).then_some(number)
    };
    let literal = |rest: &mut &str, expected: char| -> Option<()> {
        *rest = rest.strip_prefix(expected)?;
        Some(())
    };
    if s.bytes().take_while(u8::is_ascii_digit).count() != 4 {
        return None;
    }
    let year = number(&mut rest, 4, 0..=9999)?;
    literal(&mut rest, '-')?;
    let month = number(&mut rest, 2, 1..=12)?;
    literal(&mut rest, '-')?;
    let day = number(&mut rest, 2, 1..=days_of_month(year, month))?;
    let days = days_of_civil(year, month, day);
    if rest.is_empty() {
        return Some(Timestamp::from_unix(days * DAY));
    }
    let spaced = rest.starts_with(' ');
    rest = rest.strip_prefix(['T', 't', ' '])?;
    let hour = number(&mut rest, 2, 0..=23)?;
    literal(&mut rest, ':')?;
    let minute = number(&mut rest, 2, 0..=59)?;
    literal(&mut rest, ':')?;
    let second = number(&mut rest, 2, 0..=59)?;
    let mut reader = Reader { rest, precision: Precision::Strict };
    let fraction = reader.fraction();
    let offset = if spaced { 0 } else { reader.offset().ok()? };
    if !reader.rest.is_empty() {
        return None;
    }
    let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset;
    Some(Timestamp { instant: i128::from(seconds) * NANOS + i128::from(fraction), offset })
}

/// Reads a timestamp from left to right.
struct Reader<'a> {
    rest: &'a str,
    precision: Precision,
}

impl Reader<'_> {
    fn timestamp(mut self) -> Result<Timestamp, FunctionError> {
        let year = self.number("year", 4, 0..=9999)?;
        self.literal('-')?;
        let month = self.number("month", 2, 1..=12)?;
        self.literal('-')?;
        let day = self.number("day of month", 2, 0..=99)?;
        if !self.rest.starts_with('T') {
            return Err(invalid("missing required time introducer 'T'"));
        }
        self.skip(1);
        let hour = self.hour()?;
        self.literal(':')?;
        let minute = self.number("minute", 2, 0..=59)?;
        self.literal(':')?;
        let second = self.number("second", 2, 0..=59)?;
        let fraction = self.fraction();
        let offset = self.offset()?;
        if !self.rest.is_empty() {
            return Err(self.cannot_use("timestamp segment"));
        }
        if !(1..=days_of_month(year, month)).contains(&day) {
            return Err(invalid("day out of range"));
        }
        let days = days_of_civil(year, month, day);
        let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset;
        Ok(Timestamp { instant: i128::from(seconds) * NANOS + i128::from(fraction), offset })
    }

    /// A number of exactly so many digits.
    fn number(
        &mut self,
        what: &str,
        digits: usize,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<i64, FunctionError> {
        if self.rest.is_empty() {
            return Err(invalid(&format!("end of string before {what}")));
        }
        let text = self.rest.get(..digits).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let Some(text) = text else {
            if what == "minute" {
                return Err(invalid("minute must have exactly two digits"));
            }
            return Err(self.cannot_use(what));
        };
        let number = text.parse::<i64>().ok().filter(|number| range.contains(number));
        let shown = quoted(text);
        self.skip(digits);
        number.ok_or_else(|| {
            invalid(&match what {
                "month" | "minute" | "second" => {
                    format!("{what} must be between {:02} and {} inclusive", range.start(), range.end())
                }
                _ => format!("cannot use {shown} as {what}"),
            })
        })
    }

    fn hour(&mut self) -> Result<i64, FunctionError> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 1 {
            let colon = self.rest.as_bytes().get(1) == Some(&b':');
            if colon && self.precision == Precision::Strict {
                return Err(invalid("hour must have exactly two digits"));
            }
            return self.number("hour", 1, 0..=9);
        }
        let hour = self.number("hour", 2, 0..=99)?;
        if hour > 23 {
            return Err(invalid("hour must be between 0 and 23 inclusive"));
        }
        Ok(hour)
    }

    fn literal(&mut self, expected: char) -> Result<(), FunctionError> {
        if self.rest.is_empty() {
            return Err(invalid(&format!("end of string where \"{expected}\" is expected")));
        }
        if !self.rest.starts_with(expected) {
            let found = quoted(self.rest);
            return Err(invalid(&format!("found {found} where \"{expected}\" is expected")));
        }
        self.skip(1);
        Ok(())
    }

    /// Nanoseconds after the second; digits beyond the ninth are dropped.
    fn fraction(&mut self) -> i64 {
        let point = self.rest.starts_with('.')
            || (self.precision == Precision::Lenient && self.rest.starts_with(','));
        let digits = self.rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        if !point || digits == 0 {
            return 0;
        }
        let nanos = self.rest.bytes().skip(1).take(digits).chain(std::iter::repeat(b'0')).take(9);
        let nanos = nanos.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        self.skip(1 + digits);
        nanos
    }

    /// `Z` or `+hh:mm`, in seconds.
    fn offset(&mut self) -> Result<i64, FunctionError> {
        if self.rest.is_empty() {
            return Err(invalid("end of string before UTC offset"));
        }
        if self.rest.starts_with('Z') {
            self.skip(1);
            return Ok(0);
        }
        let bytes = self.rest.as_bytes();
        let (Some(sign @ (b'+' | b'-')), Some(b':')) = (bytes.first(), bytes.get(3)) else {
            return Err(self.cannot_use("UTC offset"));
        };
        let part = |range: std::ops::Range<usize>| {
            let digits = self.rest.get(range)?;
            digits.parse::<i64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
        };
        let (Some(hours), Some(minutes)) = (part(1..3), part(4..6)) else {
            return Err(self.cannot_use("UTC offset"));
        };
        if hours > 23 || minutes > 59 {
            return Err(self.cannot_use("UTC offset"));
        }
        let seconds = hours * 3600 + minutes * 60;
        let offset = if *sign == b'-' { -seconds } else { seconds };
        self.skip(6);
        Ok(offset)
    }

    fn cannot_use(&self, what: &str) -> FunctionError {
        invalid(&format!("cannot use {} as {what}", quoted(self.rest)))
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

fn invalid(why: &str) -> FunctionError {
    FunctionError::new(format!("not a valid RFC3339 timestamp: {why}"))
}

/// Reads a duration such as `-1h30m` or `1.5s`, in nanoseconds.
pub(super) fn parse_duration(s: &str) -> Result<i64, FunctionError> {
    let fail = |problem: &str| FunctionError::new(format!("time: {problem}duration {}", quoted(s)));
    let invalid = || fail("invalid ");
    let (negative, mut rest) = match s.as_bytes().first() {
        Some(b'-') => (true, &s[1..]),
        Some(b'+') => (false, &s[1..]),
        _ => (false, s),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (integer, after) = split_digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), split_digits);
        if integer.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(fail("missing unit in "));
        }
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => NANOS,
            "m" => 60 * NANOS,
            "h" => 3600 * NANOS,
            _ => return Err(fail(&format!("unknown unit {} in ", quoted(unit)))),
        };
        let integer: i128 = if integer.is_empty() { 0 } else { integer.parse().map_err(|_| invalid())? };
        // Beyond 18 digits a fraction is less than a nanosecond of the largest unit.
        let fraction = &fraction[..fraction.len().min(18)];
        let divisor = 10i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        let fraction: i128 = fraction.parse().unwrap_or(0);
        total = integer
            .checked_mul(scale)
            .and_then(|n| n.checked_add(fraction * scale / divisor))
            .and_then(|n| total.checked_add(n))
            .ok_or_else(invalid)?;
        rest = next;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

fn split_digits(s: &str) -> (&str, &str) {
    s.split_at(s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len()))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar. Years begin in March here, so that the leap day is
/// the last of its year; 400 years are always 146 097 days.
fn days_of_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_of_days(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let part = |n: i64| u8::try_from(n).unwrap_or_default();
    (year, part(month), part(day))
}
