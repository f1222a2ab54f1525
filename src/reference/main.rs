//! Prints the generated pages of `docs/`: each begins with its file name, and ends with a form feed.
//!
//! It links every provider's logic and not the AWS SDK, so that it builds in seconds.

mod functions;

use std::sync::Arc;

use provider::{Provider, reference_markdown};

fn main() {
    let providers: [Arc<dyn Provider>; 8] = [
        provider_aws::documented(),
        provider_cloudinit::provider(),
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
