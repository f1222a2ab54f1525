use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does something for every item, as many at a time as there are processors. Panics are passed on.
pub fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let workers = thread::available_parallelism().map_or(2, usize::from).min(items.len().max(1));
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}
