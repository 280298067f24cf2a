//! One row for each case.

use super::*;
use crate::Call;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn context(attempt: u32) -> AttemptContext {
    AttemptContext {
        attempt,
        max_attempts: None,
        deadline: None,
        alike: 0,
        pauses: 0,
        is_reread: false,
        delay: Duration::from_secs(4),
        now: NOW,
    }
}

fn failure(class: Class) -> Failure {
    Failure::new(class, "code", "A sentence.")
}

#[test]
fn every_class_has_its_decision() {
    let policy = Policy::default();
    let dead = Decision::Dead("code".to_owned());
    let again = Decision::Retry(Duration::from_secs(4));
    let cases = [
        (Class::Transient, 1, again.clone()),
        (Class::Transient, 7, again.clone()),
        (Class::Transient, 8, dead.clone()),
        (Class::Ambiguous, 8, dead.clone()),
        (Class::Refused, 1, again.clone()),
        (Class::Internal, 8, dead.clone()),
        (Class::Damaged, 7, again.clone()),
        (Class::Damaged, 8, dead.clone()),
        (Class::WrongRecord, 7, again),
        (Class::WrongRecord, 8, dead.clone()),
        (Class::Unreadable, 1, dead.clone()),
        (Class::Hopeless, 1, dead),
        (Class::Store, 9, Decision::Keep(Duration::from_secs(1))),
        (Class::Missed, 9, Decision::GiveBack),
        (
            Class::Key,
            9,
            Decision::Park(Park::UntilResumed, ParkReason::KeyRefused),
        ),
        (
            Class::Wallet,
            9,
            Decision::Park(Park::UntilResumed, ParkReason::WalletEmpty),
        ),
        (
            Class::Sandbox,
            9,
            Decision::Park(Park::UntilResumed, ParkReason::SandboxAnswer),
        ),
        (
            Class::Wait,
            9,
            Decision::Park(Park::For(Duration::from_secs(1)), ParkReason::Throttled),
        ),
    ];
    for (class, attempt, expected) in cases {
        assert_eq!(
            settle(&failure(class), &context(attempt), &policy),
            expected,
            "{class:?} at {attempt}"
        );
    }
}

#[test]
fn a_call_that_may_be_billed_is_asked_about_where_it_would_be_made_again() {
    let ask = Policy {
        ambiguous_calls: AmbiguousCalls::Hold,
        ..Policy::default()
    };
    let dead = Decision::Dead("code".to_owned());
    let again = Decision::Retry(Duration::from_secs(4));
    let parked = Decision::Park(Park::UntilResumed, ParkReason::KeyRefused);
    let cases = [
        (Class::Ambiguous, 1, true, Decision::Hold),
        (Class::Ambiguous, 7, true, Decision::Hold),
        (Class::Ambiguous, 8, true, dead.clone()),
        (Class::Ambiguous, 1, false, again.clone()),
        (Class::Transient, 1, true, Decision::Hold),
        (Class::Transient, 1, false, again.clone()),
        (Class::Refused, 1, true, Decision::Hold),
        (Class::Internal, 1, true, Decision::Hold),
        (Class::Internal, 1, false, again.clone()),
        // An answer came.
        (Class::Damaged, 7, true, again.clone()),
        (Class::Damaged, 8, true, dead.clone()),
        (Class::WrongRecord, 1, true, again.clone()),
        (Class::Unreadable, 1, true, dead.clone()),
        (
            Class::Store,
            1,
            true,
            Decision::Keep(Duration::from_secs(1)),
        ),
        (Class::Hopeless, 1, true, dead),
        (Class::Key, 1, true, parked),
        (Class::Missed, 1, false, Decision::GiveBack),
    ];
    for (class, attempt, unanswered, expected) in cases {
        let failure = failure(class).after(Call {
            sent: true,
            unanswered,
            ..Call::default()
        });
        let decided = settle(&failure, &context(attempt), &ask);
        assert_eq!(decided, expected, "{class:?} at {attempt}, {unanswered}");
        let usual = settle(&failure, &context(attempt), &Policy::default());
        assert_ne!(usual, Decision::Hold, "{class:?} at {attempt}");
    }
    let ambiguous = failure(Class::Ambiguous).after(Call {
        unanswered: true,
        ..Call::default()
    });
    let soon = AttemptContext {
        deadline: Some(NOW + Duration::from_secs(3)),
        ..context(1)
    };
    let late = Decision::Dead("deadline_passed".to_owned());
    assert_eq!(settle(&ambiguous, &soon, &ask), late);
}

#[test]
fn retry_after_is_never_shortened_but_has_a_ceiling() {
    let policy = Policy::default();
    let mut wait = failure(Class::Wait);
    for (asked, given) in [(30, 30), (7200, 7200), (1 << 40, 24 * 3600)] {
        wait.retry_after = Some(Duration::from_secs(asked));
        let expected = Decision::Park(
            Park::For(Duration::from_secs(given)),
            ParkReason::RetryAfter,
        );
        assert_eq!(settle(&wait, &context(1), &policy), expected);
    }
}

