//! The door for any Redis client: `XADD {kyc}:inbox * job '<json>'`. Entries are read by all pods as one
//! consumer group; each is accepted or rejected in one step, and none is lost with its pod.

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::{Duration, Instant},
};

use futures::FutureExt as _;
use kyc_domain::{Refusals, Request, terms::Tenant};
use redis::streams::StreamInfoConsumersReply;

use crate::{
    EnqueueError, Error, Queue,
    connection::Connection,
    enqueue::{
        content::{self, Accepts, Unread},
        entry::{Entry, Taken},
        failing::{Failing, refusal},
        tenants::{DEFAULT, GROUP, inbox_of},
    },
    measure,
    script::{self, arguments},
    units::millis,
    worker::session::Session,
};

/// Entries of one reading.
const AT_ONCE: usize = 16;
/// What an entry may hold in all: a job has 64 KiB at most, and a producer may add what it needs for itself.
const MOST_BYTES: usize = (64 << 10) + 1024;
/// Fields of an entry.
const MOST_FIELDS: usize = 16;
/// An entry that was given out more often than this, and whose reader never lived to tell of it, brings readers down.
const MOST_GIVEN: usize = 10;
/// How soon an empty inbox is looked at again. A read that blocks would bring an entry whole, however large it is.
const PAUSE: Duration = Duration::from_millis(40);
/// How soon a tenant's, where nothing came for a while.
const LONGEST_PAUSE: Duration = Duration::from_millis(320);
/// Rejected entries that are kept at most, whatever their size.
pub(crate) const MOST_REJECTED: usize = 10_000;
/// An entry whose pod gave no sign of life for this long is taken by another.
const ABANDONED: Duration = Duration::from_secs(30);
/// How often it is looked for such entries.
const BETWEEN_CLAIMS: Duration = Duration::from_secs(2);

/// A pod without entries is forgotten after this long.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

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
    /// It has read before, and lives: what it reads again did not bring it down.
    has_read: AtomicBool,
    first_pause: Duration,
}

impl<P: Fn(&[u8]) -> Result<Request, Refusals>> Inbox<P> {
    /// A reader of the installation's own stream, `{name}:inbox`, for jobs of the tenant `default`. It parses jobs with `parse`.
    pub fn new(queue: Queue, worker: impl Into<String>, parse: P) -> Self {
        Self {
            queue,
            worker: worker.into(),
            tenant: DEFAULT.to_owned(),
            stream: inbox_of(DEFAULT),
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
        self.stream = inbox_of(tenant);
        tenant.clone_into(&mut self.tenant);
        self
    }

    /// Takes these jobs alone.
    #[must_use]
    pub fn accepting(mut self, accepts: Accepts) -> Self {
        self.accepts = accepts;
        self
    }

    /// The pause before an entry is tried again on which Redis, or our code, failed while others could be taken; it doubles
    /// with each further failure. A second if nothing is said.
    #[must_use]
    pub fn pausing(mut self, first_pause: Duration) -> Self {
        self.first_pause = first_pause;
        self
    }

    /// No more is read: what was read is taken, and [`Inbox::run`] ends. Dropped instead, it would leave that for
    /// another pod, half a minute later.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst)
    }

