use crate::{Number, Str};

/// What is known of an unknown value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refinement {
    pub not_null: bool,
    /// Of a string: how it starts.
    pub prefix: Option<Str>,
    /// Of a number: bound and whether it is included.
    pub lower: Option<(Number, bool)>,
    pub upper: Option<(Number, bool)>,
    /// Of a collection: the least and greatest length.
    pub min_len: Option<u64>,
    pub max_len: Option<u64>,
}

impl Refinement {
    pub fn not_null() -> Self {
        Self { not_null: true, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
