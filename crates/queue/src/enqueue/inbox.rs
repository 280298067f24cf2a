//! Reads the jobs that Redis clients add with `XADD {kyc}:inbox * job '<json>'`. All workers read the stream as one consumer
//! group. Each entry is accepted or rejected in one step, and none is lost with its worker.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::{Duration, Instant},
};

use futures::FutureExt as _;
use kyc_domain::{Refusals, Request, Tenant, streams};
use kyc_vault::Owner;

use crate::{
    EnqueueError, Error, Queue,
    connection::Connection,
    enqueue::{
        accept::{Identity, Source},
        content::{self, Accepts, Unread},
        entry::{Entry, Taken, packaging},
        failing::{Failing, kills_readers, refusal},
        group,
    },
    measure,
    script::{self, arguments},
    units::millis,
};

/// The number of entries that one call takes.
const AT_ONCE: usize = 16;
/// The most bytes of an entry: 64 KiB for the job, and some for fields that a producer adds for itself.
const MOST_BYTES: usize = (64 << 10) + 1024;
/// The most fields of an entry.
const MOST_FIELDS: usize = 16;
/// The pause before an empty inbox is read again. A blocking read would fetch an entry of any size.
const PAUSE: Duration = Duration::from_millis(40);
/// The longest pause for the inbox of a tenant. The pause grows while the inbox is empty.
const LONGEST_PAUSE: Duration = Duration::from_millis(320);
/// The most rejected entries that are kept.
pub(crate) const MOST_REJECTED: usize = 10_000;
/// An entry whose worker has not been heard from for this long is taken by another worker.
const ABANDONED: Duration = Duration::from_secs(30);
/// The time between two searches for such entries.
const BETWEEN_CLAIMS: Duration = Duration::from_secs(2);

/// Reads the inbox for one worker.
pub struct Inbox<P> {
    queue: Queue,
    worker: String,
    tenant: String,
    /// The stream, without the queue's prefix.
    stream: String,
    accepts: Accepts,
    parse: P,
    stopped: AtomicBool,
    /// Whether this reader has read before. Then the entries that it reads again did not kill it.
    has_read: AtomicBool,
    first_pause: Duration,
}

impl<P: Fn(&[u8]) -> Result<Request, Refusals>> Inbox<P> {
    /// A reader of the installation's own stream, `{name}:inbox`, for jobs of the tenant `default`. It parses jobs with `parse`.
    pub fn new(queue: Queue, worker: impl Into<String>, parse: P) -> Self {
        Self {
            queue,
            worker: worker.into(),
            tenant: Tenant::DEFAULT.to_owned(),
            stream: streams::inbox(Tenant::DEFAULT),
            accepts: Accepts::All,
            parse,
            stopped: AtomicBool::new(false),
            has_read: AtomicBool::new(false),
            first_pause: Duration::from_secs(1),
        }
    }

    /// Reads the stream of a tenant, `{name}:inbox:TENANT`, instead.
    #[must_use]
    pub fn of_tenant(mut self, tenant: &str) -> Self {
        self.stream = streams::inbox(tenant);
        tenant.clone_into(&mut self.tenant);
        self
    }

    /// Takes these jobs alone.
    #[must_use]
    pub fn accepting(mut self, accepts: Accepts) -> Self {
        self.accepts = accepts;
        self
    }

    /// Sets the pause before an entry is retried that could not be taken while others could. It doubles with each further
    /// failure. The default is one second.
    #[must_use]
    pub fn pausing(mut self, first_pause: Duration) -> Self {
        self.first_pause = first_pause;
        self
    }

