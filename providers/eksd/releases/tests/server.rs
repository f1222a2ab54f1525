//! A web server of one folder, for tests: it gives parts, and can break off.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A server that ends with the test's runtime.
pub struct Server {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    folder: PathBuf,
    requests: Mutex<Vec<String>>,
    /// After how many bytes each answer breaks off; 0 for never.
    cut: AtomicUsize,
}

impl Server {
    pub async fn of(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("is bound"));
        let shared = Arc::new(Shared { folder: folder.to_owned(), ..Shared::default() });
        tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream, Arc::clone(&shared)));
                }
            }
        });
        Self { url, shared }
    }

    /// `PATH` or `PATH from BYTE` of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Breaks off each answer after so many bytes; 0 for never.
    pub fn cut_after(&self, bytes: usize) {
        self.shared.cut.store(bytes, Ordering::SeqCst);
    }
}

async fn answer(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    let (mut path, mut from, mut line) = (String::new(), 0, String::new());
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split(' ').next().unwrap_or_default().to_owned();
        } else if let Some(range) = line.to_lowercase().strip_prefix("range: bytes=") {
            from = range.split('-').next().and_then(|first| first.parse().ok()).unwrap_or(0);
        }
        line.clear();
    }
    let shown = if from > 0 { format!("{path} from {from}") } else { path.clone() };
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
    let found = tokio::fs::read(shared.folder.join(path.trim_start_matches('/'))).await;
    let (status, body) = match &found {
        Ok(content) if from > 0 => (
            format!(
                "206 Partial Content\r\nContent-Range: bytes {from}-{}/{}",
                content.len() - 1,
                content.len()
            ),
            &content[from.min(content.len())..],
        ),
        Ok(content) => ("200 OK".to_owned(), content.as_slice()),
        Err(_) => ("404 Not Found".to_owned(), &b"<html>not here</html>"[..]),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let cut = shared.cut.load(Ordering::SeqCst);
    let sent = if cut > 0 { &body[..cut.min(body.len())] } else { body };
    // A client that hangs up early is part of the tests.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(sent).await;
    let _ = stream.shutdown().await;
}
