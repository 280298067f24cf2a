//! The HTTP API: submissions beside a bare handler that does one write to Redis, and how many can wait at one server.
//!
//! `waiters` measures long polls and streams of events. Otherwise submissions are measured: `--connections N` sets how many are
//! sent at once, `--rounds N` how often both servers are measured, `--seconds N` for how long, `--keyless` leaves out the
//! idempotency key, `--before KYC` measures another build in the same rounds.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod bare;
mod connection;
mod server;
mod submit;
mod times;
mod waiters;

use submit::Plan;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| words.iter().any(|word| word == name);
    // `cargo test --benches` only checks that it starts.
    if has("--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Some(at) = words.iter().position(|word| word == bare::ROLE) {
        return runtime.block_on(bare::serve(&words[at + 1], &words[at + 2]));
    }
    let text = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        let value = words.get(at + 1).cloned();
        Some(value.unwrap_or_else(|| panic!("{name} requires a value")))
    };
    let number = |name: &str, default: usize| {
        text(name).map_or(default, |text| text.parse().expect("a number"))
    };
    if has("waiters") {
        return runtime.block_on(waiters::measure(number("--each", 1_000)));
    }
    runtime.block_on(submit::measure(&Plan {
        connections: number("--connections", 64),
        rounds: number("--rounds", 5),
        seconds: number("--seconds", 4),
        keyed: !has("--keyless"),
        before: text("--before"),
    }));
}
