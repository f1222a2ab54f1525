//! groma-provider-cloudinit
