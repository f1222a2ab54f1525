//! Logging in: what is offered, in which order, and what is said when nothing of it helps.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Algorithm, Certificate, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use russh::{MethodKind, MethodSet};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::client::{Client, Fate};
use super::keys::{Identity, Loaded};
use super::signer::LocalKey;
use super::trust;
use super::words;
use crate::transport::TransportError;

/// Whom to log in as, and with what.
pub(super) struct Login<'a> {
    pub user: &'a str,
    /// What people call the server.
    pub address: String,
    pub keys: Loaded,
    pub agent: Option<Agent<'a>>,
    pub password: Option<&'a str>,
    /// For each step.
    pub patience: Duration,
    pub fate: Fate,
}

/// Which of an agent's keys are offered.
pub(super) struct Agent<'a> {
    pub socket: Option<&'a Path>,
    /// Public keys that the agent's must be among; none: all are offered.
    pub only: Option<Vec<PublicKey>>,
}

/// One thing to try.
enum Offer {
    Key(Identity),
    /// Asks the agent which keys it has, once it is its turn.
    Agent,
    AgentKey(AgentIdentity),
    Password(String),
    /// The password as the answer to a question.
    Question(String),
}

impl Offer {
    fn method(&self) -> MethodKind {
        match self {
            Self::Key(_) | Self::Agent | Self::AgentKey(_) => MethodKind::PublicKey,
            Self::Password(_) => MethodKind::Password,
            Self::Question(_) => MethodKind::KeyboardInteractive,
        }
    }

    /// Its name in messages.
    fn name(&self) -> String {
        match self {
            Self::Key(Identity { source, key, certificate }) => {
                let with = if certificate.is_some() { " with its certificate" } else { "" };
                format!("the key {source} ({}){with}", trust::describe(key.public_key().key_data()))
            }
            Self::Agent => "the agent's keys".into(),
            Self::AgentKey(identity) => {
                let with = match identity {
                    AgentIdentity::PublicKey { .. } => "",
                    AgentIdentity::Certificate { .. } => " with its certificate",
                };
                let key = trust::describe(identity.public_key().key_data());
                format!("the agent's key {:?} ({key}){with}", words::clean(identity.comment()))
            }
            Self::Password(_) => "the password".into(),
            Self::Question(_) => "the password as an answer".into(),
        }
    }
}

/// How far a log-in got.
struct Attempts {
    refused: Vec<String>,
    problems: Vec<String>,
    /// What the server said it still accepts; none before it said anything.
    accepted: Option<MethodSet>,
    /// Something was accepted, and the server wants more.
    partly: bool,
    hash: RsaHash,
}

/// Which signatures the server takes of RSA keys. Asked when the first such key is offered.
#[derive(Clone, Copy)]
enum RsaHash {
    Unasked,
    Known(Option<HashAlg>),
}

/// The server's answer to an offer.
enum Answer {
    Welcome,
    Refused,
    /// It could not be made at all.
    Impossible(String),
}

