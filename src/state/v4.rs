//! The state file format, version 4 (Terraform `statefile`).