    /// Reads until it is stopped. Trouble with Redis is waited out.
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
        // A connection of its own: whatever an entry does to it, leases go on.
        let mut redis = self.queue.connection().another().await?;
        self.make_group(&mut redis).await?;
        self.forget_pods(&mut redis).await?;
        // What was read just before the trouble, and not taken.
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
            let is_empty = new.last.is_empty();
            self.take_all(&mut redis, new, failing).await?;
            if is_empty {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(self.longest_pause());
            } else {
                pause = PAUSE;
            }
        }
        Ok(())
    }

    /// The longest pause before an empty stream is looked at again. There can be many tenants, each with a stream.
    fn longest_pause(&self) -> Duration {
        if self.tenant == DEFAULT {
            PAUSE
        } else {
            LONGEST_PAUSE
        }
    }

    /// The entries behind `from` that this pod has read before; from `>`, those that none has; from `-`, those that others
    /// left behind.
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
            // Its own time comes.
            if !failing.has(&entry) {
                self.take(redis, entry, 0, failing).await?;
            }
        }
        Ok(())
    }

    /// Tries those again on which it failed before.
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

    /// Takes an entry on which it failed so often before. Where it fails on this one alone the others go on.
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

    /// Pods come and go under new names: those that have long gone and left nothing behind are forgotten.
    async fn forget_pods(&self, redis: &mut Connection) -> Result<(), Error> {
        let key = self.queue.key(&self.stream);
        let known: StreamInfoConsumersReply = redis::cmd("XINFO")
            .arg("CONSUMERS")
            .arg(&key)
            .arg(GROUP)
            .query_async(redis)
            .await?;
        // Where nothing comes, a pod that lives counts as idle too: an entry could just be on its way to it.
        let sessions = self.queue.sessions().await?;
        let alive: HashSet<&str> = sessions
            .iter()
            .map(|(session, _)| Session::worker(session))
            .collect();
        let idle = |ms: usize| u128::try_from(ms).is_ok_and(|ms| ms > FORGOTTEN.as_millis());
        for pod in known
            .consumers
            .iter()
            .filter(|pod| pod.pending == 0 && idle(pod.idle) && !alive.contains(pod.name.as_str()))
        {
            let forget = ["DELCONSUMER", &key, GROUP, &pod.name];
            redis::cmd("XGROUP").arg(&forget).exec_async(redis).await?;
        }
        Ok(())
    }

    async fn make_group(&self, redis: &mut Connection) -> Result<(), Error> {
        let made = redis::cmd("XGROUP")
            .arg("CREATE")
            .arg(self.queue.key(&self.stream))
            .arg(GROUP)
            .arg("0")
            .arg("MKSTREAM")
            .exec_async(redis)
            .await;
        match made {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            made => Ok(made?),
        }
    }

    /// Accepts an entry, or moves it to the rejected ones.
    async fn accept_or_reject(
        &self,
        redis: &mut Connection,
        entry: &Entry,
        failures: u32,
    ) -> Result<(), Error> {
        let vault = self.queue.vault();
        let read = content::read(entry, &self.tenant, self.accepts, vault);
        let refused = refusal(failures).or_else(|| brings_down(entry));
        let job = match (read, refused) {
            (Ok(job), None) => job,
            (Ok(job), Some(refused)) => return self.reject(redis, entry, &refused, &job).await,
            (Err(Unread::KeyMissing(id)), None) => return Err(Error::InboxKey { id }),
            (Err(Unread::KeyMissing(_)), Some(refused)) | (Err(Unread::Refused(refused)), _) => {
                return self.reject(redis, entry, &refused, &entry.all()).await;
            }
        };
        let refused = match (self.parse)(&job) {
            Err(refusals) => content::packaged(&job).unwrap_or(refusals),
            Ok(request) if request.terms.tenant.as_str() != self.tenant && names_tenant(&job) => {
                other_tenant(&self.tenant, &self.queue.key("inbox:TENANT"))
            }
            Ok(mut request) => {
                if let Ok(tenant) = Tenant::parse(&self.tenant) {
                    request.terms.tenant = tenant;
                }
                match self.queue.accept(&request, &self.stream, &entry.id).await {
                    Ok(accepted) => {
                        // None: it is another pod's by now.
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

/// Whether a job says whose it is.
fn names_tenant(job: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Named {
        tenant: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Named>(job).is_ok_and(|named| named.tenant.is_some())
}

/// Why a job that names another tenant is refused.
fn other_tenant(tenant: &str, stream: &str) -> Refusals {
    let problem = format!("is not {tenant}, whose inbox this is");
    let remedy = format!("leave it out, or add the job to {stream}");
    Refusals::one("tenant", &problem, &remedy)
}

/// Why an entry is not even looked at: whoever did so never told what came of it.
fn brings_down(entry: &Entry) -> Option<Refusals> {
    let given = entry.given;
    let problem = format!("was taken {given} times, and never accepted");
    let remedy = "look at the logs of the workers, and send it again";
    (given > MOST_GIVEN).then(|| Refusals::one("job", &problem, remedy))
}

impl Queue {
    /// Puts a job into the inbox, as any client would; answers the entry's id.
    pub async fn post(&self, job: &str) -> Result<String, Error> {
        let mut add = redis::cmd("XADD");
        add.arg(self.key("inbox")).arg("*").arg("job").arg(job);
        Ok(add.query_async(&mut self.connection()).await?)
    }

    /// Seals a job with the public key of this queue's vault and puts it into a tenant's inbox, as any client could; answers
    /// the entry's id.
    pub async fn post_sealed(&self, tenant: &str, job: &str) -> Result<String, Error> {
        let public = self.vault().public().ok_or(kyc_vault::SealError)?;
        let sealed = public.seal(content::info(tenant).as_bytes(), job.as_bytes());
        let mut add = redis::cmd("XADD");
        add.arg(self.key(&inbox_of(tenant)))
            .arg("*")
            .arg("key")
            .arg(public.id())
            .arg("sealed")
            .arg(sealed);
        Ok(add.query_async(&mut self.connection()).await?)
    }
}
