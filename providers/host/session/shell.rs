//! One shell on a host, kept open: it reads frames (scripts of stated length, then their input) and answers each script
//! with its output, ended by a random mark that no content can know.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};

use super::script::{Output, Script};
use crate::transport::{Process, TransportError};

type Answer = oneshot::Sender<Result<Output, TransportError>>;

/// A running shell; scripts are sent without waiting for earlier ones to end, and run one after the other.
pub struct Shell {
    requests: mpsc::UnboundedSender<(Script, Answer)>,
    waiting: Arc<Waiting>,
    /// Closed once the reader has ended.
    alive: oneshot::Sender<()>,
}

/// How many scripts have not been answered.
#[derive(Default)]
struct Waiting {
    all: AtomicUsize,
    changes: AtomicUsize,
}

/// What a shell said of itself when it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    pub uid: u32,
    /// `/etc/machine-id`, empty if there is none.
    pub machine: String,
}

/// What runs a shell: see [`loop_text`].
pub struct Start {
    pub process: Process,
    /// What errors call the host.
    pub address: String,
    /// How long a script may take that does not say.
    pub timeout: Duration,
    /// Functions that scripts may use.
    pub library: &'static str,
}

/// What answers may hold before they count as runaway.
const MOST_OUTPUT: usize = 256 << 20;

/// How many bytes are read at once.
const CHUNK: usize = 64 << 10;

/// The program that runs on the host: it greets, then evaluates frames until its input ends. `id` makes it findable.
pub fn loop_text(id: &str) -> String {
    format!(
        "g_id={id} LC_ALL=C LANGUAGE= PATH=\"$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin\"; export LC_ALL LANGUAGE PATH; umask 022; cd /; \
         while IFS= read -r g_n && [ \"$g_n\" != {id} ]; do :; done; \
         g_m=; [ -r \"$R/etc/machine-id\" ] && IFS= read -r g_m <\"$R/etc/machine-id\"; printf '%s .\\n' {id} >&2; printf '%s %s %s\\n' {id} \"$(id -u)\" \"$g_m\"; \
         while IFS= read -r g_n; do g_s=$(head -c \"$g_n\"; printf x); eval \"${{g_s%x}}\"; done"
    )
}

impl Shell {
    /// Takes over a process that runs [`loop_text`]. The greeting comes when the host has answered.
    pub fn start(start: Start, id: &str) -> (Self, oneshot::Receiver<Result<Greeting, TransportError>>) {
        let (requests, received) = mpsc::unbounded_channel();
        let (greet, greeting) = oneshot::channel();
        let waiting = Arc::new(Waiting::default());
        let Start { process, address, timeout, library } = start;
        let Process { stdin, stdout, stderr, ended } = process;
        let (begun, begins) = mpsc::unbounded_channel();
        let first = format!("{id}\n{}\n{library}", library.len());
        tokio::spawn(write(stdin, first, received, begun));
        let reader = Reader {
            address,
            timeout,
            stdout: Stream::new(stdout),
            stderr: Stream::new(stderr),
            ended: Some(ended),
        };
        let (alive, dead) = oneshot::channel();
        let mark = format!("{id} ");
        tokio::spawn(async move {
            reader.read(mark, greet, begins).await;
            drop(dead);
        });
        (Self { requests, waiting, alive }, greeting)
    }

    /// Runs a script. Dropping the future does not stop what runs on the host.
    pub async fn run(&self, script: Script) -> Result<Output, TransportError> {
        let count = Count::new(&self.waiting, &script);
        let (answer, answered) = oneshot::channel();
        let lost =
            || TransportError::Lost { address: "the host".into(), reason: "its shell has ended".into() };
        self.requests.send((script, answer)).map_err(|_| lost())?;
        let result = answered.await.unwrap_or_else(|_| Err(lost()));
        drop(count);
        result
    }

    /// Scripts that wait for an answer: all, and those that change something.
    pub fn waiting(&self) -> (usize, usize) {
        (self.waiting.all.load(Ordering::Relaxed), self.waiting.changes.load(Ordering::Relaxed))
    }

    pub fn is_closed(&self) -> bool {
        self.requests.is_closed() || self.alive.is_closed()
    }
}

/// Counts a script for as long as it lives.
struct Count {
    waiting: Arc<Waiting>,
    changes: usize,
}

