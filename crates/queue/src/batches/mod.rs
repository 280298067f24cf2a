//! Batches: jobs that were submitted together, row by row. Each row is submitted once, however often the batch is sent.

mod estimate;
mod read;
mod submit;

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_vault::IndexKey;

use crate::{Error, Queue, enqueue::accept::KEPT, units::millis};

pub use read::{BatchRow, RowJob, RowOf, RowState};
pub use submit::{SubmitRow, SubmittedRow};

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobBatch {
    /// Its id, made like that of a verification.
    pub id: VerificationId,
    /// Its tenant.
    pub tenant: String,
    /// When its first row was submitted.
    pub at: Timestamp,
    /// What people call it.
    pub name: String,
    /// Whether its last row was submitted. Rows can still be corrected.
    pub complete: bool,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// The number of its last row.
    pub rows: u64,
}

impl Queue {
    /// Returns the batch that a caller has given this key, or begins one. It is kept for 30 days after its last change.
    ///
    /// `caller` makes the index of the key. It should be a secret of the caller that this queue does not store.
    pub async fn open_batch(
        &self,
        (tenant, key): (&str, &str),
        name: &str,
        caller: &IndexKey,
    ) -> Result<JobBatch, Error> {
        let index = caller.index("batch", &format!("{tenant} {key}"));
        let remembered = self.key(&format!("submitted-batch-key:{index}"));
        let (new, keep_ms) = (VerificationId::generate().to_string(), millis(KEPT));
        let mut remember = redis::pipe();
        let set = remember.cmd("SET").arg(&remembered).arg(&new);
        set.arg("NX").arg("PX").arg(keep_ms).ignore();
        remember
            .cmd("PEXPIRE")
            .arg(&remembered)
            .arg(keep_ms)
            .ignore();
        remember.get(&remembered);
        let (known,): (Option<String>,) = remember.query_async(&mut self.connection()).await?;
        let id = known.unwrap_or(new);
        // It may have been begun and not written, or be expired beside its key.
        let now = self.now_ms().await?;
        let batch = self.batch_key(&id);
        let all = self.key(&format!("submitted-batches:{tenant}"));
        let mut write = redis::pipe();
        write
            .hset_nx(&batch, "tenant", tenant)
            .hset_nx(&batch, "at", now);
        if !name.is_empty() {
            write.hset(&batch, "name", name);
        }
        let jobs = self.key(&format!("submitted-jobs:{id}"));
        for key in [&batch, &self.rows_key(&id), &jobs, &all] {
            write.cmd("PEXPIRE").arg(key).arg(keep_ms);
        }
        write.cmd("ZADD").arg(&all).arg("NX").arg(now).arg(&id);
        write.cmd("PEXPIRE").arg(&all).arg(keep_ms);
        let too_old = now.saturating_sub(i64::try_from(keep_ms).unwrap_or(i64::MAX));
        write.zrembyscore(&all, "-inf", too_old);
        write.exec_async(&mut self.connection()).await?;
        let id = id.parse().map_err(|_| Error::Unreadable {
            what: "the id of a batch",
            id,
        })?;
        let opened = self.batch(tenant, id).await?;
        opened.ok_or_else(|| Error::Unreadable {
            what: "the batch",
            id: id.to_string(),
        })
    }

    /// Returns a batch of this tenant.
    pub async fn batch(&self, tenant: &str, id: VerificationId) -> Result<Option<JobBatch>, Error> {
        Ok(self.batches_of(tenant, &[id]).await?.pop())
    }

    /// Returns the batches of a tenant, the newest first, from the one after `after` on.
    pub async fn batches(
        &self,
        tenant: &str,
        after: Option<VerificationId>,
        at_most: usize,
    ) -> Result<Vec<JobBatch>, Error> {
        let all = self.key(&format!("submitted-batches:{tenant}"));
        let rank: Option<isize> = match after {
            None => None,
            Some(id) => {
                let ask = redis::Cmd::zrevrank(&all, id.to_string());
                ask.query_async(&mut self.connection()).await?
            }
        };
        if after.is_some() && rank.is_none() {
            return Ok(Vec::new());
        }
        let from = rank.map_or(0, |rank| rank + 1);
        let last = from + isize::try_from(at_most.max(1)).unwrap_or(isize::MAX - 1) - 1;
        let ask = redis::Cmd::zrevrange(&all, from, last);
        let ids: Vec<String> = ask.query_async(&mut self.connection()).await?;
        let ids: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        self.batches_of(tenant, &ids).await
    }

    /// Notes that this was the last row of a batch. Rows after it, of a longer file that was sent before, are dropped. Their jobs go on.
    pub async fn complete_batch(&self, batch: &JobBatch, rows: u64) -> Result<(), Error> {
        let id = batch.id.to_string();
        let known = self.batch(&batch.tenant, batch.id).await?;
        let before = known.map_or(rows, |known| known.rows);
        let mut note = redis::pipe();
        note.hset(self.batch_key(&id), "last", rows);
        note.hset(self.batch_key(&id), "complete", 1);
        for row in rows + 1..=before {
            note.hdel(self.rows_key(&id), row);
        }
        Ok(note.exec_async(&mut self.connection()).await?)
    }

    /// Refuses further rows of a batch. Its jobs go on until they are cancelled.
    pub async fn close_batch(&self, id: VerificationId) -> Result<(), Error> {
        let now = self.now_ms().await?;
        let note = redis::Cmd::hset_nx(self.batch_key(&id.to_string()), "cancelled", now);
        Ok(note.exec_async(&mut self.connection()).await?)
    }

    async fn batches_of(
        &self,
        tenant: &str,
        ids: &[VerificationId],
    ) -> Result<Vec<JobBatch>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new()); // Redis does not accept an empty pipeline.
        }
        type Fields = (
            Option<String>,
            Option<i64>,
            Option<String>,
            Option<u8>,
            Option<i64>,
            Option<u64>,
        );
        let mut ask = redis::pipe();
        for id in ids {
            let id = id.to_string();
            let fields = ["tenant", "at", "name", "complete", "cancelled", "last"];
            ask.cmd("HMGET").arg(self.batch_key(&id)).arg(&fields);
        }
        let known: Vec<Fields> = ask.query_async(&mut self.connection()).await?;
        let time = |at| Timestamp::from_millisecond(at).unwrap_or_default();
        let batches = ids.iter().zip(known).filter_map(|(id, fields)| {
            let (owner, at, name, complete, cancelled, last) = fields;
            Some(JobBatch {
                id: *id,
                tenant: owner.filter(|owner| owner == tenant)?,
                at: time(at.unwrap_or_default()),
                name: name.unwrap_or_default(),
                complete: complete.is_some(),
                cancelled_at: cancelled.map(time),
                rows: last.unwrap_or_default(),
            })
        });
        Ok(batches.collect())
    }

    fn batch_key(&self, id: &str) -> String {
        self.key(&format!("submitted-batch:{id}"))
    }

    fn rows_key(&self, id: &str) -> String {
        self.key(&format!("submitted-rows:{id}"))
    }
}