impl Login<'_> {
    /// Tries one thing after another until the server lets us in.
    pub(super) async fn run(self, handle: &mut Handle<Client>) -> Result<(), TransportError> {
        let mut offers = self.offers();
        let mut attempts = Attempts {
            refused: Vec::new(),
            problems: self.keys.problems.clone(),
            accepted: None,
            partly: false,
            hash: RsaHash::Unasked,
        };
        if offers.is_empty() {
            return Err(self.nothing_to_offer(&attempts));
        }
        let mut agent = None;
        while let Some(offer) = attempts.choose(&mut offers) {
            if matches!(offer, Offer::Agent) {
                match timeout(self.patience, self.ask_agent()).await {
                    Ok(Ok((client, keys))) => {
                        agent = Some(client);
                        keys.into_iter().rev().for_each(|key| offers.push_front(Offer::AgentKey(key)));
                    }
                    Ok(Err(problem)) => attempts.problems.push(problem),
                    Err(_) => attempts.problems.push("the agent does not answer".into()),
                }
                continue;
            }
            let step =
                timeout(self.patience, self.offer(handle, &offer, &mut attempts, agent.as_mut())).await;
            let answer = step.map_err(|_| TransportError::TimedOut {
                address: self.address.clone(),
                step: format!("logging in with {}", offer.name()),
                after: self.patience,
            })?;
            match answer? {
                Answer::Welcome => return Ok(()),
                Answer::Refused => attempts.refused.push(offer.name()),
                Answer::Impossible(reason) => attempts.problems.push(format!("{} {reason}", offer.name())),
            }
            if handle.is_closed() {
                return Err(self.cut_off(&attempts));
            }
        }
        match attempts.refused.is_empty() {
            true => Err(self.nothing_to_offer(&attempts)),
            false => Err(self.refused(&attempts)),
        }
    }

    fn offers(&self) -> VecDeque<Offer> {
        let mut offers: VecDeque<_> = self.keys.identities.iter().cloned().map(Offer::Key).collect();
        offers.extend(self.agent.as_ref().map(|_| Offer::Agent));
        if let Some(password) = self.password {
            offers.push_back(Offer::Password(password.to_owned()));
            offers.push_back(Offer::Question(password.to_owned()));
        }
        offers
    }

    async fn offer(
        &self,
        handle: &mut Handle<Client>,
        offer: &Offer,
        attempts: &mut Attempts,
        agent: Option<&mut AgentClient<UnixStream>>,
    ) -> Result<Answer, TransportError> {
        let result = match offer {
            Offer::Key(Identity { key, certificate, .. }) => {
                let hash = match attempts.hash_for(handle, &key.algorithm()).await {
                    Ok(hash) => hash,
                    Err(reason) => return Ok(Answer::Impossible(reason)),
                };
                self.offer_variants(handle, key, certificate.as_ref(), hash).await
            }
            Offer::AgentKey(identity) => {
                let hash = match attempts.hash_for(handle, &identity.public_key().algorithm()).await {
                    Ok(hash) => hash,
                    Err(reason) => return Ok(Answer::Impossible(reason)),
                };
                let Some(agent) = agent else {
                    return Ok(Answer::Impossible("cannot be used: the agent is gone".into()));
                };
                let result = match identity {
                    AgentIdentity::PublicKey { key, .. } => {
                        handle.authenticate_publickey_with(self.user, key.clone(), hash, agent).await
                    }
                    AgentIdentity::Certificate { certificate, .. } => {
                        handle
                            .authenticate_certificate_with(self.user, certificate.clone(), hash, agent)
                            .await
                    }
                };
                match result {
                    Ok(result) => Ok(result),
                    Err(russh::AgentAuthError::Send(_)) => Err(russh::Error::SendError),
                    Err(russh::AgentAuthError::Key(error)) => {
                        return Ok(Answer::Impossible(format!("was not signed with by the agent ({error})")));
                    }
                }
            }
            Offer::Password(password) => handle.authenticate_password(self.user, password.as_str()).await,
            Offer::Question(password) => match self.answer_questions(handle, password).await {
                Ok(Ok(result)) => Ok(result),
                Ok(Err(reason)) => return Ok(Answer::Impossible(reason)),
                Err(error) => Err(error),
            },
            Offer::Agent => return Ok(Answer::Impossible("were asked for twice".into())),
        };
        match result {
            Ok(AuthResult::Success) => Ok(Answer::Welcome),
            Ok(AuthResult::Failure { remaining_methods, partial_success }) => {
                attempts.accepted = Some(remaining_methods);
                attempts.partly |= partial_success;
                // What was accepted in part is not among the refused.
                Ok(if partial_success {
                    Answer::Impossible("was accepted, but is not enough".into())
                } else {
                    Answer::Refused
                })
            }
            Err(_) => Err(self.cut_off(attempts)),
        }
    }

    /// Offers a key in up to three forms: with its certificate, without it (it may have expired), and signing with SHA-256
    /// (there are servers that announce SHA-512 and do not take it).
    async fn offer_variants(
        &self,
        handle: &mut Handle<Client>,
        key: &Arc<PrivateKey>,
        certificate: Option<&Certificate>,
        hash: Option<HashAlg>,
    ) -> Result<AuthResult, russh::Error> {
        let mut forms = vec![(certificate, hash)];
        forms.extend(certificate.map(|_| (None, hash)));
        if hash == Some(HashAlg::Sha512) {
            forms.push((None, Some(HashAlg::Sha256)));
        }
        let mut result =
            AuthResult::Failure { remaining_methods: MethodSet::empty(), partial_success: false };
        for (certificate, hash) in forms {
            result = self.offer_key(handle, key, certificate, hash).await?;
            match &result {
                AuthResult::Failure { partial_success: false, remaining_methods }
                    if remaining_methods.contains(&MethodKind::PublicKey) && !handle.is_closed() => {}
                _ => break,
            }
        }
        Ok(result)
    }

    async fn offer_key(
        &self,
        handle: &mut Handle<Client>,
        key: &Arc<PrivateKey>,
        certificate: Option<&Certificate>,
        hash: Option<HashAlg>,
    ) -> Result<AuthResult, russh::Error> {
        match certificate {
            Some(certificate) => {
                let mut signer = LocalKey(PrivateKeyWithHashAlg::new(Arc::clone(key), hash));
                let result =
                    handle.authenticate_certificate_with(self.user, certificate.clone(), hash, &mut signer);
                result.await.map_err(|_| russh::Error::SendError)
            }
            None => {
                let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
                handle.authenticate_publickey(self.user, key).await
            }
        }
    }

    /// Answers one hidden question, which can only be the one for the password.
    async fn answer_questions(
        &self,
        handle: &mut Handle<Client>,
        password: &str,
    ) -> Result<Result<AuthResult, String>, russh::Error> {
        let mut asked = false;
        let mut reply = handle.authenticate_keyboard_interactive_start(self.user, None).await?;
        loop {
            reply = match reply {
                KeyboardInteractiveAuthResponse::Success => return Ok(Ok(AuthResult::Success)),
                KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                    return Ok(Ok(AuthResult::Failure { remaining_methods, partial_success }));
                }
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                    let answers = match prompts.as_slice() {
                        [] => Vec::new(),
                        [prompt] if !prompt.echo && !asked => {
                            asked = true;
                            vec![password.to_owned()]
                        }
                        [prompt, ..] => {
                            let question = words::clean(&prompt.prompt);
                            // An answer must come, or nothing else is heard.
                            let empty = vec![String::new(); prompts.len()];
                            handle.authenticate_keyboard_interactive_respond(empty).await?;
                            return Ok(Err(format!("is not what it asks for: {question:?}")));
                        }
                    };
                    handle.authenticate_keyboard_interactive_respond(answers).await?
                }
            };
        }
    }

    /// Connects to the agent and asks for its keys.
    async fn ask_agent(&self) -> Result<(AgentClient<UnixStream>, Vec<AgentIdentity>), String> {
        let agent = self.agent.as_ref().ok_or("no agent is to be asked")?;
        let socket = agent.socket.ok_or("no agent is running: SSH_AUTH_SOCK is not set")?;
        let mut client = AgentClient::connect_uds(socket)
            .await
            .map_err(|error| format!("the agent at {} cannot be reached ({error})", socket.display()))?;
        let keys = client
            .request_identities()
            .await
            .map_err(|error| format!("the agent gives no keys ({error})"))?;
        let wanted = |key: &AgentIdentity| match &agent.only {
            Some(only) => only.iter().any(|only| only.key_data() == key.public_key().key_data()),
            None => true,
        };
        let keys: Vec<_> = keys.into_iter().filter(wanted).collect();
        match keys.is_empty() {
            true => Err("the agent holds no key for this".into()),
            false => Ok((client, keys)),
        }
    }

    fn nothing_to_offer(&self, attempts: &Attempts) -> TransportError {
        let mut text = format!("There is nothing to log in with to {}@{}", self.user, self.address);
        match attempts.problems.is_empty() {
            true => text.push_str(": set a key, an agent or a password in the provider block."),
            false => text.push_str(&format!(": {}.", attempts.problems.join("; "))),
        }
        if let Some(accepted) = &attempts.accepted {
            text.push_str(&format!(" The server accepts {}.", methods(accepted)));
        }
        TransportError::Settings(text)
    }

    fn refused(&self, attempts: &Attempts) -> TransportError {
        let mut reason = format!("Offered and refused: {}.", attempts.refused.join(", "));
        if !attempts.problems.is_empty() {
            reason.push_str(&format!(" Besides, {}.", attempts.problems.join("; ")));
        }
        if let Some(accepted) = &attempts.accepted {
            reason.push_str(&format!(" The server still accepts {}.", methods(accepted)));
        }
        TransportError::LoginRefused { user: self.user.to_owned(), address: self.address.clone(), reason }
    }

    /// The connection ended in the middle of a log-in.
    fn cut_off(&self, attempts: &Attempts) -> TransportError {
        match attempts.refused.is_empty() {
            true => TransportError::Lost { address: self.address.clone(), reason: self.fate.reason() },
            false => {
                let refused = attempts.refused.join(", ");
                let reason = format!(
                    "Offered and refused: {refused}. Then the connection ended: {}.",
                    self.fate.reason()
                );
                TransportError::LoginRefused {
                    user: self.user.to_owned(),
                    address: self.address.clone(),
                    reason,
                }
            }
        }
    }
}

