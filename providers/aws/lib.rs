//! groma-provider-aws
