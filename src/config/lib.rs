//! groma-config