impl Attempts {
    /// The next offer that the server accepts at all.
    fn choose(&self, offers: &mut VecDeque<Offer>) -> Option<Offer> {
        let Some(accepted) = &self.accepted else {
            return offers.pop_front();
        };
        // An answer to a question is the same password once more, which some servers count.
        let asks_for_password = accepted.contains(&MethodKind::Password);
        let at = offers.iter().position(|offer| {
            let again = matches!(offer, Offer::Question(_)) && asks_for_password && !self.partly;
            accepted.contains(&offer.method()) && !again
        })?;
        offers.remove(at)
    }

    async fn hash_for(
        &mut self,
        handle: &Handle<Client>,
        algorithm: &Algorithm,
    ) -> Result<Option<HashAlg>, String> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return Ok(None);
        }
        let hash = match self.hash {
            RsaHash::Known(hash) => hash,
            RsaHash::Unasked => match handle.best_supported_rsa_hash().await {
                Ok(Some(hash)) => hash,
                // It does not say: all servers since 2016 know this one.
                _ => Some(HashAlg::Sha512),
            },
        };
        self.hash = RsaHash::Known(hash);
        match hash {
            Some(hash) => Ok(Some(hash)),
            None => Err("is an RSA key, of which the server takes SHA-1 signatures only".into()),
        }
    }
}

fn methods(methods: &MethodSet) -> String {
    let names: Vec<&str> = methods.iter().map(Into::into).collect();
    if names.is_empty() { "nothing that we know".into() } else { names.join(", ") }
}
