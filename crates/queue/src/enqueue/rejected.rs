//! What the inbox refused: the reason in clear, the job as it was sent beside it, sealed.

use kyc_domain::Refusals;
use kyc_vault::Owner;
use redis::streams::{StreamId, StreamRangeReply};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    Error, Queue,
    connection::Connection,
    enqueue::{entry::Entry, inbox::MOST_REJECTED},
    measure,
    script::{self, arguments},
};

/// An entry of the inbox that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The stream that it came with, such as `inbox` or `inbox:acme`.
    pub stream: String,
    /// The id that `XADD` answered.
    pub entry: String,
    /// The field of the first fault.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
    /// All faults in one sentence.
    pub faults: String,
    /// How many bytes were sent.
    pub bytes: u64,
    /// What was sent is kept, sealed; of what is too large it is not.
    pub is_retained: bool,
}

impl Queue {
    /// Moves an entry of the inbox to the rejected ones.
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

    /// The newest rejected entries of the inbox, newest first.
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

    /// The job of a rejected entry as it was sent: personal data.
    pub async fn rejected_job(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        // Both streams count the entries of a millisecond by themselves: only the millisecond compares.
        let mut from = entry
            .split_once('-')
            .map_or(entry, |(since, _)| since)
            .to_owned();
        loop {
            let mut ask = redis::cmd("XRANGE");
            ask.arg(self.key("inbox:rejected"))
                .arg(&from)
                .arg("+")
                .arg("COUNT")
                .arg(500);
            let page: StreamRangeReply = ask.query_async(&mut self.connection()).await?;
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
