//! Getting in: kinds of keys, agents, certificates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::server::{Server, keygen, output, run, ssh, sshd_is_here, user};
use crate::settings::Settings;
use crate::transport::TransportError;

#[tokio::test]
async fn a_key_lets_us_in_and_a_command_answers() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let answer = output(&ssh, "cat; echo err >&2; exit 3", b"hello").await;
    assert_eq!(answer, Ok((Some(3), "hello".into(), "err\n".into())));
    let killed = output(&ssh, "kill -9 $$", b"").await;
    assert_eq!(killed, Ok((None, String::new(), String::new())), "a signal is no exit status");
    assert_eq!(server.log().matches("Accepted publickey").count(), 1, "one connection for both");
}

/// Lets in one more key.
fn authorize(server: &Server, name: &str) {
    let line = server.text(&format!("{name}.pub"));
    fs::write(server.file("authorized_keys"), line).expect("is written");
}

async fn gets_in(server: &Server, settings: Settings) -> Result<(), TransportError> {
    output(&ssh(&server.target(), settings), "true", b"").await.map(|_| ())
}

#[tokio::test]
async fn every_kind_of_key_gets_in_as_a_file_and_as_text() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let folder = server.folder.path();
    let kinds: [(&str, &[&str]); 10] = [
        ("ed25519", &["-t", "ed25519"]),
        ("ecdsa256", &["-t", "ecdsa", "-b", "256"]),
        ("ecdsa384", &["-t", "ecdsa", "-b", "384"]),
        ("ecdsa521", &["-t", "ecdsa", "-b", "521"]),
        ("rsa", &["-t", "rsa", "-b", "3072"]),
        ("rsa-pem", &["-t", "rsa", "-b", "2048", "-m", "PEM"]),
        ("ecdsa-pem", &["-t", "ecdsa", "-m", "PEM"]),
        ("rsa-pkcs8", &["-t", "rsa", "-b", "2048", "-m", "PKCS8"]),
        ("ed25519-encrypted", &["-t", "ed25519", "-N", "open sesame"]),
        ("rsa-pkcs8-encrypted", &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "open sesame"]),
    ];
    for (name, arguments) in kinds {
        keygen(folder, name, arguments);
        authorize(&server, name);
        let mut settings = server.settings();
        settings.login.passphrase = Some("open sesame".into());
        settings.login.private_key_files = vec![PathBuf::from(name)];
        assert_eq!(gets_in(&server, settings.clone()).await, Ok(()), "{name} as a file: {}", server.log());
        settings.login.private_key_files.clear();
        let indented: String = server.text(name).lines().map(|line| format!("    {line}\n")).collect();
        settings.login.private_key = Some(indented);
        assert_eq!(gets_in(&server, settings).await, Ok(()), "{name} as text");
    }
}

#[tokio::test]
async fn rsa_keys_sign_with_what_the_server_takes() {
    if !sshd_is_here() {
        return;
    }
    for algorithm in ["rsa-sha2-256", "rsa-sha2-512"] {
        let server = Server::start(&format!("PubkeyAcceptedAlgorithms {algorithm}"));
        keygen(server.folder.path(), "user_rsa", &["-t", "rsa"]);
        authorize(&server, "user_rsa");
        let mut settings = server.settings();
        settings.login.private_key_files = vec![server.file("user_rsa")];
        assert_eq!(gets_in(&server, settings).await, Ok(()), "{algorithm}");
    }
    let server = Server::start("PubkeyAcceptedAlgorithms ssh-rsa");
    keygen(server.folder.path(), "user_rsa", &["-t", "rsa"]);
    let mut settings = server.settings();
    settings.login.private_key_files = vec![server.file("user_rsa")];
    let error = gets_in(&server, settings).await.expect_err("SHA-1 is not used").to_string();
    assert!(error.contains("Offered and refused"), "{error}");
}

