use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Data, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, NestedBlock, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::render::{DEFAULT_BOUNDARY, DEFAULT_CONTENT_TYPE, checksum, is_boundary, render};

/// `cloudinit_config`.
pub(crate) struct ConfigResource;

/// `data.cloudinit_config`.
pub(crate) struct ConfigData;

const TYPE_NAME: &str = "cloudinit_config";

#[async_trait]
impl Resource for ConfigResource {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        let mut block = block("A multi-part document for cloud-init. Use the data source of the same name.");
        block.deprecated = true;
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["base64_encode", "boundary", "gzip", "part"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.planned = with_content_types(&plan.planned, &plan.config);
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        rendered(planned)
    }
}

#[async_trait]
impl Data for ConfigData {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        Schema::new(0, block("A multi-part document for cloud-init, such as for the user data of a machine."))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    async fn read(&self, _context: &Context, config: &Value) -> Outcome {
        let defaults = defaults().into_iter().filter(|(name, _)| config.is_unset(name));
        let object = defaults.fold(config.clone(), |object, (name, default)| object.with_attr(name, default));
        rendered(&with_content_types(&object, config))
    }
}

fn block(description: &str) -> Block {
    let part = Block::default()
        .described("A part of the document; there may be many.")
        .with("content", Attribute::required(Type::String).described("The part's text."))
        .with(
            "content_type",
            Attribute::optional_computed(Type::String)
                .described("The part's MIME type, such as `text/cloud-config`; `text/plain` if not set."),
        )
        .with(
            "filename",
            Attribute::optional(Type::String).described("The file name that the part's header gives."),
        )
        .with(
            "merge_type",
            Attribute::optional(Type::String).described("How cloud-init merges the part: `X-Merge-Type`."),
        );
    Block::default()
        .described(description)
        .with("id", Attribute::computed(Type::String).described("CRC-32 of the document in decimal digits."))
        .with(
            "gzip",
            Attribute::optional_computed(Type::Bool).described("Whether to compress; true if not set."),
        )
        .with(
            "base64_encode",
            Attribute::optional_computed(Type::Bool)
                .described("Whether to encode in base64, which compression needs; true if not set."),
        )
        .with(
            "boundary",
            Attribute::optional_computed(Type::String)
                .described("What separates parts; `MIMEBOUNDARY` if not set."),
        )
        .with("rendered", Attribute::computed(Type::String).described("The document."))
        .with_block("part", NestedBlock::list(part).items(1, 0))
}

fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("base64_encode", Value::bool(true)),
        ("boundary", Value::string(DEFAULT_BOUNDARY)),
        ("gzip", Value::bool(true)),
    ]
}

fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut refuse = |path: Path, detail: String| {
        diagnostics.push(attribute_error(&path, "Invalid Attribute Configuration", detail));
    };
    let gzip = config.is_unset("gzip") || config.flag("gzip") == Some(true);
    if gzip && config.flag("base64_encode") == Some(false) {
        let detail = "Expected base64_encode to be set to true when gzip is true.";
        refuse(Path::from_attr("base64_encode"), detail.into());
    }
    if let Some(boundary) = config.text("boundary").filter(|boundary| !is_boundary(boundary)) {
        let detail =
            format!("{boundary:?} cannot separate parts: use up to 70 letters, digits and '()+_,-./:=?");
        refuse(Path::from_attr("boundary"), detail);
    }
    for (index, part) in config.elements("part").iter().enumerate() {
        let path = Path::from_attr("part").index(Value::number(i64::try_from(index).unwrap_or(i64::MAX)));
        for name in ["content", "content_type"] {
            if part.text(name) == Some("") {
                refuse(path.attr(name), format!("Attribute {name} must not be empty."));
            }
        }
        for name in ["content_type", "filename", "merge_type"] {
            if part.text(name).is_some_and(|text| text.contains(['\r', '\n'])) {
                refuse(path.attr(name), format!("Attribute {name} goes into a header and must be one line."));
            }
        }
    }
    diagnostics
}

/// The object with the default type for parts whose configuration has none.
fn with_content_types(object: &Value, config: &Value) -> Value {
    let Some(parts) = object.attr("part").filter(|parts| parts.items().is_some()) else {
        return object.clone();
    };
    let configured = config.elements("part");
    let filled = object.elements("part").iter().enumerate().map(|(index, part)| {
        if configured.get(index).is_some_and(|config| config.is_known() && config.is_unset("content_type")) {
            part.with_attr("content_type", Value::string(DEFAULT_CONTENT_TYPE))
        } else {
            part.clone()
        }
    });
    let element = parts.ty().element().cloned().unwrap_or(Type::Dynamic);
    object.with_attr("part", Value::list(element, filled.collect()))
}

fn rendered(object: &Value) -> Outcome {
    let problems = validate(object);
    if problems.has_errors() {
        return Err(problems);
    }
    let document = render(object);
    Ok(with(object, [("id", Value::string(checksum(&document))), ("rendered", Value::string(document))]))
}
