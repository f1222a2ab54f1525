//! Processes: many at once, big ones, slow ones, dropped ones.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::Digest as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::server::{Server, output, ssh, sshd_is_here};
use crate::connection::{Connection, Raise, Way};
use crate::session::{Host, Link, Script};
use crate::ssh::Ssh;
use crate::transport::{Transport, TransportError};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn five_processes_run_where_the_server_grants_two() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxSessions 2");
    let ssh = ssh(&server.target(), server.settings());
    let commands: Vec<_> = (0..5).map(|i| format!("sleep 0.3; echo {i}")).collect();
    let runs = commands.iter().map(|command| output(&ssh, command, b""));
    let answers = timeout(LONG, futures::future::join_all(runs)).await.expect("none waits for ever");
    for (i, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, Ok((Some(0), format!("{i}\n"), String::new())));
    }
    assert_eq!(server.log().matches("Accepted publickey").count(), 1, "all on one connection");
    // Again, now that the limit is known: what does not fit is not asked for in vain. sshd counts a session until it has
    // reaped its process, so first all must have been.
    let count = |words: &str| server.log().matches(words).count();
    while count("Starting session:") > count("Close session:") {
        sleep(Duration::from_millis(20)).await;
    }
    let refused = count("no more sessions");
    assert!(refused > 0, "{}", server.log());
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut process = ssh.open("cat").await.expect("starts");
        process.stdin.write_all(b"x").await.expect("is taken");
        process.stdout.read_exact(&mut [0]).await.expect("comes back");
        open.push(process);
    }
    let runs = commands.iter().take(3).map(|command| output(&ssh, command, b""));
    let mut waiting = pin!(futures::future::join_all(runs));
    assert!(timeout(Duration::from_secs(1), &mut waiting).await.is_err(), "nothing is free");
    assert_eq!(count("no more sessions"), refused, "{}", server.log());
    drop(open);
    let answers = timeout(LONG, waiting).await.expect("none waits for ever");
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(count("Accepted publickey"), 1, "all on one connection");
}

#[tokio::test]
async fn our_own_limit_is_kept() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxSessions 2");
    let mut settings = server.settings();
    settings.limits.sessions = 2;
    let ssh = ssh(&server.target(), settings);
    let runs = (0..6).map(|_| output(&ssh, "sleep 0.1", b""));
    let answers = timeout(LONG, futures::future::join_all(runs)).await.expect("none waits for ever");
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn changes_share_the_shells_that_a_server_grants() {
    if !sshd_is_here() {
        return;
    }
    for most in [1, 2] {
        let server = Server::start(&format!("MaxSessions {most}"));
        let connection =
            Connection { way: Way::Ssh(server.target()), raise: Some(Raise::None), machine: None };
        let transport = Box::new(ssh(&server.target(), server.settings()));
        let name = ("it".to_owned(), String::new());
        let link = Link::new(name, transport, (Raise::None, None), server.settings().limits);
        let host = Host::new(Arc::new(link), connection);
        let changes = (0..12).map(|i| host.run(Script::change(&format!("sleep 0.05; echo {i}"))));
        let answers = timeout(LONG, futures::future::join_all(changes)).await.expect("none waits for ever");
        for (i, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.expect("it runs").text(), format!("{i}\n"), "MaxSessions {most}");
        }
    }
}

#[tokio::test]
async fn a_server_that_grants_no_session_is_named() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxSessions 0");
    let error = output(&ssh(&server.target(), server.settings()), "true", b"").await.expect_err("is refused");
    let TransportError::Refused { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("grants no session"), "{reason}");
}

