//! Servers and links that fail: each in its own words, none for ever.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until, timeout};

use super::server::{Server, bare_settings, free_port, output, ssh, sshd_is_here};
use crate::connection::Target;
use crate::settings::Settings;
use crate::ssh::Servers;
use crate::transport::{Transport, TransportError};

const LONG: Duration = Duration::from_mins(1);

/// Settings that wait for a second at most.
fn hasty() -> Settings {
    let mut settings = bare_settings(std::path::Path::new("/"));
    settings.limits.connect_timeout = Duration::from_secs(1);
    settings.login.password = Some("secret".into());
    settings
}

fn at(port: u16) -> Target {
    Target { user: Some("ann".into()), address: "127.0.0.1".into(), port: Some(port), ..Target::default() }
}

/// A peer that says these bytes to all who come and then waits, or closes.
async fn peer(says: &'static [u8], stays: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
    let port = listener.local_addr().expect("is bound").port();
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let _ = stream.write_all(says).await;
                if stays {
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                }
            });
        }
    });
    (port, visits)
}

#[tokio::test]
async fn peers_that_are_no_servers_are_named() {
    let long: &'static [u8] = Box::leak(vec![b'x'; 100_000].into_boxed_slice());
    let table: [(&str, &'static [u8], bool, &str); 8] = [
        ("silence", b"", true, "did not answer within 1 s (waiting for its greeting)"),
        ("a greeting and silence", b"SSH-2.0-mute\r\n", true, "did not answer within 1 s (exchanging keys)"),
        ("half a greeting", b"SSH-2.0", true, "did not answer within 1 s (exchanging keys)"),
        (
            "a web server",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            false,
            "it began with \"HTTP/1.1 400 Bad Request\"",
        ),
        (
            "a line without end",
            long,
            true,
            "its first line is not that of an SSH server; it began with \"xxx",
        ),
        ("an end at once", b"", false, "cannot be reached"),
        ("an old server", b"SSH-1.5-old\r\n", true, "did not answer within 1 s (exchanging keys)"),
        (
            "rubbish after the greeting",
            b"SSH-2.0-odd\r\n\xff\xff\xff\xff rubbish rubbish rubbish",
            true,
            "no part of the protocol",
        ),
    ];
    for (why, says, stays, expected) in table {
        let (port, _) = peer(says, stays).await;
        let error = timeout(LONG, ssh(&at(port), hasty()).open("true")).await.expect("ends");
        let error = error.err().expect(why).to_string();
        assert!(error.contains(expected), "{why}: {error}");
        assert!(error.starts_with(&format!("127.0.0.1:{port} ")), "{why}: {error}");
    }
}

#[tokio::test]
async fn nobody_there_is_tried_a_few_times() {
    let port = free_port();
    let begun = Instant::now();
    let error = ssh(&at(port), hasty()).open("true").await.err().expect("nobody is there");
    assert!(matches!(error, TransportError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(begun.elapsed() > Duration::from_millis(300), "with pauses");
    let (port, visits) = peer(b"", false).await;
    let transport = ssh(&at(port), hasty());
    // All that wait share the attempts.
    let opens = futures::future::join_all((0..5).map(|_| transport.open("true"))).await;
    assert!(opens.iter().all(|open| matches!(open, Err(TransportError::Unreachable { .. }))));
    assert_eq!(visits.load(Ordering::Relaxed), 3);
    let silent = peer(b"", true).await;
    let error = ssh(&at(silent.0), hasty()).open("true").await.err().expect("is silent");
    assert!(matches!(error, TransportError::TimedOut { .. }), "{error:?}");
    assert_eq!(silent.1.load(Ordering::Relaxed), 1, "who is silent is not asked again at once");
}

#[tokio::test]
async fn a_name_that_is_none_is_said_to_be() {
    let target = Target { address: "host.invalid".into(), ..at(22) };
    let error = ssh(&target, hasty()).open("true").await.err().expect("has no address");
    assert!(
        error.to_string().starts_with("host.invalid:22 cannot be reached: its name cannot be looked up"),
        "{error}"
    );
}

#[tokio::test]
async fn one_that_refuses_the_crowd_is_tried_again() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxStartups 1:100:1\nLoginGraceTime 30");
    // Someone else takes the only place for a while.
    let mut other = TcpStream::connect(("127.0.0.1", server.port)).await.expect("is there");
    other.read_exact(&mut [0; 4]).await.expect("greets");
    let release = async {
        sleep(Duration::from_millis(300)).await;
        drop(other);
    };
    let ssh = ssh(&server.target(), server.settings());
    let (answer, ()) = tokio::join!(output(&ssh, "echo in", b""), release);
    assert_eq!(answer.map(|(_, out, _)| out), Ok("in\n".into()), "{}", server.log());
}

#[tokio::test]
async fn a_connection_that_is_killed_is_lost_and_made_again() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let mut process = ssh.open("echo begun; sleep 100").await.expect("starts");
    let mut line = [0; 6];
    process.stdout.read_exact(&mut line).await.expect("has begun");
    server.kill_connections();
    let ended = timeout(LONG, process.ended).await.expect("is noticed");
    assert!(matches!(ended, Err(TransportError::Lost { .. })), "{ended:?}");
    let rest = process.stdout.read_to_end(&mut Vec::new()).await;
    assert_eq!(rest.expect_err("is cut").kind(), std::io::ErrorKind::ConnectionReset);
    process.stdin.write_all(&vec![0; 1 << 20]).await.expect_err("nobody takes it");
    assert_eq!(output(&ssh, "echo again", b"").await.map(|(_, out, _)| out), Ok("again\n".into()));
    // Lost while nobody looks.
    server.kill_connections();
    assert_eq!(output(&ssh, "echo again", b"").await.map(|(_, out, _)| out), Ok("again\n".into()));
}

#[tokio::test]
async fn hosts_that_are_down_do_not_hold_up_the_others() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let mut settings = server.settings();
    settings.limits.startups = 1;
    settings.limits.connect_timeout = Duration::from_secs(30);
    let (silent, _) = peer(b"", true).await;
    let servers = Servers::new(Arc::new(settings));
    let (down, up) = (servers.get(&at(silent)), servers.get(&server.target()));
    let waiting = tokio::spawn(async move { down.open("true").await.err() });
    sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    let answer = output(&up, "echo in", b"").await;
    assert_eq!(answer.map(|(_, out, _)| out), Ok("in\n".into()));
    assert!(begun.elapsed() < Duration::from_secs(20) && !waiting.is_finished());
    waiting.abort();
}

