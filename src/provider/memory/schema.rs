use std::collections::BTreeMap;

use diag::Diagnostics;
use value::{Path, Str, Type, Value};

use crate::attributes::attribute_error;
use crate::schema::{Attribute, Block, NestedBlock, Nesting, ProviderSchema, Schema};

/// Attributes of resources whose change makes a new object.
pub(super) const REPLACING: &[&str] = &["zone", "ami"];

/// The value of an optional, computed `size` that is not set.
pub(super) const DEFAULT_SIZE: i64 = 10;

pub(super) fn schema() -> ProviderSchema {
    let provider = Block::default()
        .with("endpoint", Attribute::optional(Type::String).described("Where the service would be."))
        .with("token", Attribute::optional(Type::String).sensitive().described("A credential."));
    ProviderSchema {
        provider: Schema::new(0, provider),
        resources: named([
            ("test_thing", Schema::new(1, thing())),
            ("test_instance", Schema::new(0, instance())),
        ]),
        data_sources: named([("test_thing", Schema::new(0, thing_data()))]),
        ephemerals: named([("test_token", Schema::new(0, token()))]),
        functions: super::functions(),
    }
}

/// Values that this provider does not take, so that validation can be tested: a `value` of `invalid`.
pub(super) fn check_value(config: &Value) -> Diagnostics {
    match config.attr_str("value") {
        Some(value) if value == "invalid" => {
            attribute_error(&Path::from_attr("value"), "Invalid value", "The value must not be \"invalid\".")
                .into()
        }
        _ => Diagnostics::new(),
    }
}

fn named<const N: usize>(schemas: [(&str, Schema); N]) -> BTreeMap<Str, Schema> {
    schemas.into_iter().map(|(name, schema)| (name.into(), schema)).collect()
}

fn thing() -> Block {
    let options = [
        ("mode".into(), Attribute::optional(Type::String).described("Any mode.")),
        (
            "level".into(),
            Attribute::optional_computed(Type::String).described("Any level; `info` if not set."),
        ),
    ];
    Block::default()
        .described("An object with an attribute of every kind.")
        .with("id", Attribute::computed(Type::String).described("`thing-NAME-N`."))
        .with("name", Attribute::optional(Type::String).described("What faults and logs go by."))
        .with("value", Attribute::optional(Type::String).described("Any text, updated in place."))
        .with("zone", Attribute::optional(Type::String).described("Any text; a change makes a new object."))
        .with("number", Attribute::optional(Type::Number).described("Any number."))
        .with("flag", Attribute::optional(Type::Bool).described("Any truth."))
        .with("items", Attribute::optional(Type::list(Type::String)).described("Any list."))
        .with("members", Attribute::optional(Type::set(Type::String)).described("Any set."))
        .with("tags", Attribute::optional(Type::map(Type::String)).described("Any map."))
        .with("any", Attribute::optional(Type::Dynamic).described("Anything."))
        .with("size", Attribute::optional_computed(Type::Number).described("A number with a default of 10."))
        .with("secret", Attribute::optional(Type::String).sensitive().described("Never shown."))
        .with("secret_wo", Attribute::optional(Type::String).write_only().described("Never stored."))
        .with(
            "secret_wo_version",
            Attribute::optional(Type::Number).described("Change it to send `secret_wo` again."),
        )
        .with("options", Attribute::nested(Nesting::Single, options.into()).described("A nested attribute."))
        .with("revision", Attribute::computed(Type::Number).described("How often it was changed."))
        .with_block("disk", NestedBlock::list(disk()))
        .with_block("rule", NestedBlock::set(rule()))
        .with_block("network", NestedBlock::single(network()))
}

/// The block with what the operations of this provider rely on.
pub(super) fn known_by_name(block: Block) -> Block {
    block
        .with("id", Attribute::computed(Type::String).described("`TYPE-NAME-N`."))
        .with("name", Attribute::optional(Type::String).described("What faults and logs go by."))
        .with("zone", Attribute::optional(Type::String).described("Any text; a change makes a new object."))
        .with("revision", Attribute::computed(Type::Number).described("How often it was changed."))
}

fn disk() -> Block {
    Block::default()
        .described("A nested block in a list.")
        .with("name", Attribute::required(Type::String).described("The disk's name."))
        .with("size", Attribute::optional_computed(Type::Number).described("A number with a default of 10."))
        .with("id", Attribute::computed(Type::String).described("The disk's id."))
}

fn rule() -> Block {
    Block::default()
        .described("A nested block in a set.")
        .with("port", Attribute::required(Type::Number).described("A port."))
        .with("cidr", Attribute::optional(Type::String).described("A range of addresses."))
}

fn network() -> Block {
    Block::default()
        .described("A nested block of which there is one at most.")
        .with("cidr", Attribute::optional(Type::String).described("A range of addresses."))
}

fn instance() -> Block {
    Block::default()
        .described("A machine as small as one can be.")
        .with("id", Attribute::computed(Type::String).described("`instance-NAME-N`."))
        .with("name", Attribute::optional(Type::String).described("What faults and logs go by."))
        .with("ami", Attribute::optional(Type::String).described("The image; a change makes a new machine."))
        .with("type", Attribute::optional(Type::String).described("The machine type, updated in place."))
        .with("value", Attribute::optional(Type::String).described("Any text, updated in place."))
        .with("revision", Attribute::computed(Type::Number).described("How often it was changed."))
}

fn thing_data() -> Block {
    Block::default()
        .described("An object that exists, by its id.")
        .with("id", Attribute::required(Type::String).described("The object's id."))
        .with("name", Attribute::computed(Type::String).described("The object's name."))
        .with("value", Attribute::computed(Type::String).described("The object's value."))
        .with("secret", Attribute::computed(Type::String).sensitive().described("Never shown."))
}

fn token() -> Block {
    Block::default()
        .described("A credential that is never stored.")
        .with("name", Attribute::optional(Type::String).described("What faults and logs go by."))
        .with("token", Attribute::computed(Type::String).sensitive().described("`token-NAME-N`."))
}
