//! The ledger finds each broken promise, and no other.

mod sharing;

use kyc_queue::{State, Verification};

use super::{Fate, Ledger};
use crate::chaos::{
    faults::Happened, jobs::Accepted, jobs::Maker, plan::Fault, report::Row, workers::Tally,
};

/// A job that ended as required.
fn good() -> Fate {
    let offers = Maker::new(1, 0, (0, "one"), 1).make(50);
    let plain = offers.iter().map(|offer| Accepted::of(offer, None));
    let known = Verification {
        priority: "normal".to_owned(),
        worker: None,
        deadline: None,
        id: kyc_domain::VerificationId::generate(),
        kind: "bvn".to_owned(),
        tenant: "default".to_owned(),
        reference: String::new(),
        number: String::new(),
        state: State::Dead,
        waiting: None,
        verdict: None,
        code: Some("truncated".to_owned()),
        sentence: None,
        attempts: 3,
        stalls: 0,
        calls: 3,
        unanswered_calls: 0,
        enqueued_at: Default::default(),
        finished_at: None,
        answer_retained: false,
        erased: false,
        history: Vec::new(),
        outcome: None,
    };
    Fate {
        accepted: Accepted {
            case: "033".to_owned(),
            ..plain.into_iter().next().unwrap_or_default()
        },
        known: Some(known),
        published: 1,
        upstream: 3,
    }
}

fn ledger(fates: Vec<Fate>) -> Ledger {
    Ledger {
        fates,
        unanswered: Vec::new(),
        rejected: 0,
        ends: Vec::new(),
        strangers: Vec::new(),
        doubled: Vec::new(),
    }
}

fn broken(ledger: &Ledger, tally: Tally) -> Vec<&'static str> {
    let kill = Happened {
        fault: Fault::Kill,
        began_ms: 1,
        ended_ms: 2,
        under_way: Some(2),
    };
    let rows = ledger.rows(&[kill], tally, (2, 2));
    let broken = rows.into_iter().filter(|row: &Row| !row.is_retained());
    broken.map(|row| row.key).collect()
}

fn broken_by(spoil: impl Fn(&mut Fate, &mut Verification)) -> Vec<&'static str> {
    let mut fate = good();
    let mut known = fate.known.take().unwrap();
    fate.accepted.in_ledger = "bvn/another".to_owned();
    spoil(&mut fate, &mut known);
    fate.known = Some(known);
    broken(&ledger(vec![good(), fate]), Tally::default())
}

#[test]
fn a_job_that_breaks_a_promise_is_found() {
    assert_eq!(broken_by(|_, _| ()), [""; 0]);
    assert_eq!(broken_by(|fate, _| fate.published = 2), ["published_twice"]);
    assert_eq!(broken_by(|fate, _| fate.published = 0), ["unpublished"]);
    assert_eq!(
        broken_by(|fate, job| {
            job.state = State::Waiting;
            fate.published = 0;
        }),
        ["waiting"]
    );
    assert_eq!(
        broken_by(|_, job| job.state = State::Completed),
        ["without_result", "wrong_end"]
    );
    let stalled = |_: &mut Fate, job: &mut Verification| job.code = Some("stalled".to_owned());
    assert_eq!(broken_by(stalled), ["wrong_end"]);
    assert_eq!(broken_by(|_, job| job.attempts = 4), ["attempts_spent"]);
    assert_eq!(broken_by(|fate, _| fate.upstream = 0), ["uncalled"]);
}

#[test]
fn each_call_beyond_the_attempts_requires_a_stall_and_a_fault() {
    let called = |upstream, stalls, calls| {
        broken_by(move |fate, job| {
            (fate.upstream, job.stalls, job.calls) = (upstream, stalls, calls);
        })
    };
    assert_eq!(called(4, 1, 4), [""; 0]);
    assert_eq!(called(4, 0, 4), ["extra_unexplained"]);
    assert_eq!(called(4, 1, 3), ["calls_forgotten"]);
    // An attempt that was not counted because the circuit was open still made a call.
    let not_counted = broken_by(|fate, job| {
        (fate.upstream, job.calls) = (4, 4);
        job.history = vec![sharing::line("damaged"); 4];
    });
    assert_eq!(not_counted, [""; 0]);
    // The killed worker had two places.
    assert_eq!(called(5, 2, 5), [""; 0]);
    assert_eq!(called(6, 3, 6), ["extra"]);
}

#[test]
fn a_call_for_a_job_with_a_retained_answer_is_found() {
    let told = |class: &'static str, status| kyc_queue::Attempt {
        status,
        ..sharing::line(class)
    };
    let read =
        |lines: Vec<kyc_queue::Attempt>| broken_by(move |_, job| job.history.clone_from(&lines));
    // The answer is stored again without a call.
    let kept = || {
        vec![
            told("damaged", Some(200)),
            told("damaged", Some(200)),
            told("store", Some(200)),
            told("store", None),
        ]
    };
    assert_eq!(read(kept()), [""; 0]);
    let called = [kept(), vec![told("transient", Some(500))]].concat();
    assert_eq!(read(called), ["kept_called"]);
}

#[test]
fn lost_doubled_and_strange_jobs_and_dead_workers_are_found() {
    let mut fate = good();
    fate.known = None;
    assert_eq!(broken(&ledger(vec![fate]), Tally::default()), ["lost"]);
    let found = || vec!["one".to_owned()];
    let whole = Ledger {
        unanswered: found(),
        rejected: 1,
        strangers: found(),
        doubled: found(),
        ..ledger(vec![good()])
    };
    let tally = Tally {
        died: 1,
        refused_to_start: 1,
        panicked: 1,
    };
    assert_eq!(
        broken(&whole, tally),
        [
            "doubled",
            "unanswered",
            "strangers",
            "refused",
            "workers_died",
            "workers_panicked"
        ]
    );
}
