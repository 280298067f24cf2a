//! Leave to make one call for one job, at its time.

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

/// Slots are given this far ahead: a job that waits for its own holds a place no longer, and workers need not ask for
/// each.
pub(crate) const HORIZON: Duration = Duration::from_millis(250);

/// Leave to make one call for one job. It is given with a lease, is used up by the call, and can be made
/// nowhere else: a call that nobody allowed does not compile.
pub struct Slot {
    pub(crate) sending: Arc<Sending>,
    pub(crate) kind: String,
    /// When it was given, and when the call is to be sent, in microseconds of Redis' clock; `None` where no rate limits.
    pub(crate) given_us: u64,
    pub(crate) at_us: Option<u64>,
    /// Told when the call goes.
    pub(crate) sent: Arc<AtomicBool>,
}

/// What all slots of a worker go by.
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

/// Why a slot was not used. Nothing was sent: the job becomes ready again and takes a slot anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Its time had passed: this process, or its way to Redis, was too slow.
    Late,
    /// Its kind, or the account, was closed meanwhile.
    Closed,
}

impl Missed {
    /// The stable code.
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
    /// Waits for the slot's time and uses it up, just before the call. A worker that was frozen, or could not reach Redis
    /// for as long as its leases last, waits here until it knows that the job is still its own: another one may be
    /// calling for it. By then the slot may be gone. Answers the time by Redis' clock.
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
            // Redis' clock was set back since.
            if wait > HORIZON * 2 {
                return Err(Missed::Late);
            }
            sleep(wait).await;
            sending.lease_validity.wait().await;
            // Asked anew: meanwhile the clock may be known better.
            let latest = departure()? + sending.tolerance;
            for scope in [self.kind.as_str(), ACCOUNT] {
                // Of a slot that has passed the pace must not know: it would hold up those that come in time.
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
