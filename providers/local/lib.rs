//! groma-provider-local
