//! Whether a server is the one that is meant: its key against pinned ones, `known_hosts` and what happens with unknown ones.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey, PublicKeyOrCertificate};

use super::known_hosts::{self, Line, Marker, Name};
use super::learn;
use crate::settings::{Trust, UnknownHost};
use crate::transport::TransportError;

/// All that is known of one server before it shows its key.
#[derive(Clone)]
pub(super) struct Expectation {
    /// What people call it.
    pub address: String,
    pub name: Name,
    /// `TYPE BASE64` or `SHA256:...`; where there are any, `known_hosts` is asked for revocations only.
    pub pinned: Vec<Pin>,
    lines: Vec<Line>,
    unknown: UnknownHost,
    /// Where keys are learned to.
    file: Option<PathBuf>,
}

/// A key that a connection names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    Key(Box<KeyData>),
    Fingerprint(String),
}

/// Why a server's key was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Distrust {
    /// For good, with the words for it.
    No(String),
    /// No pinned fingerprint is this key's; another of the server's keys may have it.
    NotPinned(String),
}

/// What was found for a key.
enum Found {
    Known,
    Revoked(Line),
    Changed(Vec<Line>),
    Unknown,
}

impl Pin {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("SHA256:") {
            return Ok(Self::Fingerprint(text.trim_end_matches('=').to_owned()));
        }
        let key = PublicKey::from_openssh(text).map_err(|_| {
            format!("The host key {text:?} is neither `TYPE BASE64` nor a fingerprint `SHA256:...`.")
        })?;
        Ok(Self::Key(Box::new(key.key_data().clone())))
    }

    fn is(&self, key: &KeyData) -> bool {
        match self {
            Self::Key(pinned) => **pinned == *key,
            Self::Fingerprint(pinned) => *pinned == fingerprint(key),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Key(key) => describe(key),
            Self::Fingerprint(text) => text.clone(),
        }
    }
}

impl Expectation {
    /// Reads the `known_hosts` files anew: a line that was added a moment ago counts.
    pub(super) fn read(
        address: String,
        host: &str,
        port: u16,
        host_keys: &[String],
        trust: &Trust,
    ) -> Result<Self, TransportError> {
        let pinned = host_keys.iter().map(|key| Pin::parse(key)).collect::<Result<_, _>>();
        let pinned = pinned.map_err(|reason| TransportError::Settings(format!("{address}: {reason}")))?;
        let name = Name::new(host, port);
        let mut lines = Vec::new();
        for file in &trust.known_hosts {
            let text = read_file(file)?;
            lines.extend(known_hosts::parse(&text, Some(file)));
        }
        if let Some(text) = &trust.known_hosts_text {
            lines.extend(known_hosts::parse(text, None));
        }
        lines.retain(|line| line.is_about(&name.full) || line.is_about(&name.bare));
        let file = trust.known_hosts.first().cloned();
        Ok(Self { address, name, pinned, lines, unknown: trust.unknown, file })
    }

    /// The types of host keys to ask for, those that can be checked first, so that a server known by its RSA key is not
    /// refused for showing another one.
    pub(super) fn key_types(&self) -> Vec<Algorithm> {
        let mut known: Vec<Algorithm> = Vec::new();
        if self.pinned.is_empty() {
            known.extend(self.about_host(Marker::Host).map(|line| line.key.algorithm()));
        } else {
            let keys = self.pinned.iter().filter_map(|pin| match pin {
                Pin::Key(key) => Some(key.algorithm()),
                Pin::Fingerprint(_) => None,
            });
            known.extend(keys);
        }
        let mut types = offered_types();
        types.sort_by_key(|offered| !known.iter().any(|known| same_type(known, offered)));
        types
    }

    /// The types of host certificates to ask for: none where no authority is known for the host.
    pub(super) fn certificate_types(&self) -> Vec<Algorithm> {
        match self.pinned.is_empty() && self.about_host(Marker::Authority).next().is_some() {
            true => offered_types(),
            false => Vec::new(),
        }
    }

    /// Lines of one kind about this host. One on another port is known by its bare name only where no line has the port.
    fn about_host(&self, marker: Marker) -> impl Iterator<Item = &Line> {
        let of_kind = move |line: &&Line| line.marker == marker;
        let exact = self.lines.iter().filter(of_kind).any(|line| line.is_about(&self.name.full));
        let name = if exact { &self.name.full } else { &self.name.bare };
        self.lines.iter().filter(of_kind).filter(move |line| line.is_about(name))
    }

