//! Checks
