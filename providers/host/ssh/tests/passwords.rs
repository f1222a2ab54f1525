//! Passwords, questions, and servers that want more than one thing.
//!
//! sshd asks the machine's own accounts for passwords, so most of these tests have a server of their own.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::keys::{Algorithm, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, MethodKind, MethodSet};
use tokio::net::TcpListener;

use super::server::{Server, bare_settings, keygen, output, ssh, sshd_is_here};
use crate::connection::Target;
use crate::settings::{Settings, UnknownHost};
use crate::transport::TransportError;

/// What a server wants to hear.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    Password,
    /// One hidden question.
    Answer,
    /// A question whose answer may be seen, which is not the one for a password.
    Name,
    /// A key, and then the password.
    KeyAndPassword,
}

/// Lets `ann` in with `sesame`, and notes what was tried.
#[derive(Clone)]
struct Door {
    wants: Wants,
    tried: Arc<Mutex<Vec<String>>>,
    key_shown: bool,
}

impl Door {
    fn note(&self, what: &str) {
        self.tried.lock().expect("ok").push(what.to_owned());
    }

    fn judge(&self, right: bool) -> Auth {
        // Like sshd, and unlike this library's default, it does not take a way off its list for one wrong word.
        let again = match self.wants {
            Wants::Password => BOTH.as_slice().into(),
            _ => MethodSet::from(&[MethodKind::KeyboardInteractive][..]),
        };
        match right {
            true => Auth::Accept,
            false => Auth::Reject { proceed_with_methods: Some(again), partial_success: false },
        }
    }
}

impl Handler for Door {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.note("password");
        let ready = self.wants == Wants::Password || (self.wants == Wants::KeyAndPassword && self.key_shown);
        Ok(self.judge(ready && user == "ann" && password == "sesame"))
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        self.note("key");
        self.key_shown = true;
        let partial_success = self.wants == Wants::KeyAndPassword;
        Ok(Auth::Reject {
            proceed_with_methods: Some(MethodSet::from(&[MethodKind::Password][..])),
            partial_success,
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let asks = |prompt: &'static str, echo: bool| Auth::Partial {
            name: "".into(),
            instructions: "".into(),
            prompts: Cow::Owned(vec![(prompt.into(), echo)]),
        };
        let answer = response.map(|answers| answers.map(|answer| answer.to_vec()).collect::<Vec<_>>());
        self.note(if answer.is_some() { "answer" } else { "question" });
        Ok(match (self.wants, answer) {
            (Wants::Answer, None) => asks("Password: ", false),
            (Wants::Answer, Some(answers)) => self.judge(answers == [b"sesame"]),
            (Wants::Name, None) => asks("Your mother's maiden name: ", true),
            _ => Auth::reject(),
        })
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        _: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(id)?;
        session.exit_status_request(id, 0)?;
        session.close(id)?;
        Ok(())
    }
}

pub(super) type Tried = Arc<Mutex<Vec<String>>>;

/// A server on this machine, and what is tried at it.
pub(super) async fn door(wants: Wants, methods: &[MethodKind]) -> (Target, Tried) {
    let config = Arc::new(Config {
        methods: methods.into(),
        auth_rejection_time: Duration::ZERO,
        keys: vec![
            PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).expect("is made"),
        ],
        ..Config::default()
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
    let port = listener.local_addr().expect("is bound").port();
    let tried = Arc::new(Mutex::new(Vec::new()));
    let handler = Door { wants, tried: Arc::clone(&tried), key_shown: false };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, handler) = (Arc::clone(&config), handler.clone());
            tokio::spawn(async move {
                if let Ok(session) = russh::server::run_stream(config, stream, handler).await {
                    let _ = session.await;
                }
            });
        }
    });
    let target = Target {
        user: Some("ann".into()),
        address: "127.0.0.1".into(),
        port: Some(port),
        ..Target::default()
    };
    (target, tried)
}

fn with_password(password: &str) -> Settings {
    let mut settings = bare_settings(std::path::Path::new("/"));
    settings.trust.unknown = UnknownHost::Insecure;
    settings.login.password = Some(password.into());
    settings
}

async fn knock(target: &Target, settings: Settings) -> Result<(), String> {
    output(&ssh(target, settings), "true", b"").await.map(|_| ()).map_err(|error| error.to_string())
}

pub(super) fn tried(tried: &Tried) -> Vec<String> {
    std::mem::take(&mut *tried.lock().expect("ok"))
}

pub(super) const BOTH: [MethodKind; 2] = [MethodKind::Password, MethodKind::KeyboardInteractive];

#[tokio::test]
async fn a_password_is_offered_once() {
    let (target, log) = door(Wants::Password, &BOTH).await;
    assert_eq!(knock(&target, with_password("sesame")).await, Ok(()));
    assert_eq!(tried(&log), ["password"]);
    let error = knock(&target, with_password("wrong one")).await.expect_err("is wrong");
    assert!(error.contains("Offered and refused: the password. The server still accepts"), "{error}");
    assert!(!error.contains("wrong one"), "{error}");
    assert_eq!(tried(&log), ["password"], "and not once more as an answer");
}

#[tokio::test]
async fn one_hidden_question_is_answered_with_the_password() {
    let (target, log) = door(Wants::Answer, &[MethodKind::KeyboardInteractive]).await;
    assert_eq!(knock(&target, with_password("sesame")).await, Ok(()));
    assert_eq!(tried(&log).last().map(String::as_str), Some("answer"));
    let error = knock(&target, with_password("wrong")).await.expect_err("is wrong");
    assert!(error.contains("the password as an answer"), "{error}");
}

#[tokio::test]
async fn another_question_is_not_answered_but_named() {
    let (target, _) = door(Wants::Name, &[MethodKind::KeyboardInteractive]).await;
    let error = knock(&target, with_password("sesame")).await.expect_err("is not known");
    assert!(error.contains("is not what it asks for: \"Your mother's maiden name:\""), "{error}");
}

#[tokio::test]
async fn a_server_may_want_a_key_and_a_password() {
    let folder = tempfile::tempdir().expect("there is room");
    keygen(folder.path(), "mine", &["-t", "ed25519"]);
    let (target, log) = door(Wants::KeyAndPassword, &[MethodKind::PublicKey]).await;
    let mut settings = with_password("sesame");
    settings.login.private_key_files = vec![folder.path().join("mine")];
    assert_eq!(knock(&target, settings.clone()).await, Ok(()));
    assert_eq!(tried(&log), ["key", "password"]);
    settings.login.password = None;
    let error = knock(&target, settings).await.expect_err("is half of it");
    assert!(
        error.contains("was accepted, but is not enough") && error.contains("accepts password"),
        "{error}"
    );
}

#[tokio::test]
async fn sshd_refuses_a_wrong_password() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start_with("PasswordAuthentication yes\nPermitRootLogin yes", |_| String::new());
    let mut settings = server.settings();
    settings.login.private_key_files.clear();
    settings.login.password = Some("certainly not this".into());
    let result = output(&ssh(&server.target(), settings), "true", b"").await;
    let Err(TransportError::LoginRefused { reason, .. }) = &result else { panic!("{result:?}") };
    assert!(reason.starts_with("Offered and refused: the password. The server still accepts"), "{reason}");
}
