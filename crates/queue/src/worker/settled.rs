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
    /// Redis refused the settlement several times and would refuse it again. The job is no longer this
    /// worker's: the next heartbeat finds its lease, and the job stalls.
    GivenUp,
    /// The lease is lost: another worker has the job, it is ready again, or it was cancelled.
    Lost,
}

impl Settled {
    /// Reads the word of a script.
    pub(crate) fn read(word: &str) -> Option<Self> {
        Some(match word {
            "done" | "again" => Self::Done,
            "not_counted" => Self::NotCounted,
            "opened" => Self::Opened,
            "isolated" => Self::Isolated,
            "parked" => Self::Parked,
            "held" => Self::Held,
            "lost" => Self::Lost,
            _ => return None,
        })
    }
}

impl FromRedisValue for Settled {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        Self::read(&String::from_redis_value(value)?).ok_or_else(|| {
            ParsingError::from(
                "a settlement is done, again, not_counted, opened, isolated, parked, held or lost",
            )
        })
    }
}

/// How often an operation is tried that a script refuses. With the pauses between them, the tries
/// take three seconds.
const TRIES: u32 = 7;

/// Repeats an operation until Redis has applied it, or reports that the lease is lost. An answer
/// that was paid for is not discarded while Redis is unavailable. An error of the script itself,
/// which a repetition does not change, is returned as `None` after a few tries: otherwise the worker
/// would renew the lease of such a job for ever.
///
/// The argument of `apply` says whether the operation may have been applied before, in whole or in
/// part. `is_again` is its first value.
pub(crate) async fn until_applied<T, F>(is_again: bool, apply: impl FnMut(bool) -> F) -> Option<T>
where
    F: Future<Output = Result<T, Error>>,
{
    repeat(is_again, Duration::from_millis(50), apply).await
}

async fn repeat<T, F>(
    is_again: bool,
    mut pause: Duration,
    mut apply: impl FnMut(bool) -> F,
) -> Option<T>
where
    F: Future<Output = Result<T, Error>>,
{
    let (mut is_again, mut refused) = (is_again, 0);
    loop {
        match apply(is_again).await {
            Ok(settled) => return Some(settled),
            Err(error) if error.is_of_data() && refused + 1 == TRIES => {
                measure::trouble("settle");
                tracing::error!(%error, tries = TRIES, "Could not settle a job, and gave up: its lease will expire");
                return None;
            }
            Err(error) => {
                refused += u32::from(error.is_of_data());
                is_again = true;
                measure::trouble("settle");
                tracing::warn!(%error, "Could not settle a job; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use redis::parse_redis_value;

    use super::*;

    fn server(reply: &str) -> Error {
        let value = parse_redis_value(reply.as_bytes()).expect("a reply");
        value.extract_error().expect_err("an error").into()
    }

    /// Tries an operation that fails so often with this error, and returns its tries and its result.
    async fn tried(error: &Error, fails: u32) -> (u32, Option<u32>) {
        let tries = Cell::new(0);
        let settled = repeat(false, Duration::from_millis(1), |is_again| {
            assert_eq!(is_again, tries.get() > 0);
            tries.set(tries.get() + 1);
            let answer = if tries.get() > fails {
                Ok(tries.get())
            } else {
                Err(error.clone())
            };
            async { answer }
        });
        let settled = settled.await;
        (tries.get(), settled)
    }

    #[tokio::test]
    async fn an_error_of_the_script_itself_is_given_up_and_any_other_passes() {
        for reply in [
            "-ERR user_script:7: injected script: 0a, on @user_script:7.\r\n",
            "-ERR invalid expire time in 'pexpire' command script: 0a, on @user_script:55.\r\n",
            "-WRONGTYPE Operation against a key of another type script: 0a, on @user_script:5.\r\n",
        ] {
            assert_eq!(
                tried(&server(reply), u32::MAX).await,
                (TRIES, None),
                "{reply}"
            );
            assert_eq!(tried(&server(reply), 2).await, (3, Some(3)), "{reply}");
        }
        for reply in [
            "-OOM command not allowed when used memory > 'maxmemory' script: 0a, on @user_script:5.\r\n",
            "-READONLY You can't write against a read only replica. script: 0a, on @user_script:5.\r\n",
            "-MISCONF Errors writing to the AOF file\r\n",
            "-NOREPLICAS Not enough good replicas to write.\r\n",
            "-LOADING Redis is loading the dataset in memory\r\n",
            "-BUSY Redis is busy running a script.\r\n",
            "-ERR max number of clients reached\r\n",
        ] {
            assert_eq!(
                tried(&server(reply), TRIES + 1).await,
                (TRIES + 2, Some(TRIES + 2)),
                "{reply}"
            );
        }
        assert_eq!(
            tried(&Error::Slow, TRIES + 1).await,
            (TRIES + 2, Some(TRIES + 2))
        );
    }
}
