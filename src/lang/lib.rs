//! groma-lang
