//! Configuration for imports that have no resource block (`-generate-config-out`).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use ::plan::{Action, Importing, Reason, ResourceChange};
use addrs::ConfigResource;
use diag::{Diagnostic, Diagnostics};
use provider::{Attribute, Block, NestedBlock, Nesting};
use value::{Kind, Str, Value, format};

use super::Planning;
use super::imports::{ImportTarget, unknown_id};
use super::priors::StateUpdate;
use super::resource::Planned;
use crate::compare::Subject;
use crate::eval::mark_by_schema;
use crate::program::ResourceId;

impl Planning {
    /// Imports of a resource that the configuration does not have, with configuration written for them.
    pub(super) async fn generate(&self, id: ResourceId, dependencies: &Arc<[ConfigResource]>) -> Planned {
        let mut out = Planned::default();
        for import in self.imports.without_config(id) {
            let result = match self.imports.target(import, &self.session.surroundings) {
                Ok((address, ImportTarget { id: Some(text), .. })) => {
                    self.generate_one(id, &address, text, dependencies, &mut out).await
                }
                Ok((_, ImportTarget { id: None, id_span, .. })) => Err(unknown_id(id_span).into()),
                Err(errors) => Err(errors),
            };
            out.diagnostics.extend(result.err().unwrap_or_default());
        }
        out
    }

    async fn generate_one(
        &self,
        id: ResourceId,
        address: &addrs::AbsResourceInstance,
        text: Str,
        dependencies: &Arc<[ConfigResource]>,
        out: &mut Planned,
    ) -> Result<(), Diagnostics> {
        let info = self.program().resource(id);
        let Some(schema) = &info.schema else { return Ok(()) };
        let subject = Subject { session: &self.session, info, schema, address };
        let prior = self.import_object(&subject, &text).await?;
        let object = prior.refreshed(schema, dependencies).map_err(|error| {
            Diagnostic::error("Failed to encode an object for the state", error.to_string()).address(address)
        })?;
        let provider = subject.provider().address.clone();
        out.updates.push(StateUpdate {
            address: address.clone(),
            deposed: None,
            provider: provider.clone(),
            object,
        });
        let value = mark_by_schema(schema, &prior.value);
        out.changes.push(ResourceChange {
            address: address.clone(),
            previous_address: None,
            deposed: None,
            provider,
            action: Action::NoOp,
            reason: Reason::None,
            before: value.clone(),
            after: value,
            private: prior.private,
            required_replace: Vec::new(),
            generated_config: Some(resource_block(
                &address.resource,
                &schema.schema.block,
                &prior.value,
                &text,
            )),
            importing: Some(Importing { id: Some(text) }),
            create_before_destroy: false,
        });
        Ok(())
    }
}

/// A resource block from which planning would change nothing.
fn resource_block(resource: &addrs::Resource, schema: &Block, value: &Value, id: &str) -> String {
    let mut out = format!("# __generated__ by groma from {}\n", format::quoted(id));
    let _ = writeln!(out, "resource \"{}\" \"{}\" {{", resource.ty, resource.name);
    block_body(schema, value, 1, &mut out);
    out.push_str("}\n");
    // What is written here parses.
    syntax::format(diag::FileId(0), &out).unwrap_or(out)
}

fn block_body(schema: &Block, value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    for (name, attribute) in schema.attributes.iter().filter(|(name, a)| is_argument(name, a)) {
        let Some(given) = value.attr(name) else { continue };
        let text = if attribute.sensitive && !given.is_null() {
            format!("{name} = null # sensitive")
        } else {
            format::attribute(name, &settable(attribute, given))
        };
        for line in text.lines() {
            let _ = writeln!(out, "{pad}{line}");
        }
    }
    for (name, nested) in &schema.blocks {
        for (label, body) in bodies(nested, value.attr(name)) {
            let label = label.map(|label| format!(" {}", format::quoted(&label))).unwrap_or_default();
            let _ = writeln!(out, "{pad}{name}{label} {{");
            block_body(&nested.block, &body, depth + 1, out);
            let _ = writeln!(out, "{pad}}}");
        }
    }
}

/// Computed values that may be set too are left to the provider when they are its own to find: ids.
fn is_argument(name: &str, attribute: &Attribute) -> bool {
    (attribute.required || attribute.optional)
        && !attribute.write_only
        && !attribute.deprecated
        && !(name == "id" && attribute.computed)
}

/// Nested attributes without those that cannot be set.
fn settable(attribute: &Attribute, value: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return value.clone() };
    let one = |object: &Value| match object.entries() {
        Some(entries) => Value::object_of(entries.iter().filter_map(|(name, value)| {
            let attribute = nested.attributes.get(name)?;
            is_argument(name, attribute).then(|| (name.clone(), settable(attribute, value)))
        })),
        None => object.clone(),
    };
    match (nested.nesting, value.kind()) {
        (Nesting::Single | Nesting::Group, _) => one(value),
        (_, Kind::List(items) | Kind::Set(items) | Kind::Tuple(items)) => {
            Value::tuple(items.items().iter().map(one).collect())
        }
        (_, Kind::Map(entries) | Kind::Object(entries)) => {
            Value::object(entries.entries().iter().map(|(key, value)| (key.clone(), one(value))).collect())
        }
        _ => value.clone(),
    }
}

fn bodies(nested: &NestedBlock, value: Option<&Value>) -> Vec<(Option<Str>, Value)> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Vec::new() };
    match nested.nesting {
        Nesting::Single | Nesting::Group => vec![(None, value.clone())],
        Nesting::List | Nesting::Set => {
            value.items().unwrap_or_default().iter().map(|item| (None, item.clone())).collect()
        }
        Nesting::Map => {
            let entries: BTreeMap<Str, Value> = value
                .entries()
                .into_iter()
                .flat_map(|entries| entries.iter().map(|(k, v)| (k.clone(), v.clone())))
                .collect();
            entries.into_iter().map(|(key, value)| (Some(key), value)).collect()
        }
    }
}
