//! Prints the generated pages of `docs/`: each begins with its file name, and ends with a form feed.
//!
//! It links every provider's logic and not the AWS SDK, so that it builds in seconds.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

mod functions;

use std::sync::Arc;

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::{Provider, reference_markdown};
use provider_aws::{Client, Connector, Settings};

fn main() {
    let providers: [Arc<dyn Provider>; 10] = [
        Arc::new(provider_aws::AwsProvider::new(Arc::new(Unconnected))),
        provider_cloudinit::provider(),
        provider_eksd::provider(),
        provider_host::provider(),
        provider_local::provider(),
        provider_null::provider(),
        provider_random::provider(),
        provider_terraform::provider(),
        provider_time::provider(),
        provider_tls::provider(),
    ];
    for provider in providers {
        let name = provider.address().ty;
        println!("providers/{name}.md\n{}\u{c}", reference_markdown(&*provider));
    }
    println!("functions.md\n{}\u{c}", functions::page());
}

/// Stands for the SDK's adapter: schemas are printed without ever calling AWS.
struct Unconnected;

#[async_trait]
impl Connector for Unconnected {
    async fn connect(&self, _settings: &Settings) -> Result<Client, Diagnostics> {
        Err(Diagnostic::error("No AWS client", "The reference generator does not call AWS.").into())
    }
}
