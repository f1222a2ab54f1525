//! Hosts behind other hosts.

use std::fs;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::server::{Server, output, ssh, sshd_is_here};
use crate::connection::Target;
use crate::settings::{Credential, Settings};
use crate::ssh::Servers;
use crate::transport::{Local, Transport, TransportError};

/// Settings with a credential for each server, named by its place.
fn settings(servers: &[&Server]) -> Settings {
    let mut settings = servers[0].settings();
    settings.login = Credential::default();
    let known: String = servers.iter().map(|server| server.known("ed25519")).collect();
    settings.trust.known_hosts_text = Some(known);
    for (i, server) in servers.iter().enumerate() {
        let credential =
            Credential { private_key_files: vec![server.file("user_ed25519")], ..Credential::default() };
        settings.credentials.insert(i.to_string(), credential);
    }
    settings
}

fn with_credential(server: &Server, i: usize) -> Target {
    Target { credential: Some(i.to_string()), ..server.target() }
}

#[tokio::test]
async fn two_jump_hosts_with_keys_of_their_own_lead_to_a_host() {
    if !sshd_is_here() {
        return;
    }
    let servers = [Server::start(""), Server::start(""), Server::start("")];
    let settings = settings(&[&servers[0], &servers[1], &servers[2]]);
    let jumps = vec![with_credential(&servers[0], 0), with_credential(&servers[1], 1)];
    let target = Target { jumps, ..with_credential(&servers[2], 2) };
    let ssh = ssh(&target, settings);
    let answer = output(&ssh, "cat; echo $SSH_CONNECTION", b"through ").await.expect("answers");
    assert!(
        answer.1.starts_with("through 127.0.0.1 ") && answer.1.trim().ends_with(&servers[2].port.to_string()),
        "{answer:?}"
    );
    // Much of both ways.
    let input = vec![b'z'; 4 << 20];
    let (_, out, _) = output(&ssh, "cat", &input).await.expect("answers");
    assert_eq!(out.len(), input.len());
    for server in &servers {
        assert_eq!(server.log().matches("Accepted publickey").count(), 1);
    }
    assert!(!servers[0].log().contains("Starting session"), "nothing is started on a jump host");
}

#[tokio::test]
async fn hosts_behind_one_jump_host_share_its_connection() {
    if !sshd_is_here() {
        return;
    }
    let servers = [Server::start(""), Server::start(""), Server::start("")];
    let mut settings = settings(&[&servers[0], &servers[1], &servers[2]]);
    // One place for all that is made at once: who waits for a jump host must not hold it.
    settings.limits.startups = 1;
    let pool = Servers::new(Arc::new(settings));
    let jumps = vec![with_credential(&servers[0], 0)];
    let behind: Vec<_> = [1, 2]
        .iter()
        .map(|i| pool.get(&Target { jumps: jumps.clone(), ..with_credential(&servers[*i], *i) }))
        .collect();
    let bastion = pool.get(&with_credential(&servers[0], 0));
    let (one, two, own) = tokio::join!(
        output(&behind[0], "echo 1", b""),
        output(&behind[1], "echo 2", b""),
        output(&bastion, "echo 0", b""),
    );
    let texts = [one, two, own].map(|answer| answer.expect("answers").1);
    assert_eq!(texts, ["1\n", "2\n", "0\n"]);
    assert_eq!(servers[0].log().matches("Accepted publickey").count(), 1, "{}", servers[0].log());
    // The jump host's own transport is closed; the way through it stays.
    bastion.close().await;
    assert_eq!(output(&behind[0], "echo 1", b"").await.map(|(_, out, _)| out), Ok("1\n".into()));
    assert_eq!(servers[1].log().matches("Accepted publickey").count(), 1, "its connection was kept");
    // The jump host's connection is lost, and with it those through it: all are made again.
    servers[0].kill_connections();
    let (one, two) = tokio::join!(output(&behind[0], "echo 1", b""), output(&behind[1], "echo 2", b""));
    assert_eq!(one.and(two).map(|(_, out, _)| out), Ok("2\n".into()));
}

