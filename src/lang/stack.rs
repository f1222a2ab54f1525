//! Stack space for recursion that follows the nesting of the source, which the parser bounds at
//! [`syntax::MAX_HEIGHT`]: far more than the stack of a worker thread holds.

/// Below this the stack is extended; more than what one level of any recursion here takes in a debug build.
const RED_ZONE: usize = 192 * 1024;

/// By how much.
const SEGMENT: usize = 2 * 1024 * 1024;

/// Runs one level of a recursion, on more stack where there is little left.
pub(crate) fn deeper<T>(level: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, SEGMENT, level)
}
