//! groma-engine
