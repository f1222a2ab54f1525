//! What is outside of a cluster: a name server on this machine, which the lab's hosts reach, and their pods only through them.

use std::collections::BTreeSet;
use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use lab::Lab;

use crate::support::ssh;

/// A name that only this server knows, and its address.
pub(super) const NAME: &str = "outside.example.test";
pub(super) const ADDRESS: &str = "192.0.2.7";

/// The server at work. It ends with the test's process.
pub(super) struct Outside {
    asked_by: Arc<Mutex<BTreeSet<IpAddr>>>,
}

impl Outside {
    /// Begins to answer, and has systemd-resolved of these hosts ask here, as a DHCP server would.
    pub(super) fn of(lab: &Lab, hosts: &[&str]) -> Self {
        let gateway = lab.record().gateway;
        let socket = UdpSocket::bind((gateway, 53)).expect("nobody else answers names in the lab");
        let asked_by = Arc::new(Mutex::new(BTreeSet::new()));
        let seen = Arc::clone(&asked_by);
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((size, from)) = socket.recv_from(&mut buffer) {
                let Some((question, answer)) = answer(&buffer[..size]) else { continue };
                if question == NAME {
                    seen.lock().expect("nobody panics with it").insert(from.ip());
                }
                let _ = socket.send_to(&answer, from);
            }
        });
        for host in hosts {
            ssh(
                lab,
                host,
                &format!(
                    "mkdir -p /etc/systemd/resolved.conf.d && printf '[Resolve]\\nDNS={gateway}\\n' >/etc/systemd/resolved.conf.d/lab.conf && systemctl restart systemd-resolved && grep -q 127.0.0.53 /etc/resolv.conf"
                ),
            );
        }
        Self { asked_by }
    }

    /// Who asked for the name.
    pub(super) fn asked_by(&self) -> BTreeSet<IpAddr> {
        self.asked_by.lock().expect("nobody panics with it").clone()
    }
}

/// What is asked, and the message that answers it: the address of the name, and of all others that they do not exist.
fn answer(message: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let question = message.get(12..at + 4)?;
    let name = labels.join(".");
    let (is_known, is_address) = (name == NAME, question.ends_with(&[0, 1, 0, 1]));
    let mut answer = message.get(..2)?.to_vec();
    // An answer, recursion as it was asked for and given; no such name where it is another one.
    answer.extend([0x85, if is_known { 0x80 } else { 0x83 }]);
    answer.extend([0, 1, 0, u8::from(is_known && is_address), 0, 0, 0, 0]);
    answer.extend_from_slice(question);
    if is_known && is_address {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(ADDRESS.split('.').filter_map(|byte| byte.parse::<u8>().ok()));
    }
    Some((name, answer))
}