impl Count {
    fn new(waiting: &Arc<Waiting>, script: &Script) -> Self {
        let changes = usize::from(script.changes() == super::script::Changes::Something);
        waiting.all.fetch_add(1, Ordering::Relaxed);
        waiting.changes.fetch_add(changes, Ordering::Relaxed);
        Self { waiting: Arc::clone(waiting), changes }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.waiting.all.fetch_sub(1, Ordering::Relaxed);
        self.waiting.changes.fetch_sub(self.changes, Ordering::Relaxed);
    }
}

/// A script that was sent, or is about to be.
struct Sent {
    mark: String,
    timeout: Option<Duration>,
    answer: Answer,
}

/// Sends what is asked for, as many scripts in one frame as wait at that moment.
async fn write(
    mut stdin: Box<dyn AsyncWrite + Send + Unpin>,
    first: String,
    mut requests: mpsc::UnboundedReceiver<(Script, Answer)>,
    begun: mpsc::UnboundedSender<Sent>,
) {
    let mut bytes = first.into_bytes();
    let mut received = Vec::new();
    loop {
        if send(&mut stdin, &bytes).await.is_err() {
            // The reader learns why, and tells those that wait.
            return;
        }
        if requests.recv_many(&mut received, 1024).await == 0 {
            return;
        }
        let (mut text, mut input) = (String::new(), Vec::new());
        for (script, answer) in received.drain(..) {
            let mark = format!("{:032x}", rand::random::<u128>());
            text.push_str(&script.framed(&mark));
            let timeout = script.takes();
            if begun.send(Sent { mark, timeout, answer }).is_err() {
                return;
            }
            input.extend(script.into_input().unwrap_or_default());
        }
        bytes = format!("{}\n{text}", text.len()).into_bytes();
        bytes.append(&mut input);
    }
}

async fn send(stdin: &mut Box<dyn AsyncWrite + Send + Unpin>, bytes: &[u8]) -> std::io::Result<()> {
    stdin.write_all(bytes).await?;
    stdin.flush().await
}

/// Reads answers in the order of the scripts.
struct Reader {
    address: String,
    timeout: Duration,
    stdout: Stream,
    stderr: Stream,
    ended: Option<BoxFuture<'static, Result<Option<i32>, TransportError>>>,
}

/// What was read of one stream and not yet taken.
struct Stream {
    pipe: Box<dyn AsyncRead + Send + Unpin>,
    bytes: Vec<u8>,
    /// Up to where no mark begins.
    searched: usize,
    open: bool,
}

impl Stream {
    fn new(pipe: Box<dyn AsyncRead + Send + Unpin>) -> Self {
        Self { pipe, bytes: Vec::new(), searched: 0, open: true }
    }

    /// Reads some more; never ready once the stream has ended. Safe to cancel.
    async fn fill(&mut self) {
        if !self.open {
            std::future::pending::<()>().await;
        }
        self.bytes.reserve(CHUNK);
        match self.pipe.read_buf(&mut self.bytes).await {
            Ok(n) if n > 0 => {}
            _ => self.open = false,
        }
    }

    /// Takes what stands before `mark` and the rest of the mark's line, once all of that is there.
    fn take(&mut self, mark: &str) -> Option<(Vec<u8>, String)> {
        let from = self.searched.saturating_sub(mark.len());
        let Some(at) = memmem::find(self.bytes.get(from..)?, mark.as_bytes()).map(|at| at + from) else {
            self.searched = self.bytes.len();
            return None;
        };
        let after = at + mark.len();
        let end = after + memchr::memchr(b'\n', self.bytes.get(after..)?)?;
        let line = String::from_utf8_lossy(self.bytes.get(after..end)?).trim().to_owned();
        let rest = self.bytes.split_off(end + 1);
        let mut before = std::mem::replace(&mut self.bytes, rest);
        before.truncate(at);
        self.searched = 0;
        Some((before, line))
    }
}

impl Reader {
    async fn read(
        mut self,
        greeting: String,
        greet: oneshot::Sender<Result<Greeting, TransportError>>,
        mut begins: mpsc::UnboundedReceiver<Sent>,
    ) {
        match self.greeting(&greeting).await {
            Ok(greeting) => _ = greet.send(Ok(greeting)),
            Err(error) => {
                _ = greet.send(Err(error.clone()));
                return fail(VecDeque::new(), begins, &error).await;
            }
        }
        let mut sent = VecDeque::new();
        loop {
            let next = match sent.pop_front() {
                Some(next) => next,
                None => tokio::select! {
                    next = begins.recv() => match next { Some(next) => next, None => return },
                    // Nothing is asked, but the end of the process must be noticed.
                    () = self.idle() => {
                        let error = self.lost().await;
                        return fail(sent, begins, &error).await;
                    }
                },
            };
            match self.answer(&next).await {
                Ok(output) => _ = next.answer.send(Ok(output)),
                Err(error) => {
                    sent.push_front(next);
                    return fail(sent, begins, &error).await;
                }
            }
        }
    }