/// Reads with pauses; how many bytes, and whether they were what `yes` writes.
async fn read_slowly(mut stream: impl tokio::io::AsyncRead + Unpin, pause_every: usize) -> usize {
    let (mut total, mut since) = (0, 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = stream.read(&mut buffer).await.expect("ends well");
        if n == 0 {
            return total;
        }
        assert!(buffer[..n].iter().all(|byte| *byte == b'x'), "content is what was sent");
        total += n;
        since += n;
        if since >= pause_every {
            since = 0;
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn large_output_reaches_a_slow_reader_whole_and_is_not_piled_up() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let size = 50 << 20;
    let command = format!("head -c {size} /dev/zero | tr '\\0' x; echo done >&2");
    let mut process = ssh.open(&command).await.expect("starts");
    // Nobody reads: what has come by now is what is held, here and on the way.
    sleep(Duration::from_secs(2)).await;
    let mut ended = process.ended;
    assert!(timeout(Duration::from_millis(10), &mut ended).await.is_err(), "the host is held back");
    let (total, err) = tokio::join!(read_slowly(process.stdout, 1 << 20), async {
        let mut text = String::new();
        process.stderr.read_to_string(&mut text).await.expect("ends well");
        text
    });
    assert_eq!((total, err.as_str()), (size, "done\n"));
    assert_eq!(ended.await, Ok(Some(0)));
}

#[tokio::test]
async fn large_input_arrives_whole() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let input: Vec<u8> = (0..20_u32 << 20).map(|i| (i % 251) as u8).collect();
    let digest = sha2::Sha256::digest(&input);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = output(&ssh, "sha256sum; cat /dev/null", &input).await;
    assert_eq!(answer, Ok((Some(0), format!("{hex}  -\n"), String::new())));
    // Input that is not read to its end does not hang anything.
    let answer = timeout(LONG, output(&ssh, "head -c 5 >/dev/null; exit 4", &input)).await.expect("ends");
    assert_eq!(answer.map(|(status, ..)| status), Ok(Some(4)));
}

#[tokio::test]
async fn both_streams_and_input_flow_at_once() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let input = vec![b'y'; 8 << 20];
    let (status, out, err) = output(&ssh, "tee /dev/stderr", &input).await.expect("runs");
    assert_eq!((status, out.len(), err.len()), (Some(0), input.len(), input.len()));
}

/// Waits until a command says something.
async fn until(ssh: &Ssh, command: &str, expected: &str) {
    let begun = Instant::now();
    loop {
        let (_, out, _) = output(ssh, command, b"").await.expect("runs");
        if out.trim() == expected {
            return;
        }
        assert!(begun.elapsed() < LONG, "{command} says {out:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_dropped_process_loses_its_channel_and_gives_its_slot_back() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let mut settings = server.settings();
    settings.limits.sessions = 1;
    let ssh = ssh(&server.target(), settings);
    let gone = server.file("gone");
    // It ends by the end of its input, which only a closed channel is.
    let process = ssh.open(&format!("cat; touch {}", gone.display())).await.expect("starts");
    drop(process);
    until(&ssh, &format!("ls {}", gone.display()), &gone.display().to_string()).await;
    // Only what tells of the end was dropped: the same.
    let process = ssh.open("cat").await.expect("starts");
    let mut stdout = process.stdout;
    drop(process.ended);
    let error = stdout.read_to_end(&mut Vec::new()).await.expect_err("is no clean end");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    timeout(LONG, output(&ssh, "true", b"")).await.expect("the slot is free").expect("runs");
}

#[tokio::test]
async fn a_process_whose_children_live_on_has_ended() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let mut settings = server.settings();
    settings.limits.sessions = 1;
    let ssh = ssh(&server.target(), settings);
    let process = ssh.open("sleep 30 & echo started").await.expect("starts");
    let mut stdout = process.stdout;
    let mut line = [0; 8];
    stdout.read_exact(&mut line).await.expect("is said");
    assert_eq!(&line, b"started\n");
    assert_eq!(timeout(LONG / 4, process.ended).await, Ok(Ok(Some(0))));
    drop((stdout, process.stderr));
    timeout(LONG / 4, output(&ssh, "true", b""))
        .await
        .expect("nobody reads the child: the slot is free")
        .expect("runs");
}

#[tokio::test]
async fn closing_ends_processes_and_the_next_one_connects_again() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let mut process = ssh.open("cat").await.expect("starts");
    process.stdin.write_all(b"x").await.expect("is taken");
    process.stdout.read_exact(&mut [0]).await.expect("comes back");
    timeout(LONG, ssh.close()).await.expect("closes");
    let ended = timeout(LONG, process.ended).await.expect("ends");
    assert!(matches!(ended, Err(TransportError::Lost { .. })), "{ended:?}");
    assert_eq!(output(&ssh, "echo again", b"").await.map(|(_, out, _)| out), Ok("again\n".into()));
    assert_eq!(server.log().matches("Accepted publickey").count(), 2);
}

#[tokio::test]
async fn a_server_that_goes_on_refusing_is_not_asked_for_ever() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("MaxSessions 2");
    let mut settings = server.settings();
    settings.limits.connect_timeout = Duration::from_secs(3);
    let ssh = ssh(&server.target(), settings);
    let mut open = Vec::new();
    // sshd counts what goes on after its channel was closed.
    for command in ["echo in; exec sleep 30 <&- >&- 2>&-", "echo in; exec cat"] {
        let mut process = ssh.open(command).await.expect("starts");
        process.stdout.read_exact(&mut [0; 3]).await.expect("is there");
        open.push(process);
    }
    drop(open.remove(0));
    let another = timeout(Duration::from_secs(20), ssh.open("true")).await.expect("ends");
    let error = another.err().expect("no more is granted");
    assert!(matches!(error, TransportError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("grants no session"), "{error}");
}
