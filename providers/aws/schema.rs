//! The schema: attribute facts of hashicorp/aws 5.100.0 for the types groma has, read from JSON when first used.
//!
//! hashicorp/aws is of Terraform's legacy type system: it plans defaults and zero values of its own for attributes that
//! its schema calls merely optional, and Terraform exempts it from the checks that forbid this. groma has no such
//! exemption, so the schema the engine sees says what is true: in those types an optional attribute is also computed.
//! Planning goes by the facts as they are ([`facts`]).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use provider::{Attribute, Block, NestedBlock, Nesting, ProviderSchema, Schema};
use serde::Deserialize;
use serde::de::IgnoredAny;
use value::{Str, Type};

/// The schema as the engine sees it.
pub fn provider_schema() -> Arc<ProviderSchema> {
    static RELAXED: LazyLock<Arc<ProviderSchema>> = LazyLock::new(|| {
        let mut schema = facts().clone();
        for (name, resource) in &mut schema.resources {
            if !STRICT_TYPES.contains(&name.as_str()) {
                relax(&mut resource.block);
            }
        }
        Arc::new(schema)
    });
    RELAXED.clone()
}

/// The schema as `HashiCorp`'s provider states it.
pub fn facts() -> &'static ProviderSchema {
    static FACTS: LazyLock<ProviderSchema> = LazyLock::new(|| {
        let file: File = serde_json::from_str(SOURCE).expect("the embedded schema is tested to be readable");
        let words: Words =
            serde_json::from_str(WORDS).expect("the embedded descriptions are tested to be readable");
        let mut schema = ProviderSchema::from(file);
        words.describe_provider(&mut schema);
        schema
    });
    &FACTS
}

const SOURCE: &str = include_str!("schema-5.100.0.json");

/// What attributes and blocks are, in our words; by name, as a name means the same wherever it occurs.
const WORDS: &str = include_str!("descriptions.json");

/// Types of Terraform's newer plugin framework, which plan as their schema says.
const STRICT_TYPES: &[&str] = &["aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"];

fn relax(block: &mut Block) {
    for attribute in block.attributes.values_mut() {
        attribute.computed |= attribute.optional;
    }
    for (name, nested) in &mut block.blocks {
        if name != "timeouts" {
            relax(&mut nested.block);
        }
    }
}

#[derive(Deserialize)]
struct Words {
    blocks: BTreeMap<Str, Str>,
    attributes: BTreeMap<Str, Str>,
}

impl Words {
    fn describe_provider(&self, schema: &mut ProviderSchema) {
        self.describe(&mut schema.provider.block);
        schema.provider.block.description = "Networks and hosts in Amazon EC2.".into();
        for (name, schema) in schema.resources.iter_mut().chain(&mut schema.data_sources) {
            self.describe(&mut schema.block);
            schema.block.description = self.blocks.get(name).cloned().unwrap_or_default();
        }
    }

    fn describe(&self, block: &mut Block) {
        for (name, attribute) in &mut block.attributes {
            attribute.description = self.attributes.get(name).cloned().unwrap_or_default();
        }
        for (name, nested) in &mut block.blocks {
            self.describe(&mut nested.block);
            nested.block.description = self.blocks.get(name).cloned().unwrap_or_default();
            if name == "endpoints" {
                describe_endpoints(&mut nested.block);
            }
        }
    }
}

/// Only the endpoints of the services that are called have a use; the others are accepted.
fn describe_endpoints(block: &mut Block) {
    for (name, attribute) in &mut block.attributes {
        attribute.description = match name.as_str() {
            "ec2" => "URL of the EC2 endpoint.".into(),
            "sts" => "URL of the STS endpoint.".into(),
            other => format!("URL of the {other} endpoint; accepted, groma does not call it.").into(),
        };
    }
}

#[derive(Deserialize)]
struct File {
    provider: SchemaFacts,
    resources: BTreeMap<Str, SchemaFacts>,
    data_sources: BTreeMap<Str, SchemaFacts>,
}

#[derive(Deserialize)]
struct SchemaFacts {
    version: u64,
    block: BlockFacts,
}

#[derive(Deserialize)]
struct BlockFacts {
    attributes: BTreeMap<Str, (TypeFacts, String)>,
    #[serde(default)]
    blocks: BTreeMap<Str, NestedFacts>,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Deserialize)]
