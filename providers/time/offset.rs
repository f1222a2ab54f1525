use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Entries, Path, Type, Value};

use crate::instant::{Distance, Instant, PARTS, not_rfc3339, out_of_range, validate, with_parts};
use crate::static_::base;

/// `time_offset`.
pub(crate) struct TimeOffset;

/// The parts of an offset, in the order of an import id.
const OFFSETS: [&str; 6] =
    ["offset_years", "offset_months", "offset_days", "offset_hours", "offset_minutes", "offset_seconds"];

#[async_trait]
impl Resource for TimeOffset {
    fn type_name(&self) -> &'static str {
        "time_offset"
    }

    fn schema(&self) -> Schema {
        let block = with_parts(Block::default(), "offset time")
            .described("A point in time at a distance from another, kept in the state.")
            .with("id", Attribute::computed(Type::String).described("The base time in RFC 3339 format."))
            .with(
                "base_rfc3339",
                Attribute::optional_computed(Type::String)
                    .described("The time to count from, in RFC 3339 format; now if not set."),
            )
            .with(
                "rfc3339",
                Attribute::computed(Type::String).described("The offset time in RFC 3339 format."),
            )
            .with(
                "triggers",
                Attribute::optional(Type::map(Type::String))
                    .described("Any texts; a change takes the time anew."),
            );
        let block = OFFSETS.into_iter().fold(block, |block, name| {
            let unit = name.trim_start_matches("offset_");
            let description = format!(
                "The number of {unit} to the offset time. If several offsets are set, only one counts, in the order \
                 years, seconds, months, minutes, hours, days."
            );
            block.with(name, Attribute::optional(Type::Number).described(description))
        });
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["triggers"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate(config, &["base_rfc3339"]);
        diagnostics.extend(at_least_one(config, &OFFSETS));
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let moved = plan.changes(&OFFSETS) || plan.changes(&["base_rfc3339"]);
        if plan.is_creation() || !moved {
            return;
        }
        let base = plan.planned.text("base_rfc3339").and_then(Instant::parse);
        let known = OFFSETS.iter().all(|name| plan.planned.attr(name).is_some_and(Value::is_known));
        match base {
            Some(base) if known => match filled(&plan.planned, base) {
                Ok(planned) => plan.planned = planned,
                Err(diagnostics) => plan.diagnostics.extend(diagnostics),
            },
            _ => {
                for name in PARTS.into_iter().chain(["id", "rfc3339"]) {
                    plan.set_unknown(name);
                }
            }
        }
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        filled(planned, base(context, planned, "base_rfc3339")?)
    }

    async fn update(&self, context: &Context, _prior: &Value, planned: &Value, _config: &Value) -> Outcome {
        filled(planned, base(context, planned, "base_rfc3339")?)
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let parts: Vec<&str> = id.split(',').collect();
        let [time, offsets @ ..] = parts.as_slice() else { return Err(bad_id(id).into()) };
        if offsets.len() != OFFSETS.len() || offsets.iter().all(|offset| offset.is_empty()) {
            return Err(bad_id(id).into());
        }
        let mut object = self.schema().block.empty_value();
        for (name, offset) in OFFSETS.into_iter().zip(offsets).filter(|(_, offset)| !offset.is_empty()) {
            let number: i64 = offset.parse().map_err(|_| bad_id(id))?;
            object = object.with_attr(name, Value::number(number));
        }
        object = with(&object, [("triggers", Value::map(Type::String, Entries::new()))]);
        filled(&object, Instant::parse(time).ok_or_else(|| not_rfc3339("id", time))?)
    }
}

/// An error unless one of these attributes is set (or may turn out to be).
pub(crate) fn at_least_one(config: &Value, names: &[&str]) -> Option<Diagnostic> {
    names.iter().all(|name| config.is_unset(name)).then(|| {
        let first = names.first().copied().unwrap_or_default();
        attribute_error(
            &Path::from_attr(first),
            "Missing Attribute Configuration",
            format!("At least one of these attributes must be configured: [{}]", names.join(",")),
        )
    })
}

/// The distance that the attributes of a prefix say. Of several the last in the order of `HashiCorp`'s provider counts.
pub(crate) fn distance(object: &Value, prefix: &str) -> Option<(String, Distance)> {
    let in_order = ["years", "seconds", "months", "minutes", "hours", "days"];
    in_order.into_iter().find_map(|unit| {
        let name = format!("{prefix}_{unit}");
        let n = object.int(&name).filter(|n| *n != 0)?;
        let distance = match unit {
            "years" => Distance::Years(n),
            "seconds" => Distance::Seconds(n),
            "months" => Distance::Months(n),
            "minutes" => Distance::Minutes(n),
            "hours" => Distance::Hours(n),
            _ => Distance::Days(n),
        };
        Some((name, distance))
    })
}

fn filled(object: &Value, base: Instant) -> Outcome {
    let time = match distance(object, "offset") {
        Some((name, distance)) => base.plus(distance).ok_or_else(|| out_of_range(&name))?,
        None => base,
    };
    let given =
        object.attr("base_rfc3339").filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    let base_text = given.cloned().unwrap_or_else(|| Value::string(base.to_rfc3339()));
    Ok(with(
        &time.fill(object),
        [
            ("id", Value::string(base.to_rfc3339())),
            ("base_rfc3339", base_text),
            ("rfc3339", Value::string(time.to_rfc3339())),
        ],
    ))
}

fn bad_id(id: &str) -> Diagnostic {
    Diagnostic::error(
        "Unexpected Format of ID",
        format!(
            "Unexpected format of ID ({id:?}), expected BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS where \
             at least one offset value is non-empty"
        ),
    )
}
