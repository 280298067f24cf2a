//! What the benchmarks of the queue and of its limits share: a Redis with jobs in it, worker processes whose jobs do
//! nothing, and gauges.

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

/// The whole of a benchmark's `main`: this program may also be one of its own workers.
pub(crate) fn start(measure: impl AsyncFnOnce(&Arguments)) {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == fleet::WORKER) {
        return noop::process();
    }
    // `cargo test --benches` only asks whether it starts.
    if words.iter().any(|word| word == "--test") {
        return;
    }
    let arguments = Arguments::read(&words);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(&arguments));
}
