use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dashu_int::UBig;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Schema};
use value::{Entries, Type, Value};

use crate::common::{block, check_range, hex, import_error, random_bytes};

/// `random_id`.
pub(crate) struct RandomId;

/// As decimal digits are made of them, which takes more than linear time.
const MAX_BYTES: i64 = 1 << 16;

#[async_trait]
impl Resource for RandomId {
    fn type_name(&self) -> &'static str {
        "random_id"
    }

    fn schema(&self) -> Schema {
        let computed = |text: &str| Attribute::computed(Type::String).described(text);
        let id = "The bytes in base64 with the URL-friendly letters, without padding and prefix.";
        let block = block("A random number, to make names unique.", id)
            .with("byte_length", Attribute::required(Type::Number).described("How many bytes; at least 1."))
            .with(
                "prefix",
                Attribute::optional(Type::String).described("Put before every form of the number."),
            )
            .with("b64_url", computed("The bytes in base64 with the URL-friendly letters, without padding."))
            .with("b64_std", computed("The bytes in base64."))
            .with("hex", computed("The bytes in hexadecimal digits."))
            .with("dec", computed("The bytes as one number in decimal digits."));
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["byte_length", "prefix"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        check_range(config, "byte_length", 1, MAX_BYTES).into_iter().collect()
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("keepers");
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        Ok(filled(planned, &random_bytes(planned.int("byte_length").unwrap_or_default())))
    }

    /// By `ID` or `PREFIX,ID`.
    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let (prefix, id) = id.rsplit_once(',').unwrap_or(("", id));
        let bytes = URL_SAFE_NO_PAD
            .decode(id)
            .map_err(|error| import_error("ID", format!("Not base64: {error}.")))?;
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if length > MAX_BYTES {
            return Err(import_error("ID", format!("It has {length} bytes; {MAX_BYTES} are the most.")));
        }
        let prefix = if prefix.is_empty() { Value::null(Type::String) } else { Value::string(prefix) };
        let object = with(
            &self.schema().block.empty_value(),
            [
                ("byte_length", Value::number(length)),
                ("prefix", prefix),
                ("keepers", Value::map(Type::String, Entries::new())),
            ],
        );
        Ok(filled(&object, &bytes))
    }
}

fn filled(object: &Value, bytes: &[u8]) -> Value {
    let prefix = object.text("prefix").unwrap_or_default();
    let id = URL_SAFE_NO_PAD.encode(bytes);
    let prefixed = |text: &str| Value::string(format!("{prefix}{text}"));
    with(
        object,
        [
            ("b64_url", prefixed(&id)),
            ("b64_std", prefixed(&STANDARD.encode(bytes))),
            ("hex", prefixed(&hex(bytes))),
            ("dec", prefixed(&UBig::from_be_bytes(bytes).to_string())),
            ("id", Value::string(id)),
        ],
    )
}
