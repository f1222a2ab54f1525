/// Writes bits into bytes, the lowest first (RFC 1951, 3.1.1).
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Appends to bytes that are there already.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: 0, count: 0 }
    }

    /// Appends the lowest `count` (at most 32) bits of a number.
    pub(crate) fn put(&mut self, bits: u32, count: u32) {
        self.pending |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            let [byte, ..] = self.pending.to_le_bytes();
            self.bytes.push(byte);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// Fills up the last byte with zeros.
    pub(crate) fn align(&mut self) {
        self.put(0, (8 - self.count % 8) % 8);
    }

    /// Appends whole bytes; call [`BitWriter::align`] before.
    pub(crate) fn put_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }
}
