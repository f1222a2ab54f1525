use async_trait::async_trait;
use provider::simple::{Access, Context, Data, Outcome, with};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

/// `null_data_source`.
pub(crate) struct NullData;

#[async_trait]
impl Data for NullData {
    fn type_name(&self) -> &'static str {
        "null_data_source"
    }

    fn schema(&self) -> Schema {
        let texts = Type::map(Type::String);
        let mut block = Block::default()
            .described("A data source that gives back what it is given. Locals do this better.")
            .with("id", Attribute::computed(Type::String).described("Always `static`."))
            .with("inputs", Attribute::optional(texts.clone()).described("Any texts."))
            .with("outputs", Attribute::computed(texts).described("The inputs."))
            .with(
                "random",
                Attribute::computed(Type::String).described("A random number, new at every read."),
            )
            .with(
                "has_computed_default",
                Attribute::optional_computed(Type::String).described("Any text; `default` if not set."),
            );
        block.deprecated = true;
        Schema::new(0, block)
    }

    async fn read(&self, _context: &Context, config: &Value) -> Outcome {
        let outputs = config.attr("inputs").cloned().unwrap_or_else(|| Value::null(Type::map(Type::String)));
        let default =
            config.text("has_computed_default").filter(|text| !text.is_empty()).unwrap_or("default");
        Ok(with(
            config,
            [
                ("id", Value::string("static")),
                ("outputs", outputs),
                ("random", Value::string(crate::random_id())),
                ("has_computed_default", Value::string(default)),
            ],
        ))
    }
}
