//! How often something was done, and what it cost.

use std::time::{Duration, Instant};

use crate::cpu;

/// How often something is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// In a second of the clock on the wall.
    pub(crate) per_second: f64,
    /// In a second of processor time of the process that does it.
    pub(crate) per_cpu_second: f64,
}

impl Rate {
    pub(crate) fn new(count: usize, elapsed: Duration, cpu: Duration) -> Self {
        Self { per_second: per(count, elapsed), per_cpu_second: per(count, cpu) }
    }
}

/// Runs `work` in this process; it returns how often it did what is measured.
pub(crate) fn measure(work: impl FnOnce() -> usize) -> Rate {
    let (started, cpu) = (Instant::now(), cpu::of_this_process());
    let count = work();
    Rate::new(count, started.elapsed(), cpu::of_this_process() - cpu)
}

/// Does `once` again and again for the span, on every core: cores that share their units are slower together than alone,
/// in the limit as under load.
pub(crate) fn repeat(span: Duration, once: impl Fn() + Sync) -> usize {
    let until = Instant::now() + span;
    let one_core = || {
        let mut count = 0;
        while Instant::now() < until {
            (0..16).for_each(|_| once());
            count += 16;
        }
        count
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(one_core)).collect();
        running.into_iter().map(|thread| thread.join().expect("the work does not panic")).sum()
    })
}

#[allow(clippy::cast_precision_loss)] // a count of some millions
pub(crate) fn per(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// What could be done in a second that needs each of these parts once: `1 / (1/a + 1/b + …)`.
pub(crate) fn combined<const N: usize>(parts: [f64; N]) -> f64 {
    1.0 / parts.iter().map(|part| 1.0 / part).sum::<f64>()
}
