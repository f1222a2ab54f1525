//! groma-provider-terraform
