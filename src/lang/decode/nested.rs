//! Nested blocks in all nesting modes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use diag::{Diagnostic, Span};
use provider::{NestedBlock, Nesting};
use syntax::Content;
use value::{Entries, Marks, Str, Type, Value, convert, unify_unsafe};

use super::body::Decoder;
use super::dynamic::{Instance, generated_type};
use super::schema::{DYNAMIC, generates, labels};
use crate::evaluate::Bindings;

/// The blocks of one type, decoded.
struct Decoded {
    blocks: Vec<One>,
    /// How many there will be is not known yet.
    unknown: bool,
    marks: Marks,
}

struct One {
    value: Value,
    label: Option<Str>,
    span: Span,
}

impl Decoder<'_> {
    /// The value of all blocks of a type. Unknown as a whole where it is not known how many there will be.
    pub(super) fn nested(
        &mut self,
        ty: &str,
        schema: &NestedBlock,
        content: &Content,
        bindings: Bindings<'_>,
    ) -> Value {
        let decoded = self.blocks_of(ty, schema, content, bindings);
        self.check_count(ty, schema, &decoded, content.missing);
        if decoded.unknown {
            return Value::unknown(schema.implied_type()).mark(decoded.marks);
        }
        let Some(first) = decoded.blocks.first() else { return schema.empty_value() };
        let span = first.span;
        if schema.nesting == Nesting::Map {
            return self.map(ty, schema.block.implied_type(), decoded.blocks);
        }
        let mut values = decoded.blocks.into_iter().map(|one| one.value);
        match schema.nesting {
            Nesting::Single | Nesting::Group | Nesting::Map => {
                values.next().unwrap_or_else(|| schema.empty_value())
            }
            Nesting::List => {
                let inner = schema.block.implied_type();
                if inner.has_dynamic() {
                    Value::tuple(values.collect())
                } else {
                    Value::list(inner, values.collect())
                }
            }
            Nesting::Set => self.set(ty, schema.block.implied_type(), values.collect(), span),
        }
    }

    fn blocks_of(
        &mut self,
        ty: &str,
        schema: &NestedBlock,
        content: &Content,
        bindings: Bindings<'_>,
    ) -> Decoded {
        let mut decoded = Decoded { blocks: Vec::new(), unknown: false, marks: Marks::NONE };
        let mut each = |decoder: &mut Self, instance: &Instance<'_>, bindings: Bindings<'_>| {
            let value = decoder.block(instance.body, &schema.block, bindings);
            decoded.unknown |= instance.unknown;
            decoded.marks |= instance.marks;
            decoded.blocks.push(One {
                value: mark_attributes(value, instance.marks),
                label: instance.label.clone(),
                span: instance.span,
            });
        };
        for block in content.blocks.iter().filter(|block| generates(block, ty)) {
            if generated_type(block).is_some() && ty != DYNAMIC {
                self.expand(block, labels(schema).len(), bindings, &mut each);
            } else {
                let instance = Instance {
                    body: &block.body,
                    label: block.labels.first().map(|label| label.value.clone()),
                    span: block.header,
                    marks: Marks::NONE,
                    unknown: false,
                };
                each(self, &instance, bindings);
            }
        }
        decoded
    }

    fn check_count(&mut self, ty: &str, schema: &NestedBlock, decoded: &Decoded, missing: Span) {
        let count = u64::try_from(decoded.blocks.len()).unwrap_or(u64::MAX);
        let at = |n: u64| usize::try_from(n).ok().and_then(|n| decoded.blocks.get(n)).map(|one| one.span);
        let single = matches!(schema.nesting, Nesting::Single | Nesting::Group);
        let (summary, detail, span) = if single && count > 1 {
            let detail = format!("Only one block of type {ty:?} is allowed.");
            (format!("Duplicate {ty} block"), detail, at(1))
        } else if single && count == 0 && schema.min_items > 0 {
            (format!("Missing {ty} block"), format!("A {ty} block is required."), None)
        } else if single || decoded.unknown {
            return;
        } else if count < schema.min_items {
            let detail = format!("At least {} {ty:?} blocks are required.", schema.min_items);
            (format!("Insufficient {ty} blocks"), detail, None)
        } else if schema.max_items > 0 && count > schema.max_items {
            let detail = format!("No more than {} {ty:?} blocks are allowed.", schema.max_items);
            (format!("Too many {ty} blocks"), detail, at(schema.max_items))
        } else {
            return;
        };
        self.diagnostics.push(Diagnostic::error(summary, detail).at(span.unwrap_or(missing)));
    }

    /// A set of blocks; attributes of any type must then agree between them.
    fn set(&mut self, ty: &str, inner: Type, values: Vec<Value>, span: Span) -> Value {
        if !inner.has_dynamic() {
            return Value::set(inner, values);
        }
        let types: Vec<Type> = values.iter().map(Value::ty).collect();
        let unified = unify_unsafe(&types).and_then(|ty| {
            let converted: Result<Vec<Value>, _> = values.iter().map(|value| convert(value, &ty)).collect();
            Some(Value::set(ty, converted.ok()?))
        });
        unified.unwrap_or_else(|| {
            let summary = format!("Inconsistent argument types in {ty} blocks");
            let detail = "Corresponding attributes in all blocks of this type must be the same.";
            self.diagnostics.push(Diagnostic::error(summary, detail).at(span));
            Value::dynamic()
        })
    }

    /// A map of blocks by their label.
    fn map(&mut self, ty: &str, inner: Type, blocks: Vec<One>) -> Value {
        let mut entries = BTreeMap::new();
        for One { value, label, span } in blocks {
            match entries.entry(label.unwrap_or_default()) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(entry) => {
                    let detail = format!(
                        "A block for {ty} {:?} was already defined. The {ty} labels must be unique.",
                        entry.key().as_str()
                    );
                    let summary = format!("Duplicate {ty} block");
                    self.diagnostics.push(Diagnostic::error(summary, detail).at(span));
                }
            }
        }
        let entries: Entries = entries.into_iter().collect();
        if inner.has_dynamic() { Value::object(entries) } else { Value::map(inner, entries) }
    }
}

/// Marks each attribute of a block: the block itself is structure, which is not marked.
fn mark_attributes(value: Value, marks: Marks) -> Value {
    match value.entries() {
        Some(entries) if !marks.is_empty() => {
            Value::object(entries.iter().map(|(k, v)| (k.clone(), v.clone().mark(marks))).collect())
        }
        _ => value,
    }
}
