//! `providers schema -json`, in Terraform's shape (format 1.0).

use std::collections::BTreeMap;

use addrs::ProviderAddr;
use engine::Providers;
use provider::{Attribute, Block, NestedBlock, Nesting, Schema};
use serde_json::{Map, Value as Json, json};
use value::json::type_to_json;

pub fn json<'a>(used: impl Iterator<Item = &'a ProviderAddr>, providers: &Providers) -> String {
    let mut all: BTreeMap<String, Json> = BTreeMap::new();
    for address in used {
        let Some(provider) = providers.get(address) else { continue };
        let schema = provider.schema();
        let schemas = |map: &BTreeMap<value::Str, Schema>| -> Map<String, Json> {
            map.iter().map(|(name, schema)| (name.to_string(), schema_json(schema))).collect()
        };
        let mut entry = Map::new();
        entry.insert("provider".into(), schema_json(&schema.provider));
        for (name, map) in [
            ("resource_schemas", &schema.resources),
            ("data_source_schemas", &schema.data_sources),
            ("ephemeral_resource_schemas", &schema.ephemerals),
        ] {
            if !map.is_empty() {
                entry.insert(name.into(), schemas(map).into());
            }
        }
        all.insert(address.to_string(), entry.into());
    }
    json!({ "format_version": "1.0", "provider_schemas": all }).to_string()
}

fn schema_json(schema: &Schema) -> Json {
    json!({ "version": schema.version, "block": block_json(&schema.block) })
}

fn block_json(block: &Block) -> Json {
    let mut out = Map::new();
    if !block.attributes.is_empty() {
        let attributes: Map<String, Json> =
            block.attributes.iter().map(|(name, a)| (name.to_string(), attribute_json(a))).collect();
        out.insert("attributes".into(), attributes.into());
    }
    if !block.blocks.is_empty() {
        let blocks: Map<String, Json> =
            block.blocks.iter().map(|(name, b)| (name.to_string(), nested_json(b))).collect();
        out.insert("block_types".into(), blocks.into());
    }
    if !block.description.is_empty() {
        out.insert("description".into(), block.description.as_str().into());
    }
    out.insert("description_kind".into(), "markdown".into());
    if block.deprecated {
        out.insert("deprecated".into(), true.into());
    }
    out.into()
}

fn attribute_json(attribute: &Attribute) -> Json {
    let mut out = Map::new();
    match &attribute.nested {
        Some(nested) => {
            let attributes: Map<String, Json> =
                nested.attributes.iter().map(|(name, a)| (name.to_string(), attribute_json(a))).collect();
            out.insert(
                "nested_type".into(),
                json!({ "attributes": attributes, "nesting_mode": nesting(nested.nesting) }),
            );
        }
        None => {
            out.insert("type".into(), type_to_json(&attribute.ty));
        }
    }
    if !attribute.description.is_empty() {
        out.insert("description".into(), attribute.description.as_str().into());
    }
    out.insert("description_kind".into(), "markdown".into());
    for (name, set) in [
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
        ("deprecated", attribute.deprecated),
    ] {
        if set {
            out.insert(name.into(), true.into());
        }
    }
    out.into()
}

fn nested_json(nested: &NestedBlock) -> Json {
    let mut out = Map::new();
    out.insert("nesting_mode".into(), nesting(nested.nesting).into());
    out.insert("block".into(), block_json(&nested.block));
    for (name, number) in [("min_items", nested.min_items), ("max_items", nested.max_items)] {
        if number > 0 {
            out.insert(name.into(), number.into());
        }
    }
    out.into()
}

fn nesting(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}