#[tokio::test]
async fn servers_are_reached_through_hosts() {
    if !sshd_is_here() {
        return;
    }
    let (jump, host, strict) = (Server::start(""), Server::start(""), Server::start("AllowTcpForwarding no"));
    let settings = settings(&[&jump, &host, &strict]);
    // A server that only answers who comes from a host: it says what it was told, turned around.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
    let port = listener.local_addr().expect("is bound").port();
    let served = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.expect("somebody comes");
            let mut told = Vec::new();
            stream.read_to_end(&mut told).await.expect("is told");
            told.reverse();
            stream.write_all(&told).await.expect("is heard");
        }
    });
    let told: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n % 251).unwrap_or_default()).collect();
    let behind = Target { jumps: vec![with_credential(&jump, 0)], ..with_credential(&host, 1) };
    let ssh_behind = ssh(&behind, settings.clone());
    let local = Local::machine();
    for transport in [&ssh_behind as &dyn Transport, &local] {
        let (mut reading, mut writing) =
            tokio::io::split(transport.dial("127.0.0.1", port).await.expect("is reached"));
        let mut heard = Vec::new();
        let tell = async {
            writing.write_all(&told).await.expect("takes it");
            writing.shutdown().await.expect("ends");
        };
        let (_, read) = tokio::join!(tell, reading.read_to_end(&mut heard));
        read.expect("answers");
        heard.reverse();
        assert!(heard == told, "{} of {} bytes came back", heard.len(), told.len());
    }
    served.await.expect("ends well");
    // The same connection serves scripts, and so it does after one to a server.
    assert_eq!(output(&ssh_behind, "echo in", b"").await.map(|(_, out, _)| out), Ok("in\n".into()));
    assert_eq!(host.log().matches("Accepted publickey").count(), 1);
    // A connection that was lost is made again.
    host.kill_connections();
    let free = super::server::free_port();
    let error = ssh_behind.dial("127.0.0.1", free).await.err().expect("nobody listens").to_string();
    assert!(error.contains(&format!("127.0.0.1:{free} cannot be reached: ")), "{error}");
    assert_eq!(host.log().matches("Accepted publickey").count(), 2);
    let strict = ssh(&with_credential(&strict, 2), settings.clone());
    let error = strict.dial("127.0.0.1", port).await.err().expect("is not allowed").to_string();
    assert!(error.contains("it forwards nothing to 127.0.0.1"), "{error}");
    let root = Local::root(jump.file("root"));
    let error = root.dial("127.0.0.1", port).await.err().expect("runs nothing").to_string();
    assert!(error.contains("root does not do what was asked of it: it is a folder"), "{error}");
}

#[tokio::test]
async fn what_fails_on_the_way_is_named() {
    if !sshd_is_here() {
        return;
    }
    let (jump, strict, host) = (Server::start(""), Server::start("AllowTcpForwarding no"), Server::start(""));
    let settings = settings(&[&jump, &strict, &host]);
    let through = |jump: Target, target: Target| Target { jumps: vec![jump], ..target };
    let nobody = Target { port: Some(super::server::free_port()), ..with_credential(&host, 2) };
    let wrong = Target { credential: Some("2".into()), ..jump.target() };
    let unknown = Target { host_keys: vec![host.text("host_ed25519.pub")], ..with_credential(&jump, 0) };
    let table = [
        (
            "nobody behind it",
            through(with_credential(&jump, 0), nobody),
            format!("127.0.0.1:{} cannot connect to it", jump.port),
        ),
        (
            "a jump host that forwards nothing",
            through(with_credential(&strict, 1), with_credential(&host, 2)),
            format!("127.0.0.1:{} does not do what was asked of it: it forwards nothing", strict.port),
        ),
        (
            "a jump host that lets us not in",
            through(wrong, with_credential(&host, 2)),
            format!("@127.0.0.1:{} refused to log us in", jump.port),
        ),
        (
            "a jump host with another key",
            through(unknown, with_credential(&host, 2)),
            format!("The host key of 127.0.0.1:{} is not the one", jump.port),
        ),
    ];
    for (why, target, expected) in table {
        let error = ssh(&target, settings.clone()).open("true").await.err().expect(why).to_string();
        assert!(error.contains(&expected), "{why}: {error}");
    }
    let unknown = Target { credential: Some("7".into()), ..host.target() };
    match ssh(&unknown, settings).open("true").await.err() {
        Some(TransportError::Settings(text)) => {
            assert!(text.contains("does not have (it has 0, 1, 2)"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_ssh_configuration_leads_through_jump_hosts() {
    if !sshd_is_here() {
        return;
    }
    let (jump, host) = (Server::start(""), Server::start(""));
    let config = format!(
        "Host web\n HostName 127.0.0.1\n Port {}\n ProxyJump bastion\n IdentityFile {}\nHost bastion\n HostName 127.0.0.1\n Port {}\n IdentityFile {}\n",
        host.port,
        host.file("user_ed25519").display(),
        jump.port,
        jump.file("user_ed25519").display(),
    );
    fs::write(jump.file("config"), config).expect("is written");
    let mut settings = settings(&[&jump, &host]);
    settings.ssh_config = Some(jump.file("config"));
    let target = Target { address: "web".into(), ..Target::default() };
    let answer = output(&ssh(&target, settings.clone()), "echo in", b"").await;
    assert_eq!(answer.map(|(_, out, _)| out), Ok("in\n".into()));
    assert!(jump.log().contains("Accepted publickey"));
    settings.ssh_config = Some(jump.file("absent"));
    let error = ssh(&target, settings).open("true").await.err().expect("is missing").to_string();
    assert!(error.contains("/absent cannot be read: No such file"), "{error}");
}
