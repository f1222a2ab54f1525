//! The JSON syntax (`*.tf.json`, `*.tfvars.json`), decoded by schema into the same tree.

/// One or several JSON objects that together form a body.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody {}
