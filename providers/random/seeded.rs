//! The generator for values that take a seed: Go's `math/rand`, so that a seed gives what `HashiCorp`'s provider gives.
//!
//! It is an additive lagged Fibonacci generator over 64-bit words: `x[n] = x[n-607] + x[n-273]`. Go starts it from a
//! table that its source describes as the state of such a generator after 7.8e12 steps. Instead of the table, the same
//! state is computed here by raising the generator's polynomial to that power.

use std::sync::LazyLock;

/// A source of random numbers.
pub(crate) struct Generator {
    state: Box<[u64; LENGTH]>,
    tap: usize,
    feed: usize,
}

const LENGTH: usize = 607;

const TAP: usize = 273;

/// The steps from which Go's table was taken.
const TABLE_STEPS: u64 = 7_800_000_000_000;

static TABLE: LazyLock<Vec<u64>> = LazyLock::new(table);

impl Generator {
    /// From a text, or from the operating system's generator.
    pub(crate) fn new(seed: Option<&str>) -> Self {
        #[expect(clippy::cast_possible_wrap, reason = "Go takes the checksum's bits for a signed number")]
        let seed = match seed {
            Some(seed) => crc64_iso(seed.as_bytes()) as i64,
            None => rand::random(),
        };
        Self::from_number(seed)
    }

    fn from_number(seed: i64) -> Self {
        let words = initial_words(seed.rem_euclid(i64::from(i32::MAX)), 40, 20);
        let mut state = Box::new([0; LENGTH]);
        for ((slot, word), mask) in state.iter_mut().zip(words).zip(TABLE.iter()) {
            *slot = word ^ mask;
        }
        Self { state, tap: 0, feed: LENGTH - TAP }
    }

    /// A whole number from `min` to `max`, both included.
    pub(crate) fn between(&mut self, min: i64, max: i64) -> i64 {
        let count = i128::from(max) - i128::from(min) + 1;
        match i64::try_from(count) {
            Ok(count) => min.wrapping_add(self.below(count)),
            // More numbers than Go can count: any that fits.
            Err(_) => loop {
                #[expect(clippy::cast_possible_wrap, reason = "all bit patterns are wanted")]
                let number = self.next() as i64;
                if (min..=max).contains(&number) {
                    return number;
                }
            },
        }
    }

    /// The numbers below `n` in random order.
    pub(crate) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order = vec![0; n];
        for at in 0..n {
            let bound = i64::try_from(at).unwrap_or(i64::MAX - 1) + 1;
            let other = usize::try_from(self.below(bound)).unwrap_or_default();
            order[at] = order[other];
            order[other] = at;
        }
        order
    }

    /// A number from 0 and below `n`, without bias (Go's `Intn`); 0 if `n` is not positive.
    fn below(&mut self, n: i64) -> i64 {
        if n <= 1 {
            // Go draws a number here too; it only matters for what follows.
            self.next();
            return 0;
        }
        let small = n <= i64::from(i32::MAX);
        let bits = if small { 31 } else { 63 };
        let range = 1u64 << bits;
        let n = n.unsigned_abs();
        let draw = |generator: &mut Self| {
            let number = generator.next() & (u64::MAX >> 1);
            if small { number >> 32 } else { number }
        };
        let mut number = draw(self);
        if !n.is_power_of_two() {
            let greatest = range - 1 - range % n;
            while number > greatest {
                number = draw(self);
            }
        }
        i64::try_from(number % n).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.tap = self.tap.checked_sub(1).unwrap_or(LENGTH - 1);
        self.feed = self.feed.checked_sub(1).unwrap_or(LENGTH - 1);
        let word = self.state[self.feed].wrapping_add(self.state[self.tap]);
        self.state[self.feed] = word;
        word
    }
}

/// The words a generator starts from: three numbers of Lehmer's generator each, shifted apart.
fn initial_words(seed: i64, high: u32, middle: u32) -> Vec<u64> {
    let mut x = if seed == 0 { 89_482_311 } else { seed.unsigned_abs() };
    let mut step = || {
        x = x * 48_271 % 0x7fff_ffff;
        x
    };
    for _ in 0..20 {
        step();
    }
    (0..LENGTH).map(|_| (step() << high) ^ (step() << middle) ^ step()).collect()
}

