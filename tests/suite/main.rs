//! Drives the real binary, end to end.
//!
//! The binary is the one that `GROMA_TEST_BINARY` names, else the one cargo built for this test. The peers it is
//! compared with are named by `GROMA_TEST_TERRAFORM` and `GROMA_TEST_MOTO_SERVER`; a test whose peer is absent says so
//! and passes, except under `CI=true`, where absence is a failure. `GROMA_TEST_UPDATE=1` rewrites expected outputs.

mod aws;
mod differential;
mod harness;
mod messages;
mod state_compat;
mod workflow;
