//! The AWS provider against moto, an emulator of EC2, with boto3 as the other client.

mod hybrid;
mod killed;
mod messages;
mod moto;
mod network;
mod proxy;

use crate::harness::{Sandbox, moto_server, skip};
use moto::Moto;

/// An emulator for a test, or `None` after saying what is absent.
fn emulator(test: &str) -> Option<Moto> {
    let server = moto_server(test)?;
    let sandbox = Sandbox::with_config(
        "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n",
    );
    if sandbox.groma(&["init"]).code != Some(0) {
        skip(test, "the binary under test has no AWS provider");
        return None;
    }
    Some(Moto::start(&server))
}

/// The provider's configuration for an emulator.
fn provider(url: &str) -> String {
    format!(
        r#"
provider "aws" {{
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  max_retries                 = 2
  endpoints {{
    ec2 = "{url}"
    sts = "{url}"
  }}
}}
"#
    )
}
