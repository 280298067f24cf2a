//! Permission to make one call for one job, at a given time.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::sleep;

use crate::{
    ACCOUNT,
    worker::{
        clock::RedisClock, closings::Closings, lease_validity::LeaseValidity,
        missing_keys::MissingKeys, pacer::Pacer,
    },
};

/// How far ahead slots are granted. A job occupies a place in its worker for no longer than this
/// while it waits, and workers need not ask for each slot.
pub(crate) const HORIZON: Duration = Duration::from_millis(250);

/// Permission to make one call for one job. It is granted with a lease and consumed by the call. It
/// cannot be constructed in any other way, so a call without permission does not compile.
pub struct Slot {
    pub(crate) sending: Arc<Sending>,
    pub(crate) kind: String,
    /// When it was granted, and when the call is to be sent, in microseconds of Redis' clock;
    /// `at_us` is `None` without a rate limit.
    pub(crate) given_us: u64,
    pub(crate) at_us: Option<u64>,
    /// Set when the call is sent.
    pub(crate) sent: Arc<AtomicBool>,
}

/// State that all slots of a worker share.
pub(crate) struct Sending {
    pub(crate) lease_validity: LeaseValidity,
    pub(crate) clock: RedisClock,
    pub(crate) closings: Closings,
    pub(crate) pacer: Pacer,
    /// The keys that the worker lacks.
    pub(crate) missing_keys: MissingKeys,
    /// How late a call may be sent.
    pub(crate) tolerance: Duration,
}

/// Why a slot was not used. Nothing was sent: the job becomes ready again and gets another slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Its time had passed: this process, or its connection to Redis, was too slow.
    Late,
    /// Its kind, or the account, was closed after the slot was granted.
    Closed,
}

impl Missed {
    /// Returns the stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Late => "slot_late",
            Self::Closed => "slot_closed",
        }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Late => "The time to send had passed; nothing was sent.",
            Self::Closed => "Its kind was parked before the call was sent.",
        })
    }
}

impl Slot {
    /// Waits for the slot's time and consumes the slot, immediately before the call. Returns the
    /// time by Redis' clock.
    ///
    /// A worker that was frozen, or could not reach Redis for the duration of its leases, waits
    /// here until it knows that it still has the job's lease, since another worker may be making
    /// the call. The slot may be missed by then.
    pub async fn spend(self) -> Result<Timestamp, Missed> {
        let closed = self.sending.closings.closed(&self.kind, self.given_us);
        tokio::select! {
            biased;
            () = closed => return Err(Missed::Closed),
            departed = self.depart() => departed?,
        }
        Ok(self.sending.clock.now())
    }

    async fn depart(&self) -> Result<(), Missed> {
        let sending = &self.sending;
        if let Some(at) = self.at_us {
            let departure = || sending.clock.instant(at).ok_or(Missed::Late);
            let wait = departure()?.saturating_duration_since(std::time::Instant::now());
            // Redis' clock was set back after the slot was granted.
            if wait > HORIZON * 2 {
                return Err(Missed::Late);
            }
            sleep(wait).await;
            sending.lease_validity.wait().await;
            // Computed again, since the estimate of Redis' clock may have improved.
            let latest = departure()? + sending.tolerance;
            for scope in [self.kind.as_str(), ACCOUNT] {
                // A missed slot must not count in the pacer: it would delay those that are on time.
                let in_time = std::time::Instant::now() <= latest;
                if !in_time || !sending.pacer.wait(scope, latest).await {
                    return Err(Missed::Late);
                }
            }
        } else {
            sending.lease_validity.wait().await;
        }
        self.sent.store(true, SeqCst);
        Ok(())
    }
}
