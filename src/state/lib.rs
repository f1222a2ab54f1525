//! groma-state