#[test]
fn a_retry_after_of_nothing_is_a_growing_pause() {
    let policy = Policy::default();
    let mut wait = failure(Class::Wait);
    for asked in [Duration::ZERO, Duration::from_micros(999)] {
        wait.retry_after = Some(asked);
        let expected = Decision::Park(Park::For(Duration::from_secs(1)), ParkReason::Throttled);
        assert_eq!(settle(&wait, &context(1), &policy), expected);
    }
}

#[test]
fn unnamed_pauses_double_up_to_the_longest() {
    let policy = Policy::default();
    for (pauses, seconds) in [(0, 1), (1, 2), (5, 32), (9, 300), (u32::MAX, 300)] {
        let context = AttemptContext {
            pauses,
            ..context(1)
        };
        let expected = Decision::Park(
            Park::For(Duration::from_secs(seconds)),
            ParkReason::Throttled,
        );
        assert_eq!(settle(&failure(Class::Wait), &context, &policy), expected);
    }
}

#[test]
fn the_deadline_wins_over_all_but_what_parks_a_kind_and_the_job_s_own_limit_over_the_default() {
    let policy = Policy::default();
    let late = Decision::Dead("deadline_passed".to_owned());
    let passed = AttemptContext {
        deadline: Some(NOW),
        ..context(1)
    };
    for class in [Class::Refused, Class::Transient, Class::Hopeless] {
        assert_eq!(settle(&failure(class), &passed, &policy), late);
    }
    let parked = settle(&failure(Class::Key), &passed, &policy);
    assert_eq!(
        parked,
        Decision::Park(Park::UntilResumed, ParkReason::KeyRefused)
    );
    let soon = AttemptContext {
        deadline: Some(NOW + Duration::from_secs(3)),
        ..context(1)
    };
    assert_eq!(settle(&failure(Class::Transient), &soon, &policy), late);
    let once = AttemptContext {
        max_attempts: Some(1),
        ..context(1)
    };
    assert_eq!(
        settle(&failure(Class::Transient), &once, &policy),
        Decision::Dead("code".to_owned())
    );
}

#[test]
fn what_came_alike_before_decides() {
    let policy = Policy::default();
    let seconds = Duration::from_secs;
    for (class, alike, expected) in [
        (Class::WrongRecord, 0, Decision::Retry(seconds(4))),
        (Class::WrongRecord, 1, Decision::Dead("code".to_owned())),
        (Class::Damaged, 1, Decision::Retry(seconds(4))),
        (Class::Damaged, 2, Decision::Dead("code".to_owned())),
        (Class::Store, 1, Decision::Keep(seconds(2))),
        (Class::Store, 4, Decision::Keep(seconds(16))),
        (Class::Store, 5, Decision::Keep(seconds(30))),
        (Class::Store, 40, Decision::Keep(seconds(30))),
    ] {
        let context = AttemptContext {
            alike,
            ..context(1)
        };
        let decided = settle(&failure(class), &context, &policy);
        assert_eq!(decided, expected, "{class:?} after {alike}");
    }
}

#[test]
fn what_an_answer_says_that_is_read_again_parks_nothing_and_is_said_once() {
    let policy = Policy {
        ambiguous_calls: AmbiguousCalls::Hold,
        ..Policy::default()
    };
    let dead = Decision::Dead("code".to_owned());
    let late = Decision::Dead("deadline_passed".to_owned());
    let reread = |attempt| AttemptContext {
        is_reread: true,
        ..context(attempt)
    };
    for class in [
        Class::Transient,
        Class::Ambiguous,
        Class::Damaged,
        Class::Unreadable,
        Class::WrongRecord,
        Class::Refused,
        Class::Wait,
        Class::Key,
        Class::Wallet,
        Class::Sandbox,
        Class::Hopeless,
        Class::Missed,
    ] {
        let decided = settle(&failure(class), &reread(1), &policy);
        assert_eq!(decided, dead, "{class:?}");
    }
    let stored = settle(&failure(Class::Store), &reread(1), &policy);
    assert_eq!(stored, Decision::Keep(Duration::from_secs(1)));
    let passed = AttemptContext {
        deadline: Some(NOW),
        ..reread(1)
    };
    assert_eq!(settle(&failure(Class::Store), &passed, &policy), late);
    assert_eq!(settle(&failure(Class::Unreadable), &passed, &policy), dead);
    for (attempt, expected) in [(7, Decision::Retry(Duration::from_secs(4))), (8, dead)] {
        let decided = settle(&failure(Class::Internal), &reread(attempt), &policy);
        assert_eq!(decided, expected);
    }
}

#[test]
fn of_its_own_a_pause_is_an_attempt_like_others() {
    let policy = Policy::default();
    for class in [Class::Wait, Class::Key, Class::Wallet, Class::Sandbox] {
        for (attempt, is_last) in [(1, false), (7, false), (8, true)] {
            let alone = failure(class).of_this_job_alone();
            let decided = settle(&alone, &context(attempt), &policy);
            let dead = Decision::Dead("code".to_owned());
            assert_eq!(decided == dead, is_last, "{class:?} at {attempt}");
        }
    }
}

#[test]
fn what_is_sealed_shows_nothing_of_itself() {
    let kept = failure(Class::Unreadable).keeping(crate::Sealed::new(vec![1, 2, 3]));
    assert!(format!("{kept:?}").contains("Sealed(3 bytes)"));
}
