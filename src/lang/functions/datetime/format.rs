//! The format strings of `formatdate`: runs of one letter are verbs, text in single quotes is literal.

use std::fmt::Write;

use super::super::FunctionError;
use super::super::text::quoted;
use super::rfc3339::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) fn format(template: &str, time: &Timestamp) -> Result<String, FunctionError> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted_text(rest, &mut out)?;
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|c| c != first).unwrap_or(rest.len());
            let (verb, after) = rest.split_at(end);
            write_verb(verb, first, time, &mut out)?;
            rest = after;
        } else {
            let end = rest.find(|c: char| c == '\'' || c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (literal, after) = rest.split_at(end);
            out.push_str(literal);
            rest = after;
        }
    }
    Ok(out)
}

/// Text in quotes, in which two quotes are one; outside two quotes are one, too. Gives what follows.
fn quoted_text<'a>(template: &'a str, out: &mut String) -> Result<&'a str, FunctionError> {
    if let Some(rest) = template.strip_prefix("''") {
        out.push('\'');
        return Ok(rest);
    }
    let mut rest = template.strip_prefix('\'').unwrap_or(template);
    while let Some(at) = rest.find('\'') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(after) = rest.strip_prefix('\'') else { return Ok(rest) };
        out.push('\'');
        rest = after;
    }
    // Two quotes at the very end are one, and end the text as well.
    if rest.is_empty() && template.len() > 2 && template.ends_with("''") {
        return Ok(rest);
    }
    Err(FunctionError::argument(0, "unterminated literal '"))
}

fn write_verb(verb: &str, letter: char, time: &Timestamp, out: &mut String) -> Result<(), FunctionError> {
    let civil = time.civil();
    let bad = |allowed: &str| {
        let allowed = if allowed.is_empty() { String::new() } else { format!(": {allowed}") };
        FunctionError::argument(0, format!("invalid date format verb {}{allowed}", quoted(verb)))
    };
    let mut number = |n: u8, allowed: &str| {
        let _ = match verb.len() {
            1 => write!(out, "{n}"),
            2 => write!(out, "{n:02}"),
            _ => return Err(bad(allowed)),
        };
        Ok(())
    };
    let name = |names: &[&'static str], at: u8| names.get(usize::from(at)).copied().unwrap_or_default();
    match letter {
        'Y' => {
            let _ = match verb.len() {
                2 => write!(out, "{:02}", civil.year % 100),
                4 => write!(out, "{:04}", civil.year),
                _ => return Err(bad("year must either be \"YY\" or \"YYYY\"")),
            };
        }
        'M' if verb.len() > 2 => {
            let name = name(&MONTHS, civil.month.saturating_sub(1));
            match verb.len() {
                3 => out.push_str(&name[..3]),
                4 => out.push_str(name),
                _ => return Err(bad("month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"")),
            }
        }
        'M' => number(civil.month, "")?,
        'D' => number(civil.day, "day of month must either be \"D\" or \"DD\"")?,
        'E' => {
            let name = name(&WEEKDAYS, civil.weekday);
            match verb.len() {
                3 => out.push_str(&name[..3]),
                4 => out.push_str(name),
                _ => return Err(bad("day of week must either be \"EEE\" or \"EEEE\"")),
            }
        }
        'h' => number(civil.hour, "24-hour must either be \"h\" or \"hh\"")?,
        'H' => {
            let hour = if civil.hour.is_multiple_of(12) { 12 } else { civil.hour % 12 };
            number(hour, "12-hour must either be \"H\" or \"HH\"")?;
        }
        'A' | 'a' if verb.len() != 2 => return Err(bad(&format!("must be \"{letter}{letter}\""))),
        'A' => out.push_str(if civil.hour < 12 { "AM" } else { "PM" }),
        'a' => out.push_str(if civil.hour < 12 { "am" } else { "pm" }),
        'm' => number(civil.minute, "minute must either be \"m\" or \"mm\"")?,
        's' => number(civil.second, "second must either be \"s\" or \"ss\"")?,
        'Z' => match verb.len() {
            1 if time.is_utc() => out.push('Z'),
            3 if time.is_utc() => out.push_str("UTC"),
            3 | 4 => out.push_str(&time.offset_with("")),
            1 | 5 => out.push_str(&time.offset_with(":")),
            _ => return Err(bad("timezone must be Z, ZZZZ, or ZZZZZ")),
        },
        _ => return Err(bad("")),
    }
    Ok(())
}
