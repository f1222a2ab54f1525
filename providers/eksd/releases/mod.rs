//! EKS-D releases: what they are made of, and how they compare.

#[cfg(test)]
mod tests;
pub mod version;
