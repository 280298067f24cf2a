//! What people do to the queue by hand: call jobs off, give them another life, forget them, pause and resume kinds.

use kyc_domain::VerificationId;

use crate::{
    Error, Place, Queue, State,
    script::{self, arguments},
    units::millis,
};

/// Jobs of one script call: bounded, so that no script is long.
const AT_ONCE: usize = 100;

/// What became of calling a job off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It was called off: published as `cancelled`, and nobody can complete it any more.
    Done,
    /// It had ended before, like this.
    Ended(State),
    /// There is no such job.
    Unknown,
}

impl Queue {
    /// Calls a job off, wherever it stands. A call that is under way is not stopped, but its answer is refused.
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

    /// Gives dead jobs another life, lets those that wait for a time begin now, and calls those again that wait for a
    /// person. Answers how many there were; others are left as they are.
    ///
    /// A dead job's attempts begin anew; calls and history stay. A job that comes to life is published again at its next
    /// end.
    pub async fn retry(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::RETRY, Some(""), ids).await
    }

    /// As [`Queue::retry`], of the jobs that stand there still: one that began meanwhile, and may have been billed, is not
    /// called again by whoever did not mean that.
    pub async fn retry_in(&self, place: Place, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::RETRY, Some(place.as_str()), ids)
            .await
    }

    /// Lets dead jobs be assessed by the answers that are kept with them, by the workers and without a call. Answers how many
    /// there were; those that keep none are left as they are.
    pub async fn reread(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::REREAD, None, ids).await
    }

    /// Forgets jobs that have ended, outcome, idempotency key and reference included. Answers how many there were;
    /// those that have not ended are left as they are. Images are not the queue's.
    pub async fn discard(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.in_steps(&script::DISCARD, None, ids).await
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

    /// Lets a kind, or with [`ACCOUNT`] all kinds, send nothing until it is resumed. What is under way goes on; what
    /// waits keeps its place.
    pub async fn pause(&self, scope: &str) -> Result<(), Error> {
        self.run(&script::PAUSE, |call| {
            call.arg(scope);
        })
        .await
    }

    /// Lets a kind, or the account, that was parked or paused send again, at once. Answers why it was closed; `None` when
    /// it was not. After all but a pause by hand a single call goes first.
    pub async fn resume(&self, scope: &str) -> Result<Option<String>, Error> {
        let why: String = self
            .run(&script::RESUME, |call| {
                call.arg(scope);
            })
            .await?;
        Ok((!why.is_empty()).then_some(why))
    }
}
