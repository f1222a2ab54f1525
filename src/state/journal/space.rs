//! Room in the file before it is needed.
//!
//! To sync bytes that take the place of others is one write to the disk; to sync a file that has grown is several, as its
//! size and its blocks are recorded in the file system's own journal. So the file grows by many lines at once, filled with
//! zeros, of which text in JSON has none.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A journal's file, written behind its last line.
#[derive(Debug)]
pub struct Space {
    file: File,
    /// Where the next line goes.
    end: u64,
    /// How long the file is.
    length: u64,
}

impl Space {
    /// Finds the end of the last whole line, and cuts off what is behind it: a line that was being written when the process
    /// died, or zeros.
    pub fn after_last_line(mut file: File) -> io::Result<Self> {
        let (mut end, mut at) = (0, 0);
        let mut part = vec![0; PART];
        loop {
            let read = file.read(&mut part)?;
            let (lines, is_last) = until_zero(&part[..read]);
            if let Some(newline) = memchr::memrchr(b'\n', lines) {
                end = at + newline as u64 + 1;
            }
            at += read as u64;
            if is_last || read == 0 {
                break;
            }
        }
        file.set_len(end)?;
        Ok(Self { file, end, length: end })
    }

    /// Writes lines and returns once they are on disk.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let end = self.end + lines.len() as u64;
        if end > self.length {
            // On a full disk there may be room for these lines at least.
            let _ = self.grow(end);
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        self.end = end;
        self.length = self.length.max(end);
        Ok(())
    }

    /// Makes the file longer than `end`, the more the longer it is already.
    fn grow(&mut self, end: u64) -> io::Result<()> {
        let more = self.length.clamp(LEAST, MOST);
        let length = end + more;
        self.file.seek(SeekFrom::Start(self.length))?;
        io::copy(&mut io::repeat(0).take(length - self.length), &mut self.file)?;
        self.length = length;
        Ok(())
    }
}

/// The lines of a journal that were written as a whole. Behind the first zero nothing was answered yet: lines that were
/// written together may be on disk in part, with zeros where they are not.
pub fn whole_lines(text: &[u8]) -> &[u8] {
    let (written, _) = until_zero(text);
    &written[..memchr::memrchr(b'\n', written).map_or(0, |newline| newline + 1)]
}

/// What is before the first zero, and whether there is one.
fn until_zero(text: &[u8]) -> (&[u8], bool) {
    match memchr::memchr(0, text) {
        Some(at) => (&text[..at], true),
        None => (text, false),
    }
}

/// How much is looked at at once.
const PART: usize = 64 * 1024;
const LEAST: u64 = 16 * 1024;
const MOST: u64 = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn space(content: &[u8]) -> (tempfile::NamedTempFile, Space) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        std::fs::write(file.path(), content).expect("ours");
        let open = File::options().read(true).write(true).open(file.path()).expect("ours");
        let space = Space::after_last_line(open).expect("readable");
        (file, space)
    }

    #[test]
    fn lines_follow_each_other_whatever_was_behind_them() {
        for (reason, before) in [
            ("a new file", &b""[..]),
            ("a whole line", b"one\n"),
            ("a torn line", b"one\ntw"),
            ("room that was not used", b"one\n\0\0\0\0"),
            ("a hole in lines that were written together", b"one\n\0\0\0three\nfour\n"),
            ("a hole in a line", b"one\ntw\0\n"),
        ] {
            let (file, mut space) = space(before);
            space.write(b"next\n").expect("writable");
            space.write(b"last\n").expect("writable");
            let text = std::fs::read(file.path()).expect("ours");
            let expected: &[u8] = if before.is_empty() { b"next\nlast\n" } else { b"one\nnext\nlast\n" };
            assert_eq!(whole_lines(&text), expected, "{reason}");
        }
    }

    #[test]
    fn the_file_grows_seldom() {
        let (file, mut space) = space(b"");
        let length = || std::fs::metadata(file.path()).expect("ours").len();
        let mut lengths = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            space.write(&[b'x'; 600]).expect("writable");
            lengths.insert(length());
        }
        assert!(lengths.len() <= 7, "{lengths:?}");
        assert!(length() < 3 * 600_000, "{lengths:?}");
    }
}
