//! Huffman codes of limited length.

/// The code of each symbol.
pub(crate) struct Codes(Vec<Code>);

#[derive(Clone, Copy, Default)]
pub(crate) struct Code {
    /// As it is written: first bit lowest.
    pub bits: u16,
    /// 0 for a symbol that does not occur.
    pub length: u8,
}

/// A symbol that occurs, and how often.
#[derive(Clone, Copy)]
struct Leaf {
    symbol: usize,
    count: u64,
}

/// No frequency is as great.
const NEVER: u64 = u64::MAX;

const MAX_LEVELS: usize = 16;

/// A level of the search for code lengths: the items of its row, in rising order, are leaves and pairs of items of the
/// level below.
#[derive(Clone, Copy)]
struct Level {
    last: u64,
    next_leaf: u64,
    next_pair: u64,
    /// How many items are still to be found.
    needed: usize,
}

impl Codes {
    /// The shortest codes for symbols that occur so often, none longer than `max_length` (below 16) bits.
    pub(crate) fn for_counts(counts: &[u64], max_length: usize) -> Self {
        let mut codes = vec![Code::default(); counts.len()];
        let occurring = counts.iter().enumerate().filter(|(_, count)| **count != 0);
        let mut leaves: Vec<Leaf> = occurring.map(|(symbol, count)| Leaf { symbol, count: *count }).collect();
        if leaves.len() <= 2 {
            for (bits, leaf) in (0..).zip(&leaves) {
                codes[leaf.symbol] = Code { bits, length: 1 };
            }
            return Self(codes);
        }
        leaves.sort_by_key(|leaf| (leaf.count, leaf.symbol));
        let lengths = count_lengths(&leaves, max_length.min(leaves.len() - 1));
        let mut code = 0u16;
        let mut rest = leaves.as_mut_slice();
        for (length, count) in (0u8..).zip(lengths) {
            code <<= 1;
            // The most frequent of the rest have this length; their codes go by symbol.
            let (others, chunk) = rest.split_at_mut(rest.len() - count);
            chunk.sort_by_key(|leaf| leaf.symbol);
            for leaf in chunk {
                codes[leaf.symbol] = Code { bits: reversed(code, length), length };
                code += 1;
            }
            rest = others;
        }
        Self(codes)
    }

    /// The codes of blocks that bring none (RFC 1951, 3.2.6): of literals and lengths.
    pub(crate) fn fixed_literals() -> Self {
        let code = |symbol: u16| match symbol {
            0..144 => (symbol + 48, 8),
            144..256 => (symbol - 144 + 400, 9),
            256..280 => (symbol - 256, 7),
            _ => (symbol - 280 + 192, 8),
        };
        Self((0..286).map(code).map(|(bits, length)| Code { bits: reversed(bits, length), length }).collect())
    }

    /// And of distances.
    pub(crate) fn fixed_distances() -> Self {
        Self((0..30).map(|symbol| Code { bits: reversed(symbol, 5), length: 5 }).collect())
    }

    pub(crate) fn get(&self, symbol: usize) -> Code {
        self.0.get(symbol).copied().unwrap_or_default()
    }

    /// The lengths of the first symbols' codes.
    pub(crate) fn lengths(&self, count: usize) -> impl Iterator<Item = u8> {
        self.0.iter().take(count).map(|code| code.length)
    }

    /// How many bits symbols take that occur so often.
    pub(crate) fn size(&self, counts: &[u64]) -> u64 {
        counts.iter().zip(&self.0).map(|(count, code)| count * u64::from(code.length)).sum()
    }
}

/// How many of the leaves (in rising order, at least 3) get codes of each length.
///
/// The lazy form of the package-merge algorithm for codes of limited length (Katajainen, Moffat, Turpin 1995): each level
/// makes items only when the one above needs them. `under[l][m]` counts the leaves of level `m` that lie under the last
/// item of level `l`.
fn count_lengths(leaves: &[Leaf], depth: usize) -> Vec<usize> {
    let count = |at: usize| leaves.get(at).map_or(NEVER, |leaf| leaf.count);
    let first_pair = count(0) + count(1);
    let mut levels =
        [Level { last: count(1), next_leaf: count(2), next_pair: first_pair, needed: 0 }; MAX_LEVELS + 1];
    levels[1].next_pair = NEVER;
    levels[depth].needed = 2 * leaves.len() - 4;
    let mut under = [[0usize; MAX_LEVELS + 1]; MAX_LEVELS + 1];
    for (level, counts) in under.iter_mut().enumerate().take(depth + 1).skip(1) {
        counts[level] = 2;
    }
    let mut at = depth;
    loop {
        let level = levels[at];
        if level.next_pair == NEVER && level.next_leaf == NEVER {
            // Nothing is left at this level, nor will be: it is not come back to.
            levels[at].needed = 0;
            levels[at + 1].next_pair = NEVER;
            at += 1;
            continue;
        }
        if level.next_leaf < level.next_pair {
            under[at][at] += 1;
            levels[at].last = level.next_leaf;
            levels[at].next_leaf = count(under[at][at]);
        } else {
            levels[at].last = level.next_pair;
            let below = under[at - 1];
            under[at][..at].copy_from_slice(&below[..at]);
            levels[at - 1].needed = 2;
        }
        levels[at].needed -= 1;
        if levels[at].needed == 0 {
            if at == depth {
                break;
            }
            levels[at + 1].next_pair = level.last + levels[at].last;
            at += 1;
        } else {
            while levels[at - 1].needed > 0 {
                at -= 1;
            }
        }
    }
    let mut lengths = vec![0; depth + 1];
    for level in 1..=depth {
        lengths[depth + 1 - level] = under[depth][level] - under[depth][level - 1];
    }
    lengths
}

fn reversed(bits: u16, length: u8) -> u16 {
    if length == 0 { 0 } else { bits.reverse_bits() >> (16 - u32::from(length)) }
}
