//! The pipe between a channel and a stream, and the wire below.

use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::ssh::pipe::pipe;
use crate::ssh::wire::Wire;

const MOMENT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_full_pipe_holds_its_writer_back() {
    let (mut sender, mut receiver) = pipe(10);
    sender.send(Bytes::from_static(b"123456789")).await.expect("fits");
    sender.send(Bytes::from_static(b"abcdefghij")).await.expect("is the one chunk more");
    assert!(timeout(MOMENT, sender.send(Bytes::from_static(b"x"))).await.is_err(), "there is no room");
    assert!(timeout(MOMENT, sender.write(b"x")).await.is_err(), "for bytes neither");
    let mut some = [0; 12];
    receiver.read_exact(&mut some).await.expect("is there");
    assert_eq!(&some, b"123456789abc");
    assert_eq!(sender.write(b"0123456789").await.expect("there is room"), 3, "and no more than that");
    drop(sender);
    let mut rest = Vec::new();
    receiver.read_to_end(&mut rest).await.expect("ends well");
    assert_eq!(rest, b"defghij012");
}

#[tokio::test]
async fn a_failure_comes_after_what_was_sent() {
    let (mut sender, mut receiver) = pipe(10);
    sender.send(Bytes::from_static(b"half")).await.expect("fits");
    sender.fail(ErrorKind::ConnectionReset, "lost".into());
    let mut bytes = Vec::new();
    let error = receiver.read_to_end(&mut bytes).await.expect_err("is cut");
    assert_eq!(
        (bytes.as_slice(), error.kind(), error.to_string().as_str()),
        (&b"half"[..], ErrorKind::ConnectionReset, "lost")
    );
}

#[tokio::test]
async fn a_writer_learns_that_nobody_reads() {
    let (mut sender, receiver) = pipe(1);
    sender.send(Bytes::from_static(b"x")).await.expect("fits");
    let waiting = tokio::spawn(async move {
        let sent = sender.send(Bytes::from_static(b"y")).await;
        sender.abandoned().await;
        sent
    });
    tokio::time::sleep(MOMENT).await;
    drop(receiver);
    let sent = timeout(Duration::from_secs(5), waiting).await.expect("is woken").expect("ends");
    assert_eq!(sent.expect_err("nobody reads").kind(), ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn a_wire_gives_up_when_nothing_can_be_sent() {
    let (near, far) = tokio::io::duplex(16);
    let (mut wire, scissors) = Wire::new(near, Duration::from_millis(200));
    wire.write_all(&[0; 16]).await.expect("fits");
    let stuck = timeout(Duration::from_secs(5), wire.write_all(&[0])).await.expect("ends");
    assert_eq!(stuck.expect_err("nobody reads").kind(), ErrorKind::TimedOut);
    // One that is cut ends at once, for readers and writers.
    let cutter = async {
        tokio::time::sleep(MOMENT).await;
        scissors.cut();
    };
    let mut byte = [0];
    let (read, ()) = timeout(Duration::from_secs(5), async { tokio::join!(wire.read(&mut byte), cutter) })
        .await
        .expect("ends");
    assert_eq!(read.expect_err("is cut").kind(), ErrorKind::ConnectionAborted);
    assert_eq!(wire.write(&[0]).await.expect_err("is cut").kind(), ErrorKind::ConnectionAborted);
    drop(far);
}
