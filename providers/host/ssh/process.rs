//! A process on a host: a channel of a connection, and the task that moves its bytes.

use std::future::pending;
use std::io;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use super::client::Fate;
use super::pipe::{self, pipe};
use super::slots::Slot;
use crate::transport::{Process, TransportError};

/// All that a channel's task needs to know.
pub(super) struct Running {
    pub address: String,
    pub fate: Fate,
    /// Given back when the task ends.
    pub _slot: Slot,
    /// How long the server may take to start the process.
    pub patience: Duration,
    /// Turns true when the transport is closed.
    pub closing: watch::Receiver<bool>,
}

type Ended = Result<Option<i32>, TransportError>;

/// Starts a command on a channel that is open. Nothing is waited for: input can be sent at once.
pub(super) async fn start(
    channel: Channel<Msg>,
    command: &str,
    running: Running,
) -> Result<Process, TransportError> {
    if channel.exec(true, command.as_bytes()).await.is_err() {
        return Err(running.lost());
    }
    let (read, write) = channel.split();
    let (stdin, input) = pipe(INPUT);
    let (out, stdout) = pipe(OUTPUT);
    let (err, stderr) = pipe(OUTPUT);
    let (report, ended) = oneshot::channel();
    let lost = running.lost();
    tokio::spawn(run(read, write, input, Outputs { out: Some(out), err: Some(err) }, report, running));
    Ok(Process {
        stdin: Box::new(stdin),
        stdout: Box::new(stdout),
        stderr: Box::new(stderr),
        ended: async move { ended.await.unwrap_or(Err(lost)) }.boxed(),
    })
}

impl Running {
    fn lost(&self) -> TransportError {
        TransportError::Lost { address: self.address.clone(), reason: self.fate.reason() }
    }
}

/// What a process writes to. A stream that nobody reads is dropped; its bytes are thrown away.
struct Outputs {
    out: Option<pipe::Sender>,
    err: Option<pipe::Sender>,
}

impl Outputs {
    async fn send(stream: &mut Option<pipe::Sender>, data: Bytes) {
        if let Some(sender) = stream
            && sender.send(data).await.is_err()
        {
            *stream = None;
        }
    }

    /// Resolves once nobody reads any output.
    async fn abandoned(&self) {
        for stream in [&self.out, &self.err].into_iter().flatten() {
            stream.abandoned().await;
        }
    }

    /// Passes output on; anything else is an event.
    async fn take(&mut self, message: Option<ChannelMsg>) -> Option<Event> {
        match message {
            None => return Some(Event::Lost),
            Some(ChannelMsg::Close) => return Some(Event::Closed),
            Some(ChannelMsg::Failure) => return Some(Event::Refused),
            Some(ChannelMsg::Success) => return Some(Event::Started),
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                return Some(Event::Exited(Some(i32::try_from(exit_status).unwrap_or(i32::MAX))));
            }
            Some(ChannelMsg::ExitSignal { .. }) => return Some(Event::Exited(None)),
            Some(ChannelMsg::Data { data }) => Self::send(&mut self.out, data).await,
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => Self::send(&mut self.err, data).await,
            Some(ChannelMsg::Eof) => {
                self.out = None;
                self.err = None;
                return None;
            }
            Some(_) => return None,
        }
        Some(Event::Started)
    }

    fn fail(self, reason: &str) {
        for stream in [self.out, self.err].into_iter().flatten() {
            stream.fail(io::ErrorKind::ConnectionReset, reason.to_owned());
        }
    }
}

/// What ended a part of a process' life.
enum Event {
    /// The server started the command, or sent something from it.
    Started,
    /// The server would not start the command.
    Refused,
    Exited(Option<i32>),
    /// The server closed the channel.
    Closed,
    /// The connection is gone.
    Lost,
}

/// Moves bytes until the channel is closed or nobody wants them.
async fn run(
    mut read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    input: pipe::Receiver,
    mut outputs: Outputs,
    report: oneshot::Sender<Ended>,
    mut running: Running,
) {
    let end = {
        let feeding = pin!(feed(&write, input));
        attend(&mut read, &mut outputs, feeding, report, &mut running).await
    };
    match end {
        End::Closed => {}
        End::Lost => outputs.fail(&running.lost().to_string()),
        End::Abandoned => {
            outputs.fail("the channel was closed by groma");
            // The library tells nothing of a channel that we closed, so the slot is taken for free a little early.
            let _ = write.close().await;
        }
    }
}

