//! Values while an operation runs: a table for each module instance, and the scopes that expressions see.

mod conditions;
mod expansion;
mod located;
mod named;
mod objects;
mod scope;
mod table;

pub(crate) use conditions::{Conditions, Verdict, worse};
pub(crate) use expansion::{Expansion, Repetition};
pub(crate) use located::located;
pub(crate) use named::{IsRoot, evaluate_output, evaluate_variable, refused_ephemeral};
pub(crate) use objects::{
    encode_object, ephemeral_outside_write_only, kept_marks, mark_by_schema, object_id, read_object,
    without_ephemeral, without_write_only,
};
pub(crate) use scope::{InstanceScope, Surroundings};
pub(crate) use table::{ModuleTable, Tables};
