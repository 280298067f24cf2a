//! How far a batch is: its rows counted by what became of them. Counting reads every row, so a count serves for a while.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kyc_domain::VerificationId;
use kyc_queue::{BatchRow, JobBatch, Queue, RowOf, RowState, Waiting};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Rows that are read together.
const AT_ONCE: u64 = 500;
/// How long a count serves at least.
const SHORTEST: Duration = Duration::from_secs(1);
/// How many times the duration of counting a count serves at least, so that counting takes a tenth of the time at most.
const SERVES: u32 = 10;
/// The most counts that are remembered.
const MOST: usize = 1000;

/// The rows of a batch, counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) states: BTreeMap<RowState, u64>,
    /// Rows that were refused when they were sent.
    pub(super) refused: u64,
    pub(super) verdicts: BTreeMap<String, u64>,
    /// Codes of dead rows.
    pub(super) codes: BTreeMap<String, u64>,
    /// For each kind, the last row that waits, and how many do.
    pub(super) last: BTreeMap<String, (VerificationId, u64)>,
    /// Why the last rows of the kinds wait.
    pub(super) waiting: Vec<LastRow>,
}

/// The last row of a kind that waits.
#[derive(Clone, Debug)]
pub(super) struct LastRow {
    pub(super) kind: String,
    pub(super) rows: u64,
    /// Whether a worker has accepted it.
    pub(super) is_accepted: bool,
    /// `None` if it is not accepted, or runs.
    pub(super) waiting: Option<Waiting>,
}

/// The counts of batches that were asked for lately.
pub(crate) struct Counted {
    known: Mutex<HashMap<VerificationId, Known>>,
    /// Few are counted at once, whoever asks.
    counting: Semaphore,
}

#[derive(Clone)]
struct Known {
    counts: Arc<Counts>,
    /// Until when they serve.
    until: Instant,
    rows: u64,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            counting: Semaphore::new(2),
        }
    }
}

impl Counted {
    /// Returns the counts of a batch, of this moment or of a short time before.
    pub(super) async fn of(&self, queue: &Queue, batch: &JobBatch) -> Result<Arc<Counts>, Problem> {
        if let Some(known) = self.known(batch) {
            return Ok(known);
        }
        let counting = self.counting.acquire().await;
        // Another request may have counted meanwhile.
        if let Some(known) = self.known(batch) {
            return Ok(known);
        }
        let begun = Instant::now();
        let counts = Arc::new(count(queue, batch).await?);
        drop(counting);
        let known = Known {
            counts: Arc::clone(&counts),
            until: Instant::now() + SHORTEST.max(begun.elapsed() * SERVES),
            rows: batch.rows,
        };
        let mut all = self.lock();
        if all.len() >= MOST {
            let now = Instant::now();
            all.retain(|_, known| known.until > now);
        }
        if all.len() < MOST {
            all.insert(batch.id, known);
        }
        Ok(counts)
    }

    /// Forgets the counts of a batch that was changed.
    pub(super) fn forget(&self, id: VerificationId) {
        self.lock().remove(&id);
    }

    fn known(&self, batch: &JobBatch) -> Option<Arc<Counts>> {
        let known = self.lock().get(&batch.id).cloned()?;
        (known.until > Instant::now() && known.rows == batch.rows).then_some(known.counts)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VerificationId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn count(queue: &Queue, batch: &JobBatch) -> Result<Counts, Problem> {
    let (mut counts, mut from) = (Counts::default(), 1);
    while from <= batch.rows {
        let rows = queue
            .batch_rows(batch, from, AT_ONCE.min(batch.rows - from + 1))
            .await?;
        rows.into_iter().for_each(|row| counts.add(row));
        from += AT_ONCE;
    }
    let ids: Vec<VerificationId> = counts.last.values().map(|(id, _)| *id).collect();
    let known = queue.look_at(&ids).await?;
    let last = counts.last.iter().map(|(kind, (id, rows))| {
        let known = known.iter().find(|known| known.id == *id);
        LastRow {
            kind: kind.clone(),
            rows: *rows,
            is_accepted: known.is_some(),
            waiting: known.and_then(|known| known.waiting.clone()),
        }
    });
    counts.waiting = last.collect();
    Ok(counts)
}

impl Counts {
    fn add(&mut self, row: BatchRow) {
        let job = match row.of {
            RowOf::Refused(_) => {
                self.refused += 1;
                return;
            }
            RowOf::Job(job) => *job,
        };
        *self.states.entry(job.state).or_default() += 1;
        match job.state {
            RowState::Waiting => {
                let last = self.last.entry(job.about.kind).or_insert((job.id, 0));
                *last = (job.id, last.1 + 1);
            }
            RowState::Completed => {
                let verdict = job.verdict.unwrap_or_else(|| "unknown".to_owned());
                *self.verdicts.entry(verdict).or_default() += 1;
            }
            RowState::Dead => {
                let code = job.code.unwrap_or_else(|| "unknown".to_owned());
                *self.codes.entry(code).or_default() += 1;
            }
            RowState::Cancelled | RowState::Refused | RowState::Deleted => {}
        }
    }

    pub(super) fn of(&self, state: RowState) -> u64 {
        self.states.get(&state).copied().unwrap_or_default()
    }
}
