mod channels;
mod data;
mod lock;
mod manifest;
mod outputs;
pub mod server;
pub mod support;
mod version;
