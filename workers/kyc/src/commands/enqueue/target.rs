//! Where jobs go: into the queue, or sealed into the inboxes of their tenants. Hides what each of them answers.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use futures::StreamExt as _;
use kyc_client::redis::{Error, Producer};
use kyc_domain::Request;
use kyc_queue::{Connection, EnqueueError, Queue};
use serde_json::{Value, json};

/// The most jobs that are on their way to the inbox at once. If the connection breaks, it is unclear whether these were added.
const IN_FLIGHT: usize = 64;

/// Where jobs go.
pub(crate) enum Target {
    /// The queue, which accepts them at once.
    Queue(Queue),
    /// The inboxes of their tenants, from where a worker accepts them.
    Inbox(Producer<Connection>),
}

/// What became of a job.
pub(super) enum Sent {
    /// The queue accepted it, or had it already.
    Accepted { id: String, existing: bool },
    /// It is in the inbox, as this entry.
    Added { entry: String },
    /// It is refused.
    Refused(String),
    /// It was not accepted, or nobody knows. `may_be_there` tells whether the inbox may have it all the same.
    Failed { why: String, may_be_there: bool },
    /// It was not sent, since another one had failed.
    Skipped,
}

impl Sent {
    /// Returns what is told about the job: an id for people, or an object for programs.
    pub(super) fn told(&self, line: Option<usize>) -> Option<(String, Value)> {
        let (id, mut object) = match self {
            Self::Accepted { id, existing } => (id, json!({ "id": id, "existing": existing })),
            Self::Added { entry } => (entry, json!({ "entry": entry })),
            _ => return None,
        };
        if let (Some(line), Some(fields)) = (line, object.as_object_mut()) {
            fields.shift_insert(0, "line".to_owned(), line.into());
        }
        Some((id.clone(), object))
    }
}

impl Target {
    /// Sends jobs. The results are in the order of the requests.
    pub(super) async fn send(&self, requests: &[Request]) -> Vec<Sent> {
        match self {
            Self::Queue(queue) => {
                let answers = queue.enqueue_all(requests).await;
                answers.into_iter().map(accepted).collect()
            }
            Self::Inbox(producer) => {
                let failed = AtomicBool::new(false);
                let failed = &failed;
                let sending = requests.iter().map(async |request| {
                    if failed.load(SeqCst) {
                        return Sent::Skipped;
                    }
                    let sent = added(producer.add_request(request).await);
                    if matches!(sent, Sent::Failed { .. }) {
                        failed.store(true, SeqCst);
                    }
                    sent
                });
                let sending = futures::stream::iter(sending).buffered(IN_FLIGHT);
                sending.collect().await
            }
        }
    }

    /// Whether a worker accepts the jobs later.
    pub(super) fn is_inbox(&self) -> bool {
        matches!(self, Self::Inbox(_))
    }
}

fn accepted(answer: Result<kyc_queue::Enqueued, EnqueueError>) -> Sent {
    match answer {
        Ok(job) => Sent::Accepted {
            id: job.id.to_string(),
            existing: job.existing,
        },
        Err(EnqueueError::Queue(error)) => Sent::Failed {
            why: error.to_string(),
            may_be_there: false,
        },
        Err(conflict) => Sent::Refused(conflict.to_string()),
    }
}

fn added(answer: Result<String, Error>) -> Sent {
    let error = match answer {
        Ok(entry) => return Sent::Added { entry },
        Err(error) => error,
    };
    let may_be_there = error.may_have_been_added();
    match error {
        // The queue's sentence also says what to do.
        Error::Redis(error) => Sent::Failed {
            why: kyc_queue::Error::from(error).to_string(),
            may_be_there,
        },
        refused => Sent::Refused(refused.to_string()),
    }
}
