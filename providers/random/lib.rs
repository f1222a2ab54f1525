//! groma-provider-random