/// How a process' task comes to its end.
enum End {
    Closed,
    Lost,
    Abandoned,
}

async fn attend(
    read: &mut ChannelReadHalf,
    outputs: &mut Outputs,
    feeding: Pin<&mut impl Future<Output = ()>>,
    mut report: oneshot::Sender<Ended>,
    running: &mut Running,
) -> End {
    let mut feeding = pin!(async move {
        feeding.await;
        pending::<()>().await;
    });
    let mut closing = running.closing.clone();
    let mut closed = pin!(async move {
        // The other end goes with the transport; a process outlives that.
        if closing.wait_for(|closing| *closing).await.is_err() {
            pending::<()>().await;
        }
    });
    let event = tokio::select! {
        event = timeout(running.patience, next(read, outputs)) => event,
        () = &mut feeding => return End::Abandoned,
        () = &mut closed => return End::Abandoned,
        () = report.closed() => return End::Abandoned,
    };
    let event = match event {
        Err(_) => {
            let (address, step) = (running.address.clone(), "starting a process".to_owned());
            let _ = report.send(Err(TransportError::TimedOut { address, step, after: running.patience }));
            return End::Abandoned;
        }
        Ok(Event::Started) => tokio::select! {
            event = until_exit(read, outputs) => event,
            () = &mut feeding => return End::Abandoned,
            () = &mut closed => return End::Abandoned,
            () = report.closed() => return End::Abandoned,
        },
        Ok(event) => event,
    };
    match event {
        Event::Started | Event::Closed => {
            let _ = report.send(Ok(None));
            return End::Closed;
        }
        Event::Lost => {
            let _ = report.send(Err(running.lost()));
            return End::Lost;
        }
        Event::Refused => {
            let reason = "it starts no commands for this user".to_owned();
            let _ = report.send(Err(TransportError::Refused { address: running.address.clone(), reason }));
            return End::Abandoned;
        }
        Event::Exited(status) => {
            let _ = report.send(Ok(status));
        }
    }
    // What is still under way, and what children of the process write.
    tokio::select! {
        biased;
        end = until_closed(read, outputs) => end,
        () = &mut closed => End::Abandoned,
    }
}

/// Sends a process its input, and its end.
async fn feed(write: &ChannelWriteHalf<Msg>, mut input: pipe::Receiver) {
    while let Ok(Some(chunk)) = input.next().await {
        if write.data_bytes(chunk).await.is_err() {
            return;
        }
    }
    let _ = write.eof().await;
}

/// Takes messages until one of them says something of the process itself, or is its first output.
async fn next(read: &mut ChannelReadHalf, outputs: &mut Outputs) -> Event {
    loop {
        if let Some(event) = outputs.take(read.wait().await).await {
            return event;
        }
    }
}

async fn until_exit(read: &mut ChannelReadHalf, outputs: &mut Outputs) -> Event {
    loop {
        match next(read, outputs).await {
            Event::Started | Event::Refused => {}
            other => return other,
        }
    }
}

/// After a process ended: until its channel is closed, or nobody reads what its children still write.
async fn until_closed(read: &mut ChannelReadHalf, outputs: &mut Outputs) -> End {
    loop {
        let message = tokio::select! {
            biased;
            message = read.wait() => message,
            () = outputs.abandoned() => return End::Abandoned,
        };
        match outputs.take(message).await {
            Some(Event::Closed) => return End::Closed,
            Some(Event::Lost) => return End::Lost,
            _ => {}
        }
    }
}

/// How much input is taken before it is on its way.
const INPUT: usize = 256 * 1024;
/// How much output one stream may hold for a reader that is slow.
///
/// The library gives a channel's window back when bytes arrive, not when they are read, so that the only way to hold a
/// server back is to stop reading the connection, and with it all its other channels. It is done beyond this size.
const OUTPUT: usize = 4 * 1024 * 1024;
