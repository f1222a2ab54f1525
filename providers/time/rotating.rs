use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Entries, Path, Type, Value};

use crate::instant::{Instant, PARTS, not_rfc3339, out_of_range, validate, with_parts};
use crate::offset::{at_least_one, distance};
use crate::static_::base;

/// `time_rotating`.
pub(crate) struct TimeRotating;

/// The parts of a period, in the order of an import id.
const PERIODS: [&str; 5] =
    ["rotation_years", "rotation_months", "rotation_days", "rotation_hours", "rotation_minutes"];

#[async_trait]
impl Resource for TimeRotating {
    fn type_name(&self) -> &'static str {
        "time_rotating"
    }

    fn schema(&self) -> Schema {
        let block = with_parts(Block::default(), "base time")
            .described(
                "A point in time that is taken anew when a period has passed, by making a new resource.",
            )
            .with("id", Attribute::computed(Type::String).described("The base time in RFC 3339 format."))
            .with(
                "rfc3339",
                Attribute::optional_computed(Type::String)
                    .described("The time to count from, in RFC 3339 format; now if not set."),
            )
            .with(
                "rotation_rfc3339",
                Attribute::optional_computed(Type::String).described(
                    "When to rotate, in RFC 3339 format; from the other rotation attributes if not set.",
                ),
            )
            .with(
                "triggers",
                Attribute::optional(Type::map(Type::String))
                    .described("Any texts; a change takes the time anew."),
            );
        let block = PERIODS.into_iter().fold(block, |block, name| {
            let unit = name.trim_start_matches("rotation_");
            let description = format!(
                "The number of {unit} to the rotation. If several are set, only one counts, in the order years, \
                 months, minutes, hours, days."
            );
            block.with(name, Attribute::optional(Type::Number).described(description))
        });
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["rfc3339", "triggers"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate(config, &["rfc3339", "rotation_rfc3339"]);
        let all: Vec<&str> = PERIODS.into_iter().chain(["rotation_rfc3339"]).collect();
        diagnostics.extend(at_least_one(config, &all));
        for name in PERIODS {
            if config.int(name).is_some_and(|n| n < 1) {
                let detail = format!("Attribute {name} value must be at least 1.");
                diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid Attribute Value", detail));
            }
        }
        diagnostics
    }

    fn plan(&self, context: &Context, plan: &mut Plan) {
        if plan.is_creation() {
            return;
        }
        if plan.changes(&PERIODS) || plan.changes(&["rotation_rfc3339"]) {
            replan(plan);
        }
        // A rotation time that the new period puts into the past rotates at once.
        let rotation = plan.planned.text("rotation_rfc3339").and_then(Instant::parse);
        let outdated =
            rotation.is_some_and(|time| time.unix() < Instant::now(context.environment.now()).unix());
        if outdated && plan.changes(&["rotation_rfc3339"]) {
            plan.replace("rotation_rfc3339");
        }
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        filled(planned, base(context, planned, "rfc3339")?)
    }

    async fn update(&self, context: &Context, _prior: &Value, planned: &Value, _config: &Value) -> Outcome {
        filled(planned, base(context, planned, "rfc3339")?)
    }

    /// Gone when its rotation time has passed.
    async fn read(&self, context: &Context, current: &Value) -> Outcome {
        let rotation = current.text("rotation_rfc3339").and_then(Instant::parse);
        match rotation {
            Some(time) if time.unix() < Instant::now(context.environment.now()).unix() => {
                Ok(Value::null(current.ty()))
            }
            _ => Ok(current.clone()),
        }
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let parts: Vec<&str> = id.split(',').collect();
        let mut object = self.schema().block.empty_value();
        let time = match parts.as_slice() {
            [time, rotation] => {
                Instant::parse(rotation).ok_or_else(|| not_rfc3339("id", rotation))?;
                object = object.with_attr("rotation_rfc3339", Value::string(*rotation));
                *time
            }
            [time, periods @ ..]
                if periods.len() == PERIODS.len() && periods.iter().any(|p| !p.is_empty()) =>
            {
                for (name, period) in
                    PERIODS.into_iter().zip(periods).filter(|(_, period)| !period.is_empty())
                {
                    let number: i64 = period.parse().map_err(|_| bad_id(id))?;
                    object = object.with_attr(name, Value::number(number));
                }
                *time
            }
            _ => return Err(bad_id(id).into()),
        };
        object = with(&object, [("triggers", Value::map(Type::String, Entries::new()))]);
        filled(&object, Instant::parse(time).ok_or_else(|| not_rfc3339("id", time))?)
    }
}

/// Plans the rotation time anew from the changed period.
fn replan(plan: &mut Plan) {
    let by_period = PERIODS.iter().any(|name| !plan.is_unset(name));
    if by_period && plan.is_unset("rotation_rfc3339") {
        plan.set("rotation_rfc3339", Value::null(Type::String));
    }
    let base = plan.planned.text("rfc3339").and_then(Instant::parse);
    let names = PERIODS.into_iter().chain(["rotation_rfc3339"]);
    let known = names.into_iter().all(|name| plan.planned.attr(name).is_some_and(Value::is_known));
    match base {
        Some(base) if known => match filled(&plan.planned, base) {
            Ok(planned) => plan.planned = planned,
            Err(diagnostics) => plan.diagnostics.extend(diagnostics),
        },
        _ => {
            let own = plan.is_unset("rotation_rfc3339").then_some("rotation_rfc3339");
            for name in PARTS.into_iter().chain(["id"]).chain(own) {
                plan.set_unknown(name);
            }
        }
    }
}

fn filled(object: &Value, base: Instant) -> Outcome {
    let given = |name: &str| {
        let value = object.attr(name).filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
        value.cloned()
    };
    let rotation = match (distance(object, "rotation"), given("rotation_rfc3339")) {
        (_, Some(given)) => given,
        (Some((name, distance)), None) => {
            Value::string(base.plus(distance).ok_or_else(|| out_of_range(&name))?.to_rfc3339())
        }
        (None, None) => Value::string(base.to_rfc3339()),
    };
    Ok(with(
        &base.fill(object),
        [
            ("id", Value::string(base.to_rfc3339())),
            ("rfc3339", given("rfc3339").unwrap_or_else(|| Value::string(base.to_rfc3339()))),
            ("rotation_rfc3339", rotation),
        ],
    ))
}

fn bad_id(id: &str) -> Diagnostic {
    Diagnostic::error(
        "Unexpected Format of ID",
        format!(
            "Unexpected format of ID ({id:?}), expected BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES or \
             BASETIMESTAMP,ROTATIONTIMESTAMP"
        ),
    )
}
