//! A leased job, with its fencing token.

use std::{
    array, fmt,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_vault::{DataKey, OpenError, Vault, is_record_name};
use redis::{FromRedisValue, ParsingError, Value};
use zeroize::Zeroizing;

use crate::{
    enqueue::{
        bound::{self, OpenJobError},
        header::Header,
    },
    worker::{
        cached::CachedAnswer,
        pacer::FleetRate,
        progress::Progress,
        slot::{Sending, Slot},
    },
};

/// What a worker knows of a leased job without opening it: enough to settle it.
pub(crate) struct Ticket {
    pub(crate) id: VerificationId,
    /// The number of its batch, which is part of the fencing token.
    pub(crate) batch: u64,
    /// The number of pauses of its kind in a row.
    pub(crate) pauses: u32,
    /// When the lease was granted, in microseconds of Redis' clock.
    pub(crate) given_us: u64,
    /// When its call is to be sent, by the same clock; 0 without a rate.
    pub(crate) slot_us: u64,
    /// Whether its call is being sent, or was.
    pub(crate) sent: Arc<AtomicBool>,
    pub(crate) header: Header,
    pub(crate) progress: Progress,
    /// The header as Redis holds it.
    header_text: Vec<u8>,
    /// The sealed request.
    sealed: Vec<u8>,
    /// The key record. From a lease it may be the name alone, until the record is fetched. Empty if the record is gone.
    pub(crate) record: Vec<u8>,
    /// The data key, once it was opened.
    key: OnceLock<DataKey>,
    /// Whether it has a cached answer, and makes no call.
    pub(crate) is_cached: bool,
    /// Whether its own retained answer is read again, without a call.
    pub(crate) is_retained: bool,
}

impl Ticket {
    /// Returns the data key of the job.
    pub(crate) fn data_key(&self, vault: &Vault) -> Result<DataKey, OpenError> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        let id = self.id.to_string();
        let key = vault.key(self.header.owner(&id), &self.record)?;
        Ok(self.key.get_or_init(|| key).clone())
    }

    /// Returns the name of its key record, if the record is in a store.
    pub(crate) fn name_in_store(&self) -> Option<Vec<u8>> {
        is_record_name(&self.record).then(|| self.record.clone())
    }

    /// Returns whether the job makes a call.
    pub(crate) fn makes_call(&self) -> bool {
        !self.is_cached && !self.is_retained
    }
}

/// A job that a worker has a lease for.
pub struct Leased {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) leave: Leave,
    sending: Arc<Sending>,
}

/// How a job gets its answer.
pub enum Leave {
    /// By one call, which needs this slot.
    Call(Slot),
    /// From the cached answer to an earlier job.
    Reuse(CachedAnswer),
    /// From its own retained answer, sealed as part `answer`.
    Reread(Vec<u8>),
}

impl Leave {
    /// Returns the slot, if a call is to be made.
    pub fn slot(self) -> Option<Slot> {
        match self {
            Self::Call(slot) => Some(slot),
            Self::Reuse(_) | Self::Reread(_) => None,
        }
    }
}

impl Leased {
    /// Returns the id of the verification.
    pub fn id(&self) -> VerificationId {
        self.ticket.id
    }

    /// Returns the name of its kind.
    pub fn kind(&self) -> &str {
        &self.ticket.header.kind
    }

    /// Returns its tenant.
    pub fn tenant(&self) -> &str {
        &self.ticket.header.tenant
    }

    /// Returns the number of this attempt, starting at 1.
    pub fn attempt(&self) -> u32 {
        self.ticket.progress.attempts + 1
    }

    /// Returns the number of calls in earlier attempts.
    pub fn calls_before(&self) -> u32 {
        self.ticket.progress.calls
    }

    /// Returns the number of calls in earlier attempts that may have been billed without an answer.
    pub fn unanswered_before(&self) -> u32 {
        self.ticket.progress.unanswered
    }

    /// Returns the job's deadline, in milliseconds since 1970.
    pub fn deadline_ms(&self) -> Option<i64> {
        self.ticket.header.deadline
    }

    /// Returns the time by Redis' clock, the only clock that decisions use.
    pub fn now(&self) -> Timestamp {
        self.sending.clock.now()
    }

    /// Opens the job. Returns its data key, and the request as it was accepted, in JSON.
    ///
    /// # Errors
    ///
    /// [`OpenJobError`], if a key is missing, the key record is gone, or the job is not as it was accepted.
    pub fn open(&self, vault: &Vault) -> Result<(DataKey, Zeroizing<Vec<u8>>), OpenJobError> {
        let Ticket {
            header_text,
            sealed,
            ..
        } = &*self.ticket;
        if self.ticket.record.is_empty() {
            return Err(OpenJobError::RecordMissing);
        }
        let key = self.ticket.data_key(vault);
        if let Some(id) = key.as_ref().err().and_then(OpenError::missing_key) {
            self.sending.missing_keys.note(vault, &id);
        }
        let key = key?;
        let request = bound::open(&key, header_text, sealed)?;
        Ok((key, request))
    }

