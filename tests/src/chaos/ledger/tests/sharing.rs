//! The ledger of jobs that share a number: a number that needed more than one answer is found.

use kyc_domain::{CallDetails, Outcome, Reused, Verdict};
use kyc_queue::{Attempt, State, Verification};

use super::{broken, good, ledger};
use crate::chaos::{
    ledger::{Fate, Ledger},
    report::Row,
    workers::Tally,
};

/// A line of a history.
pub(super) fn line(class: &str) -> Attempt {
    Attempt {
        at: 0,
        attempt: 1,
        class: class.to_owned(),
        code: None,
        status: None,
        ms: None,
    }
}

fn found(reused: Option<Reused>) -> Outcome {
    Outcome {
        verdict: Verdict::Found,
        checks: Vec::new(),
        reasons: Vec::new(),
        record: None,
        provider_data: None,
        message: None,
        images: Vec::new(),
        call_details: CallDetails {
            calls: u32::from(reused.is_none()),
            unanswered_calls: 0,
            http_status: Some(200),
            requested_at: Default::default(),
            call_ms: 1,
            sandbox: true,
        },
        reused,
        purpose: None,
        consent: None,
    }
}

/// A plain job that called the provider, or that reused the answer of another job.
fn plain(answer_of: Option<&Fate>, upstream: u64) -> Fate {
    let mut fate = good();
    fate.accepted.case = "000".to_owned();
    fate.upstream = upstream;
    let provider_data = answer_of.map(|fate| fate.known.as_ref().unwrap().id.to_string());
    let reused = provider_data.map(|verification| Reused {
        verification,
        answered_at: Default::default(),
    });
    let job = fate.known.as_mut().unwrap();
    let class = if reused.is_some() {
        "reused"
    } else {
        "completed"
    };
    job.history.push(line(class));
    (job.state, job.code, job.attempts) = (State::Completed, None, 1);
    job.verdict = Some("found".to_owned());
    job.calls = u32::from(reused.is_none());
    job.outcome = Some(found(reused));
    fate
}

/// A follower that died with its leader.
fn follower() -> Fate {
    let mut fate = good();
    let job = fate.known.as_mut().unwrap();
    (job.attempts, job.calls) = (0, 0);
    job.history.push(line("shared"));
    fate
}

/// The keys of the broken promises, and the rows for reuse.
fn rows(ledger: &Ledger) -> (Vec<&'static str>, Vec<Row>) {
    let mut keys = broken(ledger, Tally::default());
    let rows = ledger.sharing();
    keys.extend(
        rows.iter()
            .filter(|row| !row.is_retained())
            .map(|row| row.key),
    );
    (keys, rows)
}

fn broken_of(fates: Vec<Fate>) -> Vec<&'static str> {
    rows(&ledger(fates)).0
}

fn spoilt(mut fate: Fate, spoil: impl Fn(&mut Verification)) -> Fate {
    spoil(fate.known.as_mut().unwrap());
    fate
}

#[test]
fn one_call_for_a_number_is_enough_for_all_its_jobs() {
    let asked = plain(None, 1);
    let fates = vec![plain(Some(&asked), 1), plain(Some(&asked), 1), asked];
    let (keys, rows) = rows(&ledger(fates));
    assert_eq!(keys, [""; 0]);
    let count = |key: &str| rows.iter().find(|row| row.key == key).unwrap().count;
    assert_eq!(
        (count("numbers"), count("saved"), count("shared")),
        (1, 2, 0)
    );
}

#[test]
fn a_number_that_is_called_for_again_without_a_stall_is_found() {
    // Each job made its own attempt, so only the promise of one answer is broken.
    let twice = |stalls: u32| {
        let other = spoilt(plain(None, 2), |job| job.stalls = stalls);
        broken_of(vec![plain(None, 2), other])
    };
    assert_eq!(twice(0), ["asked_again"]);
    assert_eq!(twice(1), [""; 0]);
    // A call that neither an attempt nor a stall explains.
    let asked = plain(None, 2);
    let reused = plain(Some(&asked), 2);
    assert_eq!(
        broken_of(vec![asked, reused]),
        ["extra_unexplained", "calls_forgotten", "asked_again"]
    );
    // The promise holds only while the first answer can be reused.
    let later = spoilt(plain(None, 2), |job| {
        job.finished_at = "1970-01-01T00:10:00Z".parse().ok();
    });
    assert_eq!(broken_of(vec![plain(None, 2), later]), [""; 0]);
}

#[test]
fn a_number_without_a_call_and_the_answer_of_another_number_are_found() {
    let (one, other) = (plain(None, 1), plain(None, 1));
    let pair = vec![plain(Some(&one), 0), plain(Some(&other), 0)];
    assert_eq!(broken_of(pair), ["uncalled", "strange_answers"]);
    let strange = plain(Some(&other), 1);
    assert_eq!(broken_of(vec![one, strange]), ["strange_answers"]);
}

#[test]
fn a_follower_dies_of_the_failure_of_its_leader() {
    assert_eq!(broken_of(vec![good(), follower()]), [""; 0]);
    // It made a call before it followed.
    let asked = spoilt(follower(), |job| (job.attempts, job.calls) = (1, 1));
    let mut leader = good();
    leader.upstream = 4;
    assert_eq!(broken_of(vec![asked, leader]), [""; 0]);
    let other = spoilt(follower(), |job| job.code = Some("http_500".to_owned()));
    assert_eq!(broken_of(vec![good(), other]), ["died_apart"]);
    let alone = spoilt(follower(), |_| ());
    let mut called = spoilt(follower(), |job| (job.attempts, job.calls) = (2, 3));
    called.upstream = 3;
    assert_eq!(
        broken_of(vec![alone, called]),
        ["extra_unexplained", "died_apart"]
    );
    // A job that sets the number of its attempts has as many.
    let own = |mut fate: Fate| {
        (fate.accepted.case, fate.upstream) = ("021".to_owned(), 2);
        spoilt(fate, |job| job.attempts = job.attempts.min(2))
    };
    assert_eq!(
        broken_of(vec![own(good()), own(follower())]),
        ["attempts_spent"]
    );
    // A follower may not have more attempts than a job is given.
    let more = spoilt(follower(), |job| (job.attempts, job.calls) = (4, 4));
    assert_eq!(broken_of(vec![good(), more]), ["attempts_spent"]);
}

#[test]
fn a_lost_job_of_a_number_is_reported_only_as_lost() {
    let mut lost = plain(None, 2);
    lost.known = None;
    assert_eq!(broken_of(vec![plain(None, 2), lost]), ["lost"]);
}
