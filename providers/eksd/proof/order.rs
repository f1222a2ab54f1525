use std::collections::HashMap;

use provider::{PlannedAction, PlannedStep};

use super::component::{Component, Place};

/// Which steps are certainly done before which others begin.
///
/// Of each step it knows the key steps (those of etcd members and API servers, and of what else is on their nodes) before and behind it, one bit each.
pub struct Order<'a> {
    steps: &'a [PlannedStep],
    /// The bit of each key step.
    keys: HashMap<usize, usize>,
    /// Words of bits a step.
    width: usize,
    before: Vec<u64>,
    behind: Vec<u64>,
    gathers: HashMap<usize, Gathered>,
}

/// What a point of the order stands for.
struct Gathered {
    /// The steps that it names, sorted.
    steps: Vec<usize>,
    /// Those of them that are such points.
    inner: Vec<usize>,
}

impl<'a> Order<'a> {
    pub fn new(steps: &'a [PlannedStep], keys: impl Iterator<Item = usize>) -> Self {
        let mut bits = HashMap::new();
        for key in keys {
            let next = bits.len();
            bits.entry(key).or_insert(next);
        }
        let width = bits.len().div_ceil(64);
        let empty = vec![0; width * steps.len()];
        let gathers = (0..steps.len()).filter(|at| is_gather(steps, *at));
        let gathers = gathers.map(|at| (at, Gathered::of(steps, at))).collect();
        let mut order = Self { steps, keys: bits, width, before: empty.clone(), behind: empty, gathers };
        for at in 0..steps.len() {
            for earlier in earlier(steps, at) {
                join(&mut order.before, width, earlier, at, order.keys.get(&earlier));
            }
        }
        for at in (0..steps.len()).rev() {
            for earlier in earlier(steps, at) {
                join(&mut order.behind, width, at, earlier, order.keys.get(&at));
            }
        }
        order
    }

    /// True when `a` is certainly done before `b` begins. Where neither is a key step, only an order that the plan names
    /// directly is seen.
    pub fn precedes(&self, a: usize, b: usize) -> bool {
        #[cfg(test)]
        ASKED.set(ASKED.get() + 1);
        if let Some(bit) = self.keys.get(&a) {
            return self.has(&self.before, b, *bit);
        }
        match self.keys.get(&b) {
            Some(bit) => self.has(&self.behind, a, *bit),
            None => self.names(a, b),
        }
    }

    /// True when nothing keeps two steps from running at the same time.
    pub fn at_once(&self, a: usize, b: usize) -> bool {
        !self.precedes(a, b) && !self.precedes(b, a)
    }

    /// True when two components can be at these places at the same moment.
    pub fn together(&self, x: (&Component, Place), y: (&Component, Place)) -> bool {
        let apart = |(a, at): (&Component, Place), (b, other): (&Component, Place)| {
            let begun = at.begun.checked_sub(1).and_then(|last| a.steps.get(last));
            let waiting = b.steps.get(other.done);
            begun.zip(waiting).is_some_and(|(begun, waiting)| self.precedes(*waiting, *begun))
        };
        !apart(x, y) && !apart(y, x)
    }

    fn has(&self, sets: &[u64], step: usize, bit: usize) -> bool {
        sets[step * self.width + bit / 64] & (1 << (bit % 64)) != 0
    }

    fn names(&self, a: usize, b: usize) -> bool {
        let mut open: Vec<usize> = Vec::new();
        for at in earlier(self.steps, b) {
            if at == a {
                return true;
            }
            open.extend(self.gathers.contains_key(&at).then_some(at));
        }
        // Points that name points may be many: a look at so many of them finds what modules write.
        for _ in 0..MOST_GATHERS {
            let Some(gathered) = open.pop().and_then(|at| self.gathers.get(&at)) else { return false };
            if gathered.steps.binary_search(&a).is_ok() {
                return true;
            }
            open.extend(&gathered.inner);
        }
        false
    }
}

impl Gathered {
    fn of(steps: &[PlannedStep], at: usize) -> Self {
        let mut named: Vec<usize> = earlier(steps, at).collect();
        named.sort_unstable();
        let inner = named.iter().copied().filter(|at| is_gather(steps, *at)).collect();
        Self { steps: named, inner }
    }
}

fn is_gather(steps: &[PlannedStep], at: usize) -> bool {
    steps[at].action == PlannedAction::Gather
}

fn earlier(steps: &[PlannedStep], at: usize) -> impl Iterator<Item = usize> + '_ {
    steps[at].after_steps.iter().copied().filter(move |earlier| *earlier < at)
}

/// Adds to the set of `to` that of `from` and its own bit.
fn join(sets: &mut [u64], width: usize, from: usize, to: usize, bit: Option<&usize>) {
    for word in 0..width {
        sets[to * width + word] |= sets[from * width + word];
    }
    if let Some(bit) = bit {
        sets[to * width + bit / 64] |= 1 << (bit % 64);
    }
}

const MOST_GATHERS: usize = 32;

#[cfg(test)]
thread_local! {
    /// How often [`Order::precedes`] was called.
    pub static ASKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
