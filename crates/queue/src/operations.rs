//! Operations by hand: cancel, retry, read again and discard jobs; pause and resume kinds.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_vault::is_record_name;
use redis::{FromRedisValue, Value};

use crate::{
    Error, LimitError, Place, Queue, State,
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
    /// It is not where it was seen any more.
    Moved,
    /// There is no such job.
    Unknown,
}

/// The place in which jobs were seen, and when. What is done to jobs that were seen somewhere is not done to those that have moved
/// since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The place.
    pub place: Place,
    /// When they were seen there, by Redis' clock. A job that came to the place later, for example because it died again, has moved.
    pub at: Timestamp,
}

/// Where jobs must be, as the scripts take it: the name of a place, or empty, and a time in milliseconds, or 0.
#[derive(Clone, Copy)]
struct Where {
    place: &'static str,
    by: i64,
}

impl Where {
    fn of(seen: Option<Seen>) -> Self {
        seen.map_or(Self { place: "", by: 0 }, |seen| Self {
            place: seen.place.as_str(),
            by: seen.at.as_millisecond(),
        })
    }
}

/// A pause by a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    /// For how long; `None` until it is resumed.
    pub lasts: Option<Duration>,
    /// Who paused it: no personal data.
    pub by: String,
    /// Why, for people: no personal data.
    pub note: String,
}

/// The most characters of a note.
const LONGEST_NOTE: usize = 200;
/// The most digits in a row of a note: every number of a person has more.
const MOST_DIGITS: usize = 6;

/// Checks a note for people, which is shown and logged.
///
/// # Errors
///
/// [`LimitError`] if it could hold personal data, or is no short line.
pub fn check_note(text: &str) -> Result<(), LimitError> {
    if text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control) {
        let remedy = "write a line of at most 200 characters";
        return Err(LimitError::new("note", "is too long, or no line", remedy));
    }
    let mut digits = text.split(|c: char| !c.is_ascii_digit());
    if digits.any(|digits| digits.len() > MOST_DIGITS) {
        let remedy = "leave numbers of persons out: a note is shown and logged";
        return Err(LimitError::new("note", "has a long number", remedy));
    }
    Ok(())
}

impl Queue {
    /// Cancels a job in any place. A call that is under way is not stopped, but its answer is
    /// refused.
    pub async fn cancel(&self, id: VerificationId) -> Result<Cancelled, Error> {
        self.cancel_if(None, id).await
    }

    /// Like [`Queue::cancel`]; if `seen` is given, only where the job is still there.
    pub async fn cancel_if(
        &self,
        seen: Option<Seen>,
        id: VerificationId,
    ) -> Result<Cancelled, Error> {
        let config = self.config();
        let Where { place, by } = Where::of(seen);
        let said: String = self
            .run(&script::CANCEL, |call| {
                let cancel = arguments::Cancel {
                    id: &id.to_string(),
                    retention_ms: millis(config.keep_completed),
                    keep_results: config.keep_results,
                    place,
                    by,
                };
                cancel.write(call);
            })
            .await?;
        Ok(match said.as_str() {
            "done" => Cancelled::Done,
            "moved" => Cancelled::Moved,
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
        self.retry_if(None, ids).await
    }

    /// Like [`Queue::retry`]; if `seen` is given, only for jobs that are still there. A job that has started since, and may have
    /// been billed, is not called again by accident.
    pub async fn retry_if(
        &self,
        seen: Option<Seen>,
        ids: &[VerificationId],
    ) -> Result<usize, Error> {
        let Where { place, by } = Where::of(seen);
        self.in_steps(&script::RETRY, &[place, &by.to_string()], ids)
            .await
    }

    /// Makes dead jobs with a retained answer ready, so that a worker reads the answer again
    /// without a call. Returns how many jobs there were. Jobs without a retained answer are left
    /// unchanged.
    pub async fn reread(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.reread_if(None, ids).await
    }

    /// Like [`Queue::reread`]; if `seen` is given, only for jobs that are still there.
    pub async fn reread_if(
        &self,
        seen: Option<Seen>,
        ids: &[VerificationId],
    ) -> Result<usize, Error> {
        let Where { by, .. } = Where::of(seen);
        self.in_steps(&script::REREAD, &[&by.to_string()], ids)
            .await
    }

    /// Deletes jobs that have ended, with their key record, outcome, idempotency key, reference and results.
    /// Returns how many jobs were deleted. Jobs that have not ended are left unchanged. The queue does not
    /// own images, so they stay.
    ///
    /// # Errors
    ///
    /// [`Error::KeyRecords`], and no job is deleted, if its key record cannot be deleted from its store.
    pub async fn discard(&self, ids: &[VerificationId]) -> Result<usize, Error> {
        self.discard_if(None, ids).await
    }

    /// Like [`Queue::discard`]; if `seen` is given, only for jobs that are still there.
    pub async fn discard_if(
        &self,
        seen: Option<Seen>,
        ids: &[VerificationId],
    ) -> Result<usize, Error> {
        let Where { place, by } = Where::of(seen);
        let mut all = 0;
        for some in ids.chunks(DISCARDED_AT_ONCE) {
            self.erase_ended(seen, some).await?;
            all += self
                .in_steps(&script::DISCARD, &[place, &by.to_string()], some)
                .await?;
        }
        Ok(all)
    }

    /// Deletes the key records of those jobs that have ended, and are where they were seen, from their stores.
    async fn erase_ended(&self, seen: Option<Seen>, ids: &[VerificationId]) -> Result<(), Error> {
        let mut ask = redis::pipe();
        for id in ids {
            let key = self.key(&format!("job:{id}"));
            ask.cmd("HMGET").arg(key).arg(&["progress", "key"]);
            let place = seen.map_or(Place::Completed, |seen| seen.place);
            ask.zscore(self.key(place.as_str()), id.to_string());
        }
        type Fields = ((Option<Vec<u8>>, Option<Vec<u8>>), Option<f64>);
        let fields: Vec<Value> = ask.query_async(&mut self.connection()).await?;
        let fields = fields.chunks_exact(2).map(|pair| {
            let pair = Value::Array(pair.to_vec());
            Fields::from_redis_value(pair).unwrap_or_default()
        });
        let ended = ids
            .iter()
            .zip(fields)
            .filter(|(_, ((progress, _), since))| {
                let progress = Progress::read(progress.as_deref().unwrap_or_default());
                let state = progress.and_then(|progress| progress.state);
                let is_there = |seen: Seen| {
                    let by = seen.at.as_millisecond();
                    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
                    since.is_some_and(|since| since as i64 <= by)
                };
                state.is_some() && seen.is_none_or(is_there)
            });
        let ended = ended.map(|(id, (fields, _))| (id, fields));
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
        first: &[&str],
        ids: &[VerificationId],
    ) -> Result<usize, Error> {
        let mut all = 0;
        for some in ids.chunks(AT_ONCE) {
            let count: usize = self
                .run(script, |call| {
                    call.arg(first);
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
        self.pause_as(scope, &Pause::default()).await
    }

    /// Like [`Queue::pause`], for a time, and with the reason.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] if the reason could hold personal data, or is too long.
    pub async fn pause_as(&self, scope: &str, pause: &Pause) -> Result<(), Error> {
        check_note(&pause.note)?;
        self.run(&script::PAUSE, |call| {
            let pause = arguments::Pause {
                scope,
                for_ms: pause.lasts.map_or(0, |lasts| millis(lasts).max(1)),
                by: &pause.by,
                note: &pause.note,
            };
            pause.write(call);
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