    /// Stops reading: entries that were read are taken, and [`Inbox::run`] ends. If the reader is dropped instead, another
    /// worker takes those entries half a minute later.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
    }

    /// Returns whether [`Inbox::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst)
    }

    /// Reads until it is stopped. After an error of Redis it tries again.
    pub async fn run(&self) {
        let mut failing = Failing::new(self.first_pause);
        while !self.is_stopped() {
            let read = self.read(&mut failing).await;
            self.has_read.store(true, SeqCst);
            if let Err(error) = read {
                measure::trouble("inbox");
                tracing::warn!(%error, "Could not read the inbox; trying again");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn read(&self, failing: &mut Failing) -> Result<(), Error> {
        // A separate connection, so that leases continue whatever an entry does to this one.
        let mut redis = self.queue.connection().another().await?;
        let stream = self.queue.key(&self.stream);
        group::create(&mut redis, &stream).await?;
        group::forget_consumers(&self.queue, &mut redis, &stream).await?;
        // First the entries that were read before an error, and not taken.
        let mut behind = "0".to_owned();
        loop {
            let taken = self.entries(&mut redis, &behind).await?;
            if taken.last.is_empty() {
                break;
            }
            behind.clone_from(&taken.last);
            self.take_all(&mut redis, taken, failing).await?;
        }
        let mut claimed: Option<Instant> = None;
        let mut pause = PAUSE;
        while !self.is_stopped() {
            if claimed.is_none_or(|at| at.elapsed() >= BETWEEN_CLAIMS) {
                let abandoned = self.entries(&mut redis, "-").await?;
                claimed = abandoned.last.is_empty().then(Instant::now);
                self.take_all(&mut redis, abandoned, failing).await?;
            }
            self.take_failing(&mut redis, failing).await?;
            let new = self.entries(&mut redis, ">").await?;
            let (is_empty, wait) = (new.last.is_empty(), Duration::from_millis(new.wait_ms));
            self.take_all(&mut redis, new, failing).await?;
            if !wait.is_zero() {
                // The tenant's rate of acceptance is used up. Not longer, so that a change of it is noticed.
                tokio::time::sleep(wait.min(LONGEST_PAUSE)).await;
            } else if is_empty {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(self.longest_pause());
            } else {
                pause = PAUSE;
            }
        }
        Ok(())
    }

    /// Returns the longest pause before an empty stream is read again. There can be many tenants, each with a stream.
    fn longest_pause(&self) -> Duration {
        if self.tenant == Tenant::DEFAULT {
            PAUSE
        } else {
            LONGEST_PAUSE
        }
    }

    /// Takes entries: with an id, those after it that this worker has read before; with `>`, new ones; with `-`, those that
    /// other workers abandoned.
    async fn entries(&self, redis: &mut Connection, from: &str) -> Result<Taken, Error> {
        let taken: Taken = self
            .queue
            .run_on(redis, &script::TAKE, |call| {
                let take = arguments::Take {
                    stream: &self.stream,
                    consumer: &self.worker,
                    from,
                    at_most: AT_ONCE,
                    left_behind_ms: millis(ABANDONED),
                    bytes_at_most: MOST_BYTES,
                    fields_at_most: MOST_FIELDS,
                    lives_on: u8::from(self.has_read.load(SeqCst)),
                    keep_rejected: MOST_REJECTED,
                };
                take.write(call);
            })
            .await?;
        if taken.refused > 0 {
            (0..taken.refused).for_each(|_| measure::inbox("rejected"));
            tracing::warn!(
                entries = taken.refused,
                "Rejected entries of the inbox that are too large"
            );
        }
        Ok(taken)
    }

    async fn take_all(
        &self,
        redis: &mut Connection,
        taken: Taken,
        failing: &mut Failing,
    ) -> Result<(), Error> {
        for entry in taken.entries {
            // A failing entry is retried at its own time.
            if !failing.has(&entry) {
                self.take(redis, entry, 0, failing).await?;
            }
        }
        Ok(())
    }

    /// Retries failing entries that are due.
    async fn take_failing(
        &self,
        redis: &mut Connection,
        failing: &mut Failing,
    ) -> Result<(), Error> {
        while let Some((entry, failures)) = failing.due() {
            self.take(redis, entry, failures, failing).await?;
        }
        Ok(())
    }

    /// Takes an entry that has failed `failures` times. An error of this entry alone does not stop the others.
    async fn take(
        &self,
        redis: &mut Connection,
        entry: Entry,
        failures: u32,
        failing: &mut Failing,
    ) -> Result<(), Error> {
        let taking = self.accept_or_reject(redis, &entry, failures);
        match AssertUnwindSafe(taking).catch_unwind().await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) if error.is_of_data() => {
                tracing::warn!(%error, entry = entry.id, failures, "Could not take a job of the inbox; trying again");
            }
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                tracing::error!(
                    entry = entry.id,
                    failures,
                    "Could not take a job of the inbox: our code failed"
                );
            }
        }
        failing.add(entry, failures + 1);
        Ok(())
    }

    /// Accepts an entry, or rejects it.
    async fn accept_or_reject(
        &self,
        redis: &mut Connection,
        entry: &Entry,
        failures: u32,
    ) -> Result<(), Error> {
        let vault = self.queue.vault();
        let read = content::read(entry, &self.tenant, self.accepts, vault);
        let refused = refusal(failures).or_else(|| kills_readers(entry));
        let job = match (read, refused) {
            (Ok(job), None) => job,
            (Ok(job), Some(refused)) => return self.reject(redis, entry, &refused, &job).await,
            (Err(Unread::KeyMissing(id)), None) => return Err(Error::InboxKey { id }),
            (Err(Unread::KeyMissing(_)), Some(refused)) | (Err(Unread::Refused(refused)), _) => {
                return self.reject(redis, entry, &refused, &entry.all()).await;
            }
        };
        let refused = match (self.parse)(&job) {
            Err(refusals) => packaging(&job).unwrap_or(refusals),
            Ok(request)
                if request.terms.tenant.as_str() != self.tenant && content::names_tenant(&job) =>
            {
                content::other_tenant(&self.tenant, &self.queue.key("inbox:TENANT"))
            }
            Ok(mut request) => {
                if let Ok(tenant) = Tenant::parse(&self.tenant) {
                    request.terms.tenant = tenant;
                }
                let identity = match self.identity(entry, &request) {
                    Ok(identity) => identity,
                    Err(Unread::KeyMissing(id)) => return Err(Error::InboxKey { id }),
                    Err(Unread::Refused(refused)) => {
                        return self.reject(redis, entry, &refused, &job).await;
                    }
                };
                let source = Source {
                    stream: &self.stream,
                    entry: &entry.id,
                    identity,
                };
                match self.queue.accept(&request, &source).await {
                    Ok(accepted) => {
                        // `None` if another worker has accepted it.
                        if accepted.is_some() {
                            measure::inbox("accepted");
                        }
                        return Ok(());
                    }
                    Err(EnqueueError::Queue(error)) => return Err(error),
                    Err(EnqueueError::Conflict { id }) => Refusals::one(
                        "idempotency_key",
                        &format!("was used for another job ({id})"),
                        "use a new key for a new job, or send the same job",
                    ),
                }
            }
        };
        self.reject(redis, entry, &refused, &job).await
    }

    /// Returns the id and the data key that a job was submitted with, if it was.
    fn identity(&self, entry: &Entry, request: &Request) -> Result<Option<Identity>, Unread> {
        let Some((id, record)) = content::identity(entry) else {
            return Ok(None);
        };
        let owner = Owner {
            tenant: &self.tenant,
            kind: request.kind,
            verification: &id.to_string(),
        };
        let key = content::data_key(self.queue.vault(), owner, record)?;
        Ok(Some(Identity { id, key }))
    }

    async fn reject(
        &self,
        redis: &mut Connection,
        entry: &Entry,
        refused: &Refusals,
        job: &[u8],
    ) -> Result<(), Error> {
        let stream = &self.stream;
        self.queue.reject(redis, stream, entry, refused, job).await
    }
}
