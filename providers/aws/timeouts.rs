//! The `timeouts` block: how long each kind of change may take.

use std::time::Duration;

use diag::{Diagnostic, Diagnostics, PathStep};

use crate::object::Object;

/// The time a kind of change (`create`, `update`, `delete`, `read`) of an object may take.
pub fn limit(object: &Object, kind: &str, default: Duration) -> Duration {
    let text = object.get("timeouts").and_then(|t| t.attr_str(kind));
    text.and_then(|text| parse_duration(text)).unwrap_or(default)
}

/// Checks the durations of a `timeouts` block.
pub fn validate(config: &Object, diagnostics: &mut Diagnostics) {
    let entries = config.get("timeouts").and_then(value::Value::entries);
    for (name, value) in entries.into_iter().flat_map(value::Entries::iter) {
        if let Some(text) = value.as_str()
            && parse_duration(text).is_none()
        {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid timeout",
                    format!(
                        "\"{text}\" cannot be parsed as a duration. A duration is a number and a unit, such as \
                         \"30s\", \"10m\" or \"1h30m\"."
                    ),
                )
                .attribute([PathStep::Attribute("timeouts".into()), PathStep::Attribute(name.to_string())]),
            );
        }
    }
}

/// Reads a duration as Go's `time.ParseDuration` does (`1h30m`, `1.5h`, `300ms`); a negative one is refused.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let factor = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_does() {
        for (text, expected) in [
            ("10m", Some(600.0)),
            ("1h30m", Some(5400.0)),
            ("1.5h", Some(5400.0)),
            ("300ms", Some(0.3)),
            ("0", Some(0.0)),
            ("", None),
            ("10", None),
            ("m", None),
            ("-5m", None),
            ("5 m", None),
            ("1..5s", None),
        ] {
            assert_eq!(parse_duration(text), expected.map(Duration::from_secs_f64), "{text}");
        }
    }
}
