//! Walks through completed verifications from the oldest to the newest, page by page, and changes nothing.

use std::time::Duration;

use kyc_domain::{Record, Verdict, VerificationId};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Error, Queue,
    inspect::sealed::{SealedFields, SealedJob},
};

/// A completed verification, sealed.
pub struct Stored {
    /// Its id.
    pub id: VerificationId,
    /// Its kind.
    pub kind: String,
    /// Its tenant.
    pub tenant: String,
    sealed: SealedJob,
}

/// The request and the result of a verification. Personal data.
pub struct Reopened {
    /// The request as it was accepted: JSON.
    pub request: Zeroizing<Vec<u8>>,
    /// The verdict of the outcome.
    pub verdict: Verdict,
    /// The record, if there was one.
    pub record: Option<Record>,
}

/// A page of completed verifications.
#[derive(Default)]
pub struct StoredPage {
    /// The verifications.
    pub stored: Vec<Stored>,
    /// The number of those that this version cannot read.
    pub unreadable: u64,
    /// The number of those that were deleted since their ids were read.
    pub gone: u64,
}

impl StoredPage {
    /// Returns the number of verifications on the page, read or not.
    pub fn len(&self) -> u64 {
        self.stored.len() as u64 + self.unreadable + self.gone
    }

    /// Returns whether the page is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A walk through the verifications that were completed before it began, within a certain time.
pub struct Completed {
    queue: Queue,
    /// Milliseconds since 1970, by Redis' clock.
    from: i64,
    until: i64,
    total: u64,
    /// The time and the id of the last one of the page before.
    last: Option<(i64, String)>,
}

impl Queue {
    /// Begins a walk through the verifications that were completed within the last `time`.
    pub async fn completed_within(&self, time: Duration) -> Result<Completed, Error> {
        let until = self.now_ms().await?;
        let from = until.saturating_sub(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        let ask = redis::Cmd::zcount(self.key("completed"), from, until);
        Ok(Completed {
            queue: self.clone(),
            from,
            until,
            total: ask.query_async(&mut self.connection()).await?,
            last: None,
        })
    }

    /// Opens a stored verification. It only uses the processor.
    pub fn reopen(&self, stored: &Stored) -> Result<Reopened, Error> {
        /// The parts of an outcome that are used here.
        #[derive(Deserialize)]
        struct Outcome {
            verdict: Verdict,
            record: Option<Record>,
        }
        let id = stored.id.to_string();
        let unreadable = || Error::Unreadable {
            what: "the outcome",
            id: id.clone(),
        };
        let (key, request) = stored.sealed.open(self.vault(), &id)?;
        let outcome = stored.sealed.outcome(&key)?.ok_or_else(unreadable)?;
        let Outcome { verdict, record } =
            serde_json::from_slice(&outcome).map_err(|_| unreadable())?;
        Ok(Reopened {
            request,
            verdict,
            record,
        })
    }
}

impl Completed {
    /// Returns the number of verifications when the walk began.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns the next page; `None` at the end. A page may be empty before the end.
    pub async fn next(&mut self, at_most: usize) -> Result<Option<StoredPage>, Error> {
        let first = self.rank().await?;
        let ask = redis::Cmd::zrange_withscores(
            self.queue.key("completed"),
            first,
            first + isize::try_from(at_most.max(1)).unwrap_or(isize::MAX - 1) - 1,
        );
        let found: Vec<(String, f64)> = ask.query_async(&mut self.queue.connection()).await?;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let found = found.into_iter().map(|(id, at)| (at as i64, id));
        let found: Vec<(i64, String)> = found.take_while(|(at, _)| *at <= self.until).collect();
        let Some(last) = found.last().cloned() else {
            return Ok(None);
        };
        let before = self.last.replace(last);
        // If the last one was deleted, the page starts at its time, and repeats nothing before it.
        let is_new = |each: &(i64, String)| before.as_ref().is_none_or(|before| each > before);
        let ids = found.into_iter().filter(is_new).map(|(_, id)| id);
        self.read(ids.collect()).await.map(Some)
    }

    /// Returns the rank at which the next page starts: after the last verification, or at its time if it was deleted.
    async fn rank(&self) -> Result<isize, Error> {
        let key = self.queue.key("completed");
        let redis = &mut self.queue.connection();
        let mut from = self.from;
        if let Some((at, id)) = &self.last {
            let (rank, score): (Option<isize>, Option<f64>) = redis::pipe()
                .zrank(&key, id)
                .zscore(&key, id)
                .query_async(redis)
                .await?;
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
            let same = score.is_some_and(|score| score as i64 == *at);
            if let Some(rank) = rank.filter(|_| same) {
                return Ok(rank + 1);
            }
            from = *at;
        }
        let ask = redis::Cmd::zcount(&key, "-inf", format!("({from}"));
        Ok(ask.query_async(redis).await?)
    }

    async fn read(&self, ids: Vec<String>) -> Result<StoredPage, Error> {
        let mut page = StoredPage::default();
        if ids.is_empty() {
            // Redis does not accept an empty pipeline.
            return Ok(page);
        }
        let mut ask = redis::pipe();
        for id in &ids {
            let key = self.queue.key(&format!("job:{id}"));
            ask.cmd("HMGET").arg(key).arg(&SealedJob::FIELDS);
        }
        let found: Vec<SealedFields> = ask.query_async(&mut self.queue.connection()).await?;
        for (id, found) in ids.iter().zip(found) {
            if found.0.is_none() {
                page.gone += 1;
            } else if let Some(stored) = stored(id, found) {
                page.stored.push(stored);
            } else {
                page.unreadable += 1;
            }
        }
        self.fetch_key_records(&mut page.stored).await?;
        Ok(page)
    }
}

impl Completed {
    async fn fetch_key_records(&self, stored: &mut [Stored]) -> Result<(), Error> {
        let fields = stored
            .iter_mut()
            .map(|stored| (stored.id, stored.sealed.take_record()));
        let records = self.queue.key_records(fields.collect()).await?;
        for (stored, record) in stored.iter_mut().zip(records) {
            stored.sealed.set_record(record);
        }
        Ok(())
    }
}

fn stored(id: &str, fields: SealedFields) -> Option<Stored> {
    fields.3.as_ref()?; // the outcome
    let sealed = SealedJob::of(fields)?;
    Some(Stored {
        id: id.parse().ok()?,
        kind: sealed.header().kind.clone(),
        tenant: sealed.header().tenant.clone(),
        sealed,
    })
}
