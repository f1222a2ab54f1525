use std::io::Read;

use super::*;

/// Numbers that look random and are the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

fn letters(count: usize, kinds: u64, seed: u64) -> String {
    let mut numbers = Numbers(seed);
    (0..count).map(|_| char::from(b'a' + u8::try_from(numbers.next() % kinds).unwrap_or_default())).collect()
}

fn words(size: usize, seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::new();
    while text.len() < size {
        text.push_str(&format!("word{}", numbers.next() % 500));
        text.push(if numbers.next().is_multiple_of(8) { '\n' } else { ' ' });
    }
    text
}

/// The lengths and checksums are those of what `base64gzip` of Terraform 1.11.4 gives.
#[test]
fn bytes_are_those_of_go() {
    let texts = [
        String::new(),
        "a".into(),
        "hello hello hello hello".into(),
        "a".repeat(1000),
        letters(5000, 26, 1),
        letters(20_000, 2, 2),
        words(30_000, 3),
        words(200_000, 4),
        "ab".repeat(100_000),
    ];
    let expected = [
        ("nothing", 0, 28, 0xdf85_d7b5),
        ("one letter", 1, 30, 0xed81_d1c0),
        ("a repetition", 23, 37, 0x10a3_da76),
        ("a run", 1_000, 37, 0xd44c_c0fa),
        ("letters", 5_000, 3_039, 0xc12b_78ae),
        ("two letters", 20_000, 3_278, 0x873d_224a),
        ("words", 30_004, 7_271, 0x5a93_f785),
        ("more words than the window holds", 200_005, 47_282, 0x9efd_071c),
        ("a long run", 200_000, 240, 0xba6c_e0af),
    ];
    for (text, (name, input, length, checksum)) in texts.iter().zip(expected) {
        let compressed = gzip(text.as_bytes(), Ending::FlushAndClose);
        assert_eq!(
            (text.len(), compressed.len(), crc32fast::hash(&compressed)),
            (input, length, checksum),
            "{name}"
        );
    }
}

#[test]
fn everything_can_be_read_back() {
    let mut numbers = Numbers(5);
    let sizes = [
        0, 1, 2, 3, 4, 5, 257, 258, 259, 261, 262, 263, 32_767, 32_768, 32_769, 65_273, 65_274, 65_535,
        65_536, 150_000,
    ];
    for size in sizes {
        for kinds in [1, 2, 16, 256] {
            let bytes: Vec<u8> =
                (0..size).map(|_| u8::try_from(numbers.next() % kinds).unwrap_or_default()).collect();
            for ending in [Ending::Close, Ending::FlushAndClose] {
                let compressed = gzip(&bytes, ending);
                let mut back = Vec::new();
                let read = flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut back);
                assert!(read.is_ok() && back == bytes, "{size} bytes of {kinds} kinds");
            }
        }
    }
}
