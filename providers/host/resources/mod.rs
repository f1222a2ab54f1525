//! The resource types, one a file.

mod file;
mod machine;

use crate::resource::Resource;

pub(crate) fn all() -> Vec<Box<dyn Resource>> {
    vec![Box::new(file::File), Box::new(machine::Machine)]
}
