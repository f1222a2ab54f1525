//! The search for what was there before: hash chains over a window, with lazy evaluation.

use crate::block::{BlockWriter, Token};

const WINDOW: usize = 1 << 15;
/// The shortest match that is made use of, though the format knows shorter ones.
const MIN_MATCH: usize = 4;
const MAX_MATCH: usize = 258;
/// What must be ahead before a position is worked on, unless the end is near.
const LOOKAHEAD: usize = MIN_MATCH + MAX_MATCH;
const HASH_BITS: u32 = 17;
/// The most tokens of a block.
const MAX_TOKENS: usize = 1 << 14;

/// Go's level 6: a match of this length is not tried to be bettered by starting one later,
const LAZY: usize = 16;
/// one of this length is taken at once,
const NICE: usize = 128;
/// and so many earlier places are looked at.
const CHAIN: usize = 128;
/// The shortest matches are not worth a distance above this.
const NEAR: usize = 4096;

pub(crate) struct Matcher<'a> {
    data: &'a [u8],
    /// The last position of each hash, plus 1; 0 for none.
    head: Vec<usize>,
    /// The position before of the same hash, by position in the window; as `head`.
    previous: Vec<usize>,
    /// Where the window starts. It holds twice [`WINDOW`] bytes, and is moved on by that when it is worked through.
    base: usize,
    /// Up to where the window is filled.
    end: usize,
    index: usize,
    /// Where the block that is being collected starts, unless that has left the window.
    block_start: Option<usize>,
    tokens: Vec<Token>,
    /// The match that was found at the position before.
    length: usize,
    distance: usize,
    /// Whether the byte before is not yet part of a token.
    pending: bool,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            head: vec![0; 1 << HASH_BITS],
            previous: vec![0; WINDOW],
            base: 0,
            end: 0,
            index: 0,
            block_start: Some(0),
            tokens: Vec::with_capacity(MAX_TOKENS),
            length: MIN_MATCH - 1,
            distance: 0,
            pending: false,
        }
    }

    /// Takes everything apart into blocks.
    pub(crate) fn run(mut self, blocks: &mut BlockWriter) {
        while self.end < self.data.len() {
            self.advance(blocks, false);
            self.fill();
        }
        self.advance(blocks, true);
    }

    /// Takes as much as fits into the window, which is moved on before if it is worked through.
    fn fill(&mut self) {
        if self.index - self.base >= 2 * WINDOW - LOOKAHEAD {
            self.base += WINDOW;
            self.block_start = self.block_start.filter(|start| *start >= self.base);
        }
        self.end = self.data.len().min(self.base + 2 * WINDOW);
    }

    /// Works on what is in the window; `last` when nothing more comes.
    fn advance(&mut self, blocks: &mut BlockWriter, last: bool) {
        loop {
            let ahead = self.end - self.index;
            if ahead < LOOKAHEAD && !last {
                return;
            }
            if ahead == 0 {
                break;
            }
            self.step(ahead, blocks);
        }
        if self.pending {
            self.tokens.push(Token::Literal(self.data[self.index - 1]));
            self.pending = false;
        }
        if !self.tokens.is_empty() {
            self.write_block(blocks);
        }
    }

    fn step(&mut self, ahead: usize, blocks: &mut BlockWriter) {
        let candidate = self.insert();
        let (previous_length, previous_distance) = (self.length, self.distance);
        (self.length, self.distance) = (MIN_MATCH - 1, 0);
        if ahead > previous_length
            && previous_length < LAZY
            && let Some((length, distance)) = candidate.and_then(|candidate| self.find(candidate, ahead))
        {
            (self.length, self.distance) = (length, distance);
        }
        if previous_length >= MIN_MATCH && self.length <= previous_length {
            // The match at the position before is not bettered here.
            self.tokens.push(Token::Match { length: previous_length, distance: previous_distance });
            let end = self.index + previous_length - 1;
            self.index += 1;
            while self.index < end {
                self.insert();
                self.index += 1;
            }
            self.pending = false;
            self.length = MIN_MATCH - 1;
            if self.tokens.len() == MAX_TOKENS {
                self.write_block(blocks);
            }
            return;
        }
        if self.pending {
            self.tokens.push(Token::Literal(self.data[self.index - 1]));
            if self.tokens.len() == MAX_TOKENS {
                self.write_block(blocks);
            }
        }
        self.index += 1;
        self.pending = true;
    }

    /// Enters the current position into the chains; gives the last position with the same hash, if it is near enough.
    fn insert(&mut self) -> Option<usize> {
        let index = self.index;
        let bytes: [u8; MIN_MATCH] = self.data[..self.end].get(index..index + MIN_MATCH)?.try_into().ok()?;
        let hash = (u32::from_be_bytes(bytes).wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS)) as usize;
        let last = std::mem::replace(&mut self.head[hash], index + 1);
        self.previous[index % WINDOW] = last;
        let last = last.checked_sub(1)?;
        (last >= self.base && index - last <= WINDOW).then_some(last)
    }

    /// The longest match of at least [`MIN_MATCH`] bytes along a chain, if there is one.
    fn find(&self, mut candidate: usize, ahead: usize) -> Option<(usize, usize)> {
        let index = self.index;
        let most = ahead.min(MAX_MATCH);
        let wanted = &self.data[index..index + most];
        let nice = most.min(NICE);
        let mut best = None;
        let mut length = MIN_MATCH - 1;
        for _ in 0..CHAIN {
            let distance = index - candidate;
            if self.data[candidate + length] == wanted[length] {
                let found = wanted.iter().zip(&self.data[candidate..]).take_while(|(a, b)| a == b).count();
                if found > length && (found > MIN_MATCH || distance <= NEAR) {
                    length = found;
                    best = Some((length, distance));
                    if length >= nice {
                        break;
                    }
                }
            }
            if distance == WINDOW {
                // The next link has been overwritten.
                break;
            }
            match self.previous[candidate % WINDOW].checked_sub(1) {
                Some(next) if next >= self.base && index - next <= WINDOW => candidate = next,
                _ => break,
            }
        }
        best
    }

    fn write_block(&mut self, blocks: &mut BlockWriter) {
        let original = self.block_start.map(|start| &self.data[start..self.index]);
        blocks.write(&self.tokens, original);
        self.block_start = Some(self.index);
        self.tokens.clear();
    }
}
