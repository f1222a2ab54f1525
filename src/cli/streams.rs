//! Standard output and error. Nothing else prints.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a command writes. Clones share the streams; a write is whole, never mixed with another.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
}

impl Streams {
    pub fn standard() -> Self {
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// All of it to standard error, where standard output is for programs to read.
    pub fn errors() -> Self {
        Self::new(Box::new(io::stderr()), Box::new(io::stderr()))
    }

    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self(Arc::new(Inner { out: Mutex::new(out), err: Mutex::new(err) }))
    }

    /// Writes text to standard output. A closed pipe (`| head`) is not an error worth more words.
    pub fn out(&self, text: impl AsRef<str>) {
        write(&self.0.out, text.as_ref());
    }

    /// Writes text and a newline to standard output.
    pub fn line(&self, text: impl AsRef<str>) {
        let mut line = text.as_ref().to_owned();
        line.push('\n');
        self.out(line);
    }

    /// Writes text to standard error.
    pub fn err(&self, text: impl AsRef<str>) {
        write(&self.0.err, text.as_ref());
    }
}

fn write(stream: &Mutex<Box<dyn Write + Send>>, text: &str) {
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
