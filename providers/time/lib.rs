//! groma-provider-time
