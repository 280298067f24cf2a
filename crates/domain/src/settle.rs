//! The one place that decides what becomes of a job whose attempt failed. Pure: the time, the delay and the
//! history come in as values, the decision goes out as one.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Class, Failure, ParkReason};

/// The rules of retrying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Attempts of a job that does not say its own number.
    pub max_attempts: u32,
    /// How many answers that came damaged end the job.
    pub damaged_attempts: u32,
    /// How many answers about another number end the job.
    pub wrong_records: u32,
    /// The longest pause before an answer that is kept is stored again.
    pub longest_store_pause: Duration,
    /// First pause of a kind that is told to wait without being told how long; each further one doubles.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
    /// The most that a Retry-After may ask, against nonsense.
    pub longest_retry_after: Duration,
    /// What becomes of a call that may have been billed without an answer.
    pub ambiguous_calls: AmbiguousCalls,
}

/// What becomes of a job whose call was sent and had no answer: it may have been billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmbiguousCalls {
    /// It is called again like any other.
    #[default]
    Retry,
    /// It waits until a person says whether it is called again.
    Hold,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            damaged_attempts: 3,
            wrong_records: 2,
            longest_store_pause: Duration::from_secs(30),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
            longest_retry_after: Duration::from_secs(24 * 3600),
            ambiguous_calls: AmbiguousCalls::Retry,
        }
    }
}

/// How far a job has come, with the attempt that just failed.
#[derive(Clone, Debug)]
pub struct AttemptContext {
    /// This attempt's number, from 1.
    pub attempt: u32,
    /// The job's own limit of attempts.
    pub max_attempts: Option<u32>,
    /// The job's own last moment.
    pub deadline: Option<Timestamp>,
    /// How many attempts before ended in a failure of this class.
    pub alike: u32,
    /// How often its kind was paused in a row without a success.
    pub pauses: u32,
    /// No call was made: an answer was read again that the provider gave before.
    pub is_reread: bool,
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

/// What becomes of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Again after this long; the attempt is spent.
    Retry(Duration),
    /// Not before a person says so, since its call may have been billed; the attempt is spent.
    Hold,
    /// The whole kind waits; the job keeps its place and the attempt is not spent.
    Park(Park, ParkReason),
    /// Its answer is kept, and stored again after this long, without a call.
    Keep(Duration),
    /// Never again; the code says why.
    Dead(String),
    /// Back to its place in the ready queue; nothing was sent and nothing is spent.
    GiveBack,
}

/// Decides what becomes of a job whose attempt failed.
pub fn settle(failure: &Failure, context: &AttemptContext, policy: &Policy) -> Decision {
    match failure.class {
        _ if context.is_reread => reread(failure, context, policy),
        // Also of a job whose last moment has passed: what it learnt holds for all others.
        Class::Key => Decision::Park(Park::UntilResumed, ParkReason::KeyRefused),
        Class::Wallet => Decision::Park(Park::UntilResumed, ParkReason::WalletEmpty),
        Class::Wait => wait(failure, context, policy),
        _ if has_passed(context) => Decision::Dead("deadline_passed".to_owned()),
        Class::Hopeless | Class::Unreadable => Decision::Dead(failure.code.clone()),
        Class::Missed => Decision::GiveBack,
        Class::Store => store(context, policy),
        Class::WrongRecord if context.alike + 1 >= policy.wrong_records => {
            Decision::Dead(failure.code.clone())
        }
        Class::WrongRecord => retry(failure, context, policy, limit(context, policy)),
        Class::Damaged if context.alike + 1 >= policy.damaged_attempts => {
            Decision::Dead(failure.code.clone())
        }
        Class::Damaged => retry(failure, context, policy, limit(context, policy)),
        Class::Transient | Class::Ambiguous | Class::Refused | Class::Internal => {
            retry(failure, context, policy, limit(context, policy))
        }
    }
}

/// What was read says nothing of the provider as it is now: it parks nothing, and read once more it would say the same. Only
/// our own store and code may do better next time.
fn reread(failure: &Failure, context: &AttemptContext, policy: &Policy) -> Decision {
    match failure.class {
        Class::Store if has_passed(context) => Decision::Dead("deadline_passed".to_owned()),
        Class::Store => store(context, policy),
        Class::Internal => retry(failure, context, policy, limit(context, policy)),
        _ => Decision::Dead(failure.code.clone()),
    }
}

fn store(context: &AttemptContext, policy: &Policy) -> Decision {
    Decision::Keep(doubled(policy.first_pause, context.alike).min(policy.longest_store_pause))
}

fn has_passed(context: &AttemptContext) -> bool {
    let deadline = context.deadline;
    deadline.is_some_and(|deadline| deadline <= context.now)
}

fn limit(context: &AttemptContext, policy: &Policy) -> u32 {
    context.max_attempts.unwrap_or(policy.max_attempts)
}

/// A named pause is never shortened below what was asked, save by the ceiling against nonsense. A pause of nothing, as of a
/// date that has passed, names none: to call again at once would be to call without end.
fn wait(failure: &Failure, context: &AttemptContext, policy: &Policy) -> Decision {
    let named = failure.retry_after.filter(|asked| asked.as_millis() > 0);
    if let Some(asked) = named {
        return Decision::Park(
            Park::For(asked.min(policy.longest_retry_after)),
            ParkReason::RetryAfter,
        );
    }
    let pause = doubled(policy.first_pause, context.pauses);
    Decision::Park(
        Park::For(pause.min(policy.longest_pause)),
        ParkReason::Throttled,
    )
}

/// A pause, doubled so many times.
fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1 << times.min(20))
}

fn retry(failure: &Failure, context: &AttemptContext, policy: &Policy, limit: u32) -> Decision {
    if context.attempt >= limit {
        return Decision::Dead(failure.code.clone());
    }
    let due = context
        .now
        .checked_add(context.delay)
        .unwrap_or(Timestamp::MAX);
    if context.deadline.is_some_and(|deadline| due >= deadline) {
        return Decision::Dead("deadline_passed".to_owned());
    }
    if failure.is_ambiguous() && policy.ambiguous_calls == AmbiguousCalls::Hold {
        return Decision::Hold;
    }
    Decision::Retry(context.delay)
}

#[cfg(test)]
mod tests;
