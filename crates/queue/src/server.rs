//! What the queue's Redis reports about itself, for health checks.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use redis::{ErrorKind, ServerErrorKind};

use crate::{Error, Queue, Setup};

/// The difference between Redis' clock and the clock of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds by which Redis' clock is ahead; negative when it is behind.
    pub ahead_ms: i64,
    /// How long the request took. The offset can be wrong by half of it.
    pub round_trip: Duration,
}

/// Requests to make; the one with the shortest round trip is the most accurate.
const QUESTIONS: usize = 3;

impl Queue {
    /// Returns whether the queue is on a single server, in a cluster, or on a master that Sentinel
    /// names.
    pub async fn setup(&self) -> Result<Setup, Error> {
        self.connection().setup().await
    }

    /// Compares Redis' clock, which decides leases, retries and pauses, with the clock of this
    /// machine.
    pub async fn clock(&self) -> Result<Clock, Error> {
        let mut best = self.ask_time().await?;
        for _ in 1..QUESTIONS {
            let clock = self.ask_time().await?;
            if clock.round_trip < best.round_trip {
                best = clock;
            }
        }
        Ok(best)
    }

    async fn ask_time(&self) -> Result<Clock, Error> {
        let asked = Instant::now();
        let before = Timestamp::now().as_microsecond();
        let (seconds, micros): (i64, i64) = redis::cmd("TIME")
            .query_async(&mut self.connection())
            .await?;
        let round_trip = asked.elapsed();
        let half = i64::try_from(round_trip.as_micros() / 2).unwrap_or(i64::MAX);
        let here = before.saturating_add(half);
        Ok(Clock {
            ahead_ms: (seconds * 1_000_000 + micros - here) / 1000,
            round_trip,
        })
    }

    /// Returns a setting of the server, or `None` if the server does not show it, as managed
    /// servers do not.
    pub async fn server_setting(&self, name: &str) -> Result<Option<String>, Error> {
        let answer: Result<Vec<String>, _> = redis::cmd("CONFIG")
            .arg(&["GET", name])
            .query_async(&mut self.connection())
            .await;
        match answer {
            Ok(pair) => Ok(pair.into_iter().nth(1)),
            Err(error) => match error.kind() {
                ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError) => {
                    Ok(None)
                }
                _ => Err(error.into()),
            },
        }
    }
}
