//! Points in time as the provider's attributes hold them: RFC 3339 text with an offset, and its parts.

use std::time::SystemTime;

use diag::{Diagnostic, Diagnostics};
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

/// A point in time with the offset it is written in, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant {
    local: DateTime,
    offset: Offset,
}

/// A distance in the calendar; only one of the parts is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    Years(i64),
    Months(i64),
    Days(i64),
    Hours(i64),
    Minutes(i64),
    Seconds(i64),
}

/// The computed parts that every resource of a point in time has.
pub(crate) const PARTS: [&str; 7] = ["year", "month", "day", "hour", "minute", "second", "unix"];

impl Instant {
    pub(crate) fn now(now: SystemTime) -> Self {
        let timestamp = Timestamp::try_from(now).unwrap_or(Timestamp::UNIX_EPOCH);
        Self::from_timestamp(timestamp, Offset::UTC)
    }

    pub(crate) fn from_unix(seconds: i64) -> Option<Self> {
        Some(Self::from_timestamp(Timestamp::from_second(seconds).ok()?, Offset::UTC))
    }

    /// Reads RFC 3339 text, strictly: `2020-02-12T06:36:13Z`, `2020-02-12T06:36:13.5+01:00`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Option<i16> {
            let part = bytes.get(range)?;
            if !part.iter().all(u8::is_ascii_digit) {
                return None;
            }
            std::str::from_utf8(part).ok()?.parse().ok()
        };
        let is = |at: usize, expected: &[u8]| bytes.get(at).is_some_and(|b| expected.contains(b));
        let separated = is(4, b"-") && is(7, b"-") && is(10, b"T") && is(13, b":") && is(16, b":");
        if !separated {
            return None;
        }
        let small = |range| digits(range).and_then(|n| i8::try_from(n).ok());
        let date = Date::new(digits(0..4)?, small(5..7)?, small(8..10)?).ok()?;
        let (hour, minute, second) = (small(11..13)?, small(14..16)?, small(17..19)?);
        let local = DateTime::new(date.year(), date.month(), date.day(), hour, minute, second, 0).ok()?;
        let rest = text.get(19..)?;
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => {
                let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
                if rest.len() == fraction.len() {
                    return None;
                }
                rest
            }
            None => rest,
        };
        Some(Self { local, offset: parse_offset(rest)? })
    }

    /// RFC 3339 text, with `Z` for no offset.
    pub(crate) fn to_rfc3339(self) -> String {
        let d = self.local;
        let offset = match self.offset.seconds() {
            0 => "Z".to_owned(),
            seconds => {
                let sign = if seconds < 0 { '-' } else { '+' };
                let minutes = seconds.unsigned_abs() / 60;
                format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        };
        let (year, month, day) = (d.year(), d.month(), d.day());
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{offset}", d.hour(), d.minute(), d.second())
    }

    pub(crate) fn unix(self) -> i64 {
        self.timestamp().map_or(0, Timestamp::as_second)
    }

    pub(crate) fn local(self) -> DateTime {
        self.local
    }

    /// The point a distance away. Months and years keep the day, and overflow into the next month where it is
    /// too short, as Go's `AddDate` does (31 January and a month is 2 or 3 March).
    pub(crate) fn plus(self, distance: Distance) -> Option<Self> {
        let seconds = |n: i64, unit: i64| self.plus_seconds(n.checked_mul(unit)?);
        match distance {
            Distance::Years(n) => self.plus_months(n.checked_mul(12)?),
            Distance::Months(n) => self.plus_months(n),
            Distance::Days(n) => {
                let span = Span::new().try_days(n).ok()?;
                Some(Self { local: self.local.checked_add(span).ok()?, ..self })
            }
            Distance::Hours(n) => seconds(n, 3600),
            Distance::Minutes(n) => seconds(n, 60),
            Distance::Seconds(n) => seconds(n, 1),
        }
    }

    /// The values of [`PARTS`].
    pub(crate) fn parts(self) -> [(&'static str, Value); 7] {
        let d = self.local;
        [
            ("year", Value::number(i64::from(d.year()))),
            ("month", Value::number(i64::from(d.month()))),
            ("day", Value::number(i64::from(d.day()))),
            ("hour", Value::number(i64::from(d.hour()))),
            ("minute", Value::number(i64::from(d.minute()))),
            ("second", Value::number(i64::from(d.second()))),
            ("unix", Value::number(self.unix())),
        ]
    }

    /// The object with [`PARTS`] set from this point.
    pub(crate) fn fill(self, object: &Value) -> Value {
        provider::simple::with(object, self.parts())
    }

    fn plus_months(self, months: i64) -> Option<Self> {
        let d = self.local;
        let index = i64::from(d.year())
            .checked_mul(12)?
            .checked_add(i64::from(d.month()) - 1)?
            .checked_add(months)?;
        let year = i16::try_from(index.div_euclid(12)).ok()?;
        let month = i8::try_from(index.rem_euclid(12) + 1).ok()?;
        let first = DateTime::new(year, month, 1, d.hour(), d.minute(), d.second(), 0).ok()?;
        let span = Span::new().try_days(i64::from(d.day()) - 1).ok()?;
        Some(Self { local: first.checked_add(span).ok()?, ..self })
    }

    fn plus_seconds(self, seconds: i64) -> Option<Self> {
        let timestamp = self.timestamp()?.checked_add(SignedDuration::from_secs(seconds)).ok()?;
        Some(Self::from_timestamp(timestamp, self.offset))
    }

    fn timestamp(self) -> Option<Timestamp> {
        self.offset.to_timestamp(self.local).ok()
    }

    fn from_timestamp(timestamp: Timestamp, offset: Offset) -> Self {
        let local = offset.to_datetime(timestamp);
        let local = local.with().subsec_nanosecond(0).build().unwrap_or(local);
        Self { local, offset }
    }
}

/// The attributes of [`PARTS`], described as parts of `what`.
pub(crate) fn with_parts(block: Block, what: &str) -> Block {
    PARTS.into_iter().fold(block, |block, part| {
        let description = match part {
            "unix" => format!("Seconds since 1970-01-01T00:00:00Z of the {what}."),
            part => format!("The {part} of the {what}."),
        };
        block.with(part, Attribute::computed(Type::Number).described(description))
    })
}

/// Checks that attributes hold RFC 3339 text.
pub(crate) fn validate(config: &Value, names: &[&str]) -> Diagnostics {
    let wrong = names.iter().filter_map(|name| {
        let text = config.text(name)?;
        Instant::parse(text).is_none().then(|| not_rfc3339(name, text))
    });
    wrong.collect()
}

pub(crate) fn not_rfc3339(name: &str, text: &str) -> Diagnostic {
    attribute_error(
        &Path::from_attr(name),
        "Invalid RFC3339 String Value",
        format!("The value of {name} must be a time such as \"2020-02-12T06:36:13Z\"; {text:?} is not one."),
    )
}

pub(crate) fn out_of_range(name: &str) -> Diagnostics {
    attribute_error(
        &Path::from_attr(name),
        "Time out of range",
        format!("The time that results from {name} is outside of the years that can be written."),
    )
    .into()
}

fn parse_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number = |text: &str, max: i32| -> Option<i32> {
        let number =
            (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())??;
        (number <= max).then_some(number)
    };
    let seconds = number(hours, 23)? * 3600 + number(minutes, 59)? * 60;
    Offset::from_seconds(sign * seconds).ok()
}
