use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Schema};
use value::{Type, Value};

use crate::common::{MAX_LENGTH, block, check_range};
use crate::seeded::Generator;

/// `random_shuffle`.
pub(crate) struct RandomShuffle;

#[async_trait]
impl Resource for RandomShuffle {
    fn type_name(&self) -> &'static str {
        "random_shuffle"
    }

    fn schema(&self) -> Schema {
        let texts = Type::list(Type::String);
        let block = block("A random order of texts.", "Always `-`.")
            .with("input", Attribute::required(texts.clone()).described("The texts."))
            .with(
                "result_count",
                Attribute::optional(Type::Number).described(
                    "How many to give: fewer than there are, or more, which repeats them; all if not set.",
                ),
            )
            .with(
                "seed",
                Attribute::optional(Type::String).described("Any text; the same gives the same order."),
            )
            .with("result", Attribute::computed(texts).described("The texts in random order."));
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["input", "result_count", "seed"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check_range(config, "result_count", 0, MAX_LENGTH).into_iter().collect()
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("keepers");
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let input = planned.elements("input");
        let wanted = planned
            .int("result_count")
            .and_then(|count| usize::try_from(count).ok())
            .filter(|count| *count > 0);
        let wanted = wanted.unwrap_or(input.len());
        let mut generator = Generator::new(planned.text("seed").filter(|seed| !seed.is_empty()));
        let mut result = Vec::new();
        while result.len() < wanted && !input.is_empty() {
            let order = generator.permutation(input.len());
            result.extend(
                order.into_iter().filter_map(|at| input.get(at).cloned()).take(wanted - result.len()),
            );
        }
        Ok(with(planned, [("id", Value::string("-")), ("result", Value::list(Type::String, result))]))
    }
}
