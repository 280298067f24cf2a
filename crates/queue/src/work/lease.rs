//! A job in the hands of a worker: what it is, the token that fences it, and the leave to send.

use std::{fmt, sync::Arc};

use kyc_domain::VerificationId;
use redis::{FromRedisValue, ParsingError, Value};

use crate::{
    accept::label::Label,
    work::{story::Story, trust::Trust},
};

/// Leave to make one call for one job. It is given with a lease, is used up by the call, and can be made
/// nowhere else: a call that nobody allowed does not compile.
pub struct Slot {
    trust: Arc<Trust>,
}

impl Slot {
    /// Uses the slot up, just before the call. A worker that was frozen, or could not reach Redis for as long as its
    /// leases last, waits here until it knows that the job is still its own: another one may be calling for it.
    pub async fn spend(self) {
        self.trust.wait().await;
    }
}

/// What is known of a job without opening it: enough to settle it.
pub(crate) struct Ticket {
    pub(crate) id: VerificationId,
    /// The batch that it came with: its fencing token.
    pub(crate) batch: u64,
    /// How often its kind was paused in a row.
    pub(crate) pauses: u32,
    pub(crate) label: Label,
    pub(crate) story: Story,
    pub(crate) sealed: Vec<u8>,
}

/// A job that a worker holds.
pub struct Leased {
    pub(crate) ticket: Arc<Ticket>,
    slot: Slot,
}

impl Leased {
    /// The verification.
    pub fn id(&self) -> VerificationId {
        self.ticket.id
    }

    /// Its kind's name.
    pub fn kind(&self) -> &str {
        &self.ticket.label.kind
    }

    /// Whose job it is.
    pub fn tenant(&self) -> &str {
        &self.ticket.label.tenant
    }

    /// The number of this attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.ticket.story.attempts + 1
    }

    /// Calls sent in earlier attempts.
    pub fn calls_before(&self) -> u32 {
        self.ticket.story.calls
    }

    /// Calls of earlier attempts that may have been billed without an answer.
    pub fn unanswered_before(&self) -> u32 {
        self.ticket.story.unanswered
    }

    /// The job's last moment, in milliseconds since 1970.
    pub fn deadline_ms(&self) -> Option<i64> {
        self.ticket.label.deadline
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
        write!(f, "Leased({} {})", self.kind(), self.id())
    }
}

/// What the lease script answers.
pub(crate) struct Batch {
    /// When to ask again, in milliseconds; `None` when nothing is known to become due.
    pub(crate) ask_again_ms: Option<u64>,
    jobs: Vec<Value>,
}

impl FromRedisValue for Batch {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut values = Vec::<Value>::from_redis_value(value)?.into_iter();
        let again = i64::from_redis_value(values.next().unwrap_or(Value::Nil))?;
        Ok(Self {
            ask_again_ms: u64::try_from(again).ok(),
            jobs: values.collect(),
        })
    }
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// The jobs that came under this number. One that cannot be read stalls and dies alone; its neighbours are done.
    pub(crate) fn into_jobs(self, batch: u64, trust: &Arc<Trust>) -> Vec<Leased> {
        let read = |job| {
            // The error's own text may repeat what it could not read.
            Leased::read(job, batch, trust)
                .inspect_err(|_| tracing::error!("Leased a job that this version cannot read"))
                .ok()
        };
        self.jobs.into_iter().filter_map(read).collect()
    }
}

impl Leased {
    fn read(value: Value, batch: u64, trust: &Arc<Trust>) -> Result<Self, ParsingError> {
        let fields = <(String, u32, Vec<u8>, Vec<u8>, Vec<u8>)>::from_redis_value(value)?;
        let (id, pauses, label, sealed, story) = fields;
        let unreadable = |what: &'static str| ParsingError::from(what);
        let ticket = Ticket {
            id: id.parse().map_err(|_| unreadable("a job's id"))?,
            batch,
            pauses,
            label: serde_json::from_slice(&label).map_err(|_| unreadable("a job's label"))?,
            story: Story::read(&story).ok_or_else(|| unreadable("a job's story"))?,
            sealed,
        };
        Ok(Self {
            ticket: Arc::new(ticket),
            slot: Slot {
                trust: Arc::clone(trust),
            },
        })
    }
}