#[tokio::test]
async fn what_does_not_help_is_said() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let folder = server.folder.path();
    keygen(folder, "stranger", &["-t", "ed25519"]);
    keygen(folder, "locked", &["-t", "ed25519", "-N", "secret"]);
    keygen(folder, "locked8", &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "secret"]);
    fs::write(folder.join("rubbish"), "no key\n").expect("is written");
    let fingerprint = run("ssh-keygen", &["-lf", "stranger"], folder);
    let fingerprint = fingerprint.split(' ').nth(1).expect("has one").to_owned();
    let place = folder.display();
    let with = |files: &[&str], passphrase: Option<&str>| {
        let mut settings = server.settings();
        settings.login.private_key_files = files.iter().map(PathBuf::from).collect();
        settings.login.passphrase = passphrase.map(str::to_owned);
        settings
    };
    let table = [
        (
            "a key that the server does not know",
            with(&["stranger"], None),
            vec![
                format!("Offered and refused: the key {place}/stranger (ssh-ed25519 {fingerprint})."),
                "The server still accepts publickey.".into(),
            ],
        ),
        (
            "an encrypted key",
            with(&["locked"], None),
            vec![format!("{place}/locked is encrypted, and there is no `private_key_passphrase`")],
        ),
        (
            "an encrypted key in PKCS#8",
            with(&["locked8"], None),
            vec![format!("{place}/locked8 is encrypted, and there is no `private_key_passphrase`")],
        ),
        (
            "a wrong passphrase",
            with(&["locked"], Some("wrong")),
            vec![format!("{place}/locked cannot be decrypted: the `private_key_passphrase` is wrong")],
        ),
        (
            "a wrong passphrase in PKCS#8",
            with(&["locked8"], Some("wrong")),
            vec![format!("{place}/locked8 cannot be decrypted: the `private_key_passphrase` is wrong")],
        ),
        (
            "a missing file",
            with(&["absent"], None),
            vec![format!("{place}/absent cannot be read: No such file")],
        ),
        (
            "no key at all",
            with(&["rubbish"], None),
            vec![format!("{place}/rubbish cannot be used: it is no private key")],
        ),
        (
            "one refused and one missing",
            with(&["absent", "stranger"], None),
            vec!["refused to log us in".into(), format!("Besides, {place}/absent cannot be read")],
        ),
        (
            "nothing",
            with(&[], None),
            vec!["There is nothing to log in with".into(), "set a key, an agent or a password".into()],
        ),
    ];
    for (why, settings, parts) in table {
        let error = gets_in(&server, settings).await.expect_err(why).to_string();
        for part in parts {
            assert!(error.contains(&part), "{why}: {part:?} is not in {error:?}");
        }
        assert!(!error.contains("wrong\"") && !error.contains("secret"), "{why}: {error}");
    }
    // One that cannot be read does not keep another from being used.
    assert_eq!(gets_in(&server, with(&["absent", "locked", "stranger", "user_ed25519"], None)).await, Ok(()));
}

#[tokio::test]
async fn a_server_that_has_heard_enough_says_so() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxAuthTries 2");
    let names = ["one", "two", "three"];
    for name in names {
        keygen(server.folder.path(), name, &["-t", "ed25519"]);
    }
    let mut settings = server.settings();
    settings.login.private_key_files = names.iter().map(PathBuf::from).collect();
    let error = gets_in(&server, settings).await.expect_err("is too much");
    let TransportError::LoginRefused { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("/one") && reason.contains("Too many authentication failures"), "{reason}");
}

/// An agent of its own; ends when dropped.
struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("agent.sock");
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn();
        let child = child.expect("ssh-agent starts");
        let begun = Instant::now();
        while !socket.exists() {
            assert!(begun.elapsed() < Duration::from_secs(10), "the agent makes its socket");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { child, socket }
    }

    fn add(&self, key: &Path) {
        let status = Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket).status();
        assert!(status.expect("ssh-add runs").success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings that have nothing but an agent.
fn by_agent(server: &Server, socket: Option<&Path>) -> Settings {
    let mut settings = server.settings();
    settings.login.private_key_files.clear();
    settings.login.agent = true;
    settings.agent_socket = socket.map(Path::to_owned);
    settings
}

#[tokio::test]
async fn an_agent_gets_in_or_says_why_not() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let folder = server.folder.path();
    let error = gets_in(&server, by_agent(&server, None)).await.expect_err("is none").to_string();
    assert!(error.contains("no agent is running: SSH_AUTH_SOCK is not set"), "{error}");
    let error = gets_in(&server, by_agent(&server, Some(&folder.join("gone"))))
        .await
        .expect_err("is gone")
        .to_string();
    assert!(error.contains("/gone cannot be reached"), "{error}");
    let agent = Agent::start(folder);
    let error =
        gets_in(&server, by_agent(&server, Some(&agent.socket))).await.expect_err("is empty").to_string();
    assert!(error.contains("the agent holds no key for this"), "{error}");
    keygen(folder, "stranger", &["-t", "ecdsa"]);
    agent.add(&folder.join("stranger"));
    let error = gets_in(&server, by_agent(&server, Some(&agent.socket)))
        .await
        .expect_err("is a stranger's")
        .to_string();
    assert!(error.contains("the agent's key \"stranger\" (ecdsa-sha2-nistp256 SHA256:"), "{error}");
    for kind in ["rsa", "ecdsa", "ed25519"] {
        let name = format!("agent_{kind}");
        keygen(folder, &name, &["-t", kind]);
        agent.add(&folder.join(&name));
        authorize(&server, &name);
        assert_eq!(gets_in(&server, by_agent(&server, Some(&agent.socket))).await, Ok(()), "{kind}");
    }
}

