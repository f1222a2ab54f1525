//! What decoding of blocks shares: where findings go, and reading of constant arguments.

use diag::{Diagnostic, Diagnostics, Sources, Span};
use syntax::{BlockSchema, BodySchema, Content, Traversal};

use crate::{constant, place};

/// Passed through the decoding of one file.
pub(crate) struct Cx<'a> {
    pub sources: &'a Sources,
    pub diagnostics: Diagnostics,
    /// An override file: its blocks may leave out what the originals require.
    pub overriding: bool,
}

impl<'a> Cx<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, diagnostics: Diagnostics::new(), overriding: false }
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub fn extend(&mut self, diagnostics: Diagnostics) {
        self.diagnostics.extend(diagnostics);
    }

    /// `FILE:LINE,COLUMN-COLUMN`
    pub fn place(&self, span: Span) -> String {
        place::range(self.sources, span)
    }

    /// A constant string argument, if set.
    pub fn string(&mut self, content: &Content, name: &str) -> Option<String> {
        content.attribute(name).and_then(|a| constant::string(&a.expr, &mut self.diagnostics))
    }

    /// A constant bool argument, if set.
    pub fn boolean(&mut self, content: &Content, name: &str) -> Option<bool> {
        content.attribute(name).and_then(|a| constant::boolean(&a.expr, &mut self.diagnostics))
    }

    /// `depends_on`, if set.
    pub fn depends_on(&mut self, content: &Content) -> Vec<Traversal> {
        let Some(attribute) = content.attribute("depends_on") else { return Vec::new() };
        let diagnostics = &mut self.diagnostics;
        let items = constant::list(&attribute.expr, diagnostics);
        items.iter().filter_map(|item| constant::quotable_traversal(item, diagnostics)).collect()
    }

    /// Reports `depends_on` in an override file, where it would be confusing.
    pub fn refuse_overriding(&mut self, depends_on: &[Traversal]) {
        for reference in depends_on {
            let detail = "The depends_on argument may not be overridden.";
            self.push(Diagnostic::error("Unsupported override", detail).at(reference.span()));
        }
    }
}

/// A schema whose block types are known by name only.
pub(crate) fn schema(attributes: &[&str], blocks: &[(&str, &[&str])], reserved: &[&str]) -> BodySchema {
    let mut schema = BodySchema::new(attributes, blocks);
    schema.blocks.extend(reserved.iter().map(|ty| BlockSchema { ty: (*ty).into(), labels: Vec::new() }));
    schema
}

/// Inserts, or reports the second of two declarations of one name.
pub(crate) fn insert_unique<K: Ord, V>(
    map: &mut std::collections::BTreeMap<K, V>,
    key: K,
    value: V,
    duplicate: impl FnOnce(&V, &V) -> Diagnostic,
) -> Result<(), Diagnostic> {
    match map.entry(key) {
        std::collections::btree_map::Entry::Vacant(entry) => {
            entry.insert(value);
            Ok(())
        }
        std::collections::btree_map::Entry::Occupied(entry) => Err(duplicate(entry.get(), &value)),
    }
}