/// The state of a generator seeded with 1 after [`TABLE_STEPS`].
fn table() -> Vec<u64> {
    let initial = initial_words(1, 20, 10);
    // What the generator gives: its state read in the order in which `feed` passes over it, then the sums.
    let mut sequence: Vec<u64> = (0..LENGTH).map(|n| initial[(2 * LENGTH - TAP - 1 - n) % LENGTH]).collect();
    for n in LENGTH..2 * LENGTH {
        sequence.push(sequence[n - LENGTH].wrapping_add(sequence[n - TAP]));
    }
    let power = power_of_x(TABLE_STEPS);
    let after = |k: usize| {
        power.iter().zip(&sequence[k..]).fold(0u64, |sum, (c, x)| sum.wrapping_add(c.wrapping_mul(*x)))
    };
    let mut state = vec![0; LENGTH];
    let start = usize::try_from(TABLE_STEPS % LENGTH as u64).unwrap_or_default();
    for n in 0..LENGTH {
        state[(3 * LENGTH - TAP - 1 - n - start) % LENGTH] = after(n);
    }
    state
}

/// `x` to the power of `n` modulo `x^607 - x^334 - 1`, with coefficients modulo 2^64: what the element `n` steps on is
/// of the first 607.
fn power_of_x(n: u64) -> Vec<u64> {
    let mut power = vec![0u64; LENGTH];
    power[0] = 1;
    for bit in (0..u64::BITS - n.leading_zeros()).rev() {
        let mut square = vec![0u64; 2 * LENGTH + 1];
        let odd = usize::from(n >> bit & 1 == 1);
        for (i, a) in power.iter().enumerate().filter(|(_, a)| **a != 0) {
            for (j, b) in power.iter().enumerate() {
                let slot = &mut square[i + j + odd];
                *slot = slot.wrapping_add(a.wrapping_mul(*b));
            }
        }
        for i in (LENGTH..square.len()).rev() {
            let coefficient = std::mem::take(&mut square[i]);
            square[i - LENGTH] = square[i - LENGTH].wrapping_add(coefficient);
            square[i - TAP] = square[i - TAP].wrapping_add(coefficient);
        }
        square.truncate(LENGTH);
        power = square;
    }
    power
}

/// CRC-64 with the polynomial of ISO 3309, reflected.
fn crc64_iso(bytes: &[u8]) -> u64 {
    let crc = bytes.iter().fold(u64::MAX, |crc, byte| {
        (0..8).fold(crc ^ u64::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xd800_0000_0000_0000 } else { crc >> 1 }
        })
    });
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sequence that every Go program with seed 1 prints.
    #[test]
    fn numbers_are_those_of_go() {
        let mut generator = Generator::from_number(1);
        let numbers: Vec<i64> = (0..10).map(|_| generator.below(100)).collect();
        assert_eq!(numbers, [81, 87, 47, 59, 81, 18, 25, 40, 56, 0]);
    }

    #[test]
    fn the_checksum_is_that_of_iso_3309() {
        assert_eq!(crc64_iso(b"123456789"), 0xb909_56c7_75a4_1001);
    }

    #[test]
    fn numbers_are_in_their_range() {
        let mut generator = Generator::new(Some("seed"));
        for (min, max) in
            [(0, 0), (-5, 5), (i64::MIN, i64::MAX), (i64::MAX, i64::MAX), (i64::MIN, 0), (0, 1 << 40)]
        {
            for _ in 0..20 {
                assert!((min..=max).contains(&generator.between(min, max)), "{min} to {max}");
            }
        }
        for n in [0, 1, 2, 50] {
            let mut order = generator.permutation(n);
            order.sort_unstable();
            assert_eq!(order, (0..n).collect::<Vec<_>>());
        }
    }
}
