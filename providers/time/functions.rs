use provider::simple::Function;
use provider::{FunctionError, FunctionSignature, Parameter};
use value::{Number, Type, Value};

use crate::duration;
use crate::instant::Instant;

/// `provider::time::duration_parse`.
pub(crate) struct DurationParse;

/// `provider::time::rfc3339_parse`.
pub(crate) struct Rfc3339Parse;

/// `provider::time::unix_timestamp_parse`.
pub(crate) struct UnixTimestampParse;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

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

impl Function for DurationParse {
    fn signature(&self) -> FunctionSignature {
        let parts = ["hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"];
        let result = Type::object(parts.map(|part| (part, Type::Number)));
        signature(
            "duration_parse",
            "duration",
            Type::String,
            result,
            "Takes a duration such as `1h30m` apart.",
        )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).cloned().unwrap_or_default();
        let nanos = duration::parse(&text).ok_or_else(|| {
            error(format!("Error parsing duration string: {text:?} is not a valid duration string"))
        })?;
        Ok(Value::object_of([
            ("hours", quotient(nanos, 3_600_000_000_000)),
            ("minutes", quotient(nanos, 60_000_000_000)),
            ("seconds", quotient(nanos, 1_000_000_000)),
            ("milliseconds", Value::number(nanos / 1_000_000)),
            ("microseconds", Value::number(nanos / 1_000)),
            ("nanoseconds", Value::number(nanos)),
        ]))
    }
}

impl Function for Rfc3339Parse {
    fn signature(&self) -> FunctionSignature {
        let result = Type::object(type_of(&parts(Instant::now(std::time::UNIX_EPOCH), "unix")));
        signature("rfc3339_parse", "timestamp", Type::String, result, "Takes an RFC 3339 time apart.")
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).cloned().unwrap_or_default();
        let time = Instant::parse(&text).ok_or_else(|| {
            error(format!("Error parsing RFC3339 timestamp: {text:?} is not a valid RFC3339 timestamp"))
        })?;
        Ok(Value::object_of(parts(time, "unix")))
    }
}

impl Function for UnixTimestampParse {
    fn signature(&self) -> FunctionSignature {
        let result = Type::object(type_of(&parts(Instant::now(std::time::UNIX_EPOCH), "rfc3339")));
        let summary = "Takes a time in seconds since 1970-01-01T00:00:00Z apart.";
        signature("unix_timestamp_parse", "unix_timestamp", Type::Number, result, summary)
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let seconds = arguments.first().and_then(Value::as_i64);
        let time = seconds
            .and_then(Instant::from_unix)
            .ok_or_else(|| error("not a time in whole seconds".into()))?;
        Ok(Value::object_of(parts(time, "rfc3339")))
    }
}

fn signature(name: &str, parameter: &str, ty: Type, result: Type, summary: &str) -> FunctionSignature {
    FunctionSignature {
        name: name.into(),
        parameters: vec![Parameter { name: parameter.into(), ty, allow_null: false, allow_unknown: false }],
        variadic: None,
        result,
        summary: summary.into(),
    }
}

fn error(message: String) -> FunctionError {
    FunctionError { argument: Some(0), message }
}

/// A 64-bit float, as Go gives these.
fn quotient(nanos: i64, unit: i64) -> Value {
    let (whole, rest) = (nanos / unit, nanos % unit);
    #[expect(
        clippy::cast_precision_loss,
        reason = "the result is a float of this precision in HashiCorp's provider"
    )]
    let float = whole as f64 + rest as f64 / unit as f64;
    float.to_string().parse::<Number>().map_or_else(|_| Value::number(whole), Value::number)
}

/// The parts of a time; of `unix` and `rfc3339` the one that was not the argument.
fn parts(time: Instant, other: &'static str) -> Vec<(&'static str, Value)> {
    let date = time.local().date();
    let iso = date.iso_week_date();
    let weekday = date.weekday().to_sunday_zero_offset();
    let name = |names: &[&'static str], at: i8| {
        Value::string(usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default())
    };
    let mut parts: Vec<(&'static str, Value)> =
        time.parts().into_iter().filter(|(part, _)| *part != "unix" || other == "unix").collect();
    if other == "rfc3339" {
        parts.push(("rfc3339", Value::string(time.to_rfc3339())));
    }
    parts.extend([
        ("year_day", Value::number(i64::from(date.day_of_year()))),
        ("month_name", name(&MONTHS, date.month() - 1)),
        ("weekday", Value::number(i64::from(weekday))),
        ("weekday_name", name(&WEEKDAYS, weekday)),
        ("iso_year", Value::number(i64::from(iso.year()))),
        ("iso_week", Value::number(i64::from(iso.week()))),
    ]);
    parts
}

fn type_of(parts: &[(&'static str, Value)]) -> Vec<(&'static str, Type)> {
    parts.iter().map(|(name, value)| (*name, value.ty())).collect()
}