struct NestedFacts {
    nesting: String,
    block: BlockFacts,
    #[serde(default)]
    min: u64,
    #[serde(default)]
    max: u64,
    #[serde(default)]
    computed: bool,
}

/// A type in Terraform's JSON form.
#[derive(Deserialize)]
#[serde(untagged)]
enum TypeFacts {
    Primitive(String),
    Object(IgnoredAny, BTreeMap<Str, TypeFacts>),
    Collection(String, Box<TypeFacts>),
}

impl From<File> for ProviderSchema {
    fn from(file: File) -> Self {
        let schemas =
            |facts: BTreeMap<Str, SchemaFacts>| facts.into_iter().map(|(k, s)| (k, s.into())).collect();
        Self {
            provider: file.provider.into(),
            resources: schemas(file.resources),
            data_sources: schemas(file.data_sources),
            ..Self::default()
        }
    }
}

impl From<SchemaFacts> for Schema {
    fn from(facts: SchemaFacts) -> Self {
        Self { version: facts.version, block: facts.block.into() }
    }
}

impl From<BlockFacts> for Block {
    fn from(facts: BlockFacts) -> Self {
        Self {
            attributes: facts.attributes.into_iter().map(|(k, a)| (k, attribute(&a.0, &a.1))).collect(),
            blocks: facts.blocks.into_iter().map(|(k, b)| (k, b.into())).collect(),
            deprecated: facts.deprecated,
            ..Self::default()
        }
    }
}

impl From<NestedFacts> for NestedBlock {
    fn from(facts: NestedFacts) -> Self {
        let nesting = match facts.nesting.as_str() {
            "set" => Nesting::Set,
            "single" => Nesting::Single,
            _ => Nesting::List,
        };
        Self {
            nesting,
            block: facts.block.into(),
            min_items: facts.min,
            max_items: facts.max,
            computed: facts.computed,
        }
    }
}

/// `flags`: r(equired), o(ptional), c(omputed), s(ensitive), w(rite-only), d(eprecated).
fn attribute(ty: &TypeFacts, flags: &str) -> Attribute {
    let has = |flag| flags.contains(flag);
    Attribute {
        required: has('r'),
        optional: has('o'),
        sensitive: has('s'),
        write_only: has('w'),
        deprecated: has('d'),
        ..if has('c') { Attribute::computed(ty.into()) } else { Attribute::optional(ty.into()) }
    }
}

impl From<&TypeFacts> for Type {
    fn from(facts: &TypeFacts) -> Self {
        match facts {
            TypeFacts::Primitive(name) => match name.as_str() {
                "bool" => Self::Bool,
                "number" => Self::Number,
                "string" => Self::String,
                _ => Self::Dynamic,
            },
            TypeFacts::Collection(kind, element) => {
                let element = Self::from(&**element);
                match kind.as_str() {
                    "set" => Self::set(element),
                    "map" => Self::map(element),
                    _ => Self::list(element),
                }
            }
            TypeFacts::Object(_, attributes) => {
                Self::object(attributes.iter().map(|(name, ty)| (name.clone(), Self::from(ty))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_schema_is_readable() {
        let facts = facts();
        assert_eq!(facts.resources.len(), 11);
        assert_eq!(facts.data_sources.len(), 7);
        let ingress = &facts.resources["aws_security_group"].block.attributes["ingress"];
        assert_eq!(
            ingress.ty.to_string(),
            "set(object({cidr_blocks=list(string),description=string,from_port=number,ipv6_cidr_blocks=list(string),\
             prefix_list_ids=list(string),protocol=string,security_groups=set(string),self=bool,to_port=number}))"
        );
        let key = &facts.resources["aws_key_pair"].block.attributes["public_key"];
        assert!(key.required && !key.optional && !key.computed);
        let instance = &facts.resources["aws_instance"];
        assert_eq!(instance.version, 1);
        assert!(instance.block.blocks["root_block_device"].computed);
        assert!(!instance.block.attributes["source_dest_check"].computed);
        let relaxed = provider_schema();
        assert!(relaxed.resources["aws_instance"].block.attributes["source_dest_check"].computed);
        assert!(
            !relaxed.resources["aws_vpc_security_group_ingress_rule"].block.attributes["cidr_ipv4"].computed
        );
    }
}
