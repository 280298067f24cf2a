//! The result of a settlement, which is tried until Redis has decided.

use std::time::Duration;

use redis::{FromRedisValue, ParsingError, Value};

use crate::{Error, measure};

/// The result of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Applied, now or before.
    Done,
    /// Applied, but the attempt does not count: the circuit of its kind is open.
    NotCounted,
    /// Like [`Settled::NotCounted`], and this failure opened the circuit.
    Opened,
    /// Applied. The provider answers other jobs but not this one, so the job is isolated and its
    /// kind continues.
    Isolated,
    /// Applied. Kinds are parked because most of their answers are like this one.
    Parked,
    /// Given back and held for a decision: its call may have been billed.
    Held,
    /// The lease is lost: another worker has the job, it is ready again, or it was cancelled.
    Lost,
}

impl FromRedisValue for Settled {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        match String::from_redis_value(value)?.as_str() {
            "done" | "again" => Ok(Self::Done),
            "not_counted" => Ok(Self::NotCounted),
            "opened" => Ok(Self::Opened),
            "isolated" => Ok(Self::Isolated),
            "parked" => Ok(Self::Parked),
            "held" => Ok(Self::Held),
            "lost" => Ok(Self::Lost),
            _ => Err(ParsingError::from(
                "a settlement is done, again, not_counted, opened, isolated, parked, held or lost",
            )),
        }
    }
}

/// Repeats an operation until Redis has applied it, or reports that the lease is lost. An answer
/// that was paid for is not discarded while Redis is unavailable.
pub(crate) async fn until_applied<T, F>(mut apply: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = Duration::from_millis(50);
    loop {
        match apply().await {
            Ok(settled) => return settled,
            Err(error) => {
                measure::trouble("settle");
                tracing::warn!(%error, "Could not settle a job; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        }
    }
}
