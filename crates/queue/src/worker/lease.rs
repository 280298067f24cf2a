//! A job in the hands of a worker: what it is, and the token that fences it.

use std::{
    array, fmt,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_vault::{DataKey, OpenError, Vault};
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

/// What is known of a job without opening it: enough to settle it.
pub(crate) struct Ticket {
    pub(crate) id: VerificationId,
    /// The batch that it came with: its fencing token.
    pub(crate) batch: u64,
    /// How often its kind was paused in a row.
    pub(crate) pauses: u32,
    /// When it was given out, in microseconds of Redis' clock.
    pub(crate) given_us: u64,
    /// When its call is to be sent, by the same clock; 0 where no rate limits.
    pub(crate) slot_us: u64,
    /// Its call goes, or has gone.
    pub(crate) sent: Arc<AtomicBool>,
    pub(crate) header: Header,
    pub(crate) progress: Progress,
    /// The header as Redis holds it.
    header_text: Vec<u8>,
    /// The sealed request.
    sealed: Vec<u8>,
    /// The key record.
    record: Vec<u8>,
    /// The data key, once it was opened.
    key: OnceLock<DataKey>,
    /// The answer to another one is there: it makes no call.
    pub(crate) is_cached: bool,
    /// Its own answer was kept, and is read: it makes no call.
    pub(crate) is_retained: bool,
}

impl Ticket {
    /// The data key of the job.
    pub(crate) fn data_key(&self, vault: &Vault) -> Result<DataKey, OpenError> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        let id = self.id.to_string();
        let key = vault.key(self.header.owner(&id), &self.record)?;
        Ok(self.key.get_or_init(|| key).clone())
    }

    /// Whether it is to make a call.
    pub(crate) fn makes_call(&self) -> bool {
        !self.is_cached && !self.is_retained
    }
}

/// A job that a worker holds.
pub struct Leased {
    pub(crate) ticket: Arc<Ticket>,
    leave: Leave,
    sending: Arc<Sending>,
}

/// How a job may come to its answer.
pub enum Leave {
    /// By one call.
    Call(Slot),
    /// Without a call: the same was asked lately.
    Reuse(CachedAnswer),
    /// Without a call: the provider answered before, and its answer was kept, sealed as part `answer`.
    Reread(Vec<u8>),
}

impl Leave {
    /// The slot, where a call is to be made.
    pub fn slot(self) -> Option<Slot> {
        match self {
            Self::Call(slot) => Some(slot),
            Self::Reuse(_) | Self::Reread(_) => None,
        }
    }
}

impl Leased {
    /// The verification.
    pub fn id(&self) -> VerificationId {
        self.ticket.id
    }

    /// Its kind's name.
    pub fn kind(&self) -> &str {
        &self.ticket.header.kind
    }

    /// Whose job it is.
    pub fn tenant(&self) -> &str {
        &self.ticket.header.tenant
    }

    /// The number of this attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.ticket.progress.attempts + 1
    }

    /// Calls sent in earlier attempts.
    pub fn calls_before(&self) -> u32 {
        self.ticket.progress.calls
    }

    /// Calls of earlier attempts that may have been billed without an answer.
    pub fn unanswered_before(&self) -> u32 {
        self.ticket.progress.unanswered
    }

    /// The job's last moment, in milliseconds since 1970.
    pub fn deadline_ms(&self) -> Option<i64> {
        self.ticket.header.deadline
    }

    /// The time now, as Redis' clock shows it: the only clock that decides.
    pub fn now(&self) -> Timestamp {
        self.sending.clock.now()
    }

    /// Opens the job: its data key, and the request as it was accepted, in JSON.
    ///
    /// # Errors
    ///
    /// [`OpenJobError`], when a key is missing, or the job is not as it was accepted.
    pub fn open(&self, vault: &Vault) -> Result<(DataKey, Zeroizing<Vec<u8>>), OpenJobError> {
        let Ticket {
            header_text,
            sealed,
            ..
        } = &*self.ticket;
        let key = self.ticket.data_key(vault);
        if let Some(id) = key.as_ref().err().and_then(OpenError::missing_key) {
            self.sending.missing_keys.note(vault, &id);
        }
        let key = key?;
        let request = bound::open(&key, header_text, sealed)?;
        Ok((key, request))
    }

    /// Hands out the leave, to be used once.
    pub fn into_leave(self) -> Leave {
        self.leave
    }
}

impl fmt::Debug for Leased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leased({} {})", self.kind(), self.id())
    }
}

/// How many values a job is in the script's answer.
const VALUES: usize = 10;

/// What the lease script answers.
pub(crate) struct Batch {
    /// When to ask again, in milliseconds; `None` when nothing is known to become due.
    pub(crate) ask_again_ms: Option<u64>,
    /// Redis' clock when the batch was given, in microseconds.
    pub(crate) now_us: u64,
    /// When its jobs were given, by the same clock.
    given_us: u64,
    /// It was given before, and its answer was lost.
    pub(crate) is_again: bool,
    /// The rates that limit these jobs, by scope; no calls where there is none.
    pub(crate) rates: Vec<(String, FleetRate)>,
    /// Jobs of dead workers that wait for a person now, with their kinds.
    pub(crate) for_decision: Vec<(String, String)>,
    /// One behind the other, each as so many values.
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

    /// The jobs that came under this number. One that cannot be read stalls and dies alone; its neighbours are done.
    pub(crate) fn into_jobs(self, batch: u64, sending: &Arc<Sending>) -> Vec<Leased> {
        let mut values = self.jobs.into_iter();
        let jobs = std::iter::from_fn(|| {
            let is_one = values.len() >= VALUES;
            is_one.then(|| array::from_fn(|_| values.next().unwrap_or(Value::Nil)))
        });
        let read = |job| {
            // The error's own text may repeat what it could not read.
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
