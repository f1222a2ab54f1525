//! The type system and values of the Terraform language (cty): null, unknown with refinements, marks,
//! 512-bit numbers, conversion, unification, and the JSON and msgpack forms.
//!
//! A [`Value`] is cheap to clone: scalars are inline, collections are shared. Whether a value holds
//! anything unknown, and which marks lie inside it, is computed once when it is built.

mod convert;
mod defaults;
mod entries;
pub mod format;
pub mod json;
#[cfg(test)]
mod laws;
mod marked;
mod marks;
pub mod msgpack;
mod number;
mod ops;
mod path;
mod quote;
mod refinement;
mod ty;
mod unify;
mod value;
mod walk;
#[cfg(test)]
mod walk_tests;

/// A string of the language; short ones are inline, clones are shared.
pub use ecow::EcoString as Str;

pub use convert::{ConvertError, convert};
pub use defaults::{DefaultsInside, TypeDefaults};
pub use entries::Entries;
pub use marks::Marks;
pub use number::{Number, NumberError};
pub use ops::{OpError, canonical_cmp};
pub use path::{Path, PathStep};
pub use refinement::{Refinement, safe_prefix};
pub use ty::{ObjectType, Type};
pub use unify::{unify, unify_unsafe};
pub use value::{Kind, Mapping, Sequence, Value};
