//! Private keys and certificates: from texts and files, decrypted where they are encrypted.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::{Certificate, PrivateKey, PublicKey, decode_secret_key, ssh_key};
use sha2::{Digest as _, Sha256};

use crate::settings::Credential;

/// A key to log in with, and its certificate.
#[derive(Clone)]
pub(super) struct Identity {
    /// Where it is from, for messages.
    pub source: String,
    pub key: Arc<PrivateKey>,
    pub certificate: Option<Certificate>,
}

/// Keys that were decoded once: decrypting one takes a tenth of a second, and all hosts use the same few.
#[derive(Default)]
pub(super) struct KeyRing(Mutex<HashMap<[u8; 32], Arc<PrivateKey>>>);

/// What a credential has of keys, and which of them cannot be used and why.
#[derive(Default)]
pub(super) struct Loaded {
    pub identities: Vec<Identity>,
    /// Public keys of files whose private key could not be read: an agent may have it.
    pub hints: Vec<PublicKey>,
    pub problems: Vec<String>,
}

/// A key file, and whether it was asked for by name or is only looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyFile {
    pub path: PathBuf,
    pub presence: Presence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

impl KeyRing {
    /// Reads all keys of a credential. Blocks: files are read and passphrases are stretched.
    pub(super) fn load(&self, credential: &Credential, files: &[KeyFile]) -> Loaded {
        let mut loaded = Loaded::default();
        let passphrase = credential.passphrase.as_deref();
        let mut certificate = credential.certificate.as_deref().and_then(|text| {
            let parsed = Certificate::from_openssh(text.trim());
            parsed
                .map_err(|error| loaded.problems.push(format!("`certificate` cannot be read: {error}")))
                .ok()
        });
        if let Some(text) = &credential.private_key {
            match self.decode(text, passphrase) {
                Ok(key) => {
                    let certificate = take_fitting(&mut certificate, &key);
                    loaded.identities.push(Identity { source: "`private_key`".into(), key, certificate });
                }
                Err(reason) => loaded.problems.push(format!("`private_key` {reason}")),
            }
        }
        for file in files {
            match self.load_file(file, passphrase, &mut certificate) {
                Ok(Some(identity)) => loaded.identities.push(identity),
                Ok(None) => loaded.hints.extend(public_key(&file.path)),
                Err(reason) => {
                    loaded.problems.push(reason);
                    loaded.hints.extend(public_key(&file.path));
                }
            }
        }
        if certificate.is_some() {
            loaded.problems.push("`certificate` belongs to none of the keys".into());
        }
        loaded
    }

    fn load_file(
        &self,
        file: &KeyFile,
        passphrase: Option<&str>,
        certificate: &mut Option<Certificate>,
    ) -> Result<Option<Identity>, String> {
        let name = file.path.display();
        let text = match std::fs::read_to_string(&file.path) {
            Ok(text) => text,
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound && file.presence == Presence::Optional =>
            {
                return Ok(None);
            }
            Err(error) => return Err(format!("{name} cannot be read: {error}")),
        };
        let key = self.decode(&text, passphrase).map_err(|reason| format!("{name} {reason}"))?;
        let certificate = match take_fitting(certificate, &key) {
            Some(certificate) => Some(certificate),
            None => read_certificate(&beside(&file.path))?,
        };
        Ok(Some(Identity { source: name.to_string(), key, certificate }))
    }

    fn decode(&self, text: &str, passphrase: Option<&str>) -> Result<Arc<PrivateKey>, String> {
        let mut digest = Sha256::new();
        digest.update(passphrase.unwrap_or_default().as_bytes());
        digest.update([0]);
        digest.update(text.as_bytes());
        let id: [u8; 32] = digest.finalize().into();
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known().get(&id) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(decode(text, passphrase)?);
        known().insert(id, Arc::clone(&key));
        Ok(key)
    }
}

impl Loaded {
    /// All keys that are named, whether their private part can be read or not.
    pub(super) fn public_keys(&self) -> Vec<PublicKey> {
        let own = self.identities.iter().map(|identity| identity.key.public_key().clone());
        own.chain(self.hints.iter().cloned()).collect()
    }
}

/// The public key of a file that holds one, or that has one beside it.
fn public_key(file: &Path) -> Option<PublicKey> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".pub");
    let mut texts =
        [file.to_owned(), beside.into()].into_iter().filter_map(|file| std::fs::read_to_string(file).ok());
    texts.find_map(|text| PublicKey::from_openssh(text.trim()).ok())
}

/// Hands over a certificate that is for this key.
fn take_fitting(certificate: &mut Option<Certificate>, key: &PrivateKey) -> Option<Certificate> {
    certificate.take_if(|certificate| certificate.public_key() == key.public_key().key_data())
}

/// Where OpenSSH looks for a key's certificate: `KEY-cert.pub`.
fn beside(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push("-cert.pub");
    name.into()
}

fn read_certificate(file: &Path) -> Result<Option<Certificate>, String> {
    match std::fs::read_to_string(file) {
        Ok(text) => match Certificate::from_openssh(text.trim()) {
            Ok(certificate) => Ok(Some(certificate)),
            Err(error) => Err(format!("{} is no certificate: {error}", file.display())),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
    }
}

fn decode(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, String> {
    // Texts of configurations are often indented.
    let text: String = text.lines().map(|line| format!("{}\n", line.trim())).collect();
    let encrypted = is_encrypted(&text);
    match (encrypted, passphrase) {
        (true, None) => Err("is encrypted, and there is no `private_key_passphrase`".into()),
        (true, Some(passphrase)) => match decode_secret_key(&text, Some(passphrase)) {
            Ok(key) => Ok(key),
            Err(error) => Err(format!(
                "cannot be decrypted: the `private_key_passphrase` is wrong, or {}",
                reason(&error)
            )),
        },
        (false, _) => {
            decode_secret_key(&text, None).map_err(|error| format!("cannot be used: {}", reason(&error)))
        }
    }
}

fn is_encrypted(text: &str) -> bool {
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return true;
    }
    text.contains("BEGIN OPENSSH PRIVATE KEY")
        && PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted())
}

fn reason(error: &russh::keys::Error) -> String {
    match error {
        russh::keys::Error::CouldNotReadKey => "it is no private key in PEM or OpenSSH form".into(),
        russh::keys::Error::SshKey(ssh_key::Error::Crypto) => "it is damaged".into(),
        other => format!("its content is not understood ({other})"),
    }
}
