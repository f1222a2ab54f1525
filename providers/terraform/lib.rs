//! The built-in provider, `terraform.io/builtin/terraform`: `terraform_data`, the data source
//! `terraform_remote_state` and the functions that encode and decode the language itself.

mod data;
mod decode;
mod encode;
mod remote_state;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `terraform.io/builtin/terraform`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::builtin_terraform())
        .resource(data::TerraformData)
        .data(remote_state::RemoteState)
        .function(decode::DecodeTfvars)
        .function(encode::EncodeExpr)
        .function(encode::EncodeTfvars)
        .build()
}
