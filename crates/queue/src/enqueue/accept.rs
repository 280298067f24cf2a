//! Accepting jobs: sealed, idempotent, in one step.

use futures::{FutureExt, StreamExt, future::BoxFuture};
use kyc_domain::{Request, VerificationId};
use kyc_vault::{DataKey, IndexKey};
use redis::ScriptInvocation;

use crate::{
    Error, Queue,
    enqueue::{
        bound,
        header::{Header, json},
    },
    index::fingerprint,
    script::{self, arguments},
};

/// A job that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// Its id.
    pub id: VerificationId,
    /// The same job had been accepted before, under the same idempotency key.
    pub existing: bool,
}

/// Why a job was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum EnqueueError {
    /// Another job has this idempotency key.
    #[error(
        "idempotency_key was used for another job ({id}); use a new key for a new job, or send the same job"
    )]
    Conflict {
        /// The other job.
        id: String,
    },
    /// No answer. It may have been accepted all the same: to try again is safe with an idempotency key.
    #[error(transparent)]
    Queue(#[from] Error),
}

/// Jobs of one script call: bounded, so that no script is long.
const AT_ONCE: usize = 32;
/// Script calls of one batch that are on their way at once.
const IN_FLIGHT: usize = 8;

impl Queue {
    /// Accepts a job: when this answers, the job is not lost.
    pub async fn enqueue(&self, request: &Request) -> Result<Enqueued, EnqueueError> {
        self.accept(request, "", "")
            .await?
            .ok_or_else(|| unanswered().into())
    }

    /// Accepts many jobs, each for itself; the answers come in the order of the requests.
    pub async fn enqueue_all(&self, requests: &[Request]) -> Vec<Result<Enqueued, EnqueueError>> {
        // Boxed and listed, or the compiler does not see that this may be spawned.
        let calls: Vec<BoxFuture<'_, _>> = requests
            .chunks(AT_ONCE)
            .map(|chunk| self.enqueue_some(chunk).boxed())
            .collect();
        let answers = futures::stream::iter(calls).buffered(IN_FLIGHT);
        answers.flat_map(futures::stream::iter).collect().await
    }

    async fn enqueue_some(&self, requests: &[Request]) -> Vec<Result<Enqueued, EnqueueError>> {
        match self.accept_all(requests, "", "").await {
            Ok(answers) => {
                let mut answers = answers.into_iter();
                let mut next = |_| match answers.next() {
                    Some(Ok(Some(enqueued))) => Ok(enqueued),
                    Some(Err(error)) => Err(error),
                    Some(Ok(None)) | None => Err(unanswered().into()),
                };
                requests.iter().map(&mut next).collect()
            }
            Err(error) => requests.iter().map(|_| Err(error.clone().into())).collect(),
        }
    }

    /// Accepts a job, from a stream of the inbox where `entry` names one; `None` when another pod took that entry.
    pub(crate) async fn accept(
        &self,
        request: &Request,
        stream: &str,
        entry: &str,
    ) -> Result<Option<Enqueued>, EnqueueError> {
        let mut answers = self
            .accept_all(std::slice::from_ref(request), stream, entry)
            .await?;
        answers.pop().unwrap_or_else(|| Err(unanswered().into()))
    }

    async fn accept_all(
        &self,
        requests: &[Request],
        stream: &str,
        entry: &str,
    ) -> Result<Vec<Result<Option<Enqueued>, EnqueueError>>, Error> {
        // Once more after Redis was emptied; more often only while it is emptied again and again.
        for _ in 0..3 {
            let index = self.index()?;
            let jobs = requests
                .iter()
                .map(|request| Sealed::new(self, &index, request));
            let jobs: Vec<Sealed> = jobs.collect::<Result<_, _>>()?;
            let answers: Vec<(String, String)> = self
                .run(&script::ENQUEUE, |call| {
                    let fingerprint = &fingerprint(&index);
                    arguments::Enqueue {
                        fingerprint,
                        stream,
                    }
                    .write(call);
                    for job in &jobs {
                        job.write(entry, call);
                    }
                })
                .await?;
            if !matches!(&answers[..], [(verb, _)] if verb == "stranger") {
                return Ok(answers.into_iter().map(read).collect());
            }
            self.renew_index().await?;
        }
        Err(unanswered())
    }
}

/// A job as Redis takes it.
struct Sealed {
    id: VerificationId,
    header: Header,
    header_text: String,
    key: DataKey,
    request: Vec<u8>,
    /// Tells whether two jobs under one idempotency key are the same.
    digest: String,
}

impl Sealed {
    fn new(queue: &Queue, index: &IndexKey, request: &Request) -> Result<Self, Error> {
        let id = VerificationId::generate();
        let body = request.to_json();
        let header = Header::of(request, index, &queue.config().reuse);
        let header_text = json(&header);
        let key = queue.vault().data_key(header.owner(&id.to_string()))?;
        Ok(Self {
            id,
            request: bound::seal(&key, &header_text, body.as_bytes()),
            header,
            header_text,
            key,
            digest: index.index("body", &body),
        })
    }

    fn write(&self, entry: &str, call: &mut ScriptInvocation<'_>) {
        let header = &self.header;
        let job = arguments::EnqueuedJob {
            id: &self.id.to_string(),
            kind: &header.kind,
            priority: &header.priority,
            tenant: &header.tenant,
            header: &self.header_text,
            key: self.key.record(),
            sealed: &self.request,
            not_before: header.not_before.unwrap_or_default(),
            deadline: header.deadline.unwrap_or_default(),
            index: header.idempotency.as_deref().unwrap_or_default(),
            digest: &self.digest,
            reference: header.reference_index.as_deref().unwrap_or_default(),
            has_coalescing_key: u8::from(header.coalescing.is_some()),
            entry,
        };
        job.write(call);
    }
}

/// What the script says of one job; `None` when its entry of the inbox was taken by another pod.
fn read((verb, id): (String, String)) -> Result<Option<Enqueued>, EnqueueError> {
    match verb.as_str() {
        "conflict" => Err(EnqueueError::Conflict { id }),
        "gone" => Ok(None),
        verb => Ok(Some(Enqueued {
            id: id
                .parse()
                .map_err(|_| Error::Unreadable { what: "the id", id })?,
            existing: verb == "existing",
        })),
    }
}

fn unanswered() -> Error {
    Error::Answer("to an enqueue")
}
