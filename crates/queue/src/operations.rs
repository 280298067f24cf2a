//! Operations by hand: cancel, retry, read again and discard jobs; pause and resume kinds.

use kyc_domain::VerificationId;
use kyc_vault::is_record_name;

use crate::{
    Error, Place, Queue, State,
    key_records::NO_STORE,
    script::{self, arguments},
    units::millis,
    worker::progress::Progress,
};

/// Jobs in one call of a script. The bound keeps each script short.
const AT_ONCE: usize = 100;
/// Fewer, because the script searches the results stream for each job.
const DISCARDED_AT_ONCE: usize = 10;

/// The result of [`Queue::cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// The job was cancelled. It is published as `cancelled`, and no worker can complete it any
    /// more.
    Done,
    /// The job had already ended, in this state.
    Ended(State),
    /// There is no such job.
    Unknown,
}

impl Queue {
    /// Cancels a job in any place. A call that is under way is not stopped, but its answer is
    /// refused.
    pub async fn cancel(&self, id: VerificationId) -> Result<Cancelled, Error> {
        let config = self.config();
        let said: String = self
            .run(&script::CANCEL, |call| {
                let cancel = arguments::Cancel {
                    id: &id.to_string(),
                    retention_ms: millis(config.keep_completed),
                    keep_results: config.keep_results,
                };
                cancel.write(call);
            })
            .await?;
        Ok(match said.as_str() {
            "done" => Cancelled::Done,
            ended => State::read(ended).map_or(Cancelled::Unknown, Cancelled::Ended),
        })
    }

    /// Retries dead jobs, makes scheduled jobs ready now, and allows another call for jobs that are
    /// held for a decision. Returns how many jobs were retried. Jobs in other places are left
    /// unchanged.
    ///
    /// The attempts of a dead job start again from zero; its calls and its history stay. A job that
    /// was dead is published again when it ends.
    pub async fn retry(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::RETRY, Some(""), ids).await
    }

    /// Like [`Queue::retry`], but only for jobs that are still in `place`. A job that has started
    /// since, and may have been billed, is not called again by accident.
    pub async fn retry_in(&self, place: Place, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::RETRY, Some(place.as_str()), ids)
            .await
    }

    /// Makes dead jobs with a retained answer ready, so that a worker reads the answer again
    /// without a call. Returns how many jobs there were. Jobs without a retained answer are left
    /// unchanged.
    pub async fn reread(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::REREAD, None, ids).await
    }

    /// Deletes jobs that have ended, with their key record, outcome, idempotency key, reference and results.
    /// Returns how many jobs were deleted. Jobs that have not ended are left unchanged. The queue does not
    /// own images, so they stay.
    ///
    /// # Errors
    ///
    /// [`Error::KeyRecords`], and no job is deleted, if its key record cannot be deleted from its store.
    pub async fn discard(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        let mut all = 0;
        for some in ids.chunks(DISCARDED_AT_ONCE) {
            self.erase_ended(some).await?;
            all += self.in_steps(&script::DISCARD, None, some).await?;
        }
        Ok(all)
    }

    /// Deletes the key records of those jobs that have ended from their stores.
    async fn erase_ended(&self, ids: &[VerificationId]) -> Result<(), Error> {
        let mut ask = redis::pipe();
        for id in ids {
            let key = self.key(&format!("job:{id}"));
            ask.cmd("HMGET").arg(key).arg(&["progress", "key"]);
        }
        type Fields = (Option<Vec<u8>>, Option<Vec<u8>>);
        let fields: Vec<Fields> = ask.query_async(&mut self.connection()).await?;
        let ended = ids.iter().zip(fields).filter(|(_, (progress, _))| {
            let progress = Progress::read(progress.as_deref().unwrap_or_default());
            progress.is_some_and(|progress| progress.state.is_some())
        });
        let (ended, fields): (Vec<VerificationId>, Vec<_>) =
            ended.map(|(id, (_, field))| (*id, field)).unzip();
        let places = &self.config().key_records;
        if !places.is_any() && fields.iter().flatten().any(|field| is_record_name(field)) {
            return Err(Error::KeyRecords(NO_STORE.to_owned()));
        }
        places.delete(&ended).await
    }

    async fn in_steps(
        &self,
        script: &redis::Script,
        first: Option<&str>,
        ids: &[VerificationId],
    ) -> Result<usize, Error> {
        let mut all = 0;
        for some in ids.chunks(AT_ONCE) {
            let count: usize = self
                .run(script, |call| {
                    if let Some(first) = first {
                        call.arg(first);
                    }
                    for id in some {
                        call.arg(id.to_string());
                    }
                })
                .await?;
            all += count;
        }
        Ok(all)
    }

    /// Pauses a kind, or all kinds with [`ACCOUNT`](crate::ACCOUNT), until it is resumed. Jobs
    /// under way continue; waiting jobs keep their place.
    pub async fn pause(&self, scope: &str) -> Result<(), Error> {
        self.run(&script::PAUSE, |call| {
            call.arg(scope);
        })
        .await
    }

    /// Resumes a kind, or the account, that was parked or paused, at once. Returns why it was
    /// closed, or `None` if it was not. Unless it was paused by a person, it starts with a single
    /// call.
    pub async fn resume(&self, scope: &str) -> Result<Option<String>, Error> {
        let why: String = self
            .run(&script::RESUME, |call| {
                call.arg(scope);
            })
            .await?;
        Ok((!why.is_empty()).then_some(why))
    }
}
