//! Bulk operations: one thing done to many jobs, after they were counted. The jobs that were counted are kept as a list of ids, so
//! that it is done to them and to no others. Counting and doing go in bounded steps, and a step that broke off is repeated.
//!
//! No script is needed: what a step changes is one transaction, and the scripts that act on jobs check where each of them is.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use kyc_domain::VerificationId;

use crate::{Error, Queue, units::millis};

/// How long a count can be used.
const USABLE: Duration = Duration::from_secs(15 * 60);
/// How long an operation that has begun is kept, after its last step.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long a step keeps others out without a sign of life.
const STEP: Duration = Duration::from_secs(30);

/// The id of a bulk operation: not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkId(VerificationId);

impl fmt::Display for BulkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BulkId {
    type Err = kyc_domain::NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// How far a bulk operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkState {
    /// Its jobs are being counted.
    Counting,
    /// Its jobs are counted, and nothing was done to them.
    Counted,
    /// It was begun.
    Running,
    /// All its jobs were handled.
    Done,
}

impl BulkState {
    const ALL: [Self; 4] = [Self::Counting, Self::Counted, Self::Running, Self::Done];

    /// Returns the name that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counting => "counting",
            Self::Counted => "counted",
            Self::Running => "running",
            Self::Done => "done",
        }
    }
}

/// A bulk operation.
#[derive(Clone, Debug)]
pub struct BulkOperation {
    /// Its id.
    pub id: BulkId,
    /// What is done, and to which jobs: a text of the caller, that is compared with that of later requests.
    pub about: String,
    /// Who began it: the id of an API key.
    pub by: String,
    /// How far it is.
    pub state: BulkState,
    /// When counting began, by Redis' clock: jobs that came to their place later are not meant.
    pub seen_at: Timestamp,
    /// The jobs that were counted so far.
    pub counted: Counted,
    /// The hash of the token with which it may be done.
    pub token_hash: Option<String>,
    /// What became of the jobs that were handled so far.
    pub handled: Handled,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// The jobs that were counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many there are.
    pub jobs: u64,
    /// How many there are of each group, by the name that the caller gives it.
    pub groups: BTreeMap<String, u64>,
    /// The ids of some.
    pub sample: Vec<String>,
    /// Where counting goes on; `None` once all are counted.
    pub cursor: Option<String>,
}

/// What became of jobs that were handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// Jobs to which it was done.
    pub done: u64,
    /// Jobs that had moved since they were counted.
    pub skipped: u64,
    /// Jobs to which it could not be done, and that are as they were.
    pub failed: u64,
}

impl Handled {
    /// Returns the number of jobs.
    pub fn all(&self) -> u64 {
        self.done + self.skipped + self.failed
    }
}

type Fields = BTreeMap<String, String>;

impl Queue {
    /// Begins a bulk operation, whose jobs are to be counted.
    pub async fn begin_bulk(&self, about: &str, by: &str) -> Result<BulkOperation, Error> {
        let seen_at = self.now().await?;
        let operation = BulkOperation {
            id: BulkId(VerificationId::generate()),
            about: about.to_owned(),
            by: by.to_owned(),
            state: BulkState::Counting,
            seen_at,
            counted: Counted::default(),
            token_hash: None,
            handled: Handled::default(),
            expires_at: seen_at.checked_add(USABLE).unwrap_or(Timestamp::MAX),
        };
        let key = self.bulk_key(operation.id);
        let mut write = redis::pipe();
        let hash = write.atomic().cmd("HSET").arg(&key);
        hash.arg("about").arg(about).arg("by").arg(by);
        hash.arg("state").arg(operation.state.as_str());
        hash.arg("seen_at").arg(seen_at.as_millisecond());
        write.cmd("PEXPIRE").arg(&key).arg(millis(USABLE));
        write.exec_async(&mut self.connection()).await?;
        Ok(operation)
    }

    /// Returns a bulk operation.
    pub async fn bulk(&self, id: BulkId) -> Result<Option<BulkOperation>, Error> {
        let key = self.bulk_key(id);
        let mut ask = redis::pipe();
        ask.hgetall(&key).cmd("PTTL").arg(&key).cmd("TIME");
        type Told = (Fields, i64, (i64, i64));
        let (fields, left, (seconds, micros)): Told =
            ask.query_async(&mut self.connection()).await?;
        let ends = seconds * 1000 + micros / 1000 + left;
        Ok(read(id, &fields, ends))
    }

    /// Adds jobs that were counted. `counted` is what was counted in all.
    pub async fn count_bulk(
        &self,
        id: BulkId,
        jobs: &[VerificationId],
        counted: &Counted,
    ) -> Result<(), Error> {
        let (key, ids) = (self.bulk_key(id), self.bulk_ids_key(id));
        let mut write = redis::pipe();
        write.atomic();
        if !jobs.is_empty() {
            let push = write.cmd("RPUSH").arg(&ids);
            for job in jobs {
                push.arg(job.to_string());
            }
        }
        let hash = write.cmd("HSET").arg(&key);
        hash.arg("jobs").arg(counted.jobs);
        hash.arg("groups").arg(json(&counted.groups));
        hash.arg("sample").arg(json(&counted.sample));
        hash.arg("cursor")
            .arg(counted.cursor.as_deref().unwrap_or_default());
        for key in [&key, &ids] {
            write.cmd("PEXPIRE").arg(key).arg(millis(USABLE));
        }
        Ok(write.exec_async(&mut self.connection()).await?)
    }

