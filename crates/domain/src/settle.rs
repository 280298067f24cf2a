//! The one place that decides what becomes of a job whose attempt failed. Pure: the time, the delay and the
//! history come in as values, the decision goes out as one.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::{Class, Failure};

/// The rules of retrying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Attempts of a job that does not say its own number.
    pub max_attempts: u32,
    /// The attempt from which on an answer that cannot be read ends the job.
    pub unreadable_attempts: u32,
    /// First pause of a kind that is told to wait without being told how long; each further one doubles.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
    /// The most that a Retry-After may ask, against nonsense.
    pub longest_retry_after: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            unreadable_attempts: 3,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
            longest_retry_after: Duration::from_secs(24 * 3600),
        }
    }
}

/// How far a job has come, with the attempt that just failed.
#[derive(Clone, Debug)]
pub struct Progress {
    /// This attempt's number, from 1.
    pub attempt: u32,
    /// The job's own limit of attempts.
    pub max_attempts: Option<u32>,
    /// The job's own last moment.
    pub deadline: Option<Timestamp>,
    /// How often its kind was paused in a row without a success.
    pub pauses: u32,
    /// The pause the retry schedule gives to this attempt.
    pub delay: Duration,
    /// The time now.
    pub now: Timestamp,
}

/// How long a kind is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Park {
    /// For this long.
    For(Duration),
    /// Until a person resumes it.
    UntilResumed,
}

/// Why a kind is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkReason {
    /// The source asked to wait.
    RetryAfter,
    /// The source said that there were too many calls, and not how long to wait.
    Throttled,
    /// The source refuses the key.
    KeyRefused,
    /// The wallet is empty.
    WalletEmpty,
}

impl ParkReason {
    /// The name used in Redis, logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetryAfter => "retry_after",
            Self::Throttled => "throttled",
            Self::KeyRefused => "key_refused",
            Self::WalletEmpty => "wallet_empty",
        }
    }
}

/// What becomes of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Again after this long; the attempt is spent.
    Retry(Duration),
    /// The whole kind waits; the job keeps its place and the attempt is not spent.
    Park(Park, ParkReason),
    /// Never again; the code says why.
    Dead(String),
    /// Back to its place in line; nothing was sent and nothing is spent.
    GiveBack,
}

/// Decides what becomes of a job whose attempt failed.
pub fn settle(failure: &Failure, progress: &Progress, policy: &Policy) -> Decision {
    match failure.class {
        // Also of a job whose last moment has passed: what it learnt holds for all others.
        Class::Key => Decision::Park(Park::UntilResumed, ParkReason::KeyRefused),
        Class::Wallet => Decision::Park(Park::UntilResumed, ParkReason::WalletEmpty),
        Class::Wait => wait(failure, progress, policy),
        _ if has_passed(progress) => Decision::Dead("deadline_passed".to_owned()),
        Class::Hopeless => Decision::Dead(failure.code.clone()),
        Class::Missed => Decision::GiveBack,
        Class::Unreadable => retry(
            failure,
            progress,
            policy.unreadable_attempts.min(limit(progress, policy)),
        ),
        Class::Transient | Class::Ambiguous | Class::Refused | Class::Internal => {
            retry(failure, progress, limit(progress, policy))
        }
    }
}

fn has_passed(progress: &Progress) -> bool {
    let deadline = progress.deadline;
    deadline.is_some_and(|deadline| deadline <= progress.now)
}

fn limit(progress: &Progress, policy: &Policy) -> u32 {
    progress.max_attempts.unwrap_or(policy.max_attempts)
}

/// A named pause is never shortened below what was asked, save by the ceiling against nonsense. A pause of nothing, as of a
/// date that has passed, names none: to call again at once would be to call without end.
fn wait(failure: &Failure, progress: &Progress, policy: &Policy) -> Decision {
    let named = failure.retry_after.filter(|asked| asked.as_millis() > 0);
    if let Some(asked) = named {
        return Decision::Park(
            Park::For(asked.min(policy.longest_retry_after)),
            ParkReason::RetryAfter,
        );
    }
    let doubled = policy
        .first_pause
        .saturating_mul(1 << progress.pauses.min(20));
    Decision::Park(
        Park::For(doubled.min(policy.longest_pause)),
        ParkReason::Throttled,
    )
}

fn retry(failure: &Failure, progress: &Progress, limit: u32) -> Decision {
    if progress.attempt >= limit {
        return Decision::Dead(failure.code.clone());
    }
    let due = progress
        .now
        .checked_add(progress.delay)
        .unwrap_or(Timestamp::MAX);
    if progress.deadline.is_some_and(|deadline| due >= deadline) {
        return Decision::Dead("deadline_passed".to_owned());
    }
    Decision::Retry(progress.delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn progress(attempt: u32) -> Progress {
        Progress {
            attempt,
            max_attempts: None,
            deadline: None,
            pauses: 0,
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
            (Class::Unreadable, 2, again),
            (Class::Unreadable, 3, dead.clone()),
            (Class::Hopeless, 1, dead),
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
                Class::Wait,
                9,
                Decision::Park(Park::For(Duration::from_secs(1)), ParkReason::Throttled),
            ),
        ];
        for (class, attempt, expected) in cases {
            assert_eq!(
                settle(&failure(class), &progress(attempt), &policy),
                expected,
                "{class:?} at {attempt}"
            );
        }
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
            assert_eq!(settle(&wait, &progress(1), &policy), expected);
        }
    }

    #[test]
    fn a_retry_after_of_nothing_is_a_growing_pause() {
        let policy = Policy::default();
        let mut wait = failure(Class::Wait);
        for asked in [Duration::ZERO, Duration::from_micros(999)] {
            wait.retry_after = Some(asked);
            let expected = Decision::Park(Park::For(Duration::from_secs(1)), ParkReason::Throttled);
            assert_eq!(settle(&wait, &progress(1), &policy), expected);
        }
    }

    #[test]
    fn unnamed_pauses_double_up_to_the_longest() {
        let policy = Policy::default();
        for (pauses, seconds) in [(0, 1), (1, 2), (5, 32), (9, 300), (u32::MAX, 300)] {
            let progress = Progress {
                pauses,
                ..progress(1)
            };
            let expected = Decision::Park(
                Park::For(Duration::from_secs(seconds)),
                ParkReason::Throttled,
            );
            assert_eq!(settle(&failure(Class::Wait), &progress, &policy), expected);
        }
    }

    #[test]
    fn the_deadline_wins_over_all_but_what_parks_a_kind_and_the_job_s_own_limit_over_the_default() {
        let policy = Policy::default();
        let late = Decision::Dead("deadline_passed".to_owned());
        let passed = Progress {
            deadline: Some(NOW),
            ..progress(1)
        };
        for class in [Class::Refused, Class::Transient, Class::Hopeless] {
            assert_eq!(settle(&failure(class), &passed, &policy), late);
        }
        let parked = settle(&failure(Class::Key), &passed, &policy);
        assert_eq!(
            parked,
            Decision::Park(Park::UntilResumed, ParkReason::KeyRefused)
        );
        let soon = Progress {
            deadline: Some(NOW + Duration::from_secs(3)),
            ..progress(1)
        };
        assert_eq!(settle(&failure(Class::Transient), &soon, &policy), late);
        let once = Progress {
            max_attempts: Some(1),
            ..progress(1)
        };
        assert_eq!(
            settle(&failure(Class::Transient), &once, &policy),
            Decision::Dead("code".to_owned())
        );
    }
}
