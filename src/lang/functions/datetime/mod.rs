//! Times: `formatdate`, `plantimestamp`, `timeadd`, `timecmp`, `timestamp`.

mod format;
mod rfc3339;

use std::time::{SystemTime, UNIX_EPOCH};

use value::{Type, Value};

use super::FunctionError;
use super::table::{Call, Core, function};
use super::text::text;
use rfc3339::{Precision, Timestamp, parse_duration};

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("formatdate", "Writes a time in another form.")
            .param("format", Type::String)
            .param("time", Type::String)
            .returns(Type::String, |call| {
                let time = Timestamp::parse(call.str(1)?, Precision::Strict).map_err(|e| e.of_argument(1))?;
                format::format(call.str(0)?, &time).map(text)
            }),
        function("plantimestamp", "Gives the time of the plan.")
            .returns(Type::String, |call| Ok(moment(call.context.plan_time))),
        function("timeadd", "Adds a duration such as \"1h30m\" to a time.")
            .param("timestamp", Type::String)
            .param("duration", Type::String)
            .returns(Type::String, timeadd),
        function("timecmp", "Compares two times: -1, 0 or 1 for earlier, equal or later.")
            .param("timestamp_a", Type::String)
            .param("timestamp_b", Type::String)
            .returns(Type::Number, timecmp),
        function("timestamp", "Gives the current time; known only when changes are applied.")
            .returns(Type::String, |call| Ok(moment(call.context.now))),
    ]
}

/// A time or a date in a form of YAML, written as RFC 3339 to the second.
pub(super) fn parse_loose(s: &str) -> Option<String> {
    rfc3339::parse_loose(s).map(|time| time.to_string())
}

fn timeadd(call: &Call<'_>) -> Result<Value, FunctionError> {
    let time = Timestamp::parse(call.str(0)?, Precision::Strict)?;
    let nanoseconds = parse_duration(call.str(1)?)?;
    Ok(text(time.add(nanoseconds).to_string()))
}

fn timecmp(call: &Call<'_>) -> Result<Value, FunctionError> {
    let parse =
        |at: usize| Timestamp::parse(call.str(at)?, Precision::Lenient).map_err(|e| e.of_argument(at));
    let (a, b) = (parse(0)?, parse(1)?);
    Ok(Value::number(a.instant().cmp(&b.instant()) as i64))
}

/// A time in UTC, to the second; unknown if there is none yet.
fn moment(time: Option<SystemTime>) -> Value {
    let Some(time) = time else { return Value::unknown(Type::String) };
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |n| -n),
    };
    text(Timestamp::from_unix(seconds).to_string())
}