#[tokio::test]
async fn an_agent_offers_only_what_is_named_when_identities_only_is_set() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxAuthTries 2");
    let folder = server.folder.path();
    let agent = Agent::start(folder);
    for name in ["one", "two", "three", "mine"] {
        keygen(folder, name, &["-t", "ed25519"]);
        agent.add(&folder.join(name));
    }
    authorize(&server, "mine");
    fs::remove_file(folder.join("mine")).expect("the agent alone has it");
    let mut settings = by_agent(&server, Some(&agent.socket));
    gets_in(&server, settings.clone()).await.expect_err("the server hears three others first");
    fs::write(folder.join("config"), "Host 127.0.0.1\n IdentityFile ~/mine\n IdentitiesOnly yes\n")
        .expect("is written");
    settings.ssh_config = Some("config".into());
    assert_eq!(gets_in(&server, settings).await, Ok(()));
}

/// A server that trusts an authority for users, and a key that the authority signed.
fn authority_server(folder: &Path, kind: &str, principals: &str) -> String {
    keygen(folder, "ca", &["-t", "ed25519"]);
    keygen(folder, "signed", &["-t", kind]);
    run("ssh-keygen", &["-q", "-s", "ca", "-I", "ann", "-n", principals, "signed.pub"], folder);
    fs::write(folder.join("authorized_keys"), "").expect("is written");
    format!("TrustedUserCAKeys {}/ca.pub", folder.display())
}

#[tokio::test]
async fn certificates_get_in_from_files_texts_and_agents() {
    if !sshd_is_here() {
        return;
    }
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let server = Server::start_with("", |folder| authority_server(folder, kind, &user()));
        let folder = server.folder.path();
        let mut settings = server.settings();
        settings.login.private_key_files = vec!["signed".into()];
        assert_eq!(
            gets_in(&server, settings.clone()).await,
            Ok(()),
            "{kind} beside the file: {}",
            server.log()
        );
        let certificate = server.text("signed-cert.pub");
        let agent = Agent::start(folder);
        agent.add(&folder.join("signed"));
        assert_eq!(
            gets_in(&server, by_agent(&server, Some(&agent.socket))).await,
            Ok(()),
            "{kind} by the agent"
        );
        fs::remove_file(folder.join("signed-cert.pub")).expect("is there");
        gets_in(&server, settings.clone()).await.expect_err("the key alone is unknown");
        settings.login.certificate = Some(certificate);
        assert_eq!(gets_in(&server, settings).await, Ok(()), "{kind} as text");
    }
}

#[tokio::test]
async fn a_certificate_for_another_is_refused_and_named() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start_with("", |folder| authority_server(folder, "ed25519", "somebody-else"));
    let mut settings = server.settings();
    settings.login.private_key_files = vec!["signed".into()];
    let error = gets_in(&server, settings.clone()).await.expect_err("is another's").to_string();
    assert!(error.contains("with its certificate"), "{error}");
    settings.login.private_key_files = vec!["user_ed25519".into()];
    settings.login.certificate = Some(server.text("signed-cert.pub"));
    let error = gets_in(&server, settings).await.expect_err("is not authorized").to_string();
    assert!(error.contains("`certificate` belongs to none of the keys"), "{error}");
}
