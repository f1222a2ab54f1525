//! Registries: content by its digest, with the tokens that they ask for.
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use provider::Environment;
use provider_host::kit::{FetchError, Reading, Source};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::content::TYPES;
use crate::releases::digest::sha256;
use crate::releases::download::may_try_again;
use crate::releases::error::Failure;

/// A repository in a registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::releases::mirror) struct Repository {
    /// `public.ecr.aws`.
    pub registry: String,
    /// `eks-distro/coredns/coredns`.
    pub path: String,
}

/// Registries, and what logs in at them.
pub(in crate::releases::mirror) struct Registries<'a> {
    pub environment: &'a Environment,
    pub authorities: Option<&'a str>,
    /// Where registries are instead of at their names.
    pub places: BTreeMap<String, String>,
    pub logins: Mutex<HashMap<Repository, String>>,
}

/// What a registry is asked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::releases::mirror) enum Part {
    Manifest,
    Blob,
}

/// What a registry answers that gives a token.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Repository {
    /// The repository of an image's name, and why there is none.
    pub(in crate::releases::mirror) fn of(image: &str) -> Result<Self, String> {
        let name = image.split('@').next().unwrap_or_default();
        let (registry, path) = name.split_once('/').ok_or("it names no registry")?;
        if !(registry.contains(['.', ':']) || registry == "localhost") {
            return Err(format!("{registry:?} is no registry"));
        }
        let path = match path.rsplit_once(':') {
            Some((path, _)) => path,
            None => path,
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
        if path.is_empty()
            || !path.chars().all(plain)
            || path.split('/').any(|part| ["", ".", ".."].contains(&part))
        {
            return Err(format!("{path:?} is no repository"));
        }
        Ok(Self { registry: registry.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl Registries<'_> {
    /// A whole manifest, which is verified.
    pub(super) async fn manifest(&self, repository: &Repository, digest: &str) -> Result<Vec<u8>, Failure> {
        let mut tries = 0;
        let bytes = loop {
            tries += 1;
            match self.read(repository, digest).await {
                Ok(bytes) => break bytes,
                Err(error) if may_try_again(&error, tries).await => {}
                Err(error) => {
                    let detail = format!(
                        "sha256:{digest} of {repository} cannot be had. {error} Where the registry cannot be reached, `registries` names another place of it."
                    );
                    return Err(Failure::new("images", "Mirror failed", detail));
                }
            }
        };
        let found = sha256(&bytes);
        if found != digest {
            let detail = format!(
                "What the registry gives for {repository}@sha256:{digest} has the SHA-256 {found}. It was thrown away. The registry's copy is broken or was tampered with."
            );
            return Err(Failure::new("images", "Wrong content", detail));
        }
        Ok(bytes)
    }

    /// What is there from a byte on. A registry that wants a token says where it is to be had.
    pub(in crate::releases::mirror) async fn open(
        &self,
        repository: &Repository,
        part: Part,
        digest: &str,
        from: u64,
    ) -> Result<Reading, FetchError> {
        let part = match part {
            Part::Manifest => "manifests",
            Part::Blob => "blobs",
        };
        let place = self.places.get(&repository.registry).cloned();
        let place = place.unwrap_or_else(|| format!("https://{}", repository.registry));
        let url = format!("{}/v2/{}/{part}/sha256:{digest}", place.trim_end_matches('/'), repository.path);
        let known = self.logins.lock().await.get(repository).cloned();
        match self.source(&url, known)?.open(from).await {
            Err(FetchError::Status { status, challenge: Some(challenge), .. })
                if status.starts_with("401") =>
            {
                let login = format!("Bearer {}", self.token(&challenge, repository).await?);
                self.logins.lock().await.insert(repository.clone(), login.clone());
                self.source(&url, Some(login))?.open(from).await
            }
            answer => answer,
        }
    }

    fn source(&self, url: &str, login: Option<String>) -> Result<Source, FetchError> {
        let source = Source::in_environment(self.environment, url, self.authorities)?.accept(TYPES);
        Ok(match login {
            Some(login) => source.login(login),
            None => source,
        })
    }

    async fn read(&self, repository: &Repository, digest: &str) -> Result<Vec<u8>, FetchError> {
        let mut reading = self.open(repository, Part::Manifest, digest, 0).await?;
        whole(&mut reading, &repository.to_string()).await
    }

    /// A token that lets anybody pull.
    async fn token(&self, challenge: &str, repository: &Repository) -> Result<String, FetchError> {
        let refused = |reason: &str| {
            FetchError::Invalid(format!("the registry {} wants a log-in that {reason}", repository.registry))
        };
        let asked = challenge.strip_prefix("Bearer ").ok_or_else(|| refused("is not by a token"))?;
        let fields = fields(asked);
        let realm = fields.get("realm").and_then(|realm| Url::parse(realm).ok());
        let mut url = realm.ok_or_else(|| refused("says not where to get a token"))?;
        let scope =
            fields.get("scope").cloned().unwrap_or_else(|| format!("repository:{}:pull", repository.path));
        if let Some(service) = fields.get("service") {
            url.query_pairs_mut().append_pair("service", service);
        }
        url.query_pairs_mut().append_pair("scope", &scope);
        let mut reading =
            Source::in_environment(self.environment, url.as_str(), self.authorities)?.open(0).await?;
        let bytes = whole(&mut reading, "a token").await?;
        let token: Option<Token> = serde_json::from_slice(&bytes).ok();
        token.and_then(|token| token.token.or(token.access_token)).ok_or_else(|| refused("gives no token"))
    }
}

/// All of something small.
async fn whole(reading: &mut Reading, name: &str) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    if reading.fill(&mut bytes, MOST).await? {
        let reason = format!("it is larger than {} MiB, which no manifest is", MOST >> 20);
        return Err(FetchError::Cut { url: name.to_owned(), reason });
    }
    Ok(bytes)
}

/// `name="value"`, with commas between; values may have commas in them.
fn fields(text: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else { break };
        fields.insert(name.trim_matches([' ', ',']).to_owned(), value.to_owned());
        rest = after;
    }
    fields
}

/// What a manifest may weigh.
const MOST: usize = 4 << 20;
