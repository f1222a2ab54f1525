use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{environment, fixture};

/// A moto server and a boto3 client of it; both end with it.
#[derive(Debug)]
pub struct Moto {
    server: Child,
    client: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub port: u16,
}

impl Moto {
    pub fn start(program: &Path) -> Self {
        let port = free_port();
        let server = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{} cannot be started: {e}", program.display()));
        let deadline = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "moto does not answer on port {port}");
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut client = Command::new(python(program))
            .arg(fixture("scripts/ec2.py"))
            .arg(format!("http://127.0.0.1:{port}"))
            .env_clear()
            .env("PATH", environment("PATH").unwrap_or_default())
            .env("HOME", environment("HOME").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 can be started");
        let requests = client.stdin.take().expect("standard input is piped");
        let answers = BufReader::new(client.stdout.take().expect("standard output is piped"));
        Self { server, client, requests, answers, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Forgets everything that was made.
    pub fn reset(&mut self) {
        self.ask(&json!({"do": "reset"}));
    }

    /// How many there are of every kind.
    pub fn counts(&mut self) -> Value {
        self.ask(&json!({"do": "counts"}))
    }

    pub fn tag(&mut self, id: &str, key: &str, value: &str) {
        self.ask(&json!({"do": "tag", "id": id, "key": key, "value": value}));
    }

    /// Opens a rule of a security group to another range.
    pub fn widen(&mut self, rule: &str, cidr: &str) {
        self.ask(&json!({"do": "widen", "rule": rule, "cidr": cidr}));
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("the boto3 client is running");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the boto3 client answers");
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        assert!(answer.get("error").is_none(), "{request}: {}", answer["error"]);
        answer["ok"].clone()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        for child in [&mut self.client, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The python3 whose packages moto is one of.
fn python(moto_server: &Path) -> PathBuf {
    let beside = moto_server.with_file_name("python3");
    if beside.exists() { beside } else { "python3".into() }
}

/// A port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port can be had");
    listener.local_addr().expect("it is bound").port()
}
