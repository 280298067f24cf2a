//! Accepting jobs: sealed, idempotent, in one step.

use futures::{StreamExt, stream};
use jiff::Timestamp;
use kyc_domain::{Request, VerificationId};

use crate::{Error, Queue, script};

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
    /// Nothing was accepted; it is safe to try again.
    #[error(transparent)]
    Queue(#[from] Error),
}

/// How many jobs of a batch are on their way at once.
const IN_FLIGHT: usize = 256;

impl Queue {
    /// Accepts a job: when this answers, the job is not lost.
    pub async fn enqueue(&self, request: &Request) -> Result<Enqueued, EnqueueError> {
        // Only a job that names an entry of the inbox can come too late.
        let lost = || Error::Unreadable {
            what: "the answer to an enqueue",
            id: "that is new".to_owned(),
        };
        Ok(self.accept(request, "").await?.ok_or_else(lost)?)
    }

    /// Accepts many jobs; the answers come in the order of the requests.
    pub async fn enqueue_all(&self, requests: &[Request]) -> Vec<Result<Enqueued, EnqueueError>> {
        stream::iter(requests)
            .map(|request| self.enqueue(request))
            .buffered(IN_FLIGHT)
            .collect()
            .await
    }

    /// Accepts a job, from the inbox where `entry` names one; `None` when another pod took that entry.
    pub(crate) async fn accept(
        &self,
        request: &Request,
        entry: &str,
    ) -> Result<Option<Enqueued>, EnqueueError> {
        let id = VerificationId::generate();
        let body = request.to_json();
        let sealed = self.vault().data_key(&id.to_string()).seal(
            "request",
            "application/json",
            body.as_bytes(),
        );
        let terms = &request.terms;
        let index = terms.idempotency_key.as_ref().map(|key| {
            // A tenant's name has no blank, so two pairs cannot look alike.
            self.index().index(
                "idempotency",
                &format!("{} {}", terms.tenant.as_str(), key.expose()),
            )
        });
        let milliseconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_millisecond);
        let (verb, known): (String, String) = self
            .run(&script::ENQUEUE, |call| {
                call.arg(id.to_string())
                    .arg(request.kind)
                    .arg(terms.tenant.as_str())
                    .arg(terms.priority.as_str())
                    .arg(terms.reference.as_deref().unwrap_or_default())
                    .arg(request.subject.number.masked())
                    .arg(sealed)
                    .arg(
                        terms
                            .max_attempts
                            .map(|most| most.to_string())
                            .unwrap_or_default(),
                    )
                    .arg(milliseconds(terms.not_before))
                    .arg(milliseconds(terms.deadline))
                    .arg(index.unwrap_or_default())
                    .arg(self.index().index("body", &body))
                    .arg(entry);
            })
            .await?;
        match verb.as_str() {
            "conflict" => Err(EnqueueError::Conflict { id: known }),
            "gone" => Ok(None),
            verb => {
                let id = known.parse().map_err(|_| Error::Unreadable {
                    what: "the id",
                    id: known,
                })?;
                Ok(Some(Enqueued {
                    id,
                    existing: verb == "existing",
                }))
            }
        }
    }
}
