use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Ephemeral, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema, attribute_error};
use serde_json::{Map, Value as Json};
use value::{Path, Type, Value};

use crate::common::{MAX_LENGTH, block, check_range};
use crate::text::Recipe;

/// `random_password`.
pub(crate) struct RandomPassword;

/// `random_string`.
pub(crate) struct RandomString;

/// The ephemeral `random_password`.
pub(crate) struct EphemeralPassword;

const FLAGS: [&str; 5] = ["lower", "number", "numeric", "special", "upper"];

const MINIMA: [&str; 4] = ["min_lower", "min_numeric", "min_special", "min_upper"];

const REPLACING: &[&str] = &[
    "length",
    "lower",
    "min_lower",
    "min_numeric",
    "min_special",
    "min_upper",
    "number",
    "numeric",
    "special",
    "upper",
];

/// What Go's bcrypt takes as its default.
const BCRYPT_COST: u32 = 10;

/// What bcrypt takes of a password.
const BCRYPT_BYTES: usize = 72;

#[async_trait]
impl Resource for RandomPassword {
    fn type_name(&self) -> &'static str {
        "random_password"
    }

    fn schema(&self) -> Schema {
        let secret = |text: &str| Attribute::computed(Type::String).sensitive().described(text);
        let block = recipe(block("A random text that is kept secret.", "Always `none`."))
            .with("bcrypt_hash", secret("A bcrypt hash of the first 72 bytes of the password."))
            .with("result", secret("The password."));
        Schema::new(3, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        REPLACING
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        adjust(plan);
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let result = made(planned)?;
        let hash = bcrypt_hash(&result)?;
        Ok(with(
            planned,
            [
                ("id", Value::string("none")),
                ("bcrypt_hash", Value::string(hash)),
                ("result", Value::string(result)),
            ],
        ))
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let object = imported(self.schema().block.empty_value(), id);
        Ok(with(&object, [("id", Value::string("none")), ("bcrypt_hash", Value::string(bcrypt_hash(id)?))]))
    }

    /// Version 0 has no hash; versions up to 2 may hold nulls from imports, a wrong hash, and no `numeric`.
    fn upgrade(&self, version: u64, attributes: &mut Map<String, Json>) -> Result<(), String> {
        fill_nulls(attributes);
        let result = attributes.get("result").and_then(Json::as_str).unwrap_or_default().to_owned();
        let hash = attributes.get("bcrypt_hash").and_then(Json::as_str).unwrap_or_default();
        let right = version > 0 && bcrypt::verify(bcrypt_part(&result), hash).unwrap_or(false);
        if !right {
            let hash = bcrypt_hash(&result).map_err(|_| "the password cannot be hashed".to_owned())?;
            attributes.insert("bcrypt_hash".into(), Json::String(hash));
        }
        Ok(())
    }
}

#[async_trait]
impl Resource for RandomString {
    fn type_name(&self) -> &'static str {
        "random_string"
    }

    fn schema(&self) -> Schema {
        let block = recipe(block("A random text that may be shown; see `random_password`.", "The text."))
            .with("result", Attribute::computed(Type::String).described("The text."));
        Schema::new(2, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        REPLACING
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        adjust(plan);
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let result = Value::string(made(planned)?);
        Ok(with(planned, [("id", result.clone()), ("result", result)]))
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        Ok(imported(self.schema().block.empty_value(), id).with_attr("id", Value::string(id)))
    }

    fn upgrade(&self, _version: u64, attributes: &mut Map<String, Json>) -> Result<(), String> {
        fill_nulls(attributes);
        Ok(())
    }
}

#[async_trait]
impl Ephemeral for EphemeralPassword {
    fn type_name(&self) -> &'static str {
        "random_password"
    }

    fn schema(&self) -> Schema {
        let secret = |text: &str| Attribute::computed(Type::String).sensitive().described(text);
        let mut block = recipe(Block::default().described("A random text that is never stored."))
            .with("bcrypt_hash", secret("A bcrypt hash of the first 72 bytes of the password."))
            .with("result", secret("The password."));
        block.attributes.remove("number");
        Schema::new(0, block)
    }

    async fn open(&self, _context: &Context, config: &Value) -> Outcome {
        validate(config).into_result()?;
        let names: Vec<_> =
            config.entries().map(|entries| entries.keys().cloned().collect()).unwrap_or_default();
        let mut object = config.clone();
        for (name, default) in defaults() {
            if config.is_unset(name) && names.iter().any(|known: &value::Str| known == name) {
                object = object.with_attr(name, default);
            }
        }
        let result = made(&object)?;
        let hash = bcrypt_hash(&result)?;
        Ok(with(&object, [("bcrypt_hash", Value::string(hash)), ("result", Value::string(result))]))
    }
}

