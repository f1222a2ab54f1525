//! Which items of two sequences stay, go and come.

use std::collections::HashSet;
use std::hash::Hash;

use similar::{Algorithm, capture_diff_slices};

/// One step through both sequences, with places in the old and the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Stays, or is better shown as one item that changes than as one that goes and one that comes.
    Both(usize, usize),
    Gone(usize),
    Come(usize),
}

/// Items of a list. Where as many are there as before, and not just in another order, each is compared with what was in its
/// place; else what they have in common stays, and of the rest only those change that are `alike`.
pub fn list<T: Hash + Eq>(old: &[T], new: &[T], alike: impl Fn(&T, &T) -> bool) -> Vec<Step> {
    if old.len() == new.len() && !is_reordered(old, new) {
        return (0..old.len()).map(|at| Step::Both(at, at)).collect();
    }
    steps(old, new, alike)
}

/// Lines of a text: what they have in common stays.
pub fn lines(old: &[&str], new: &[&str]) -> Vec<Step> {
    steps(old, new, |_, _| false)
}

fn is_reordered<T: Hash + Eq>(old: &[T], new: &[T]) -> bool {
    let known: HashSet<&T> = new.iter().collect();
    old.iter().all(|item| known.contains(item))
}

fn steps<T: Hash + Eq>(old: &[T], new: &[T], alike: impl Fn(&T, &T) -> bool) -> Vec<Step> {
    let common = common(old, new);
    let mut rest = common.iter().peekable();
    let (mut from, mut to) = (0, 0);
    let mut steps = Vec::with_capacity(old.len().max(new.len()));
    loop {
        let next = rest.next();
        let stays = |item: Option<&T>| item.is_some_and(|item| next.is_some_and(|next| **next == *item));
        while from < old.len() && !stays(old.get(from)) {
            let pair = new.get(to).is_some_and(|item| !stays(Some(item)) && alike(&old[from], item));
            if pair {
                steps.push(Step::Both(from, to));
                to += 1;
            } else {
                steps.push(Step::Gone(from));
            }
            from += 1;
        }
        while to < new.len() && !stays(new.get(to)) {
            steps.push(Step::Come(to));
            to += 1;
        }
        if next.is_none() {
            return steps;
        }
        steps.push(Step::Both(from, to));
        (from, to) = (from + 1, to + 1);
    }
}

/// A longest common subsequence; of several, the one that keeps what stands late in the old sequence.
fn common<'a, T: Hash + Eq>(old: &'a [T], new: &[T]) -> Vec<&'a T> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..], &new[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let middle = if a.len().saturating_mul(b.len()) <= TABLE { exact(a, b) } else { quick(a, b) };
    old[..head].iter().chain(middle).chain(&old[old.len() - tail..]).collect()
}

/// By the table of the lengths for all beginnings.
fn exact<'a, T: Eq>(old: &'a [T], new: &[T]) -> Vec<&'a T> {
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for (i, a) in old.iter().enumerate() {
        for (j, b) in new.iter().enumerate() {
            let at = (i + 1) * width + j + 1;
            lengths[at] =
                if a == b { lengths[at - width - 1] + 1 } else { lengths[at - 1].max(lengths[at - width]) };
        }
    }
    let (mut i, mut j) = (old.len(), new.len());
    let mut found = Vec::new();
    while i > 0 && j > 0 {
        let at = i * width + j;
        if old[i - 1] == new[j - 1] {
            found.push(&old[i - 1]);
            (i, j) = (i - 1, j - 1);
        } else if lengths[at - 1] >= lengths[at - width] {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    found.reverse();
    found
}

/// For sequences whose table would be too large.
fn quick<'a, T: Hash + Eq>(old: &'a [T], new: &[T]) -> Vec<&'a T> {
    let equal = |op: &similar::DiffOp| op.tag() == similar::DiffTag::Equal;
    let ops = capture_diff_slices(Algorithm::Myers, old, new);
    ops.iter().filter(|op| equal(op)).flat_map(|op| &old[op.old_range()]).collect()
}

/// Cells of the largest table: 16 MB.
const TABLE: usize = 4_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Items as letters: `b` stays, `-b` goes, `+b` comes, `b>c` changes.
    fn shown(old: &str, new: &str, steps: &[Step]) -> String {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        let one = |step: &Step| match *step {
            Step::Both(i, j) if old[i] == new[j] => old[i].to_string(),
            Step::Both(i, j) => format!("{}>{}", old[i], new[j]),
            Step::Gone(i) => format!("-{}", old[i]),
            Step::Come(j) => format!("+{}", new[j]),
        };
        steps.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_are_compared_by_place_or_by_what_they_share() {
        for (reason, old, new, expected) in [
            ("one changes", "abc", "axc", "a b>x c"),
            ("all change", "abc", "xyz", "a>x b>y c>z"),
            ("as many, though most could stay", "abcd", "bcdx", "a>b b>c c>d d>x"),
            ("one comes", "abc", "abcd", "a b c +d"),
            ("the first goes", "abcd", "bcd", "-a b c d"),
            ("more come than go", "ab", "xyz", "-a -b +x +y +z"),
            ("reordered: the late ones stay", "abcd", "badc", "-a b -c +a d +c"),
            ("reordered: the last comes first", "abc", "cab", "+c a b -c"),
            ("reordered with doubles", "aabb", "abbb", "a -a b b +b"),
            ("nothing before", "", "ab", "+a +b"),
            ("nothing after", "ab", "", "-a -b"),
        ] {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let steps = list(&letters(old), &letters(new), |_, _| false);
            assert_eq!(shown(old, new, &steps), expected, "{reason}");
        }
    }

    #[test]
    fn what_is_alike_changes_instead_of_going_and_coming() {
        let digit = |c: &char| c.is_ascii_digit();
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let steps = list(&letters("a1b2"), &letters("a3b45"), |a, b| digit(a) && digit(b));
        assert_eq!(shown("a1b2", "a3b45", &steps), "a 1>3 b 2>4 +5");
    }

    #[test]
    fn long_sequences_are_compared_without_a_table() {
        let old: Vec<usize> = (0..6000).collect();
        let mut new: Vec<usize> = (0..6000).map(|n| if n % 2 == 0 { n } else { n + 10_000 }).collect();
        new.push(1);
        let steps = list(&old, &new, |_, _| false);
        let stays = steps.iter().filter(|step| matches!(step, Step::Both(..))).count();
        assert_eq!((stays, steps.len()), (3000, 9001));
    }
}
