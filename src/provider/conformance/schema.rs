use std::collections::BTreeMap;

use value::{Str, Type};

use super::Report;
use crate::schema::{Attribute, Block, ProviderSchema};

/// Checks that a schema says what can be: every attribute set by someone, names that can be written, types that agree.
pub(super) fn check(schema: &ProviderSchema, report: &mut Report) {
    check_block("provider", &schema.provider.block, report);
    for (name, _) in schema.provider.block.attributes.iter().filter(|(_, attribute)| attribute.computed) {
        report.problems.push(format!("provider.{name}: is computed, but a provider block only configures"));
    }
    let groups =
        [("resource", &schema.resources), ("data", &schema.data_sources), ("ephemeral", &schema.ephemerals)];
    for (group, schemas) in groups {
        for (name, schema) in schemas {
            let place = format!("{group} {name}");
            report.check(is_identifier(name), || {
                format!("{place}: the name cannot be written in a configuration")
            });
            report.check(!schema.block.description.is_empty(), || format!("{place}: has no description"));
            check_block(&place, &schema.block, report);
        }
    }
    for (name, schema) in &schema.data_sources {
        for (attribute, _) in schema.block.attributes.iter().filter(|(_, a)| a.write_only) {
            report
                .problems
                .push(format!("data {name}: {attribute} is write-only, which data sources cannot be"));
        }
    }
    for (name, function) in &schema.functions {
        report.check(*name == function.name, || format!("function {name}: is named {}", function.name));
        report.check(!function.summary.is_empty(), || format!("function {name}: has no summary"));
    }
}

fn check_block(place: &str, block: &Block, report: &mut Report) {
    check_attributes(place, &block.attributes, report);
    for (name, nested) in &block.blocks {
        let inner = format!("{place}.{name}");
        report
            .check(is_identifier(name), || format!("{inner}: the name cannot be written in a configuration"));
        report.check(!block.attributes.contains_key(name), || format!("{inner}: is also an attribute"));
        report.check(nested.max_items == 0 || nested.min_items <= nested.max_items, || {
            format!("{inner}: min_items is above max_items")
        });
        check_block(&inner, &nested.block, report);
    }
}

fn check_attributes(place: &str, attributes: &BTreeMap<Str, Attribute>, report: &mut Report) {
    for (name, attribute) in attributes {
        let place = format!("{place}.{name}");
        let Attribute { required, optional, computed, write_only, .. } = *attribute;
        report
            .check(is_identifier(name), || format!("{place}: the name cannot be written in a configuration"));
        report.check(required || optional || computed, || format!("{place}: nobody can set it"));
        report.check(!(required && optional), || format!("{place}: is both required and optional"));
        report.check(!(required && computed), || format!("{place}: is both required and computed"));
        report.check(!(write_only && computed), || format!("{place}: is both write-only and computed"));
        report.check(!attribute.description.is_empty(), || format!("{place}: has no description"));
        report.check(!holds_optional(&attribute.ty), || format!("{place}: its type has optional attributes"));
        if let Some(nested) = &attribute.nested {
            report.check(attribute.ty == nested.implied_type(), || {
                format!("{place}: its type {} is not what its attributes imply", attribute.ty)
            });
            check_attributes(&place, &nested.attributes, report);
        }
    }
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn holds_optional(ty: &Type) -> bool {
    ty.without_optional() != *ty
}