    /// Ends counting: whoever has the token may do it.
    pub async fn arm_bulk(&self, id: BulkId, token_hash: &str) -> Result<(), Error> {
        let mut set = redis::cmd("HSET");
        set.arg(self.bulk_key(id)).arg("token").arg(token_hash);
        set.arg("state").arg(BulkState::Counted.as_str());
        Ok(set.exec_async(&mut self.connection()).await?)
    }

    /// Returns the next jobs that are to be handled.
    pub async fn next_of_bulk(
        &self,
        operation: &BulkOperation,
        at_most: u64,
    ) -> Result<Vec<VerificationId>, Error> {
        let first = operation.handled.all();
        let mut ask = redis::cmd("LRANGE");
        ask.arg(self.bulk_ids_key(operation.id));
        ask.arg(first).arg(first + at_most.max(1) - 1);
        let ids: Vec<String> = ask.query_async(&mut self.connection()).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Adds what became of the jobs that were next. With none, the operation is done.
    pub async fn handle_bulk(
        &self,
        operation: &mut BulkOperation,
        handled: Handled,
    ) -> Result<(), Error> {
        let (key, ids) = (self.bulk_key(operation.id), self.bulk_ids_key(operation.id));
        let all = Handled {
            done: operation.handled.done + handled.done,
            skipped: operation.handled.skipped + handled.skipped,
            failed: operation.handled.failed + handled.failed,
        };
        let is_done = handled.all() == 0 || all.all() >= operation.counted.jobs;
        let state = if is_done {
            BulkState::Done
        } else {
            BulkState::Running
        };
        let mut write = redis::pipe();
        let hash = write.atomic().cmd("HSET").arg(&key);
        hash.arg("state").arg(state.as_str());
        hash.arg("done").arg(all.done);
        hash.arg("skipped").arg(all.skipped);
        hash.arg("failed").arg(all.failed);
        write.cmd("PEXPIRE").arg(&key).arg(millis(KEPT));
        if is_done {
            write.cmd("UNLINK").arg(&ids);
        } else {
            write.cmd("PEXPIRE").arg(&ids).arg(millis(KEPT));
        }
        write.exec_async(&mut self.connection()).await?;
        (operation.handled, operation.state) = (all, state);
        let kept = self.now().await?.checked_add(KEPT);
        operation.expires_at = kept.unwrap_or(Timestamp::MAX);
        Ok(())
    }

    /// Returns whether no other process is at a step of the operation. It is this caller's for half a minute, or until
    /// [`Queue::leave_bulk`].
    pub async fn enter_bulk(&self, id: BulkId) -> Result<bool, Error> {
        let mut set = redis::cmd("SET");
        set.arg(self.bulk_step_key(id)).arg("1").arg("NX");
        set.arg("PX").arg(millis(STEP));
        let set: Option<String> = set.query_async(&mut self.connection()).await?;
        Ok(set.is_some())
    }

    /// Keeps others out for another half minute.
    pub async fn stay_in_bulk(&self, id: BulkId) -> Result<(), Error> {
        let mut keep = redis::cmd("PEXPIRE");
        keep.arg(self.bulk_step_key(id)).arg(millis(STEP));
        Ok(keep.exec_async(&mut self.connection()).await?)
    }

    /// Ends the step.
    pub async fn leave_bulk(&self, id: BulkId) -> Result<(), Error> {
        let mut end = redis::cmd("DEL");
        end.arg(self.bulk_step_key(id));
        Ok(end.exec_async(&mut self.connection()).await?)
    }

    fn bulk_key(&self, id: BulkId) -> String {
        self.key(&format!("bulk:{id}"))
    }

    fn bulk_ids_key(&self, id: BulkId) -> String {
        self.key(&format!("bulk-ids:{id}"))
    }

    fn bulk_step_key(&self, id: BulkId) -> String {
        self.key(&format!("bulk-step:{id}"))
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// `None` if it has expired, in whole or in part.
fn read(id: BulkId, fields: &Fields, ends: i64) -> Option<BulkOperation> {
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let number = |name: &str| text(name).parse().unwrap_or_default();
    let state = BulkState::ALL
        .into_iter()
        .find(|state| state.as_str() == text("state"))?;
    let filled = |name: &str| Some(text(name).to_owned()).filter(|text| !text.is_empty());
    Some(BulkOperation {
        id,
        about: fields.get("about")?.clone(),
        by: fields.get("by")?.clone(),
        state,
        seen_at: Timestamp::from_millisecond(text("seen_at").parse().ok()?).ok()?,
        counted: Counted {
            jobs: number("jobs"),
            groups: serde_json::from_str(text("groups")).unwrap_or_default(),
            sample: serde_json::from_str(text("sample")).unwrap_or_default(),
            cursor: filled("cursor"),
        },
        token_hash: filled("token"),
        handled: Handled {
            done: number("done"),
            skipped: number("skipped"),
            failed: number("failed"),
        },
        expires_at: Timestamp::from_millisecond(ends).unwrap_or_default(),
    })
}
