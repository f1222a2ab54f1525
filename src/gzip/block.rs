//! Blocks: of literals and matches, in the kind of encoding that takes the least room.

use crate::bits::BitWriter;
use crate::huffman::{Code, Codes};

/// What a text is taken apart into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Literal(u8),
    /// So many bytes (3 to 258) as there were so far back (1 to 32768).
    Match {
        length: usize,
        distance: usize,
    },
}

const END_OF_BLOCK: usize = 256;
const FIRST_LENGTH: usize = 257;
const LITERALS: usize = 286;
const DISTANCES: usize = 30;
const LENGTH_SYMBOLS: usize = 19;
const MIN_LENGTH: usize = 3;

/// The most bytes of a block that is not compressed.
const MAX_STORED: usize = 65_535;

/// What a length above 3 starts at, and its extra bits, by symbol (RFC 1951, 3.2.5).
const LENGTHS: [(usize, u32); 29] = [
    (0, 0),
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 1),
    (10, 1),
    (12, 1),
    (14, 1),
    (16, 2),
    (20, 2),
    (24, 2),
    (28, 2),
    (32, 3),
    (40, 3),
    (48, 3),
    (56, 3),
    (64, 4),
    (80, 4),
    (96, 4),
    (112, 4),
    (128, 5),
    (160, 5),
    (192, 5),
    (224, 5),
    (255, 0),
];

/// The order in which the lengths of the codes for lengths are written (RFC 1951, 3.2.7).
const LENGTH_ORDER: [usize; LENGTH_SYMBOLS] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

pub(crate) struct BlockWriter {
    out: BitWriter,
    fixed_literals: Codes,
    fixed_distances: Codes,
}

/// The codes of a block that brings its own, and how these are written.
struct Dynamic {
    literals: Codes,
    distances: Codes,
    /// Symbols for code lengths, with the value and number of their extra bits.
    description: Vec<(usize, u32, u32)>,
    lengths: Codes,
    literal_count: usize,
    distance_count: usize,
    /// How many codes for lengths are written.
    length_count: usize,
    header_size: u64,
}

/// How often each symbol occurs in a block.
struct Counts {
    literals: Vec<u64>,
    distances: Vec<u64>,
}

impl BlockWriter {
    pub(crate) fn new(out: BitWriter) -> Self {
        Self { out, fixed_literals: Codes::fixed_literals(), fixed_distances: Codes::fixed_distances() }
    }

    /// Writes a block of tokens; `original` is what they stand for, if it is still at hand.
    pub(crate) fn write(&mut self, tokens: &[Token], original: Option<&[u8]>) {
        let counts = Counts::of(tokens);
        let dynamic = Dynamic::for_counts(&counts);
        let original = original.filter(|original| original.len() <= MAX_STORED);
        // Extra bits are the same in both encodings; they count against the original only.
        let extra = if original.is_some() { counts.extra_bits() } else { 0 };
        let fixed = 3
            + self.fixed_literals.size(&counts.literals)
            + self.fixed_distances.size(&counts.distances)
            + extra;
        let own = dynamic.size(&counts) + extra;
        if let Some(original) = original
            && (original.len() as u64 + 5) * 8 < fixed.min(own)
        {
            self.store(original, false);
            return;
        }
        if own < fixed {
            dynamic.write_header(&mut self.out);
            write_tokens(&mut self.out, tokens, &dynamic.literals, &dynamic.distances);
        } else {
            self.out.put(0b010, 3);
            write_tokens(&mut self.out, tokens, &self.fixed_literals, &self.fixed_distances);
        }
    }

    /// Writes a block of nothing.
    pub(crate) fn write_empty(&mut self, last: bool) {
        self.store(&[], last);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out.finish()
    }

    fn store(&mut self, bytes: &[u8], last: bool) {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.out.put(u32::from(last), 3);
        self.out.align();
        self.out.put(u32::from(length), 16);
        self.out.put(u32::from(!length), 16);
        self.out.put_bytes(bytes);
    }
}

impl Counts {
    fn of(tokens: &[Token]) -> Self {
        let mut counts = Self { literals: vec![0; LITERALS], distances: vec![0; DISTANCES] };
        counts.literals[END_OF_BLOCK] = 1;
        for token in tokens {
            match *token {
                Token::Literal(byte) => counts.literals[usize::from(byte)] += 1,
                Token::Match { length, distance } => {
                    counts.literals[FIRST_LENGTH + length_symbol(length)] += 1;
                    counts.distances[distance_symbol(distance)] += 1;
                }
            }
        }
        // There must be a code for distances even if there is no match.
        if counts.distances.iter().all(|count| *count == 0) {
            counts.distances[0] = 1;
        }
        counts
    }

    fn extra_bits(&self) -> u64 {
        let lengths = self
            .literals
            .iter()
            .skip(FIRST_LENGTH)
            .zip(LENGTHS)
            .map(|(count, (_, bits))| count * u64::from(bits));
        let distances = self
            .distances
            .iter()
            .enumerate()
            .map(|(symbol, count)| count * u64::from(distance_start(symbol).1));
        lengths.sum::<u64>() + distances.sum::<u64>()
    }
}

