use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Schema};
use value::{Type, Value};

use crate::common::{MAX_LENGTH, block, check_range, hex, import_error, random_bytes};

/// `random_bytes`.
pub(crate) struct RandomBytes;

#[async_trait]
impl Resource for RandomBytes {
    fn type_name(&self) -> &'static str {
        "random_bytes"
    }

    fn schema(&self) -> Schema {
        let secret = |text: &str| Attribute::computed(Type::String).sensitive().described(text);
        let block = block("Random bytes for secrets and keys.", "Always `none`.")
            .with("length", Attribute::required(Type::Number).described("How many bytes; at least 1."))
            .with("base64", secret("The bytes in base64."))
            .with("hex", secret("The bytes in hexadecimal digits."));
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["length"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check_range(config, "length", 1, MAX_LENGTH).into_iter().collect()
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("keepers");
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        Ok(filled(planned, &random_bytes(planned.int("length").unwrap_or_default())))
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let bytes =
            STANDARD.decode(id).map_err(|error| import_error("bytes", format!("Not base64: {error}.")))?;
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let object = self.schema().block.empty_value().with_attr("length", Value::number(length));
        Ok(filled(&object, &bytes))
    }
}

fn filled(object: &Value, bytes: &[u8]) -> Value {
    with(
        object,
        [
            ("id", Value::string("none")),
            ("base64", Value::string(STANDARD.encode(bytes))),
            ("hex", Value::string(hex(bytes))),
        ],
    )
}
