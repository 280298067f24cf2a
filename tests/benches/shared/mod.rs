//! Code that the benchmarks of the queue and of the limits share: a Redis with jobs, worker processes whose jobs do nothing,
//! and gauges.

pub(crate) mod arguments;
pub(crate) mod drain;
pub(crate) mod fleet;
pub(crate) mod gauge;
pub(crate) mod jobs;
pub(crate) mod noop;
pub(crate) mod record;
pub(crate) mod slow;
pub(crate) mod stage;

use arguments::Arguments;

/// The `main` of a benchmark. The program is also its own worker process.
pub(crate) fn start(measure: impl AsyncFnOnce(&Arguments)) {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == fleet::WORKER) {
        return noop::process();
    }
    // `cargo test --benches` only checks that it starts.
    if words.iter().any(|word| word == "--test") {
        return;
    }
    let arguments = Arguments::read(&words);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(&arguments));
}
