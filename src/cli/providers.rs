//! The providers that are part of this groma. The only place that names them.

use engine::Providers;

pub fn all() -> Providers {
    Providers::new([
        #[cfg(feature = "aws")]
        provider_aws_sdk::provider(),
        provider_cloudinit::provider(),
        provider_eksd::provider(),
        provider_host::provider(),
        provider_local::provider(),
        provider_null::provider(),
        provider_random::provider(),
        provider_terraform::provider(),
        provider_time::provider(),
        provider_tls::provider(),
    ])
}