    /// Accepts what the server shows, or says why not. An unknown key may be written down.
    pub(super) fn check(&self, shown: &PublicKeyOrCertificate, now: SystemTime) -> Result<(), Distrust> {
        if self.pinned.is_empty() && self.unknown == UnknownHost::Insecure {
            return Ok(());
        }
        match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => self.check_key(key.key_data()),
            PublicKeyOrCertificate::Certificate(certificate) => self.check_certificate(certificate, now),
        }
    }

    fn check_key(&self, key: &KeyData) -> Result<(), Distrust> {
        let found = self.find(key);
        if let Found::Revoked(line) = &found {
            return Err(Distrust::No(self.revoked(key, line)));
        }
        if !self.pinned.is_empty() {
            return self.check_pinned(key);
        }
        match found {
            Found::Known => Ok(()),
            Found::Revoked(line) => Err(Distrust::No(self.revoked(key, &line))),
            Found::Changed(lines) => Err(Distrust::No(self.changed(key, &lines))),
            Found::Unknown if self.unknown == UnknownHost::AcceptNew => self.learn(key),
            Found::Unknown => Err(Distrust::No(self.is_unknown(key))),
        }
    }

    fn check_pinned(&self, key: &KeyData) -> Result<(), Distrust> {
        if self.pinned.iter().any(|pin| pin.is(key)) {
            return Ok(());
        }
        let pinned: Vec<_> = self.pinned.iter().map(Pin::name).collect();
        let text = format!(
            "The host key of {} is not the one that the connection names. It shows {}; named is {}. Someone may be in \
             between, or the machine was made anew: if so, name its new key in host_keys.",
            self.address,
            describe(key),
            pinned.join(" or "),
        );
        let any_fingerprint = self.pinned.iter().any(|pin| matches!(pin, Pin::Fingerprint(_)));
        Err(if any_fingerprint { Distrust::NotPinned(text) } else { Distrust::No(text) })
    }

    fn find(&self, key: &KeyData) -> Found {
        let same = |line: &&Line| line.key == *key;
        if let Some(line) = self.lines.iter().filter(|line| line.marker == Marker::Revoked).find(same) {
            return Found::Revoked(line.clone());
        }
        let known: Vec<_> = self.about_host(Marker::Host).collect();
        if known.iter().any(|line| line.key == *key) {
            return Found::Known;
        }
        // The server was asked for the known types first: one that has none of them any more counts as changed, too.
        let exact = known.iter().any(|line| line.is_about(&self.name.full));
        let others = known
            .into_iter()
            .filter(|line| offered_types().iter().any(|t| same_type(t, &line.key.algorithm())));
        let others: Vec<_> = others.cloned().collect();
        match others.is_empty() || !exact {
            true => Found::Unknown,
            false => Found::Changed(others),
        }
    }

    fn check_certificate(&self, certificate: &Certificate, now: SystemTime) -> Result<(), Distrust> {
        let (key, signer) = (certificate.public_key(), certificate.signature_key());
        let revoked = self.lines.iter().filter(|line| line.marker == Marker::Revoked);
        if let Some(line) = revoked.into_iter().find(|line| line.key == *key || line.key == *signer) {
            let culprit = if line.key == *key { key } else { signer };
            return Err(Distrust::No(self.revoked(culprit, line)));
        }
        if !self.about_host(Marker::Authority).any(|line| line.key == *signer) {
            return match self.find(key) {
                Found::Known => Ok(()),
                _ => Err(Distrust::No(self.bad_certificate(
                    certificate,
                    "no @cert-authority line of known_hosts for this host names its signer",
                ))),
            };
        }
        self.inspect(certificate, now)
            .map_err(|reason| Distrust::No(self.bad_certificate(certificate, &reason)))
    }

    /// Looks at all of a certificate whose signer is trusted.
    fn inspect(&self, certificate: &Certificate, now: SystemTime) -> Result<(), String> {
        if certificate.cert_type() != CertType::Host {
            return Err("it is a user's certificate, not a host's".into());
        }
        if certificate.signature().algorithm() == (Algorithm::Rsa { hash: None }) {
            return Err("it is signed with SHA-1".into());
        }
        let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if now < certificate.valid_after() {
            return Err("it is not valid yet; compare the clocks".into());
        }
        if now >= certificate.valid_before() {
            return Err("it has expired; sign the host's key anew".into());
        }
        let signer = certificate.signature_key().fingerprint(HashAlg::Sha256);
        if certificate.validate_at(now, [&signer]).is_err() {
            return Err("its signature is wrong".into());
        }
        if let Some((option, _)) = certificate.critical_options().iter().next() {
            return Err(format!("it has the critical option {option:?}, which hosts have no use for"));
        }
        let principals = certificate.valid_principals();
        let meant =
            |principal: &String| known_hosts::wildcard(&principal.to_ascii_lowercase(), &self.name.bare);
        if !principals.is_empty() && !principals.iter().any(meant) {
            return Err(format!("it is for {}, not for {}", principals.join(", "), self.name.bare));
        }
        Ok(())
    }

    fn learn(&self, key: &KeyData) -> Result<(), Distrust> {
        let Some(file) = &self.file else {
            return Err(Distrust::No(format!(
                "The host key of {} is not known ({}), and there is no known_hosts file to write it to: name one.",
                self.address,
                describe(key),
            )));
        };
        let recheck = |text: &str| {
            let mut lines = known_hosts::parse(text, Some(file));
            lines.retain(|line| line.is_about(&self.name.full));
            match (Self { lines, ..self.clone() }).find(key) {
                Found::Known => Ok(None),
                Found::Unknown => Ok(Some(self.line_for(key))),
                Found::Revoked(line) => Err(self.revoked(key, &line)),
                Found::Changed(lines) => Err(self.changed(key, &lines)),
            }
        };
        learn::append(file, recheck).map_err(Distrust::No)
    }

    fn line_for(&self, key: &KeyData) -> String {
        let key = PublicKey::new(key.clone(), "").to_openssh().unwrap_or_default();
        format!("{} {}", self.name.full, key.trim())
    }

    fn revoked(&self, key: &KeyData, line: &Line) -> String {
        format!(
            "The host key of {} is revoked ({}): {}. Give the machine a new host key.",
            self.address,
            line.place,
            describe(key),
        )
    }

    fn changed(&self, key: &KeyData, known: &[Line]) -> String {
        let known: Vec<_> =
            known.iter().map(|line| format!("{} ({})", describe(&line.key), line.place)).collect();
        let file = self.file.as_deref().map_or_else(String::new, |file| format!(" -f {}", file.display()));
        format!(
            "The host key of {} has changed. It shows {}; known is {}. Someone may be in between, or the machine was made \
             anew: if so, remove the old line (ssh-keygen -R '{}'{file}) and add the new one:\n{}",
            self.address,
            describe(key),
            known.join(", "),
            self.name.full,
            self.line_for(key),
        )
    }

    fn is_unknown(&self, key: &KeyData) -> String {
        let file = self.file.as_deref().unwrap_or(Path::new("known_hosts"));
        format!(
            "The host key of {} is not known: it shows {}. Compare this with the machine itself (ssh-keygen -lf \
             /etc/ssh/ssh_host_*_key.pub); then add this line to {}:\n{}\nor name the key with the host (host_keys = \
             [{:?}]), or accept unknown hosts at first sight (host_key_checking = \"accept-new\" in the provider block).",
            self.address,
            describe(key),
            file.display(),
            self.line_for(key),
            fingerprint(key),
        )
    }

    fn bad_certificate(&self, certificate: &Certificate, reason: &str) -> String {
        format!(
            "The host certificate of {} is not accepted: {reason}. It is {:?} for the key {}, signed by {}.",
            self.address,
            certificate.key_id(),
            describe(certificate.public_key()),
            describe(certificate.signature_key()),
        )
    }
}

/// The types that we accept, best first. No `ssh-rsa`: it signs with SHA-1.
fn offered_types() -> Vec<Algorithm> {
    let preferred = russh::Preferred::DEFAULT.key;
    preferred.iter().filter(|algorithm| **algorithm != Algorithm::Rsa { hash: None }).cloned().collect()
}

/// Whether two algorithms are of the same type of key: RSA keys sign with several.
pub(super) fn same_type(one: &Algorithm, other: &Algorithm) -> bool {
    matches!((one, other), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. })) || one == other
}

/// A key for a person: its type and fingerprint.
pub(super) fn describe(key: &KeyData) -> String {
    format!("{} {}", key.algorithm(), fingerprint(key))
}

fn fingerprint(key: &KeyData) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

fn read_file(file: &Path) -> Result<String, TransportError> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(TransportError::Settings(format!(
            "The known_hosts file {} cannot be read: {error}.",
            file.display()
        ))),
    }
}
