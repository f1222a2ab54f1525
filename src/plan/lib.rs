//! groma-plan
