use std::collections::BTreeMap;

use value::{Str, Type, Value};

use crate::function::FunctionSignature;

/// Everything a provider offers.
#[derive(Clone, Debug, Default)]
pub struct ProviderSchema {
    /// The provider block.
    pub provider: Schema,
    pub resources: BTreeMap<Str, Schema>,
    pub data_sources: BTreeMap<Str, Schema>,
    pub ephemerals: BTreeMap<Str, Schema>,
    pub functions: BTreeMap<Str, FunctionSignature>,
}

/// A block with the version its state is written under.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub version: u64,
    pub block: Block,
}

#[derive(Clone, Debug, Default)]
pub struct Block {
    pub attributes: BTreeMap<Str, Attribute>,
    pub blocks: BTreeMap<Str, NestedBlock>,
    /// Markdown.
    pub description: Str,
    pub deprecated: bool,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub ty: Type,
    /// For attributes with attributes of their own; `ty` is then the implied type.
    pub nested: Option<NestedType>,
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    pub sensitive: bool,
    pub write_only: bool,
    /// Markdown.
    pub description: Str,
    pub deprecated: bool,
}

#[derive(Clone, Debug)]
pub struct NestedType {
    pub nesting: Nesting,
    pub attributes: BTreeMap<Str, Attribute>,
}

#[derive(Clone, Debug)]
pub struct NestedBlock {
    pub nesting: Nesting,
    pub block: Block,
    pub min_items: u64,
    /// 0 for no limit.
    pub max_items: u64,
    /// The provider fills these blocks in where the configuration has none: the plan may then hold blocks of its
    /// own, or be unknown as a whole. (The hashicorp providers of the legacy type system do this, and their modules
    /// read `root_block_device[0]` of instances that never set one.)
    pub computed: bool,
}

/// How many there may be and how they are held: an object, a list, a set, or a map by label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    Single,
    /// Like `Single`, but an absent block is an object of nulls.
    Group,
    List,
    Set,
    Map,
}

impl Schema {
    pub fn new(version: u64, block: Block) -> Self {
        Self { version, block }
    }
}

impl ProviderSchema {
    pub fn resource(&self, type_name: &str) -> Option<&Schema> {
        self.resources.get(type_name)
    }

    pub fn data_source(&self, type_name: &str) -> Option<&Schema> {
        self.data_sources.get(type_name)
    }
}

impl Block {
    /// The object type of a value that conforms to this block.
    pub fn implied_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, a)| (name.clone(), a.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, b)| (name.clone(), b.implied_type()));
        Type::object(attributes.chain(blocks))
    }

    /// True when an attribute of it, at any depth, is sensitive.
    pub fn holds_sensitive(&self) -> bool {
        self.attributes.values().any(Attribute::holds_sensitive)
            || self.blocks.values().any(|nested| nested.block.holds_sensitive())
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: &str, attribute: Attribute) -> Self {
        self.attributes.insert(name.into(), attribute);
        self
    }

    /// Adds a nested block type.
    #[must_use]
    pub fn with_block(mut self, name: &str, block: NestedBlock) -> Self {
        self.blocks.insert(name.into(), block);
        self
    }

    #[must_use]
    pub fn described(mut self, description: impl Into<Str>) -> Self {
        self.description = description.into();
        self
    }

    /// The value of an absent block's body: null attributes, empty collections of blocks.
    pub fn empty_value(&self) -> Value {
        let attributes = self.attributes.iter().map(|(name, a)| (name.clone(), Value::null(a.ty.clone())));
        let blocks = self.blocks.iter().map(|(name, b)| (name.clone(), b.empty_value()));
        Value::object_of(attributes.chain(blocks))
    }
}

impl NestedBlock {
    /// Any number of blocks, kept in order.
    pub fn list(block: Block) -> Self {
        Self { nesting: Nesting::List, block, min_items: 0, max_items: 0, computed: false }
    }

    /// Any number of blocks, their order without meaning.
    pub fn set(block: Block) -> Self {
        Self { nesting: Nesting::Set, ..Self::list(block) }
    }

    /// At most one block.
    pub fn single(block: Block) -> Self {
        Self { nesting: Nesting::Single, ..Self::list(block) }
    }

    /// Lets the provider fill in blocks where the configuration has none.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// True when the provider may decide on these blocks, as the configuration has none.
    pub(crate) fn decided_by_provider(&self, config: &Value) -> bool {
        let none = config.is_null()
            || config.items().is_some_and(<[_]>::is_empty)
            || (self.nesting == Nesting::Map && config.entries().is_some_and(value::Entries::is_empty));
        self.computed && none
    }

    /// Sets the least and the greatest number of blocks; 0 for no limit.
    #[must_use]
    pub fn items(mut self, min: u64, max: u64) -> Self {
        self.min_items = min;
        self.max_items = max;
        self
    }

    pub fn implied_type(&self) -> Type {
        let inner = self.block.implied_type();
        match self.nesting {
            Nesting::Single | Nesting::Group => inner,
            // A list or map of blocks with dynamic attributes must hold them as tuple or object; as in Terraform,
            // the type is then not known before the value.
            Nesting::List | Nesting::Map if inner.has_dynamic() => Type::Dynamic,
            Nesting::List => Type::list(inner),
            Nesting::Set => Type::set(inner),
            Nesting::Map => Type::map(inner),
        }
    }

    /// What stands for no block of this type.
    pub fn empty_value(&self) -> Value {
        let inner = self.block.implied_type();
        match self.nesting {
            Nesting::Single => Value::null(inner),
            Nesting::Group => self.block.empty_value(),
            Nesting::List if inner.has_dynamic() => Value::tuple(Vec::new()),
            Nesting::Map if inner.has_dynamic() => Value::object_of::<Str>([]),
            Nesting::List => Value::list(inner, Vec::new()),
            Nesting::Set => Value::set(inner, Vec::new()),
            Nesting::Map => Value::map(inner, value::Entries::new()),
        }
    }
}

impl NestedType {
    /// The type of a value that conforms to it.
    pub fn implied_type(&self) -> Type {
        let object = Type::object(self.attributes.iter().map(|(name, a)| (name.clone(), a.ty.clone())));
        match self.nesting {
            Nesting::Single | Nesting::Group => object,
            Nesting::List | Nesting::Map if object.has_dynamic() => Type::Dynamic,
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Map => Type::map(object),
        }
    }
}

impl Attribute {
    fn new(ty: Type) -> Self {
        Self {
            ty,
            nested: None,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            description: Str::new(),
            deprecated: false,
        }
    }

    pub fn required(ty: Type) -> Self {
        Self { required: true, ..Self::new(ty) }
    }

    pub fn optional(ty: Type) -> Self {
        Self { optional: true, ..Self::new(ty) }
    }

    pub fn computed(ty: Type) -> Self {
        Self { computed: true, ..Self::new(ty) }
    }

    pub fn optional_computed(ty: Type) -> Self {
        Self { optional: true, computed: true, ..Self::new(ty) }
    }

    /// An optional attribute with attributes of its own.
    pub fn nested(nesting: Nesting, attributes: BTreeMap<Str, Self>) -> Self {
        let nested = NestedType { nesting, attributes };
        Self { nested: Some(nested.clone()), ..Self::optional(nested.implied_type()) }
    }

    fn holds_sensitive(&self) -> bool {
        self.sensitive
            || self
                .nested
                .as_ref()
                .is_some_and(|nested| nested.attributes.values().any(Self::holds_sensitive))
    }

    #[must_use]
    pub fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    #[must_use]
    pub fn described(mut self, description: impl Into<Str>) -> Self {
        self.description = description.into();
        self
    }
}
