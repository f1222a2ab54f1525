//! groma-provider
