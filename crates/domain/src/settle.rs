//! Decides what happens to a job after a failed attempt. No other code decides this.
//!
//! [`settle`] is pure: the time, the delay and the history are arguments, and the decision is a value.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Class, Failure, ParkReason};

/// The rules by which failed attempts are settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The limit of attempts of a job without a limit of its own.
    pub max_attempts: u32,
    /// The number of damaged answers that ends a job.
    pub damaged_attempts: u32,
    /// The number of answers about another number that ends a job.
    pub wrong_records: u32,
    /// The longest pause before a retained answer is stored again.
    pub longest_store_pause: Duration,
    /// The first pause of a kind if the provider does not say how long to wait. Each further pause doubles.
    pub first_pause: Duration,
    /// The upper limit of such a pause.
    pub longest_pause: Duration,
    /// The upper limit of a pause that the provider names, as a protection against absurd values.
    pub longest_retry_after: Duration,
    /// What happens after a call that may have been billed without an answer.
    pub ambiguous_calls: AmbiguousCalls,
}

/// What happens to a job whose call was sent and had no answer. The call may have been billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmbiguousCalls {
    /// The job is retried like any other.
    #[default]
    Retry,
    /// The job waits until a person decides whether to call again.
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

/// The state of a job after the attempt that failed.
#[derive(Clone, Debug)]
pub struct AttemptContext {
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The job's own limit of attempts, if it has one.
    pub max_attempts: Option<u32>,
    /// The job's deadline.
    pub deadline: Option<Timestamp>,
    /// The number of earlier attempts that ended with a failure of this class.
    pub alike: u32,
    /// The number of pauses of the kind since its last success.
    pub pauses: u32,
    /// Whether the attempt made no call, but read a retained answer again.
    pub is_reread: bool,
    /// The delay after this attempt according to the retry schedule.
    pub delay: Duration,
    /// The current time.
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

/// What happens to the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Retry after this time. The attempt is spent.
    Retry(Duration),
    /// Wait for the decision of a person, because the call may have been billed. The attempt is spent.
    Hold,
    /// Park the kind. The job keeps its position, and the attempt is not spent.
    Park(Park, ParkReason),
    /// Retain the answer, and store it again after this time, without a call.
    Keep(Duration),
    /// Make the job a dead letter, with this code as the reason.
    Dead(String),
    /// Return the job to its position in the ready queue. Nothing was sent, and the attempt is not spent.
    GiveBack,
}

/// Decides what happens to a job after a failed attempt.
pub fn settle(failure: &Failure, context: &AttemptContext, policy: &Policy) -> Decision {
    match failure.class {
        _ if context.is_reread => reread(failure, context, policy),
        // Before the deadline is checked, because these failures concern all jobs of the kind.
        Class::Key => Decision::Park(Park::UntilResumed, ParkReason::KeyRefused),
        Class::Wallet => Decision::Park(Park::UntilResumed, ParkReason::WalletEmpty),
        Class::Sandbox => Decision::Park(Park::UntilResumed, ParkReason::SandboxAnswer),
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

/// Settles an attempt that read a retained answer again.
///
/// A retained answer says nothing about the current state of the provider, so it never parks a kind. Reading it once more would
/// give the same result, so only failures of the blob store and of our own code are tried again.
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

/// Parks the kind for the time that the provider requires.
///
/// A pause that the provider names is never shortened, except to the upper limit. A pause of zero, such as from a date that has
/// passed, counts as not named: calls without any pause would never end.
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

/// Doubles a pause the given number of times.
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
