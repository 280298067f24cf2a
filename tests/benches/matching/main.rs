//! The cost of comparing claims with a record, in microseconds per record, without Redis or network, on one core.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod people;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use kyc_domain::{Claims, MatchPolicy, Record, assess};

/// The length of one measurement.
const ROUND: Duration = Duration::from_millis(300);
/// The number of measurements of each case. The median counts.
const ROUNDS: usize = 7;
/// The goal for a person with all claims.
const GOAL_MICROS: f64 = 20.0;

fn main() {
    // `cargo test --benches` only checks that it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "claims compared with a record, one core, median of {ROUNDS} rounds; goal: below {GOAL_MICROS} us\n"
    );
    println!(
        "{:<52} {:>7} {:>14} {:>12}",
        "", "claims", "verdict", "us per record"
    );
    let mut worst: f64 = 0.0;
    for case in people::cases() {
        let verdict = assess(&case.claims, &case.record, &MatchPolicy::default()).verdict;
        let micros = measure(&case.claims, &case.record);
        worst = worst.max(micros);
        let claims = case.claims.iter().count();
        println!(
            "{:<52} {claims:>7} {:>14} {micros:>12.2}",
            case.what,
            verdict.as_str()
        );
    }
    println!("\nslowest: {worst:.2} us per record");
}

/// Returns the microseconds of one assessment.
fn measure(claims: &Claims, record: &Record) -> f64 {
    let policy = MatchPolicy::default();
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| round(claims, record, &policy))
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn round(claims: &Claims, record: &Record, policy: &MatchPolicy) -> f64 {
    const BATCH: u32 = 200;
    let started = Instant::now();
    let mut assessed = 0;
    while started.elapsed() < ROUND {
        for _ in 0..BATCH {
            black_box(assess(black_box(claims), black_box(record), policy));
        }
        assessed += BATCH;
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(assessed)
}
