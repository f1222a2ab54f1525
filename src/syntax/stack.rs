//! Stack space for what recurses with the nesting of the source: a parser may be called with little left, as when a
//! function of the language reads a template.

/// Below this the stack is extended; more than one level takes in a debug build.
const RED_ZONE: usize = 64 * 1024;

/// By how much.
const SEGMENT: usize = 1024 * 1024;

/// Runs one level of a recursion, on more stack where there is little left.
pub(crate) fn deeper<T>(level: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, SEGMENT, level)
}
