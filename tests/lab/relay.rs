//! A slow or lossy cable: carries frames between two interfaces, late, and not all.
//!
//! The kernel's own way (`tc netem`) is a module that many kernels are built without, so this is done here: the
//! host's cable is taken out of the bridge, and frames are read from it and written to another one that is in the
//! bridge.

use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recvfrom, send, socket,
};

/// How a cable behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cable {
    /// Added to each round trip, half of it in each direction.
    pub delay: Duration,
    /// The part of frames that get lost in each direction: 0.01 is one in a hundred.
    pub loss: f64,
}

/// Frames are carried as long as it lives.
#[derive(Debug)]
pub struct Relay {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Begins to carry frames between each two interfaces of a network namespace.
    pub fn start(namespace: &str, pairs: Vec<(String, String)>, cable: Cable) -> Result<Relay> {
        let path = PathBuf::from("/run/netns").join(namespace);
        let stop = Arc::new(AtomicBool::new(false));
        let (ready, started) = mpsc::channel();
        let thread = {
            let stop = Arc::clone(&stop);
            // The namespace is that of one thread only, so all is done in it.
            thread::spawn(move || match open(&path, &pairs) {
                Ok(mut pairs) => {
                    let _ = ready.send(Ok(()));
                    carry(&mut pairs, cable, &stop);
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            })
        };
        started.recv().unwrap_or_else(|_| Err(anyhow!("the relay's thread ended")))?;
        Ok(Relay { stop, thread: Some(thread) })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One end of a cable.
struct End {
    socket: OwnedFd,
    index: usize,
    /// What came in here and is to go out at the other end, and when.
    waiting: VecDeque<(Instant, Vec<u8>)>,
}

fn open(namespace: &PathBuf, pairs: &[(String, String)]) -> Result<Vec<[End; 2]>> {
    let file = File::open(namespace).with_context(|| format!("{} cannot be opened", namespace.display()))?;
    setns(file, CloneFlags::CLONE_NEWNET).context("the lab's network cannot be entered")?;
    pairs.iter().map(|(a, b)| Ok([End::open(a)?, End::open(b)?])).collect()
}

impl End {
    fn open(interface: &str) -> Result<End> {
        let address = nix::ifaddrs::getifaddrs()?
            .filter(|found| found.interface_name == interface)
            .find_map(|found| found.address?.as_link_addr().copied())
            .with_context(|| format!("there is no interface {interface}"))?;
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll)?;
        bind(socket.as_raw_fd(), &address).with_context(|| format!("{interface} cannot be read"))?;
        Ok(End { socket, index: address.ifindex(), waiting: VecDeque::new() })
    }

    /// Reads what is there.
    fn read(&mut self, cable: Cable, chance: &mut Chance, buffer: &mut [u8]) -> Result<(), Errno> {
        loop {
            let (length, from) = match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), buffer) {
                Ok(read) => read,
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(()),
                Err(error) => return Err(error),
            };
            // Before it was bound the socket heard all interfaces; and it hears what this machine sends.
            let ours = from.is_some_and(|from| from.ifindex() == self.index && from.pkttype() != OUTGOING);
            if ours && self.waiting.len() < LONGEST_QUEUE && !chance.happens(cable.loss) {
                self.waiting.push_back((Instant::now() + cable.delay / 2, buffer[..length].to_vec()));
            }
        }
    }

    /// Writes what is due to the other end.
    fn write(&mut self, other: &OwnedFd, now: Instant) -> Result<(), Errno> {
        while self.waiting.front().is_some_and(|(due, _)| *due <= now) {
            let Some((_, frame)) = self.waiting.pop_front() else { break };
            match send(other.as_raw_fd(), &frame, MsgFlags::empty()) {
                // A full queue or a cable that is out loses frames, as a real one does.
                Ok(_) | Err(Errno::EAGAIN | Errno::ENOBUFS | Errno::ENETDOWN | Errno::EMSGSIZE) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Carries frames until it is told to stop, or until an interface is gone.
fn carry(pairs: &mut [[End; 2]], cable: Cable, stop: &AtomicBool) {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut buffer = vec![0; LONGEST_FRAME];
    while !stop.load(Ordering::Relaxed) {
        if step(pairs, cable, &mut chance, &mut buffer).is_err() {
            return;
        }
    }
}

fn step(pairs: &mut [[End; 2]], cable: Cable, chance: &mut Chance, buffer: &mut [u8]) -> Result<(), Errno> {
    let now = Instant::now();
    let due = pairs.iter().flatten().filter_map(|end| end.waiting.front()).map(|(due, _)| *due).min();
    let rest = due.map_or(IDLE, |due| due.saturating_duration_since(now).min(IDLE));
    let mut waited: Vec<PollFd> =
        pairs.iter().flatten().map(|end| PollFd::new(end.socket.as_fd(), PollFlags::POLLIN)).collect();
    // Rounded up: a frame is late rather than early.
    let timeout = u16::try_from(rest.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    match poll(&mut waited, PollTimeout::from(timeout)) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error),
    }
    for [a, b] in pairs {
        for end in [&mut *a, &mut *b] {
            match end.read(cable, chance, buffer) {
                Ok(()) | Err(Errno::ENETDOWN) => {}
                Err(error) => return Err(error),
            }
        }
        let now = Instant::now();
        a.write(&b.socket, now)?;
        b.write(&a.socket, now)?;
    }
    Ok(())
}

/// Numbers that are random enough to lose frames by, and the same in every run.
struct Chance(u64);

impl Chance {
    fn happens(&mut self, part: f64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let thrown = u32::try_from(self.0 >> 32).expect("it is the upper half");
        f64::from(thrown) < part * f64::from(u32::MAX)
    }
}

/// `PACKET_OUTGOING` of `linux/if_packet.h`.
const OUTGOING: u8 = 4;
const LONGEST_FRAME: usize = 70_000;
/// A megabyte of full frames, so that nothing piles up behind a cable that is out.
const LONGEST_QUEUE: usize = 20_000;
const IDLE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loses_the_part_that_it_is_told_to() {
        let mut chance = Chance(1);
        let lost = (0..100_000).filter(|_| chance.happens(0.1)).count();
        assert!((9_500..10_500).contains(&lost), "{lost} of 100000 were lost at 10 %");
        assert!((0..1000).all(|_| !chance.happens(0.0)));
    }
}
