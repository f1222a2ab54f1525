use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Resource, with};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Entries, Path, Type, Value};

use crate::duration::{is_simple, parse_wait};
use crate::instant::Instant;
use crate::offset::at_least_one;

/// `time_sleep`.
pub(crate) struct TimeSleep;

const DURATIONS: [&str; 2] = ["create_duration", "destroy_duration"];

#[async_trait]
impl Resource for TimeSleep {
    fn type_name(&self) -> &'static str {
        "time_sleep"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described("A wait at creation or destruction, for what depends on it.")
            .with(
                "id",
                Attribute::computed(Type::String).described("The time of creation in RFC 3339 format."),
            )
            .with(
                "create_duration",
                Attribute::optional(Type::String).described(
                    "How long creation waits, such as `30s` or `5m`. A change alone does not wait.",
                ),
            )
            .with(
                "destroy_duration",
                Attribute::optional(Type::String)
                    .described("How long destruction waits, such as `30s`; counts once it is in the state."),
            )
            .with(
                "triggers",
                Attribute::optional(Type::map(Type::String)).described("Any texts; a change waits again."),
            );
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["triggers"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics: Diagnostics = at_least_one(config, &DURATIONS).into_iter().collect();
        for name in DURATIONS {
            if let Some(text) = config.text(name).filter(|text| !is_simple(text)) {
                let detail = format!(
                    "Attribute {name} must be a number immediately followed by ms (milliseconds), s (seconds), m \
                     (minutes), or h (hours), for example \"30s\"; got: {text}"
                );
                diagnostics.push(attribute_error(
                    &Path::from_attr(name),
                    "Invalid Attribute Value Match",
                    detail,
                ));
            }
        }
        diagnostics
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        wait(context, planned, "create_duration").await?;
        let now = Instant::now(context.environment.now());
        Ok(with(planned, [("id", Value::string(now.to_rfc3339()))]))
    }

    async fn delete(&self, context: &Context, prior: &Value) -> Result<(), Diagnostics> {
        wait(context, prior, "destroy_duration").await
    }

    async fn import(&self, context: &Context, id: &str) -> Outcome {
        let mut parts = id.split(',');
        let mut object = self.schema().block.empty_value();
        for name in DURATIONS {
            let text = parts.next().ok_or_else(|| bad_id(id))?;
            if !text.is_empty() {
                parse_wait(text).ok_or_else(|| bad_id(id))?;
                object = object.with_attr(name, Value::string(text));
            }
        }
        if DURATIONS.iter().all(|name| object.is_unset(name)) {
            return Err(bad_id(id).into());
        }
        let triggers = parts
            .map(|part| part.split_once('=').map(|(key, value)| (key.to_owned(), Value::string(value))))
            .collect::<Option<Entries>>()
            .ok_or_else(|| bad_id(id))?;
        let now = Instant::now(context.environment.now());
        Ok(with(
            &object,
            [("id", Value::string(now.to_rfc3339())), ("triggers", Value::map(Type::String, triggers))],
        ))
    }
}

async fn wait(context: &Context, object: &Value, name: &str) -> Result<(), Diagnostics> {
    let Some(text) = object.text(name).filter(|text| !text.is_empty()) else { return Ok(()) };
    let duration = parse_wait(text).ok_or_else(|| {
        let detail = format!("{text:?} is not a duration such as \"30s\".");
        attribute_error(&Path::from_attr(name), "Invalid duration", detail)
    })?;
    tokio::select! {
        () = tokio::time::sleep(duration) => Ok(()),
        () = context.stopped() => {
            let detail = format!("The wait of {text} was ended before its time.");
            Err(Diagnostic::error("Operation interrupted", detail).into())
        }
    }
}

fn bad_id(id: &str) -> Diagnostic {
    Diagnostic::error(
        "Unexpected Format of ID",
        format!(
            "Unexpected format of ID ({id:?}), expected CREATEDURATION,DESTROYDURATION,KEY=VALUE,KEY=VALUE... where at \
             least one duration is non-empty"
        ),
    )
}