/// A link between us and a server: as long as we like, and it can be cut.
struct Cable {
    port: u16,
    cut: Arc<AtomicBool>,
    /// How often we had to speak after the server did: round trips.
    turns: Arc<AtomicUsize>,
}

impl Cable {
    async fn lay(to: u16, delay: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
        let port = listener.local_addr().expect("is bound").port();
        let cut = Arc::new(AtomicBool::new(false));
        let turns = Arc::new(AtomicUsize::new(0));
        let cable = Self { port, cut: Arc::clone(&cut), turns: Arc::clone(&turns) };
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], to))).await.expect("is there");
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                let heard = Arc::new(AtomicBool::new(true));
                let meter = Meter { heard, turns: Arc::clone(&turns) };
                tokio::spawn(carry(
                    near_read,
                    far_write,
                    delay,
                    Arc::clone(&cut),
                    Direction::Up(meter.clone()),
                ));
                tokio::spawn(carry(far_read, near_write, delay, Arc::clone(&cut), Direction::Down(meter)));
            }
        });
        cable
    }
}

/// Counts round trips.
#[derive(Clone)]
struct Meter {
    /// Whether the server has spoken since we did.
    heard: Arc<AtomicBool>,
    turns: Arc<AtomicUsize>,
}

enum Direction {
    Up(Meter),
    Down(Meter),
}

