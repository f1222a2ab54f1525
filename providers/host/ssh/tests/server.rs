//! A real sshd on a port of this machine, with its own keys and configuration.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::connection::{Raise, Target};
use crate::settings::{Credential, Limits, Settings, Trust, UnknownHost};
use crate::ssh::{Servers, Ssh};
use crate::transport::{Transport, TransportError};

/// A running sshd; ends when dropped.
pub(super) struct Server {
    pub folder: TempDir,
    pub port: u16,
    child: Child,
    log: Arc<Mutex<String>>,
}

const SSHD: &str = "/usr/sbin/sshd";

/// Whether sshd is here. Where it is not, says so, and fails where it could have been installed.
pub(super) fn sshd_is_here() -> bool {
    let here = Path::new(SSHD).exists();
    if !here {
        assert!(std::env::var_os("CI").is_none(), "{SSHD} is missing: install openssh-server");
        eprintln!("{SSHD} is missing: the tests against a real server are left out");
    }
    here
}

impl Server {
    /// Starts a server that lets this user in by `user_ed25519`, with more lines of `sshd_config`.
    pub(super) fn start(config: &str) -> Self {
        Self::start_with(config, |_| String::new())
    }

    /// The same, with lines that depend on the server's folder.
    pub(super) fn start_with(config: &str, more: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path();
        for kind in ["ed25519", "ecdsa"] {
            keygen(path, &format!("host_{kind}"), &["-t", kind]);
        }
        for name in ["host_rsa", "host_rsa.pub"] {
            fs::copy(rsa_key().path().join(name), path.join(name)).expect("is copied");
        }
        keygen(path, "user_ed25519", &["-t", "ed25519"]);
        fs::copy(path.join("user_ed25519.pub"), path.join("authorized_keys")).expect("is written");
        let more = more(path);
        // sshd separates privileges into a folder that only a service manager makes.
        let _ = fs::create_dir_all("/run/sshd");
        let port = free_port();
        let place = path.display();
        let keys = if more.contains("HostKey ") || config.contains("HostKey ") {
            String::new()
        } else {
            format!("HostKey {place}/host_ed25519\nHostKey {place}/host_ecdsa\nHostKey {place}/host_rsa\n")
        };
        let text = format!(
            "{config}\n{more}\nListenAddress 127.0.0.1\nPort {port}\n{keys}AuthorizedKeysFile {place}/authorized_keys\n\
             PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n"
        );
        fs::write(path.join("sshd_config"), text).expect("is written");
        let mut child = Command::new(SSHD)
            .args(["-D", "-e", "-f"])
            .arg(path.join("sshd_config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sshd starts");
        let log = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("is piped"));
        let mut line = String::new();
        while !line.contains("Server listening") {
            line.clear();
            assert!(
                lines.read_line(&mut line).expect("sshd speaks") > 0,
                "sshd ended: {}",
                log.lock().expect("ok")
            );
            log.lock().expect("ok").push_str(&line);
        }
        let sink = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut log = sink.lock().expect("ok");
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { folder, port, child, log }
    }

    pub(super) fn log(&self) -> String {
        self.log.lock().expect("ok").clone()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("is there")
    }

    /// The `known_hosts` line for one of its host keys.
    pub(super) fn known(&self, kind: &str) -> String {
        format!("[127.0.0.1]:{} {}", self.port, self.text(&format!("host_{kind}.pub")))
    }

    pub(super) fn target(&self) -> Target {
        Target { user: Some(user()), address: "127.0.0.1".into(), port: Some(self.port), ..Target::default() }
    }

    /// Settings that log in by `user_ed25519` and know the Ed25519 host key.
    pub(super) fn settings(&self) -> Settings {
        let mut settings = bare_settings(self.folder.path());
        settings.login.private_key_files = vec![self.file("user_ed25519")];
        settings.trust.known_hosts_text = Some(self.known("ed25519"));
        settings
    }

    /// Ends the processes that serve connections, not the one that listens.
    pub(super) fn kill_connections(&self) {
        let id = self.child.id().to_string();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("is there");
        for child in children.split_ascii_whitespace() {
            kill(child);
            let grandchildren =
                fs::read_to_string(format!("/proc/{child}/task/{child}/children")).unwrap_or_default();
            for grandchild in grandchildren.split_ascii_whitespace() {
                kill(grandchild);
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill_connections();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends a process, unless it has ended by itself.
fn kill(id: &str) {
    let _ = Command::new("kill").args(["-9", id]).stderr(Stdio::null()).status();
}

/// Makes a key pair in a folder.
pub(super) fn keygen(folder: &Path, name: &str, arguments: &[&str]) {
    let passphrase: &[&str] = if arguments.contains(&"-N") { &[] } else { &["-N", ""] };
    run("ssh-keygen", &[&["-q", "-f", name, "-C", name], passphrase, arguments].concat(), folder);
}

/// An RSA host key that all servers share: making one takes longer than most tests.
fn rsa_key() -> &'static TempDir {
    static KEY: OnceLock<TempDir> = OnceLock::new();
    KEY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room");
        keygen(folder.path(), "host_rsa", &["-t", "rsa", "-b", "2048"]);
        folder
    })
}

/// Runs a program that must end well.
pub(super) fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.expect("the program is here");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a port");
    listener.local_addr().expect("is bound").port()
}

pub(super) fn user() -> String {
    run("id", &["-un"], Path::new("/")).trim().to_owned()
}

/// Settings that know no host and no key.
pub(super) fn bare_settings(folder: &Path) -> Settings {
    Settings {
        login: Credential::default(),
        credentials: std::collections::BTreeMap::new(),
        trust: Trust { known_hosts: Vec::new(), known_hosts_text: None, unknown: UnknownHost::Refuse },
        ssh_config: None,
        lost: Vec::new(),
        raise: Raise::None,
        limits: Limits {
            connect_timeout: Duration::from_secs(10),
            keepalive: Duration::from_secs(5),
            sessions: 8,
            startups: 8,
            script_timeout: Duration::from_mins(1),
        },
        home: Some(folder.to_owned()),
        working_dir: folder.to_owned(),
        agent_socket: None,
        clock: Arc::new(now),
    }
}

/// The transport to a server by settings of its own.
pub(super) fn ssh(target: &Target, settings: Settings) -> Ssh {
    Servers::new(Arc::new(settings)).get(target)
}

/// What a command answers.
pub(super) async fn output(
    ssh: &Ssh,
    command: &str,
    input: &[u8],
) -> Result<(Option<i32>, String, String), TransportError> {
    let mut process = ssh.open(command).await?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let feed = async {
        let _ = process.stdin.write_all(input).await;
        let _ = process.stdin.shutdown().await;
    };
    let ((), one, other) =
        tokio::join!(feed, process.stdout.read_to_end(&mut out), process.stderr.read_to_end(&mut err));
    let status = process.ended.await?;
    one.and(other).expect("streams end well when the process does");
    let text = |bytes| String::from_utf8(bytes).expect("is text");
    Ok((status, text(out), text(err)))
}

/// The real time: certificates of these tests are made by ssh-keygen, which uses it.
#[expect(clippy::disallowed_methods, reason = "a real server's clock is the machine's")]
fn now() -> SystemTime {
    SystemTime::now()
}
