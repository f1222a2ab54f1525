//! Signing for a log-in with a key of our own.

use russh::Signer;
use russh::keys::agent::AgentIdentity;
use russh::keys::signature::Signer as _;
use russh::keys::ssh_encoding::Encode as _;
use russh::keys::ssh_key::Signature;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{HashAlg, PrivateKeyWithHashAlg};

/// A private key as the library wants a signer to be: the only way by which it signs for RSA certificates with SHA-2.
pub(super) struct LocalKey(pub PrivateKeyWithHashAlg);

/// Why nothing was signed.
#[derive(Debug)]
pub(super) struct NotSigned;

impl From<russh::SendError> for NotSigned {
    fn from(_: russh::SendError) -> Self {
        Self
    }
}

impl Signer for LocalKey {
    type Error = NotSigned;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        _: Option<HashAlg>,
        mut to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, NotSigned> {
        let signature: Signature = match self.0.key_data() {
            KeypairData::Rsa(key) => (key, self.0.hash_alg()).try_sign(&to_sign).map_err(|_| NotSigned)?,
            key => key.try_sign(&to_sign).map_err(|_| NotSigned)?,
        };
        let signature = signature.encode_vec().map_err(|_| NotSigned)?;
        signature.encode(&mut to_sign).map_err(|_| NotSigned)?;
        Ok(to_sign)
    }
}