    async fn greeting(&mut self, mark: &str) -> Result<Greeting, TransportError> {
        let deadline = tokio::time::Instant::now() + self.timeout;
        // Both streams greet: what the log-in printed before is no part of any answer, and answers may follow at once.
        let (mut out, mut err) = (None, None);
        loop {
            out = out.or_else(|| self.stdout.take(mark));
            err = err.or_else(|| self.stderr.take(mark));
            if let (Some((_, line)), Some(_)) = (&out, &err) {
                let (uid, machine) = line.split_once(' ').unwrap_or((line, ""));
                let uid = uid.parse().map_err(|_| self.protocol(format!("its greeting is {line:?}")))?;
                return Ok(Greeting { uid, machine: machine.to_owned() });
            }
            self.more(deadline, self.timeout, "waiting for a shell").await?;
        }
    }

    async fn answer(&mut self, sent: &Sent) -> Result<Output, TransportError> {
        let mark = format!("\n{}", sent.mark);
        let timeout = sent.timeout.unwrap_or(self.timeout);
        let deadline = tokio::time::Instant::now() + timeout;
        let (mut out, mut err) = (None, None);
        loop {
            out = out.or_else(|| self.stdout.take(&mark));
            err = err.or_else(|| self.stderr.take(&mark));
            match (out.take(), err.take()) {
                (Some((stdout, status)), Some((stderr, _))) => {
                    let status =
                        status.parse().map_err(|_| self.protocol(format!("an exit status is {status:?}")))?;
                    return Ok(Output { status, stdout, stderr });
                }
                found => (out, err) = found,
            }
            self.more(deadline, timeout, "running a script").await?;
        }
    }

    /// Reads more of both streams.
    async fn more(
        &mut self,
        deadline: tokio::time::Instant,
        timeout: Duration,
        step: &str,
    ) -> Result<(), TransportError> {
        if !self.stdout.open && !self.stderr.open {
            return Err(self.lost().await);
        }
        if self.stdout.bytes.len() + self.stderr.bytes.len() > MOST_OUTPUT {
            return Err(self.protocol("its output has no end".into()));
        }
        tokio::select! {
            () = self.stdout.fill() => Ok(()),
            () = self.stderr.fill() => Ok(()),
            () = tokio::time::sleep_until(deadline) => Err(TransportError::TimedOut {
                address: self.address.clone(),
                step: step.to_owned(),
                after: timeout,
            }),
        }
    }

    /// Ends when the streams do.
    async fn idle(&mut self) {
        while self.stdout.open {
            tokio::select! {
                () = self.stdout.fill() => {}
                () = self.stderr.fill() => {}
            }
        }
    }

    /// Why the process ended.
    async fn lost(&mut self) -> TransportError {
        let said = String::from_utf8_lossy(&self.stderr.bytes).trim().to_owned();
        let ended = match self.ended.take() {
            Some(ended) => tokio::time::timeout(Duration::from_secs(5), ended).await,
            None => Ok(Ok(None)),
        };
        let reason = match ended {
            Ok(Err(error)) => return error,
            Ok(Ok(Some(status))) => format!("the shell ended with status {status}"),
            Ok(Ok(None)) | Err(_) => "the shell was ended".to_owned(),
        };
        let reason = if said.is_empty() { reason } else { format!("{reason}, saying: {said}") };
        TransportError::Lost { address: self.address.clone(), reason }
    }

    fn protocol(&self, reason: String) -> TransportError {
        TransportError::Protocol { address: self.address.clone(), reason }
    }
}

/// Tells all that wait.
async fn fail(sent: VecDeque<Sent>, mut begins: mpsc::UnboundedReceiver<Sent>, error: &TransportError) {
    begins.close();
    for waiting in sent {
        _ = waiting.answer.send(Err(error.clone()));
    }
    while let Some(waiting) = begins.recv().await {
        _ = waiting.answer.send(Err(error.clone()));
    }
}
