//! The data sources, one a file.

mod command;
mod facts;
mod file;

use crate::resource::Data;

pub(crate) fn all() -> Vec<Box<dyn Data>> {
    vec![Box::new(command::CommandData), Box::new(facts::FactsData), Box::new(file::FileData)]
}
