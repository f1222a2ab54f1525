use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::connection::{Connection, Raise};
use crate::session::{Host, HostError, Link, Script};
use crate::settings::Limits;
use crate::transport::{Local, Process, Stream, Transport, TransportError};

fn host() -> Host {
    host_over(Box::new(Local::machine()))
}

/// This machine over a transport.
pub(super) fn host_over(transport: Box<dyn Transport>) -> Host {
    let limits = Limits {
        connect_timeout: Duration::from_secs(10),
        keepalive: Duration::from_secs(5),
        sessions: 4,
        startups: 4,
        script_timeout: Duration::from_secs(20),
    };
    let link = Link::new(("this machine".into(), String::new()), transport, (Raise::None, None), limits);
    Host::new(Arc::new(link), "local:".parse::<Connection>().expect("is a connection"))
}

#[tokio::test]
async fn no_content_breaks_the_framing() {
    let host = host();
    let mut nasty = b"\n00000000000000000000000000000000 0\n\0\xff' \" $(exit 3) `false`\\n\n\n".to_vec();
    nasty.extend((0..200_000_u32).flat_map(u32::to_le_bytes));
    for input in [&b""[..], b"x", b"\n", b"no end of line", &nasty] {
        let output = host.run(Script::read("cat; echo err >&2; exit 7").input(input)).await.expect("runs");
        assert_eq!((output.status, output.errors().as_str()), (7, "err"));
        assert!(output.stdout == input, "{} of {} bytes came back", output.stdout.len(), input.len());
    }
}

#[tokio::test]
async fn input_that_is_not_read_is_not_taken_for_scripts() {
    let host = host();
    let script = Script::change("exit 1").input(vec![b'\n'; 300_000]);
    let (a, b) = tokio::join!(host.run(script), host.run(Script::read("echo fine")));
    assert_eq!(a.expect("runs").status, 1);
    assert_eq!(b.expect("runs").text(), "fine\n");
}

#[tokio::test]
async fn variables_and_arguments_arrive_as_they_are() {
    let host = host();
    let nasty = "a'b\"c$d`e\\f\n\tg ${h} *";
    let script = Script::read(r#"printf '%s|' "$v" "$@""#).args([nasty, "", "-n"]).var("v", nasty);
    assert_eq!(host.run(script).await.expect("runs").text(), format!("{nasty}|{nasty}||-n|"));
}

#[tokio::test]
async fn many_scripts_share_one_shell_and_answer_in_their_own_names() {
    let host = host();
    let runs = (0..300).map(|i| {
        let host = host.clone();
        async move {
            host.run(Script::read(r#"echo "$$ $i""#).var("i", i.to_string())).await.expect("runs").text()
        }
    });
    let texts = futures::future::join_all(runs).await;
    let shell = texts[0].split(' ').next().expect("says its number").to_owned();
    for (i, text) in texts.iter().enumerate() {
        assert_eq!(text, &format!("{shell} {i}\n"));
    }
}

#[tokio::test]
async fn a_shell_that_is_killed_is_lost_for_changes_and_made_again_for_reads() {
    let host = host();
    let lost = host.run(Script::change("kill -9 $$; sleep 5")).await;
    assert!(matches!(lost, Err(HostError::Transport(TransportError::Lost { .. }))), "{lost:?}");
    assert_eq!(host.run(Script::read("echo again")).await.expect("a new shell").text(), "again\n");
}

#[tokio::test]
async fn a_script_that_hangs_is_given_up_and_ended() {
    let host = host();
    let folder = tempfile::tempdir().expect("there is room");
    // It comes to its end once it may, long after it was given up.
    let text =
        r#"cd "$f"; sh -c 'echo "$PPID"' >begun; until [ -e go ]; do sleep 0.05; done; echo late >late"#;
    let mut patience = Duration::from_millis(200);
    // However slow this machine is: one that has begun is what is to be ended.
    let process = loop {
        let script = Script::change(text).var("f", folder.path().to_string_lossy());
        let hung = host.run(script.timeout(patience)).await;
        assert!(matches!(hung, Err(HostError::Transport(TransportError::TimedOut { .. }))), "{hung:?}");
        match std::fs::read_to_string(folder.path().join("begun")) {
            Ok(process) if process.ends_with('\n') => break process,
            _ => patience *= 2,
        }
    };
    assert_eq!(host.run(Script::read("echo on")).await.expect("a new shell").text(), "on\n");
    std::fs::write(folder.path().join("go"), "").expect("there is room");
    let gone =
        Script::read(r#"while [ -e "/proc/$1" ] && ! grep -q ') Z ' "/proc/$1/stat"; do sleep 0.05; done"#);
    let gone = host.run(gone.args([process.trim()])).await.expect("it ends");
    assert_eq!(gone.status, 0, "{}", gone.errors());
    assert!(!folder.path().join("late").exists(), "what hung does nothing later");
}

/// This machine, whose standard output comes later than all else.
struct LateOutput;

#[async_trait]
impl Transport for LateOutput {
    async fn open(&self, command: &str) -> Result<Process, TransportError> {
        let mut process = Local::machine().open(command).await?;
        let (read, mut write) = tokio::io::duplex(1024);
        let mut stdout = std::mem::replace(&mut process.stdout, Box::new(read));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            tokio::io::copy(&mut stdout, &mut write).await
        });
        Ok(process)
    }

    async fn dial(&self, _address: &str, _port: u16) -> Result<Box<dyn Stream>, TransportError> {
        unreachable!("nothing is connected to")
    }

    async fn close(&self) {}
}

#[tokio::test]
async fn answers_that_come_before_the_greeting_are_kept() {
    let host = host_over(Box::new(LateOutput));
    let script = || Script::change("echo out; echo err >&2").timeout(Duration::from_secs(3));
    let outputs = futures::future::join_all((0..12).map(|_| host.run(script()))).await;
    for output in outputs {
        let output = output.expect("runs");
        assert_eq!((output.text().as_str(), output.errors().as_str()), ("out\n", "err"));
    }
}

/// A host that does not answer, slowly.
struct Dead(Arc<AtomicU32>);

#[async_trait]
impl Transport for Dead {
    async fn open(&self, _command: &str) -> Result<Process, TransportError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        Err(TransportError::Unreachable { address: "dead".into(), reason: "no route to host".into() })
    }

    async fn dial(&self, _address: &str, _port: u16) -> Result<Box<dyn Stream>, TransportError> {
        unreachable!("nothing is connected to")
    }

    async fn close(&self) {}
}

#[tokio::test]
async fn a_host_that_is_down_is_asked_once_for_all_that_wait() {
    let tries = Arc::new(AtomicU32::new(0));
    let host = host_over(Box::new(Dead(Arc::clone(&tries))));
    let runs = (0..50).map(|_| host.run(Script::read("echo")));
    let results = futures::future::join_all(runs).await;
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Err(HostError::Transport(TransportError::Unreachable { .. }))))
    );
    assert_eq!(tries.load(Ordering::Relaxed), 1);
    assert!(host.run(Script::read("echo")).await.is_err(), "later ones try again");
    assert_eq!(tries.load(Ordering::Relaxed), 2);
}
