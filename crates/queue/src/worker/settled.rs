//! What Redis decides of a settlement, asked until it has.

use std::time::Duration;

use redis::{FromRedisValue, ParsingError, Value};

use crate::{Error, measure};

/// What Redis decided of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Applied, now or before.
    Done,
    /// Applied, but the attempt does not count: its kind's circuit is open.
    NotCounted,
    /// As that, and the circuit opened by it.
    Opened,
    /// Applied: the provider answers others and not this one, so the job is isolated and its kind goes on.
    Isolated,
    /// Applied, and kinds park by it, since most fail alike.
    Parked,
    /// Handed back, and it waits for a person: its call may have been billed.
    Held,
    /// The lease has gone: to another worker, back into the ready queue, or with a job that was called off.
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
                "a settlement is done, not counted, opened, isolated, parked, asked, again or lost",
            )),
        }
    }
}

/// An answer that was paid for is not thrown away because Redis is away: it is kept until the queue has it, or
/// says that the job is no longer this worker's.
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
