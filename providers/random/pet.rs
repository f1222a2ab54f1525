use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Schema};
use rand::seq::IndexedRandom;
use value::{Type, Value};

use crate::common::{block, check_range};
use crate::words::{ADJECTIVES, ADVERBS, NAMES};

/// `random_pet`.
pub(crate) struct RandomPet;

const MAX_WORDS: i64 = 1 << 12;

#[async_trait]
impl Resource for RandomPet {
    fn type_name(&self) -> &'static str {
        "random_pet"
    }

    fn schema(&self) -> Schema {
        let block = block("A random name that people can remember, such as `firm-otter`.", "The name.")
            .with(
                "length",
                Attribute::optional_computed(Type::Number).described("How many words; 2 if not set."),
            )
            .with(
                "prefix",
                Attribute::optional(Type::String).described("Put before the name, with a separator."),
            )
            .with(
                "separator",
                Attribute::optional_computed(Type::String).described("Put between words; `-` if not set."),
            );
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["length", "prefix", "separator"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("length", Value::number(2)), ("separator", Value::string("-"))]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check_range(config, "length", 1, MAX_WORDS).into_iter().collect()
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("keepers");
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let prefix = planned.text("prefix").filter(|prefix| !prefix.is_empty());
        let words = prefix.into_iter().chain(name(planned.int("length").unwrap_or(2)));
        let separator = planned.text("separator").unwrap_or("-");
        let name = words.collect::<Vec<_>>().join(separator);
        Ok(with(planned, [("id", Value::string(name))]))
    }
}

/// Adverbs, an adjective and a noun, as many as the length has room for.
fn name(length: i64) -> Vec<&'static str> {
    let mut random = rand::rng();
    let mut pick = |words: &[&'static str]| words.choose(&mut random).copied().unwrap_or_default();
    let mut words: Vec<&'static str> = (2..length.min(MAX_WORDS)).map(|_| pick(ADVERBS)).collect();
    if length > 1 {
        words.push(pick(ADJECTIVES));
    }
    words.push(pick(NAMES));
    words
}
