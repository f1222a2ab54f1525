//! groma-provider-null
