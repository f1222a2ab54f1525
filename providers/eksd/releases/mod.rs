//! EKS-D releases: what they are made of, how they compare, where they come from, and how they are pinned.

mod attributes;
mod channel_data;
mod data;
mod digest;
mod download;
mod error;
mod lock;
pub mod manifest;
mod mirror;
mod outputs;
mod site;
#[cfg(test)]
mod tests;
pub mod version;

use provider::simple::Builder;

pub(crate) use self::digest::sums;
pub(crate) use self::mirror::archive;

/// Adds what has no host: data about releases, and their mirrors.
pub fn with(builder: Builder) -> Builder {
    builder.data(data::ReleaseData).data(channel_data::ChannelData).resource(mirror::Mirror)
}
