//! Every class of answers, over real sockets: the reaction of the job, of its attempts and of its kind to each answer.
//!
//! [`ends`] has the answers that end a job or are tried again. [`parks`] and [`pauses`] have those that pause a whole kind,
//! and [`configured`] those that settings define. [`damaged`] has answers that are damaged or have another shape. In
//! [`reach`] the provider cannot be reached, and in [`circuit`] it fails for all jobs. The provider is the sandbox where it
//! can send the answer, and otherwise a [`provider`] that sends any bytes.

mod circuit;
mod configured;
mod damaged;
mod ends;
mod parks;
mod pauses;
mod reach;

use kyc_queue::{State, Verification};
use kyc_tests::{World, provider};

/// Quick retries, time-outs that a test can wait for, and no circuit.
pub(crate) const QUICK: [(&str, &str); 7] = [
    ("retry_first", "20ms"),
    ("retry_longest", "50ms"),
    ("call_timeout", "2s"),
    ("connect_timeout", "1s"),
    ("max_attempts", "4"),
    ("circuit_failures", "0"),
    // The claims do not matter here.
    ("match_required", "ignore"),
];

/// Sets these settings for all children of the world.
pub(crate) fn settle(world: &mut World, settings: &[(&str, &str)]) {
    for (key, value) in settings {
        world.set(key, value);
    }
}

/// The end of a job: its verdict, or the code with which it died.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Completed(&'static str),
    Dead(&'static str),
}

/// Asserts the end and the number of attempts of a job, and the class of all attempts but the one that completed it.
pub(crate) fn ended(what: &str, known: &Verification, end: End, attempts: u32, class: &str) {
    let seen = match known.state {
        State::Completed => known.verdict.as_deref(),
        _ => known.code.as_deref(),
    };
    let (state, expected) = match end {
        End::Completed(verdict) => (State::Completed, verdict),
        End::Dead(code) => (State::Dead, code),
    };
    assert_eq!(
        (known.state, seen),
        (state, Some(expected)),
        "{what}: {known:?}"
    );
    assert_eq!(known.attempts, attempts, "attempts of {what}: {known:?}");
    let mut failed = known
        .history
        .iter()
        .map(|attempt| attempt.class.as_str())
        .filter(|class| *class != "completed");
    assert!(
        failed.all(|failed| failed == class),
        "class of {what}: {known:?}"
    );
}