/// Adds the attributes that say what the text is made of.
fn recipe(block: Block) -> Block {
    let flag = |text: &str| Attribute::optional_computed(Type::Bool).described(text);
    let least = |text: &str| Attribute::optional_computed(Type::Number).described(text);
    block
        .with(
            "length",
            Attribute::required(Type::Number)
                .described("How many characters; at least the sum of all `min_*`."),
        )
        .with("lower", flag("Whether lower-case letters are used; true if not set."))
        .with("upper", flag("Whether upper-case letters are used; true if not set."))
        .with("numeric", flag("Whether digits are used; true if not set."))
        .with("number", flag("The old name of `numeric`.").deprecated())
        .with("special", flag("Whether special characters are used; true if not set."))
        .with(
            "override_special",
            Attribute::optional(Type::String)
                .described("The special characters; `!@#$%&*()-_=+[]{}<>:?` if not set."),
        )
        .with("min_lower", least("How many lower-case letters there are at least; 0 if not set."))
        .with("min_upper", least("How many upper-case letters there are at least; 0 if not set."))
        .with("min_numeric", least("How many digits there are at least; 0 if not set."))
        .with("min_special", least("How many special characters there are at least; 0 if not set."))
}

/// `number` and `numeric` are not here: they follow each other.
fn defaults() -> Vec<(&'static str, Value)> {
    let flags = ["lower", "special", "upper"].map(|name| (name, Value::bool(true)));
    flags.into_iter().chain(MINIMA.map(|name| (name, Value::number(0)))).collect()
}

fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics: Diagnostics = check_range(config, "length", 1, MAX_LENGTH).into_iter().collect();
    diagnostics.extend(MINIMA.iter().filter_map(|name| check_range(config, name, 0, MAX_LENGTH)));
    let least: i64 = MINIMA.iter().filter_map(|name| config.int(name)).fold(0, i64::saturating_add);
    if let Some(length) = config.int("length").filter(|length| *length < least) {
        let detail = format!(
            "Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special ({least}), \
             got: {length}."
        );
        diagnostics.push(attribute_error(&Path::from_attr("length"), "Invalid Attribute Value", detail));
    }
    if let (Some(number), Some(numeric)) = (config.flag("number"), config.flag("numeric"))
        && number != numeric
    {
        let detail = "Cannot specify `number` and `numeric` with different values; `number` is the old name of `numeric`.";
        diagnostics.push(attribute_error(&Path::from_attr("number"), "Number Numeric Attribute", detail));
    }
    let off = |name: &str| config.flag(name) == Some(false);
    if off("lower") && off("upper") && off("special") && (off("numeric") || off("number")) {
        let detail = "At least one attribute out of [special,upper,lower,numeric] must be specified as true.";
        diagnostics.push(attribute_error(&Path::from_attr("lower"), "Invalid Attribute Combination", detail));
    }
    diagnostics
}

/// Keeps `number` and `numeric` the same, and replaces where a list of attributes does not say it.
fn adjust(plan: &mut Plan) {
    let configured = |name: &str| plan.config.attr(name).filter(|value| !value.is_null()).cloned();
    let digits = configured("numeric").or_else(|| configured("number")).unwrap_or_else(|| Value::bool(true));
    for name in ["number", "numeric"] {
        if plan.is_unset(name) {
            plan.set(name, digits.clone());
        }
    }
    plan.replace_on_values("keepers");
    // Old providers stored an empty text for none.
    let emptied =
        plan.prior.text("override_special") == Some("") && plan.planned.is_unset("override_special");
    if plan.changes(&["override_special"]) && !emptied {
        plan.replace("override_special");
    }
}

fn made(object: &Value) -> Result<String, Diagnostics> {
    // Values that were unknown in the configuration are known now.
    validate(object).into_result()?;
    Ok(Recipe::of(object).make())
}

/// What an import knows: the text, and the defaults of everything else.
fn imported(empty: Value, text: &str) -> Value {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let mut object = with(&empty, [("length", Value::number(length)), ("result", Value::string(text))]);
    for name in FLAGS {
        object = object.with_attr(name, Value::bool(true));
    }
    for name in MINIMA {
        object = object.with_attr(name, Value::number(0));
    }
    object
}

/// Replaces nulls that would replace the text at the next plan, and adds `numeric`.
fn fill_nulls(attributes: &mut Map<String, Json>) {
    let length = attributes.get("result").and_then(Json::as_str).map_or(0, str::len);
    let mut fill = |name: &str, default: Json| {
        let value = attributes.entry(name).or_insert(Json::Null);
        if value.is_null() {
            *value = default;
        }
        value.clone()
    };
    fill("length", length.into());
    for name in MINIMA {
        fill(name, 0.into());
    }
    for name in ["lower", "special", "upper"] {
        fill(name, true.into());
    }
    let digits = fill("number", true.into());
    fill("numeric", digits);
}

fn bcrypt_hash(password: &str) -> Result<String, Diagnostics> {
    match bcrypt::hash_with_result(bcrypt_part(password), BCRYPT_COST) {
        Ok(hash) => Ok(hash.format_for_version(bcrypt::Version::TwoA)),
        Err(error) => Err(diag::Diagnostic::error(
            "Hash Generation Error",
            format!("The password cannot be hashed: {error}."),
        )
        .into()),
    }
}

fn bcrypt_part(password: &str) -> &[u8] {
    let bytes = password.as_bytes();
    bytes.get(..BCRYPT_BYTES).unwrap_or(bytes)
}
