//! Rejected entries of the inbox: the reason in clear, and the job as it was sent, sealed.

use kyc_domain::Refusals;
use kyc_vault::Owner;
use redis::streams::{StreamId, StreamRangeReply};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    Error, Queue,
    connection::Connection,
    enqueue::{accept::KEPT, content, entry::Entry, inbox::MOST_REJECTED},
    measure,
    script::{self, arguments},
    units::millis,
};

/// A rejected entry of the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The stream of the entry, such as `inbox` or `inbox:acme`.
    pub stream: String,
    /// The id that `XADD` returned.
    pub entry: String,
    /// The field of the first fault.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// How to correct it.
    pub remedy: String,
    /// All faults in one sentence.
    pub faults: String,
    /// The number of bytes that were sent.
    pub bytes: u64,
    /// Whether the job is kept, sealed. A job that is too large is not.
    pub is_retained: bool,
}

impl Queue {
    /// Moves an entry of the inbox to the rejected entries.
    pub(crate) async fn reject(
        &self,
        redis: &mut Connection,
        stream: &str,
        entry: &Entry,
        refused: &Refusals,
        job: &[u8],
    ) -> Result<(), Error> {
        let name = format!("inbox-{}", entry.id);
        let owner = Owner::of_installation(&name);
        let sealed = self
            .vault()
            .seal(owner, "job", "application/octet-stream", job)?;
        let first = refused.first();
        let moved: u8 = self
            .run_on(redis, &script::REJECT, |call| {
                let reject = arguments::Reject {
                    stream,
                    entry: &entry.id,
                    field: &first.field,
                    problem: &first.problem,
                    remedy: &first.remedy,
                    faults: &refused.to_string(),
                    job: &sealed,
                    keep_rejected: MOST_REJECTED,
                    bytes: entry.size(),
                    id: &content::identity(entry)
                        .map_or_else(String::new, |(id, _)| id.to_string()),
                    keep_ms: millis(KEPT),
                };
                reject.write(call);
            })
            .await?;
        if moved == 1 {
            measure::inbox("rejected");
            tracing::warn!(
                field = first.field,
                problem = first.problem,
                "Rejected a job of the inbox"
            );
        }
        Ok(())
    }

    /// Returns the newest rejected entries, newest first.
    pub async fn rejected(&self, at_most: usize) -> Result<Vec<Rejected>, Error> {
        let mut ask = redis::cmd("XREVRANGE");
        ask.arg(self.key("inbox:rejected"))
            .arg("+")
            .arg("-")
            .arg("COUNT")
            .arg(at_most);
        let reply: StreamRangeReply = ask.query_async(&mut self.connection()).await?;
        Ok(reply.ids.iter().map(Rejected::from).collect())
    }

    /// Returns the next rejected entries, from this id of the stream on.
    pub(crate) async fn rejected_from(&self, from: &str) -> Result<StreamRangeReply, Error> {
        let mut ask = redis::cmd("XRANGE");
        ask.arg(self.key("inbox:rejected"))
            .arg(from)
            .arg("+")
            .arg("COUNT")
            .arg(500);
        Ok(ask.query_async(&mut self.connection()).await?)
    }

    /// Returns the job of a rejected entry as it was sent: personal data.
    pub async fn rejected_job(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        // Each stream numbers the entries of a millisecond itself, so only the milliseconds can be compared.
        let mut from = entry
            .split_once('-')
            .map_or(entry, |(since, _)| since)
            .to_owned();
        loop {
            let page = self.rejected_from(&from).await?;
            let ours =
                |rejected: &&StreamId| rejected.get::<String>("entry").as_deref() == Some(entry);
            if let Some(sealed) = page
                .ids
                .iter()
                .find(ours)
                .and_then(|rejected| rejected.get::<Vec<u8>>("job"))
            {
                let name = format!("inbox-{entry}");
                let owner = Owner::of_installation(&name);
                let opened = self.vault().open(owner, "job", &sealed)?;
                return Ok(Some(opened.bytes));
            }
            match page.ids.last() {
                Some(last) => from = format!("({}", last.id),
                None => return Ok(None),
            }
        }
    }
}

impl From<&StreamId> for Rejected {
    fn from(entry: &StreamId) -> Self {
        let field = |name: &str| entry.get(name).unwrap_or_default();
        Self {
            stream: field("stream"),
            entry: field("entry"),
            field: field("field"),
            problem: field("problem"),
            remedy: field("remedy"),
            faults: field("faults"),
            bytes: entry.get("bytes").unwrap_or_default(),
            is_retained: entry.map.contains_key("job"),
        }
    }
}