    /// Returns how the job gets its answer; for one use.
    pub fn into_leave(self) -> Leave {
        self.leave
    }
}

impl fmt::Debug for Leased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leased({} {})", self.kind(), self.id())
    }
}

/// The number of values of a job in the script's answer.
const VALUES: usize = 10;

/// The answer of the lease script.
pub(crate) struct Batch {
    /// When to ask again, in milliseconds; `None` if nothing is known to become due.
    pub(crate) ask_again_ms: Option<u64>,
    /// The time of the answer by Redis' clock, in microseconds.
    pub(crate) now_us: u64,
    /// When the leases were granted, by the same clock.
    given_us: u64,
    /// Whether the batch was granted before, and its answer was lost.
    pub(crate) is_again: bool,
    /// The rates that limit these jobs, by scope; zero calls stand for no rate.
    pub(crate) rates: Vec<(String, FleetRate)>,
    /// Jobs of dead workers that are now held for a decision, with their kinds.
    pub(crate) for_decision: Vec<(String, String)>,
    /// The jobs, each as [`VALUES`] values.
    jobs: Vec<Value>,
}

impl FromRedisValue for Batch {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut values = Vec::<Value>::from_redis_value(value)?.into_iter();
        let mut next = || values.next().unwrap_or(Value::Nil);
        let again = i64::from_redis_value(next())?;
        let now_us = u64::from_redis_value(next())?;
        let given_us = u64::from_redis_value(next())?;
        let is_again = bool::from_redis_value(next())?;
        let rates = Vec::<(String, u32, u64, u32)>::from_redis_value(next())?;
        let for_decision = Vec::from_redis_value(next())?;
        let rate = |(scope, calls, period_ms, burst)| {
            let period = Duration::from_millis(period_ms);
            let rate = FleetRate {
                calls,
                period,
                burst,
            };
            (scope, rate)
        };
        Ok(Self {
            ask_again_ms: u64::try_from(again).ok(),
            now_us,
            given_us,
            is_again,
            rates: rates.into_iter().map(rate).collect(),
            for_decision,
            jobs: values.collect(),
        })
    }
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.jobs.len() / VALUES
    }

    /// Returns the jobs of the batch. A job that cannot be read stalls until it is dead; the others are unaffected.
    pub(crate) fn into_jobs(self, batch: u64, sending: &Arc<Sending>) -> Vec<Leased> {
        let mut values = self.jobs.into_iter();
        let jobs = std::iter::from_fn(|| {
            let is_one = values.len() >= VALUES;
            is_one.then(|| array::from_fn(|_| values.next().unwrap_or(Value::Nil)))
        });
        let read = |job| {
            // The error is not logged: its text may repeat what it could not read.
            Leased::read(job, batch, self.given_us, sending)
                .inspect_err(|_| tracing::error!("Leased a job that this version cannot read"))
                .ok()
        };
        jobs.filter_map(read).collect()
    }
}

impl Leased {
    fn read(
        values: [Value; VALUES],
        batch: u64,
        given_us: u64,
        sending: &Arc<Sending>,
    ) -> Result<Self, ParsingError> {
        let unreadable = |what: &'static str| ParsingError::from(what);
        let [
            id,
            pauses,
            at_us,
            header,
            sealed,
            progress,
            record,
            from,
            outcome,
            other_record,
        ] = values;
        let (id, from) = (
            String::from_redis_value(id)?,
            String::from_redis_value(from)?,
        );
        let pauses = u32::from_redis_value(pauses)?;
        let at_us = u64::from_redis_value(at_us)?;
        let bytes = Vec::<u8>::from_redis_value;
        let (header, progress) = (bytes(header)?, bytes(progress)?);
        let (sealed, outcome) = (bytes(sealed)?, bytes(outcome)?);
        let (record, other_record) = (bytes(record)?, bytes(other_record)?);
        let ticket = Ticket {
            id: id.parse().map_err(|_| unreadable("a job's id"))?,
            batch,
            pauses,
            given_us,
            slot_us: at_us,
            sent: Arc::default(),
            header: serde_json::from_slice(&header).map_err(|_| unreadable("a job's header"))?,
            header_text: header,
            progress: Progress::read(&progress).ok_or_else(|| unreadable("a job's progress"))?,
            sealed,
            record,
            key: OnceLock::new(),
            is_cached: !from.is_empty() && from != id,
            is_retained: from == id,
        };
        let slot = || Slot {
            sending: Arc::clone(sending),
            kind: ticket.header.kind.clone(),
            given_us,
            at_us: Some(at_us).filter(|at| *at > 0),
            sent: Arc::clone(&ticket.sent),
        };
        let leave = if ticket.is_retained {
            Leave::Reread(outcome)
        } else if ticket.is_cached {
            Leave::Reuse(CachedAnswer {
                verification: from,
                asked_by: Box::new(ticket.header.clone()),
                outcome,
                record: other_record,
                sending: Arc::clone(sending),
            })
        } else {
            Leave::Call(slot())
        };
        Ok(Self {
            ticket: Arc::new(ticket),
            leave,
            sending: Arc::clone(sending),
        })
    }
}
