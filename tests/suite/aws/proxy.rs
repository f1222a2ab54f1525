use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes connections on to a port and counts the EC2 actions that go through.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub port: u16,
    actions: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Proxy {
    /// Listens until the test ends.
    pub fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port can be had");
        let proxy =
            Self { port: listener.local_addr().expect("it is bound").port(), actions: Arc::default() };
        let accepting = proxy.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                accepting.pass_on(client, to);
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The actions since the last call.
    pub fn take(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.actions.lock().expect("no thread panics with the lock"))
    }

    fn pass_on(&self, client: TcpStream, to: u16) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { return };
        let (Ok(back_to), Ok(back_from)) = (client.try_clone(), server.try_clone()) else { return };
        let actions = Arc::clone(&self.actions);
        thread::spawn(move || pump(client, server, |seen| count(seen, &actions)));
        thread::spawn(move || pump(back_from, back_to, |_| 0));
    }
}

/// Copies until the end, showing what goes by; `look` says how much of it need not be shown again.
fn pump(mut from: TcpStream, mut to: TcpStream, look: impl Fn(&[u8]) -> usize) {
    let (mut buffer, mut seen) = ([0; 8192], Vec::new());
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..n]);
        let done = look(&seen);
        seen.drain(..done);
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    // Either side may be gone already.
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

/// Counts `Action=Name&`; the rest after the last one is kept, in case a name is cut in two.
fn count(seen: &[u8], actions: &Mutex<BTreeMap<String, usize>>) -> usize {
    let mut done = 0;
    while let Some(at) = find(&seen[done..], b"Action=") {
        let name = done + at + b"Action=".len();
        let Some(length) = seen[name..].iter().position(|b| !b.is_ascii_alphanumeric()) else {
            return done + at;
        };
        let text = String::from_utf8_lossy(&seen[name..name + length]).into_owned();
        *actions.lock().expect("no thread panics with the lock").entry(text).or_default() += 1;
        done = name + length;
    }
    done.max(seen.len().saturating_sub(b"Action=".len()))
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
