//! groma-provider-tls
