//! Durations as Go's `time.ParseDuration` reads them: `1h30m`, `-1.5s`, `300ms`.

use std::time::Duration;

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The nanoseconds of a duration, if the text is one and they fit into 64 bits.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => split_digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let scale = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(scale)?)?.checked_add(part(fraction, scale))?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// A duration that one can wait for.
pub(crate) fn parse_wait(text: &str) -> Option<Duration> {
    parse(text).and_then(|nanos| u64::try_from(nanos).ok()).map(Duration::from_nanos)
}

/// Whether a text is one number with one of the units ms, s, m, h.
pub(crate) fn is_simple(text: &str) -> bool {
    let (whole, after) = split_digits(text);
    let after = match after.strip_prefix('.') {
        Some(after) => match split_digits(after) {
            ("", _) => return false,
            (_, after) => after,
        },
        None => after,
    };
    !whole.is_empty() && ["ms", "s", "m", "h"].contains(&after)
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// The digits behind a decimal point times `scale`, rounded down.
fn part(digits: &str, scale: i128) -> i128 {
    // More digits than nanoseconds of an hour have cannot make a difference.
    let (numerator, places) =
        digits.bytes().take(18).fold((0, 1), |(numerator, places): (i128, i128), digit| {
            (numerator * 10 + i128::from(digit - b'0'), places * 10)
        });
    numerator * scale / places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_in_go() {
        let table = [
            ("0", Some(0)),
            ("+5s", Some(5_000_000_000)),
            ("-1.5h", Some(-5_400_000_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("100ns", Some(100)),
            ("1us2\u{b5}s", Some(3_000)),
            ("0.3333333333333333333h", Some(1_199_999_999_999)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("9223372036854775808ns", None),
            ("3000000h", None),
            ("", None),
            ("s", None),
            (".s", None),
            ("3", None),
            ("3x", None),
            ("1 s", None),
        ];
        for (text, nanos) in table {
            assert_eq!(parse(text), nanos, "{text}");
        }
    }

    #[test]
    fn waits_are_one_number_and_unit() {
        for (text, simple) in
            [("30s", true), ("1.5m", true), ("5ms", true), ("1h30m", false), ("-1s", false), ("1.s", false)]
        {
            assert_eq!(is_simple(text), simple, "{text}");
        }
    }
}
