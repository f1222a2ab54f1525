use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::common::{block, check_range, import_error};
use crate::seeded::Generator;

/// `random_integer`.
pub(crate) struct RandomInteger;

#[async_trait]
impl Resource for RandomInteger {
    fn type_name(&self) -> &'static str {
        "random_integer"
    }

    fn schema(&self) -> Schema {
        let block = block("A random whole number from a range.", "The number as text.")
            .with("min", Attribute::required(Type::Number).described("The least number it can be."))
            .with("max", Attribute::required(Type::Number).described("The greatest number it can be."))
            .with(
                "seed",
                Attribute::optional(Type::String).described("Any text; the same gives the same number."),
            )
            .with("result", Attribute::computed(Type::Number).described("The number."));
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["min", "max", "seed"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics: Diagnostics =
            ["min", "max"].iter().filter_map(|name| check_range(config, name, i64::MIN, i64::MAX)).collect();
        if let (Some(min), Some(max)) = (config.int("min"), config.int("max"))
            && max < min
        {
            let detail = "The minimum (min) value needs to be smaller than or equal to maximum (max) value.";
            diagnostics.push(attribute_error(&Path::from_attr("min"), "Create Random Integer Error", detail));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("keepers");
    }

    async fn create(&self, _context: &Context, planned: &Value, config: &Value) -> Outcome {
        self.validate(config).into_result()?;
        let (min, max) = (planned.int("min").unwrap_or_default(), planned.int("max").unwrap_or_default());
        let seed = planned.text("seed").filter(|seed| !seed.is_empty());
        let number = Generator::new(seed).between(min, max);
        Ok(with(planned, [("id", Value::string(number.to_string())), ("result", Value::number(number))]))
    }

    /// By `RESULT,MIN,MAX` or `RESULT,MIN,MAX,SEED`.
    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let parts: Vec<&str> = id.split(',').collect();
        let (numbers, seed) = match parts.as_slice() {
            [result, min, max] => ([result, min, max], None),
            [result, min, max, seed] => ([result, min, max], Some(*seed)),
            _ => {
                let detail =
                    "Invalid import usage: expecting {result},{min},{max} or {result},{min},{max},{seed}";
                return Err(import_error("Integer", detail));
            }
        };
        let mut object = self.schema().block.empty_value().with_attr("id", Value::string(*numbers[0]));
        for (name, text) in ["result", "min", "max"].into_iter().zip(numbers) {
            let number: i64 = text.parse().map_err(|_| {
                import_error("Integer", format!("The {name} value supplied ({text}) is not a whole number."))
            })?;
            object = object.with_attr(name, Value::number(number));
        }
        Ok(match seed {
            Some(seed) => object.with_attr("seed", Value::string(seed)),
            None => object,
        })
    }
}
