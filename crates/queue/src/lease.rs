//! A job in the hands of a worker: what it is, the token that fences it, and the leave to send.

use std::{fmt, sync::Arc};

use kyc_domain::VerificationId;
use redis::{FromRedisValue, ParsingError, Value};

/// Leave to make one call for one job. It is given with a lease, is used up by the call, and can be made
/// nowhere else: a call that nobody allowed does not compile.
#[derive(Debug)]
pub struct Slot {
    _only_leases_give_slots: (),
}

impl Slot {
    /// Uses the slot up, at the moment of the call. A kind without a limit may send at once.
    pub fn spend(self) {
        let Self {
            _only_leases_give_slots: (),
        } = self;
    }
}

/// What is known of a job without opening it: enough to settle it.
pub(crate) struct Ticket {
    pub(crate) id: VerificationId,
    pub(crate) token: String,
    pub(crate) kind: String,
    pub(crate) pauses: u32,
    pub(crate) attempts: u32,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) deadline_ms: i64,
    pub(crate) calls: u32,
    pub(crate) unanswered: u32,
    pub(crate) sealed: Vec<u8>,
}

/// A job that a worker holds.
pub struct Leased {
    pub(crate) ticket: Arc<Ticket>,
    tenant: String,
    slot: Slot,
}

impl Leased {
    /// The verification.
    pub fn id(&self) -> VerificationId {
        self.ticket.id
    }

    /// Its kind's name.
    pub fn kind(&self) -> &str {
        &self.ticket.kind
    }

    /// Whose job it is.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The number of this attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.ticket.attempts + 1
    }

    /// Calls sent in earlier attempts.
    pub fn calls_before(&self) -> u32 {
        self.ticket.calls
    }

    /// Calls of earlier attempts that may have been billed without an answer.
    pub fn unanswered_before(&self) -> u32 {
        self.ticket.unanswered
    }

    /// The job's last moment, in milliseconds since 1970.
    pub fn deadline_ms(&self) -> Option<i64> {
        Some(self.ticket.deadline_ms).filter(|at| *at > 0)
    }

    /// The request as it was sealed: part `request`, media type JSON.
    pub fn sealed_request(&self) -> &[u8] {
        &self.ticket.sealed
    }

    /// Hands out the leave to send.
    pub fn into_slot(self) -> Slot {
        self.slot
    }
}

impl fmt::Debug for Leased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leased({} {})", self.ticket.kind, self.ticket.id)
    }
}

/// What the lease script answers.
pub(crate) struct Batch {
    /// When to ask again, in milliseconds; `None` when nothing is known to become due.
    pub(crate) ask_again_ms: Option<u64>,
    pub(crate) jobs: Vec<Leased>,
}

impl FromRedisValue for Batch {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut values = Vec::<Value>::from_redis_value(value)?.into_iter();
        let mut number = || i64::from_redis_value(values.next().unwrap_or(Value::Nil));
        let _now = number()?;
        let again = number()?;
        Ok(Self {
            ask_again_ms: u64::try_from(again).ok(),
            // One that cannot be read stalls and dies alone; its neighbours are done.
            jobs: values
                .filter_map(|job| Leased::from_redis_value(job).inspect_err(unreadable).ok())
                .collect(),
        })
    }
}

/// The error's own text may repeat what it could not read.
fn unreadable(_: &ParsingError) {
    tracing::error!("Leased a job that this version cannot read");
}

impl FromRedisValue for Leased {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut fields = Vec::<Value>::from_redis_value(value)?.into_iter();
        let mut next = || fields.next().unwrap_or(Value::Nil);
        fn read<T: FromRedisValue>(value: Value) -> Result<T, ParsingError> {
            T::from_redis_value(value)
        }
        let id = read::<String>(next())?;
        let id = id
            .parse()
            .map_err(|_| ParsingError::from("a job's id is not a verification id"))?;
        let token = read(next())?;
        let kind = read(next())?;
        let pauses = read(next())?;
        let tenant = read(next())?;
        let sealed = read(next())?;
        let attempts = read(next())?;
        let max_attempts = read::<String>(next())?.parse().ok();
        let deadline_ms = read(next())?;
        let calls = read(next())?;
        let unanswered = read(next())?;
        let ticket = Ticket {
            id,
            token,
            kind,
            pauses,
            attempts,
            max_attempts,
            deadline_ms,
            calls,
            unanswered,
            sealed,
        };
        Ok(Self {
            ticket: Arc::new(ticket),
            tenant,
            slot: Slot {
                _only_leases_give_slots: (),
            },
        })
    }
}