impl Direction {
    fn sent(&self) {
        if let Self::Up(meter) = self
            && meter.heard.swap(false, Ordering::Relaxed)
        {
            meter.turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn arrived(&self) {
        if let Self::Down(meter) = self {
            meter.heard.store(true, Ordering::Relaxed);
        }
    }
}

/// Carries bytes that arrive after the delay. When the cable is cut, it takes nothing and gives nothing, without a word.
async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay: Duration,
    cut: Arc<AtomicBool>,
    direction: Direction,
) {
    let direction = Arc::new(direction);
    let arriving = Arc::clone(&direction);
    let (send, mut receive) = mpsc::channel::<(tokio::time::Instant, Vec<u8>)>(64);
    let isolated = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Some((due, bytes)) = receive.recv().await {
            sleep_until(due).await;
            if isolated.load(Ordering::Relaxed) || to.write_all(&bytes).await.is_err() {
                std::future::pending::<()>().await;
            }
            arriving.arrived();
        }
    });
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(n) if n > 0 && !cut.load(Ordering::Relaxed) => {
                direction.sent();
                let _ = send.send((tokio::time::Instant::now() + delay, buffer[..n].to_vec())).await;
            }
            _ if cut.load(Ordering::Relaxed) => std::future::pending().await,
            _ => return,
        }
    }
}

/// The settings for a server behind a cable, whose port is another.
fn behind(server: &Server, cable: &Cable) -> (Target, Settings) {
    let target = Target { port: Some(cable.port), ..server.target() };
    let mut settings = server.settings();
    settings.trust.known_hosts_text = Some(format!("127.0.0.1 {}", server.text("host_ed25519.pub")));
    (target, settings)
}

#[tokio::test]
async fn a_cut_link_is_noticed_while_idle_and_while_sending() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    for sending in [false, true] {
        let cable = Cable::lay(server.port, Duration::ZERO).await;
        let (target, mut settings) = behind(&server, &cable);
        settings.limits.keepalive = Duration::from_millis(200);
        let ssh = ssh(&target, settings);
        let mut process = ssh.open("cat >/dev/null").await.expect("starts");
        process.stdin.write_all(b"x").await.expect("is taken");
        sleep(Duration::from_millis(1500)).await;
        assert!(
            timeout(Duration::from_millis(10), &mut process.ended).await.is_err(),
            "silence alone is no loss"
        );
        cable.cut.store(true, Ordering::Relaxed);
        let mut stdin = process.stdin;
        let flood = tokio::spawn(async move {
            while sending && stdin.write_all(&vec![0; 65536]).await.is_ok() {}
            stdin
        });
        let begun = Instant::now();
        let ended = timeout(LONG, process.ended).await.expect("is noticed");
        assert!(matches!(ended, Err(TransportError::Lost { .. })), "{ended:?}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        timeout(LONG, flood).await.expect("writes end, too").expect("well");
    }
}

#[tokio::test]
async fn few_round_trips_lie_between_connecting_and_the_first_output() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let cable = Cable::lay(server.port, Duration::from_millis(100)).await;
    let (target, settings) = behind(&server, &cable);
    let ssh = ssh(&target, settings);
    let mut process = ssh.open("cat").await.expect("starts");
    process.stdin.write_all(b"hello").await.expect("is taken");
    process.stdout.read_exact(&mut [0; 5]).await.expect("comes back");
    // Greeting, key lists (half a round trip later), keys, service, key probe, signature, channel, command and input; the
    // server's list of extensions may come in between.
    let first = cable.turns.swap(0, Ordering::Relaxed);
    assert!((7..=9).contains(&first), "we spoke {first} times before the first output");
    let mut process = ssh.open("cat").await.expect("starts");
    process.stdin.write_all(b"hello").await.expect("is taken");
    process.stdout.read_exact(&mut [0; 5]).await.expect("comes back");
    let next = cable.turns.load(Ordering::Relaxed);
    assert!(next <= 3, "we spoke {next} times for one more process");
}
