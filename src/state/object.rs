use std::sync::Arc;

use addrs::ConfigResource;
use value::{Marks, Path, Type, Value, json};

/// One real object as last known.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectState {
    pub status: ObjectStatus,
    /// The schema version that `attributes` were written under.
    pub schema_version: u64,
    /// The attributes as JSON text, read against a schema only when needed.
    pub attributes: Arc<str>,
    /// Where sensitive values lie that the schema does not mark.
    pub sensitive: Vec<Path>,
    /// The provider's own data.
    pub private: Vec<u8>,
    /// Resources this object depends on, directly or through others; sorted.
    pub dependencies: Arc<[ConfigResource]>,
    pub create_before_destroy: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectStatus {
    #[default]
    Ready,
    /// Created but not completely: to be replaced.
    Tainted,
}

impl ObjectState {
    /// Encodes a wholly known object of an implied type; its sensitive marks become paths.
    pub fn encode(value: &Value, ty: &Type, schema_version: u64) -> Result<Self, json::JsonError> {
        let (unmarked, marks) = value.unmark_deep_with_paths();
        let sensitive =
            marks.into_iter().filter(|(_, m)| m.contains(Marks::SENSITIVE)).map(|(path, _)| path).collect();
        Ok(Self {
            status: ObjectStatus::Ready,
            schema_version,
            attributes: json::to_json(&unmarked, ty)?.into(),
            sensitive,
            private: Vec::new(),
            dependencies: Arc::new([]),
            create_before_destroy: false,
        })
    }

    /// Puts the stored sensitive marks on a value read from `attributes`.
    #[must_use]
    pub fn mark_sensitive(&self, value: &Value) -> Value {
        value.mark_with_paths(self.sensitive.iter().map(|path| (path.clone(), Marks::SENSITIVE)))
    }
}
