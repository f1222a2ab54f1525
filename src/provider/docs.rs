//! The provider reference in Markdown, made from a provider's schema.

use std::collections::BTreeMap;
use std::fmt::Write;

use value::{Str, Type};

use crate::function::{FunctionSignature, Parameter};
use crate::schema::{Attribute, Block, NestedBlock, Nesting, Schema};
use crate::traits::Provider;

/// Everything a provider offers: its block, resources, data sources, ephemeral resources and functions, in
/// alphabetical order. The same schema gives the same text.
pub fn reference_markdown(provider: &dyn Provider) -> String {
    let schema = provider.schema();
    let address = provider.address();
    let mut out = format!("# Provider `{}`\n\nSource address: `{}`\n", address.ty, address.for_display());
    if schema.provider.block.attributes.is_empty() && schema.provider.block.blocks.is_empty() {
        out.push_str("\nThe provider block takes no arguments.\n");
    } else {
        out.push_str("\n## Provider block\n");
        block_tables(&mut out, &schema.provider.block, "###", "");
    }
    section(&mut out, "Resources", "resource", &schema.resources);
    section(&mut out, "Data sources", "data", &schema.data_sources);
    section(&mut out, "Ephemeral resources", "ephemeral", &schema.ephemerals);
    if !schema.functions.is_empty() {
        out.push_str("\n## Functions\n");
        for function in schema.functions.values() {
            function_text(&mut out, &address.ty, function);
        }
    }
    out
}

fn section(out: &mut String, title: &str, keyword: &str, schemas: &BTreeMap<Str, Schema>) {
    if schemas.is_empty() {
        return;
    }
    push(out, format_args!("\n## {title}\n"));
    for (name, schema) in schemas {
        push(out, format_args!("\n### {keyword} `{name}`\n"));
        if schema.block.deprecated {
            out.push_str("\n**Deprecated.**\n");
        }
        if !schema.block.description.is_empty() {
            push(out, format_args!("\n{}\n", schema.block.description));
        }
        block_tables(out, &schema.block, "####", "");
    }
}

/// The attributes and nested blocks of a block, then each nested block's own under its dotted path.
fn block_tables(out: &mut String, block: &Block, heading: &str, path: &str) {
    if !block.attributes.is_empty() || !block.blocks.is_empty() {
        out.push_str("\n| Name | Type | | Description |\n|---|---|---|---|\n");
    }
    for (name, attribute) in &block.attributes {
        row(out, name, &type_text(attribute), &attribute_role(attribute), &attribute.description);
    }
    for (name, nested) in &block.blocks {
        row(out, name, block_kind(nested), &block_role(nested), &nested.block.description);
    }
    for (name, attribute) in &block.attributes {
        if let Some(nested) = &attribute.nested {
            let path = format!("{path}{name}");
            push(out, format_args!("\n{heading} `{path}`\n"));
            let inner = Block { attributes: nested.attributes.clone(), ..Block::default() };
            block_tables(out, &inner, heading, &format!("{path}."));
        }
    }
    for (name, nested) in &block.blocks {
        let path = format!("{path}{name}");
        push(out, format_args!("\n{heading} `{path}` block\n"));
        block_tables(out, &nested.block, heading, &format!("{path}."));
    }
}

fn row(out: &mut String, name: &str, ty: &str, role: &str, description: &str) {
    let description = description.replace('|', "\\|").replace('\n', " ");
    push(out, format_args!("| `{name}` | {ty} | {role} | {description} |\n"));
}

fn type_text(attribute: &Attribute) -> String {
    match attribute.nested.as_ref().map(|nested| nested.nesting) {
        Some(Nesting::Single | Nesting::Group) => "object".into(),
        Some(Nesting::List) => "list of objects".into(),
        Some(Nesting::Set) => "set of objects".into(),
        Some(Nesting::Map) => "map of objects".into(),
        None => format!("`{}`", attribute.ty),
    }
}

fn attribute_role(attribute: &Attribute) -> String {
    let mut words = vec![match (attribute.required, attribute.optional, attribute.computed) {
        (true, ..) => "required",
        (_, true, true) => "optional, computed",
        (_, true, false) => "optional",
        _ => "computed",
    }];
    let more = [
        (attribute.sensitive, "sensitive"),
        (attribute.write_only, "write-only"),
        (attribute.deprecated, "deprecated"),
    ];
    words.extend(more.into_iter().filter_map(|(holds, word)| holds.then_some(word)));
    words.join(", ")
}

fn block_kind(nested: &NestedBlock) -> &'static str {
    match nested.nesting {
        Nesting::Single | Nesting::Group => "block",
        Nesting::List => "blocks, in order",
        Nesting::Set => "blocks",
        Nesting::Map => "blocks by label",
    }
}

fn block_role(nested: &NestedBlock) -> String {
    let limits = match (nested.min_items, nested.max_items) {
        (0, 0) => "optional".to_owned(),
        (0, max) => format!("optional, at most {max}"),
        (1, 0) => "required".to_owned(),
        (min, 0) => format!("at least {min}"),
        (1, 1) => "required, exactly 1".to_owned(),
        (min, max) => format!("{min} to {max}"),
    };
    if nested.computed { format!("{limits}, computed") } else { limits }
}

fn function_text(out: &mut String, provider: &str, function: &FunctionSignature) {
    let FunctionSignature { name, parameters, variadic, result, summary } = function;
    let mut written: Vec<String> = parameters.iter().map(parameter_text).collect();
    written.extend(variadic.iter().map(|parameter| format!("{}...", parameter_text(parameter))));
    push(out, format_args!("\n### function `{name}`\n\n"));
    push(
        out,
        format_args!("`provider::{provider}::{name}({}) -> {}`\n", written.join(", "), type_name(result)),
    );
    push(out, format_args!("\n{summary}\n"));
}

fn parameter_text(parameter: &Parameter) -> String {
    format!("{}: {}", parameter.name, type_name(&parameter.ty))
}

fn type_name(ty: &Type) -> String {
    ty.to_string()
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = out.write_fmt(text);
}