impl Dynamic {
    fn for_counts(counts: &Counts) -> Self {
        let used = |counts: &[u64]| counts.iter().rposition(|count| *count != 0).map_or(0, |last| last + 1);
        let (literal_count, distance_count) = (used(&counts.literals), used(&counts.distances));
        let literals = Codes::for_counts(&counts.literals, 15);
        let distances = Codes::for_counts(&counts.distances, 15);
        let all: Vec<u8> = literals.lengths(literal_count).chain(distances.lengths(distance_count)).collect();
        let description = describe(&all);
        let mut length_counts = vec![0; LENGTH_SYMBOLS];
        for (symbol, _, _) in &description {
            length_counts[*symbol] += 1;
        }
        let lengths = Codes::for_counts(&length_counts, 7);
        let written =
            LENGTH_ORDER.iter().rposition(|symbol| length_counts[*symbol] != 0).map_or(0, |last| last + 1);
        let length_count = written.max(4);
        let extra: u64 = description.iter().map(|(_, _, bits)| u64::from(*bits)).sum();
        let header_size = 3 + 5 + 5 + 4 + 3 * length_count as u64 + lengths.size(&length_counts) + extra;
        Self {
            literals,
            distances,
            description,
            lengths,
            literal_count,
            distance_count,
            length_count,
            header_size,
        }
    }

    fn size(&self, counts: &Counts) -> u64 {
        self.header_size + self.literals.size(&counts.literals) + self.distances.size(&counts.distances)
    }

    fn write_header(&self, out: &mut BitWriter) {
        let mut put = |number: usize, bits: u32| out.put(u32::try_from(number).unwrap_or(u32::MAX), bits);
        put(0b100, 3);
        put(self.literal_count - FIRST_LENGTH, 5);
        put(self.distance_count - 1, 5);
        put(self.length_count - 4, 4);
        for symbol in LENGTH_ORDER.iter().take(self.length_count) {
            put(usize::from(self.lengths.get(*symbol).length), 3);
        }
        for (symbol, extra, bits) in &self.description {
            write_code(out, self.lengths.get(*symbol));
            out.put(*extra, *bits);
        }
    }
}

/// Code lengths with their repetitions shortened (RFC 1951, 3.2.7): 16 repeats the last 3 to 6 times, 17 and 18 stand for 3
/// to 10 and 11 to 138 zeros.
fn describe(lengths: &[u8]) -> Vec<(usize, u32, u32)> {
    let mut description = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let length = usize::from(run[0]);
        let mut count = run.len();
        let mut take = |most: usize, symbol: usize, least: usize, bits: u32, count: &mut usize| {
            let taken = most.min(*count);
            description.push((symbol, u32::try_from(taken - least).unwrap_or_default(), bits));
            *count -= taken;
        };
        if length == 0 {
            while count >= 11 {
                take(138, 18, 11, 7, &mut count);
            }
            if count >= 3 {
                take(10, 17, 3, 3, &mut count);
            }
        } else {
            take(1, length, 1, 0, &mut count);
            while count >= 3 {
                take(6, 16, 3, 2, &mut count);
            }
        }
        while count > 0 {
            take(1, length, 1, 0, &mut count);
        }
    }
    description
}

fn write_tokens(out: &mut BitWriter, tokens: &[Token], literals: &Codes, distances: &Codes) {
    let put = |out: &mut BitWriter, number: usize, bits: u32| {
        out.put(u32::try_from(number).unwrap_or_default(), bits);
    };
    for token in tokens {
        match *token {
            Token::Literal(byte) => write_code(out, literals.get(usize::from(byte))),
            Token::Match { length, distance } => {
                let symbol = length_symbol(length);
                let (start, bits) = LENGTHS[symbol];
                write_code(out, literals.get(FIRST_LENGTH + symbol));
                put(out, length - MIN_LENGTH - start, bits);
                let symbol = distance_symbol(distance);
                let (start, bits) = distance_start(symbol);
                write_code(out, distances.get(symbol));
                put(out, distance - 1 - start, bits);
            }
        }
    }
    write_code(out, literals.get(END_OF_BLOCK));
}

fn write_code(out: &mut BitWriter, code: Code) {
    out.put(u32::from(code.bits), u32::from(code.length));
}

fn length_symbol(length: usize) -> usize {
    LENGTHS.partition_point(|(start, _)| *start <= length - MIN_LENGTH) - 1
}

fn distance_symbol(distance: usize) -> usize {
    let zero_based = distance - 1;
    if zero_based < 4 {
        return zero_based;
    }
    // Two symbols for each doubling, by the bit below the highest.
    let high = zero_based.ilog2() as usize;
    2 * high + (zero_based >> (high - 1) & 1)
}

/// What a distance (less 1) starts at, and its extra bits.
fn distance_start(symbol: usize) -> (usize, u32) {
    match symbol {
        0..4 => (symbol, 0),
        _ => {
            let bits = symbol / 2 - 1;
            ((2 + symbol % 2) << bits, u32::try_from(bits).unwrap_or_default())
        }
    }
}
