//! The configuration part of the plan JSON.
