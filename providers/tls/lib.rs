//! The `tls` provider: private keys, certificate requests and certificates.
//!
//! Names, attributes and state are those of `hashicorp/tls` 4.x. All signatures are aws-lc's but those of the curve
//! P-224, which it does not sign with; DER is encoded by the `RustCrypto` format crates.

mod cert_request;
mod certificate;
mod certificate_data;
mod common;
mod extensions;
mod fetch;
mod key;
mod key_file;
pub mod kit;
mod locally_signed;
mod names;
mod openssh;
mod pem;
mod private_key;
mod proxy;
mod public_key;
mod self_signed;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `hashicorp/tls`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::hashicorp("tls"))
        .block(proxy::block())
        .resource(cert_request::CertRequest)
        .resource(locally_signed::LocallySignedCert)
        .resource(private_key::PrivateKeyResource)
        .resource(self_signed::SelfSignedCert)
        .data(certificate_data::CertificateData)
        .data(public_key::PublicKeyData)
        .ephemeral(private_key::EphemeralPrivateKey)
        .build()
}
