//! Gzip, to the byte as Go's `compress/gzip` writes it at its default level.
//!
//! Compressed texts end up in states: `base64gzip()` and `cloudinit_config` make user data of machines, which may be
//! replaced when these change. Another compressor would give other bytes for the same text, so this one takes the
//! decisions that Terraform's takes (Go up to 1.25): the same search for matches, the same choice between kinds of
//! blocks, the same Huffman codes.

mod bits;
mod block;
mod huffman;
mod matches;

use bits::BitWriter;
use block::BlockWriter;
use matches::Matcher;

/// What is done between the last byte and the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The writer is closed.
    Close,
    /// The writer is flushed and then closed, which leaves an empty block more (`base64gzip` does so).
    FlushAndClose,
}

/// No name, no time, an unknown operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Compresses bytes.
pub fn gzip(data: &[u8], ending: Ending) -> Vec<u8> {
    let mut blocks = BlockWriter::new(BitWriter::new(HEADER.to_vec()));
    Matcher::new(data).run(&mut blocks);
    if ending == Ending::FlushAndClose {
        blocks.write_empty(false);
    }
    blocks.write_empty(true);
    let mut out = blocks.finish();
    let mut crc = crc32fast::Hasher::new();
    crc.update(data);
    out.extend(crc.finalize().to_le_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "the format has the length modulo 2^32")]
    out.extend((data.len() as u32).to_le_bytes());
    out
}

#[cfg(test)]
mod tests;
