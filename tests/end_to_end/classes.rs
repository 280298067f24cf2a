//! Every class of answers, over real sockets: what the provider does, and what becomes of the job, of its attempts and of its kind.
//!
//! [`ends`] has the answers that end a job or are tried again, [`parks`] and [`pauses`] those that let a whole kind wait, [`configured`] sentences that
//! people taught the worker, [`odd`] answers that are damaged, or say the same otherwise, [`reach`] what comes before an answer, [`circuit`] a provider that fails for all. Where the sandbox
//! does it, it is the sandbox; else a [`provider`] that sends any bytes.

mod circuit;
mod configured;
mod ends;
mod odd;
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
    // What these answers say of people is not the point.
    ("match_required", "ignore"),
];

/// Gives all children of the world these settings.
pub(crate) fn settle(world: &mut World, settings: &[(&str, &str)]) {
    for (key, value) in settings {
        world.set(key, value);
    }
}

/// How a job ends: the verdict, or the code of a dead one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Completed(&'static str),
    Dead(&'static str),
}

/// The job ended so, with so many attempts, of which all but the one that completed it were of that class.
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
