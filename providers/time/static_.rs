use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Resource, with};
use provider::{Attribute, Block, Schema};
use value::{Entries, Type, Value};

use crate::instant::{Instant, not_rfc3339, validate, with_parts};

/// `time_static`.
pub(crate) struct TimeStatic;

#[async_trait]
impl Resource for TimeStatic {
    fn type_name(&self) -> &'static str {
        "time_static"
    }

    fn schema(&self) -> Schema {
        let block = with_parts(Block::default(), "time")
            .described("A point in time, kept in the state: the time of its creation if none is given.")
            .with("id", Attribute::computed(Type::String).described("The time in RFC 3339 format."))
            .with(
                "rfc3339",
                Attribute::optional_computed(Type::String).described(
                    "The time in RFC 3339 format, such as `2020-02-12T06:36:13Z`; now if not set.",
                ),
            )
            .with(
                "triggers",
                Attribute::optional(Type::map(Type::String))
                    .described("Any texts; a change takes the time anew."),
            );
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["rfc3339", "triggers"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config, &["rfc3339"])
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let time = base(context, planned, "rfc3339")?;
        Ok(filled(planned, time))
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let time = Instant::parse(id).ok_or_else(|| not_rfc3339("id", id))?;
        let empty = self.schema().block.empty_value();
        Ok(with(&filled(&empty, time), [("triggers", Value::map(Type::String, Entries::new()))]))
    }
}

/// The time that an attribute gives, or now.
pub(crate) fn base(context: &Context, planned: &Value, name: &str) -> Result<Instant, Diagnostics> {
    match planned.text(name) {
        Some(text) if !text.is_empty() => Instant::parse(text).ok_or_else(|| not_rfc3339(name, text).into()),
        _ => Ok(Instant::now(context.environment.now())),
    }
}

fn filled(object: &Value, time: Instant) -> Value {
    // The text is kept as it was given: a fraction of a second is not shown by the other attributes.
    let text = object.attr("rfc3339").filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    let text = text.cloned().unwrap_or_else(|| Value::string(time.to_rfc3339()));
    with(&time.fill(object), [("id", Value::string(time.to_rfc3339())), ("rfc3339", text)])
}
