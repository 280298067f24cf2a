//! Accepts jobs: seals them and writes each in one step, once for each idempotency key.

use std::{collections::BTreeSet, time::Duration};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use kyc_domain::{Request, VerificationId};
use kyc_vault::DataKey;
use redis::ScriptInvocation;

use crate::{
    Error, Queue,
    enqueue::{
        bound,
        header::{Header, idempotency_index, json},
    },
    index::keys::IndexKeys,
    script::{self, arguments},
    units::millis,
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
    /// Redis did not answer. The job may have been accepted; with an idempotency key it is safe to try again.
    #[error(transparent)]
    Queue(#[from] Error),
}

/// How long it is known what became of a submitted job that was not accepted under its id.
pub(crate) const KEPT: Duration = Duration::from_hours(30 * 24);
/// The most jobs of one script call, so that no call takes long.
const AT_ONCE: usize = 32;
/// The most script calls of one batch at once.
const IN_FLIGHT: usize = 8;

impl Queue {
    /// Accepts a job. Once this returns, the job is not lost.
    pub async fn enqueue(&self, request: &Request) -> Result<Enqueued, EnqueueError> {
        self.accept(request, &Source::default())
            .await?
            .ok_or_else(|| unanswered().into())
    }

    /// Accepts many jobs, each independently of the others. The results are in the order of the requests.
    pub async fn enqueue_all(&self, requests: &[Request]) -> Vec<Result<Enqueued, EnqueueError>> {
        // Boxed in a list; otherwise the compiler cannot prove that the future is `Send`.
        let calls: Vec<BoxFuture<'_, _>> = requests
            .chunks(AT_ONCE)
            .map(|chunk| self.enqueue_some(chunk).boxed())
            .collect();
        let answers = futures::stream::iter(calls).buffered(IN_FLIGHT);
        answers.flat_map(futures::stream::iter).collect().await
    }

    async fn enqueue_some(&self, requests: &[Request]) -> Vec<Result<Enqueued, EnqueueError>> {
        match self.accept_all(requests, &Source::default()).await {
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

    /// Accepts a job. Returns `None` if it came from the inbox and another worker has taken its entry.
    pub(crate) async fn accept(
        &self,
        request: &Request,
        source: &Source<'_>,
    ) -> Result<Option<Enqueued>, EnqueueError> {
        let mut answers = self
            .accept_all(std::slice::from_ref(request), source)
            .await?;
        answers.pop().unwrap_or_else(|| Err(unanswered().into()))
    }

    async fn accept_all(
        &self,
        requests: &[Request],
        source: &Source<'_>,
    ) -> Result<Vec<Result<Option<Enqueued>, EnqueueError>>, Error> {
        // The second try follows if the queue has other index keys; the third, if that happened again meanwhile.
        for _ in 0..3 {
            let index = self.index()?;
            let jobs = requests
                .iter()
                .map(|request| Sealed::new(self, &index, request, source.identity.as_ref()));
            let jobs: Vec<Sealed> = jobs.collect::<Result<_, _>>()?;
            self.store_key_records(&jobs).await?;
            let answers: Vec<(String, String)> = self
                .run(&script::ENQUEUE, |call| {
                    let state = index.state();
                    let enqueue = arguments::Enqueue {
                        state,
                        stream: source.stream,
                        is_submitted: u8::from(source.identity.is_some()),
                        keep_ms: millis(KEPT),
                    };
                    enqueue.write(call);
                    for job in &jobs {
                        job.write(source.entry, self, call);
                    }
                })
                .await?;
            // A submitted job has the same record in each try, so another worker may have accepted the job with it.
            if source.identity.is_none() {
                self.drop_key_records(&jobs, &answers).await;
            }
            if !matches!(&answers[..], [(verb, _)] if verb == "stranger") {
                return Ok(answers.into_iter().map(read).collect());
            }
            self.renew_index().await?;
        }
        Err(unanswered())
    }

    /// Writes the key records of jobs to their store, if there is one, before the jobs are accepted.
    async fn store_key_records(&self, jobs: &[Sealed]) -> Result<(), Error> {
        let places = &self.config().key_records;
        if places.store.is_none() {
            return Ok(());
        }
        let records = jobs.iter().map(|job| (job.id, job.key.record().to_owned()));
        places.put(&records.collect::<Vec<_>>()).await
    }

    /// Deletes the key records of jobs that were not accepted. If that fails, the daily sweep deletes them.
    async fn drop_key_records(&self, jobs: &[Sealed], answers: &[(String, String)]) {
        let places = &self.config().key_records;
        if places.store.is_none() {
            return;
        }
        let accepted: BTreeSet<&str> = answers.iter().map(|(_, id)| id.as_str()).collect();
        let ids = jobs.iter().map(|job| job.id);
        let ids = ids.filter(|id| !accepted.contains(id.to_string().as_str()));
        if let Err(error) = places.delete(&ids.collect::<Vec<_>>()).await {
            tracing::debug!(%error, "Could not delete key records of jobs that were not accepted");
        }
    }
}

/// Where a job came from. The default is a call of [`Queue::enqueue`].
#[derive(Default)]
pub(crate) struct Source<'a> {
    /// The stream of the inbox.
    pub(crate) stream: &'a str,
    /// The entry in the stream.
    pub(crate) entry: &'a str,
    /// What whoever submitted the job gave it.
    pub(crate) identity: Option<Identity>,
}

/// The id of a submitted job, and its data key.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) id: VerificationId,
    pub(crate) key: DataKey,
}

/// A job as it is written to Redis.
struct Sealed {
    id: VerificationId,
    header: Header,
    header_text: String,
    key: DataKey,
    request: Vec<u8>,
    /// Equal for jobs with the same body.
    digest: String,
    /// The index of the idempotency key and the digest by each older index key.
    older: String,
    /// The indexes of its numbers.
    persons: String,
}

impl Sealed {
    fn new(
        queue: &Queue,
        index: &IndexKeys,
        request: &Request,
        identity: Option<&Identity>,
    ) -> Result<Self, Error> {
        let id = identity.map_or_else(VerificationId::generate, |given| given.id);
        let body = request.to_json();
        let header = Header::of(request, index.newest(), &queue.config().reuse);
        let header_text = json(&header);
        let key = match identity {
            None => queue.vault().data_key(header.owner(&id.to_string()))?,
            Some(given) => given.key.clone(),
        };
        let tenant = request.terms.tenant.as_str();
        let idempotency = request.terms.idempotency_key.as_ref();
        let older = idempotency.into_iter().flat_map(|key| {
            let each = index.older().iter();
            each.flat_map(|by| {
                [
                    idempotency_index(by, tenant, key.expose()),
                    by.digest(&body),
                ]
            })
        });
        Ok(Self {
            id,
            request: bound::seal(&key, &header_text, body.as_bytes()),
            header,
            header_text,
            key,
            digest: index.newest().digest(&body),
            older: older.collect::<Vec<_>>().join(" "),
            persons: index.persons(tenant, &request.numbers()),
        })
    }

    fn write(&self, entry: &str, queue: &Queue, call: &mut ScriptInvocation<'_>) {
        let header = &self.header;
        let job = arguments::EnqueuedJob {
            id: &self.id.to_string(),
            kind: &header.kind,
            priority: &header.priority,
            tenant: &header.tenant,
            header: &self.header_text,
            key: queue.config().key_records.field(self.key.record()),
            sealed: &self.request,
            not_before: header.not_before.unwrap_or_default(),
            deadline: header.deadline.unwrap_or_default(),
            index: header.idempotency.as_deref().unwrap_or_default(),
            digest: &self.digest,
            reference: header.reference_index.as_deref().unwrap_or_default(),
            has_coalescing_key: u8::from(header.coalescing.is_some()),
            entry,
            older: &self.older,
            persons: &self.persons,
        };
        job.write(call);
    }
}

/// Reads the script's answer for one job; `None` if another worker has taken its entry of the inbox.
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
