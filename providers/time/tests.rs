use std::sync::Arc;
use std::time::{Duration, SystemTime};

use provider::conformance::{Case, configured, environment, run};
use provider::simple::Access;
use provider::{Environment, ReadRequest};
use value::{Type, Value};

use crate::instant::{Distance, Instant};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn number(n: i64) -> Value {
    Value::number(n)
}

fn triggers(value: &str) -> Value {
    object([("a", text(value))])
}

fn at(time: &str) -> Environment {
    let unix =
        Instant::parse(time).map(Instant::unix).and_then(|unix| u64::try_from(unix).ok()).unwrap_or_default();
    let clock = move || SystemTime::UNIX_EPOCH + Duration::from_secs(unix);
    Environment { clock: Arc::new(clock), ..environment("/".as_ref()) }
}

#[tokio::test]
async fn conforms() {
    let base = "2024-05-06T07:08:09Z";
    let cases = [
        Case::new("time_static", object([]))
            .replace(object([("triggers", triggers("1"))]))
            .replace(object([("rfc3339", text("2020-02-12T06:36:13+02:00"))]))
            .import_by("id", &["triggers"])
            .refuses(object([("rfc3339", text("yesterday"))]), "rfc3339")
            .state_only(),
        Case::new("time_offset", object([("offset_days", number(7))]))
            .update(object([("offset_days", number(-1))]))
            .update(object([("offset_months", number(1))]))
            .update(object([("offset_months", number(1)), ("base_rfc3339", text("2024-01-31T00:00:00Z"))]))
            .replace(object([("offset_months", number(1)), ("triggers", triggers("1"))]))
            .import_made(|state| format!("{},,,7,,,", state.text("id").unwrap_or_default()), &["triggers"])
            .refuses(object([]), "offset_years")
            .refuses(object([("offset_days", number(1)), ("base_rfc3339", text("x"))]), "base_rfc3339")
            .state_only(),
        Case::new("time_rotating", object([("rotation_days", number(30))]))
            .update(object([("rotation_years", number(1))]))
            .update(object([("rotation_rfc3339", text("2030-01-01T00:00:00Z"))]))
            .replace(object([("rotation_days", number(30)), ("rfc3339", text("2024-05-05T00:00:00Z"))]))
            .import_made(|state| format!("{},,,30,,", state.text("id").unwrap_or_default()), &["triggers"])
            .refuses(object([]), "rotation_years")
            .refuses(object([("rotation_days", number(0))]), "rotation_days")
            .state_only(),
        Case::new(
            "time_sleep",
            object([("create_duration", text("1ms")), ("destroy_duration", text("1ms"))]),
        )
        .update(object([("create_duration", text("1h"))]))
        .replace(object([("create_duration", text("1ms")), ("triggers", triggers("1"))]))
        .import_made(|_| "1ms,1ms".into(), &["triggers"])
        .refuses(object([("create_duration", text("1h30m"))]), "create_duration")
        .state_only(),
    ];
    let report = run(crate::provider(), &object([]), at(base), &cases).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn a_stop_ends_waiting() {
    let provider = crate::provider();
    let running =
        configured(provider.as_ref(), &object([]), at("2024-05-06T07:08:09Z")).await.expect("needs nothing");
    let schema = provider.schema();
    let block = &schema.resource("time_sleep").expect("is offered").block;
    let planned = block.empty_value().with_attr("create_duration", text("10h"));
    let request = provider::ApplyRequest {
        type_name: "time_sleep".into(),
        prior: Value::null(block.implied_type()),
        config: planned.clone(),
        planned,
        private: Vec::new(),
        token: "00000000-0000-4000-8000-000000000000".into(),
    };
    let (response, ()) = tokio::join!(running.apply(request), async {
        tokio::task::yield_now().await;
        running.stop().await;
    });
    assert!(response.state.is_null() && response.diagnostics.has_errors());
}

#[tokio::test]
async fn a_rotation_is_gone_when_its_time_has_passed() {
    let provider = crate::provider();
    let schema = provider.schema();
    let block = &schema.resource("time_rotating").expect("is offered").block;
    let state = block.empty_value().with_attr("rotation_rfc3339", text("2024-06-01T00:00:00Z"));
    for (now, gone) in
        [("2024-05-31T23:59:59Z", false), ("2024-06-01T00:00:00Z", false), ("2024-06-01T00:00:01Z", true)]
    {
        let running = configured(provider.as_ref(), &object([]), at(now)).await.expect("needs nothing");
        let request =
            ReadRequest { type_name: "time_rotating".into(), current: state.clone(), private: Vec::new() };
        let read = running.read(vec![request]).await;
        assert_eq!(read.first().map(|response| response.state.is_null()), Some(gone), "{now}");
    }
}

#[test]
fn calendar_arithmetic_is_that_of_go() {
    let table = [
        ("31 January and a month", "2023-01-31T00:00:00Z", Distance::Months(1), "2023-03-03T00:00:00Z"),
        (
            "31 January and a month in a leap year",
            "2024-01-31T10:00:00Z",
            Distance::Months(1),
            "2024-03-02T10:00:00Z",
        ),
        ("29 February and a year", "2024-02-29T00:00:00Z", Distance::Years(1), "2025-03-01T00:00:00Z"),
        ("back over the year", "2024-01-15T00:00:00Z", Distance::Months(-1), "2023-12-15T00:00:00Z"),
        ("days", "2024-02-28T00:00:00Z", Distance::Days(2), "2024-03-01T00:00:00Z"),
        (
            "hours with an offset",
            "2024-01-01T23:00:00+02:00",
            Distance::Hours(2),
            "2024-01-02T01:00:00+02:00",
        ),
        ("minutes", "2024-01-01T00:00:00Z", Distance::Minutes(-1), "2023-12-31T23:59:00Z"),
        ("seconds", "2024-12-31T23:59:59Z", Distance::Seconds(1), "2025-01-01T00:00:00Z"),
    ];
    for (name, base, distance, expected) in table {
        let base = Instant::parse(base).expect("is a time");
        assert_eq!(base.plus(distance).map(Instant::to_rfc3339).as_deref(), Some(expected), "{name}");
    }
    let base = Instant::parse("2024-01-01T00:00:00Z").expect("is a time");
    for distance in [Distance::Years(i64::MAX), Distance::Days(i64::MAX), Distance::Hours(i64::MIN)] {
        assert_eq!(base.plus(distance), None);
    }
}

#[test]
fn only_rfc3339_is_read() {
    for good in ["2024-05-06T07:08:09Z", "2024-05-06T07:08:09.123Z", "2024-05-06T07:08:09-11:30"] {
        assert!(Instant::parse(good).is_some(), "{good}");
    }
    for bad in [
        "",
        "2024-05-06",
        "2024-05-06T07:08:09",
        "2024-13-06T07:08:09Z",
        "2024-02-30T07:08:09Z",
        "2024-05-06 07:08:09Z",
        "2024-05-06T07:08:09.Z",
        "2024-05-06T07:08:09+1:00",
        "2024-05-06T07:08:09Zx",
        "2024-05-06T25:08:09Z",
        "ñ024-05-06T07:08:09Z",
    ] {
        assert!(Instant::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn functions_take_times_apart() {
    let provider = crate::provider();
    let call = |name: &str, argument: Value| provider.call_function(name, &[argument]);
    let parsed = call("rfc3339_parse", text("2023-07-25T23:43:16-00:00")).expect("is a time");
    for (part, expected) in [
        ("year", number(2023)),
        ("year_day", number(206)),
        ("month_name", text("July")),
        ("weekday", number(2)),
        ("weekday_name", text("Tuesday")),
        ("unix", number(1_690_328_596)),
        ("iso_week", number(30)),
        ("iso_year", number(2023)),
    ] {
        assert_eq!(parsed.attr(part), Some(&expected), "{part}");
    }
    let parsed = call("unix_timestamp_parse", number(1_690_328_596)).expect("is a time");
    assert_eq!(parsed.text("rfc3339"), Some("2023-07-25T23:43:16Z"));
    let parsed = call("duration_parse", text("1h15m")).expect("is a duration");
    assert_eq!(parsed.attr("hours").map(|hours| format!("{hours:?}")).as_deref(), Some("1.25"));
    assert_eq!(parsed.attr("minutes"), Some(&number(75)));
    assert_eq!(parsed.attr("nanoseconds"), Some(&number(4_500_000_000_000)));
    for (name, bad) in [("rfc3339_parse", text("x")), ("duration_parse", text("x"))] {
        assert_eq!(call(name, bad).map_err(|error| error.argument), Err(Some(0)));
    }
    // What a function returns is of the type it says.
    let schema = provider.schema();
    for (name, argument) in
        [("rfc3339_parse", text("2024-01-01T00:00:00Z")), ("unix_timestamp_parse", number(0))]
    {
        let result = call(name, argument).expect("is a time");
        assert_eq!(Some(result.ty()), schema.functions.get(name).map(|function| function.result.clone()));
    }
    assert_eq!(Type::Number, parsed.attr("hours").map_or(Type::Dynamic, Value::ty));
}
